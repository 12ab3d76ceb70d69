"""What bytes are that somebody has found: frames with or without a handshake, or one payload; not what they mean."""

from dataclasses import dataclass

from ibdesk.errors import ProtocolError
from ibdesk.session.connection import PREFIX
from ibdesk.tape.stream import agreed_version
from ibdesk.wire import versions as V
from ibdesk.wire.frames import Unframer


@dataclass(frozen=True, slots=True)
class Found:
    """The payloads in some bytes, and what they tell of themselves."""

    hello: bytes | None
    """The payload in which an end began the connection, if it is there."""
    is_client: bool | None
    """Who sent them, if that is to be seen."""
    version: int | None
    """The server version, if the server's handshake is there."""
    payloads: list[bytes]
    rest: int
    """Bytes of a frame that is not whole."""


def take_apart(data: bytes) -> Found:
    """Bytes of one end: a stream from its handshake on, whole frames, or one payload. Raises ValueError if empty."""
    if not data:
        raise ValueError("there is nothing to explain: not one byte")
    if data.startswith(PREFIX):
        payloads, rest = _frames(data[len(PREFIX) :])
        return Found(payloads[0] if payloads else b"", True, None, payloads[1:], rest)
    payloads, rest = _frames(data)
    if not payloads:
        return Found(None, None, None, [data], 0)
    version = _greeting(payloads[0])
    if version is not None:
        return Found(payloads[0], False, version, payloads[1:], rest)
    return Found(None, None, None, payloads, rest)


def likely_version(payload: bytes) -> int:
    """The newest server version whose messages begin like this one: with digits and NUL, or with four bytes."""
    head, terminator, _ = payload.partition(b"\0")
    return V.PROTOBUF - 1 if terminator and head.isdigit() else V.MAX


def _frames(data: bytes) -> tuple[list[bytes], int]:
    unframer = Unframer()
    try:
        return unframer.feed(data), unframer.pending
    except ProtocolError:
        return [], 0


def _greeting(payload: bytes) -> int | None:
    """The server version of a server's handshake: two fields, the second a time with a space in it."""
    fields = payload.split(b"\0")
    return agreed_version(payload) if len(fields) == 3 and not fields[2] and b" " in fields[1] else None
