"""Programs with a journal, and a server that acknowledges their orders."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from client.scripted import Answer, Server

from ibdesk import IB, LimitOrder, Order, Stock, Trade
from ibdesk.model.executions import Execution
from ibdesk.model.order import OrderState
from ibdesk.wire.messages import connection, executions, order_status, orders

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
OURS, PERM_ID = 1, 1426086040
EXEC_ID = "0000e0d5.69dd7411.01.01"


class Broker:
    """What the server says: it acknowledges orders, unless it is to be `silent`."""

    def __init__(self) -> None:
        self.open: list[Any] = []
        self.ended: list[Any] = []
        self.executed: list[Execution] = []
        self.next_id = 1
        self.accounts = "DU1"
        self.silent = False

    def answers(self) -> dict[type, Answer]:
        return {
            connection.StartApi: lambda _: [
                connection.ManagedAccounts(self.accounts),
                connection.NextValidId(self.next_id),
            ],
            order_status.ReqOpenOrders: lambda _: [*self.open, order_status.OpenOrderEnd()],
            order_status.ReqCompletedOrders: lambda _: [*self.ended, order_status.CompletedOrdersEnd()],
            orders.PlaceOrder: lambda m: [] if self.silent else shown(m.order, orderId=m.orderId, clientId=OURS),
            executions.ReqExecutions: lambda m: [
                *(executions.ExecDetails(m.reqId, AAPL, Execution(**vars(one))) for one in self.executed),
                executions.ExecDetailsEnd(m.reqId),
            ],
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


def execution(orderId: int, **fields: Any) -> Execution:
    values = {"execId": EXEC_ID, "time": "20260413 15:27:04 US/Eastern", "side": "BOT", "price": 1.0, "avgPrice": 1.0}
    ids = {"orderId": orderId, "clientId": OURS, "permId": PERM_ID}
    return Execution(**{**values, **ids, "shares": 100.0, "cumQty": 100.0, **fields})


@asynccontextmanager
async def program(path: Path, server: Server, clientId: int = OURS) -> AsyncIterator[IB]:
    """A program with the journal, which ends without a word to the journal."""
    ib = IB(journal=path)
    await ib.connectAsync("127.0.0.1", server.port, clientId=clientId)
    try:
        yield ib
    finally:
        ib.disconnect()


def place(ib: IB, **fields: Any) -> Trade:
    return ib.placeOrder(AAPL, LimitOrder("BUY", 100, 1.0, **fields))
