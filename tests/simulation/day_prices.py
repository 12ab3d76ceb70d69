"""Prices of a few stocks that change every few seconds only, so that a whole day of trading passes in seconds.

What happens each quarter of a second is another matter, for which `tests/simulated_hours.py` is there.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta

import numpy as np

from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.market.recorded_prices import RecordedPrices
from ibdesk.paper.market.source import SECOND, QuoteColumns, micros

OPEN, CLOSE = time(9, 30), time(16)

_PACE = (5.0, 15.0)
"""So many seconds are between two changes of a quote."""

_DENSE_PACE = (2.0, 4.5)
"""The same where each bar of five seconds is to have a trade."""

_STEP = 0.0005
"""By what share of its value a price moves typically between two changes."""


class DayPrices(RecordedPrices):
    """Prices of stocks that can be looked up."""

    def events_of(self, con_id: int) -> QuoteColumns:
        """Return all that is quoted and traded of an instrument."""
        return self._events[con_id]


def prices_of_day(day: str, stocks: Mapping[int, float], seed: int, dense: Collection[int] = ()) -> DayPrices:
    """Return the prices of stocks, which are given by conId and value, on a day and the trading day before it.

    Those in `dense` are traded in each five seconds.
    Every change of a quote has another size of the bid, by which it is told apart.
    """
    date = datetime.fromisoformat(day).date()
    before = date - timedelta(days=3 if date.weekday() == 0 else 1)
    days = [
        (datetime.combine(each, OPEN, NEW_YORK), datetime.combine(each, CLOSE, NEW_YORK)) for each in (before, date)
    ]
    return DayPrices(
        {
            con_id: _events(days, value, np.random.default_rng((seed, con_id)), is_dense=con_id in dense)
            for con_id, value in stocks.items()
        }
    )


def _events(
    days: list[tuple[datetime, datetime]], value: float, random: np.random.Generator, *, is_dense: bool
) -> QuoteColumns:
    """Draw the quotes and trades of an instrument; at most changes of its quote something is traded."""
    pace = _DENSE_PACE if is_dense else _PACE
    parts = []
    for begin, end in days:
        count = int((end - begin).total_seconds() / pace[0])
        pauses = np.cumsum(random.uniform(*pace, count))
        parts.append(micros(begin) + (np.concatenate([[0.0], pauses]) * SECOND).astype(np.int64))
        parts[-1] = parts[-1][parts[-1] < micros(end)]
    times = np.concatenate(parts)
    count = len(times)
    walk = value * np.exp(np.cumsum(random.normal(0, _STEP, count)))
    bids = np.round(walk - 0.01, 2)
    asks = np.round(bids + random.integers(1, 4, count) / 100, 2)
    is_trade = random.random(count) < (1.0 if is_dense else 0.8)
    is_trade[0] = True
    trades = np.where(random.random(count) < 0.5, bids, asks)
    sizes = random.integers(1, 20, count) * 100
    places = np.maximum.accumulate(np.where(is_trade, np.arange(count), 0))
    return QuoteColumns(
        int(times[0]),
        micros(days[-1][1]),
        times,
        bids,
        np.arange(count, dtype=np.int64) + 100,
        asks,
        random.integers(1, 20, count) * 100,
        trades[places],
        sizes[places],
        times[places],
        np.where(is_trade, sizes, 0),
    )
