"""Frames: every payload comes out whole, however the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.errors import ProtocolError
from ibdesk.wire.frames import MAX_LENGTH, Unframer, frame


def test_a_frame_is_its_length_and_the_payload() -> None:
    assert frame(b"49\x001\x00") == b"\x00\x00\x00\x0549\x001\x00"
    assert frame(b"") == b"\0\0\0\0"


@given(st.lists(st.binary(max_size=20), max_size=6), st.lists(st.integers(1, 9), min_size=1))
def test_pieces_of_any_size(payloads: list[bytes], sizes: list[int]) -> None:
    stream, unframer, found = b"".join(map(frame, payloads)), Unframer(), []
    while stream:
        size = sizes[len(stream) % len(sizes)]
        found += unframer.feed(stream[:size])
        stream = stream[size:]
    assert found == payloads
    assert unframer.pending == 0


def test_what_is_pending() -> None:
    unframer = Unframer()
    assert unframer.feed(b"\0\0\0\x05ab") == []
    assert unframer.pending == 6
    assert unframer.feed(b"cde\0\0") == [b"abcde"]
    assert unframer.pending == 2


def test_the_longest_payload() -> None:
    unframer = Unframer()
    assert unframer.feed(MAX_LENGTH.to_bytes(4, "big")) == []
    with pytest.raises(ProtocolError, match="a frame of 16777216 bytes was announced; the longest is 16777215"):
        Unframer().feed((MAX_LENGTH + 1).to_bytes(4, "big"))


def test_what_stands_before_damage_is_not_lost() -> None:
    unframer = Unframer()
    assert unframer.feed(frame(b"hello") + b"\xff\xff\xff\xff") == [b"hello"]
    assert "4294967295 bytes" in str(unframer.fault)
    with pytest.raises(ProtocolError, match="4294967295 bytes"):
        unframer.feed(b"")
