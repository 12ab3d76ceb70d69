"""What fuzzing has found and somebody has mended: the bytes, and what was wrong then. See `tests/fuzz_decoders.py`."""

from typing import NamedTuple

from wire.fuzzing import Case

from ibdesk.wire.catalogue import Sender


class Found(NamedTuple):
    """A finding: the entry whose judge found it, its kind, and the case."""

    entry: str
    kind: str
    case: Case


FOUND = (
    # A tick type that is a text: "Last".
    Found("explain", "TypeError in explain.py:meaning", Case(Sender.CLIENT, 165, b"97\0" + b"\0" * 15)),
    # Bytes where a number belongs, which a packed list may be.
    Found("explain", "TypeError in explain.py:meaning", Case(Sender.SERVER, 225, b"\0\0\0\xf5\x12\0")),
    Found("explain", "TypeError in codes.py:find", Case(Sender.SERVER, 225, b"\0\0\0\xcc\x1a\0")),
    # A start at the end of all years, which is in the year 10000 elsewhere.
    Found(
        "tape",
        "OverflowError in format.py:_header",
        Case(Sender.SERVER, 225, b'ibdesk tape 1\n{"start": "9999-12-31T23:59:59-14:00"}\n\n\xfd+\x97'),
    ),
    # A whole number without end.
    Found(
        "explain",
        "OverflowError in scalars.py:_plain_int",
        Case(Sender.SERVER, 218, b"\x00\x00\x01\x032\x051e999"),
    ),
)
