"""What stands behind the best bid and offer, exchange by exchange.

While a price stays in the book, the size at it stays the same for ten seconds. Sizes are drawn from the prices of the
quote, so that they too follow from the seed of the market, and the best rows add up to the quote.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..instruments import Instrument
from .bars import price_digits
from .noise import Ints, key, uniform
from .quotes import Quote
from .source import micros
from .walk import STEP

LEVELS = 20
"""How many prices a side has."""

_KEPT_STEPS = 40
_KEPT_PRICES, _KEPT_ROWS = 32, 256
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
    step, exchanges = micros(when) // STEP, (tuple(deep), tuple(top))
    sides = ((quote.bid, quote.bidSize, -1), (quote.ask, quote.askSize, 1))
    return Book(
        *(
            _side(instrument, quote.close, away, *exchanges).rows(price, size, step) if price > 0 and size > 0 else []
            for price, size, away in sides
        )
    )


class _Level(NamedTuple):
    """A price of one side, and by how many steps its sizes turn earlier than those that do so last."""

    tick: int
    early: int
    price: float


class _Side:
    """One side of the books of an instrument, within a day: the offers where `away` is 1, the bids where it is -1.

    Most prices keep their sizes from one step to the next, so their rows are kept.
    """

    def __init__(
        self, instrument: Instrument, close: float, away: int, deep: tuple[str, ...], top: tuple[str, ...]
    ) -> None:
        self._kind = instrument.kind
        self._away = away
        self._deep = deep
        self._top = top
        # What the day before closed at differs from seed to seed, and not within a day.
        self._keys = tuple(key(instrument.conId, close, away, part) for part in range(4))
        self._levels = lru_cache(maxsize=_KEPT_PRICES)(self._find_levels)
        self._behind = lru_cache(maxsize=_KEPT_ROWS)(self._draw_behind)
        self._best = lru_cache(maxsize=_KEPT_PRICES)(self._draw_best)

    def rows(self, price: float, size: int, step: int) -> list[Row]:
        """Return all rows, where the best price and the size there are those of a quote."""
        first, *behind = self._levels(round(price / self._kind.tick))
        # The best price is that of the quote, which need not be on the grid of ticks.
        rows = list(self._best(first._replace(price=price), (step + first.early) // _KEPT_STEPS, size))
        for level in behind:
            rows += self._behind(level, (step + level[1]) // _KEPT_STEPS)
        return rows

    def _find_levels(self, first: int) -> list[_Level]:
        gaps, turned, _, _ = self._keys
        ticks = first + self._away * np.arange(2 * LEVELS, dtype=np.int64)
        ticks = ticks[(ticks > 0) & ((uniform(gaps, ticks) < _FILLED) | (ticks == first))][:LEVELS]
        early = (uniform(turned, ticks) * _KEPT_STEPS).astype(np.int64)
        digits = price_digits(self._kind.tick)
        prices = [round(tick * self._kind.tick, digits) for tick in ticks.tolist()]
        return [_Level(*each) for each in zip(ticks.tolist(), early.tolist(), prices, strict=True)]

    def _draw_behind(self, level: _Level, turn: int) -> list[Row]:
        places = self._places(level, turn, self._deep)
        lots = 1 + int(uniform(self._keys[3], places[:1])[0] * self._kind.depth)
        return self._divided(level.price, places, self._kind.lot * lots, self._deep)

    def _draw_best(self, level: _Level, turn: int, size: int) -> list[Row]:
        names = (*self._deep, *self._top)
        return self._divided(level.price, self._places(level, turn, names), size, names)

    @staticmethod
    def _places(level: _Level, turn: int, names: tuple[str, ...]) -> Ints:
        """Return a position of chance for each exchange."""
        return np.asarray((level.tick * 1_000_003 + turn) * 64 + np.arange(len(names)))

    def _divided(self, price: float, places: Ints, size: int, names: tuple[str, ...]) -> list[Row]:
        """Divide the lots at a price among exchanges by chance; what is no whole lot is with the first one."""
        upto = np.cumsum(uniform(self._keys[2], places))
        lots, rest = divmod(size, self._kind.lot)
        ends = (self._kind.lot * (upto / upto[-1] * lots + 1e-9).astype(np.int64) + rest).tolist()
        sizes = (end - before for before, end in pairwise((0, *ends)))
        return [Row(price, name, float(each)) for name, each in zip(names, sizes, strict=True) if each]


_side = lru_cache(maxsize=32)(_Side)


def together(rows: list[Row]) -> list[Row]:
    """Return one row for each price: what all exchanges offer at it."""
    sizes: dict[float, float] = {}
    for row in rows:
        sizes[row.price] = sizes.get(row.price, 0.0) + row.size
    return [Row(price, "", size) for price, size in sizes.items()]
