"""Quotes and trades in their order, as the columns in which a price source tells them."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from ..market.source import QuoteColumns
from .columns import Flags, Floats, Ints
from .path import Steps


class State(NamedTuple):
    """How things stand at a moment: the quote and the last trade, as `QuoteColumns` has them."""

    bid: float
    bid_size: int
    ask: float
    ask_size: int
    last: float
    last_size: int
    last_time: int


NOTHING = State(-1.0, 0, -1.0, 0, float("nan"), 0, 0)
"""Nobody quotes, and nothing was traded yet."""


@dataclass(frozen=True, slots=True)
class Events:
    """Quotes and trades as columns, in their order. `updates` marks the trades, and new values of an index."""

    times: Ints
    bids: Floats
    bid_sizes: Ints
    asks: Floats
    ask_sizes: Ints
    prices: Floats
    traded: Ints
    updates: Flags

    @classmethod
    def of_steps(cls, steps: Steps, bid_sizes: Ints, ask_sizes: Ints) -> Self:
        """Return steps as events, with the sizes that are quoted on each."""
        return cls(steps.times, steps.bids, bid_sizes, steps.asks, ask_sizes, steps.prices, steps.traded, steps.updates)


_NO_INTS, _NO_FLOATS = np.empty(0, dtype=np.int64), np.empty(0)
NO_EVENTS = Events(_NO_INTS, _NO_FLOATS, _NO_INTS, _NO_FLOATS, _NO_INTS, _NO_FLOATS, _NO_INTS, _NO_INTS > 0)


def columns_of(begin: int, end: int, state: State, events: Events | None = None) -> QuoteColumns:
    """Return what happens from `begin` on and before `end`, where things stood at `state` before.

    Rows in which nothing changes are left out.
    """
    events = NO_EVENTS if events is None else events
    times = np.append(begin, events.times)
    bids, asks = np.append(state.bid, events.bids), np.append(state.ask, events.asks)
    bid_sizes, ask_sizes = np.append(state.bid_size, events.bid_sizes), np.append(state.ask_size, events.ask_sizes)
    updates, traded = np.append(False, events.updates), np.append(0, events.traded)
    # The latest trade of each row; in the first one, which tells how things stood, it is that of before.
    places = np.maximum.accumulate(np.where(updates, np.arange(len(times)), 0))
    lasts = np.append(state.last, events.prices)[places]
    last_sizes = np.where(places == 0, state.last_size, traded[places])
    last_times = np.where(places == 0, state.last_time, times[places])
    kept = updates.copy()
    for column in (bids, bid_sizes, asks, ask_sizes):
        kept[1:] |= (column[1:] != column[:-1]) & ~(np.isnan(column[1:]) & np.isnan(column[:-1]))
    # What happens at `begin` itself is how things stand then.
    start = 1 if len(times) > 1 and times[1] == begin else 0
    kept[start] = True
    kept[:start] = False
    return QuoteColumns(
        begin,
        end,
        times[kept],
        bids[kept],
        bid_sizes[kept],
        asks[kept],
        ask_sizes[kept],
        lasts[kept],
        last_sizes[kept],
        last_times[kept],
        traded[kept],
    )


def last_state(columns: QuoteColumns) -> State:
    """Return how things stand after the last row."""
    return State(
        float(columns.bids[-1]),
        int(columns.bid_sizes[-1]),
        float(columns.asks[-1]),
        int(columns.ask_sizes[-1]),
        float(columns.lasts[-1]),
        int(columns.last_sizes[-1]),
        int(columns.last_times[-1]),
    )
