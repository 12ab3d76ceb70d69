"""What a fault may wait for: a message, or a byte."""

from dataclasses import dataclass
from datetime import datetime, time

from .checks import client_id, count, message_name

TO_CLIENT, FROM_CLIENT = "to_client", "from_client"
"""The directions of a connection."""


@dataclass(frozen=True, slots=True)
class Before:
    """Just before the message number `number` of a class, counted from the start over all connections.

    One of a client's own messages comes before the gateway has done anything about it. `client` counts those of one
    client only.
    """

    message: str
    number: int = 1
    client: int | None = None

    def __post_init__(self) -> None:
        _check_trigger(self)


@dataclass(frozen=True, slots=True)
class After:
    """Just after such a message: after it was sent, or after the gateway has done what a client asks for."""

    message: str
    number: int = 1
    client: int | None = None

    def __post_init__(self) -> None:
        _check_trigger(self)


@dataclass(frozen=True, slots=True)
class Byte:
    """When a connection has carried `byte` bytes in one direction. `client` waits for a connection of that client."""

    byte: int
    direction: str = TO_CLIENT
    client: int | None = None

    def __post_init__(self) -> None:
        count("byte", self.byte)
        if self.direction not in (TO_CLIENT, FROM_CLIENT):
            raise ValueError(f"direction={self.direction!r}: it is {TO_CLIENT} or {FROM_CLIENT}")
        client_id("client", self.client)


Trigger = Before | After | Byte
At = float | datetime | time | Trigger
"""When a fault comes: so many seconds after the start, at a moment, each day at a time of New York, or at a trigger."""


def _check_trigger(trigger: Before | After) -> None:
    message_name("message", trigger.message)
    count("number", trigger.number)
    client_id("client", trigger.client)
