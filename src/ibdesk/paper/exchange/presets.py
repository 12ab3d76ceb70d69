"""Preset orders: the stop and the target that a client has attached to an order without saying at which prices.

The client numbers them (`slOrderId`, `ptOrderId`) and leaves the rest to the gateway's order presets. They are orders
like the children of a bracket: held until their parent is filled, and one cancels the other.

Source: TWS API documentation, "Attached Orders", which tells of the fields and no more. How far from the price of its
parent a gateway places them is set in its order presets; the distances here are our guess, as are the refusals.
"""

from decimal import Decimal

from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_INTEGER

from ..refusals import ORDERS, Invalid, Refusal
from .price_steps import on_step
from .quotes import Prices
from .working import Attached, WorkingOrder

PRESET = "PRESET"
"""The only type that a client may name: whatever the order presets of the gateway say."""

DISTANCE = Decimal("0.01")
"""How far stop and target are from the price of their parent, as a part of it."""


def has_presets(order: Order) -> bool:
    """Return whether a preset order is attached."""
    return bool(order.slOrderType or order.ptOrderType)


def check_presets(order: Order, next_order_id: int) -> None:
    """Raise `Refusal` unless the preset orders of a new order have numbers of their own."""
    numbers = [order.orderId]
    for prefix in ("sl", "pt"):
        number, kind = getattr(order, f"{prefix}OrderId"), getattr(order, f"{prefix}OrderType")
        is_numbered = number not in (0, UNSET_INTEGER)
        if is_numbered != bool(kind):
            raise Invalid(ORDERS, f"{prefix}OrderId and {prefix}OrderType belong together")
        if is_numbered and (number < next_order_id or number in numbers):
            raise Refusal(103, "Duplicate order id")
        numbers.append(number)
    if has_presets(order) and order.hedgeType:
        raise Invalid(ORDERS, "Preset orders cannot be attached to a hedge")


def preset_orders(entry: WorkingOrder, prices: Prices) -> list[Attached]:
    """Return the preset orders of an order. Raises `Refusal` if nothing tells its price."""
    order, made = entry.order, list[Attached]()
    if (price := entry.kind.likely_price(entry, prices)) is None:
        raise Invalid(ORDERS, "No price tells where preset orders are to be")
    away = price * DISTANCE if entry.buys else -price * DISTANCE
    if order.slOrderType:
        stop = _child(entry, order.slOrderId, "STP")
        stop.auxPrice = float(on_step(price - away, entry.steps))
        made.append(Attached(stop, waits=True))
    if order.ptOrderType:
        target = _child(entry, order.ptOrderId, "LMT")
        target.lmtPrice = float(on_step(price + away, entry.steps))
        made.append(Attached(target, waits=True))
    return made


def _child(entry: WorkingOrder, number: int, kind: str) -> Order:
    order = entry.order
    return Order(
        orderId=number,
        action="SELL" if entry.buys else "BUY",
        totalQuantity=order.totalQuantity,
        orderType=kind,
        tif=order.tif if order.tif in ("DAY", "GTC") else "DAY",
        outsideRth=order.outsideRth,
    )
