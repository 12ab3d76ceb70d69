"""A price source of recorded events: of quotes and trades, each at its own moment, held in memory."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np

from ..instruments import Instrument, MarketSession
from .noise import Floats, Ints
from .source import MINUTE, SECOND, BarColumns, QuoteColumns, Span, micros, moment_of, part_of

_STRETCH = 15 * MINUTE


class RecordedPrices:
    """The events of each instrument, by its conId: one `QuoteColumns` for all of its time. It is a `PriceSource`."""

    def __init__(self, events: Mapping[int, QuoteColumns]) -> None:
        self._events = events
        self._quotes = lru_cache(maxsize=64)(self._stretch)

    def covers(self, instrument: Instrument) -> bool:
        """Return whether there are events of an instrument."""
        return instrument.conId in self._events

    def first(self, instrument: Instrument) -> datetime | None:
        """Return the moment of the first event."""
        return moment_of(self._events[instrument.conId].begin)

    def last(self, instrument: Instrument) -> datetime | None:
        """Return the moment at which the recording of an instrument ends."""
        return moment_of(self._events[instrument.conId].end)

    def bars(self, instrument: Instrument, spans: Sequence[Span], seconds: int, what: str) -> Iterator[BarColumns]:
        """Yield bars of a minute where `seconds` allows it, else of a second."""
        events = self._events[instrument.conId]
        length = SECOND if seconds % 60 else MINUTE
        for span in spans:
            bars = bars_of_events(events, span, length, what)
            if bars is not None:
                yield bars

    def settled(self, instrument: Instrument, moment: int) -> int:
        """Return the whole minute: see `CombinedPrices.settled`."""
        return moment // MINUTE * MINUTE

    def quotes(self, instrument: Instrument, session: MarketSession, moment: int) -> QuoteColumns:
        """Return the events of a quarter of an hour."""
        return self._quotes(instrument.conId, micros(session.start), micros(session.end), moment // _STRETCH)

    def _stretch(self, conId: int, start: int, stop: int, number: int) -> QuoteColumns:
        events = self._events[conId]
        begin = max(number * _STRETCH, start, events.begin)
        end = min((number + 1) * _STRETCH, stop, events.end)
        return part_of(events, begin, end)


def bars_of_trades(times: Ints, prices: Floats, sizes: Ints, begin: int, end: int, length: int) -> BarColumns | None:
    """Return the bars that trades make which were done from `begin` on and before `end`; None where there are none.

    Bars of `length` microseconds begin at the multiples of that since 1970, and are cut at `begin` and `end`.
    """
    starts = np.flatnonzero(np.diff(times // length, prepend=-1))
    if not len(starts):
        return None
    counts = np.diff(starts, append=len(times))
    volumes = np.add.reduceat(sizes, starts)
    worth, plain = np.add.reduceat(prices * sizes, starts), np.add.reduceat(prices, starts) / counts
    averages = np.where(volumes > 0, worth / np.maximum(volumes, 1), plain)
    return _bars(begin, end, length, times[starts], prices, starts, averages, volumes, counts)


def bars_of_quotes(
    times: Ints, bids: Floats, asks: Floats, before: tuple[float, float], begin: int, end: int, length: int, what: str
) -> BarColumns | None:
    """Return the bars of bids, of asks or of their middle (`what`) which quotes make that were told before `end`.

    `before` is the bid and the ask before `begin`. What stands as a bar begins is part of it, so there is a bar
    wherever there is a price; None where there is none. They are cut as those of trades. Averages are weighted by time.
    """
    edges = np.maximum(np.arange(begin // length, -(-end // length)) * length, begin)
    standing = np.searchsorted(times, edges, side="right")
    places = np.concatenate([standing, np.arange(1, len(times) + 1)])
    times = np.concatenate([edges, times])
    order = np.argsort(times, kind="stable")
    times, places = times[order], places[order]
    bids, asks = np.append(before[0], bids)[places], np.append(before[1], asks)[places]
    known = {"BID": bids > 0, "ASK": asks > 0}.get(what, (bids > 0) & (asks > 0))
    prices = {"BID": bids, "ASK": asks}.get(what, (bids + asks) / 2)[known]
    times, lasting = times[known], np.diff(times, append=end)[known]
    starts = np.flatnonzero(np.diff(times // length, prepend=-1))
    if not len(starts):
        return None
    averages = np.add.reduceat(prices * lasting, starts) / np.add.reduceat(lasting, starts)
    nothing = np.zeros(len(starts), dtype=np.int64)
    return _bars(begin, end, length, times[starts], prices, starts, averages, nothing, nothing)


def bars_of_events(events: QuoteColumns, span: Span, length: int, what: str) -> BarColumns | None:
    """Return the bars of `length` microseconds that events make within a span; None where there are none."""
    first, last = np.searchsorted(events.times, [span.begin, span.end]).tolist()
    if what == "TRADES":
        return _of_trades(events, slice(first, last), span, length)
    times, bids, asks = events.times[first:last], events.bids[first:last], events.asks[first:last]
    before = (float(events.bids[first - 1]), float(events.asks[first - 1])) if first else (np.nan, np.nan)
    return bars_of_quotes(times, bids, asks, before, span.begin, span.end, length, what)


def _of_trades(events: QuoteColumns, rows: slice, span: Span, length: int) -> BarColumns | None:
    # An event is a trade, or a new value of an index, when its last price is of that moment.
    places = np.arange(rows.start, rows.stop)[events.last_times[rows] == events.times[rows]]
    done = events.times[places], events.lasts[places], events.traded[places]
    return bars_of_trades(*done, span.begin, span.end, length)


def _bars(
    begin: int,
    end: int,
    length: int,
    times: Ints,
    prices: Floats,
    starts: Ints,
    averages: Floats,
    volumes: Ints,
    counts: Ints,
) -> BarColumns:
    begins = np.maximum(times // length * length, begin)
    return BarColumns(
        begins,
        np.minimum((times // length + 1) * length, end) - begins,
        prices[starts],
        np.maximum.reduceat(prices, starts),
        np.minimum.reduceat(prices, starts),
        prices[np.append(starts[1:], len(prices)) - 1],
        averages,
        volumes,
        counts,
    )
