"""The level of a recorded price that goes on while its instrument is closed, for others that are traded then.

A future is traded at night, when the index that it follows is not. It then moves as the random walk does, from the last
price before to the first one after: a walk of which the end is known, which is as good as one of which it is not, since
nothing in it tells the way to the end earlier than chance would.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..instruments import Instrument, following, latest
from .levels import Levels
from .noise import Floats, Ints
from .source import MINUTE, micros, moment_of
from .walk import DAY_MINUTES, STEPS, Minutes, Steps


class _Bridge(NamedTuple):
    """From the minute `first` on and before `last` the level is that of the walk and `base`, and `slope` a minute."""

    first: int
    last: int
    base: float = 0.0
    slope: float = 0.0

    def above(self, minutes: Floats | Ints) -> Floats:
        """Return how far the level is above the walk."""
        return np.asarray(self.base + self.slope * (minutes - self.first), np.float64)


class BridgedLevels:
    """The level `known` of an instrument, and between its sessions that of a walk which joins them.

    Nothing is bridged where no price is known any more, from the moment `until` on.
    """

    def __init__(self, known: Levels, walk: Levels, instrument: Instrument, until: int) -> None:
        self.first: int = known.first
        self._known = known
        self._walk = walk
        self._hours = instrument.kind.hours
        self._until = until // MINUTE
        self._bridge = lru_cache(maxsize=1024)(self._build)
        self._steps = lru_cache(maxsize=128)(self._look)

    def at_midnight(self, days: Ints) -> Floats:
        """Return the level at the start of each of `days`."""
        levels, midnights = self._known.at_midnight(days).copy(), days * DAY_MINUTES
        for place, bridge in self._bridges(midnights):
            levels[place] = self._walk.at_midnight(days[place]) + bridge.above(midnights[place])
        return levels

    def minutes(self, minutes: Ints) -> Minutes:
        """Return the level over `minutes`."""
        found = self._known.minutes(minutes)
        start, end, high, low = (np.array(each) for each in (found.start, found.end, found.high, found.low))
        for place, bridge in self._bridges(minutes):
            walk, above = self._walk.minutes(minutes[place]), bridge.above(minutes[place])
            start[place], end[place] = walk.start + above, walk.end + above + bridge.slope
            both = np.maximum(start[place], end[place]), np.minimum(start[place], end[place])
            middle = above + bridge.slope / 2
            high[place], low[place] = np.maximum(walk.high + middle, both[0]), np.minimum(walk.low + middle, both[1])
        return Minutes(start, end, high, low)

    def steps(self, minutes: range) -> Steps:
        """Return the level on the steps of consecutive minutes."""
        values, high_at, low_at = zip(*map(self._steps, minutes), strict=True)
        return Steps(np.array(values), np.array(high_at), np.array(low_at))

    def _look(self, minute: int) -> tuple[Floats, int, int]:
        one = np.array([minute])
        found = [bridge for _, bridge in self._bridges(one)]
        if not found:
            known = self._known.steps(range(minute, minute + 1))
            return known.values[0], int(known.high_at[0]), int(known.low_at[0])
        bounds, walk = self.minutes(one), self._walk.steps(range(minute, minute + 1))
        start, end, high, low = (float(each[0]) for each in (bounds.start, bounds.end, bounds.high, bounds.low))
        values = np.clip(walk.values[0] + found[0].above(minute + np.arange(STEPS) / STEPS), low, high)
        high_at, low_at = int(walk.high_at[0]), int(walk.low_at[0])
        values[[0, -1, high_at, low_at]] = start, end, high, low
        return values, high_at, low_at

    def _bridges(self, minutes: Ints) -> Iterator[tuple[slice, _Bridge]]:
        """Yield the bridges in which some of `minutes` are, and which these are."""
        place = 0
        while place < len(minutes):
            moment = moment_of(int(minutes[place]) * MINUTE)
            session = latest(self._hours, moment)
            if moment < session.end:
                place = int(np.searchsorted(minutes, micros(session.end) // MINUTE))
                continue
            bridge = self._bridge(micros(session.end) // MINUTE)
            stop = int(np.searchsorted(minutes, bridge.last))
            if self.first <= bridge.first and bridge.last < self._until:
                yield slice(place, stop), bridge
            place = stop

    def _build(self, first: int) -> _Bridge:
        last = micros(following(self._hours, moment_of(first * MINUTE)).start) // MINUTE
        if not (self.first <= first and last < self._until):
            return _Bridge(first, last)
        ends = np.array([first, last])
        begin, end = (self._known.minutes(ends).start - self._walk.minutes(ends).start).tolist()
        return _Bridge(first, last, begin, (end - begin) / (last - first))
