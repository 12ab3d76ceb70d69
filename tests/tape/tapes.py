"""Tapes made by hand, for the tests of this room."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ibdesk.session.connection import PREFIX
from ibdesk.tape.format import Header, Kind, Record, encode_header, encode_record
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame
from ibdesk.wire.text import join

START = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def hello(versions: str = "v157..225") -> bytes:
    """How a client begins."""
    return PREFIX + frame(versions.encode())


def answer(version: int, time: str = "20261120 10:30:00 EST") -> bytes:
    """How a server answers."""
    return frame(join([str(version), time]))


def framed(sender: Sender, version: int, *messages: Any) -> bytes:
    """What an end sends."""
    codec = Codec(sender.peer, version)
    return b"".join(frame(codec.encode(message)) for message in messages)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def records(version: int, *traffic: tuple[float, Sender, Any], connection: int = 1, ended_by: str = "") -> list[Record]:
    """The records of a connection: its handshake, messages or bytes at their seconds, and its end."""
    made = [
        Record(0, connection, Kind.CONNECTED, b"127.0.0.1:7497"),
        Record(0, connection, Kind.CLIENT, hello()),
        Record(0, connection, Kind.SERVER, answer(version)),
        Record(0, connection, Kind.VERSION, b"%d" % version),
    ]
    for seconds, sender, message in traffic:
        data = message if isinstance(message, bytes) else framed(sender, version, message)
        kind = Kind.CLIENT if sender is Sender.CLIENT else Kind.SERVER
        made.append(Record(round(seconds * 1e6), connection, kind, data))
    if ended_by:
        made.append(Record(made[-1].time, connection, Kind.CLOSED, ended_by.encode()))
    return made


def write(path: Path, made: list[Record], program: str = "test", scrubbed: bool = False) -> Path:
    """Put records on a tape."""
    path.write_bytes(encode_header(Header(START, program, scrubbed)) + b"".join(map(encode_record, made)))
    return path
