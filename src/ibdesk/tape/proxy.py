"""A proxy between clients and their server, which records their sessions. The clients may be in any language."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from ibdesk.logs import logger
from ibdesk.runtime.connections import SERVER_PATIENCE, connect_streams, keep_alive
from ibdesk.tape.listening import Listener, close
from ibdesk.tape.recorder import Recorder, Tap
from ibdesk.wire.catalogue import Sender

_log = logger("ibdesk.tape")

CHUNK = 1 << 16
"""The most bytes that are passed on at a time."""


class Proxy(Listener):
    """A server that passes on what its clients and the real server send, and records it.

    It does not close the recorder.
    """

    def __init__(
        self, recorder: Recorder, to_port: int, to_host: str = "127.0.0.1", *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        super().__init__(host, port)
        self.to_host: str = to_host
        self.to_port: int = to_port
        self.connections: int = 0
        """The number of clients that were connected with the server."""
        self._recorder = recorder

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect a client with the server, and pass data on until either side ends."""
        writers = [writer]
        try:
            await self._join(reader, writer, writers)
        finally:
            for one in writers:
                one.close()
            for one in writers:
                await close(one)

    async def _join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, writers: list[asyncio.StreamWriter]
    ) -> None:
        where = f"{self.to_host}:{self.to_port}"
        try:
            server_reader, server_writer = await connect_streams(self.to_host, self.to_port)
        except OSError as error:
            _log.warning("a client is turned away: nobody answers at %s (%s)", where, error.strerror or error)
            return
        keep_alive(server_writer.transport, SERVER_PATIENCE)
        writers.append(server_writer)
        self.connections += 1
        tap = self._recorder.connection(where)
        _log.info("connection %d is open", tap.number)
        ends = {
            asyncio.create_task(_pass_on(reader, server_writer, tap.sent)): Sender.CLIENT,
            asyncio.create_task(_pass_on(server_reader, writer, tap.received)): Sender.SERVER,
        }
        # The end that closes first has ended the connection. If this proxy is stopped before, neither has.
        first = "the recording ended"
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            first = ends[done.pop()].value
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            self._close(tap, first)

    def _close(self, tap: Tap, by: str) -> None:
        tap.closed(by)
        _log.info("connection %d is closed: %s", tap.number, by)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tell: Callable[[bytes], None]) -> None:
    """Pass data on until the sender closes its connection, or either connection breaks."""
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            tell(data)
            writer.write(data)
            await writer.drain()
