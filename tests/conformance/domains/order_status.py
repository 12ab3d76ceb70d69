"""How the messages of cancels, statuses and lists of orders are held against the outside clients."""

from typing import Any

from conformance.domain import Domain, Request, callback, fields
from conformance.exceptions import FIRST_PROTOBUF, Skipped
from conformance.strategies import LONGS, OPTIONAL_INTS, SIZES
from hypothesis import strategies as st
from oracles import Official

from ibdesk.model.unset import UNSET_LONG
from ibdesk.wire import versions as V
from ibdesk.wire.messages import order_status as messages


def _global_cancel(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    has_argument = oracle.version not in ("10.19.4", "10.30.1")
    return (oracle.order_cancel(message.orderCancel),) if has_argument else ()


DOMAIN = Domain(
    requests={
        messages.CancelOrder: Request(
            "cancelOrder",
            lambda oracle, m, version: (m.orderId, oracle.order_cancel(m.orderCancel)),
            "CancelOrderRequest",
        ),
        messages.ReqGlobalCancel: Request("reqGlobalCancel", _global_cancel, "GlobalCancelRequest"),
        messages.ReqOpenOrders: Request("reqOpenOrders", fields(), "OpenOrdersRequest"),
        messages.ReqAllOpenOrders: Request("reqAllOpenOrders", fields(), "AllOpenOrdersRequest"),
        messages.ReqAutoOpenOrders: Request("reqAutoOpenOrders", fields("autoBind"), "AutoOpenOrdersRequest"),
        messages.ReqCompletedOrders: Request("reqCompletedOrders", fields("apiOnly"), "CompletedOrdersRequest"),
    },
    answers={
        messages.OrderStatus: callback(
            "orderStatus",
            "orderId",
            "status",
            "filled",
            "remaining",
            "avgFillPrice",
            "permId",
            "parentId",
            "lastFillPrice",
            "clientId",
            "whyHeld",
            "mktCapPrice",
        ),
        messages.OpenOrderEnd: callback("openOrderEnd"),
        messages.OrderBound: callback("orderBound", "permId", "clientId", "orderId"),
        messages.CompletedOrdersEnd: callback("completedOrdersEnd"),
    },
    values={
        messages.OrderStatus: {"filled": SIZES, "remaining": SIZES, "permId": OPTIONAL_INTS | LONGS},
        messages.OrderBound: {"permId": st.just(UNSET_LONG) | OPTIONAL_INTS | LONGS},
    },
    schemas={messages.OpenOrderEnd: "OpenOrdersEnd"},
    exceptions=(Skipped(messages.OrderStatus, "", ("10.37.2",), FIRST_PROTOBUF, first=V.PROTOBUF_PLACE_ORDER),),
)
