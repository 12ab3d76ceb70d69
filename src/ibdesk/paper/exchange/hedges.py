"""Hedges: orders attached to another one whose size follows from what that one fills.

A client attaches a hedge without a size (`totalQuantity` 0), and names its side. With each fill of its parent it grows:

- `D`, delta: by the shares that the options stand for, at the delta of the option model.
- `B`, beta: by the value of what was filled, times the beta in `hedgeParam`, at the price of the hedge.
- `F`, FX: by the amount of money that the fill took or gave, in the currency of the parent.
- `P`, pair: by the size of the fill times the ratio in `hedgeParam`.

It goes to the market with the first fill and ends when its parent has ended and it has been filled itself. The sum is
rounded to what can be traded, so that many small fills come to the same as a single one.

Sources: TWS API documentation, "Hedging"; TWS User's Guide, "Attach a Delta Hedge Order", "... a Beta Hedge Order",
"... an FX Order", "... a Pair Trade". That `hedgeMaxSize` bounds the whole hedge, and which code refuses what, is our
guess where the table of message codes does not name the case.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from math import inf, isnan, nan
from typing import Protocol

from ibdesk.model.contract import Contract
from ibdesk.model.order import Order

from ..decimals import ZERO, exact
from ..refusals import ORDERS, Invalid, Refusal
from .funds import Funds
from .instrument_market import InstrumentMarket
from .lifecycle import CANCELLED, FILLED
from .order_fields import counted
from .outcome import Outcome
from .products import FOREX, OPTION, STOCK
from .quotes import Prices, on_tick
from .working import WorkingOrder

DELTA, BETA, FX, PAIR = "D", "B", "F", "P"
KINDS = frozenset({DELTA, BETA, FX, PAIR})

_PARAMETERS = {BETA: ("beta", 10008), PAIR: ("ratio", 10009)}
"""The parameter of a kind of hedge, as it may be spelled in `hedgeParam`, and the code for one that is wrong."""

_DELTA_TYPES = frozenset({"MKT", "LMT", "REL"})

NO_SIZE = "No price tells the size of the hedge"

DeltaOf = Callable[[int, datetime], float]
"""What returns the delta of an option, by its conId, at a moment; anything that is no delta if it is not known."""


def no_delta(con_id: int, now: datetime) -> float:
    """Return that the delta of an option is not known."""
    return nan


def check_hedge_fields(order: Order, shown: Order | None) -> None:
    """Raise `Refusal` unless the fields of a hedge agree with each other. `shown` is the order that is changed."""
    if not order.hedgeType:
        if order.hedgeParam or counted(order.hedgeMaxSize):
            raise Refusal(10007, about=f"hedgeParam={order.hedgeParam}")
        return
    if order.totalQuantity not in (0, shown.totalQuantity if shown else 0):
        raise Invalid(
            ORDERS, f"A hedge has a size of 0, which follows from what its parent fills, not {order.totalQuantity}"
        )
    if counted(order.hedgeMaxSize) and order.hedgeMaxSize < 0:
        raise Invalid(ORDERS, f"Invalid hedgeMaxSize {order.hedgeMaxSize}")
    if order.hedgeType in _PARAMETERS:
        _parameter(order)
    elif order.hedgeParam:
        raise Refusal(10007, about=f"hedgeParam={order.hedgeParam}")
    if order.hedgeType == DELTA and order.orderType not in _DELTA_TYPES:
        raise Refusal(380, about=f"orderType={order.orderType}")


def check_parent(order: Order, contract: Contract, parent: WorkingOrder | None) -> None:
    """Raise `Refusal` unless a hedge fits the order that it is attached to."""
    if not order.hedgeType:
        return
    if parent is None:
        raise Refusal(10006)
    if order.hedgeType == DELTA:
        sells = parent.buys == (parent.contract.right[:1] == "C")
        fits = parent.contract.secType == OPTION and contract.conId == parent.details.underConId
        if not fits or order.action != ("SELL" if sells else "BUY"):
            raise Refusal(10010, about=f"{order.action} {contract.symbol}")
    if order.hedgeType == FX and (
        contract.secType != FOREX or parent.contract.currency not in (contract.symbol, contract.currency)
    ):
        raise Refusal(10007, about=f"hedgeType=F for {contract.localSymbol or contract.symbol}")
    if order.hedgeType == BETA and not parent.contract.secType == contract.secType == STOCK:
        raise Refusal(10007, about=f"hedgeType=B for {contract.secType}")


def _parameter(order: Order) -> Decimal:
    name, code = _PARAMETERS[order.hedgeType]
    try:
        value = float(order.hedgeParam.removeprefix(f"{name}="))
    except ValueError:
        value = 0.0
    if not 0 < value < inf:
        raise Refusal(code, about=f"hedgeParam={order.hedgeParam}")
    return exact(value)


class Engine(Protocol):
    """What hedges need of the engine in which they live."""

    @property
    def markets(self) -> Mapping[int, InstrumentMarket]: ...
    @property
    def funds(self) -> Funds: ...
    @property
    def delta_of(self) -> DeltaOf: ...
    def advance(self, entry: WorkingOrder, outcome: Outcome) -> None: ...
    def cancel(self, entry: WorkingOrder, outcome: Outcome, reason: str, notice: tuple[int, str] | None) -> None: ...
    def finish(self, entry: WorkingOrder, status: str, outcome: Outcome, reason: str) -> None: ...


def grow(parent: WorkingOrder, size: Decimal, price: Decimal, outcome: Outcome, engine: Engine) -> None:
    """Make the hedges of an order greater by what one of its fills asks for. They go on when it has been told."""
    for hedge in _live(parent):
        con_id = hedge.contract.conId
        prices = engine.markets[con_id].liquidity.prices
        delta = engine.delta_of(parent.contract.conId, outcome.now) if hedge.order.hedgeType == DELTA else nan
        more = _hedged(hedge, parent, size, price, prices, delta)
        if more is None:
            engine.cancel(hedge, outcome, NO_SIZE, (202, f"Order Canceled - reason:{NO_SIZE}"))
            continue
        hedge.hedged_size += more
        hedge.quantity = max(_tradable(hedge, hedge.hedged_size), hedge.filled)
        _expect_more(hedge, parent)
        hedge.waits_for_parent = False
        engine.funds.touch(con_id)


def go_on(parent: WorkingOrder, outcome: Outcome, engine: Engine) -> None:
    """Send the hedges of an order to the market, or end those that are filled, if their parent has ended."""
    for hedge in _live(parent):
        if hedge.waits_for_parent:
            continue
        if parent.done:
            hedge.grows, hedge.held_back = False, ZERO
            hedge.order.totalQuantity = float(hedge.quantity)
        outcome.tell(hedge)
        if hedge.remaining or hedge.grows:
            engine.advance(hedge, outcome)
        else:
            status = FILLED if hedge.filled else CANCELLED
            engine.finish(hedge, status, outcome, hedge.filled_text)


def _live(parent: WorkingOrder) -> list[WorkingOrder]:
    return [hedge for hedge in parent.hedges if not hedge.done]


def _expect_more(hedge: WorkingOrder, parent: WorkingOrder) -> None:
    """Show a hedge with the size that it comes to if the rest of its parent is hedged as what is filled.

    It is at least one step more than what it has come to: clients take an order of which nothing remains for filled.
    """
    bound = hedge.order.hedgeMaxSize
    hedge.grows = not (counted(bound) and hedge.quantity >= bound)
    whole = parent.quantity + parent.held_back
    expected = _tradable(hedge, hedge.hedged_size * whole / parent.filled)
    hedge.held_back = max(expected - hedge.quantity, exact(_step(hedge) or 1.0)) if hedge.grows else ZERO
    hedge.order.totalQuantity = float(hedge.quantity + hedge.held_back)


def _step(hedge: WorkingOrder) -> float:
    """Return the step of sizes; shares are whole, whatever IBKR's servers could trade."""
    return hedge.details.sizeIncrement if hedge.contract.secType == FOREX else 1.0


def _tradable(hedge: WorkingOrder, size: Decimal) -> Decimal:
    whole = on_tick(size, _step(hedge))
    return min(whole, exact(hedge.order.hedgeMaxSize)) if counted(hedge.order.hedgeMaxSize) else whole


def _hedged(
    hedge: WorkingOrder, parent: WorkingOrder, size: Decimal, price: Decimal, prices: Prices, delta: float
) -> Decimal | None:
    kind, multiplier = hedge.order.hedgeType, exact(float(parent.contract.multiplier or 1))
    if kind == PAIR:
        return size * _parameter(hedge.order)
    if kind == DELTA:
        return None if isnan(delta) or abs(delta) > 1 else abs(exact(delta)) * size * multiplier
    own = prices.middle or prices.last
    value = size * price * multiplier
    if kind == BETA:
        return value * _parameter(hedge.order) / own if own else None
    if parent.contract.currency == hedge.contract.symbol:
        return value
    return value / own if own else None
