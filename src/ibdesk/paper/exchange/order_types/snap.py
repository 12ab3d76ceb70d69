"""Snap orders: limit orders that take their limit once, from the quote with which they go to the market.

Source: TWS User's Guide, "Snap to Midpoint", "Snap to Market" and "Snap to Primary".
"""

from abc import abstractmethod
from decimal import Decimal
from typing import ClassVar

from ibdesk.model.order import Order

from ...decimals import ZERO, exact
from ..order_fields import given
from ..price_steps import on_step
from ..quotes import Prices
from ..working import WorkingOrder
from .limit_from_quote import LimitFromQuote


class Snap(LimitFromQuote):
    """An order that waits for a quote and takes its limit from it; the limit then stays, whatever the quote does.

    `auxPrice` is an offset from the price that the order snaps to; it makes the order less eager to trade, or more
    so where `offset_is_eager`.
    """

    takes: ClassVar[frozenset[str]] = frozenset({"auxPrice"})
    may_be_conditional = True
    offset_is_eager: ClassVar[bool] = False

    def distances(self, order: Order) -> list[float]:
        """Return the offset, where the order has one."""
        return [order.auxPrice] if given(order.auxPrice) else []

    def first_limit(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit that a quote gives, None when it lacks the price."""
        start = self.start(prices, entry.buys)
        if start is None:
            return None
        offset = exact(entry.order.auxPrice) if given(entry.order.auxPrice) else ZERO
        limit = start + offset if entry.buys == self.offset_is_eager else start - offset
        return on_step(limit, entry.steps)

    @abstractmethod
    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the price that the order snaps to, None when the quote lacks it."""


class SnapToMidpoint(Snap):
    """An order that snaps to the middle between bid and ask, less the offset."""

    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the middle."""
        return prices.middle


class SnapToMarket(Snap):
    """An order that snaps to the price at which it could trade at once, less the offset."""

    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the price of the far side."""
        return prices.ask if buys else prices.bid


class SnapToPrimary(Snap):
    """An order that snaps to the best price of its own side, and goes beyond it by the offset."""

    offset_is_eager = True

    def start(self, prices: Prices, buys: bool) -> Decimal | None:
        """Return the price of the near side."""
        return prices.bid if buys else prices.ask
