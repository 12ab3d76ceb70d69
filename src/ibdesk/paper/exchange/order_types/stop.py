"""Stop orders: a price that runs away from the order wakes it, as a market order or as a limit order."""

from typing import ClassVar

from ibdesk.model.order import Order

from ...decimals import exact
from ...refusals import ORDERS, Invalid
from ..order_fields import given
from ..quotes import Prices
from ..triggers import reached, trigger_method
from ..working import OrderType, WorkingOrder


class Triggered(OrderType):
    """An order that waits until the price has come to `entry.stop`, by its trigger method."""

    has_trigger = True

    def wakes(self, entry: WorkingOrder, now: Prices, before: Prices) -> bool:
        """Return whether the price has come to the stop."""
        if entry.stop is None:
            return False
        method = trigger_method(entry.contract.secType, entry.order.triggerMethod)
        return reached(method, self.rising(entry.buys), entry.stop, now, before)


class Stop(Triggered):
    """An order that waits for its stop price, in `auxPrice`."""

    takes: ClassVar[frozenset[str]] = frozenset({"auxPrice", "triggerMethod", "outsideRth"})

    def prices(self, order: Order) -> list[float]:
        """Return the stop price and the limit. Raise `Refusal` when one is missing."""
        if not (given(order.auxPrice) and order.auxPrice):
            raise Invalid(ORDERS, "Please enter a stop price")
        return [order.auxPrice, *super().prices(order)]

    def begin(self, entry: WorkingOrder) -> None:
        """Set the limit, and the price that wakes the order."""
        super().begin(entry)
        entry.stop = exact(entry.order.auxPrice)
