"""The clocks of the paper gateway, and the moment at which it starts.

The gateway's time starts anywhere and runs as that of its event loop, whatever happens to the time of day meanwhile.
Everything below the gateway is told the time by an argument.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from .instruments import latest

NEW_YORK = ZoneInfo("US/Eastern")
"""The zone of the gateway, by the name that it has at IBKR."""

_QUIET_MORNING = time_of_day(10)


class Clock(Protocol):
    """A clock of the gateway. Beside the time, it tells how long the gateway may sleep.

    The gateway does not look at its clock again and again: it sleeps until something is due, as its event loop tells
    the time. A clock that is moved otherwise, from outside, returns None from `seconds_until`; after each move
    `PaperGateway.advance` has to be called.
    """

    def now(self) -> datetime:
        """Return the gateway's time, in New York's zone. It never goes back."""
        ...

    def seconds_until(self, moment: datetime) -> float | None:
        """Return how many seconds of the event loop pass until the clock shows `moment`; None if it stands still.

        For a moment that has passed it is a negative number. A clock that is twice as fast as the loop returns half of
        what is left. If less time has passed than was needed, the gateway asks again.
        """
        ...


class RunningClock:
    """A clock that starts at `start` and runs as fast as `seconds`, which counts seconds."""

    def __init__(self, start: datetime, seconds: Callable[[], float]) -> None:
        # In UTC, so that an hour is an hour when summer time begins or ends.
        self._start = start.astimezone(UTC)
        self._seconds = seconds
        self._began = seconds()

    def now(self) -> datetime:
        """Return the start and what has elapsed since."""
        return (self._start + timedelta(seconds=self._seconds() - self._began)).astimezone(NEW_YORK)

    def seconds_until(self, moment: datetime) -> float:
        """Return how long it takes until that moment, a negative number if it has passed."""
        return (moment - self._start).total_seconds() - (self._seconds() - self._began)


class HandClock:
    """A clock that stands still until it is moved by hand. `PaperGateway.advance` then lets happen what is due."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time to which it was moved."""
        return self._now.astimezone(NEW_YORK)

    def seconds_until(self, moment: datetime) -> float | None:
        """Return None: it does not move by itself."""
        return None

    def advance(self, seconds: float) -> None:
        """Move it on. Raises ValueError for a negative duration."""
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds}")
        self._now += timedelta(seconds=seconds)


def start_from(given: datetime | str | None, now: datetime) -> datetime:
    """Return the moment that a start time means, in New York's zone.

    Text is ISO 8601, New York time where it names no zone. Without any it is `now` while New York's market is in
    regular hours, and otherwise 10:00 of the last day on which it was.

    Raises ValueError for a text that is no date-time and for a datetime without a zone.
    """
    if isinstance(given, str):
        try:
            moment = datetime.fromisoformat(given)
        except ValueError as error:
            raise ValueError(f"start_time is an ISO date and time such as 2026-04-15T10:00, not {given!r}") from error
        return _in_new_york(moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK))
    if given is not None:
        return _in_new_york(aware(given, "start_time"))
    # A gateway that is tried out in the evening or on a Sunday shall have a market that moves.
    session = latest("us_stock", now, regular=True)
    if now < session.end:
        return now.astimezone(NEW_YORK)
    return datetime.combine(session.day, _QUIET_MORNING, NEW_YORK)


def aware(moment: Any, name: str) -> datetime:
    """Return the moment itself. Raises ValueError, which names it, for anything but a datetime with a time zone."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(f"{name} is a moment with a time zone, not {moment!r}")
    return moment


def _in_new_york(moment: datetime) -> datetime:
    try:
        return moment.astimezone(NEW_YORK)
    except OverflowError:
        raise ValueError(f"{moment} is no time in New York") from None
