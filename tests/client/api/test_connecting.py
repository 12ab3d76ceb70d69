"""What `connect` says when it fails, which accounts it takes, and what it fetches."""

import asyncio
import re

import pytest
from client.scripted import CLOSE, Answer, serving

from ibdesk import IB
from ibdesk.wire.messages import accounts, connection, order_status
from ibdesk.wire.messages.connection import Error


async def test_nobody_listens() -> None:
    async with serving() as server:
        pass
    ib = IB()
    errors: list[str] = []
    ib.client.apiError += errors.append
    with pytest.raises(ConnectionRefusedError):
        await ib.connectAsync("127.0.0.1", server.port)
    assert "API connection failed" in errors[0]
    assert not ib.isConnected()


async def test_a_silent_server_times_out() -> None:
    async with serving({connection.StartApi: lambda _: []}) as server:
        with pytest.raises(TimeoutError):
            await IB().connectAsync("127.0.0.1", server.port, timeout=0.2)


@pytest.mark.parametrize(
    ("has", "wanted", "told"),
    [
        ("DU1", "U999", "the login has no account 'U999'; it has DU1"),
        ("DU1", "du1", "the login has no account 'du1'; it has DU1"),
        ("DU1", "All", "the login has no account 'All'; it has DU1"),
        ("DU1,DU2", "DU1,DU2", "the login has no account 'DU1,DU2'; it has DU1, DU2"),
        (
            ",".join(f"DU{n}" for n in range(50)),
            "U9",
            f"the login has no account 'U9'; it has {', '.join(f'DU{n}' for n in range(20))}, ...",
        ),
    ],
)
async def test_an_account_that_the_login_does_not_have(has: str, wanted: str, told: str) -> None:
    answers = {connection.StartApi: lambda _: [connection.ManagedAccounts(has), connection.NextValidId(1)]}
    async with serving(answers) as server:
        ib = IB()
        with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
            await ib.connectAsync("127.0.0.1", server.port, account=wanted)
        assert not ib.isConnected()
        assert server.of(accounts.ReqAccountUpdates) == []


@pytest.mark.parametrize(
    ("has", "wanted"), [("DU1", "DU1"), ("DU1,DU2", "DU2"), ("F1,DU2", "All"), ("F1,DU2", "F1A"), ("F1,DU2", "")]
)
async def test_accounts_that_a_login_can_name(has: str, wanted: str) -> None:
    answers = {connection.StartApi: lambda _: [connection.ManagedAccounts(has), connection.NextValidId(1)]}
    async with serving(answers) as server:
        ib = await IB().connectAsync("127.0.0.1", server.port, account=wanted)
        assert [request.acctCode for request in server.of(accounts.ReqAccountUpdates)] == ([wanted] if wanted else [])
        ib.disconnect()


async def test_a_client_id_that_is_in_use_is_told() -> None:
    text = "Unable to connect as the client id is already in use. Retry with a unique client id."
    async with serving({connection.StartApi: lambda _: [Error(-1, 326, text), CLOSE]}) as server:
        with pytest.raises(ConnectionError, match="error 326: Unable to connect as the client id"):
            await IB().connectAsync("127.0.0.1", server.port)


async def test_a_server_that_is_too_old_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x00\x00\x08100\0now\0")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    with pytest.raises(ConnectionError, match="the server speaks version 100, this end 157 to 225"):
        await IB().connectAsync("127.0.0.1", listener.sockets[0].getsockname()[1])
    listener.close()


async def test_a_part_of_the_filling_that_is_late_is_logged_or_raised(caplog: pytest.LogCaptureFixture) -> None:
    silent: dict[type, Answer] = {order_status.ReqCompletedOrders: lambda _: []}
    async with serving(silent) as server:
        ib = await IB().connectAsync("127.0.0.1", server.port, timeout=1.0)
        assert "completed orders request timed out" in caplog.text
        ib.disconnect()
        with pytest.raises(ConnectionError, match="completed orders request timed out"):
            await ib.connectAsync("127.0.0.1", server.port, timeout=1.0, raiseSyncErrors=True)
        assert not ib.isConnected()
