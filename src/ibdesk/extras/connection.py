"""`ib_async.connection`: sends bytes over a socket, and tells by events what arrives."""

import asyncio
from contextlib import suppress

from ibdesk.events import Event
from ibdesk.runtime.connections import SERVER_PATIENCE, connect, keep_alive

__all__ = ["Connection"]


class Connection(asyncio.Protocol):
    """A socket. The client itself does not use it; it is here for programs that do.

    Events: `hasData` (bytes that were received), `disconnected` (why, empty when nothing is wrong).
    """

    def __init__(self) -> None:
        self.hasData: Event[bytes] = Event("hasData")
        self.disconnected: Event[str] = Event("disconnected")
        self.reset()

    def reset(self) -> None:
        """Forget the connection and its counters."""
        self.transport: asyncio.Transport | None = None
        self.numBytesSent: int = 0
        self.numMsgSent: int = 0

    async def connectAsync(self, host: str, port: int) -> None:
        """Connect, after closing the connection that there was. Raises OSError when nobody listens."""
        if self.transport is not None:
            self.disconnect()
            await self.disconnected
        self.reset()
        self.transport, _ = await connect(lambda: self, host, port)
        keep_alive(self.transport, SERVER_PATIENCE)

    def disconnect(self) -> None:
        """Close the socket; `disconnected` follows."""
        if self.transport is not None:
            with suppress(RuntimeError):  # its loop is closed
                self.transport.close()

    def isConnected(self) -> bool:
        """Tell whether the socket is open."""
        return self.transport is not None

    def sendMsg(self, msg: bytes) -> None:
        """Send bytes, unless the socket is closed."""
        if self.transport is not None:
            self.transport.write(msg)
            self.numBytesSent += len(msg)
            self.numMsgSent += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the socket was closed, and why."""
        self.transport = None
        self.disconnected.emit(str(exc) if exc else "")

    def data_received(self, data: bytes) -> None:
        """Tell which bytes arrived."""
        self.hasData.emit(data)
