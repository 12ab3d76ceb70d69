"""Decides what `ib_async.connection` offers: bytes over a socket, told by events. It must not know what they mean."""

import asyncio
from contextlib import suppress

from ibdesk.client.events import Event
from ibdesk.sockets import SERVER_PATIENCE, keep_alive

__all__ = ["Connection"]


class Connection(asyncio.Protocol):
    """A socket. The client does not use it: it is here for programs that do.

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
        """Connect, after the end of the connection that there was. Raises OSError when nobody listens."""
        if self.transport is not None:
            self.disconnect()
            await self.disconnected
        self.reset()
        self.transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        keep_alive(self.transport, SERVER_PATIENCE)

    def disconnect(self) -> None:
        """Close the socket; `disconnected` follows."""
        if self.transport is not None:
            with suppress(RuntimeError):  # its loop is closed
                self.transport.close()

    def isConnected(self) -> bool:
        """Is the socket open?"""
        return self.transport is not None

    def sendMsg(self, msg: bytes) -> None:
        """Send bytes; nothing, when the socket is not open."""
        if self.transport is not None:
            self.transport.write(msg)
            self.numBytesSent += len(msg)
            self.numMsgSent += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket was closed."""
        self.transport = None
        self.disconnected.emit(str(exc) if exc else "")

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self.hasData.emit(data)
