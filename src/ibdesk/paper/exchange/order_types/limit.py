"""The limit order, which may be discretionary.

Source: TWS API documentation, "Order Types", Discretionary: others see the limit alone.
"""

from collections.abc import Container
from decimal import Decimal
from typing import ClassVar

from ibdesk.model.order import Order

from ...decimals import ZERO, exact
from ...refusals import ORDERS, Invalid, Refusal
from .. import scale
from ..order_fields import given
from ..working import OrderType, WorkingOrder


class Limit(OrderType):
    """An order that is filled at its limit or better, and rests at the limit until then.

    One with a discretionary amount takes what is offered that much beyond its limit, though it rests at the limit.
    """

    takes: ClassVar[frozenset[str]] = scale.FIELDS | {"outsideRth", "discretionaryAmt", "cashQty", "postOnly"}
    shows: ClassVar[frozenset[str]] = frozenset({"trailStopPrice"})
    may_open = True
    may_be_conditional = True
    may_be_cancelled_by_conditions = True

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` for a discretionary amount below zero, or in an auction, where nothing is hidden.

        A scale order has to be complete.
        """
        if order.discretionaryAmt and order.tif == "OPG":
            raise Refusal(325)
        if order.discretionaryAmt < 0:
            raise Invalid(ORDERS, f"Invalid discretionaryAmt {order.discretionaryAmt}")
        scale.check_scale(order)

    def distances(self, order: Order) -> list[float]:
        """Return the discretionary amount, and the distances between the prices of a scale order."""
        return [*filter(None, [order.discretionaryAmt]), *scale.distances_of_scale(order)]

    def discretion(self, order: Order) -> Decimal:
        """Return the discretionary amount."""
        return exact(order.discretionaryAmt) if order.discretionaryAmt else ZERO

    def begin(self, entry: WorkingOrder) -> None:
        """Set the limit: beyond the one that is shown by the discretionary amount, or that of the first component."""
        super().begin(entry)
        if entry.order.discretionaryAmt:
            amount = self.discretion(entry.order)
            entry.limit += amount if entry.buys else -amount
        if scale.is_scaled(entry.order):
            scale.begin_ladder(entry)

    def complete(self, order: Order) -> None:
        """Show a stop price beside the limit, as gateways do: the limit and one unit of currency, for both sides."""
        if not given(order.trailStopPrice):
            order.trailStopPrice = round(order.lmtPrice + 1.0, 10)
