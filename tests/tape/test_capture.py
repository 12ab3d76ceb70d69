"""Payloads in captured bytes: in streams that come in pieces of any size, and in bytes that somebody found."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.errors import HandshakeError, ProtocolError
from ibdesk.tape.capture import Capture, Stream, agreed_version, likely_version, read_capture
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame


@given(st.lists(st.binary(max_size=9), max_size=4), st.data())
def test_payloads_come_out_however_the_bytes_were_cut(payloads: list[bytes], data: st.DataObject) -> None:
    for sender, prefix in ((Sender.CLIENT, b"API\0"), (Sender.SERVER, b"")):
        whole = prefix + b"".join(map(frame, payloads))
        cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6))), len(whole)]
        stream = Stream(sender)
        found = [one for start, end in pairwise(cuts) for one in stream.feed(whole[start:end])]
        assert found == payloads


def test_what_is_not_tws_is_refused() -> None:
    with pytest.raises(HandshakeError, match=r"a client begins with b'API\\x00'; this one sent b'GET / HTTP"):
        Stream(Sender.CLIENT).feed(b"GET / HTTP/1.1\r\n")
    with pytest.raises(ProtocolError, match="a frame of 1213486160 bytes"):
        Stream(Sender.SERVER).feed(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("payload", "version"), [(b"178\0now\0", 178), (b"\0", None), (b"x\0", None), (b"9999999999\0", None), (b"", None)]
)
def test_the_version_that_a_server_tells(payload: bytes, version: int | None) -> None:
    assert agreed_version(payload) == version


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"49\x001\x007\0", Capture(None, None, None, [b"49\x001\x007\0"], 0)),
        (frame(b"49\x001\x007\0"), Capture(None, None, None, [b"49\x001\x007\0"], 0)),
        (frame(b"a\0") + frame(b"b\0") + b"\0\0", Capture(None, None, None, [b"a\0", b"b\0"], 2)),
        (b"API\0" + frame(b"v100..225") + frame(b"71\0"), Capture(b"v100..225", True, None, [b"71\0"], 0)),
        (b"API\0" + b"\0\0", Capture(b"", True, None, [], 2)),
        (
            frame(b"178\x0020261120 10:30:00 EST\0") + frame(b"9\x001\x001\0"),
            Capture(b"178\x0020261120 10:30:00 EST\0", False, 178, [b"9\x001\x001\0"], 0),
        ),
        (b"\0\0\0\xd1\x08\x01", Capture(None, None, None, [b"\0\0\0\xd1\x08\x01"], 0)),
    ],
)
def test_what_bytes_are(data: bytes, found: Capture) -> None:
    assert read_capture(data) == found


def test_nothing_is_nothing() -> None:
    with pytest.raises(ValueError, match="not one byte"):
        read_capture(b"")


def test_a_version_is_guessed_from_the_first_bytes() -> None:
    assert likely_version(b"49\x001\0") == V.PROTOBUF - 1
    assert likely_version(b"\0\0\0\xd1\x08\x01") == V.MAX
