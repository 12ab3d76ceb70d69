"""The file in which a client writes what it is about to send, before it is moved into the database.

To write into a file that is mapped into memory costs a tenth of a transaction of SQLite, and never waits for another
program. What was written stays when the process is killed, for the pages belong to the operating system. So a message
is here when it is sent, and in the database a moment later. What was not moved when a program ended, the next one
moves.

A record is a head (how many bytes follow, and their checksum), numbers (of the record, the time, the server version),
and the payload. The numbers of records go on by one: another number is that of an old record, which was moved long ago.
"""

import mmap
import os
import struct
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

_HEAD = struct.Struct("<II")
_NUMBERS = struct.Struct("<qdi")
_FIRST = "ibdesk journal: sent, format 1, of {}\n"
_SIZE = 64 * 1024


class Sending(NamedTuple):
    """A message that is about to be sent."""

    sequence: int
    """Its number among all that its client has sent with this journal."""
    time: float
    version: int
    payload: bytes


class Outbox:
    """The file: records are added, and can be overwritten once they are in the database, and that on the disk.

    It belongs to the journal with an `identity`: one that was left by another journal is begun anew. `waiting` are the
    records that were in it when it was opened. With `fsync`, a record is on the disk when `add` returns. Raises OSError
    if the file cannot be used.
    """

    def __init__(self, path: Path, identity: str, fsync: bool) -> None:
        self._fsync = fsync
        self.waiting: list[Sending]
        first = _FIRST.format(identity).encode()
        self._begin = len(first)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            data = _content(self._file)
            if not data.startswith(first):
                os.ftruncate(self._file, 0)
                os.lseek(self._file, 0, os.SEEK_SET)
                os.write(self._file, first)
            self.waiting, self._end = _read(data, first)
            self._map = self._grown(max(len(data), _SIZE))
        except BaseException:
            os.close(self._file)
            raise

    def add(self, sequence: int, time: float, version: int, payload: bytes) -> None:
        """Write a record."""
        body = _NUMBERS.pack(sequence, time, version) + payload
        record = _HEAD.pack(len(body), crc32(body)) + body
        begin = self._end
        end = begin + len(record)
        if end > len(self._map):
            self._map = self._grown(2 * end)
        self._map[begin:end] = record
        if self._fsync:
            self._map.flush()
            if os.name == "nt":  # where it only hands the pages over
                os.fsync(self._file)
        self._end = end

    @property
    def end(self) -> int:
        """Where the last record ends. It grows with each one until `empty` is called."""
        return self._end

    @property
    def is_empty(self) -> bool:
        """Whether there is no record in the file."""
        return self._end == self._begin

    def empty(self) -> None:
        """Let the next records be written over those that there are."""
        self._end = self._begin

    def close(self) -> None:
        """Close the file."""
        self._map.close()
        os.close(self._file)

    def _grown(self, size: int) -> mmap.mmap:
        # Bytes are written, so that the disk has room for them: a page that finds none would end the program.
        length = os.lseek(self._file, 0, os.SEEK_END)
        if length < size and os.write(self._file, bytes(size - length)) < size - length:
            raise OSError("No space left on device")
        return mmap.mmap(self._file, size)


def of_client(path: Path, client: int) -> Path:
    """Return where the outbox of a client of a journal is."""
    return path.with_name(f"{path.name}-client{client}.sent")


def read(path: Path, identity: str) -> list[Sending]:
    """Return the records of a file that another program may write, none if there is no file."""
    return _read(path.read_bytes(), _FIRST.format(identity).encode())[0] if path.exists() else []


def _content(file: int) -> bytes:
    with open(file, "rb", closefd=False) as whole:
        return whole.read()


def _read(data: bytes, first: bytes) -> tuple[list[Sending], int]:
    """Return the records of a file, and where they end.

    A record that is cut, or has another checksum, was not written to its end, and so was not sent.
    """
    records: list[Sending] = []
    at = len(first)
    while data.startswith(first) and at + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, at)
        body = data[at + _HEAD.size : at + _HEAD.size + length]
        if len(body) < max(length, _NUMBERS.size) or crc32(body) != checksum:
            break
        sequence, time, version = _NUMBERS.unpack_from(body)
        record = Sending(sequence, time, version, body[_NUMBERS.size :])
        if records and record.sequence != records[-1].sequence + 1:
            break
        records.append(record)
        at += _HEAD.size + length
    return records, at
