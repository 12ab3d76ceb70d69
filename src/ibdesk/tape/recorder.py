"""How what passes on connections gets to the disk without delaying them; not what is kept of it.

The connection hands over its bytes and goes on. A thread of the recorder's own writes them at once, so that a process
that is killed loses what came in its last moments and no more. Where the disk fails, it is logged, once, and the
recording ends; the connection does not notice.
"""

import atexit
import os
import queue
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from ibdesk.logs import logger
from ibdesk.tape.format import Header, Kind, encode_header, encode_record
from ibdesk.tape.scrub import Scrubber
from ibdesk.tape.track import Track

_log = logger("ibdesk.tape")

MOST_WAITING = 256 * 1024 * 1024
"""Bytes that may wait for a slow disk. With more, the recording ends."""

FAREWELL_SECONDS = 10.0
"""How long `close` waits for the disk."""

PROGRAM = "ibdesk"

_MICROSECOND = timedelta(microseconds=1)

_Item = tuple[int, int, Kind, bytes]


class Recorder:
    """A tape that is being recorded. Close it, or use it as a context manager; at the program's end it closes itself.

    `path` must not exist yet; the file is readable by its owner only. `clock` tells the time, with its zone. With
    `scrub`, stand-ins of the same length take the place of accounts and names.

    Raises FileExistsError, or OSError when the file cannot be made. Nothing later raises.
    """

    def __init__(
        self, path: str | Path, *, clock: Callable[[], datetime], scrub: bool = False, program: str = PROGRAM
    ) -> None:
        self.path: Path = Path(path)
        self.is_recording: bool = True
        """False once it is closed or has failed."""
        self.is_scrubbing = scrub
        self._clock = clock
        start = clock()
        if start.tzinfo is None:
            raise ValueError("the clock of a recorder tells times with their zone")
        self._start = start.astimezone(UTC)
        self._last = 0
        self._connections = 0
        self._scrubber = Scrubber() if scrub else None
        self._tracks: dict[int, Track] = {}
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._handed_over = self._taken = 0  # bytes; one thread writes each
        # The tape tells what somebody owns and trades.
        self._file = open(self.path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
        self._file.write(encode_header(Header(self._start, program, scrub)))
        self._file.flush()
        self._thread = threading.Thread(target=self._run, name="ibdesk tape", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def connection(self, peer: str) -> "Tap":
        """A connection was made, with `peer`. Tell what passes on it."""
        self._connections += 1
        tap = Tap(self, self._connections)
        self._tell(tap.number, Kind.CONNECTED, peer.encode())
        return tap

    def close(self) -> None:
        """End the recording. What was told before is on the tape, unless the disk takes longer than ten seconds."""
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

    # Inside, on the thread of the connections

    def _tell(self, number: int, kind: Kind, data: bytes) -> None:
        if not self.is_recording:
            return
        # A clock that is set back must not bring the tape's times out of order.
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

    # Inside, on the thread of the recorder

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
        track = self._tracks.get(number) or self._tracks.setdefault(number, Track(number, self._scrubber))
        self._file.write(b"".join(map(encode_record, track.take(time, kind, data))))
        if self._queue.empty():
            self._file.flush()
        if kind is Kind.CLOSED:
            del self._tracks[number]

    def _end(self) -> None:
        """Says of the connections that are still open that they are recorded no further."""
        for number in sorted(self._tracks):
            self._write((self._last, number, Kind.CLOSED, b"the recording ended"))


class Tap:
    """One connection of a tape. Tell it what passes, as it does; nothing that it does raises or waits."""

    __slots__ = ("_is_open", "_recorder", "number")

    def __init__(self, recorder: Recorder, number: int) -> None:
        self._recorder, self._is_open = recorder, True
        self.number: int = number
        """Its number on the tape, from 1."""

    def sent(self, data: bytes) -> None:
        """The client sent this."""
        if self._is_open:
            self._recorder._tell(self.number, Kind.CLIENT, data)

    def received(self, data: bytes) -> None:
        """The server sent this."""
        if self._is_open:
            self._recorder._tell(self.number, Kind.SERVER, data)

    def closed(self, by: str) -> None:
        """The connection has ended: by `client`, by `server`, or for another reason, in words. Told once."""
        if self._is_open:
            self._is_open = False
            self._recorder._tell(self.number, Kind.CLOSED, by.encode())
