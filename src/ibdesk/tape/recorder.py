"""The recorder, which writes what passes on connections to a tape, without delaying them.

A connection hands its bytes over to the recorder and goes on. The recorder has a thread of its own, which makes records
of them and writes them at once, so that a process that is killed loses only its last moments. If the disk fails, this
is logged once and the recording ends. The connections do not notice.
"""

import atexit
import os
import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ibdesk.errors import DecodeError, ProtocolError
from ibdesk.logs import logger
from ibdesk.session.connection import PREFIX
from ibdesk.tape.capture import Stream, agreed_version
from ibdesk.tape.format import Header, Kind, Record, encode_header, encode_record
from ibdesk.tape.scrub import Scrubber, without_credentials
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import ManagedAccounts

_log = logger("ibdesk.tape")

MOST_WAITING = 256 * 1024 * 1024
"""How many bytes may wait for a slow disk. If there are more, the recording ends."""

MOST_HELD = 4 * 1024 * 1024
"""The most bytes of a connection that are held back until the server has named the accounts."""

LONGEST_RECORD = 64 * 1024
"""How many bytes of frames that arrive together are put into one record."""

FAREWELL_SECONDS = 10.0
"""How long `close` waits for the disk, in seconds."""

PROGRAM = "ibdesk"

_MICROSECOND = timedelta(microseconds=1)

_Item = tuple[int, int, Kind, bytes]


