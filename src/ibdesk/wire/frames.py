"""Cuts a byte stream into payloads. Each has its length before it, as four bytes in big-endian order."""

from struct import Struct

from ibdesk.errors import ProtocolError

_length_at = Struct("!I").unpack_from

MAX_LENGTH = 0xFFFFFF
"""The longest payload of the protocol: 16 MiB less one byte (`MAX_MSG_LEN` in the official client)."""


def frame(payload: bytes) -> bytes:
    """Return `payload` with its length before it, as it goes on the wire."""
    return len(payload).to_bytes(4, "big") + payload


MOST_PIECES = 4096
"""How many pieces of an incomplete payload are kept apart before they are joined.

Each piece costs more memory than its bytes when a peer sends one byte at a time.
"""


class Unframer:
    """Collects the bytes that arrive, in pieces of any size, and returns complete payloads."""

    __slots__ = ("_missing", "_pieces", "fault")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._missing = 0
        self.fault: ProtocolError | None = None
        """The error after which nothing can be read any more, kept while payloads that came before it are returned."""

    def feed(self, data: bytes) -> list[bytes]:
        """Add `data` and return the payloads that are now complete, in order.

        Raises `ProtocolError` for a length above `MAX_LENGTH`: the peer does not speak TWS then, and nothing after it
        can be read. When `data` has complete payloads before that length, these are returned first, and the error is
        kept as `fault` and raised by the next call.
        """
        if self.fault:
            raise self.fault
        if self._pieces:
            self._pieces.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                # Joining at every call would copy a long payload again and again.
                if len(self._pieces) > MOST_PIECES:
                    self._pieces[:] = [b"".join(self._pieces)]
                return []
            data = b"".join(self._pieces)
            self._pieces.clear()
        payloads: list[bytes] = []
        start, end, stop = 0, len(data), 4
        while stop <= end:
            (length,) = _length_at(data, start)
            if length > MAX_LENGTH:
                self.fault = ProtocolError(f"a frame of {length} bytes was announced; the longest is {MAX_LENGTH}")
                if payloads:
                    return payloads
                raise self.fault
            stop = start + 4 + length
            if stop > end:
                break
            payloads.append(data[start + 4 : stop])
            start, stop = stop, stop + 4
        if start < end:
            self._pieces.append(data[start:])
            self._missing = stop - end
        return payloads

    @property
    def pending(self) -> int:
        """The number of bytes that have arrived of the incomplete payload."""
        return sum(map(len, self._pieces))
