"""What stands behind the best bid and offer, exchange by exchange.

While a price stays in the book, the size at it stays the same for ten seconds. Sizes are drawn from the prices of the
quote, so that they too follow from the seed of the market, and the best rows add up to the quote.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from ..instruments import Instrument
from .bars import price_digits
from .noise import Floats, Ints, key, uniform
from .quotes import Quote
from .source import micros
from .walk import STEP

LEVELS = 20
"""How many prices a side has."""

_KEPT_STEPS = 40
_FILLED = 0.8


class Row(NamedTuple):
    """What is offered at one price by one exchange, or by a market maker there."""

    price: float
    maker: str
    size: float


class Book(NamedTuple):
    """Both sides, the best row first."""

    bids: list[Row]
    asks: list[Row]


def book(instrument: Instrument, quote: Quote, when: datetime, deep: Sequence[str], top: Sequence[str] = ()) -> Book:
    """Return the rows of the exchanges in `deep`, and the best ones of those in `top`; empty where nobody quotes."""
    step = micros(when) // STEP
    sides = ((quote.bid, quote.bidSize, -1), (quote.ask, quote.askSize, 1))
    return Book(*(_side(instrument, side, quote.close, step, (deep, top)) for side in sides))


def _side(
    instrument: Instrument,
    best: tuple[float, int, int],
    close: float,
    step: int,
    exchanges: tuple[Sequence[str], Sequence[str]],
) -> list[Row]:
    price, size, away = best
    if not price > 0 or size <= 0:
        return []
    kind = instrument.kind
    # What the day before closed at differs from seed to seed, and not within a day.
    gaps, turned, shared, filled = (key(instrument.conId, close, away, part) for part in range(4))
    first = round(price / kind.tick)
    ticks = first + away * np.arange(2 * LEVELS, dtype=np.int64)
    ticks = ticks[(ticks > 0) & ((uniform(gaps, ticks) < _FILLED) | (ticks == first))][:LEVELS]
    turns = (step + (uniform(turned, ticks) * _KEPT_STEPS).astype(np.int64)) // _KEPT_STEPS
    deep, top = exchanges
    names = (*deep, *top)
    # A row for each price, a column for each exchange.
    places = (ticks * 1_000_003 + turns)[:, None] * 64 + np.arange(len(names))
    shares = uniform(shared, places.ravel()).reshape(places.shape)
    shares[1:, len(deep) :] = 0.0
    lots = 1 + (uniform(filled, places[:, 0]) * kind.depth).astype(np.int64)
    lots[0] = size // kind.lot
    sizes = kind.lot * _split(lots, shares)
    sizes[0, 0] += size - kind.lot * lots[0]
    digits = price_digits(kind.tick)
    # The best price is that of the quote, which need not be on the grid of ticks.
    prices = [price, *(round(int(tick) * kind.tick, digits) for tick in ticks[1:])]
    return [
        Row(price, name, float(each))
        for price, row in zip(prices, sizes.tolist(), strict=True)
        for name, each in zip(names, row, strict=True)
        if each
    ]


def _split(lots: Ints, shares: Floats) -> Ints:
    """Divide the lots at each price among exchanges, in proportion to `shares`."""
    upto = np.cumsum(shares, axis=1)
    ends = np.floor(upto / upto[:, -1:] * lots[:, None] + 1e-9).astype(np.int64)
    return np.asarray(np.diff(ends, axis=1, prepend=0))


def together(rows: list[Row]) -> list[Row]:
    """Return one row for each price: what all exchanges offer at it."""
    sizes: dict[float, float] = {}
    for row in rows:
        sizes[row.price] = sizes.get(row.price, 0.0) + row.size
    return [Row(price, "", size) for price, size in sizes.items()]
