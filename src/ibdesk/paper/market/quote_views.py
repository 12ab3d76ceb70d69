"""What is quoted at any moment: the quotes of a source, with the figures of the day and the close of the day before.

Some hundred quotes are made at once and kept while somebody looks at it, because the next look is for the next of them.
"""

from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from ..instruments import Instrument, MarketSession, following, latest, sessions
from .bars import joined, rounded, span_of
from .combined_prices import CombinedPrices
from .noise import Floats, Ints
from .quotes import NAN, Quote
from .source import MINUTE, BarColumns, QuoteColumns, Span, has_quotes, has_trades, micros, moment_of, within

_PART = 256  # of the quotes that a source tells at once: some users look at one only, and all are kept
_KEPT_DAYS = _KEPT_VIEWS = 512
_FORTNIGHT, _DAY = timedelta(days=14), timedelta(days=1)
_NOTHING = Quote(-1.0, 0, -1.0, 0, NAN, 0, 0, NAN, NAN, NAN, NAN)


@dataclass(frozen=True, slots=True)
class View:
    """Quotes of one instrument that follow each other, and the moments (in UTC) at which they begin.

    There is one moment more: that at which the last of the quotes ends.
    """

    moments: list[datetime]
    quotes: list[Quote]


@dataclass(frozen=True, slots=True)
class _Day:
    """A trading day of one instrument: its first price, the figures of the day after each bar, and the close before.

    `highs`, `lows` and `volumes` have one figure more than there are bars: the first is that before all of them.
    """

    begins: list[int]
    open: float
    highs: list[float]
    lows: list[float]
    volumes: list[int]
    close: float


