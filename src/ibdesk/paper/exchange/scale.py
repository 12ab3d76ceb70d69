"""Scale orders: limit orders that go to the market in components, each at a better price than the one before.

A component goes to the market when the one before it is filled. With a profit offset, each component that is filled
has the exchange make a profit taker: an order for the other side, better than the component by that offset. A first
component that is larger than the others has one for each part of the size of the others, as if these had been separate
components. With `scaleAutoReset` a profit taker that is filled gives its size back to the component that it came from;
the order then lives as long as one of them may.

Source: TWS User's Guide, "ScaleTrader", with its examples 1 to 4. Our guess: `totalQuantity` has in it what may be
given back, funds are reserved for the component at the market, and a profit taker goes on when its order is cancelled.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from ibdesk.model.order import Order

from ..decimals import exact
from ..refusals import ORDERS, Invalid, Refusal
from .ladder import Ladder
from .lifecycle import FILLED
from .order_fields import counted, given
from .order_index import OrderIndex
from .outcome import Outcome
from .price_steps import on_step
from .working import INCOMPATIBLE_TIF, Attached, WorkingOrder

FIELDS = frozenset(
    {"scaleInitLevelSize", "scaleSubsLevelSize", "scalePriceIncrement", "scaleProfitOffset", "scaleAutoReset"}
)
"""The fields of a scale order that are served."""

_TIMES_IN_FORCE = frozenset({"DAY", "GTC", "GTX", "GTD", ""})


def is_scaled(order: Order) -> bool:
    """Return whether an order goes to the market in components."""
    return _number(order.scalePriceIncrement) != 0


def check_scale(order: Order) -> None:
    """Raise `Refusal` for fields of a scale order that are wrong, or missing."""
    increment, profit = order.scalePriceIncrement, order.scaleProfitOffset
    first, size = order.scaleInitLevelSize, order.scaleSubsLevelSize
    if not (is_scaled(order) or counted(first) or counted(size) or _number(profit) or order.scaleAutoReset):
        return
    for is_wrong, code, name in (
        (_number(increment) <= 0, 408, "scalePriceIncrement"),
        (not counted(first), 419, "scaleInitLevelSize"),
        (not 0 < first <= order.totalQuantity, 417, "scaleInitLevelSize"),
        (counted(size) and size < 0, 410, "scaleSubsLevelSize"),
        (_number(profit) < 0, 418, "scaleProfitOffset"),
        (order.scaleAutoReset and not _number(profit), 446, "scaleProfitOffset"),
    ):
        if is_wrong:
            raise Refusal(code, about=f"{name}={getattr(order, name)}")
    steps = -(-(order.totalQuantity - first) // _size(order))
    if order.action == "BUY" and order.lmtPrice - steps * increment <= 0:
        raise Refusal(408, about=f"scalePriceIncrement={increment}: the last component has no price")
    if order.tif not in _TIMES_IN_FORCE:
        raise Refusal(*INCOMPATIBLE_TIF)
    for name in ("parentId", "ocaGroup", "hedgeType", "allOrNone", "discretionaryAmt"):
        if getattr(order, name):
            raise Invalid(ORDERS, f"A scale order cannot have {name}={getattr(order, name)}")


def distances_of_scale(order: Order) -> list[float]:
    """Return the distances between prices that a scale order names."""
    return [number for price in (order.scalePriceIncrement, order.scaleProfitOffset) if (number := _number(price))]


def _number(value: float | None) -> float:
    return value if value is not None and given(value) else 0.0


def _size(order: Order) -> int:
    return order.scaleSubsLevelSize if counted(order.scaleSubsLevelSize) else order.scaleInitLevelSize


def begin_ladder(entry: WorkingOrder) -> None:
    """Put the first component of a scale order at the market."""
    order, sign = entry.order, -1 if entry.buys else 1
    entry.ladder = Ladder(
        start=exact(order.lmtPrice),
        increment=sign * exact(order.scalePriceIncrement),
        first=exact(order.scaleInitLevelSize),
        size=exact(_size(order)),
        waiting=exact(order.totalQuantity),
        profit=-sign * exact(order.scaleProfitOffset) if _number(order.scaleProfitOffset) else None,
        restores=order.scaleAutoReset,
    )
    _show(entry, entry.ladder)


def _show(entry: WorkingOrder, ladder: Ladder) -> None:
    """Give an order the terms of its component that is at the market."""
    entry.limit = ladder.price
    entry.quantity = entry.filled + ladder.working
    entry.held_back = ladder.waiting + ladder.lent
    entry.grows = entry.held_back > 0
    entry.order.totalQuantity = float(entry.quantity + entry.held_back)


def go_on(entry: WorkingOrder, ladder: Ladder, size: Decimal) -> list[Attached]:
    """Take a fill of a scale order, which has counted it, and return the profit takers that are made of it."""
    level, price = ladder.level, ladder.price
    complete = ladder.take(size)
    made: list[Attached] = []
    if complete is not None and ladder.profit is not None:
        order = entry.order
        for number, part in _parts(ladder, level, float(complete)):
            limit = on_step(price + number * ladder.increment + ladder.profit, entry.steps)
            taker = Order(
                action="SELL" if entry.buys else "BUY",
                totalQuantity=part,
                orderType="LMT",
                lmtPrice=float(limit),
                tif=order.tif,
                goodTillDate=order.goodTillDate,
                outsideRth=order.outsideRth,
            )
            made.append(Attached(taker, level=level))
        if ladder.restores:
            ladder.lent += complete
    _show(entry, ladder)
    return made


def _parts(ladder: Ladder, level: int, size: float) -> Iterator[tuple[int, float]]:
    """Yield the parts of a component that have a profit taker each: a number from 0 on, and the size."""
    whole = float(ladder.size) if level == 0 else size
    number = 0
    while size > 0:
        yield number, min(whole, size)
        size -= whole
        number += 1


class Engine(Protocol):
    """What scale orders need of the engine in which they live."""

    @property
    def index(self) -> OrderIndex: ...
    def advance(self, entry: WorkingOrder, outcome: Outcome) -> None: ...
    def finish(self, entry: WorkingOrder, status: str, outcome: Outcome, reason: str) -> None: ...


def end_profit_taker(taker: WorkingOrder, outcome: Outcome, engine: Engine) -> None:
    """Give what a profit taker has filled back to its order, or end that if nothing can come of it any more."""
    entry = engine.index.parent(taker)
    if entry is None or entry.done or entry.ladder is None:
        return
    if not entry.ladder.restores:
        return
    entry.ladder.lent -= taker.quantity
    if taker.filled:
        entry.ladder.give_back(taker.level, taker.filled)
    _show(entry, entry.ladder)
    if entry.remaining or entry.grows:
        outcome.tell(entry)
        engine.advance(entry, outcome)
    else:
        engine.finish(entry, FILLED, outcome, entry.filled_text)
