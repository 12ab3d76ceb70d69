"""A server that replays the server's side of a tape, with the recorded timing.

It does not interpret messages. What a client sends is compared with what the recorded client sent, and differences are
logged.
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
"""How many seconds a client may keep the tape waiting before the log says what it waits for."""

TURNAROUND_SECONDS = 0.01
"""How many seconds after a request its answer is sent, at any speed. Data due in this time are sent together with it.

A client that waits in a loop (`while not done: ib.waitOnUpdate()`) misses data that come between two waits, so it must
not be answered at once. A real server is never so fast and soon sends more, but a tape waits for the client.
"""

MOST_TOGETHER = 256 * 1024
"""Up to how many bytes chunks that are due are sent together."""

MOST_DIFFERENCES = 20
"""How many requests that are not on the tape are logged for each client."""

LOOK_AHEAD = 100
"""In how many of the tape's next requests a request is looked for, because their order may differ a little."""


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
    """One connection of a tape. The first request and the first chunk are the handshake."""

    number: int
    version: int
    start: int
    chunks: list[Chunk] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    ended_by: str = ""
    """Who ended it, "client" or "server", or why its recording ended; empty if the tape was cut off."""


@dataclass(slots=True)
class Outline:
    """A connection that is not loaded: what is known without its data."""

    version: int = 0
    chunks: int = 0
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    """Where its records begin in the file, so that it can be loaded without reading those of other connections."""


def outlines(tape: Tape) -> dict[int, Outline]:
    """Return the connections that can be replayed, by number: those that completed their handshake."""
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
    # What the client sent after bytes that are not TWS cannot be compared with anything, so the loading ends there.
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
    """The comparison of what a client sends now with what the recorded client sent, without the handshakes."""

    def __init__(self, recorded: RecordedConnection) -> None:
        self._version = recorded.version
        self._expected = deque(recorded.requests[1:])

    def differs(self, payload: bytes) -> str:
        """Return how a request differs from the tape, with both messages in words; empty if the tape has it."""
        for index, expected in enumerate(islice(self._expected, LOOK_AHEAD)):
            if payload == expected:
                del self._expected[index]
                return ""
        difference = f"the client sends what the tape does not have:\n{self._explained(payload)}"
        if self._expected:
            difference += f"\nnext on the tape is:\n{self._explained(self._expected[0])}"
        return difference

    @property
    def missing(self) -> int:
        """The number of requests on the tape that the client has not sent."""
        return len(self._expected)

    def next_expected(self) -> str:
        """Return the next request on the tape, in words."""
        return self._explained(self._expected[0]) if self._expected else "(nothing)"

    def _explained(self, payload: bytes) -> str:
        return indent(str(explain(payload, Sender.CLIENT, self._version)), "  ")


class Replay(Listener):
    """A server that replays the server's side of a tape to any client.

    ::

        async with Replay("monday.tape", port=0, speed=0) as replay:
            await ib.connectAsync("127.0.0.1", replay.port, clientId=1)

    The first client gets the first connection of the tape, the second client the second, and so on; after the last
    connection the first one comes again.

    Data are sent when two things are true: as much time has passed as on the tape, divided by `speed` (2 is twice as
    fast; 0 does not wait for time), and the client has sent as many messages as the recorded one had. If a client sends
    other messages, this is logged (`ibdesk.tape`) and it is served all the same. A client that does not speak the
    recorded server version is refused. With `port` 0 a free port is taken, and `port` is then that one.

    Raises OSError if there is no such tape, and ValueError if it has no connection to replay or `speed` is negative.
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
        """How many pieces of data the server sent in all connections of the tape."""
        self.pieces_sent: int = 0
        """How many of these were sent since a client last got the first connection."""
        self._clients = 0
        self._unfinished = set(self._outlines)
        self._finished = asyncio.Event()

    @property
    def connections(self) -> int:
        """The number of connections that can be replayed."""
        return len(self._outlines)

    @property
    def versions(self) -> list[int]:
        """The server versions of the connections, each once."""
        return sorted({outline.version for outline in self._outlines.values()})

    async def wait(self) -> None:
        """Wait until every connection of the tape has been replayed to its end, or left by its client."""
        await self._finished.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Replay the next connection of the tape to a client."""
        index = self._clients % len(self._outlines)
        number = list(self._outlines)[index]
        self._clients += 1
        if index == 0:
            self.pieces_sent = 0
        recorded = load(self.tape, number, self._outlines[number].offsets)
        player = _Player(self, recorded, reader, writer)
        try:
            await player.run()
        finally:
            await close(writer)
            self.finish(number)

    def finish(self, number: int) -> None:
        """Record that a connection was replayed to its end."""
        self._unfinished.discard(number)
        if not self._unfinished:
            self._finished.set()