class QuoteViews:
    """The quotes of all instruments, as they are looked at. `kept` is what was looked at last of each, by conId."""

    def __init__(self, prices: CombinedPrices) -> None:
        self._prices = prices
        self.kept: OrderedDict[int, View] = OrderedDict()
        self._days: OrderedDict[tuple[int, date], _Day] = OrderedDict()

    def look(self, instrument: Instrument, moment: int) -> View:
        """Return the quotes at a moment and around it."""
        view = self.kept[instrument.conId] = self._look(instrument, moment)
        self.kept.move_to_end(instrument.conId)
        if len(self.kept) > _KEPT_VIEWS:
            self.kept.popitem(last=False)
        return view

    def last_price(self, instrument: Instrument, session: MarketSession) -> float:
        """Return the last price of a session (the middle of bid and ask in forex), nan where there is none."""
        whole = span_of(session)
        # The last minute is enough as a rule, and a session may have a thousand.
        for span in (whole._replace(begin=max(whole.begin, whole.end - MINUTE)), whole):
            bars = self._bars(instrument, [span])
            if bars is not None:
                return rounded(bars.closes[-1:])[0][0]
        return NAN

    def first_price(self, instrument: Instrument, day: date) -> float:
        """Return the first price of a trading day, nan where there is none."""
        return self._day(instrument, day).open

    def _look(self, instrument: Instrument, moment: int) -> View:
        first, last = self._prices.limits(instrument)
        nothing = _NOTHING if has_quotes(instrument) else _NOTHING._replace(bid=NAN, ask=NAN)
        if moment < first:
            return _lasting(moment, first, nothing)
        hours, when = instrument.kind.hours, moment_of(moment)
        session = latest(hours, when if moment < last else moment_of(last - 1))
        end = min(micros(session.end), last)
        if moment < end:
            return self._open(instrument, session, moment)
        opening = micros(following(hours, when).start)
        closed = self._closed(instrument, session, end) if end > first else nothing
        return _lasting(max(end, first), opening, closed)

    def _closed(self, instrument: Instrument, session: MarketSession, end: int) -> Quote:
        if not has_trades(instrument):
            # Forex starts its day afresh as soon as it closes.
            return _NOTHING._replace(close=self.last_price(instrument, session))
        before = self._open(instrument, session, end - 1).quotes[-1]
        return before._replace(bid=-1.0, bidSize=0, ask=-1.0, askSize=0) if has_quotes(instrument) else before

    def _open(self, instrument: Instrument, session: MarketSession, moment: int) -> View:
        # Somebody who looks at one quote will want the next, so many are made at once, column by column.
        source, day = self._prices.quotes(instrument, session, moment), self._day(instrument, session.day)
        first, last = self._prices.limits(instrument)
        end = min(source.end, micros(session.end), last)  # a source may end before its stretch
        begins = source.times[: np.searchsorted(source.times, end)]
        part = (int(np.searchsorted(begins, moment, side="right")) - 1) // _PART * _PART
        rows = slice(part, min(part + _PART, len(begins)))
        times, last_times, lasts = begins[rows].tolist(), source.last_times[rows].tolist(), source.lasts[rows]
        until = int(begins[rows.stop]) if rows.stop < len(begins) else end
        moments = [moment_of(time) for time in (*np.maximum(begins[rows], first).tolist(), until)]
        known = dict(zip(times, moments, strict=False))
        quoted, traded = has_quotes(instrument), has_trades(instrument)
        highs, lows, volumes = _figures(day, source, rows, traded=traded)
        count, opens = len(times), np.where(highs == highs, day.open, NAN)
        bids, asks, shown, *figures = rounded(source.bids[rows], source.asks[rows], lasts, opens, highs, lows)
        # What never is, is always the same object: two quotes are the same then, though nan equals nothing.
        never = [NAN] * count
        columns = (
            bids if quoted else never,
            source.bid_sizes[rows].tolist(),
            asks if quoted else never,
            source.ask_sizes[rows].tolist(),
            shown if traded else never,
            source.last_sizes[rows].tolist(),
            volumes.tolist(),
            *figures,
            [day.close] * count,
            [
                (known.get(time) or moment_of(time)) if price == price else None
                for time, price in zip(last_times, shown, strict=True)
            ],
            self._prices.halted(instrument, begins[rows]),
        )
        return View(moments, list(map(Quote._make, zip(*columns, strict=True))))

    def _day(self, instrument: Instrument, day: date) -> _Day:
        found = self._days.get((instrument.conId, day))
        if found is None:
            found = self._days[instrument.conId, day] = self._draw_day(instrument, day)
            if len(self._days) > _KEPT_DAYS:
                self._days.popitem(last=False)
        return found

    def _draw_day(self, instrument: Instrument, day: date) -> _Day:
        # A quote shows the high, the low and the volume of its day so far. They are summed up once for the whole day,
        # and each stretch of quotes finds what was before it.
        bars = self._bars(instrument, [span_of(each) for each in sessions(instrument.kind.hours, day, day)])
        close = self._regular_close(instrument, day)
        if bars is None:
            return _Day([], NAN, [-np.inf], [np.inf], [0], close)
        highs, lows = rounded(np.maximum.accumulate(bars.highs), np.minimum.accumulate(bars.lows))
        return _Day(
            bars.begins.tolist(),
            rounded(bars.opens[:1])[0][0],
            [-np.inf, *highs],
            [np.inf, *lows],
            [0, *np.cumsum(bars.volumes).tolist()],
            close,
        )

    def _bars(self, instrument: Instrument, spans: list[Span]) -> BarColumns | None:
        known = within(spans, *self._prices.limits(instrument))
        return joined(self._prices.bars(instrument, known, 60, "TRADES" if has_trades(instrument) else "MIDPOINT"))

    def _regular_close(self, instrument: Instrument, day: date) -> float:
        """Return the last price of the newest regular session before a trading day that has one."""
        for session in reversed(sessions(instrument.kind.hours, day - _FORTNIGHT, day - _DAY, regular=True)):
            price = self.last_price(instrument, session)
            if price == price:
                return price
        return NAN


def _lasting(begin: int, end: int, quote: Quote) -> View:
    return View([moment_of(begin), moment_of(end)], [quote])


def _figures(day: _Day, source: QuoteColumns, rows: slice, *, traded: bool) -> tuple[Floats, Floats, Ints]:
    """Return the highest and the lowest price (nan before the first one) and the volume of the day, after each row."""
    upto = slice(rows.stop)
    bids, asks = source.bids[upto], source.asks[upto]
    is_new = source.last_times[upto] == source.times[upto] if traded else (bids > 0) & (asks > 0)
    prices = source.lasts[upto] if traded else (bids + asks) / 2
    position = bisect_left(day.begins, source.begin)
    highs = np.maximum.accumulate(np.where(is_new, prices, -np.inf))[rows]
    lows = np.minimum.accumulate(np.where(is_new, prices, np.inf))[rows]
    highs, lows = np.maximum(highs, day.highs[position]), np.minimum(lows, day.lows[position])
    begun = highs > -np.inf
    volumes = day.volumes[position] + np.cumsum(source.traded[upto])[rows]
    return np.where(begun, highs, NAN), np.where(begun, lows, NAN), volumes
