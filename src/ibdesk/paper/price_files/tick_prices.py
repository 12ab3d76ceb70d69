"""The prices of one instrument of which files have trades, bids and asks, or both: as they were.

Where there are trades alone, each is at the bid or the ask of a quote around it, and that quote stands until the next.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ..instruments import MarketSession
from ..market.noise import key, uniform
from ..market.recorded_prices import bars_of_quotes, bars_of_trades
from ..market.source import MINUTE, PRICE_DIGITS, SECOND, BarColumns, QuoteColumns, Span, micros
from .columns import Floats, Ints
from .events import NO_EVENTS, NOTHING, Events, State, columns_of
from .layout import Rows
from .library import Library, Series
from .path import Paths

_HOUR = 60 * MINUTE


class TickPrices:
    """The prices of an instrument, from the rows of `trades` and of `quotes`. One of the two may be missing."""

    def __init__(self, library: Library, trades: Series | None, quotes: Series | None, seed: int) -> None:
        self._library = library
        self._trades = trades
        self._quotes = quotes
        known = [series for series in (trades, quotes) if series is not None]
        self._instrument = known[0].instrument
        self._paths = Paths(seed, self._instrument)
        self._sides = key(seed, self._instrument.conId, "files", "sides")
        self.first: int = min(series.first for series in known)
        self.last: int = max(series.last for series in known) + 1

    def bars(self, spans: Sequence[Span], seconds: int, what: str) -> Iterator[BarColumns]:
        """Yield bars of a minute, or of a second where larger ones would not do: see `PriceSource.bars`."""
        unit = MINUTE if seconds % 60 == 0 else SECOND
        for span in spans:
            begin = span.begin
            while begin < span.end:
                end = min(begin // _HOUR * _HOUR + _HOUR, span.end)
                found = self._traded(begin, end, unit) if what == "TRADES" else self._quoted(begin, end, unit, what)
                if found is not None:
                    yield found
                begin = end

    def settled(self, moment: int) -> int:
        """Return the whole minute, at which bars begin."""
        return moment // MINUTE * MINUTE

    def quotes(self, session: MarketSession, moment: int) -> QuoteColumns:
        """Return a minute of quotes and trades, or a longer stretch in which nothing happens."""
        start, end = micros(session.start), micros(session.end)
        begin = max(moment // MINUTE * MINUTE, start)
        until = min(begin // MINUTE * MINUTE + MINUTE, end)
        events = self._events(begin, until)
        if not len(events.times):
            begin = max(start, min(begin, self._last_before(begin) // MINUTE * MINUTE + MINUTE))
            until = max(until, min(self._next(until) // MINUTE * MINUTE, end))
            return columns_of(begin, until, self._state(begin))
        return columns_of(begin, until, self._state(begin), events)

    # Rows

    def _rows(self, series: Series | None, begin: int, end: int) -> list[Rows]:
        return [] if series is None else list(self._library.between(series, begin, end))

    def _last_before(self, moment: int) -> int:
        """Return the time of the last row before a moment; what is long ago if there is none."""
        series = [each for each in (self._trades, self._quotes) if each is not None]
        rows = (self._library.before(each, moment) for each in series)
        return max((int(row.times[0]) for row in rows if row is not None), default=0)

    def _next(self, moment: int) -> int:
        """Return the time of the first row at or after a moment."""
        series = [each for each in (self._trades, self._quotes) if each is not None]
        firsts = (next(self._library.between(each, moment, 2**62), None) for each in series)
        return min((int(rows.times[0]) for rows in firsts if rows is not None), default=2**62)

    def _events(self, begin: int, end: int) -> Events:
        """Return quotes and trades in their order: at the same time, quotes first."""
        quotes = _joined([self._told(rows) for rows in self._rows(self._quotes, begin, end)])
        trades = _joined([self._done(rows) for rows in self._rows(self._trades, begin, end)])
        if self._quotes is None:
            return trades
        both = _joined([quotes, trades])
        order = np.lexsort((both.updates, both.times))
        both = Events(*(getattr(both, name)[order] for name in Events.__slots__))
        # A trade is told with the quote that stood when it was done.
        state = self._state(begin)
        places = np.maximum.accumulate(np.where(both.updates, -1, np.arange(len(order))))
        known = places >= 0
        return Events(
            both.times,
            np.where(known, both.bids[places], state.bid),
            np.where(known, both.bid_sizes[places], state.bid_size),
            np.where(known, both.asks[places], state.ask),
            np.where(known, both.ask_sizes[places], state.ask_size),
            both.prices,
            both.traded,
            both.updates,
        )

    def _told(self, rows: Rows) -> Events:
        """Return bids and asks as events. A side without one has -1 and the size 0."""
        values = rows.values
        drawn = self._paths.sizes(rows.times)
        count = len(rows.times)
        (bids, bid_sizes), (asks, ask_sizes) = (
            _side(values[side], values.get(f"{side}_size"), usual)
            for side, usual in zip(("bid", "ask"), drawn, strict=True)
        )
        nothing = np.zeros(count, dtype=np.int64)
        return Events(rows.times, bids, bid_sizes, asks, ask_sizes, np.full(count, np.nan), nothing, nothing > 0)

    def _done(self, rows: Rows) -> Events:
        """Return trades as events, with a quote around each. A trade of less than one unit counts as one."""
        prices, sizes = rows.values["price"], rows.values["size"]
        traded = np.where(sizes > 0, np.maximum(np.rint(sizes), 1.0), 0.0).astype(np.int64)
        count = len(prices)
        if self._instrument.secType == "IND":
            none, zero = np.full(count, np.nan), np.zeros(count, dtype=np.int64)
            return Events(rows.times, none, zero, none, zero, prices, traded, np.ones(count, dtype=bool))
        spread = self._paths.spread(rows.times, prices)
        at_ask = uniform(self._sides, rows.numbers) < 0.5
        bids = np.where(at_ask, np.round(prices - spread, PRICE_DIGITS), prices)
        asks = np.where(at_ask, prices, np.round(prices + spread, PRICE_DIGITS))
        bid_sizes, ask_sizes = self._paths.sizes(rows.times)
        return Events(rows.times, bids, bid_sizes, asks, ask_sizes, prices, traded, np.ones(count, dtype=bool))

    def _state(self, moment: int) -> State:
        """Return the quote and the trade that were the last before a moment."""
        trade = None if self._trades is None else self._library.before(self._trades, moment)
        quote = trade if self._quotes is None else self._library.before(self._quotes, moment)
        state = NOTHING
        if quote is not None:
            event = self._done(quote) if self._quotes is None else self._told(quote)
            state = State(
                float(event.bids[0]),
                int(event.bid_sizes[0]),
                float(event.asks[0]),
                int(event.ask_sizes[0]),
                *state[4:],
            )
        if trade is not None and self._instrument.secType != "CASH":
            event = self._done(trade)
            state = state._replace(
                last=float(event.prices[0]), last_size=int(event.traded[0]), last_time=int(event.times[0])
            )
        return state

    # Bars

    def _traded(self, begin: int, end: int, unit: int) -> BarColumns | None:
        rows = self._rows(self._trades, begin, end)
        if not rows:
            return None
        done = _joined([self._done(each) for each in rows])
        return bars_of_trades(done.times, done.prices, done.traded, begin, end, unit)

    def _quoted(self, begin: int, end: int, unit: int, what: str) -> BarColumns | None:
        events, before = self._events(begin, end), self._state(begin)
        return bars_of_quotes(events.times, events.bids, events.asks, (before.bid, before.ask), begin, end, unit, what)


def _side(prices: Floats, sizes: Floats | None, usual: Ints) -> tuple[Floats, Ints]:
    """Return the prices and sizes of bids or asks: -1 and 0 where there is none, the `usual` sizes if none are told."""
    there = prices > 0
    told = usual if sizes is None else np.rint(np.maximum(sizes, 0.0)).astype(np.int64)
    return np.where(there, prices, -1.0), np.where(there, told, 0)


def _joined(parts: list[Events]) -> Events:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return NO_EVENTS
    return Events(*(np.concatenate([getattr(part, name) for part in parts]) for name in Events.__slots__))
