"""Bytes that somebody found: what they are."""

import pytest

from ibdesk.tape.pieces import Found, likely_version, take_apart
from ibdesk.wire import versions as V
from ibdesk.wire.frames import frame


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"49\x001\x007\0", Found(None, None, None, [b"49\x001\x007\0"], 0)),
        (frame(b"49\x001\x007\0"), Found(None, None, None, [b"49\x001\x007\0"], 0)),
        (frame(b"a\0") + frame(b"b\0") + b"\0\0", Found(None, None, None, [b"a\0", b"b\0"], 2)),
        (b"API\0" + frame(b"v100..225") + frame(b"71\0"), Found(b"v100..225", True, None, [b"71\0"], 0)),
        (b"API\0" + b"\0\0", Found(b"", True, None, [], 2)),
        (
            frame(b"178\x0020261120 10:30:00 EST\0") + frame(b"9\x001\x001\0"),
            Found(b"178\x0020261120 10:30:00 EST\0", False, 178, [b"9\x001\x001\0"], 0),
        ),
        (b"\0\0\0\xd1\x08\x01", Found(None, None, None, [b"\0\0\0\xd1\x08\x01"], 0)),
    ],
)
def test_what_bytes_are(data: bytes, found: Found) -> None:
    assert take_apart(data) == found


def test_nothing_is_nothing() -> None:
    with pytest.raises(ValueError, match="not one byte"):
        take_apart(b"")


def test_a_version_is_guessed_from_the_first_bytes() -> None:
    assert likely_version(b"49\x001\0") == V.PROTOBUF - 1
    assert likely_version(b"\0\0\0\xd1\x08\x01") == V.MAX
