"""Programs with a journal, and a server that acknowledges their orders."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from client import broker
from client.broker import AAPL, OURS, PERM_ID
from client.scripted import Answer, Server

from ibdesk import IB, Order
from ibdesk.model.order import OrderState
from ibdesk.wire.messages import order_status, orders


class Broker(broker.Broker):
    """It acknowledges orders, unless it is to be `silent`."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = False

    def answers(self) -> dict[type, Answer]:
        return {
            **super().answers(),
            orders.PlaceOrder: lambda m: [] if self.silent else shown(m.order, orderId=m.orderId, clientId=OURS),
        }


def shown(order: Order, status: str = "Submitted", **fields: Any) -> list[Any]:
    """openOrder and orderStatus"""
    order = Order(**{**order.dict(), **fields})
    order.permId = fields.get("permId", PERM_ID + order.orderId)
    filled = order.totalQuantity if status == "Filled" else 0.0
    told = order_status.OrderStatus(
        order.orderId, status, filled, order.totalQuantity - filled, 1.0, order.permId, 0, 1.0, order.clientId
    )
    return [orders.OpenOrder(AAPL, order, OrderState(status=status)), told]


@asynccontextmanager
async def program(path: Path, server: Server, clientId: int = OURS) -> AsyncIterator[IB]:
    """A program with the journal, which ends without a word to the journal."""
    ib = IB(journal=path)
    await ib.connectAsync("127.0.0.1", server.port, clientId=clientId)
    try:
        yield ib
    finally:
        ib.disconnect()
