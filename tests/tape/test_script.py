"""What a recorded connection asks of who plays it, and how a live client is held beside the recorded one."""

from pathlib import Path

from tape.tapes import answer, framed, hello, records, write

from ibdesk.tape import Kind, Record, read_tape
from ibdesk.tape.script import Comparison, Outline, Piece, Script, load, outlines
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.connection import CurrentTime, ReqCurrentTime, ReqIds, StartApi

CLIENT, SERVER = Sender.CLIENT, Sender.SERVER


def requests(*messages: object) -> list[bytes]:
    """Payloads of a client at version 178."""
    return [Codec(SERVER, 178).encode(message) for message in messages]


def test_a_script(tmp_path: Path) -> None:
    both = framed(CLIENT, 178, StartApi(1), ReqCurrentTime())
    made = records(
        178, (1, CLIENT, both[:9]), (2, SERVER, CurrentTime(7)), (3, CLIENT, both[9:]), (4, SERVER, CurrentTime(8))
    )
    made += records(225, connection=2, ended_by="server")
    made += [
        Record(9, 3, Kind.CONNECTED, b""),
        Record(9, 3, Kind.CLIENT, hello()),
        Record(9, 3, Kind.CLOSED, b"client"),
    ]
    tape = read_tape(write(tmp_path / "a.tape", made))
    assert outlines(tape) == {1: Outline(178, 3), 2: Outline(225, 1)}
    assert load(tape, 1) == Script(
        1,
        178,
        0,
        [
            Piece(0, answer(178), 1),
            Piece(2_000_000, framed(SERVER, 178, CurrentTime(7)), 1),
            Piece(4_000_000, framed(SERVER, 178, CurrentTime(8)), 3),
        ],
        [b"v157..225", *requests(StartApi(1), ReqCurrentTime())],
        "",
    )
    assert load(tape, 2).ended_by == "server"


def test_a_script_of_what_is_not_tws_ends_there(tmp_path: Path) -> None:
    made = [*records(178), Record(1, 1, Kind.CLIENT, b"\xff" * 9), Record(2, 1, Kind.SERVER, b"x")]
    assert len(load(read_tape(write(tmp_path / "a.tape", made)), 1).pieces) == 1


def test_the_same_requests_in_another_order_are_the_same() -> None:
    recorded = requests(StartApi(1), ReqIds(), ReqCurrentTime(), ReqIds())
    comparison = Comparison(Script(1, 178, 0, [], [b"v157", *recorded]))
    for payload in (recorded[0], recorded[2], recorded[1], recorded[3]):
        assert comparison.differs(payload) == ""
    assert (comparison.missing, comparison.next_expected()) == (0, "(nothing)")


def test_other_requests_are_told_beside_the_recorded_one() -> None:
    start, ids, now, other = requests(StartApi(1), ReqIds(), ReqCurrentTime(), StartApi(2))
    comparison = Comparison(Script(1, 178, 0, [], [b"v157", start, ids]))
    assert comparison.differs(other) == (
        "the client sends what the tape does not have:\n"
        "  StartApi, message 71 of the client at version 178, 3 fields of text\n"
        "    0  (out of use)          '2'\n"
        "    1  clientId              '2'\n"
        "    2  optionalCapabilities  ''\n"
        "next on the tape is:\n"
        "  StartApi, message 71 of the client at version 178, 3 fields of text\n"
        "    0  (out of use)          '2'\n"
        "    1  clientId              '1'\n"
        "    2  optionalCapabilities  ''"
    )
    assert comparison.differs(ids) == ""
    assert comparison.missing == 1
    assert comparison.next_expected().startswith("  StartApi, ")
    assert comparison.differs(start) == ""
    assert "next on the tape" not in comparison.differs(now)
