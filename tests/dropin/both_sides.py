"""ib_async and ibdesk side by side, each connected over a socket to a server that says the same; it knows no fault."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from client.scripted import Answer, Server, serving
from oracles import ib_async

import ibdesk
from ibdesk.wire.messages.connection import Error

CLIENT = 1
TEXT_ONLY = 178
"""The newest server version that ib_async speaks."""


class Side(NamedTuple):
    """One client, and the server that it is connected to."""

    lib: Any
    ib: Any
    server: Server

    def stock(self, conId: int = 265598, **fields: Any) -> Any:
        """AAPL, or what else the fields tell."""
        values = {"symbol": "AAPL", "exchange": "SMART", "currency": "USD", "conId": conId}
        return self.lib.Stock(**{**values, **fields})

    async def tell(self, *messages: Any) -> None:
        """Have the server say something, and wait until it has arrived."""
        self.server.send(*messages)
        await self.ib.reqExecutionsAsync()


@asynccontextmanager
async def side(lib: Any, answers: dict[type, Answer] | None = None, version: int = TEXT_ONLY) -> AsyncIterator[Side]:
    """One client of a server of its own."""
    async with serving(answers, version) as server:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=CLIENT)
        try:
            yield Side(lib, ib, server)
        finally:
            ib.disconnect()


@asynccontextmanager
async def sides(answers: dict[type, Answer] | None = None) -> AsyncIterator[tuple[Side, Side]]:
    """ib_async and ibdesk."""
    async with side(ib_async(), answers) as theirs, side(ibdesk, answers) as ours:
        yield theirs, ours


def refusing(code: int, text: str) -> Answer:
    """The answer to any request: an error."""

    def refuse(message: Any) -> Iterable[Any]:
        return [Error(message.reqId, code, text)]

    return refuse
