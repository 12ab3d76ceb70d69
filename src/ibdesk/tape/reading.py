"""Reading tapes: their records, and the messages in them, as far as a tape is readable."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ibdesk.errors import DecodeError, ProtocolError
from ibdesk.session.connection import Opened, Undecodable
from ibdesk.tape.capture import Stream, agreed_version
from ibdesk.tape.format import Damage, Header, Record, read_header, read_record, read_records
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.text import split


@dataclass(frozen=True, slots=True)
class Hello:
    """The handshake of a client: the server versions that it speaks, and its connect options."""

    versions: str


@dataclass(frozen=True, slots=True)
class TapeMessage:
    """A message on a tape.

    `message` is what `session.Connection` returns for the payload: a message, `Unknown` or `Undecodable`. The handshake
    is `Hello` from the client and `Opened` from the server. `version` is 0 before the handshake.
    """

    time: float
    """Seconds since the tape's start."""
    connection: int
    sender: Sender
    message: Any
    payload: bytes
    version: int


class Decoder:
    """A decoder that makes messages of the records of a tape. It has to be given them in their order."""

    def __init__(self) -> None:
        self._connections: dict[int, _Connection] = {}

    def messages(self, record: Record) -> Iterator[TapeMessage]:
        """Return the messages that end in this record. Each is decoded when the iteration comes to it."""
        sender = record.kind.sender
        if sender is None:
            return
        known = self._connections.get(record.connection) or self._connections.setdefault(
            record.connection, _Connection()
        )
        for message, payload in known.take(sender, record.payload):
            yield TapeMessage(record.seconds, record.connection, sender, message, payload, known.version)


class _Connection:
    """The two directions of one connection."""

    def __init__(self) -> None:
        self.version = 0
        self._streams: dict[Sender, Stream | None] = {sender: Stream(sender) for sender in Sender}
        self._greeted: set[Sender] = set()
        self._codecs: dict[Sender, Codec] = {}

    def take(self, sender: Sender, data: bytes) -> Iterator[tuple[Any, bytes]]:
        stream = self._streams[sender]
        if stream is None:
            return
        try:
            payloads = stream.feed(data)
        except ProtocolError as error:
            self._streams[sender] = None
            yield Undecodable(DecodeError("the stream", text=str(error)), data), data
            return
        for payload in payloads:
            yield self._message(sender, payload), payload

    def _message(self, sender: Sender, payload: bytes) -> Any:
        if sender not in self._greeted:
            self._greeted.add(sender)
            if sender is Sender.CLIENT:
                return Hello(payload.decode("utf-8", "backslashreplace"))
            return self._opened(payload)
        if not self.version:
            return Undecodable(DecodeError("a message", text="comes before the handshake is done"), payload)
        try:
            return self._codecs[sender].decode(payload)
        except DecodeError as error:
            return Undecodable(error, payload)

    def _opened(self, payload: bytes) -> Any:
        version = agreed_version(payload)
        try:
            _, time, *_ = split(payload)
        except (DecodeError, ValueError):
            version, time = None, ""
        if version is None:
            return Undecodable(DecodeError("the handshake", text="has no version and time of the server"), payload)
        self.version = version
        self._codecs = {sender: Codec(sender, version) for sender in Sender}
        return Opened(version, time)


class Tape:
    """A recorded session. It is read from its file each time that something is asked for.

    A damaged tape raises nothing: `records` and `messages` end before the damage, and `damage` describes it. Only a
    file that cannot be read raises, with OSError.
    """

    def __init__(self, path: str | Path) -> None:
        """Read the header. Raises OSError if there is no such file."""
        self.path: Path = Path(path)
        with self.path.open("rb") as file:
            found = read_header(file)
        self.header: Header | None = found if isinstance(found, Header) else None
        """What the tape says about itself; None if the header is not readable, and then nothing else is."""
        self._damage: Damage | None = found if isinstance(found, Damage) else None
        self._is_looked_through = self.header is None

    @property
    def start(self) -> datetime | None:
        """When the recording began, in UTC."""
        return self.header.start if self.header else None

    @property
    def damage(self) -> Damage | None:
        """Where the tape was cut off or damaged, None if it was not. To find out, the whole file is read once."""
        if not self._is_looked_through:
            for _ in self.records():
                pass
        return self._damage

    def records(self) -> Iterator[Record]:
        """Return all readable records, in the order of the file."""
        return (record for _, record in self.located_records())

    def located_records(self) -> Iterator[tuple[int, Record]]:
        """Return all readable records, each with its offset in the file, which `records_at` takes."""
        if self.header is None:
            return
        with self.path.open("rb") as file:
            read_header(file)
            offset = file.tell()
            for found in read_records(file):
                if isinstance(found, Damage):
                    self._damage = found
                else:
                    yield offset, found
                offset = file.tell()
        self._is_looked_through = True

    def records_at(self, offsets: Iterable[int]) -> Iterator[Record]:
        """Return the records that begin at these offsets, up to the first one that is not readable."""
        with self.path.open("rb") as file:
            for offset in offsets:
                file.seek(offset)
                found = read_record(file)
                if not isinstance(found, Record):
                    return
                yield found

    def messages(self, connection: int | None = None) -> Iterator[TapeMessage]:
        """Return the messages of both ends, of one connection or all. Each is read when the iteration comes to it."""
        decoder = Decoder()
        for record in self.records():
            if connection in (None, record.connection):
                yield from decoder.messages(record)


def read_tape(path: str | Path) -> Tape:
    """Open the tape in a file. Raises OSError if there is no such file. For damage see `Tape.damage`."""
    return Tape(path)
