"""A scripted server that knows orders, and what a test does with it: connect, place, lose the connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from client import asking
from client.scripted import Answer, Server

from ibdesk import IB, LimitOrder, Stock, Trade
from ibdesk.model.executions import Execution
from ibdesk.model.order import Order, OrderState
from ibdesk.wire.messages import accounts, connection, executions, order_status, orders
from ibdesk.wire.messages.connection import Error

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
OURS, PERM_ID = 1, 1426086040
EXEC_ID = "0000e0d5.69dd7411.01.01"
LOST = Error(-1, 1100, "Connectivity between IBKR and Trader Workstation has been lost.")
RESTORED = Error(-1, 1102, "Connectivity between IBKR and Trader Workstation has been restored - data maintained.")


class Broker:
    """What the server says when it is asked: the open orders, the ended ones, the executions."""

    def __init__(self) -> None:
        self.open: list[Any] = []
        self.ended: list[Any] = []
        self.executed: list[Execution] = []
        self.positions: list[Any] = []
        self.next_id = 1
        self.accounts = "DU1"

    def answers(self) -> dict[type, Answer]:
        return {
            connection.StartApi: lambda _: [
                connection.ManagedAccounts(self.accounts),
                connection.NextValidId(self.next_id),
            ],
            connection.ReqIds: lambda _: [connection.NextValidId(self.next_id)],
            order_status.ReqOpenOrders: lambda _: [*self.open, order_status.OpenOrderEnd()],
            order_status.ReqAllOpenOrders: lambda _: [*self.open, order_status.OpenOrderEnd()],
            order_status.ReqCompletedOrders: lambda _: [*self.ended, order_status.CompletedOrdersEnd()],
            accounts.ReqPositions: lambda _: [*self.positions, accounts.PositionEnd()],
            executions.ReqExecutions: lambda m: [
                *(executions.ExecDetails(m.reqId, AAPL, Execution(**vars(one))) for one in self.executed),
                executions.ExecDetailsEnd(m.reqId),
            ],
        }


@asynccontextmanager
async def connected(broker: Broker, clientId: int = OURS, version: int = 178) -> AsyncIterator[tuple[IB, Server]]:
    async with asking.connected(broker.answers(), version, clientId) as (ib, server):
        yield ib, server


def shown(trade: Trade, status: str = "Submitted", **fields: Any) -> list[Any]:
    """openOrder and orderStatus"""
    order = Order(**{**trade.order.dict(), "permId": PERM_ID, **fields})
    told = order_status.OrderStatus(
        order.orderId, status, 0.0, order.totalQuantity, 0.0, order.permId, 0, 0.0, order.clientId
    )
    return [orders.OpenOrder(AAPL, order, OrderState(status=status)), told]


def ended(status: str, text: str, **fields: Any) -> orders.CompletedOrder:
    order = Order(**{"permId": PERM_ID, "action": "BUY", "orderType": "LMT", "lmtPrice": 1.0, **fields})
    return orders.CompletedOrder(AAPL, order, OrderState(status=status, completedStatus=text))


def execution(trade: Trade, shares: float = 100.0, **fields: Any) -> Execution:
    values = {"execId": EXEC_ID, "time": "20260413 15:27:04 US/Eastern", "side": "BOT", "price": 1.0, "avgPrice": 1.0}
    ids = {"orderId": trade.order.orderId, "clientId": OURS, "permId": PERM_ID}
    return Execution(**{**values, **ids, "shares": shares, "cumQty": shares, **fields})


def place(ib: IB, **fields: Any) -> Trade:
    return ib.placeOrder(AAPL, LimitOrder("BUY", 100, 1.0, **fields))


async def until(trade: Trade, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await trade.statusEvent


async def again(ib: IB, server: Server, clientId: int = OURS) -> None:
    await ib.connectAsync("127.0.0.1", server.port, clientId=clientId)
