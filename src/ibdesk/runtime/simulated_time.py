"""The time of a simulation: a moment that stands still until it is moved on."""

import datetime as dt
from collections.abc import Callable
from math import inf, nextafter

from .clocks import Clocks

_LOOKS = 100_000
"""How often a program may look at the clock in one moment before it is taken for one that waits by looking."""

_LOOK = 1e-6
"""Seconds that each further look takes, about as on a computer."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class SimulatedTime:
    """The time that all event loops of a simulation share.

    Clocks show it in whole microseconds, to the nearest, so that a timer for 09:30 finds them at 09:30 and not a
    rounding error earlier.
    """

    def __init__(self, start: dt.datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"a simulation starts at a moment with a time zone, not at {start!r}")
        self._start = (start - _EPOCH) // dt.timedelta(microseconds=1)
        self._seconds = 0.0
        self._looks = 0
        self.pace: Callable[[float], float] | None = None
        """Waits for a moment in real time, and returns the one that has come. Without it no time is lost."""
        self.clocks: Clocks = Clocks(self.now, self.timestamp, self.seconds)
        """The clocks that show this time."""

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return self._seconds

    def microseconds(self) -> int:
        """Return the microseconds since 1970 UTC."""
        return self._start + round(self._seconds * 1_000_000)

    def timestamp(self) -> float:
        """Return the seconds since 1970 UTC."""
        return self.microseconds() / 1_000_000

    def now(self, zone: dt.tzinfo | None) -> dt.datetime:
        """Return the moment in a time zone; for None, as a naive datetime in the computer's zone."""
        # As `timestamp`, without its calls: the gateway and its clients ask at each change.
        return dt.datetime.fromtimestamp((self._start + round(self._seconds * 1_000_000)) / 1_000_000, zone)

    def pass_until(self, seconds: float) -> None:
        """Move on to a moment, in seconds since the start, or only towards it if there is a pace.

        An earlier moment changes nothing.

        As on a computer, it is a little later when anybody looks: many a program goes on only if more than the time
        for which it waited has elapsed. Here it is the least that there is, far below a microsecond.
        """
        if seconds > self._seconds:
            self._seconds = nextafter(self.pace(seconds) if self.pace else seconds, inf)
            self._looks = 0

    def look(self) -> None:
        """Count a look of the program at the clock.

        Who waits by looking again and again (`while time.time() < end: pass`) would do so for ever if time stood still.
        """
        self._looks += 1
        if self._looks > _LOOKS:
            self._seconds += _LOOK
