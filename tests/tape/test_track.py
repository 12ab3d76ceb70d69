"""What goes on a tape: whole frames, whatever the pieces; nothing before the accounts are known."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tape.tapes import answer, framed, hello

from ibdesk.model.contract import Contract
from ibdesk.model.order import Order
from ibdesk.tape.format import Kind, Record
from ibdesk.tape.scrub import Scrubber
from ibdesk.tape.track import LONGEST_RECORD, MOST_HELD, Track
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.accounts import ReqAccountUpdates
from ibdesk.wire.messages.connection import CurrentTime, Error, ManagedAccounts, ReqCurrentTime, StartApi
from ibdesk.wire.messages.orders import PlaceOrder

CLIENT, SERVER = Kind.CLIENT, Kind.SERVER


def taken(track: Track, *pieces: tuple[Kind, bytes]) -> list[tuple[int, Kind, bytes]]:
    """(time, kind, payload) of the records, when a piece comes each microsecond."""
    made = [record for time, (kind, data) in enumerate(pieces) for record in track.take(time, kind, data)]
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
    assert taken(Track(3, None), *pieces) == [
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
    track, made, left = Track(3, Scrubber() if scrub else None), [], {CLIENT: client, SERVER: server}
    while left[CLIENT] or left[SERVER]:
        kind = data.draw(st.sampled_from([kind for kind in left if left[kind]]))
        size = data.draw(st.integers(1, len(left[kind])))
        made += track.take(0, kind, left[kind][:size])
        left[kind] = left[kind][size:]
    for kind, sent in ((CLIENT, client), (SERVER, server)):
        told = b"".join(record.payload for record in made if record.kind is kind)
        assert told == (sent.replace(b"DU1234567", b"DU0000001") if scrub else sent)


def test_an_account_that_the_client_named_before_the_server_did_is_not_there() -> None:
    """Not even one that looks like nothing, in a text of the user's."""
    track = Track(3, Scrubber())
    order = PlaceOrder(1, Contract(), Order(orderRef="for paul7"))
    early = taken(
        track,
        (Kind.CONNECTED, b"there"),
        (CLIENT, hello("v157..225 for=paul7")),
        (SERVER, answer(178)),
        (CLIENT, framed(Sender.CLIENT, 178, StartApi(1), order)),
    )
    assert early == [(0, Kind.CONNECTED, b"there")]
    late = taken(track, (SERVER, framed(Sender.SERVER, 178, ManagedAccounts("paul7,"))))
    assert [kind for _, kind, _ in late] == [CLIENT, SERVER, Kind.VERSION, CLIENT, SERVER]
    told = b"".join(payload for _, _, payload in late)
    assert b"paul7" not in told
    assert told.count(b"XXXX1") == 3


def test_what_has_no_id_does_not_name_the_accounts() -> None:
    track = Track(3, Scrubber())
    assert taken(track, (CLIENT, hello()), (SERVER, answer(225)), (SERVER, frame(b"\0\0"))) == []


def test_what_is_held_back_comes_at_the_end() -> None:
    track = Track(3, Scrubber())
    assert taken(track, (CLIENT, hello())) == []
    assert taken(track, (Kind.CLOSED, b"server")) == [(0, CLIENT, hello()), (0, Kind.CLOSED, b"server")]


def test_no_more_is_held_back_than_there_is_room_for() -> None:
    track = Track(3, Scrubber())
    long = frame(b"999\0" + b"x" * (MOST_HELD // 2) + b"\0")
    assert taken(track, (CLIENT, hello()), (SERVER, answer(178)), (SERVER, long)) == []
    assert len(taken(track, (SERVER, long))) == 5


def test_what_is_not_tws_goes_on_the_tape_as_it_came() -> None:
    pieces = [(CLIENT, b"GET / HTTP/1.1\r\n"), (CLIENT, b"\r\n"), (Kind.CLOSED, b"server")]
    assert taken(Track(3, None), *pieces) == [(time, *piece) for time, piece in enumerate(pieces)]


def test_what_is_not_tws_cannot_be_scrubbed_and_is_left_out() -> None:
    pieces = [(CLIENT, hello()), (SERVER, b"HTTP/1.1 DU1234567"), (SERVER, b"more"), (Kind.CLOSED, b"server")]
    assert taken(Track(3, Scrubber()), *pieces) == [(0, CLIENT, hello()), (3, Kind.CLOSED, b"server")]


def test_a_server_that_tells_no_version() -> None:
    track = Track(3, None)
    pieces = [(CLIENT, hello()), (SERVER, frame(b"no\0")), (SERVER, frame(b"15\x001\0DU1\0"))]
    assert [kind for _, kind, _ in taken(track, *pieces)] == [CLIENT, SERVER, SERVER]


def test_long_data_is_told_in_several_records() -> None:
    frames = [frame(b"999\0" + b"x" * size + b"\0") for size in (LONGEST_RECORD - 100, 200, 300, 1 << 20)]
    track = Track(3, None)
    list(track.take(0, SERVER, answer(178)))
    made: list[Any] = list(track.take(0, SERVER, b"".join(frames)))
    assert made == [Record(0, 3, SERVER, data) for data in (frames[0], frames[1] + frames[2], frames[3])]