class Recorder:
    """A tape that is being recorded.

    Close it, or use it as a context manager. At the end of the program it closes itself. `path` must not exist yet, and
    only its owner can read the file. `clock` returns the time, with a time zone. With `scrub`, accounts and names are
    replaced by stand-ins of the same length.

    Raises FileExistsError if there is such a file, and OSError if it cannot be made. No method raises later.
    """

    def __init__(
        self, path: str | Path, *, clock: Callable[[], datetime], scrub: bool = False, program: str = PROGRAM
    ) -> None:
        self.path: Path = Path(path)
        self.is_recording: bool = True
        """Whether it still records: it is neither closed nor has it failed."""
        self.is_scrubbing = scrub
        self._clock = clock
        start = clock()
        if start.tzinfo is None:
            raise ValueError("the clock of a recorder tells times with their zone")
        self._start = start.astimezone(UTC)
        self._last = 0
        self._connections = 0
        self._scrubber = Scrubber() if scrub else None
        self._open: dict[int, ConnectionRecorder] = {}
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._handed_over = self._taken = 0  # bytes; each number is written by one thread only
        # The tape shows what somebody owns and trades, so only its owner may read it.
        self._file = open(self.path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
        self._file.write(encode_header(Header(self._start, program, scrub)))
        self._file.flush()
        self._thread = threading.Thread(target=self._run, name="ibdesk tape", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def connection(self, peer: str) -> "Tap":
        """Begin to record a connection to `peer`, and return the tap that takes what passes on it."""
        self._connections += 1
        tap = Tap(self, self._connections)
        self._enqueue(tap.number, Kind.CONNECTED, peer.encode())
        return tap

    def close(self) -> None:
        """End the recording. All of it is on the tape then, unless the disk takes longer than ten seconds."""
        atexit.unregister(self.close)
        self.is_recording = False
        self._queue.put(None)
        self._thread.join(FAREWELL_SECONDS)
        if self._thread.is_alive():
            _log.error("%s: the disk is too slow; the end of the recording is lost", self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- in the thread of the connections -------------------------------------------------------------------------

    def _enqueue(self, number: int, kind: Kind, data: bytes) -> None:
        if not self.is_recording:
            return
        # If the clock is set back, the times on the tape must still not decrease.
        self._last = max(self._last, self._elapsed())
        self._handed_over += len(data)
        if self._handed_over - self._taken > MOST_WAITING:
            self.is_recording = False
            _log.error("%s: the disk is too slow; the recording ends here, the connection goes on", self.path)
            self._queue.put(None)
            return
        self._queue.put((self._last, number, kind, data))

    def _elapsed(self) -> int:
        return (self._clock() - self._start) // _MICROSECOND

    # --- in the thread of the recorder ----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with self._file:
                while (item := self._queue.get()) is not None:
                    self._taken += len(item[3])
                    self._write(item)
                self._end()
        except Exception as error:
            self.is_recording = False
            trace = None if isinstance(error, OSError) else error
            _log.error("%s: %s; the recording ends here, the connection goes on", self.path, error, exc_info=trace)

    def _write(self, item: _Item) -> None:
        time, number, kind, data = item
        if number not in self._open:
            self._open[number] = ConnectionRecorder(number, self._scrubber)
        self._file.write(b"".join(map(encode_record, self._open[number].take(time, kind, data))))
        if self._queue.empty():
            self._file.flush()
        if kind is Kind.CLOSED:
            del self._open[number]

    def _end(self) -> None:
        """Write a last record for each open connection, which says that its recording ended."""
        for number in sorted(self._open):
            self._write((self._last, number, Kind.CLOSED, b"the recording ended"))


class Tap:
    """What takes the bytes of one connection to the recorder. Its methods never raise or wait."""

    __slots__ = ("_is_open", "_recorder", "number")

    def __init__(self, recorder: Recorder, number: int) -> None:
        self._recorder, self._is_open = recorder, True
        self.number: int = number
        """The number of the connection on the tape, from 1."""

    def sent(self, data: bytes) -> None:
        """Record bytes that the client sent."""
        if self._is_open:
            self._recorder._enqueue(self.number, Kind.CLIENT, data)

    def received(self, data: bytes) -> None:
        """Record bytes that the server sent."""
        if self._is_open:
            self._recorder._enqueue(self.number, Kind.SERVER, data)

    def closed(self, by: str) -> None:
        """Record that the connection was closed: by "client", by "server", or for another reason, in words."""
        if self._is_open:
            self._is_open = False
            self._recorder._enqueue(self.number, Kind.CLOSED, by.encode())


class ConnectionRecorder:
    """What makes the records of one connection out of the bytes that pass on it.

    Records hold whole frames only, so that a tape can be scrubbed and read frame by frame. Bytes that are not TWS are
    recorded as they came or, on a scrubbed tape, not at all.

    On a scrubbed tape the first records are also held back until the server has named the accounts, because only then
    can accounts be found in what the client sent before.
    """

    def __init__(self, number: int, scrubber: Scrubber | None) -> None:
        """Begin with a connection that has sent nothing. Without a `scrubber`, accounts are left as they are."""
        self._number, self._scrubber = number, scrubber
        self._streams = {sender: Stream(sender) for sender in Sender}
        self._greeted: set[Sender] = set()
        self._broken: set[Sender] = set()
        self._version: int | None = None
        self._held: list[_Arrival] | None = None if scrubber is None else []
        self._held_bytes = 0

    def take(self, time: int, kind: Kind, data: bytes) -> Iterator[Record]:
        """Return the records that can be written after this event, `time` microseconds after the tape's start."""
        sender = kind.sender
        if sender is None:
            if kind is Kind.CLOSED:
                yield from self._release()
            yield Record(time, self._number, kind, self._scrubbed(kind, data))
        elif sender in self._broken:
            yield from self._raw(time, kind, data)
        else:
            try:
                payloads = self._streams[sender].feed(data)
            except ProtocolError:
                self._broken.add(sender)
                yield from self._release()
                yield from self._raw(time, kind, data)
            else:
                if payloads:
                    yield from self._hold(_Arrival(time, kind, sender, payloads, sender not in self._greeted))

    def _scrubbed(self, kind: Kind, data: bytes) -> bytes:
        """Return the payload of a record about the connection itself: its peer, or why it ended."""
        if self._scrubber is None:
            return data
        return self._scrubber.scrub_peer(data) if kind is Kind.CONNECTED else self._scrubber.scrub_reason(data)

    def _raw(self, time: int, kind: Kind, data: bytes) -> Iterator[Record]:
        if self._scrubber is None:
            yield Record(time, self._number, kind, data)

    def _hold(self, arrival: "_Arrival") -> Iterator[Record]:
        self._greeted.add(arrival.sender)
        if arrival.greets and arrival.sender is Sender.SERVER:
            self._version = agreed_version(arrival.payloads[0])
        if self._held is None:
            yield from self._records(arrival)
            return
        self._held.append(arrival)
        self._held_bytes += sum(map(len, arrival.payloads))
        named = arrival.sender is Sender.SERVER and any(map(self._names_accounts, arrival.payloads))
        if named or self._held_bytes > MOST_HELD:
            yield from self._release()

    def _names_accounts(self, payload: bytes) -> bool:
        codec = Codec(Sender.SERVER, self._version or 0)
        try:
            description, _ = codec.describe(codec.split_id(payload)[0])
        except DecodeError:
            return False
        return description is of(ManagedAccounts)

    def _release(self) -> Iterator[Record]:
        held, self._held = self._held, None
        if held is None:
            return
        assert self._scrubber is not None
        for arrival in held:
            for payload in arrival.payloads[arrival.greets :]:
                self._scrubber.learn(payload, arrival.sender, self._version or 0)
        for arrival in held:
            yield from self._records(arrival)

    def _records(self, arrival: "_Arrival") -> Iterator[Record]:
        data = b""
        for index, payload in enumerate(arrival.payloads):
            if data and len(data) + len(payload) > LONGEST_RECORD:
                yield Record(arrival.time, self._number, arrival.kind, data)
                data = b""
            if arrival.greets and index == 0:
                data = self._greeting(arrival.sender, payload)
            else:
                data += frame(self._cleaned(arrival.sender, payload))
        yield Record(arrival.time, self._number, arrival.kind, data)
        if arrival.greets and arrival.sender is Sender.SERVER and self._version is not None:
            yield Record(arrival.time, self._number, Kind.VERSION, str(self._version).encode())

    def _greeting(self, sender: Sender, payload: bytes) -> bytes:
        cleaned = payload if self._scrubber is None else self._scrubber.scrub_text(payload)
        return (PREFIX if sender is Sender.CLIENT else b"") + frame(cleaned)

    def _cleaned(self, sender: Sender, payload: bytes) -> bytes:
        version = self._version or 0
        cleaned = without_credentials(payload, sender, version)
        return cleaned if self._scrubber is None else self._scrubber.scrub(cleaned, sender, version)


class _Arrival(NamedTuple):
    """The payloads that became complete when some bytes arrived."""

    time: int
    kind: Kind
    sender: Sender
    payloads: list[bytes]
    greets: bool
    """Whether the first payload is the handshake."""
