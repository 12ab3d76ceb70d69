"""When a tape's server says again what it said, on a TCP port, to clients that know nothing of it; not what."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ibdesk.errors import ProtocolError
from ibdesk.logs import logger
from ibdesk.session.connection import PREFIX, Connection
from ibdesk.tape.listening import Listener, close
from ibdesk.tape.reading import Tape, read_tape
from ibdesk.tape.script import Comparison, Piece, Script, load, outlines
from ibdesk.tape.stream import Stream
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame

_log = logger("ibdesk.tape")

PATIENCE_SECONDS = 5.0
"""How long a client may keep the tape waiting before the log says for what."""

TURNAROUND_SECONDS = 0.01
"""How long after a request its answer comes, at any speed; what is due in that time comes with it.

Clients that wait in a loop (`while not done: ib.waitOnUpdate()`) miss what comes while they look whether they are done.
A real server is never so fast, and soon sends more; a tape waits for the client.
"""

MOST_TOGETHER = 256 * 1024
"""Bytes up to which the pieces that are due are sent as one."""

MOST_DIFFERENCES = 20
"""So many requests that the tape does not have are told, for each client."""


class Replay(Listener):
    """A gateway that plays the server's side of a tape.

    ::

        async with Replay("monday.tape", port=0, speed=0) as replay:
            await ib.connectAsync("127.0.0.1", replay.port, clientId=1)

    The first client gets the first connection of the tape, the second the second, and after the last the first comes
    again. What the server sent is sent when as much time has passed as on the tape, divided by `speed` (2 is twice as
    fast, 0 waits for no time), and when the client has sent as many messages as on the tape. A client that sends other
    ones is told so in the log (`ibdesk.tape`), and is served on. One that cannot speak the recorded server version is
    refused. `port` 0 takes any free port, which `port` then tells.

    Raises OSError when there is no such tape, ValueError when it has no connection to play, or for a negative speed.
    """

    def __init__(
        self, tape: Tape | str | Path, host: str = "127.0.0.1", port: int = 7497, *, speed: float = 1.0
    ) -> None:
        if not speed >= 0:
            raise ValueError(f"the speed of a replay is 0 or more, not {speed}")
        self.tape: Tape = tape if isinstance(tape, Tape) else read_tape(tape)
        super().__init__(host, port)
        self.speed = speed
        self._outlines = outlines(self.tape)
        if not self._outlines:
            why = self.tape.damage or "it holds no connection that got through its handshake"
            raise ValueError(f"{self.tape.path} cannot be played: {why}")
        self.pieces: int = sum(outline.pieces for outline in self._outlines.values())
        """How many pieces of data of the server the tape has."""
        self.pieces_sent: int = 0
        """How many were sent, since the first connection was last begun."""
        self._clients = 0
        self._unfinished = set(self._outlines)
        self._finished = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many connections can be played."""
        return len(self._outlines)

    @property
    def versions(self) -> list[int]:
        """The server versions of the connections, each once."""
        return sorted({outline.version for outline in self._outlines.values()})

    async def wait(self) -> None:
        """Wait until every connection of the tape has been played to its end, or left by its client."""
        await self._finished.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play the next connection of the tape to a client."""
        numbers = list(self._outlines)
        place = self._clients % len(numbers)
        self._clients += 1
        if place == 0:
            self.pieces_sent = 0
        script = load(self.tape, numbers[place])
        player = _Player(self, script, reader, writer)
        try:
            await player.run()
        finally:
            await close(writer)
            self.finish(script.number)

    def finish(self, number: int) -> None:
        """A connection was played to its end."""
        self._unfinished.discard(number)
        if not self._unfinished:
            self._finished.set()


class _Player:
    """One client, and the connection of the tape that it gets."""

    def __init__(
        self, replay: Replay, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._replay, self._script = replay, script
        self._reader, self._writer = reader, writer
        self._comparison = Comparison(script)
        self._heard = self._differences = 0
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._began = self._heard_at = self._loop.time()

    async def run(self) -> None:
        """Play until the client leaves, or the tape's server did."""
        listening = asyncio.create_task(self._listen())
        playing = asyncio.create_task(self._play())
        try:
            await asyncio.wait((listening, playing), return_when=asyncio.FIRST_COMPLETED)
            if playing.done() and self._script.ended_by != Sender.SERVER.value:
                await listening
        finally:
            for task in (listening, playing):
                task.cancel()
            await asyncio.gather(listening, playing, return_exceptions=True)
            self._sum_up()

    async def _listen(self) -> None:
        stream = Stream(Sender.CLIENT)
        with suppress(OSError):
            while data := await self._reader.read(1 << 16):
                try:
                    for payload in stream.feed(data):
                        self._hear(payload)
                except ProtocolError as error:
                    self._say(logging.WARNING, f"the client is given up: {error}")
                    return
                self._heard_at = self._loop.time()
                self._news.set()

    def _hear(self, payload: bytes) -> None:
        if self._heard == 0:
            version = self._script.version
            # Its answer is on the tape; here it only finds out whether the two could have agreed.
            Connection(Sender.SERVER, min_version=version, max_version=version).receive_data(PREFIX + frame(payload))
        self._heard += 1
        told = self._comparison.differs(payload) if self._heard > 1 else ""
        if told and self._differences < MOST_DIFFERENCES:
            self._say(logging.WARNING, f"message {self._heard}: {told}")
        self._differences += bool(told)

    async def _play(self) -> None:
        left = deque(self._script.pieces)
        with suppress(OSError):
            while left:
                await self._reach(left[0])
                due = [left.popleft(), *self._take_due(left)]
                self._writer.write(b"".join(piece.data for piece in due))
                await self._writer.drain()
                self._replay.pieces_sent += len(due)
            await self._hear_until(len(self._script.requests))
        self._replay.finish(self._script.number)

    async def _reach(self, piece: Piece) -> None:
        await asyncio.sleep(self._due(piece) - self._loop.time())
        await self._hear_until(piece.after)
        await asyncio.sleep(self._heard_at + TURNAROUND_SECONDS - self._loop.time())

    def _due(self, piece: Piece) -> float:
        if not self._replay.speed:
            return self._began
        return self._began + (piece.time - self._script.start) / 1e6 / self._replay.speed

    def _take_due(self, left: deque[Piece]) -> Iterator[Piece]:
        """What can be sent with a piece whose turn it is."""
        soon, size = self._loop.time() + TURNAROUND_SECONDS, 0
        while left and left[0].after <= self._heard and self._due(left[0]) <= soon and size < MOST_TOGETHER:
            size += len(left[0].data)
            yield left.popleft()

    async def _hear_until(self, count: int) -> None:
        while self._heard < count:
            self._news.clear()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                expected = self._comparison.next_expected() if self._heard else "  the handshake"
                self._say(logging.WARNING, f"the tape waits for the client's message {self._heard + 1}:\n{expected}")
                await self._news.wait()

    def _sum_up(self) -> None:
        self._say(
            logging.INFO,
            f"the client has left; {self._differences} of its messages were not the tape's, "
            f"and {self._comparison.missing} of the tape's did not come",
        )

    def _say(self, level: int, text: str) -> None:
        lines = text.splitlines()  # they are ours; what came from outside stands in them as `repr` shows it
        _log.log(level, "connection %d of the tape: " + "\n".join(["%s"] * len(lines)), self._script.number, *lines)
