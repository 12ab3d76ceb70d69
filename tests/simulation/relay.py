"""A relay between a client and a gateway, which a test lets lose what it carries, and lets say what TWS says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame


class Relay:
    """It listens on `port`, and connects each client to the gateway.

    While `carries_requests` or `carries_answers` is False, what goes that way is swallowed, as by a half-open link.
    Nothing may be on its way when that begins or ends, since it has to be whole messages. While it `refuses`, new
    connections end at once.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._clients: list[asyncio.StreamWriter] = []
        self._servers: list[asyncio.StreamWriter] = []
        self.port = 0
        self.carries_requests = self.carries_answers = True
        self.refuses = False

    async def cut(self, ib: Any) -> None:
        """Break the connection, and wait until the client has noticed. What is made next carries everything."""
        lost = asyncio.Event()
        ib.disconnectedEvent += lost.set
        for writer in (*self._clients, *self._servers):
            writer.transport.abort()
        self._clients, self._servers = [], []
        self.carries_requests = self.carries_answers = True
        await lost.wait()
        ib.disconnectedEvent -= lost.set

    def say(self, message: Any) -> None:
        """Send the client a message that the gateway does not send."""
        self._clients[-1].write(frame(Codec(Sender.SERVER, V.MAX).encode(message)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        answers, requests = await asyncio.open_connection("127.0.0.1", self._target)
        self._clients.append(writer)
        self._servers.append(requests)
        await asyncio.gather(
            self._carry(reader, requests, "carries_requests"), self._carry(answers, writer, "carries_answers")
        )

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: str) -> None:
        try:
            while data := await reader.read(65536):
                if getattr(self, allowed):
                    writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def relay_to(target: int) -> AsyncIterator[Relay]:
    relay = Relay(target)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        for writer in (*relay._clients, *relay._servers):
            writer.close()
        await asyncio.sleep(1)  # until all sides have noticed
