"""Decides what the ticks of a tape are: trades, changes of the quote; must not know requests, clients or the time.

A tick belongs to the beat on which it happened, and is told with the second in which that is. The first beat of a
session is a change of the quote, whatever it was before.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ..instruments import Instrument, latest
from .bars import BEATS_A_SECOND, Span, values
from .noise import Ints
from .tape import BeatTape, Tapes, has_quotes
from .walk import BEATS


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
    tapes: Tapes, instrument: Instrument, span: Span, what: str, *, ignore_size: bool = False, backwards: bool = False
) -> Iterator[list[Tick]]:
    """The ticks of a span, minute by minute; `backwards` from its last minute to the first.

    `what` is TRADES, BID_ASK or MIDPOINT. `ignore_size` leaves out bids and asks in which sizes alone changed.
    """
    opening = int(latest(instrument.kind.hours, span.session.start).start.timestamp()) * BEATS_A_SECOND
    minutes = range(span.first // BEATS, -(-span.last // BEATS))
    for minute in reversed(minutes) if backwards else minutes:
        start = minute * BEATS
        tape = tapes.beats(instrument, minute)
        before = tapes.beats(instrument, minute - 1) if start > opening else None
        happens = np.flatnonzero(_happens(instrument, tape, before, what, ignore_size))
        inside = (happens >= span.first - start) & (happens < span.last - start)
        yield _ticks(instrument, tape, minute, happens[inside], what)


def first_of(minutes: Iterable[list[Tick]], count: int) -> list[Tick]:
    """The first `count` ticks of consecutive minutes, and those that complete the last second."""
    found: list[Tick] = []
    for ticks in minutes:
        found += ticks
        if len(found) >= count:
            break
    while len(found) > count and found[-1].time > found[count - 1].time:
        found.pop()
    return found


def last_of(minutes: Iterable[list[Tick]], count: int) -> list[Tick]:
    """The last `count` ticks of minutes that come backwards, and those that complete the first second."""
    found: list[Tick] = []
    for ticks in minutes:
        found = ticks + found
        if len(found) >= count:
            break
    surplus = len(found) - count
    while surplus > 0 and found[surplus - 1].time == found[surplus].time:
        surplus -= 1
    return found[max(surplus, 0) :]


def _happens(instrument: Instrument, tape: BeatTape, before: BeatTape | None, what: str, ignore_size: bool) -> Ints:
    """For each beat of a minute whether there is a tick on it."""
    if what == "TRADES" and has_quotes(instrument):
        return tape.traded
    changes = np.zeros(BEATS, dtype=np.int64)
    columns = _shown(tape, what, ignore_size)
    for column, earlier in zip(columns, columns if before is None else _shown(before, what, ignore_size), strict=True):
        changes[1:] |= np.diff(column) != 0
        changes[0] |= before is None or earlier[-1] != column[0]
    return changes


def _shown(tape: BeatTape, what: str, ignore_size: bool) -> tuple[Ints, ...]:
    """That of which each change is a tick."""
    if what == "TRADES":
        return (tape.last,)
    if what == "MIDPOINT":
        return (2 * tape.bid + tape.spread,)
    prices = tape.bid, tape.bid + tape.spread
    return prices if ignore_size else (*prices, tape.bid_size, tape.ask_size)


def _ticks(instrument: Instrument, tape: BeatTape, minute: int, beats: Ints, what: str) -> list[Tick]:
    times = (60 * minute + beats // BEATS_A_SECOND).tolist()

    def prices(half_ticks: Ints) -> list[float]:
        found: list[float] = values(instrument, half_ticks[beats]).tolist()
        return found

    if what == "TRADES":
        rows = zip(times, prices(2 * tape.last), tape.traded[beats].tolist(), strict=True)
        return [Trade(*row) for row in rows]
    if what == "MIDPOINT":
        return [MidPoint(*row) for row in zip(times, prices(2 * tape.bid + tape.spread), strict=True)]
    bids, asks = prices(2 * tape.bid), prices(2 * (tape.bid + tape.spread))
    sizes = tape.bid_size[beats].tolist(), tape.ask_size[beats].tolist()
    return [BidAsk(*row) for row in zip(times, bids, asks, *sizes, strict=True)]
