"""How the bytes of one end become payloads, from the first byte of a connection on; not what any payload means."""

from ibdesk.errors import HandshakeError
from ibdesk.session.connection import PREFIX
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import Unframer


class Stream:
    """What one end sends. Its first payload belongs to the handshake; the client has `API\\0` before it."""

    def __init__(self, sender: Sender) -> None:
        self._unframer = Unframer()
        self._missing = PREFIX if sender is Sender.CLIENT else b""

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that are now complete. Raises `ProtocolError` for what is not TWS; the rest is then lost."""
        length = min(len(self._missing), len(data))
        if data[:length] != self._missing[:length]:
            raise HandshakeError(f"a client begins with {PREFIX!r}; this one sent {data[:20]!r}")
        self._missing = self._missing[length:]
        return self._unframer.feed(data[length:])


def agreed_version(payload: bytes) -> int | None:
    """The server version in the first payload of a server, if it is one."""
    digits = payload.partition(b"\0")[0]
    return int(digits) if digits.isdigit() and len(digits) < 10 else None
