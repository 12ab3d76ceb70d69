"""What orders have in common whose limit moves: with their own quote, or with the price of another instrument."""

from abc import ABC, abstractmethod
from decimal import Decimal

from ibdesk.model.order import Order

from ...decimals import exact
from ..order_fields import named
from ..quotes import UNLIMITED, Prices
from ..working import OrderType, WorkingOrder


class MovingLimit(OrderType, ABC):
    """An order that waits until the prices give it a limit, and takes another one whenever they give another."""

    has_trigger = True

    @abstractmethod
    def limit_at(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit that the order has by a quote, None when the quote lacks the price."""

    def begin(self, entry: WorkingOrder) -> None:
        """Leave the limit open: the quote gives it."""
        entry.stop = None
        entry.limit = UNLIMITED if entry.buys else -UNLIMITED

    def change(self, entry: WorkingOrder, asked: Order, before: Order) -> None:
        """Let a changed order take its limit anew."""
        self.begin(entry)
        entry.triggered = False

    def wakes(self, entry: WorkingOrder, now: Prices, before: Prices) -> bool:
        """Return whether the quote gives the order its first limit, or another one."""
        limit = self.limit_at(entry, now)
        return limit is not None and not (entry.triggered and limit == entry.limit)

    def enter(self, entry: WorkingOrder, prices: Prices) -> None:
        """Take the limit that the quote gives. Without such a price the last one stays."""
        if (limit := self.limit_at(entry, prices)) is not None:
            entry.limit = limit

    def likely_price(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit; until the order has one, that which the quote gives, or the worst price."""
        if entry.triggered:
            return entry.limit
        if (limit := self.limit_at(entry, prices)) is not None:
            return limit
        return exact(entry.order.lmtPrice) if named(entry.order.lmtPrice) else None
