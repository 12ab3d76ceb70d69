"""The range of the price of another instrument outside which an order is cancelled.

Source: TWS User's Guide, "Pegged to Stock Columns" and "Volatility Order Ticket": merely touching an end does not
cancel the order.
"""

from decimal import Decimal

from ibdesk.model.order import Order

from ..decimals import exact
from ..refusals import Refusal
from .order_fields import counted

STOCK_RANGE = frozenset({"stockRangeLower", "stockRangeUpper"})
"""The fields that tell the range. Either may be left out."""


def check_range(order: Order) -> None:
    """Raise `Refusal` for a range with a negative end, or with its ends the wrong way round."""
    ends = [end for end in (order.stockRangeLower, order.stockRangeUpper) if counted(end)]
    if any(end < 0 for end in ends):
        raise Refusal(375)
    if len(ends) == 2 and ends[0] >= ends[1]:
        raise Refusal(374)


def is_outside(order: Order, price: Decimal | None) -> bool:
    """Return whether a price is beyond the range of an order."""
    if price is None:
        return False
    too_low = counted(order.stockRangeLower) and price < exact(order.stockRangeLower)
    return too_low or (counted(order.stockRangeUpper) and price > exact(order.stockRangeUpper))
