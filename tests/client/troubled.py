"""A proxy between a client and a gateway that does what networks do: it cuts, refuses, and swallows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame


class Proxy:
    """Passes bytes on in both directions, while it is not told otherwise.

    While `carries_requests` or `carries_answers` is False, the sockets stay open, and what goes that way is swallowed,
    as by a half-open link. If that ends while the connection lasts, nothing may be on its way as it begins or ends,
    since it has to be whole messages.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.accepted = 0
        """How many connections were made through it."""
        self.carries_requests = self.carries_answers = True
        self._server: asyncio.Server | None = None
        self._clients: list[asyncio.StreamWriter] = []
        self._gateways: list[asyncio.StreamWriter] = []

    async def open(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Cut all connections, and let no new ones be made."""
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Cut all connections."""
        for writer in (*self._clients, *self._gateways):
            writer.transport.abort()
        self._clients, self._gateways = [], []

    def swallow(self, begins: bool = True) -> None:
        """Swallow everything, or no longer anything."""
        self.carries_requests = self.carries_answers = not begins

    def say(self, message: Any) -> None:
        """Send the newest client a message that the gateway does not send."""
        self._clients[-1].write(frame(Codec(Sender.SERVER, V.MAX).encode(message)))

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        answers, requests = await asyncio.open_connection("127.0.0.1", self.target)
        self._clients.append(writer)
        self._gateways.append(requests)
        await asyncio.gather(
            self._pass_on(reader, requests, "carries_requests"), self._pass_on(answers, writer, "carries_answers")
        )

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: str) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if getattr(self, allowed):
                    writer.write(data)
        writer.close()


@asynccontextmanager
async def troubled(port: int) -> AsyncIterator[Proxy]:
    """Put a proxy before the gateway at a port."""
    proxy = Proxy(port)
    await proxy.open()
    try:
        yield proxy
    finally:
        proxy.refuse()
        await asyncio.sleep(1)  # in simulated time: until all sides have noticed
