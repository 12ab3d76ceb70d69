"""Recording to a disk: everything, at once, and never at the cost of the connection."""

import errno
import logging
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tape.tapes import START, Clock, answer, framed, hello

from ibdesk.tape import recorder
from ibdesk.tape.format import Kind, Record
from ibdesk.tape.reading import read_tape
from ibdesk.tape.recorder import Recorder
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import ManagedAccounts


def until(test: Callable[[], object]) -> None:
    """Wait for a fact that another thread or process brings about."""
    deadline = time.monotonic() + 20
    while not test():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_connections_one_beside_the_other(tmp_path: Path) -> None:
    clock = Clock()
    with Recorder(tmp_path / "a.tape", clock=clock) as made:
        clock.pass_by(1)
        first = made.connection("one:1")
        first.sent(hello())
        clock.pass_by(0.000_002)
        second = made.connection("two:2")
        second.sent(hello("v100..157"))
        clock.pass_by(-5)  # somebody sets the clock back
        first.received(answer(178))
        first.closed("server")
        first.closed("client")
        first.sent(b"too late")
        first.received(b"too late")
        clock.pass_by(10)
        second.received(answer(157))
    tape = read_tape(tmp_path / "a.tape")
    assert tape.start == START
    assert tape.header is not None
    assert (tape.header.program, tape.header.scrubbed) == ("ibdesk", False)
    assert list(tape.records()) == [
        Record(1_000_000, 1, Kind.CONNECTED, b"one:1"),
        Record(1_000_000, 1, Kind.CLIENT, hello()),
        Record(1_000_002, 2, Kind.CONNECTED, b"two:2"),
        Record(1_000_002, 2, Kind.CLIENT, hello("v100..157")),
        Record(1_000_002, 1, Kind.SERVER, answer(178)),
        Record(1_000_002, 1, Kind.VERSION, b"178"),
        Record(1_000_002, 1, Kind.CLOSED, b"server"),
        Record(6_000_002, 2, Kind.SERVER, answer(157)),
        Record(6_000_002, 2, Kind.VERSION, b"157"),
        Record(6_000_002, 2, Kind.CLOSED, b"the recording ended"),
    ]
    assert tape.damage is None


def test_what_comes_after_the_end_is_not_recorded(tmp_path: Path) -> None:
    made = Recorder(tmp_path / "a.tape", clock=Clock())
    tap = made.connection("one")
    made.close()
    size = made.path.stat().st_size
    tap.sent(hello())
    made.connection("two").received(b"x")
    made.close()
    assert made.path.stat().st_size == size
    assert not made.is_recording


def test_one_stand_in_for_all_connections(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.tape", clock=Clock(), scrub=True) as made:
        for version in (178, 225):
            tap = made.connection("there")
            tap.sent(hello())
            tap.received(answer(version) + framed(Sender.SERVER, version, ManagedAccounts("DU1234567")))
    tape = read_tape(tmp_path / "a.tape")
    assert tape.header is not None
    assert tape.header.scrubbed
    named = [one.message for one in tape.messages() if isinstance(one.message, ManagedAccounts)]
    assert named == [ManagedAccounts("DU0000001")] * 2
    assert b"DU1234567" not in made.path.read_bytes()


def test_a_tape_is_not_overwritten_and_not_for_others(tmp_path: Path) -> None:
    Recorder(tmp_path / "a.tape", clock=Clock()).close()
    assert stat.S_IMODE((tmp_path / "a.tape").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        Recorder(tmp_path / "a.tape", clock=Clock())
    with pytest.raises(FileNotFoundError):
        Recorder(tmp_path / "nowhere" / "a.tape", clock=Clock())


def test_a_clock_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="with their zone"):
        Recorder(tmp_path / "a.tape", clock=lambda: datetime(2026, 1, 1))
    assert not (tmp_path / "a.tape").exists()


class Disk:
    """A file whose disk fails, or waits."""

    def __init__(self, write: Callable[[bytes], Any]) -> None:
        self.write = write

    def flush(self) -> None: ...

    def __enter__(self) -> "Disk":
        return self

    def __exit__(self, *_: object) -> None: ...


def recording_on(path: Path, write: Callable[[bytes], Any], monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """A recorder whose disk is like that once its header is written."""
    real = recorder.Recorder._run

    def run(self: Recorder) -> None:
        self._file.close()
        self._file = Disk(write)  # type: ignore[assignment]
        real(self)

    monkeypatch.setattr(recorder.Recorder, "_run", run)
    return Recorder(path, clock=Clock())


def test_a_full_disk_is_told_once_and_ends_the_recording(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    made = recording_on(tmp_path / "a.tape", full, monkeypatch)
    tap = made.connection("there")
    until(lambda: not made.is_recording)
    for _ in range(3):
        tap.sent(hello())
    made.close()
    (told,) = caplog.records
    assert told.levelno == logging.ERROR
    assert "No space left on device; the recording ends here, the connection goes on" in told.getMessage()
    assert told.exc_info is None


def test_a_slow_disk_ends_the_recording_before_memory_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    goes_on, waits = threading.Event(), threading.Event()

    def write(data: bytes) -> None:
        waits.set()
        goes_on.wait(20)

    monkeypatch.setattr(recorder, "MOST_WAITING", 1000)
    monkeypatch.setattr(recorder, "FAREWELL_SECONDS", 0.01)
    made = recording_on(tmp_path / "a.tape", write, monkeypatch)
    tap = made.connection("there")
    waits.wait(20)
    tap.received(bytes(1000))
    assert made.is_recording
    tap.received(b"x")
    assert not made.is_recording
    made.close()
    goes_on.set()
    made._thread.join(20)
    assert [one.getMessage().partition(": ")[2] for one in caplog.records] == [
        "the disk is too slow; the recording ends here, the connection goes on",
        "the disk is too slow; the end of the recording is lost",
    ]


PROGRAM = """
import sys, os, signal
from datetime import UTC, datetime
from ibdesk.tape.recorder import Recorder
tap = Recorder(sys.argv[1], clock=lambda: datetime.now(UTC)).connection("there")
tap.sent(b"API\\0\\0\\0\\0\\4v157")
if sys.argv[2] == "waits":
    print("told", flush=True)
    signal.pause()
"""


def test_a_program_that_is_killed_leaves_what_it_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, path, "waits"], stdout=-1) as process:
        assert process.stdout is not None
        process.stdout.readline()
        until(lambda: len(list(read_tape(path).records())) == 2)
        process.send_signal(signal.SIGKILL)
    tape = read_tape(path)
    assert [one.kind for one in tape.records()] == [Kind.CONNECTED, Kind.CLIENT]
    assert tape.damage is None


def test_a_program_that_ends_closes_its_tape(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    subprocess.run([sys.executable, "-c", PROGRAM, path, "ends"], check=True, timeout=60)
    assert [one.kind for one in read_tape(path).records()] == [Kind.CONNECTED, Kind.CLIENT, Kind.CLOSED]


def test_times_are_told_in_utc(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.tape", clock=lambda: datetime.now(UTC)) as made:
        before = datetime.now(UTC)
    start = read_tape(made.path).start
    assert start is not None
    assert start <= before
