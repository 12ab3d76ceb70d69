"""Stop orders: a price that runs away from the order wakes it, as a market order or as a limit order."""

from collections.abc import Container
from decimal import Decimal
from typing import ClassVar

from ibdesk.model.order import Order

from ...decimals import exact
from ...refusals import ORDERS, Invalid
from ..order_fields import given
from ..quotes import Prices
from ..triggers import reached, trigger_method
from ..working import OrderType, WorkingOrder
from .adjustment import (
    TERMS,
    TYPES,
    check_adjustment,
    distances_of_adjustment,
    is_adjusted,
    prices_of_adjustment,
)


class Triggered(OrderType):
    """An order that waits until the price has come to `entry.stop`, by its trigger method.

    Some types can be adjusted until then: see `.adjustment`.
    """

    has_trigger = True

    def takes_field(self, name: str) -> bool:
        """Return whether an order of this type takes a field; those that can be adjusted take the terms of that."""
        return super().takes_field(name) or (self.name in TYPES and name in TERMS)

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` for an adjustment that lacks a price, or has one too many."""
        if self.name in TYPES:
            check_adjustment(order)

    def prices(self, order: Order) -> list[float]:
        """Return the limit, and the prices of an adjustment. Raise `Refusal` when the limit is missing."""
        return [*super().prices(order), *prices_of_adjustment(order)]

    def distances(self, order: Order) -> list[float]:
        """Return the distance that an adjustment names."""
        return distances_of_adjustment(order)

    def begin(self, entry: WorkingOrder) -> None:
        """Set the limit, and the price at which the order is adjusted."""
        super().begin(entry)
        if self.name in TYPES and is_adjusted(entry.order):
            entry.adjusts_at = exact(entry.order.triggerPrice)

    def follows(self, entry: WorkingOrder) -> bool:
        """Return whether the order may still be adjusted, for which every quote is looked at."""
        return entry.adjusts_at is not None and not entry.triggered

    def adjusts(self, entry: WorkingOrder, now: Prices, before: Prices) -> bool:
        """Return whether the price has come to where the order is adjusted."""
        return entry.adjusts_at is not None and self._reaches(
            entry, entry.adjusts_at, now, before, rising=not self.rising(entry.buys)
        )

    def wakes(self, entry: WorkingOrder, now: Prices, before: Prices) -> bool:
        """Return whether the price has come to the stop, or to where the order is adjusted."""
        if self.adjusts(entry, now, before):
            return True
        return entry.stop is not None and self._reaches(entry, entry.stop, now, before, rising=self.rising(entry.buys))

    def _reaches(self, entry: WorkingOrder, level: Decimal, now: Prices, before: Prices, *, rising: bool) -> bool:
        return reached(trigger_method(entry.contract.secType, entry.order.triggerMethod), rising, level, now, before)


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
