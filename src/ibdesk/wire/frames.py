"""How a byte stream is cut into payloads: a length of four bytes, big end first, then that many; not what they mean."""

from ibdesk.errors import ProtocolError

MAX_LENGTH = 0xFFFFFF
"""The longest payload of the protocol (16 MiB less a byte; `MAX_MSG_LEN` of the official client)."""


def frame(payload: bytes) -> bytes:
    """`payload` with its length before it, as it goes on the wire."""
    return len(payload).to_bytes(4, "big") + payload


class Unframer:
    """Collects what arrives, in pieces of any size, and gives back whole payloads."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Add `data` and return the payloads that are now complete, in order.

        Raises `ProtocolError` when a length is above `MAX_LENGTH`: the stream is then not TWS and cannot be resumed.
        """
        buffer = self._buffer
        buffer += data
        payloads = []
        start, end = 0, len(buffer)
        while end - start >= 4:
            length = int.from_bytes(buffer[start : start + 4], "big")
            if length > MAX_LENGTH:
                raise ProtocolError(f"a frame of {length} bytes was announced; the longest is {MAX_LENGTH}")
            if end - start - 4 < length:
                break
            payloads.append(bytes(buffer[start + 4 : start + 4 + length]))
            start += 4 + length
        del buffer[:start]
        return payloads

    @property
    def pending(self) -> int:
        """Bytes of a payload that is not complete yet."""
        return len(self._buffer)
