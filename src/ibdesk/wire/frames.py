"""How a byte stream is cut into payloads: a length of four bytes, big end first, then that many; not what they mean."""

from struct import Struct

from ibdesk.errors import ProtocolError

_length_at = Struct("!I").unpack_from

MAX_LENGTH = 0xFFFFFF
"""The longest payload of the protocol (16 MiB less a byte; `MAX_MSG_LEN` of the official client)."""


def frame(payload: bytes) -> bytes:
    """`payload` with its length before it, as it goes on the wire."""
    return len(payload).to_bytes(4, "big") + payload


MOST_PIECES = 4096
"""So many pieces of a payload are kept apart. Each costs more than the bytes in it when a peer sends one at a time."""


class Unframer:
    """Collects what arrives, in pieces of any size, and gives back whole payloads."""

    __slots__ = ("_missing", "_pieces", "fault")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._missing = 0
        self.fault: ProtocolError | None = None
        """Why the stream cannot be resumed, once that has been found behind the payloads that `feed` returned."""

    def feed(self, data: bytes) -> list[bytes]:
        """Add `data` and return the payloads that are now complete, in order.

        A length above `MAX_LENGTH` is a `ProtocolError`: the stream is then not TWS and cannot be resumed. It is
        raised, or, where there are payloads before it, kept as `fault` and raised the next time.
        """
        if self.fault:
            raise self.fault
        if self._pieces:
            self._pieces.append(data)
            self._missing -= len(data)
            if self._missing > 0:
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
        """Bytes of a payload that is not complete yet."""
        return sum(map(len, self._pieces))
