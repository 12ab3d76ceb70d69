"""A proxy between a client and a gateway that does what networks do: it cuts, refuses, and swallows everything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ibdesk.paper import PaperGateway


class Proxy:
    """Passes bytes on in both directions, while it is not told otherwise."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.accepted = 0
        """How many connections were made through it."""
        self.is_swallowing = False
        """Whether the sockets stay open, and nothing passes."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

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
        for writer in [*self._writers]:
            writer.transport.abort()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        there, far = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers |= {writer, far}
        await asyncio.gather(self._pass_on(reader, far), self._pass_on(there, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if not self.is_swallowing:
                    writer.write(data)
        self._writers.discard(writer)
        writer.close()


@asynccontextmanager
async def troubled(gateway: PaperGateway) -> AsyncIterator[Proxy]:
    """Put a proxy before a gateway."""
    proxy = Proxy(gateway.port)
    await proxy.open()
    try:
        yield proxy
    finally:
        proxy.refuse()