class _Player:
    """The replay of one connection of the tape to one client."""

    def __init__(
        self, replay: Replay, recorded: RecordedConnection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._replay, self._recorded = replay, recorded
        self._reader, self._writer = reader, writer
        self._comparison = Comparison(recorded)
        self._received = self._differences = 0
        self._arrival = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._began = self._received_at = self._loop.time()

    async def run(self) -> None:
        """Replay until the client leaves or, if the recorded server closed the connection, until the end."""
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
            self._log_summary()

    async def _listen(self) -> None:
        stream = Stream(Sender.CLIENT)
        with suppress(OSError):
            while data := await self._reader.read(1 << 16):
                try:
                    for payload in stream.feed(data):
                        self._receive(payload)
                except ProtocolError as error:
                    self._log_lines(logging.WARNING, f"the client is given up: {error}")
                    return
                self._received_at = self._loop.time()
                self._arrival.set()

    def _receive(self, payload: bytes) -> None:
        if self._received == 0:
            version = self._recorded.version
            # The answer is on the tape. This only raises if client and tape have no version in common.
            Connection(Sender.SERVER, min_version=version, max_version=version).receive_data(PREFIX + frame(payload))
        self._received += 1
        difference = self._comparison.differs(payload) if self._received > 1 else ""
        if difference and self._differences < MOST_DIFFERENCES:
            self._log_lines(logging.WARNING, f"message {self._received}: {difference}")
        self._differences += bool(difference)

    async def _play(self) -> None:
        left = deque(self._recorded.chunks)
        with suppress(OSError):
            while left:
                await self._wait_until_due(left[0])
                due = [left.popleft(), *self._take_due(left)]
                self._writer.write(b"".join(chunk.data for chunk in due))
                await self._writer.drain()
                self._replay.pieces_sent += len(due)
            await self._wait_for_messages(len(self._recorded.requests))
        self._replay.finish(self._recorded.number)

    async def _wait_until_due(self, chunk: Chunk) -> None:
        await asyncio.sleep(self._due(chunk) - self._loop.time())
        await self._wait_for_messages(chunk.after)
        await asyncio.sleep(self._received_at + TURNAROUND_SECONDS - self._loop.time())

    def _due(self, chunk: Chunk) -> float:
        if not self._replay.speed:
            return self._began
        return self._began + (chunk.time - self._recorded.start) / 1e6 / self._replay.speed

    def _take_due(self, left: deque[Chunk]) -> Iterator[Chunk]:
        """Return the chunks that can be sent together with the one that is due."""
        soon, size = self._loop.time() + TURNAROUND_SECONDS, 0
        while left and left[0].after <= self._received and self._due(left[0]) <= soon and size < MOST_TOGETHER:
            size += len(left[0].data)
            yield left.popleft()

    async def _wait_for_messages(self, count: int) -> None:
        while self._received < count:
            self._arrival.clear()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._arrival.wait()
            except TimeoutError:
                expected = self._comparison.next_expected() if self._received else "  the handshake"
                self._log_lines(
                    logging.WARNING, f"the tape waits for the client's message {self._received + 1}:\n{expected}"
                )
                await self._arrival.wait()

    def _log_summary(self) -> None:
        self._log_lines(
            logging.INFO,
            f"the client has left; {self._differences} of its messages were not the tape's, "
            f"and {self._comparison.missing} of the tape's did not come",
        )

    def _log_lines(self, level: int, text: str) -> None:
        lines = text.splitlines()  # the texts are ibdesk's own; what came from outside is in them as its `repr`
        _log.log(level, "connection %d of the tape: " + "\n".join(["%s"] * len(lines)), self._recorded.number, *lines)
