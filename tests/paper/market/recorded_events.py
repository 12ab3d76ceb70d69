"""Events for tests: quotes and trades at any moments of a day, whose prices can be told from those of a walk."""

from datetime import UTC, datetime

import numpy as np

from ibdesk.paper.instruments import Instrument
from ibdesk.paper.market.source import QUOTE_COLUMNS, SECOND, QuoteColumns, micros

BEGIN = datetime(2026, 11, 20, 15, 0, 7, 123456, tzinfo=UTC)


def events_of(instrument: Instrument, seed: int, count: int, price: float = 230.0) -> QuoteColumns:
    """Return events about every four seconds, some at the same moment: now the quote changes, and now a trade comes."""
    draw = np.random.default_rng(seed)
    times = micros(BEGIN) + np.cumsum(draw.integers(0, 9 * SECOND, count) * (draw.random(count) < 0.8))
    times[0] = micros(BEGIN)
    bids = np.round(price + np.cumsum(draw.normal(0, 0.05, count)), 2)
    asks = np.round(bids + draw.integers(1, 4, count) / 100, 2)
    trades = draw.random(count) < 0.4
    trades[0] = True
    lasts = np.where(draw.random(count) < 0.5, bids, asks)
    stands = np.maximum.accumulate(np.where(trades, np.arange(count), 0))
    sizes = 1 + draw.integers(0, 300, count)
    zeros, none = np.zeros(count, dtype=np.int64), np.full(count, np.nan)
    index, forex = instrument.secType == "IND", instrument.secType == "CASH"
    return _moving(
        QuoteColumns(
            int(times[0]),
            int(times[-1]) + 1,
            times,
            none if index else bids,
            zeros if index else 100 * (1 + np.arange(count)),
            none if index else asks,
            zeros if index else sizes,
            none if forex else lasts[stands],
            zeros if forex or index else sizes[stands],
            zeros if forex else times[stands],
            np.where(trades, sizes, 0) if not (forex or index) else zeros,
        )
    )


def _moving(events: QuoteColumns) -> QuoteColumns:
    """Return the events that change something."""
    columns = [getattr(events, name) for name in QUOTE_COLUMNS[1:]]
    moved = np.any([np.diff(np.nan_to_num(each), prepend=-1) != 0 for each in columns], axis=0) | (events.traded > 0)
    return QuoteColumns(events.begin, events.end, *(getattr(events, name)[moved] for name in QUOTE_COLUMNS))
