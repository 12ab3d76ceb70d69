"""One request in all its ends: answered, refused, lost, late."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from client.scripted import CLOSE, Answer, Server, serving

from ibdesk import IB, RequestError, RequestTimeout
from ibdesk.wire.messages.connection import Error

VERSIONS = (178, 225)
versions = pytest.mark.parametrize("version", VERSIONS)


@asynccontextmanager
async def connected(
    answers: dict[type, Answer] | None = None, version: int = 178, clientId: int = 1
) -> AsyncIterator[tuple[IB, Server]]:
    """An `IB` that is connected to a scripted server."""
    async with serving(answers, version) as server:
        ib = IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=clientId)
        try:
            yield ib, server
        finally:
            ib.disconnect()


@dataclass(frozen=True)
class Case:
    """A request of `IB`, with what the server answers and what that gives; `nothing` is what a refusal gives."""

    call: Callable[[IB], Awaitable[Any]]
    request: type
    answer: Answer
    result: Any
    nothing: Any
    refused_as: int | None = None
    """The reqId of a refusal, where it is not that of the request."""
    can_be_refused: bool = True
    cancel: type | None = None
    """What is sent when the answer is late."""
    versions: tuple[int, ...] = VERSIONS

    def __str__(self) -> str:
        return self.request.__name__


async def answered(case: Case, version: int) -> None:
    async with connected({case.request: case.answer}, version) as (ib, server):
        assert await case.call(ib) == case.result
        assert len(server.of(case.request)) == 1
        assert not ib.client.requests.late


async def refused(case: Case, version: int) -> None:
    def refuse(message: Any) -> list[Any]:
        return [Error(message.reqId if case.refused_as is None else case.refused_as, 321, "Error validating request")]

    async with connected({case.request: refuse}, version) as (ib, _):
        assert await case.call(ib) == case.nothing
        ib.RaiseRequestErrors = True
        with pytest.raises(RequestError, match="Error validating") as caught:
            await case.call(ib)
        assert caught.value.code == 321


async def lost(case: Case, version: int) -> None:
    async with connected({case.request: lambda _: [CLOSE]}, version) as (ib, _):
        with pytest.raises(ConnectionError):
            await case.call(ib)


async def late(case: Case, version: int) -> None:
    """The server is silent; its answer comes when nobody waits any more, and the same is asked again."""
    async with connected({}, version) as (ib, server):
        ib.RequestTimeout = 0.05
        with pytest.raises(RequestTimeout, match=f"no answer to {case.request.__name__}\\("):
            await case.call(ib)
        (request,) = await server.wait_for(case.request)
        if case.cancel is not None:
            (cancel,) = await server.wait_for(case.cancel)
            assert cancel.reqId == request.reqId
        arrives = asyncio.ensure_future(_update(ib))
        server.send(*case.answer(request))
        await arrives
        assert ib.client.requests.late
        server.answers[case.request] = case.answer
        ib.RequestTimeout = 10
        assert await case.call(ib) == case.result


async def _update(ib: IB) -> None:
    await ib.updateEvent


End = Callable[[Case, int], Awaitable[None]]


def each(cases: list[Case]) -> pytest.MarkDecorator:
    """Each case at each of its server versions, in each of its ends."""
    return pytest.mark.parametrize(
        ("end", "case", "version"),
        [
            pytest.param(end, case, version, id=f"{case}-{version}-{end.__name__}")
            for end in (answered, refused, lost, late)
            for case in cases
            if case.can_be_refused or end is not refused
            for version in case.versions
        ],
    )


async def sent(ib: IB, server: Server, *messages: Any) -> None:
    """Have the server send these, and wait until they were handled."""
    server.send(*messages)
    await settle(ib)


async def settle(ib: IB) -> None:
    """Until all that was sent has arrived, on both ends."""
    await ib.reqExecutionsAsync()


async def cut(ib: IB, server: Server) -> None:
    """Have the server end the connection, and wait until that is noticed."""
    lost = asyncio.ensure_future(next_of(ib, "disconnectedEvent"))
    server.send(CLOSE)
    await lost


async def next_of(ib: IB, event: str) -> Any:
    """What the next event of this name tells."""
    return await getattr(ib, event)


async def until(ib: IB, condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for the fact, as updates come in."""
    async with asyncio.timeout(seconds):
        while not condition():
            await ib.updateEvent
