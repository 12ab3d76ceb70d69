"""Orders whose limit follows the price of another instrument: pegged to stock and pegged to benchmark.

The limit that moves is not shown. What the order counts from, its starting price and the price of the other instrument,
is: where the client names none, it is the middle of bid and ask with which the order begins.

Sources: IBKR's pages "Pegged-to-Stock Orders" and "Pegged-to-Benchmark Orders"; TWS User's Guide, "Pegged to Stock
Columns"; TWS API documentation, "Order Types". That a benchmark counts in whole steps follows from the description of
`referenceChangeAmount`; that steps that are not complete do not count, is our guess.
"""

from abc import ABC, abstractmethod
from collections.abc import Container
from decimal import Decimal
from typing import ClassVar

from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order

from ...decimals import exact
from ...refusals import ORDERS, Invalid, Refusal
from ..order_fields import given, named
from ..price_steps import in_favor
from ..quotes import Prices
from ..stock_range import STOCK_RANGE, check_range, is_outside
from ..working import WorkingOrder
from .moving_limit import MovingLimit

_CALL = ("C", "CALL")


class PeggedToAnother(MovingLimit, ABC):
    """An order that begins at a price and moves by what the other instrument has moved since.

    `startingPrice` and `stockRefPrice` are the two prices from which it counts. It is cancelled once the other one is
    beyond `stockRangeLower` or `stockRangeUpper`.
    """

    takes: ClassVar[frozenset[str]] = STOCK_RANGE | {"startingPrice", "stockRefPrice"}
    limit_is_named = False
    has_reference = True

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` for a range that is none."""
        check_range(order)

    def prices(self, order: Order) -> list[float]:
        """Return the price at which the order begins, where the client names it."""
        return [order.startingPrice] if named(order.startingPrice) else []

    def out_of_range(self, entry: WorkingOrder) -> bool:
        """Return whether the other instrument has left the range."""
        return entry.reference is not None and is_outside(entry.order, entry.reference.middle)

    def follows(self, entry: WorkingOrder) -> bool:
        """Return whether the order still waits for a quote of its own, with which it begins."""
        return not entry.triggered

    def limit_at(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return the limit for where the other instrument stands, None while it, or the start, has no price."""
        start = _price_or(entry.order.startingPrice, prices.middle)
        now = entry.reference.middle if entry.reference else None
        if start is None or now is None:
            return None
        before = _price_or(entry.order.stockRefPrice, now)
        assert before is not None
        return in_favor(start + self.moved(entry, now - before), entry.steps, entry.buys)

    def enter(self, entry: WorkingOrder, prices: Prices) -> None:
        """Take the limit, and note with which prices the order begins."""
        super().enter(entry, prices)
        order, reference = entry.order, entry.reference
        if not named(order.startingPrice) and prices.middle is not None:
            order.startingPrice = float(prices.middle)
        if not named(order.stockRefPrice) and reference and reference.middle is not None:
            order.stockRefPrice = float(reference.middle)

    @abstractmethod
    def moved(self, entry: WorkingOrder, change: Decimal) -> Decimal:
        """Return how far the price of the order moves when the other instrument has moved by `change`."""


class PeggedToStock(PeggedToAnother):
    """An order for an option that moves with the underlying, by `delta` percent of what that moves.

    The delta is a positive number; the price of a put moves the other way.
    """

    takes: ClassVar[frozenset[str]] = PeggedToAnother.takes | {"delta"}

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` unless there is a delta between 1 and 100."""
        super().check_terms(order, said)
        if not (given(order.delta) and 1 <= order.delta <= 100):
            raise Refusal(341)

    def reference(self, order: Order, under_con_id: int) -> int:
        """Return the underlying."""
        return under_con_id

    def moved(self, entry: WorkingOrder, change: Decimal) -> Decimal:
        """Return `delta` percent of the change."""
        move = change * exact(entry.order.delta) / 100
        return move if entry.contract.right in _CALL else -move


class PeggedToBenchmark(PeggedToAnother):
    """An order that moves by `peggedChangeAmount` for each `referenceChangeAmount` that the benchmark moves."""

    takes: ClassVar[frozenset[str]] = PeggedToAnother.takes | {
        "referenceContractId",
        "peggedChangeAmount",
        "isPeggedChangeAmountDecrease",
        "referenceChangeAmount",
    }

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` unless it is told how far which move counts."""
        super().check_terms(order, said)
        for name in ("peggedChangeAmount", "referenceChangeAmount"):
            if not (given(amount := getattr(order, name)) and amount > 0):
                raise Invalid(ORDERS, f"Invalid {name} {amount}")

    def check_reference(self, order: Order, details: ContractDetails, other: ContractDetails | None) -> None:
        """Raise `Refusal` for a benchmark in another currency."""
        currency, own = (each.contract.currency if each and each.contract else "" for each in (other, details))
        if currency and currency != own:
            raise Invalid(ORDERS, f"Invalid referenceContractId {order.referenceContractId}: its currency is not {own}")

    def reference(self, order: Order, under_con_id: int) -> int:
        """Return the benchmark."""
        return order.referenceContractId

    def moved(self, entry: WorkingOrder, change: Decimal) -> Decimal:
        """Return what the complete steps of the benchmark come to."""
        order = entry.order
        steps = int(change / exact(order.referenceChangeAmount))
        move = steps * exact(order.peggedChangeAmount)
        return -move if order.isPeggedChangeAmountDecrease else move


def _price_or(price: float | None, otherwise: Decimal | None) -> Decimal | None:
    return exact(price) if price is not None and named(price) else otherwise
