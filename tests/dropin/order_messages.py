"""What servers say of an order of AAPL, for the tests of order pains; it knows no client and no fault."""

from typing import Any

from dropin.both_sides import CLIENT, Side

from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import LimitOrder, Order, OrderState
from ibdesk.wire.messages import executions, order_status, orders

PERM_ID = 1426086040
EXEC_ID = "0000e0d5.69dd7411.01.01"
AAPL = Contract(secType="STK", conId=265598, symbol="AAPL", exchange="SMART", currency="USD")


def place(one: Side) -> Any:
    """Have a client buy 100."""
    return one.ib.placeOrder(one.lib.Stock("AAPL", "SMART", "USD"), one.lib.LimitOrder("BUY", 100, 257.95))


def shown(trade: Any, status: str = "Submitted", **fields: Any) -> orders.OpenOrder:
    order = LimitOrder("BUY", 100, 257.95, orderId=trade.order.orderId, clientId=CLIENT, permId=PERM_ID)
    vars(order).update(fields)
    return orders.OpenOrder(AAPL, order, OrderState(status=status))


def status(trade: Any, status: str, filled: float = 0.0, permId: int = PERM_ID) -> order_status.OrderStatus:
    price = 257.95 if filled else 0.0
    orderId = trade.order.orderId
    return order_status.OrderStatus(orderId, status, filled, 100.0 - filled, price, permId, 0, price, CLIENT)


def executed(trade: Any, shares: float = 100.0, **fields: Any) -> executions.ExecDetails:
    execution = Execution(EXEC_ID, "20260413 15:27:04 US/Eastern", "DU1", "IEX", "BOT", shares, 257.95, PERM_ID)
    execution.clientId, execution.orderId = CLIENT, trade.order.orderId
    execution.cumQty, execution.avgPrice = shares, 257.95
    vars(execution).update(fields)
    return executions.ExecDetails(-1, AAPL, execution)


def cost(execId: str = EXEC_ID, amount: float = 1.0) -> executions.CommissionAndFeesReport:
    return executions.CommissionAndFeesReport(CommissionReport(execId, amount, "USD"))


def ended(status: str, text: str) -> orders.CompletedOrder:
    order = Order(permId=PERM_ID, action="BUY", orderType="LMT", lmtPrice=257.95)
    return orders.CompletedOrder(AAPL, order, OrderState(status=status, completedStatus=text))


async def both(pair: tuple[Side, Side], tell: Any) -> tuple[Any, Any]:
    """The trades of an order that each placed, after each was told what `tell` makes of its trade."""
    trades = []
    for one in pair:
        trade = place(one)
        await one.tell(*tell(trade))
        trades.append(trade)
    return trades[0], trades[1]
