"""What the market has for an order: at which price, and how much of it.

The market is one quote: its ask serves purchases, its bid sales, each up to the displayed size. A trade that is
printed at or beyond the limit of a resting order, which the quote does not reach, serves it at the limit, up to the
size of the print; those who trade there do not see a discretionary amount. Nobody gets a price worse than his limit.
What is used up is gone until the next quote.
"""

from decimal import Decimal
from typing import NamedTuple

from ..decimals import ZERO
from .quotes import Prices, Quote, day_volume, prices_of, size
from .working import WorkingOrder

ADDED, REMOVED = 1, 2
"""IBKR's `lastLiquidity`: the order rested, or it took what was there."""


class Offer(NamedTuple):
    """What the market gives an order, and from which part of the quote."""

    price: Decimal
    size: Decimal
    source: str


class Liquidity:
    """What is left of the last quote."""

    def __init__(self) -> None:
        self.prices: Prices = Prices()
        self.before: Prices = self.prices
        self.fresh_print: Decimal | None = None
        self._left = {"bid": ZERO, "ask": ZERO, "print": ZERO}
        self._last_print: tuple[object, ...] = ()

    def take(self, quote: Quote) -> None:
        """Begin anew with a quote. The last trade counts as a print only when it differs from the one before."""
        self.before, self.prices = self.prices, prices_of(quote)
        printed = (self.prices.last, size(quote.lastSize), day_volume(quote))
        self.fresh_print = self.prices.last if self._last_print and printed != self._last_print else None
        self._last_print = printed
        self._left = {"bid": size(quote.bidSize), "ask": size(quote.askSize), "print": size(quote.lastSize)}

    def offer(self, entry: WorkingOrder, resting: bool) -> Offer | None:
        """Return the best that the market has for an order now; None when that is nothing."""
        source, price = ("ask", self.prices.ask) if entry.buys else ("bid", self.prices.bid)
        if not within(entry, price):
            if not (resting and entry.kind.limited and within(entry, self.fresh_print)):
                return None
            source, price = "print", entry.shown_limit
            if price != entry.limit and not accepts(entry.buys, price, self.fresh_print):
                return None
        # A trade of others meets what they see of an order; what an order takes of a quote is not shown before.
        amount = min(self._left[source], entry.displayed if source == "print" else entry.remaining)
        if entry.releases is not None:
            amount = min(amount, max(entry.released - entry.filled, ZERO))
        if price is None or not amount or amount < entry.smallest_fill:
            return None
        return Offer(price, amount, source)

    def use(self, offer: Offer) -> None:
        """Take an offer off the market."""
        self._left[offer.source] -= offer.size

    def reach(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the lowest price at which bids and the highest at which offers may be served now."""
        asked = [price for price in (self.prices.ask, self.fresh_print) if price is not None]
        bid = [price for price in (self.prices.bid, self.fresh_print) if price is not None]
        return min(asked, default=None), max(bid, default=None)

    def span(self) -> tuple[Decimal, Decimal] | None:
        """Return the lowest and the highest price of this quote; None when it has none."""
        known = [price for price in self.prices if price is not None]
        return (min(known), max(known)) if known else None


def within(entry: WorkingOrder, price: Decimal | None) -> bool:
    """Return whether an order accepts a price."""
    return accepts(entry.buys, entry.limit, price)


def accepts(buys: bool, limit: Decimal, price: Decimal | None) -> bool:
    """Return whether a price is at a limit, or better for one who `buys`, or else sells."""
    if price is None:
        return False
    return price <= limit if buys else price >= limit
