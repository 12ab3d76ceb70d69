"""A port where no TWS answers: the error says which one, what it did, and what to look at."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ibdesk import IB, Client, ProtocolError
from ibdesk.wire.frames import frame

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

CHECK = (
    "check host and port, that TWS or IB Gateway is logged in there with its API enabled and this machine among its "
    "trusted addresses, that no dialog there waits for an answer, and that clientId 7 is free"
)


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        pass
    writer.close()


async def says_no_more_than_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(frame(b"178\x0020260101 10:00:00 EST\0"))
    await says_nothing(reader, writer)


async def ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.close()


async def is_a_web_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await says_nothing(reader, writer)


async def fault_of(serve: Serve, make: Callable[[], IB | Client] = IB) -> tuple[Exception, str]:
    """What connecting raises, and the server's host and port."""
    served: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(reader, writer)
        served.set_result(None)

    async with await asyncio.start_server(serve_one, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises((ConnectionError, TimeoutError)) as caught:
            await make().connectAsync("127.0.0.1", port, clientId=7, timeout=0.3)
        await served
    return caught.value, f"127.0.0.1:{port}"


@pytest.mark.parametrize("make", [IB, lambda: Client(object())], ids=["IB", "Client"])
@pytest.mark.parametrize(
    ("serve", "kind", "told"),
    [
        (says_nothing, TimeoutError, "accepted the connection, but said nothing within 0.3 s"),
        (says_no_more_than_hello, TimeoutError, "said hello, but told neither accounts nor an order id within 0.3 s"),
        (ends, ConnectionError, "ended the connection (Peer closed connection)"),
    ],
)
async def test_what_it_did_and_what_to_look_at(
    serve: Serve,
    kind: type[Exception],
    told: str,
    make: Callable[[], IB | Client],
    caplog: pytest.LogCaptureFixture,
) -> None:
    error, where = await fault_of(serve, make)
    assert type(error) is kind
    assert str(error) == f"{where} {told}: {CHECK}"
    assert f"API connection failed: {error!r}" in [one.getMessage() for one in caplog.records]


async def test_what_speaks_otherwise_is_named_beside_its_error() -> None:
    error, where = await fault_of(is_a_web_server)
    assert isinstance(error, ProtocolError)
    assert error.__notes__ == [f"The connection was to be made to {where}"]


async def test_a_host_that_is_nowhere_is_named_beside_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nowhere(*_: object, **__: object) -> None:
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", nowhere)
    with pytest.raises(OSError, match="Name or service not known") as caught:
        await IB().connectAsync("no.such.host", 7497)
    assert caught.value.__notes__ == ["The connection was to be made to no.such.host:7497"]


async def test_a_host_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def waits(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", waits)
    with pytest.raises(TimeoutError) as caught:
        await IB().connectAsync("10.0.0.9", 7497, clientId=7, timeout=0.01)
    assert str(caught.value) == f"10.0.0.9:7497 could not be reached within 0.01 s: {CHECK}"
