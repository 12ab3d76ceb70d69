"""Trade at the paper broker in this process, with many positions or with none, and print what it has taken.

Only what has not changed since November 2026 is imported, so that the ibdesk of another commit can run it: see
`bench_paper_orders.py`.

    python benchmarks/paper_orders.py 500 2000
"""

import inspect
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

from ibdesk.model.contract import Stock
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import Execution
from ibdesk.model.order import Order
from ibdesk.paper.exchange import Exchange, Executed
from ibdesk.paper.ledger import Ledger

ACCOUNT = "DU1234567"
NOW = datetime(2026, 4, 15, 11, 0, tzinfo=ZoneInfo("America/New_York"))
CASH = 100_000_000.0


@dataclass
class Quote:
    """A quote whose sizes limit nothing."""

    bid: float = 100.00
    ask: float = 100.02
    last: float = 100.01
    bidSize: float = float("nan")
    askSize: float = float("nan")
    lastSize: float = 100.0
    volume: float = 0.0
    close: float = 100.0


def _details(con_id: int) -> ContractDetails:
    contract = Stock(f"S{con_id}", "SMART", "USD", conId=con_id, primaryExchange="NASDAQ", localSymbol=f"S{con_id}")
    return ContractDetails(contract=contract, minTick=0.01, validExchanges="SMART,ARCA", minSize=1.0, sizeIncrement=1.0)


def _hold(ledger: Ledger, positions: int) -> None:
    for number in range(positions):
        contract = _details(1000 + number).contract
        assert contract is not None
        ledger.book(Execution(execId=f"e{number}", side="BOT", shares=10, price=100.0, permId=10 + number), contract)
        ledger.mark(contract, 101.0)


class Trading:
    """An exchange and its ledger, without market and clients: what an order itself takes."""

    def __init__(self, positions: int) -> None:
        self._ledger = Ledger(ACCOUNT, cash=CASH)
        _hold(self._ledger, positions)
        known = inspect.signature(Exchange).parameters
        numbers = {name: 1 for name in ("first_perm_id", "exec_group") if name in known}
        self._exchange = Exchange({ACCOUNT: self._ledger}, **numbers)
        # An exchange that tells commissions has booked what it tells of.
        self._is_booked = "commission" in Executed.__slots__
        self._details = _details(1)
        self._exchange.on_quote(1, Quote(), NOW)

    def trade(self, number: int) -> None:
        """Place an order that is filled at once, and book its execution."""
        assert self._details.contract is not None
        order = Order(orderId=number, action="BUY" if number % 2 else "SELL", totalQuantity=10, orderType="MKT")
        facts: Any = self._exchange.place(1, self._details.contract, self._details, order, NOW)
        executed = [fact for fact in facts if isinstance(fact, Executed)]
        assert len(executed) == 1, facts
        if not self._is_booked:
            self._ledger.book(executed[0].execution, executed[0].contract)


def main() -> None:
    """Trade so often, after a beginning that is not counted."""
    positions, orders = int(sys.argv[1]), int(sys.argv[2])
    trading = Trading(positions)
    for number in range(1, 101):
        trading.trade(number)
    begin = process_time()
    for number in range(101, 101 + orders):
        trading.trade(number)
    print(json.dumps({"orders": orders, "seconds": process_time() - begin}))


if __name__ == "__main__":
    main()
