"""Options end under IBKR's own client: `python official_expires.py PORT STRIKE`; prints JSON.

It prints "waiting" when it has done what is to be done before the end, and goes on as it is told of that.
"""

import inspect
import json
import queue
import sys
import threading

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.wrapper import EWrapper

try:
    from ibapi.order_cancel import OrderCancel
except ImportError:  # 10.19
    OrderCancel = None


class App(EWrapper, EClient):
    def __init__(self):
        EClient.__init__(self, self)
        self.inbox = queue.Queue()

    def wait(self, name, test=lambda *args: True):
        """The arguments of the next callback of this name that passes the test."""
        while True:
            got, args = self.inbox.get(timeout=15)
            if got == name and test(*args):
                return args


def note(name, method):
    names = list(inspect.signature(method).parameters)[1:]

    def call(self, *args, **kwargs):
        self.inbox.put((name, (*args, *(kwargs[name] for name in names[len(args) :] if name in kwargs))))

    return call


CALLBACKS = (
    "nextValidId",
    "managedAccounts",
    "contractDetails",
    "contractDetailsEnd",
    "tickPrice",
    "tickSize",
    "historicalData",
    "historicalDataEnd",
    "openOrder",
    "openOrderEnd",
    "orderStatus",
    "execDetails",
    "execDetailsEnd",
    "commissionReport",
    "commissionAndFeesReport",
    "position",
    "positionEnd",
    "accountSummary",
    "accountSummaryEnd",
    "completedOrder",
    "completedOrdersEnd",
    "error",
    "currentTime",
)

for callback in CALLBACKS:
    if hasattr(EWrapper, callback):
        setattr(App, callback, note(callback, getattr(EWrapper, callback)))


def order(action, quantity, kind, price=None):
    one = Order()
    one.action, one.totalQuantity, one.orderType = action, quantity, kind
    one.openClose = "O"  # without it the order is refused, with 346
    if price is not None:
        one.lmtPrice = price
    for gone in ("eTradeOnly", "firmQuoteOnly"):
        if hasattr(one, gone):
            setattr(one, gone, False)
    return one


app = App()
app.connect("127.0.0.1", int(sys.argv[1]), 8)
threading.Thread(target=app.run, daemon=True).start()
(next_id,) = app.wait("nextValidId")
strike = float(sys.argv[2])


def call(expiry, price):
    one = Contract()
    one.symbol, one.secType, one.exchange, one.currency = "SPY", "OPT", "SMART", "USD"
    one.lastTradeDateOrContractMonth, one.strike, one.right = expiry, price, "C"
    return one


def exercise(number, contract, override=0):
    count = len(inspect.signature(EClient.exerciseOptions).parameters) - 7
    app.exerciseOptions(number, contract, 1, 1, "", override, *("", "", False)[:count])


inside, outside, later = call("20261120", strike - 6), call("20261120", strike + 6), call("20261218", strike - 12)
for contract in (inside, outside, later):
    app.placeOrder(next_id, contract, order("BUY", 1, "MKT"))
    app.wait("orderStatus", lambda *args: args[1] == "Filled")
    next_id += 1
resting = order("BUY", 1, "LMT", 0.05)
resting.tif = "GTC"
app.placeOrder(next_id, inside, resting)
app.wait("orderStatus", lambda *args: args[0] == next_id and args[1] == "Submitted")
result = {"serverVersion": app.serverVersion()}
exercise(next_id + 1, outside)
refused = app.wait("error", lambda *args: args[0] == next_id + 1)
result["errors"] = [[each for each in refused if isinstance(each, int) and each == 322], refused[-2]]
exercise(next_id + 2, later)
_, _, shown, state = app.wait("openOrder", lambda number, *rest: number == next_id + 2)
result["instruction"] = [shown.action, shown.orderType, float(shown.totalQuantity), state.status]

print("waiting", flush=True)
(_, _, execution) = app.wait("execDetails", lambda reqId, contract, execution: execution.orderId == next_id + 2)
kind = getattr(execution, "optExerciseOrLapseType", None)
result["execution"] = [execution.side, float(execution.shares), execution.price, kind and kind.name]
status = app.wait("orderStatus", lambda *args: args[0] == next_id + 2 and args[1] == "Filled")
result["filled"] = [status[1], float(status[2])]
app.reqPositions()
positions = []
while True:
    name, args = app.inbox.get(timeout=15)
    if name == "position":
        positions.append([args[1].secType, float(args[2])])
    elif name == "positionEnd":
        break
result["positions"] = sorted(positions)
app.reqExecutions(4, ExecutionFilter())
executions = []
while True:
    name, args = app.inbox.get(timeout=15)
    if name == "execDetails" and args[0] == 4:
        executions.append([args[1].secType, args[2].side, float(args[2].shares)])
    elif name == "execDetailsEnd":
        break
result["executions"] = sorted(executions)
print(json.dumps(result))
app.disconnect()
