"""Adjusted stops: an order that waits for its stop becomes one of another type when the price has come to a trigger.

The trigger is on the side of the market that is good for the position: a sale is adjusted when the price has risen to
`triggerPrice`, a purchase when it has fallen to it. Until then the stop holds. The adjustment is made once.

Source: TWS API documentation, "Adjustable Stops"; TWS User's Guide, "Adjustable Orders". That a trigger has to be
beyond the stop, and beyond the adjusted one, is our guess: anything else would be filled at once.
"""

from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE

from ...refusals import Refusal
from ..order_fields import SERVER_DEFAULTS, given, named
from ..working import OrderType, WorkingOrder

TYPES = frozenset({"STP", "STP LMT", "TRAIL", "TRAIL LIMIT"})
"""The order types that can be adjusted, and those that they can become."""

TERMS = frozenset(
    {
        "adjustedOrderType",
        "triggerPrice",
        "adjustedStopPrice",
        "adjustedStopLimitPrice",
        "adjustedTrailingAmount",
        "adjustableTrailingUnit",
    }
)
PERCENT_UNITS = frozenset({1, 100})
"""The units that make `adjustedTrailingAmount` a percentage: that of the documentation, and that of IBKR's programs."""

_PRICES = {
    "triggerPrice": (361, TYPES),
    "adjustedStopPrice": (362, TYPES),
    "adjustedStopLimitPrice": (363, frozenset({"STP LMT", "TRAIL LIMIT"})),
    "adjustedTrailingAmount": (364, frozenset({"TRAIL", "TRAIL LIMIT"})),
}
"""Each price of an adjustment: the code of its refusal, and the adjusted types that need it."""


def is_adjusted(order: Order) -> bool:
    """Return whether an order is to be adjusted."""
    return order.adjustedOrderType not in ("", SERVER_DEFAULTS["adjustedOrderType"])


def check_adjustment(order: Order) -> None:
    """Raise `Refusal` unless an order says all that its adjustment needs, and nothing that it does not."""
    for name, (code, types) in _PRICES.items():
        value = getattr(order, name)
        if named(value) != (order.adjustedOrderType in types) or (named(value) and value < 0):
            raise _invalid(code, name, value)
    if not is_adjusted(order):
        return
    sign = -1 if order.action == "BUY" else 1
    if given(order.auxPrice) and order.orderType in ("STP", "STP LMT"):
        beyond = sign * (order.triggerPrice - order.auxPrice) > 0
        if not beyond:
            raise _invalid(361, "triggerPrice", order.triggerPrice)
    if sign * (order.triggerPrice - order.adjustedStopPrice) <= 0:
        raise _invalid(362, "adjustedStopPrice", order.adjustedStopPrice)
    if order.adjustableTrailingUnit in PERCENT_UNITS and order.adjustedTrailingAmount >= 100:
        raise _invalid(364, "adjustedTrailingAmount", order.adjustedTrailingAmount)


def prices_of_adjustment(order: Order) -> list[float]:
    """Return the prices that an adjustment names, which have to be on the tick."""
    prices = (order.triggerPrice, order.adjustedStopPrice, order.adjustedStopLimitPrice)
    return [price for price in prices if named(price)]


def distances_of_adjustment(order: Order) -> list[float]:
    """Return the amount by which an adjusted order trails, unless it is a percentage."""
    amount = order.adjustedTrailingAmount
    return [amount] if named(amount) and order.adjustableTrailingUnit not in PERCENT_UNITS else []


def adjust(entry: WorkingOrder, kind: OrderType) -> None:
    """Make an order one of the adjusted type, with the adjusted terms. What it is to become has been used up then."""
    order = entry.order
    stop, amount = order.adjustedStopPrice, order.adjustedTrailingAmount
    order.orderType = order.adjustedOrderType
    order.trailStopPrice, order.trailingPercent, order.lmtPriceOffset = UNSET_DOUBLE, UNSET_DOUBLE, UNSET_DOUBLE
    order.auxPrice = order.lmtPrice = 0.0
    if kind.limited:
        order.lmtPrice = order.adjustedStopLimitPrice
    if not named(amount):
        order.auxPrice = stop
    else:
        order.trailStopPrice = stop
        if order.adjustableTrailingUnit in PERCENT_UNITS:
            order.trailingPercent = amount
        else:
            order.auxPrice = amount
    order.adjustedOrderType = str(SERVER_DEFAULTS["adjustedOrderType"])
    order.triggerPrice = order.adjustedStopPrice = UNSET_DOUBLE
    order.adjustedStopLimitPrice = order.adjustedTrailingAmount = UNSET_DOUBLE
    order.adjustableTrailingUnit = 0
    entry.kind = kind
    kind.complete(order)
    kind.begin(entry)


def _invalid(code: int, name: str, value: float) -> Refusal:
    return Refusal(code, about=f"{name}={value}")
