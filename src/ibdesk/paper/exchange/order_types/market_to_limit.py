"""Market orders whose rest becomes a limit order at the first price: market-to-limit, and box top.

Source: TWS API documentation, "Basic Orders": Market to Limit, Box Top.
"""

from decimal import Decimal

from ..quotes import Prices
from ..working import WorkingOrder
from .limit_from_quote import LimitFromQuote


class MarketToLimit(LimitFromQuote):
    """A market order whose rest stays as a limit order at the price of its first fill.

    It waits for a quote to have that price.
    """

    def first_limit(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the price at which the order could trade at once."""
        return prices.ask if entry.buys else prices.bid
