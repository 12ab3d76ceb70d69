"""The price source of all that no other one has: prices that follow a level, in steps of a quarter of a second.

Bars are put together from whole minutes where they can be, and from single steps where one begins or ends in between.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np

from ..instruments import Instrument, MarketSession
from .levels import Levels
from .noise import Floats, Ints
from .source import MINUTE, BarColumns, QuoteColumns, Span, has_quotes, has_trades, micros
from .trade_series import MinuteSeries, StepSeries, TradeSeries
from .walk import STEP, STEPS

_STRETCH = 5 * MINUTE
_ABOVE = {"BID": 0, "MIDPOINT": 1, "ASK": 2}
"""How many half spreads above the bid each series is."""


class SeededPrices:
    """Prices of every instrument, for one `seed` and the levels that they follow. It is a `PriceSource`."""

    def __init__(self, seed: int, levels_of: Callable[[Instrument], Levels]) -> None:
        self._series = TradeSeries(seed, levels_of)
        # Whoever reads tick by tick, or looks on, asks about the same minute again and again.
        self._steps = lru_cache(maxsize=256)(self._series.steps)
        self._quotes = lru_cache(maxsize=512)(self._draw_quotes)
        self._levels_of = levels_of

    def covers(self, instrument: Instrument) -> bool:
        """Return True: any instrument has a value."""
        return True

    def first(self, instrument: Instrument) -> datetime | None:
        """Return None: nothing limits the prices."""
        return None

    def last(self, instrument: Instrument) -> datetime | None:
        """Return None: nothing limits the prices."""
        return None

    def bars(self, instrument: Instrument, spans: Sequence[Span], seconds: int, what: str) -> Iterator[BarColumns]:
        """Yield bars of whole minutes where `seconds` allows it, else of single steps."""
        whole: list[Ints] = []  # those of several spans are had at once, which is faster
        for span in spans:
            # A step belongs to the span in which it begins.
            first, last = -(-span.begin // STEP), -(-span.end // STEP)
            begin, end = -(-first // STEPS), last // STEPS
            if seconds % 60 or begin >= end:
                begin = end = -(-last // STEPS)
            for minutes in (range(first // STEPS, begin), range(end, -(-last // STEPS))):
                if minutes:
                    yield from self._minutes(instrument, whole, what)
                    whole = []
                for minute in minutes:
                    start = minute * STEPS
                    inside = slice(max(first - start, 0), min(last - start, STEPS))
                    steps = self._steps(instrument, range(minute, minute + 1))
                    yield _of_steps(instrument, steps, minute, inside, what)
                if minutes.stop == begin:
                    whole.append(np.arange(begin, end))
        yield from self._minutes(instrument, whole, what)

    def settled(self, instrument: Instrument, moment: int) -> int:
        """Return the whole minute: see `CombinedPrices.settled`."""
        return moment // MINUTE * MINUTE

    def quotes(self, instrument: Instrument, session: MarketSession, moment: int) -> QuoteColumns:
        """Return the quotes and trades of some minutes of the session."""
        begin = moment // _STRETCH * _STRETCH // MINUTE
        end = min(begin + _STRETCH // MINUTE, -(-micros(session.end) // MINUTE))
        begin = max(begin, micros(session.start) // MINUTE, self._levels_of(instrument).first)
        return self._quotes(instrument, range(begin, end))

    def _minutes(self, instrument: Instrument, runs: list[Ints], what: str) -> Iterator[BarColumns]:
        minutes = np.concatenate(runs) if runs else np.empty(0, dtype=np.int64)
        if len(minutes):
            yield _of_minutes(instrument, self._series.minutes(instrument, minutes), what)

    def _draw_quotes(self, instrument: Instrument, minutes: range) -> QuoteColumns:
        series = self._series.steps(instrument, minutes)
        quoted, traded = has_quotes(instrument), has_trades(instrument)
        changed = series.traded > 0
        shown = (series.bid, series.spread, series.bid_size, series.ask_size) if quoted else (series.last,)
        for column in shown:
            changed[1:] |= column[1:] != column[:-1]
        # An index tells its value at the start of each minute.
        changed[:: len(changed) if quoted else STEPS] = True
        rows = np.flatnonzero(changed)
        none, zeros = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=np.int64)
        begin = minutes.start * MINUTE
        times = begin + rows * STEP
        # The latest row that was a trade: there is one on each first step. Each row of an index is a new value.
        sizes = series.traded[rows]
        trades = np.maximum.accumulate(np.where((sizes > 0) | (not quoted), np.arange(len(rows)), 0))
        return QuoteColumns(
            begin,
            minutes.stop * MINUTE,
            times,
            _prices(instrument, 2 * series.bid[rows]) if quoted else none,
            series.bid_size[rows] if quoted else zeros,
            _prices(instrument, 2 * (series.bid[rows] + series.spread[rows])) if quoted else none,
            series.ask_size[rows] if quoted else zeros,
            _prices(instrument, 2 * series.last[rows]) if traded else none,
            sizes[trades],
            times[trades] if traded else zeros,
            sizes,
        )


def _of_minutes(instrument: Instrument, series: MinuteSeries, what: str) -> BarColumns:
    if what == "TRADES":
        opens, highs, lows, closes = (_prices(instrument, 2 * each) for each in series.trades)
    else:
        above = _ABOVE[what] * series.spread
        opens, highs, lows, closes = (_prices(instrument, 2 * each + above) for each in series.bids)
    averages = np.asarray((opens + highs + lows + closes) / 4, np.float64)
    begins, lengths = series.minutes * MINUTE, np.full(len(series.minutes), MINUTE)
    return BarColumns(begins, lengths, opens, highs, lows, closes, averages, series.volume, series.count)


def _of_steps(instrument: Instrument, series: StepSeries, minute: int, inside: slice, what: str) -> BarColumns:
    if what == "TRADES":
        half_ticks = 2 * series.last[inside]
    else:
        half_ticks = 2 * series.bid[inside] + _ABOVE[what] * series.spread[inside]
    prices = _prices(instrument, half_ticks)
    begins = minute * MINUTE + np.arange(inside.start, inside.stop) * STEP
    traded = series.traded[inside]
    lengths = np.full(len(begins), STEP)
    return BarColumns(begins, lengths, prices, prices, prices, prices, prices, traded, 1 * (traded > 0))


def _prices(instrument: Instrument, half_ticks: Ints) -> Floats:
    """Return half ticks as prices, not rounded: bars are, and there are fewer of them."""
    return np.asarray(half_ticks * (instrument.kind.tick / 2), np.float64)
