"""Reads and writes the bytes of a tape: header, records and checksums, and where a tape is damaged.

::

    ibdesk tape 1\\n                                   the magic line; 1 is the version of the format
    {"start": "2026-11-20T15:30:00.000000+00:00", ...}\\n   the header: JSON on one line
    CRC32 of the two lines, 4 bytes
    records to the end of the file:
        time        8 bytes  microseconds since the start, never less than in the record before of the connection
        connection  4 bytes  counted from 1
        kind        1 byte   + connected, C from the client, S from the server, V server version, - closed
        length      4 bytes  of the payload
        payload
        CRC32       4 bytes  of all of the record before it

All numbers are unsigned, big end first. A tape that was cut, or is damaged, is good up to there.
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
"""How tapes of every format begin."""

LONGEST_HEADER = 64 * 1024
"""Bytes of the JSON line, at most."""

LONGEST_PAYLOAD = MAX_LENGTH + 16
"""Bytes of a record's payload, at most: the longest frame of the protocol, with its length and what goes before."""

_head = Struct(">QIcI")
_checksum = Struct(">I")


class Kind(Enum):
    """What a record tells."""

    CONNECTED = b"+"
    """A connection was made; the payload says with whom."""
    CLIENT = b"C"
    """Whole frames of the client, as they were sent. The first has `API\\0` before it."""
    SERVER = b"S"
    """Whole frames of the server, as they were sent."""
    VERSION = b"V"
    """The server version that both ends agreed on, in decimal digits."""
    CLOSED = b"-"
    """The connection, or the recording of it, ended; the payload says who did it, or why."""

    @property
    def sender(self) -> Sender | None:
        """Which end sent the payload, if either did."""
        return {Kind.CLIENT: Sender.CLIENT, Kind.SERVER: Sender.SERVER}.get(self)


@dataclass(frozen=True, slots=True)
class Header:
    """What a tape says of itself. `start` is aware, in UTC."""

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
    """Where a tape stops being readable: the byte, the record (from 1; 0 is the header), and why."""

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
    """Return a record as it stands on the tape. Raises ValueError when its payload is too long."""
    if len(record.payload) > LONGEST_PAYLOAD:
        raise ValueError(f"a record holds {LONGEST_PAYLOAD} bytes at most, not {len(record.payload)}")
    head = _head.pack(record.time, record.connection, record.kind.value, len(record.payload))
    body = head + record.payload
    return body + _checksum.pack(crc32(body))


def read_header(file: BinaryIO) -> Header | Damage:
    """Read the header at the beginning of a file, which is then positioned after it."""
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
    """Return the records of a file that is positioned after its header; last the damage, if there is any."""
    number = 1
    while (found := read_record(file, number)) is not None:
        yield found
        if isinstance(found, Damage):
            return
        number += 1


def read_record(file: BinaryIO, number: int = 0) -> Record | Damage | None:
    """Read the record at which a file is positioned. Returns None at the end; `number` is for the damage to tell."""
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
