"""What of a connection's traffic goes on a tape, and as which records; not where the tape is, nor who talks.

Only whole frames do, so that a tape can be scrubbed and read frame by frame. What is not TWS goes on a tape as it
came, or not at all when accounts are to be kept off. Then nothing is handed out either before the server has named
the accounts, so that what the client sent earlier is known for what it is.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ibdesk.errors import DecodeError, ProtocolError
from ibdesk.session.connection import PREFIX
from ibdesk.tape.format import Kind, Record
from ibdesk.tape.scrub import Scrubber, without_credentials
from ibdesk.tape.stream import Stream, agreed_version
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import ManagedAccounts

MOST_HELD = 4 * 1024 * 1024
"""Bytes that are held back, at most, until the accounts are named."""

LONGEST_RECORD = 64 * 1024
"""Bytes up to which the frames of one piece of data share a record."""


class Track:
    """One connection, on its way to a tape."""

    def __init__(self, number: int, scrubber: Scrubber | None) -> None:
        """`scrubber`: who puts stand-ins in place of accounts; None leaves them."""
        self._number, self._scrubber = number, scrubber
        self._streams = {sender: Stream(sender) for sender in Sender}
        self._greeted: set[Sender] = set()
        self._broken: set[Sender] = set()
        self._version: int | None = None
        self._held: list[_Piece] | None = None if scrubber is None else []
        self._held_bytes = 0

    def take(self, time: int, kind: Kind, data: bytes) -> Iterator[Record]:
        """What happened at a time, in microseconds since the tape's start; the records that can be written now."""
        sender = kind.sender
        if sender is None:
            if kind is Kind.CLOSED:
                yield from self._release()
            yield Record(time, self._number, kind, self._told(kind, data))
        elif sender in self._broken:
            yield from self._raw(time, kind, data)
        else:
            try:
                payloads = self._streams[sender].feed(data)
            except ProtocolError:
                self._broken.add(sender)
                yield from self._release()
                yield from self._raw(time, kind, data)
            else:
                if payloads:
                    yield from self._hold(_Piece(time, kind, sender, payloads, sender not in self._greeted))

    def _told(self, kind: Kind, data: bytes) -> bytes:
        """With whom the connection was made, or why it ended."""
        if self._scrubber is None:
            return data
        return self._scrubber.scrub_peer(data) if kind is Kind.CONNECTED else self._scrubber.scrub_reason(data)

    def _raw(self, time: int, kind: Kind, data: bytes) -> Iterator[Record]:
        if self._scrubber is None:
            yield Record(time, self._number, kind, data)

    def _hold(self, piece: "_Piece") -> Iterator[Record]:
        self._greeted.add(piece.sender)
        if piece.greets and piece.sender is Sender.SERVER:
            self._version = agreed_version(piece.payloads[0])
        if self._held is None:
            yield from self._records(piece)
            return
        self._held.append(piece)
        self._held_bytes += sum(map(len, piece.payloads))
        named = piece.sender is Sender.SERVER and any(map(self._names_accounts, piece.payloads))
        if named or self._held_bytes > MOST_HELD:
            yield from self._release()

    def _names_accounts(self, payload: bytes) -> bool:
        codec = Codec(Sender.SERVER, self._version or 0)
        try:
            description, _ = codec.describe(codec.split_id(payload)[0])
        except DecodeError:
            return False
        return description is of(ManagedAccounts)

    def _release(self) -> Iterator[Record]:
        held, self._held = self._held, None
        if held is None:
            return
        assert self._scrubber is not None
        for piece in held:
            for payload in piece.payloads[piece.greets :]:
                self._scrubber.learn(payload, piece.sender, self._version or 0)
        for piece in held:
            yield from self._records(piece)

    def _records(self, piece: "_Piece") -> Iterator[Record]:
        data = b""
        for index, payload in enumerate(piece.payloads):
            if data and len(data) + len(payload) > LONGEST_RECORD:
                yield Record(piece.time, self._number, piece.kind, data)
                data = b""
            if piece.greets and index == 0:
                data = self._greeting(piece.sender, payload)
            else:
                data += frame(self._cleaned(piece.sender, payload))
        yield Record(piece.time, self._number, piece.kind, data)
        if piece.greets and piece.sender is Sender.SERVER and self._version is not None:
            yield Record(piece.time, self._number, Kind.VERSION, str(self._version).encode())

    def _greeting(self, sender: Sender, payload: bytes) -> bytes:
        cleaned = payload if self._scrubber is None else self._scrubber.scrub_text(payload)
        return (PREFIX if sender is Sender.CLIENT else b"") + frame(cleaned)

    def _cleaned(self, sender: Sender, payload: bytes) -> bytes:
        version = self._version or 0
        cleaned = without_credentials(payload, sender, version)
        return cleaned if self._scrubber is None else self._scrubber.scrub(cleaned, sender, version)


class _Piece(NamedTuple):
    """The payloads that one piece of data completed."""

    time: int
    kind: Kind
    sender: Sender
    payloads: list[bytes]
    greets: bool
    """Is the first of them the handshake?"""
