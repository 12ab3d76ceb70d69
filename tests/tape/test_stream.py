"""Streams of both ends, in pieces of any size."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.errors import HandshakeError, ProtocolError
from ibdesk.tape.stream import Stream, agreed_version
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
