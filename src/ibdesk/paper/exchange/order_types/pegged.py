"""Orders whose limit follows the quote: relative, pegged to primary, to market and to midpoint, and midprice.

The limit that moves is not shown: `lmtPrice` stays the worst price that the client accepts, where he names one.

Sources: TWS API documentation, "Basic Orders" and "Advanced Orders": Relative, Passive Relative, Pegged to Market,
Pegged to Midpoint, Midprice; IBKR's page "IBKR ATS Pegged-to-Midpoint", for the two distances.
"""

from abc import ABC, abstractmethod
from collections.abc import Container
from decimal import Decimal
from typing import ClassVar

from ibdesk.model.order import Order

from ...decimals import ZERO, exact
from ...refusals import Refusal
from ..order_fields import given, named
from ..price_steps import on_step
from ..quotes import Prices
from ..working import WorkingOrder
from .moving_limit import MovingLimit

_CENT = exact(0.01)


class Pegged(MovingLimit, ABC):
    """An order whose limit is at a distance from a price of the quote, and never beyond `lmtPrice`.

    It waits for a quote to have that price. Where it is `ratcheted`, its limit moves towards the market only: when the
    price runs the other way the order has become more eager than it was, and is filled.
    """

    ratcheted = True

    def prices(self, order: Order) -> list[float]:
        """Return the worst price that is accepted, where the order names one."""
        return [order.lmtPrice] if named(order.lmtPrice) else []

    def distances(self, order: Order) -> list[float]:
        """Return the distance, where it is an amount."""
        return [order.auxPrice] if "auxPrice" in self.takes and named(order.auxPrice) else []

    def follows(self, entry: WorkingOrder) -> bool:
        """Return True: each quote may move the limit."""
        return True

    def limit_at(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit that the order has by a quote, None when the quote lacks the price."""
        start = self.start(prices, entry.buys)
        if start is None:
            return None
        eager = self.distance(entry.order, start)
        limit = on_step(start + eager if entry.buys else start - eager, entry.steps)
        better = min if entry.buys else max
        if named(entry.order.lmtPrice):
            limit = better(limit, exact(entry.order.lmtPrice))
        if entry.triggered and self.is_ratcheted(entry.order):
            limit = max(limit, entry.limit) if entry.buys else min(limit, entry.limit)
        return limit

    def is_ratcheted(self, order: Order) -> bool:
        """Return whether the limit moves towards the market only."""
        return self.ratcheted

    @abstractmethod
    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the price that the order follows, None when the quote lacks it."""

    def distance(self, order: Order, start: Decimal) -> Decimal:
        """Return how much more eager to trade than that price the limit is; negative where it is less eager."""
        return ZERO


class Relative(Pegged):
    """An order that is better than the best price of its own side, by an amount or by a percentage.

    IBKR's names are relative and pegged to primary.
    """

    takes: ClassVar[frozenset[str]] = frozenset({"auxPrice", "percentOffset"})

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` unless the order has one distance."""
        percent = named(order.percentOffset)
        if percent and not 0 < order.percentOffset < 1:
            raise Refusal(159, "The percent offset value must be between 0% and 100%.")
        if percent == named(order.auxPrice) and (percent or not given(order.auxPrice)):
            raise Refusal(158, "You must specify an offset amount or a percent offset value.")

    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the best price of the order's own side."""
        return prices.bid if buys else prices.ask

    def distance(self, order: Order, start: Decimal) -> Decimal:
        """Return the amount, or the percentage of the price, which IBKR writes as 0.01 for one percent."""
        if named(order.percentOffset):
            return start * exact(order.percentOffset)
        return exact(order.auxPrice)


class PassiveRelative(Relative):
    """An order that is worse than the best price of its own side, by an amount or by a percentage."""

    def distance(self, order: Order, start: Decimal) -> Decimal:
        """Return the distance as one that makes the order less eager."""
        return -super().distance(order, start)


class PeggedToMarket(Pegged):
    """An order that keeps a distance from the price at which it could trade at once."""

    takes: ClassVar[frozenset[str]] = frozenset({"auxPrice"})
    ratcheted = False

    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the best price of the other side."""
        return prices.ask if buys else prices.bid

    def distance(self, order: Order, start: Decimal) -> Decimal:
        """Return the amount by which the order stays away."""
        return -exact(order.auxPrice) if given(order.auxPrice) else ZERO


class PeggedToMidpoint(Pegged):
    """An order that keeps to the middle between bid and ask, or a distance from it on its own side.

    Instead of one distance it may have two, so that its limit is always in whole cents: one for a middle in whole
    cents, and one for a middle between two. A negative one makes the order more eager. Such an order, which IBKR keeps
    in its own trading system and this gateway takes anywhere, goes along with the middle both ways.
    """

    takes: ClassVar[frozenset[str]] = frozenset({"auxPrice", "midOffsetAtWhole", "midOffsetAtHalf"})

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` unless the two distances are given both, and instead of the one, or neither."""
        offsets = order.midOffsetAtWhole, order.midOffsetAtHalf
        if not any(map(given, offsets)):
            return
        if named(order.auxPrice):
            raise Refusal(10306)
        if not all(map(given, offsets)) or exact(offsets[0]) % _CENT or abs(exact(offsets[1]) % _CENT) * 2 != _CENT:
            raise Refusal(10307)

    def is_ratcheted(self, order: Order) -> bool:
        """Return whether the order has one distance, or none."""
        return not given(order.midOffsetAtWhole)

    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the middle."""
        return prices.middle

    def distance(self, order: Order, start: Decimal) -> Decimal:
        """Return the amount by which the order stays away."""
        if given(order.midOffsetAtWhole):
            return -exact(order.midOffsetAtHalf if start % _CENT else order.midOffsetAtWhole)
        return -exact(order.auxPrice) if given(order.auxPrice) else ZERO


class Midprice(Pegged):
    """An order that keeps to the middle between bid and ask, and goes along with it both ways."""

    may_be_conditional = True
    may_be_cancelled_by_conditions = True
    ratcheted = False

    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the middle."""
        return prices.middle
