"""Decides when a price wakes an order, where its stop trails to and its limit snaps to; not what the order does then.

Source: TWS API documentation, "Trigger Methods"; TWS User's Guide, "Snap to Midpoint" and its like. A rising price is
judged by the bid and a falling one by the ask where the method looks at quotes, so that a wide spread wakes nothing.
"""

from decimal import Decimal

from .echo import given
from .order_types import Trigger
from .quotes import Prices, exact, on_tick
from .working import WorkingOrder

DEFAULT, DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDDLE = 0, 1, 2, 3, 4, 7, 8
METHODS = frozenset({DEFAULT, DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDDLE})
TWICE = frozenset({DOUBLE_BID_ASK, DOUBLE_LAST})
"""Methods that want two quotes in a row."""

DEFAULTS = {"OPT": DOUBLE_BID_ASK, "CASH": BID_ASK, "CFD": BID_ASK, "CMDTY": BID_ASK}
"""By `secType`; all others look at the last trade."""


def method_for(sec_type: str, asked: int) -> int:
    """The trigger method that applies."""
    return asked or DEFAULTS.get(sec_type, LAST)


def references(method: int, rising: bool, prices: Prices) -> list[Decimal]:
    """The prices that a method looks at, the first being the one that a trailing stop follows."""
    quoted = prices.bid if rising else prices.ask
    looked_at = {
        DOUBLE_BID_ASK: (quoted,),
        LAST: (prices.last,),
        DOUBLE_LAST: (prices.last,),
        BID_ASK: (quoted,),
        LAST_OR_BID_ASK: (prices.last, quoted),
        MIDDLE: (prices.middle,),
    }[method]
    return [price for price in looked_at if price is not None]


def reached(method: int, rising: bool, level: Decimal, now: Prices, before: Prices) -> bool:
    """Whether the price has come to `level`; `before` is the quote before this one."""
    quotes = (now, before) if method in TWICE else (now,)
    return all(
        any(price >= level if rising else price <= level for price in references(method, rising, prices))
        for prices in quotes
    )


def wakes(entry: WorkingOrder, now: Prices, before: Prices) -> bool:
    """Whether an order that awaits its trigger is woken."""
    if entry.kind.trigger is Trigger.SNAP:
        return _snapped(entry, now) is not None
    method = method_for(entry.contract.secType, entry.order.triggerMethod)
    return entry.stop is not None and reached(method, entry.rising, entry.stop, now, before)


def trail(entry: WorkingOrder, prices: Prices) -> None:
    """Moves the stop of a trailing order after the price; it never moves back."""
    if entry.kind.trigger is not Trigger.TRAIL:
        return
    method = method_for(entry.contract.secType, entry.order.triggerMethod)
    market = references(method, entry.rising, prices)
    if not market:
        return
    if given(entry.order.trailingPercent) and entry.order.trailingPercent:
        distance = market[0] * exact(entry.order.trailingPercent) / 100
    else:
        distance = exact(entry.order.auxPrice)
    stop = on_tick(market[0] + distance if entry.buys else market[0] - distance, entry.details.minTick)
    if entry.stop is None or (stop < entry.stop if entry.buys else stop > entry.stop):
        entry.set_stop(stop)


def snap(entry: WorkingOrder, prices: Prices) -> None:
    """Takes the limit of an order that snaps from the quote; it stays there, whatever the quote does then."""
    if entry.kind.trigger is Trigger.SNAP and (limit := _snapped(entry, prices)) is not None:
        entry.order.lmtPrice = float(limit)


def _snapped(entry: WorkingOrder, prices: Prices) -> Decimal | None:
    """To the middle or the far side less the offset in `auxPrice`, or to the near side and the offset on top."""
    near, far = (prices.bid, prices.ask) if entry.buys else (prices.ask, prices.bid)
    start = {"SNAP MID": prices.middle, "SNAP MKT": far, "SNAP PRIM": near}[entry.order.orderType]
    if start is None:
        return None
    offset = exact(entry.order.auxPrice) if given(entry.order.auxPrice) else exact(0)
    eager = entry.order.orderType == "SNAP PRIM"
    return on_tick(start + offset if entry.buys == eager else start - offset, entry.details.minTick)
