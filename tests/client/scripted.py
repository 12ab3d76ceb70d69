"""A server whose answers a test writes down, for what a healthy gateway never does: silence, damage, sudden ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from ibdesk.session.connection import Connection, Opened
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame
from ibdesk.wire.messages import accounts, connection, executions, order_status

Answer = Callable[[Any], Iterable[Any]]
"""What a request is answered with: messages, raw payloads (bytes), or `CLOSE`."""

CLOSE = object()


def _started(_: Any) -> Iterable[Any]:
    return connection.ManagedAccounts("DU1"), connection.NextValidId(1)


STARTUP: dict[type, Answer] = {
    connection.StartApi: _started,
    accounts.ReqPositions: lambda _: [accounts.PositionEnd()],
    order_status.ReqOpenOrders: lambda _: [order_status.OpenOrderEnd()],
    order_status.ReqCompletedOrders: lambda _: [order_status.CompletedOrdersEnd()],
    accounts.ReqAccountUpdates: lambda m: [accounts.AccountDownloadEnd(m.acctCode)],
    accounts.ReqAccountUpdatesMulti: lambda m: [accounts.AccountUpdateMultiEnd(m.reqId)],
    executions.ReqExecutions: lambda m: [executions.ExecDetailsEnd(m.reqId)],
}


class Server:
    """What arrived, and a way to send unasked."""

    def __init__(self, answers: dict[type, Answer], version: int) -> None:
        self.answers = {**STARTUP, **answers}
        self.version = version
        self.received: list[Any] = []
        self.port = 0
        self._core: Connection | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.arrived = asyncio.Condition()
        self.tasks: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._core, self._writer = (
            Connection(Sender.SERVER, max_version=self.version, time="20260102 10:00:00 EST"),
            writer,
        )
        try:
            while data := await reader.read(65536):
                for event in self._core.receive_data(data):
                    if not isinstance(event, Opened):
                        self.received.append(event)
                        self.send(*self.answers.get(type(event), lambda _: [])(event))
                writer.write(self._core.data_to_send())
                async with self.arrived:
                    self.arrived.notify_all()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def send(self, *answers: Any) -> None:
        """Send messages or raw payloads now."""
        assert self._core is not None
        assert self._writer is not None
        for answer in answers:
            if answer is CLOSE:
                self._writer.close()
            elif isinstance(answer, bytes):
                self._writer.write(self._core.data_to_send() + frame(answer))
            else:
                self._core.send(answer)
                self._writer.write(self._core.data_to_send())

    async def wait_for(self, kind: type, count: int = 1) -> list[Any]:
        """The messages of one class, once there are that many."""
        async with asyncio.timeout(10), self.arrived:
            await self.arrived.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)

    def of(self, kind: type) -> list[Any]:
        return [message for message in self.received if isinstance(message, kind)]


@asynccontextmanager
async def serving(answers: dict[type, Answer] | None = None, version: int = 178) -> AsyncIterator[Server]:
    """Serve one script on a free port."""
    server = Server(answers or {}, version)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        if server._writer is not None:
            server._writer.close()
        await asyncio.gather(*(task for task in server.tasks if task))
