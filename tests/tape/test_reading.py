"""Tapes as records and messages; what cannot be read never raises."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tape.tapes import START, answer, framed, hello, records, write

from ibdesk import tape
from ibdesk.session.connection import Opened, Undecodable
from ibdesk.tape import Damage, Hello, Kind, Record, read_tape
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Unknown
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import CurrentTime, ManagedAccounts, ReqCurrentTime, StartApi

CLIENT, SERVER = Sender.CLIENT, Sender.SERVER


@pytest.mark.parametrize("version", [157, 178, 203, 225])
def test_messages_of_both_ends(tmp_path: Path, version: int) -> None:
    path = write(
        tmp_path / "a.tape",
        records(
            version,
            (0.5, CLIENT, StartApi(1)),
            (1.25, SERVER, framed(SERVER, version, ManagedAccounts("DU1"), CurrentTime(7))),
            (2, SERVER, frame(b"999\0x\0" if version < 201 else b"\0\0\3\xe7x")),
            ended_by="client",
        ),
    )
    tape = read_tape(path)
    assert tape.start == START
    assert [(one.time, one.sender, one.version) for one in tape.messages()] == [
        (0, CLIENT, 0),
        (0, SERVER, version),
        (0.5, CLIENT, version),
        (1.25, SERVER, version),
        (1.25, SERVER, version),
        (2, SERVER, version),
    ]
    *known, unknown = [one.message for one in tape.messages()]
    assert known == [
        Hello("v157..225"),
        Opened(version, "20261120 10:30:00 EST"),
        StartApi(1),
        ManagedAccounts("DU1"),
        CurrentTime(7),
    ]
    assert isinstance(unknown, Unknown)
    assert tape.damage is None


def test_frames_in_pieces_and_connections_one_beside_the_other(tmp_path: Path) -> None:
    told = framed(SERVER, 178, CurrentTime(7))
    first = records(178, (1, SERVER, told[:6]), (2, SERVER, told[6:]))
    second = records(225, (1, CLIENT, ReqCurrentTime()), connection=2)
    mixed = [record for pair in zip(first, [*second, second[0]], strict=True) for record in pair]
    tape = read_tape(write(tmp_path / "a.tape", mixed))
    assert [one.message for one in tape.messages(1)][2:] == [CurrentTime(7)]
    assert [one.message for one in tape.messages(2)][2:] == [ReqCurrentTime()]
    assert [one.connection for one in tape.messages()] == [1, 2, 1, 2, 2, 1]


def test_what_is_unreadable_is_told_and_the_rest_read(tmp_path: Path) -> None:
    bad = frame(b"49\x001\0x\0")
    tape = read_tape(write(tmp_path / "a.tape", records(178, (1, SERVER, bad), (2, SERVER, CurrentTime(7)))))
    *_, undecodable, good = [one.message for one in tape.messages()]
    assert isinstance(undecodable, Undecodable)
    assert str(undecodable.error) == "CurrentTime v178: time (field 1) is 'x', not an int"
    assert good == CurrentTime(7)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ([Record(0, 1, Kind.CLIENT, b"GET / HTTP")], "the stream: a client begins with b'API\\x00'"),
        ([Record(0, 1, Kind.SERVER, frame(b"no"))], "the handshake: has no version and time of the server"),
        ([Record(0, 1, Kind.SERVER, frame(b"178\0"))], "the handshake: has no version and time of the server"),
        (
            [Record(0, 1, Kind.CLIENT, hello()), Record(0, 1, Kind.CLIENT, frame(b"71\0"))],
            "a message: comes before the handshake is done",
        ),
    ],
)
def test_what_is_no_handshake(tmp_path: Path, made: list[Record], told: str) -> None:
    made.append(Record(1, 1, made[-1].kind, b"\xff" * 4 if b"GET" in made[-1].payload else b""))
    *_, last = [one.message for one in read_tape(write(tmp_path / "a.tape", made)).messages()]
    assert isinstance(last, Undecodable)
    assert str(last.error).startswith(told)


def test_a_cut_tape_tells_where(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tape", records(178, (1, SERVER, CurrentTime(7))))
    path.write_bytes(path.read_bytes()[:-1])
    tape = read_tape(path)
    assert tape.damage is not None
    assert (tape.damage.record, tape.damage.reason) == (5, "the file ends in the record")
    assert [one.message for one in tape.messages()][1:] == [Opened(178, "20261120 10:30:00 EST")]


def test_what_is_no_tape_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"something else")
    tape = read_tape(tmp_path / "x")
    assert isinstance(tape.damage, Damage)
    assert (tape.header, tape.start, list(tape.records()), list(tape.messages())) == (None, None, [], [])
    with pytest.raises(FileNotFoundError):
        read_tape(tmp_path / "y")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            Record,
            st.integers(0, 9),
            st.integers(1, 2),
            st.sampled_from(Kind),
            st.one_of(st.binary(max_size=20), st.just(hello()), st.just(answer(178)), st.just(answer(225))),
        ),
        max_size=8,
    )
)
def test_anything_on_a_tape_can_be_read(tmp_path: Path, made: list[Record]) -> None:
    tape = read_tape(write(tmp_path / "a.tape", made))
    assert list(tape.records()) == made
    for one in tape.messages():
        assert one.connection in (1, 2)


def test_the_names_of_the_room() -> None:
    assert [name for name in tape.__all__ if not hasattr(tape, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tape.nothing  # noqa: B018
