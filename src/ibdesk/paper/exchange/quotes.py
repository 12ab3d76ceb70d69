"""What the exchange reads from a quote."""

from decimal import Decimal
from math import isfinite, isnan
from typing import NamedTuple, Protocol

from ..decimals import ZERO, exact

UNLIMITED = Decimal("Infinity")


class Quote(Protocol):
    """What the market must tell. A price that is 0, negative, NaN or infinite is no price; a size of NaN is unlimited.

    `volume` (of the day) and `close` (of yesterday) are read where they exist, for the conditions that need them.
    """

    @property
    def bid(self) -> float: ...
    @property
    def bidSize(self) -> float: ...
    @property
    def ask(self) -> float: ...
    @property
    def askSize(self) -> float: ...
    @property
    def last(self) -> float: ...
    @property
    def lastSize(self) -> float: ...


class Prices(NamedTuple):
    """The prices of a quote, exact; None where there is none."""

    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None

    @property
    def middle(self) -> Decimal | None:
        """Half-way between bid and ask."""
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2


def prices_of(quote: Quote) -> Prices:
    """Return the prices of a quote."""
    return Prices(_price(quote.bid), _price(quote.ask), _price(quote.last))


def _price(value: float) -> Decimal | None:
    return exact(value) if isfinite(value) and value > 0 else None


def day_volume(quote: Quote) -> float | None:
    """Return the volume of the day, where the quote tells it."""
    return _finite(getattr(quote, "volume", None))


def percent_change(quote: Quote) -> float | None:
    """Return how far the last price is from yesterday's close, in percent, where the quote tells both."""
    close, last = _finite(getattr(quote, "close", None)), _finite(quote.last)
    return (last / close - 1) * 100 if close and last else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def size(value: float) -> Decimal:
    """Return a displayed size; one that is not known limits nothing."""
    return UNLIMITED if isnan(value) else max(ZERO, exact(value))


def on_tick(price: Decimal, tick: float) -> Decimal:
    """Return the multiple of `tick` that is nearest to `price`; the price itself where there is no tick."""
    if not tick:
        return price
    step = exact(tick)
    return round(price / step) * step
