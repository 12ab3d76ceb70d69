"""Whether the rows of an instrument look as if the clock of another zone had been read.

A zone that is wrong by many hours brings most rows outside the trading hours, where they are counted. One that is wrong
by a few does not, where these are long: the regular hours of New York, read three hours too early, lie within 04:00 to
20:00. But then the days begin before the regular hours and are over long before their end, when most is traded.
"""

import numpy as np

from ..instruments import HOURS, Instrument
from ..market.source import MINUTE
from .columns import Ints
from .hours import sessions_of

_HOUR = 60 * MINUTE
_FEW = 5
"""Days with fewer rows tell nothing."""


class Shift:
    """How many days of an instrument there are (`days`), and how many of them look `shifted`."""

    def __init__(self, instrument: Instrument) -> None:
        self.days: int = 0
        self.shifted: int = 0
        self._instrument = instrument
        hours = HOURS[instrument.kind.hours]
        self._can_be_seen = hours.trading != hours.liquid
        self._day = self._opens = self._closes = 0
        self._first = self._last = self._count = self._step = 0

    def feed(self, times: Ints, step: int) -> None:
        """Take more rows, within the trading hours, of which the closest are a step apart."""
        if not self._can_be_seen or not len(times):
            return
        known, regular = sessions_of(self._instrument, times), sessions_of(self._instrument, times, regular=True)
        days = known.days[known.at(times)[0]]
        begins = np.flatnonzero(np.diff(days, prepend=-1))
        ends = np.append(begins[1:], len(times))
        places, _ = regular.of_days(days[begins])
        columns = (
            days[begins],
            times[begins],
            times[ends - 1],
            ends - begins,
            regular.starts[places],
            regular.ends[places],
        )
        for day, first, last, count, opens, closes in zip(*(column.tolist() for column in columns), strict=True):
            if day != self._day:
                self.finish()
                self._day, self._first, self._opens, self._closes = day, first, opens, closes
            self._last, self._step = last, step
            self._count += count

    def finish(self) -> None:
        """Count the day that was taken last."""
        if self._count >= _FEW:
            margin = max(_HOUR, self._step)
            is_early = self._first < self._opens and self._last < self._closes - margin
            is_late = self._first >= self._opens + margin and self._last >= self._closes
            self.days += 1
            self.shifted += is_early or is_late
        self._count = 0
