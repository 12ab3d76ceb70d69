"""Orders of futures with protection: market and stop orders that go no further than a range from the best price.

Sources: TWS API documentation, "Basic Orders": Market with Protection, Stop with Protection. CME Group, "Order Types":
such an order is filled within a range from the best price, and its rest stays as a limit order at the end of the range.
"""

from decimal import Decimal
from typing import ClassVar

from ibdesk.model.order import Order

from ..price_steps import on_step
from ..quotes import Prices
from ..working import WorkingOrder
from .limit_from_quote import LimitFromQuote
from .stop import Stop

_RANGE = Decimal("0.005")
"""How wide the range is, as a part of the price.

The exchange has a number of points for each future and changes it now and then; this is our guess of their reach.
"""


def _end_of_range(entry: WorkingOrder, prices: Prices) -> Decimal | None:
    best = prices.ask if entry.buys else prices.bid
    if best is None:
        return None
    reach = best * _RANGE
    return on_step(best + reach if entry.buys else best - reach, entry.steps)


class MarketWithProtection(LimitFromQuote):
    """A market order that is filled within the range; its rest stays at the end of it."""

    def first_limit(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the end of the range, None where the quote has no price to trade at."""
        return _end_of_range(entry, prices)


class StopWithProtection(Stop):
    """A stop order that, once it is woken, is filled within the range; its rest stays at the end of it."""

    shows: ClassVar[frozenset[str]] = frozenset({"lmtPrice"})
    limit_is_named = False

    def change(self, entry: WorkingOrder, asked: Order, before: Order) -> None:
        """Leave the limit to an order that has taken it."""
        limit = entry.limit
        self.begin(entry)
        if entry.triggered:
            entry.set_limit(limit)

    def likely_price(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the stop; once the order has been woken, its limit."""
        return entry.limit if entry.triggered else entry.stop

    def wakes(self, entry: WorkingOrder, now: Prices, before: Prices) -> bool:
        """Return whether the price has come to the stop, and the quote has a price to trade at."""
        return super().wakes(entry, now, before) and _end_of_range(entry, now) is not None

    def enter(self, entry: WorkingOrder, prices: Prices) -> None:
        """Take the limit, the first time that the order goes to the market."""
        if not entry.triggered and (limit := _end_of_range(entry, prices)) is not None:
            entry.set_limit(limit)
