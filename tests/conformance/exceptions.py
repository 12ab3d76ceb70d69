"""Where an outside client and ibdesk differ, knowingly: what such a row says, and how rows are applied.

The rows stand with their messages, in `domains`; importing that fills the one table, `EXCEPTIONS`.

Each row is proven by `test_exceptions`: without it, a test of conformance would fail. Rows whose reason is a fault of
a client, or a type of Python, say so; the others are choices of ibdesk.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from wire.carried import with_value

from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.layout import Path, get_path

EVERY = ("10.46.1", "10.37.2", "10.30.1", "10.19.4")
NEWEST = ("10.46.1",)
NEWER = ("10.46.1", "10.37.2")
SINCE_10_30 = ("10.46.1", "10.37.2", "10.30.1")
OLDEST = ("10.19.4",)
IB_ASYNC = ("ib_async",)


class _Anything:
    def __repr__(self) -> str:
        return "anything"


ANYTHING: Any = _Anything()


@dataclass(frozen=True)
class Row:
    """An exception: for this message at this place, with these clients, at server versions first <= v < end."""

    message: type
    place: str
    clients: tuple[str, ...]
    reason: str
    sample: Any = None
    """A value that shows the difference."""
    first: int = V.MIN
    end: int = V.MAX + 1

    @property
    def path(self) -> Path:
        """The place as a path from the message."""
        return tuple(self.place.split("."))

    def concerns(self, client: str, version: int) -> bool:
        """Does it apply to this client at this server version?"""
        return client in self.clients and self.first <= version < self.end


@dataclass(frozen=True)
class Skipped(Row):
    """The message is not held against these clients."""


@dataclass(frozen=True)
class Avoided(Row):
    """A message with this value (any, when `only` is empty) is held against these clients with `instead` there."""

    instead: Any = None
    only: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Said(Row):
    """Where our request holds `sample`, users of these clients say `instead`."""

    instead: Any = None


@dataclass(frozen=True)
class Read(Row):
    """Where our answer holds `ours`, these clients show `theirs`; so they do in the messages `also`."""

    ours: Any = ANYTHING
    theirs: Any = ANYTHING
    also: tuple[type, ...] = ()


FIRST_PROTOBUF = "the first protobuf of that client: decimals stay text, half of the fields are not known"
NEVER_READ = "its protobuf decoder never reads it"
NO_BLANK = "the spelling without a blank came later"
NO_THIRD_STATE = "in ibdesk, as in ib_async, False means what None means there"
NO_STRIKE = "in ibdesk, as in ib_async, a strike of 0.0 means no strike"
NO_ATTRIBUTE = ", but there is no such attribute"
NOT_TOLD = "a missing tag means zero there; in ibdesk it means unset, as for PnL in both"
NOT_ON_THE_WIRE = "not sent at this version; the defaults differ"

EXCEPTIONS: list[Row] = []
"""Every row of every domain."""


def zero_when_untold(message: type, places: str, zero: float, first: int) -> tuple[Read, ...]:
    """Amounts of which the protobuf decoder of the newest client makes a zero when their tags are missing."""
    return tuple(
        Read(message, place, NEWEST, NOT_TOLD, UNSET_DOUBLE, first=first, ours=UNSET_DOUBLE, theirs=zero)
        for place in places.split()
    )


@cache
def _rows(kind: type[Row], client: str, version: int) -> tuple[Any, ...]:
    return tuple(row for row in EXCEPTIONS if isinstance(row, kind) and row.concerns(client, version))


def is_skipped(message: type, client: str, version: int) -> bool:
    """Is the message not held against this client at this version?"""
    return any(row.message is message for row in _rows(Skipped, client, version))


def avoid(message: Any, client: str, version: int) -> Any:
    """The message with which this client is to be compared."""
    for row in _rows(Avoided, client, version):
        if isinstance(message, row.message) and (not row.only or get_path(message, row.path) in row.only):
            message = with_value(copy(message), row.path, row.instead)  # it is shared
    return message


def say(noun: str, ours: Any, client: str, version: int) -> dict[str, Any]:
    """The attributes that users of this client set otherwise, by name."""
    return {
        row.path[-1]: row.instead
        for row in _rows(Said, client, version)
        if row.path[0] == noun and getattr(ours, row.path[-1]) == row.sample
    }


def unexplained(lines: Iterable[str], message: type, client: str, version: int) -> list[str]:
    """The lines of `oracles.differences` of an answer that no row of the table explains."""
    rows = [row for row in _rows(Read, client, version) if message in (row.message, *row.also)]
    return [line for line in lines if not any(_explains(row, line) for row in rows)]


def _explains(row: Read, line: str) -> bool:
    place, _, what = line.partition(": expected ")
    theirs, _, ours = what.replace(NO_ATTRIBUTE, ", not missing").partition(", not ")
    return (
        place.rpartition(".")[2] == row.path[-1]
        and (row.ours is ANYTHING or ours == repr(row.ours))
        and _is(theirs, row.theirs)
    )


def _is(shown: str, value: Any) -> bool:
    """Does a line show this value? The unset decimal of the official clients is our unset float."""
    return shown == repr(value) or (value == UNSET_DOUBLE and shown.startswith("Decimal('1701411834604692317316873037"))
