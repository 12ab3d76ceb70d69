"""A desk that feeds messages about one order to the mirror and keeps what it wants emitted; knows no rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ibdesk.client.effects import Emissions, Emit, Report
from ibdesk.client.state.differences import Difference
from ibdesk.client.state.orders import Orders
from ibdesk.client.state.trade import Trade
from ibdesk.model.contract import Contract, Stock
from ibdesk.model.executions import CommissionReport, Execution, Fill
from ibdesk.model.order import LimitOrder, Order, OrderState
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.order_status import OrderStatus
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder

CLIENT, ORDER_ID, PERM_ID = 7, 5, 1426086040
EXEC_ID = "0000e0d5.69dd7411.01.01"


class Desk:
    """One order of 100 AAPL, and all that can be said of it. What is emitted is in `emitted`, by name."""

    def __init__(self) -> None:
        self.orders = Orders()
        self.emitted: list[str] = []
        self.emissions: list[Emit] = []
        self.reported: list[Difference] = []
        self.now = datetime(2026, 4, 13, 19, 27, 4, tzinfo=UTC)
        self.contract = Stock("AAPL", "SMART", "USD", conId=265598)

    def take(self, emissions: Emissions) -> list[str]:
        """Keep emissions and give their names."""
        self.reported += [one.difference for one in emissions if isinstance(one, Report)]
        events = [one for one in emissions if isinstance(one, Emit)]
        self.emissions += events
        names = [event if isinstance(event, str) else event.name() for event, _ in events]
        self.emitted += names
        return names

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def place(self, order: Order | None = None, orderId: int = ORDER_ID) -> Trade:
        order = order or LimitOrder("BUY", 100, 257.95)
        trade, emissions, _ = self.orders.place(self.contract, order, orderId, CLIENT, self.now)
        self.take(emissions)
        return trade

    def cancel(self, trade: Trade) -> list[str]:
        registered = self.orders.cancel_requested(trade.order, self.now)
        return self.take(registered.emissions if registered else [])

    def show(self, status: str = "Submitted", asked: bool = False, **fields: Any) -> Trade:
        """openOrder"""
        values = {"action": "BUY", "totalQuantity": 100.0, "orderType": "LMT", "lmtPrice": 257.95, "auxPrice": 0.0}
        ids = {"orderId": ORDER_ID, "clientId": CLIENT, "permId": PERM_ID}
        order = Order(**{**ids, **values, **fields})
        contract = Contract(secType="STK", conId=265598, symbol="AAPL", exchange="SMART", currency="USD")
        message = OpenOrder(contract, order, OrderState(status=status))
        trade, emissions = self.orders.open_order(message, self.now, asked)
        self.take(emissions)
        return trade

    def status(self, status: str, filled: float = 0.0, **fields: Any) -> list[str]:
        """orderStatus"""
        values = {"remaining": 100.0 - filled, "avgFillPrice": 257.95 if filled else 0.0, "permId": PERM_ID}
        values |= {"parentId": 0, "lastFillPrice": 257.95 if filled else 0.0, "clientId": CLIENT}
        return self.take(self.orders.order_status(OrderStatus(**_status(status, filled, values, fields)), self.now))

    def execute(
        self,
        shares: float = 100.0,
        cumQty: float = 100.0,
        reqId: int = -1,
        contract: Contract | None = None,
        **fields: Any,
    ) -> Fill:
        """execDetails"""
        values = {"execId": EXEC_ID, "time": "20260413 15:27:04 US/Eastern", "side": "BOT", "price": 257.95}
        values |= {"permId": PERM_ID, "clientId": CLIENT, "orderId": ORDER_ID, "avgPrice": 257.95}
        execution = Execution(**{**values, "shares": shares, "cumQty": cumQty, **fields})
        contract = contract or Contract(secType="STK", conId=265598, symbol="AAPL", exchange="IEX", currency="USD")
        fill, emissions = self.orders.exec_details(ExecDetails(reqId, contract, execution), self.now)
        self.take(emissions)
        return fill

    def report(self, execId: str = EXEC_ID, commission: float = 1.0, **fields: Any) -> list[str]:
        """commissionReport"""
        report = CommissionReport(execId, commission, "USD", **fields)
        return self.take(self.orders.commission_report(CommissionAndFeesReport(report)))

    def complete(self, status: str, text: str, **fields: Any) -> Trade:
        """completedOrder"""
        order = Order(**{"permId": PERM_ID, "action": "BUY", "orderType": "LMT", "lmtPrice": 257.95, **fields})
        state = OrderState(status=status, completedStatus=text)
        contract = Contract(secType="STK", conId=265598, symbol="AAPL")
        trade, emissions = self.orders.completed_order(CompletedOrder(contract, order, state), self.now)
        self.take(emissions)
        return trade

    def error(self, trade: Trade, code: int, text: str = "", advanced: str = "") -> list[str]:
        return self.take(self.orders.error(trade, code, text, advanced, self.now))


def _status(status: str, filled: float, values: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    return {"orderId": ORDER_ID, "status": status, "filled": filled, **values, **fields}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="session")
def new_desk() -> type[Desk]:
    """For tests that need many."""
    return Desk
