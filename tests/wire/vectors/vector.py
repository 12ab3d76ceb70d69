"""What a vector is, and how its bytes are spelled: `|` stands for NUL in text, protobuf is hex."""

from typing import Any, NamedTuple

from ibdesk.model.contract import Contract
from ibdesk.wire.catalogue import Sender

CLIENT, SERVER = Sender.CLIENT, Sender.SERVER


class Vector(NamedTuple):
    """A message and its bytes at one server version."""

    name: str
    version: int
    sender: Sender
    payload: bytes
    message: Any


def text(line: str) -> bytes:
    """A text payload with a text id."""
    return line.replace("|", "\0").encode()


def raw(id: int, line: str) -> bytes:
    """A text payload with a binary id."""
    return id.to_bytes(4, "big") + text(line)


def tagged(id: int, tags: str) -> bytes:
    """A protobuf payload; `tags` in hex."""
    return (200 + id).to_bytes(4, "big") + bytes.fromhex(tags)


STOCK = Contract(secType="STK", symbol="AAPL", exchange="SMART", currency="USD")
