"""What orders have in common that take their limit once, from the quote with which they go to the market."""

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import ClassVar

from ibdesk.model.order import Order

from ..quotes import Prices
from ..working import OrderType, WorkingOrder


class LimitFromQuote(OrderType, ABC):
    """An order that waits for a quote and takes its limit from it; the limit then stays, whatever the quote does."""

    shows: ClassVar[frozenset[str]] = frozenset({"lmtPrice"})
    limit_is_named = False
    has_trigger = True

    @abstractmethod
    def first_limit(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit that a quote gives, None when it lacks the price."""

    def complete(self, order: Order) -> None:
        """Show no limit until a quote gives one: clients that change an order may send back the one it had."""
        order.lmtPrice = 0.0

    def change(self, entry: WorkingOrder, asked: Order, before: Order) -> None:
        """Let a changed order take its limit anew."""
        self.begin(entry)
        entry.triggered = False

    def follows(self, entry: WorkingOrder) -> bool:
        """Return whether the order still waits for a quote: any will do, so it looks at each."""
        return not entry.triggered

    def wakes(self, entry: WorkingOrder, now: Prices, before: Prices) -> bool:
        """Return whether the quote has the price that gives the limit."""
        return self.first_limit(entry, now) is not None

    def enter(self, entry: WorkingOrder, prices: Prices) -> None:
        """Take the limit, the first time that the order goes to the market."""
        if not entry.triggered and (limit := self.first_limit(entry, prices)) is not None:
            entry.set_limit(limit)

    def likely_price(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit; until the order has taken it, the one that the quote gives."""
        return entry.limit if entry.triggered else self.first_limit(entry, prices)
