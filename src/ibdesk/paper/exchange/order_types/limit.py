"""The limit order."""

from typing import ClassVar

from ibdesk.model.order import Order

from ..order_fields import given
from ..working import OrderType


class Limit(OrderType):
    """An order that is filled at its limit or better, and rests at the limit until then."""

    takes: ClassVar[frozenset[str]] = frozenset({"outsideRth"})
    shows: ClassVar[frozenset[str]] = frozenset({"trailStopPrice"})
    may_open = True
    may_be_conditional = True
    may_be_cancelled_by_conditions = True

    def complete(self, order: Order) -> None:
        """Show a stop price beside the limit, as gateways do: the limit and one unit of currency, for both sides."""
        if not given(order.trailStopPrice):
            order.trailStopPrice = round(order.lmtPrice + 1.0, 10)
