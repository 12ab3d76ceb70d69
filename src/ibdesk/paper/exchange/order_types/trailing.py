"""Trailing orders: the price that wakes the order follows the market at a distance, until the market turns.

Source: TWS API documentation, "Basic Orders"; TWS User's Guide, "Trailing Market if Touched".
"""

from collections.abc import Container
from decimal import Decimal
from typing import ClassVar

from ibdesk.model.order import Order

from ...decimals import exact
from ...refusals import ORDERS, Invalid, Refusal
from ..order_fields import given
from ..price_steps import on_step
from ..quotes import Prices
from ..triggers import references, trigger_method
from ..working import WorkingOrder
from .stop import Triggered


class Trailing(Triggered):
    """A stop order whose stop follows the price, at an amount (`auxPrice`) or at a percentage (`trailingPercent`)."""

    takes: ClassVar[frozenset[str]] = frozenset(
        {"auxPrice", "trailingPercent", "trailStopPrice", "triggerMethod", "outsideRth"}
    )
    shows: ClassVar[frozenset[str]] = frozenset({"lmtPrice"})

    def takes_field(self, name: str) -> bool:
        """Return whether an order of this type takes a field; those with a limit take its offset, too."""
        return super().takes_field(name) or (self.limited and name == "lmtPriceOffset")

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` for a distance that is given twice, or for two limits that are not the same."""
        super().check_terms(order, said)
        if given(order.trailingPercent) and not 0 <= order.trailingPercent < 100:
            raise Refusal(159, "The percent offset value must be between 0% and 100%.")
        if _positive(order.auxPrice) and _positive(order.trailingPercent):
            raise Refusal(158, "You must specify an offset amount or a percent offset value.")
        if "lmtPrice" in said and "lmtPriceOffset" in said and given(order.trailStopPrice):
            distance = abs(exact(order.trailStopPrice) - exact(order.lmtPrice))
            if _named(order.lmtPrice) and _named(order.lmtPriceOffset) and distance != abs(exact(order.lmtPriceOffset)):
                raise Invalid(ORDERS, "Please enter either a limit price or a limit price offset")

    def prices(self, order: Order) -> list[float]:
        """Return the prices that the order names. Raise `Refusal` when it does not say how it trails.

        One with a limit has to name its first stop. Its limit is either named or an offset from the stop.
        """
        trails = _positive(order.auxPrice) or _positive(order.trailingPercent)
        if not trails or (self.limited and not _positive(order.trailStopPrice)):
            raise Invalid(ORDERS, "Please enter a stop price")
        limit = super().prices(order) if self.limited and not self._has_offset(order) else []
        return [*limit, order.trailStopPrice] if _named(order.trailStopPrice) else limit

    def distances(self, order: Order) -> list[float]:
        """Return the amount by which the order trails, and the offset of its limit."""
        named = [distance for distance in (order.auxPrice, order.lmtPriceOffset) if _named(distance)]
        return [*named, *super().distances(order)]

    def complete(self, order: Order) -> None:
        """Turn a limit that is named into its distance from the stop, at which it then trails.

        The distance is negative where the limit is on the near side of the stop.
        """
        if self.limited and not self._has_offset(order):
            beyond = exact(order.lmtPrice) - exact(order.trailStopPrice)
            order.lmtPriceOffset = float(beyond if order.action == "BUY" else -beyond)

    @staticmethod
    def _has_offset(order: Order) -> bool:
        """Return whether the distance of the limit is given: it may be 0, unless a limit is given too."""
        return _named(order.lmtPriceOffset) or (given(order.lmtPriceOffset) and not _named(order.lmtPrice))

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
        above = self.rising(entry.buys)
        stop = on_step(market[0] + distance if above else market[0] - distance, entry.steps)
        if entry.stop is None or (stop < entry.stop if above else stop > entry.stop):
            self._move(entry, stop)

    def _move(self, entry: WorkingOrder, stop: Decimal) -> None:
        """Set the stop, which the order shows, and the limit that keeps its distance from it."""
        entry.stop = stop
        entry.order.trailStopPrice = float(stop)
        if self.limited and given(entry.order.lmtPriceOffset):
            offset = exact(entry.order.lmtPriceOffset)
            entry.set_limit(stop + offset if entry.buys else stop - offset)


class TrailingTouched(Trailing):
    """An order that trails like a stop order, but on the side from which a better price comes.

    The price that wakes a sale is above the market and falls with it, that of a purchase is below and rises with it.
    """

    def rising(self, buys: bool) -> bool:
        """Return whether a rising price wakes the order: for sales."""
        return not buys


def _named(value: float | None) -> bool:
    """Return whether a price or a distance is given; clients and servers write 0 for one that is not."""
    return given(value) and value != 0


def _positive(value: float | None) -> bool:
    return value is not None and given(value) and value > 0
