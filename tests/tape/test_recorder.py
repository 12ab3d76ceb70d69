"""Recording to a disk: everything, at once, never at the cost of the connection; in whole frames, and scrubbed."""

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
from hypothesis import given
from hypothesis import strategies as st
from tape.tapes import START, Clock, answer, framed, hello

from ibdesk.model.contract import Contract
from ibdesk.model.order import Order
from ibdesk.tape import recorder
from ibdesk.tape.format import Kind, Record
from ibdesk.tape.reading import read_tape
from ibdesk.tape.recorder import LONGEST_RECORD, MOST_HELD, ConnectionRecorder, Recorder
from ibdesk.tape.scrub import Scrubber
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.accounts import ReqAccountUpdates
from ibdesk.wire.messages.connection import CurrentTime, Error, ManagedAccounts, ReqCurrentTime, StartApi
from ibdesk.wire.messages.orders import PlaceOrder

CLIENT, SERVER = Kind.CLIENT, Kind.SERVER


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


def taken(connection: ConnectionRecorder, *pieces: tuple[Kind, bytes]) -> list[tuple[int, Kind, bytes]]:
    """(time, kind, payload) of the records, when a piece comes each microsecond."""
    made = [record for time, (kind, data) in enumerate(pieces) for record in connection.take(time, kind, data)]
    assert {record.connection for record in made} <= {3}
    return [(record.time, record.kind, record.payload) for record in made]


def test_a_session_as_it_goes_by() -> None:
    request = framed(Sender.CLIENT, 178, StartApi(1), ReqCurrentTime())
    reply = framed(Sender.SERVER, 178, CurrentTime(7))
    pieces = [
        (Kind.CONNECTED, b"there"),
        (CLIENT, hello()),
        (SERVER, answer(178)[:5]),
        (SERVER, answer(178)[5:] + reply[:3]),
        (CLIENT, request),
        (SERVER, reply[3:]),
        (Kind.CLOSED, b"client"),
    ]
    assert taken(ConnectionRecorder(3, None), *pieces) == [
        (0, Kind.CONNECTED, b"there"),
        (1, CLIENT, hello()),
        (3, SERVER, answer(178)),
        (3, Kind.VERSION, b"178"),
        (4, CLIENT, request),
        (5, SERVER, reply),
        (6, Kind.CLOSED, b"client"),
    ]


@pytest.mark.parametrize("version", [178, 225])
@pytest.mark.parametrize("scrub", [False, True])
@given(data=st.data())
def test_the_pieces_make_no_difference(version: int, scrub: bool, data: st.DataObject) -> None:
    account = "DU1234567"
    server = answer(version) + framed(Sender.SERVER, version, ManagedAccounts(account), Error(-1, 1, f"of {account}"))
    client = hello() + framed(Sender.CLIENT, version, StartApi(1), ReqAccountUpdates(True, account))
    connection, made, left = ConnectionRecorder(3, Scrubber() if scrub else None), [], {CLIENT: client, SERVER: server}
    while left[CLIENT] or left[SERVER]:
        kind = data.draw(st.sampled_from([kind for kind in left if left[kind]]))
        size = data.draw(st.integers(1, len(left[kind])))
        made += connection.take(0, kind, left[kind][:size])
        left[kind] = left[kind][size:]
    for kind, sent in ((CLIENT, client), (SERVER, server)):
        told = b"".join(record.payload for record in made if record.kind is kind)
        assert told == (sent.replace(b"DU1234567", b"DU0000001") if scrub else sent)


def test_an_account_that_the_client_named_before_the_server_did_is_not_there() -> None:
    """Not even one that looks like nothing, in a text of the user's."""
    connection = ConnectionRecorder(3, Scrubber())
    order = PlaceOrder(1, Contract(), Order(orderRef="for paul7"))
    early = taken(
        connection,
        (Kind.CONNECTED, b"there"),
        (CLIENT, hello("v157..225 for=paul7")),
        (SERVER, answer(178)),
        (CLIENT, framed(Sender.CLIENT, 178, StartApi(1), order)),
    )
    assert early == [(0, Kind.CONNECTED, b"there")]
    late = taken(connection, (SERVER, framed(Sender.SERVER, 178, ManagedAccounts("paul7,"))))
    assert [kind for _, kind, _ in late] == [CLIENT, SERVER, Kind.VERSION, CLIENT, SERVER]
    told = b"".join(payload for _, _, payload in late)
    assert b"paul7" not in told
    assert told.count(b"XXXX1") == 3


def test_what_has_no_id_does_not_name_the_accounts() -> None:
    connection = ConnectionRecorder(3, Scrubber())
    assert taken(connection, (CLIENT, hello()), (SERVER, answer(225)), (SERVER, frame(b"\0\0"))) == []


def test_what_is_held_back_comes_at_the_end() -> None:
    connection = ConnectionRecorder(3, Scrubber())
    assert taken(connection, (CLIENT, hello())) == []
    assert taken(connection, (Kind.CLOSED, b"server")) == [(0, CLIENT, hello()), (0, Kind.CLOSED, b"server")]


def test_no_more_is_held_back_than_there_is_room_for() -> None:
    connection = ConnectionRecorder(3, Scrubber())
    long = frame(b"999\0" + b"x" * (MOST_HELD // 2) + b"\0")
    assert taken(connection, (CLIENT, hello()), (SERVER, answer(178)), (SERVER, long)) == []
    assert len(taken(connection, (SERVER, long))) == 5


def test_what_is_not_tws_goes_on_the_tape_as_it_came() -> None:
    pieces = [(CLIENT, b"GET / HTTP/1.1\r\n"), (CLIENT, b"\r\n"), (Kind.CLOSED, b"server")]
    assert taken(ConnectionRecorder(3, None), *pieces) == [(time, *piece) for time, piece in enumerate(pieces)]


def test_what_is_not_tws_cannot_be_scrubbed_and_is_left_out() -> None:
    pieces = [(CLIENT, hello()), (SERVER, b"HTTP/1.1 DU1234567"), (SERVER, b"more"), (Kind.CLOSED, b"server")]
    assert taken(ConnectionRecorder(3, Scrubber()), *pieces) == [(0, CLIENT, hello()), (3, Kind.CLOSED, b"server")]


def test_a_server_that_tells_no_version() -> None:
    connection = ConnectionRecorder(3, None)
    pieces = [(CLIENT, hello()), (SERVER, frame(b"no\0")), (SERVER, frame(b"15\x001\0DU1\0"))]
    assert [kind for _, kind, _ in taken(connection, *pieces)] == [CLIENT, SERVER, SERVER]


def test_long_data_is_told_in_several_records() -> None:
    frames = [frame(b"999\0" + b"x" * size + b"\0") for size in (LONGEST_RECORD - 100, 200, 300, 1 << 20)]
    connection = ConnectionRecorder(3, None)
    list(connection.take(0, SERVER, answer(178)))
    made: list[Any] = list(connection.take(0, SERVER, b"".join(frames)))
    assert made == [Record(0, 3, SERVER, data) for data in (frames[0], frames[1] + frames[2], frames[3])]
