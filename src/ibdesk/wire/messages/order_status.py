"""Messages that cancel orders, ask for open and completed ones, and report how far an order has got."""

from typing import Annotated

from ibdesk.model.order import OrderCancel
from ibdesk.model.unset import UNSET_INTEGER, UNSET_LONG
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import Fixed, embed, record, refs, shown, since, spelled, until, untold
from ibdesk.wire.scalars import INT, MOMENT, Long, Quantity

cancel, _cancel = refs(OrderCancel, "orderCancel"), refs(OrderCancel)

ORDER_CANCEL = record(
    OrderCancel,
    {1: spelled(MOMENT, _cancel.manualOrderCancelTime), 2: _cancel.extOperator, 3: _cancel.manualOrderIndicator},
)

_TAGGING = since(V.CME_TAGGING_FIELDS, cancel.extOperator, shown(cancel.manualOrderIndicator))


@from_client(4, version=until(V.CME_TAGGING_FIELDS, Fixed(1)), protobuf=V.PROTOBUF_PLACE_ORDER, text=(
    "orderId",
    since(V.MANUAL_ORDER_TIME, spelled(MOMENT, cancel.manualOrderCancelTime)),
    since(V.RFQ_FIELDS, until(V.UNDO_RFQ_FIELDS, Fixed(""), Fixed(""), Fixed(2147483647))),
    _TAGGING,
), tags={1: "orderId", 2: embed(cancel, ORDER_CANCEL, when_empty=True)})  # fmt: skip
class CancelOrder:
    """Cancel one order."""

    orderId: int
    orderCancel: OrderCancel


@from_client(58, version=until(V.CME_TAGGING_FIELDS, Fixed(1)), protobuf=V.PROTOBUF_PLACE_ORDER, text=(_TAGGING,),
             tags={1: embed(cancel, ORDER_CANCEL, when_empty=True)})  # fmt: skip
class ReqGlobalCancel:
    """Cancel every order of the account, whoever placed it."""

    orderCancel: OrderCancel


@from_server(3, protobuf=V.PROTOBUF_PLACE_ORDER, absent=untold(
    "filled", "remaining", "avgFillPrice", "lastFillPrice", "mktCapPrice",
))  # fmt: skip
class OrderStatus:
    """How far an order has got. The prices and `whyHeld` are 0 or empty when there is nothing to report."""

    orderId: int
    status: str
    filled: Quantity
    remaining: Quantity
    avgFillPrice: float
    permId: Long
    parentId: int
    lastFillPrice: float
    clientId: int
    whyHeld: str = ""
    mktCapPrice: float = 0.0


@from_client(5, version=1, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class ReqOpenOrders:
    """Ask for the open orders of this client. For client 0 it also binds orders placed by hand."""


@from_client(16, version=1, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class ReqAllOpenOrders:
    """Ask once for the open orders of every client."""


@from_client(15, version=1, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class ReqAutoOpenOrders:
    """Bind orders placed by hand to this client, which must be client 0, as they come."""

    autoBind: bool


@from_server(53, ends=(ReqOpenOrders, ReqAllOpenOrders), version=1, protobuf=V.PROTOBUF_PLACE_ORDER)
class OpenOrderEnd:
    """All open orders have been sent."""


@from_server(100, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class OrderBound:
    """An order placed by hand was bound to a client: it now has an order id there.

    `ReqOpenOrders` and `ReqAutoOpenOrders` ask for this. The message answers neither, so it is taken to become protobuf
    with them; the official client can read it so from then on.
    """

    permId: Long = UNSET_LONG
    clientId: Annotated[int, INT] = UNSET_INTEGER
    orderId: Annotated[int, INT] = UNSET_INTEGER


@from_client(99, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class ReqCompletedOrders:
    """Ask for the orders that ended today. `apiOnly` leaves out those placed by hand."""

    apiOnly: bool


@from_server(102, ends=ReqCompletedOrders, protobuf=V.PROTOBUF_COMPLETED_ORDER)
class CompletedOrdersEnd:
    """All completed orders have been sent."""
