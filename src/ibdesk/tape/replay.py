"""Replays a tape's server side on a TCP port, with the recorded timing. It does not interpret messages.

What the client sends is compared with what the recorded client sent, so that the log tells of every difference.
"""

import asyncio
import logging
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from textwrap import indent

from ibdesk.errors import ProtocolError
from ibdesk.logs import logger
from ibdesk.session.connection import PREFIX, Connection
from ibdesk.tape.capture import Stream, agreed_version
from ibdesk.tape.format import Kind
from ibdesk.tape.listening import Listener, close
from ibdesk.tape.reading import Tape, read_tape
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.explain import explain
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
"""Up to how many bytes the chunks that are due are sent as one."""

MOST_DIFFERENCES = 20
"""How many requests that the tape does not have are logged for each client."""

LOOK_AHEAD = 100
"""Among how many of the tape's next requests a live one is looked for, since the order may differ a little."""


@dataclass(slots=True)
class Chunk:
    """Data that the server sent at once."""

    time: int
    """When it was sent, in microseconds since the tape's start."""
    data: bytes
    after: int
    """How many frames the client had sent before it."""


@dataclass(slots=True)
class RecordedConnection:
    """One connection of a tape. The first of the client's requests is its handshake, and so is the first chunk."""

    number: int
    version: int
    start: int
    chunks: list[Chunk] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    ended_by: str = ""
    """`client` or `server`; or why the recording stops, or empty when the tape is cut."""


@dataclass(slots=True)
class Outline:
    """What is known of a connection before it is loaded."""

    version: int = 0
    chunks: int = 0
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    """Where its records begin in the file, so that it is loaded without reading those of the others again."""


def outlines(tape: Tape) -> dict[int, Outline]:
    """Return the connections that can be played, by number. The others never got through a handshake."""
    found: dict[int, Outline] = {}
    for offset, record in tape.located_records():
        outline = found.setdefault(record.connection, Outline())
        outline.offsets.append(offset)
        if record.kind is Kind.SERVER:
            outline.chunks += 1
        elif record.kind is Kind.VERSION:
            outline.version = agreed_version(record.payload) or 0
    return {number: outline for number, outline in sorted(found.items()) if outline.version}


def load(tape: Tape, number: int, offsets: Iterable[int]) -> RecordedConnection:
    """Read a connection from the records at these offsets of the tape."""
    recorded = RecordedConnection(number, 0, 0)
    client = Stream(Sender.CLIENT)
    for record in tape.records_at(offsets):
        match record.kind:
            case Kind.CONNECTED:
                recorded.start = record.time
            case Kind.VERSION:
                recorded.version = agreed_version(record.payload) or 0
            case Kind.CLIENT:
                try:
                    recorded.requests += client.feed(record.payload)
                except ProtocolError:
                    break
            case Kind.SERVER:
                recorded.chunks.append(Chunk(record.time, record.payload, len(recorded.requests)))
            case Kind.CLOSED:
                recorded.ended_by = record.payload.decode("utf-8", "replace")
    return recorded


class Comparison:
    """Compares what a live client sends with what the recorded one sent, handshakes aside."""

    def __init__(self, recorded: RecordedConnection) -> None:
        self._version = recorded.version
        self._expected = deque(recorded.requests[1:])

    def differs(self, payload: bytes) -> str:
        """Return how a live request differs, with both messages in words; empty when the tape has the same one."""
        for index, expected in enumerate(islice(self._expected, LOOK_AHEAD)):
            if payload == expected:
                del self._expected[index]
                return ""
        told = f"the client sends what the tape does not have:\n{self._explained(payload)}"
        if self._expected:
            told += f"\nnext on the tape is:\n{self._explained(self._expected[0])}"
        return told

    @property
    def missing(self) -> int:
        """How many requests of the tape the client has not sent."""
        return len(self._expected)

    def next_expected(self) -> str:
        """Return the next request of the tape, in words."""
        return self._explained(self._expected[0]) if self._expected else "(nothing)"

    def _explained(self, payload: bytes) -> str:
        return indent(str(explain(payload, Sender.CLIENT, self._version)), "  ")


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
        self.pieces: int = sum(outline.chunks for outline in self._outlines.values())
        """How many pieces of data the server sent on the tape."""
        self.pieces_sent: int = 0
        """How many of them were sent since the first connection was last begun."""
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
        turn = self._clients % len(self._outlines)
        number = list(self._outlines)[turn]
        self._clients += 1
        if turn == 0:
            self.pieces_sent = 0
        recorded = load(self.tape, number, self._outlines[number].offsets)
        player = _Player(self, recorded, reader, writer)
        try:
            await player.run()
        finally:
            await close(writer)
            self.finish(number)

    def finish(self, number: int) -> None:
        """Remember that a connection was played to its end."""
        self._unfinished.discard(number)
        if not self._unfinished:
            self._finished.set()


class _Player:
    """Plays a connection of the tape to one client."""

    def __init__(
        self, replay: Replay, recorded: RecordedConnection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._replay, self._recorded = replay, recorded
        self._reader, self._writer = reader, writer
        self._comparison = Comparison(recorded)
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
            if playing.done() and self._recorded.ended_by != Sender.SERVER.value:
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
            version = self._recorded.version
            # Its answer is on the tape; here it only finds out whether the two could have agreed.
            Connection(Sender.SERVER, min_version=version, max_version=version).receive_data(PREFIX + frame(payload))
        self._heard += 1
        told = self._comparison.differs(payload) if self._heard > 1 else ""
        if told and self._differences < MOST_DIFFERENCES:
            self._say(logging.WARNING, f"message {self._heard}: {told}")
        self._differences += bool(told)

    async def _play(self) -> None:
        left = deque(self._recorded.chunks)
        with suppress(OSError):
            while left:
                await self._reach(left[0])
                due = [left.popleft(), *self._take_due(left)]
                self._writer.write(b"".join(chunk.data for chunk in due))
                await self._writer.drain()
                self._replay.pieces_sent += len(due)
            await self._hear_until(len(self._recorded.requests))
        self._replay.finish(self._recorded.number)

    async def _reach(self, chunk: Chunk) -> None:
        await asyncio.sleep(self._due(chunk) - self._loop.time())
        await self._hear_until(chunk.after)
        await asyncio.sleep(self._heard_at + TURNAROUND_SECONDS - self._loop.time())

    def _due(self, chunk: Chunk) -> float:
        if not self._replay.speed:
            return self._began
        return self._began + (chunk.time - self._recorded.start) / 1e6 / self._replay.speed

    def _take_due(self, left: deque[Chunk]) -> Iterator[Chunk]:
        """Return the chunks that can be sent together with the one that is due."""
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
        _log.log(level, "connection %d of the tape: " + "\n".join(["%s"] * len(lines)), self._recorded.number, *lines)
