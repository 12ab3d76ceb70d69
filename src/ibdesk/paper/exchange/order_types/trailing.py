"""Trailing stop orders: the stop follows the price at a distance, and wakes the order when the price turns."""

from decimal import Decimal

from ibdesk.model.order import Order

from ...decimals import exact
from ...refusals import ORDERS, Invalid
from ..order_fields import given
from ..quotes import Prices, on_tick
from ..triggers import references, trigger_method
from ..working import WorkingOrder
from .stop import Triggered


class Trailing(Triggered):
    """A stop order whose stop follows the price, at an amount (`auxPrice`) or at a percentage (`trailingPercent`)."""

    def prices(self, order: Order) -> list[float]:
        """Return the prices that the order names. Raise `Refusal` when it does not say how it trails.

        One with a limit has to name its first stop. Its limit is either named or an offset from the stop.
        """
        amount = given(order.auxPrice) and order.auxPrice > 0
        percent = given(order.trailingPercent) and order.trailingPercent > 0
        if not (amount or percent) or (self.limited and not given(order.trailStopPrice)):
            raise Invalid(ORDERS, "Please enter a stop price")
        limit = [] if given(order.lmtPriceOffset) else super().prices(order)
        return limit + [price for price in (order.auxPrice, order.trailStopPrice) if given(price)]

    def complete(self, order: Order) -> None:
        """Turn a limit that is named into its distance from the stop, at which it then trails."""
        if self.limited and not given(order.lmtPriceOffset):
            order.lmtPriceOffset = float(abs(exact(order.trailStopPrice) - exact(order.lmtPrice)))

    def begin(self, entry: WorkingOrder) -> None:
        """Set the first stop, where the order names one; otherwise it comes with the first quote."""
        super().begin(entry)
        if given(entry.order.trailStopPrice) and entry.order.trailStopPrice:
            self._move(entry, exact(entry.order.trailStopPrice))

    def change(self, entry: WorkingOrder, asked: Order, before: Order) -> None:
        """Leave the stop where it has come to, unless the change is about how the order trails."""
        alike = (
            asked.orderType == before.orderType
            and (not given(asked.trailStopPrice) or asked.trailStopPrice == before.trailStopPrice)
            and (not given(asked.auxPrice) or asked.auxPrice == before.auxPrice)
            and asked.trailingPercent == before.trailingPercent
        )
        stop = entry.stop
        self.begin(entry)
        if alike and stop is not None:
            self._move(entry, stop)

    def follows(self, entry: WorkingOrder) -> bool:
        """Return whether the stop still moves: until the order is woken."""
        return not entry.triggered

    def follow(self, entry: WorkingOrder, prices: Prices) -> None:
        """Move the stop after the price; it never moves back."""
        method = trigger_method(entry.contract.secType, entry.order.triggerMethod)
        market = references(method, self.rising(entry.buys), prices)
        if not market:
            return
        if given(entry.order.trailingPercent) and entry.order.trailingPercent:
            distance = market[0] * exact(entry.order.trailingPercent) / 100
        else:
            distance = exact(entry.order.auxPrice)
        stop = on_tick(market[0] + distance if entry.buys else market[0] - distance, entry.details.minTick)
        if entry.stop is None or (stop < entry.stop if entry.buys else stop > entry.stop):
            self._move(entry, stop)

    def _move(self, entry: WorkingOrder, stop: Decimal) -> None:
        """Set the stop, which the order shows, and the limit that keeps its distance from it."""
        entry.stop = stop
        entry.order.trailStopPrice = float(stop)
        if self.limited and given(entry.order.lmtPriceOffset):
            offset = exact(entry.order.lmtPriceOffset)
            entry.set_limit(stop + offset if entry.buys else stop - offset)
