"""The ticks of an instrument: its trades, and the changes of its quote.

A tick bears the time of the second in which it happens. The first quote of a session always counts as a change.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..instruments import Instrument, MarketSession, latest
from .bars import rounded
from .noise import Floats, Ints
from .source import PRICE_DIGITS, SECOND, PriceSource, QuoteColumns, Span, has_quotes, limits, micros


class Trade(NamedTuple):
    """A trade, or a new value of an index (`size` 0). `time` is in seconds since 1970."""

    time: int
    price: float
    size: int


class BidAsk(NamedTuple):
    """The best bid and ask from `time` on, in seconds since 1970."""

    time: int
    bid: float
    ask: float
    bidSize: int
    askSize: int


class MidPoint(NamedTuple):
    """The middle between bid and ask from `time` on, in seconds since 1970."""

    time: int
    price: float


Tick = Trade | BidAsk | MidPoint


def pieces_of_ticks(
    source: PriceSource,
    instrument: Instrument,
    span: Span,
    what: str,
    *,
    ignore_size: bool = False,
    backwards: bool = False,
) -> Iterator[list[Tick]]:
    """Yield the ticks of a span, a stretch of quotes at a time; `backwards` from its last stretch to the first.

    `what` is TRADES, BID_ASK or MIDPOINT. `ignore_size` leaves out bids and asks in which sizes alone changed.
    """
    for quotes, rows in _pieces(source, instrument, span, (what, ignore_size), backwards):
        yield _ticks(quotes, rows, what)


def ticks_with_moments(
    source: PriceSource, instrument: Instrument, span: Span, what: str, *, ignore_size: bool = False
) -> Iterator[tuple[int, Tick]]:
    """Yield the ticks of a span one by one, each with the microsecond since 1970 at which it happens."""
    for quotes, rows in _pieces(source, instrument, span, (what, ignore_size), False):
        yield from zip(quotes.times[rows].tolist(), _ticks(quotes, rows, what), strict=True)


def _pieces(
    source: PriceSource, instrument: Instrument, span: Span, shown: tuple[str, bool], backwards: bool
) -> Iterator[tuple[QuoteColumns, Ints]]:
    """Yield stretches of quotes with the rows in them that are ticks of the span."""
    session = latest(instrument.kind.hours, span.session.start)  # the one of all hours
    moment = span.end - 1 if backwards else span.begin
    while span.begin <= moment < span.end:
        quotes = source.quotes(instrument, session, moment)
        happens = np.flatnonzero(_happens(source, instrument, session, quotes, shown))
        times = quotes.times[happens]
        yield quotes, happens[(times >= span.begin) & (times < span.end)]
        moment = quotes.begin - 1 if backwards else quotes.end


def first_of(pieces: Iterable[list[Tick]], count: int) -> list[Tick]:
    """Return the first `count` ticks of consecutive pieces, and those that complete the last second."""
    found: list[Tick] = []
    for ticks in pieces:
        found += ticks
        if len(found) >= count:
            break
    while len(found) > count and found[-1].time > found[count - 1].time:
        found.pop()
    return found


def last_of(pieces: Iterable[list[Tick]], count: int) -> list[Tick]:
    """Return the last `count` ticks of pieces that come backwards, and those that complete the first second."""
    found: list[Tick] = []
    for ticks in pieces:
        found = ticks + found
        if len(found) >= count:
            break
    surplus = len(found) - count
    while surplus > 0 and found[surplus - 1].time == found[surplus].time:
        surplus -= 1
    return found[max(surplus, 0) :]


def _happens(
    source: PriceSource, instrument: Instrument, session: MarketSession, quotes: QuoteColumns, shown: tuple[str, bool]
) -> NDArray[np.bool_]:
    """Return for each row whether it is a tick: a trade, or a change from the row before."""
    what, ignore_size = shown
    if what == "TRADES" and has_quotes(instrument):
        return quotes.traded > 0
    # What is before the first row is the end of the stretch before, and at a session's opening, or that of all data,
    # nothing.
    opening = max(micros(session.start), limits(source, instrument)[0])
    before = source.quotes(instrument, session, quotes.begin - 1) if quotes.begin > opening else None
    columns = _shown(quotes, what, ignore_size)
    changes = np.zeros(len(quotes.times), dtype=np.bool_)
    for column, earlier in zip(columns, _shown(before, what, ignore_size) if before else columns, strict=True):
        changes[1:] |= np.diff(column) != 0
        changes[0] |= before is None or earlier[-1] != column[0]
    quoted = quotes.lasts == quotes.lasts if what == "TRADES" else (quotes.bids > 0) & (quotes.asks > 0)
    return changes & quoted


def _shown(quotes: QuoteColumns, what: str, ignore_size: bool) -> tuple[Floats | Ints, ...]:
    """Return that of which each change is a tick."""
    if what == "TRADES":
        return (quotes.lasts,)
    if what == "MIDPOINT":
        return (_middles(quotes),)
    prices = quotes.bids, quotes.asks
    return prices if ignore_size else (*prices, quotes.bid_sizes, quotes.ask_sizes)


def _middles(quotes: QuoteColumns) -> Floats:
    return np.asarray(np.round((quotes.bids + quotes.asks) / 2, PRICE_DIGITS))


def _ticks(quotes: QuoteColumns, rows: Ints, what: str) -> list[Tick]:
    times = (quotes.times[rows] // SECOND).tolist()
    if what == "TRADES":
        trades = zip(times, *rounded(quotes.lasts[rows]), quotes.traded[rows].tolist(), strict=True)
        return [Trade(*row) for row in trades]
    if what == "MIDPOINT":
        return [MidPoint(*row) for row in zip(times, _middles(quotes)[rows].tolist(), strict=True)]
    sides = rounded(quotes.bids[rows], quotes.asks[rows])
    sizes = quotes.bid_sizes[rows].tolist(), quotes.ask_sizes[rows].tolist()
    return [BidAsk(*row) for row in zip(times, *sides, *sizes, strict=True)]
