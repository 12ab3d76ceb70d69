"""The file format of tapes: header, records and checksums, and how damage is found.

::

    ibdesk tape 1\\n                                   the magic line; 1 is the version of the format
    {"start": "2026-11-20T15:30:00.000000+00:00", ...}\\n   the header: JSON on one line
    CRC32 of the two lines, 4 bytes
    records to the end of the file:
        time        8 bytes  microseconds since the start; in each connection it never decreases
        connection  4 bytes  counted from 1
        kind        1 byte   + connected, C from the client, S from the server, V server version, - closed
        length      4 bytes  of the payload
        payload
        CRC32       4 bytes  of all of the record before it

All numbers are unsigned and big-endian. A tape that was cut off or is damaged can be read up to that place.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from struct import Struct
from typing import Any, BinaryIO
from zlib import crc32

from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import MAX_LENGTH

MAGIC = b"ibdesk tape 1\n"
FAMILY = b"ibdesk tape "
"""The beginning of tapes in any version of the format."""

LONGEST_HEADER = 64 * 1024
"""The longest JSON line, in bytes."""

LONGEST_PAYLOAD = MAX_LENGTH + 16
"""The longest payload of a record, in bytes: the longest frame of the protocol, its length, and `API\\0`."""

_head = Struct(">QIcI")
_checksum = Struct(">I")


class Kind(Enum):
    """What kind of fact a record holds."""

    CONNECTED = b"+"
    """A connection was made. The payload says with which peer."""
    CLIENT = b"C"
    """Whole frames of the client, as they were sent. `API\\0` stands before the first."""
    SERVER = b"S"
    """Whole frames of the server, as they were sent."""
    VERSION = b"V"
    """The server version that both ends agreed on, in decimal digits."""
    CLOSED = b"-"
    """The connection, or its recording, ended. The payload says who ended it, or why."""

    @property
    def sender(self) -> Sender | None:
        """The end that sent the payload, None for a record that neither sent."""
        return {Kind.CLIENT: Sender.CLIENT, Kind.SERVER: Sender.SERVER}.get(self)


@dataclass(frozen=True, slots=True)
class Header:
    """What a tape says about itself. `start` is a datetime in UTC."""

    start: datetime
    program: str = ""
    scrubbed: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a tape. `time` is in microseconds since the tape's start."""

    time: int
    connection: int
    kind: Kind
    payload: bytes

    @property
    def seconds(self) -> float:
        """Seconds since the tape's start."""
        return self.time / 1e6


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a tape stops being readable, and why. `record` counts from 1; 0 is the header."""

    offset: int
    record: int
    reason: str

    def __str__(self) -> str:
        if not self.record:
            return f"this is no tape that can be read: {self.reason}"
        return f"the tape is readable up to byte {self.offset}, where record {self.record} begins: {self.reason}"


def encode_header(header: Header) -> bytes:
    """Return the bytes with which a tape begins."""
    facts = {"start": header.start.isoformat("T", "microseconds"), "program": header.program}
    lines = MAGIC + json.dumps(facts | {"scrubbed": header.scrubbed}).encode() + b"\n"
    return lines + _checksum.pack(crc32(lines))


def encode_record(record: Record) -> bytes:
    """Return the bytes of a record. Raises ValueError if its payload is too long."""
    if len(record.payload) > LONGEST_PAYLOAD:
        raise ValueError(f"a record holds {LONGEST_PAYLOAD} bytes at most, not {len(record.payload)}")
    head = _head.pack(record.time, record.connection, record.kind.value, len(record.payload))
    body = head + record.payload
    return body + _checksum.pack(crc32(body))


def read_header(file: BinaryIO) -> Header | Damage:
    """Read the header at the beginning of a file, and leave the file positioned after it."""
    # Each test has a message of its own, so that a user learns whether this is another file, a newer tape or a cut one.
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        if MAGIC.startswith(magic):
            return Damage(0, 0, "the file ends in its first line")
        if magic.startswith(FAMILY):
            return Damage(0, 0, f"its format is {magic[len(FAMILY) :].strip()!r}; this ibdesk reads format 1")
        return Damage(0, 0, f"it begins with {magic!r}, not with {MAGIC!r}")
    line = file.readline(LONGEST_HEADER)
    checksum = file.read(_checksum.size)
    if not line.endswith(b"\n"):
        return Damage(len(MAGIC), 0, "the line of JSON has no end")
    if len(checksum) < _checksum.size:
        return Damage(len(MAGIC), 0, "the file ends in the header")
    if _checksum.unpack(checksum) != (crc32(MAGIC + line),):
        return Damage(len(MAGIC), 0, "the checksum of the header is wrong")
    try:
        return _header(json.loads(line))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return Damage(len(MAGIC), 0, "the line of JSON has no readable start")


def _header(facts: dict[str, Any]) -> Header:
    start = datetime.fromisoformat(facts["start"])
    if start.tzinfo is None:
        raise ValueError("a time without its zone")
    return Header(start.astimezone(UTC), str(facts.get("program", "")), facts.get("scrubbed") is True)


def read_records(file: BinaryIO) -> Iterator[Record | Damage]:
    """Return the records of a file that is positioned after its header and, if it is damaged, the damage at the end."""
    number = 1
    while (found := read_record(file, number)) is not None:
        yield found
        if isinstance(found, Damage):
            return
        number += 1


def read_record(file: BinaryIO, number: int = 0) -> Record | Damage | None:
    """Read the record at which a file is positioned. Returns None at the end of the file.

    `number` is the number of the record, to be named if it is damaged.
    """
    # The length is checked before the payload is read, so that a damaged length does not fill the memory.
    offset = file.tell()
    head = file.read(_head.size)
    if not head:
        return None
    if len(head) < _head.size:
        return Damage(offset, number, "the file ends in the record")
    time, connection, kind, length = _head.unpack(head)
    if length > LONGEST_PAYLOAD:
        return Damage(offset, number, f"it announces {length} bytes; the longest record has {LONGEST_PAYLOAD}")
    payload, checksum = file.read(length), file.read(_checksum.size)
    if len(checksum) < _checksum.size:
        return Damage(offset, number, "the file ends in the record")
    if _checksum.unpack(checksum) != (crc32(head + payload),):
        return Damage(offset, number, "the checksum is wrong")
    try:
        return Record(time, connection, Kind(kind), payload)
    except ValueError:
        return Damage(offset, number, f"its kind is {kind!r}, which is not in use")
