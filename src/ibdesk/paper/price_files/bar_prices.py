"""The prices of one instrument of which a file has bars.

Bars of the size of the file, and larger ones, are made of its rows as they are. What is finer, or unfinished, follows
the way that `path` finds within a row. Between rows nothing is traded, and the last quote stands.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..instruments import MarketSession
from ..market.source import MINUTE, SECOND, BarColumns, QuoteColumns, Span, micros, part_of
from ..market.walk import STEP
from .columns import Flags, Floats, Ints
from .events import NOTHING, Events, State, columns_of, last_state
from .hours import has_long_day, sessions_of
from .layout import Rows
from .library import Library, Series
from .path import Bars, FourPrices, Paths
from .zones import DAY, micros_of

_BLOCK = 8 * MINUTE

_AT_ONCE = 4_000
"""So many minutes are divided into steps at once, to bound what that takes of memory."""


class _Block(NamedTuple):
    """The quotes and trades of some minutes, and when the bars begin that are in them."""

    begins: Ints
    columns: QuoteColumns

    def has_bars(self, begin: int, end: int) -> bool:
        """Return whether bars begin within a stretch."""
        first, last = np.searchsorted(self.begins, (begin, end))
        return bool(first < last)


class BarPrices:
    """The prices of an instrument, from the rows of `series`."""

    def __init__(self, library: Library, series: Series, seed: int) -> None:
        self._library = library
        self._series = series
        self._instrument = series.instrument
        self._paths = Paths(seed, series.instrument)
        self._finer = lru_cache(maxsize=64)(self._divided)
        self._block = lru_cache(maxsize=4)(self._made)
        self._states: dict[int, State] = {}
        self.first: int = int(self._bars_of(self._page(0)).begins[0])
        self.last: int = int(self._bars_of(self._page(-1)).ends[-1])

    def bars(self, spans: Sequence[Span], seconds: int, what: str) -> Iterator[BarColumns]:
        """Yield bars: see `PriceSource.bars`."""
        for span in spans:
            shift = micros_of(span.session.start.utcoffset())
            for rows in self._rows(span.begin, span.end):
                yield from self._told(rows, span, seconds * SECOND, shift, what)

    def settled(self, moment: int) -> int:
        """Return the moment, or the begin of the row that is not over then."""
        for bars in self._rows(moment - 1, moment):
            return int(bars.begins[-1] if bars.ends[-1] > moment else moment)
        return moment

    def quotes(self, session: MarketSession, moment: int) -> QuoteColumns:
        """Return a minute of quotes and trades, or a longer stretch in which nothing happens."""
        start, end = micros(session.start), micros(session.end)
        begin = max(moment // MINUTE * MINUTE, start)
        until = min(begin // MINUTE * MINUTE + MINUTE, end)
        block = self._block(max(begin // _BLOCK * _BLOCK, start), min(begin // _BLOCK * _BLOCK + _BLOCK, end))
        if block.has_bars(begin, until):
            return part_of(block.columns, begin, until)
        # A stretch without bars is told as one, from whichever moment of it one asks.
        state = part_of(block.columns, begin, until)
        begin = max(start, min(begin, -(-self._end_before(begin) // MINUTE) * MINUTE))
        until = max(until, min(self._next(until) // MINUTE * MINUTE, end))
        return columns_of(begin, until, last_state(state))

    # Rows as bars

    def _page(self, number: int) -> Rows:
        return self._library.rows(self._series, number % len(self._series.pages))

    def _bars_of(self, rows: Rows) -> Bars:
        """Return rows as bars, with the stretch of time that each is of."""
        values, begins, ends = rows.values, *self._extents(rows.times)
        count = len(rows.times)
        unknown = np.full(count, -1.0)
        averages = values.get("average", unknown)
        return Bars(
            begins,
            ends,
            values["open"],
            values["high"],
            values["low"],
            values["close"],
            np.rint(np.nan_to_num(np.maximum(values.get("volume", unknown), 0.0))).astype(np.int64),
            np.where(averages > 0, averages, np.nan),
            np.rint(np.nan_to_num(np.maximum(values.get("count", unknown), -1.0))).astype(np.int64),
            np.ones(count, dtype=bool),
        )

    def _extents(self, times: Ints) -> tuple[Ints, Ints]:
        """Return when the bar of each row begins and ends."""
        if not self._series.size:
            known = sessions_of(self._instrument, times, regular=not has_long_day(self._instrument))
            places = np.searchsorted(known.days, times, side="right") - 1
            return known.starts[places], known.ends[places]
        known = sessions_of(self._instrument, times)
        places, _ = known.at(times)
        offsets, size = known.offsets[places], self._series.size
        ends = times + size if self._series.counted else (times + offsets) // size * size - offsets + size
        return times, np.minimum(np.minimum(ends, known.ends[places]), self._closes(times))

    def _closes(self, times: Ints) -> Ints:
        """Return when the regular hours end in which each row begins: a bar of a stock does not reach beyond them."""
        if has_long_day(self._instrument):
            return np.full(len(times), 2**62)
        known = sessions_of(self._instrument, times, regular=True)
        places, inside = known.at(times)
        return np.where(inside, known.ends[places], 2**62)

    def _rows(self, begin: int, end: int) -> Iterator[Bars]:
        """Yield the bars that overlap a stretch of time."""
        back = self._series.size or 2 * DAY
        ahead = 0 if self._series.size else DAY
        for rows in self._library.between(self._series, begin - back, end + ahead):
            bars = self._bars_of(rows)
            chosen = (bars.ends > begin) & (bars.begins < end)
            if chosen.all():
                yield bars
            elif chosen.any():
                yield bars.part(chosen)

    # Bars that are told

    def _told(self, bars: Bars, span: Span, size: int, shift: int, what: str) -> Iterator[BarColumns]:
        """Yield bars that lie within a span, and of which none is in two bars of `size`: rows, or parts of them."""
        whole = (bars.begins >= span.begin) & (bars.ends <= span.end)
        if size:
            whole &= (bars.begins + shift) // size == (bars.ends - 1 + shift) // size
        # Bids and asks follow the spread, which is another one each minute.
        whole &= (bars.ends - bars.begins <= MINUTE) | (what == self._own)
        edges = np.flatnonzero(np.diff(whole)) + 1
        for run in np.split(np.arange(len(bars)), edges):
            some = bars.part(slice(run[0], run[-1] + 1))
            if whole[run[0]]:
                yield self._columns_of(some, what)
            elif some.ends[0] - some.begins[0] > MINUTE or some.ends[-1] - some.begins[-1] > MINUTE:
                for row in range(0, len(some), self._rows_at_once):
                    minutes = self._paths.minutes(some.part(slice(row, row + self._rows_at_once)))
                    inside = (minutes.ends > span.begin) & (minutes.begins < span.end)
                    if inside.any():
                        yield from self._told(minutes.part(inside), span, size, shift, what)
            else:
                for row in range(0, len(some), _AT_ONCE):
                    yield from self._in_steps(some.part(slice(row, row + _AT_ONCE)), span, what)

    @property
    def _own(self) -> str:
        """The series of which the file's prices are: of trades, or in forex of the middle of bid and ask."""
        return "MIDPOINT" if self._instrument.secType == "CASH" else "TRADES"

    @property
    def _rows_at_once(self) -> int:
        return max(_AT_ONCE * MINUTE // max(self._series.size or DAY, MINUTE), 1)

    def _columns_of(self, bars: Bars, what: str) -> BarColumns:
        """Return whole bars as they are told."""
        opens, highs, lows, closes = bars.opens, bars.highs, bars.lows, bars.closes
        begins, lengths, averages = bars.begins, bars.ends - bars.begins, _typical(opens, highs, lows, closes)
        if what == "TRADES":
            averages = np.where(np.isnan(bars.averages), averages, bars.averages)
            counts = np.where(bars.counts >= 0, bars.counts, self._paths.usual_counts(bars))
            found = BarColumns(begins, lengths, opens, highs, lows, closes, averages, bars.volumes, counts)
            traded = bars.anchored | (bars.volumes > 0)
            return found if traded.all() else _chosen(found, traded)
        if what != self._own:
            opens, highs, lows, closes = _shown(*self._paths.sides(bars), what)
            averages = _typical(opens, highs, lows, closes)
        none = np.zeros(len(bars), dtype=np.int64)
        return BarColumns(begins, lengths, opens, highs, lows, closes, averages, none, none)

    def _in_steps(self, bars: Bars, span: Span, what: str) -> Iterator[BarColumns]:
        """Yield the steps of bars within a span, each as a bar."""
        lengths = bars.ends - bars.begins
        for run in np.split(np.arange(len(bars)), np.flatnonzero(np.diff(lengths)) + 1):
            steps = self._paths.steps(bars.part(slice(run[0], run[-1] + 1)))
            chosen = (steps.times >= span.begin) & (steps.times < span.end)
            if what == "TRADES":
                chosen = chosen & steps.updates
            times = steps.times[chosen]
            if not len(times):
                continue
            bids, asks = steps.bids[chosen], steps.asks[chosen]
            prices = {"BID": bids, "ASK": asks, self._own: steps.prices[chosen]}.get(what, (bids + asks) / 2)
            traded = steps.traded[chosen] if what == "TRADES" else np.zeros(len(times), dtype=np.int64)
            counts = np.asarray(traded > 0, np.int64)
            lengths = np.minimum(STEP, span.end - times)
            yield BarColumns(times, lengths, prices, prices, prices, prices, prices, traded, counts)

    # Quotes

    def _made(self, begin: int, end: int) -> "_Block":
        """Return the quotes and trades of some minutes, which are made together because that is faster."""
        found = self._fine(begin, end)
        state = self._states.get(begin) or self._state(begin)
        if found is None:
            block = _Block(np.empty(0, dtype=np.int64), columns_of(begin, end, state))
        else:
            steps = self._paths.steps(found)
            events = Events.of_steps(steps, *self._paths.sizes(steps.times))
            block = _Block(found.begins, columns_of(begin, end, state, events))
        # Whoever asks for what follows need not look for the state again.
        self._states = {end: last_state(block.columns)}
        return block

    def _divided(self, time: int) -> Bars:
        """Return the minutes of the row at a time, as the file tells it."""
        row = next(self._library.between(self._series, time, time + 1))
        return self._paths.minutes(self._bars_of(row))

    def _fine(self, begin: int, end: int) -> Bars | None:
        """Return the bars of at most a minute within one minute, from the file or from the way within its rows."""
        if 0 < self._series.size <= MINUTE:
            parts = [bars.part(bars.begins >= begin) for bars in self._rows(begin, end)]
        else:
            times = self._times(begin, end)
            divided = [self._finer(time) for time in times]
            parts = [bars.part((bars.begins >= begin) & (bars.begins < end)) for bars in divided]
        parts = [part for part in parts if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else None
        return Bars(*(np.concatenate([getattr(part, name) for part in parts]) for name in Bars.__slots__))

    def _times(self, begin: int, end: int) -> list[int]:
        """Return the times of the rows whose bars overlap a stretch."""
        back = self._series.size or 2 * DAY
        found: list[int] = []
        for rows in self._library.between(self._series, begin - back, end + (0 if self._series.size else DAY)):
            begins, ends = self._extents(rows.times)
            found += rows.times[(ends > begin) & (begins < end)].tolist()
        return found

    def _row_before(self, moment: int) -> Rows | None:
        """Return the last row whose bar begins before a moment."""
        time = moment + (0 if self._series.size else DAY)
        while (row := self._library.before(self._series, time)) is not None:
            if self._extents(row.times)[0][0] < moment:
                return row
            time = int(row.times[0])
        return None

    def _end_before(self, moment: int) -> int:
        """Return the end of the last bar that begins before a moment; what is long ago if there is none."""
        row = self._row_before(moment)
        return 0 if row is None else int(self._extents(row.times)[1][0])

    def _before(self, moment: int) -> Bars | None:
        """Return bars of at most a minute that begin before a moment: the last ones, from one row of the file."""
        row = self._row_before(moment)
        if row is None:
            return None
        if 0 < self._series.size <= MINUTE:
            return self._bars_of(row)
        minutes = self._finer(int(row.times[0]))
        return minutes.part(minutes.begins < moment)

    def _state(self, moment: int) -> State:
        """Return the quote and the trade that were the last before a moment."""
        bars = self._before(moment)
        if bars is None:
            return NOTHING
        steps = self._paths.steps(bars.part(slice(-1, None)))
        sizes = self._paths.sizes(steps.times[-1:])
        quoted = (float(steps.bids[-1]), int(sizes[0][0]), float(steps.asks[-1]), int(sizes[1][0]))
        traded = np.flatnonzero(bars.anchored | (bars.volumes > 0))
        if self._instrument.secType == "CASH" or not len(traded):
            return State(*quoted, np.nan, 0, 0)
        if traded[-1] != len(bars) - 1:
            steps = self._paths.steps(bars.part(slice(traded[-1], traded[-1] + 1)))
        last = np.flatnonzero(steps.updates)[-1]
        return State(*quoted, float(steps.prices[last]), int(steps.traded[last]), int(steps.times[last]))

    def _next(self, moment: int) -> int:
        """Return when the first bar begins that does so at or after a moment."""
        for rows in self._library.between(self._series, moment - (0 if self._series.size else 2 * DAY), 2**62):
            begins, _ = self._extents(rows.times)
            if (later := begins[begins >= moment]).size:
                return int(later[0])
        return 2**62


def _typical(opens: Floats, highs: Floats, lows: Floats, closes: Floats) -> Floats:
    return np.asarray((opens + highs + lows + closes) / 4)


def _shown(bids: FourPrices, asks: FourPrices, what: str) -> FourPrices:
    if what == "MIDPOINT":
        one, two, three, four = ((bid + ask) / 2 for bid, ask in zip(bids, asks, strict=True))
        return one, two, three, four
    return bids if what == "BID" else asks


def _chosen(columns: BarColumns, chosen: Flags) -> BarColumns:
    return BarColumns(*(getattr(columns, name)[chosen] for name in BarColumns.__slots__))
