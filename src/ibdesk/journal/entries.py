"""What a journal holds: an `Entry` for each order, and an `Event` for each message about it."""

from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What an event is. The numbers are those of the file, and never change."""

    SENT = 1
    """The program sent the message; or was about to, if it was killed right then."""
    TOLD = 2
    """The server sent the message."""
    ANSWERED = 3
    """The server sent the message when it was asked for the open orders."""
    BEGUN = 4
    """A connection began, so what was on its way before may be lost. There is no message."""
    UNKNOWN = 5
    """The server was asked, and does not know the order, which is its end. There is no message."""
    REVIVED = 6
    """The server was asked, and has shown the order, which seemed to have ended. There is no message."""


class Event(NamedTuple):
    """A message about an order, or what else happened to it."""

    time: float
    """When it was written, in seconds since 1970."""
    kind: Kind
    version: int
    """The server version for which the message is encoded."""
    payload: bytes
    """The message as it is on the wire, without the length before it; empty if there is none."""


class Entry(NamedTuple):
    """An order of a journal."""

    client: int
    number: int
    """Its number among those of its client. Later orders have higher ones."""
    orderId: int
    permId: int
    """0 as long as the server has not named it."""
    key: str
    """The key of `IB.placeOnce`, empty if it was placed otherwise."""
    ended: float | None
    """When it became known that the order has ended, in seconds since 1970; None as long as it has not."""
    first: Event
    """The message that placed the order; or that showed it, if an earlier program placed it without the journal.

    Its payload is empty if the order was pruned, and only its key is left.
    """
