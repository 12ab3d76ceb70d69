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
        cut = _of_trades if what == "TRADES" else _of_quotes
        for span in spans:
            rows = slice(*np.searchsorted(events.times, [span.begin, span.end]).tolist())
            bars = cut(events, rows, span, length, what)
            if bars is not None:
                yield bars

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


def _of_trades(events: QuoteColumns, rows: slice, span: Span, length: int, what: str) -> BarColumns | None:
    # An event is a trade, or a new value of an index, when its last price is of that moment.
    places = np.arange(rows.start, rows.stop)[events.last_times[rows] == events.times[rows]]
    done = events.times[places], events.lasts[places], events.traded[places]
    return bars_of_trades(*done, span.begin, span.end, length)


def _of_quotes(events: QuoteColumns, rows: slice, span: Span, length: int, what: str) -> BarColumns | None:
    # What stands as a bar begins is part of it, so each bar begins with a row of its own.
    edges = np.maximum(np.arange(span.begin // length, -(-span.end // length)) * length, span.begin)
    times = np.concatenate([edges, events.times[rows]])
    standing = np.searchsorted(events.times, edges, side="right") - 1
    order = np.argsort(times, kind="stable")
    times, places = times[order], np.concatenate([standing, np.arange(rows.start, rows.stop)])[order]
    bids, asks = events.bids[places], events.asks[places]
    known = (places >= 0) & (bids > 0) & (asks > 0)
    bids, asks, lasting = bids[known], asks[known], np.diff(times, append=span.end)[known]
    starts = np.flatnonzero(np.diff(times[known] // length, prepend=-1))
    if not len(starts):
        return None
    prices = {"BID": bids, "ASK": asks}.get(what, (bids + asks) / 2)
    averages = np.add.reduceat(prices * lasting, starts) / np.add.reduceat(lasting, starts)
    nothing = np.zeros(len(starts), dtype=np.int64)
    return _bars(span.begin, span.end, length, times[known][starts], prices, starts, averages, nothing, nothing)


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
