"""The ticks of a trade series: its trades, and the changes of its quote.

A tick happens on a step of the series, and bears the time of the second in which that step is. The first step of a
session always counts as a change of the quote.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ..instruments import Instrument, latest
from .bars import STEPS_A_SECOND, Span, values
from .noise import Ints
from .trade_series import StepSeries, TradeSeries, has_quotes
from .walk import STEPS


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


def minutes_of_ticks(
    source: TradeSeries,
    instrument: Instrument,
    span: Span,
    what: str,
    *,
    ignore_size: bool = False,
    backwards: bool = False,
) -> Iterator[list[Tick]]:
    """Yield the ticks of a span, minute by minute; `backwards` from its last minute to the first.

    `what` is TRADES, BID_ASK or MIDPOINT. `ignore_size` leaves out bids and asks in which sizes alone changed.
    """
    # A tick is a change from the step before, which for the first step of a minute is in the minute before.
    opening = int(latest(instrument.kind.hours, span.session.start).start.timestamp()) * STEPS_A_SECOND
    minutes = range(span.first // STEPS, -(-span.last // STEPS))
    for minute in reversed(minutes) if backwards else minutes:
        start = minute * STEPS
        series = source.steps(instrument, minute)
        before = source.steps(instrument, minute - 1) if start > opening else None
        happens = np.flatnonzero(_happens(instrument, series, before, what, ignore_size))
        inside = (happens >= span.first - start) & (happens < span.last - start)
        yield _ticks(instrument, series, minute, happens[inside], what)


def first_of(minutes: Iterable[list[Tick]], count: int) -> list[Tick]:
    """Return the first `count` ticks of consecutive minutes, and those that complete the last second."""
    found: list[Tick] = []
    for ticks in minutes:
        found += ticks
        if len(found) >= count:
            break
    while len(found) > count and found[-1].time > found[count - 1].time:
        found.pop()
    return found


def last_of(minutes: Iterable[list[Tick]], count: int) -> list[Tick]:
    """Return the last `count` ticks of minutes that come backwards, and those that complete the first second."""
    found: list[Tick] = []
    for ticks in minutes:
        found = ticks + found
        if len(found) >= count:
            break
    surplus = len(found) - count
    while surplus > 0 and found[surplus - 1].time == found[surplus].time:
        surplus -= 1
    return found[max(surplus, 0) :]


def _happens(
    instrument: Instrument, series: StepSeries, before: StepSeries | None, what: str, ignore_size: bool
) -> Ints:
    """Return for each step of a minute whether there is a tick on it."""
    if what == "TRADES" and has_quotes(instrument):
        return series.traded
    changes = np.zeros(STEPS, dtype=np.int64)
    columns = _shown(series, what, ignore_size)
    for column, earlier in zip(columns, columns if before is None else _shown(before, what, ignore_size), strict=True):
        changes[1:] |= np.diff(column) != 0
        changes[0] |= before is None or earlier[-1] != column[0]
    return changes


def _shown(series: StepSeries, what: str, ignore_size: bool) -> tuple[Ints, ...]:
    """Return that of which each change is a tick."""
    if what == "TRADES":
        return (series.last,)
    if what == "MIDPOINT":
        return (2 * series.bid + series.spread,)
    prices = series.bid, series.bid + series.spread
    return prices if ignore_size else (*prices, series.bid_size, series.ask_size)


def _ticks(instrument: Instrument, series: StepSeries, minute: int, steps: Ints, what: str) -> list[Tick]:
    times = (60 * minute + steps // STEPS_A_SECOND).tolist()

    def prices(half_ticks: Ints) -> list[float]:
        found: list[float] = values(instrument, half_ticks[steps]).tolist()
        return found

    if what == "TRADES":
        rows = zip(times, prices(2 * series.last), series.traded[steps].tolist(), strict=True)
        return [Trade(*row) for row in rows]
    if what == "MIDPOINT":
        return [MidPoint(*row) for row in zip(times, prices(2 * series.bid + series.spread), strict=True)]
    bids, asks = prices(2 * series.bid), prices(2 * (series.bid + series.spread))
    sizes = series.bid_size[steps].tolist(), series.ask_size[steps].tolist()
    return [BidAsk(*row) for row in zip(times, bids, asks, *sizes, strict=True)]
