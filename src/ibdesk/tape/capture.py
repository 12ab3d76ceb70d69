"""Payloads in captured bytes: in the stream of one end of a connection, and in bytes of unknown origin."""

from dataclasses import dataclass

from ibdesk.errors import HandshakeError, ProtocolError
from ibdesk.session.connection import PREFIX
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import Unframer


class Stream:
    """The bytes that one end of a connection sends, from the first byte on, cut into payloads.

    The first payload belongs to the handshake; a client sends `API\\0` before it.
    """

    def __init__(self, sender: Sender) -> None:
        self._unframer = Unframer()
        self._missing = PREFIX if sender is Sender.CLIENT else b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the payloads that these bytes complete.

        Raises `ProtocolError` for bytes that are not TWS. After that, nothing more can be read.
        """
        length = min(len(self._missing), len(data))
        if data[:length] != self._missing[:length]:
            raise HandshakeError(f"a client begins with {PREFIX!r}; this one sent {data[:20]!r}")
        self._missing = self._missing[length:]
        return self._unframer.feed(data[length:])


def agreed_version(payload: bytes) -> int | None:
    """Return the server version that a server's first payload names, or None if it names none."""
    digits = payload.partition(b"\0")[0]
    return int(digits) if digits.isdigit() and len(digits) < 10 else None


@dataclass(frozen=True, slots=True)
class Capture:
    """The payloads in bytes of unknown origin, and what these bytes show about themselves."""

    hello: bytes | None
    """The payload of the handshake; None if the bytes do not begin with it."""
    is_client: bool | None
    """Whether the client sent them; None if the bytes do not show it."""
    version: int | None
    """The server version; None if the bytes do not begin with the server's handshake."""
    payloads: list[bytes]
    rest: int
    """The number of bytes at the end that belong to an incomplete frame."""


def read_capture(data: bytes) -> Capture:
    """Find the payloads in bytes that one end sent.

    The bytes may be a stream from its handshake on, whole frames, or one payload without its length. Raises
    ValueError if there are none.
    """
    if not data:
        raise ValueError("there is nothing to explain: not one byte")
    if data.startswith(PREFIX):
        payloads, rest = _frames(data[len(PREFIX) :])
        return Capture(payloads[0] if payloads else b"", True, None, payloads[1:], rest)
    payloads, rest = _frames(data)
    if not payloads:
        return Capture(None, None, None, [data], 0)
    version = _greeting(payloads[0])
    if version is not None:
        return Capture(payloads[0], False, version, payloads[1:], rest)
    return Capture(None, None, None, payloads, rest)


def likely_version(payload: bytes) -> int:
    """Return the newest server version whose messages begin as this payload does.

    Older ones begin with an id in digits and a NUL, newer ones with an id in four bytes.
    """
    head, terminator, _ = payload.partition(b"\0")
    return V.PROTOBUF - 1 if terminator and head.isdigit() else V.MAX


def _frames(data: bytes) -> tuple[list[bytes], int]:
    unframer = Unframer()
    try:
        return unframer.feed(data), unframer.pending
    except ProtocolError:
        return [], 0


def _greeting(payload: bytes) -> int | None:
    """Return the version in a server's handshake, None if the payload is not one.

    A handshake has two fields: the version, and a time with a space in it.
    """
    fields = payload.split(b"\0")
    return agreed_version(payload) if len(fields) == 3 and not fields[2] and b" " in fields[1] else None
