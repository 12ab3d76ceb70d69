"""The level that the price of an instrument follows: that of a random walk, or of another instrument's prices.

A level is the logarithm of a price, relative to its anchor. Where a price source has the underlying of an option, or an
instrument that follows the same walk, the level is that of its price: so a chain of options has its centre, and each
option its value, at the price that the underlying is quoted at.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

import numpy as np

from ..instruments import Instrument, latest, sessions
from .noise import Floats, Ints
from .source import MINUTE, UNLIMITED, PriceSource, QuoteColumns, Span, has_quotes, limits, micros, moment_of, within
from .walk import DAY_MINUTES, STEP, STEPS, Minutes, Steps, Walks

_DAY, _MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
_SESSIONS_BACK = 15
"""So many sessions are looked through for a price, as after weeks without data in forex."""


class Levels(Protocol):
    """A level as a function of time. Minutes and days are counted from 1970-01-01 UTC, and ascend.

    `first` is the minute in which the level begins to be known.
    """

    @property
    def first(self) -> int: ...

    def at_midnight(self, days: Ints) -> Floats:
        """Return the level at the start of each of `days`."""
        ...

    def minutes(self, minutes: Ints) -> Minutes:
        """Return the level over `minutes`."""
        ...

    def steps(self, minutes: range) -> Steps:
        """Return the level on the steps of consecutive minutes of one day, which agree with `minutes`."""
        ...


class WalkLevels:
    """The level of a random walk."""

    first = -UNLIMITED

    def __init__(self, walks: Walks, instrument: Instrument) -> None:
        self._walks = walks
        self._walk = instrument.pricing.walk, instrument.pricing.volatility

    def at_midnight(self, days: Ints) -> Floats:
        """Return the level at the start of each of `days`."""
        return self._walks.at_midnight(*self._walk, days)

    def minutes(self, minutes: Ints) -> Minutes:
        """Return the level over `minutes`."""
        return self._walks.minutes(*self._walk, minutes)

    def steps(self, minutes: range) -> Steps:
        """Return the level on the steps of consecutive minutes of one day."""
        return self._walks.steps(*self._walk, minutes)


class PriceLevels:
    """The level of an instrument's price in a source: the middle between bid and ask, or the value of an index.

    It stays where nothing is known: while the instrument is closed, and before and after all data.
    """

    def __init__(self, source: PriceSource, instrument: Instrument) -> None:
        self._source = source
        self._instrument = instrument
        self._first, self._last = limits(source, instrument)
        self.first: int = self._first // MINUTE
        self._midnight = lru_cache(maxsize=1024)(self._level_before)
        self._steps = lru_cache(maxsize=128)(self._look)

    def at_midnight(self, days: Ints) -> Floats:
        """Return the level at the start of each of `days`."""
        known, places = np.unique(days, return_inverse=True)
        return np.array([self._midnight(day * DAY_MINUTES * MINUTE) for day in known.tolist()])[places]

    def minutes(self, minutes: Ints) -> Minutes:
        """Return the level over `minutes`."""
        before = self._level_before(int(minutes[0]) * MINUTE)
        found = self._bars(minutes)
        if not found:
            stands = np.full(len(minutes), before)
            return Minutes(stands, stands, stands, stands)
        begins, opens, highs, lows, closes = (np.concatenate(each) for each in zip(*found, strict=True))
        rows = begins // MINUTE
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        ends = np.append(starts[1:], len(rows)) - 1
        known, last = rows[starts], self._to_level(closes[ends])
        # Each minute has bars of its own, or else the level of the last one that has still stands.
        places = np.searchsorted(known, minutes, side="right") - 1
        stands = np.where(places >= 0, last[places], before)
        own = (places >= 0) & (known[places] == minutes)

        def column(values: Floats) -> Floats:
            return np.where(own, values[places], stands)

        # The level of an index of fear is high where its price is low.
        extremes = self._to_level(np.maximum.reduceat(highs, starts)), self._to_level(np.minimum.reduceat(lows, starts))
        high, low = np.maximum(*extremes), np.minimum(*extremes)
        return Minutes(column(self._to_level(opens[starts])), stands, column(high), column(low))

    def steps(self, minutes: range) -> Steps:
        """Return the level on the steps of consecutive minutes."""
        values, high_at, low_at = zip(*map(self._steps, minutes), strict=True)
        return Steps(np.array(values), np.array(high_at), np.array(low_at))

    def _look(self, minute: int) -> tuple[Floats, int, int]:
        bounds = self.minutes(np.array([minute]))
        start, end, high, low = (float(each[0]) for each in (bounds.start, bounds.end, bounds.high, bounds.low))
        values = np.full(STEPS, start)
        found = list(self._prices(minute * MINUTE, (minute + 1) * MINUTE))
        if found:
            times, prices = (np.concatenate(each) for each in zip(*found, strict=True))
            places = np.searchsorted(times, minute * MINUTE + STEP * np.arange(STEPS), side="right") - 1
            values = np.where(places >= 0, self._to_level(prices[places]), values)
        values = np.clip(values, low, high)
        # Like a walk, it reaches exactly its highest and its lowest value, on two steps within the minute.
        high_at, low_at = 1 + int(np.argmax(values[1:-1])), 1 + int(np.argmin(values[1:-1]))
        if high_at == low_at:
            low_at = 1 + high_at % (STEPS - 2)
        values[[0, -1, high_at, low_at]] = start, end, high, low
        return values, high_at, low_at

    def _level_before(self, moment: int) -> float:
        """Return the level that stands just before a moment; where that is before all data, the first one."""
        hours = self._instrument.kind.hours
        moment = max(min(moment, self._last), self._first + 1)
        session = latest(hours, moment_of(moment - 1))
        for _ in range(_SESSIONS_BACK):
            at = min(moment, micros(session.end)) - 1
            if at < self._first:
                break
            quotes = self._source.quotes(self._instrument, session, at)
            prices = _known_prices(quotes)[: int(np.searchsorted(quotes.times, at, side="right"))]
            if len(prices) and prices[-1] == prices[-1]:
                return float(self._to_level(prices[-1]))
            session = latest(hours, session.start - _MICROSECOND)
        return 0.0

    def _bars(self, minutes: Ints) -> list[tuple[Floats | Ints, ...]]:
        what = "MIDPOINT" if has_quotes(self._instrument) else "TRADES"
        bars = self._source.bars(self._instrument, self._spans(minutes), 60, what)
        return [(each.begins, each.opens, each.highs, each.lows, each.closes) for each in bars if len(each.begins)]

    def _prices(self, begin: int, end: int) -> Iterator[tuple[Ints, Floats]]:
        """Yield the times and prices of all rows from the stretch on that has the moment `begin`."""
        session = latest(self._instrument.kind.hours, moment_of(begin))
        begin, end = max(begin, self._first), min(end, self._last, micros(session.end))
        while begin < end:
            quotes = self._source.quotes(self._instrument, session, begin)
            prices = _known_prices(quotes)
            known = prices == prices
            yield quotes.times[known], prices[known]
            begin = quotes.end

    def _spans(self, minutes: Ints) -> list[Span]:
        """Return what of the sessions of the instrument is in runs of `minutes`."""
        breaks = np.flatnonzero(np.diff(minutes) > 1)
        begins = minutes[np.append(0, breaks + 1)] * MINUTE
        ends = (minutes[np.append(breaks, len(minutes) - 1)] + 1) * MINUTE
        first, last = moment_of(int(begins[0])).date() - _DAY, moment_of(int(ends[-1])).date() + 2 * _DAY
        spans = []
        for session in sessions(self._instrument.kind.hours, first, last):
            start, stop = micros(session.start), micros(session.end)
            overlapping = range(int(np.searchsorted(ends, start, "right")), int(np.searchsorted(begins, stop, "left")))
            for run in overlapping:
                spans.append(Span(session, max(start, int(begins[run])), min(stop, int(ends[run]))))
        return within(spans, self._first, self._last)

    def _to_level(self, prices: Floats) -> Floats:
        pricing = self._instrument.pricing
        return np.asarray(np.log(prices / pricing.anchor) / pricing.beta)


def _known_prices(quotes: QuoteColumns) -> Floats:
    """Return the price in each row: between bid and ask where there are both, else the last trade; nan for none."""
    quoted = (quotes.bids > 0) & (quotes.asks > 0)
    return np.where(quoted, (quotes.bids + quotes.asks) / 2, quotes.lasts)
