"""A TCP server on one port, which ends all its connections when it stops. Subclasses say what it does for a client."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import Self

from ibdesk.runtime.connections import CLIENT_PATIENCE, keep_alive, listen_streams


class Listener(ABC):
    """A server on one port, for `async with`. With `port` 0 it takes a free port, and `port` is then that one."""

    def __init__(self, host: str, port: int) -> None:
        self.host: str = host
        self.port: int = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen. Raises OSError if the port is not available."""
        self._server, self.port = await listen_streams(self._meet, self.host, self.port)

    async def stop(self) -> None:
        """End all connections and stop listening."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
        self._server = None

    async def wait_until_deserted(self) -> None:
        """Wait until no client is connected."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client. Its connection is closed afterwards."""

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        keep_alive(writer.transport, CLIENT_PATIENCE)
        try:
            # The task is cancelled by `stop`. That is not an error which asyncio's server should handle.
            with suppress(asyncio.CancelledError):
                await self.serve(reader, writer)
        finally:
            self._tasks.discard(task)
            await close(writer)


async def close(writer: asyncio.StreamWriter) -> None:
    """Close a connection in any state, and wait until it is closed."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
