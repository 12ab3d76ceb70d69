"""Market orders whose rest becomes a limit order at the first price: market-to-limit, and box top.

Source: TWS API documentation, "Basic Orders": Market to Limit, Box Top.
"""

from decimal import Decimal

from ibdesk.model.order import Order

from ..quotes import Prices
from ..working import OrderType, WorkingOrder


class MarketToLimit(OrderType):
    """A market order whose rest stays as a limit order at the price of its first fill.

    It waits for a quote to have that price.
    """

    shows = frozenset({"lmtPrice"})
    limit_is_named = False
    has_trigger = True

    def change(self, entry: WorkingOrder, asked: Order, before: Order) -> None:
        """Let a changed order take its limit anew."""
        self.begin(entry)
        entry.triggered = False

    def follows(self, entry: WorkingOrder) -> bool:
        """Return whether the order still waits for a quote."""
        return not entry.triggered

    def wakes(self, entry: WorkingOrder, now: Prices, before: Prices) -> bool:
        """Return whether the quote has a price to trade at."""
        return self.first_limit(entry, now) is not None

    def enter(self, entry: WorkingOrder, prices: Prices) -> None:
        """Take the limit, the first time that the order goes to the market."""
        if not entry.triggered and (limit := self.first_limit(entry, prices)) is not None:
            entry.set_limit(limit)

    def likely_price(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit; until the order has taken one, the one that it waits for."""
        return entry.limit if entry.triggered else self.first_limit(entry, prices)

    def first_limit(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit that a quote gives: the price at which the order could trade at once."""
        return prices.ask if entry.buys else prices.bid
