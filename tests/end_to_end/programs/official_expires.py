"""Options end under IBKR's own client: `python official_expires.py PORT STRIKE`; prints JSON.

It prints "waiting" when it has done what is to be done before the end, and goes on as it is told of that.
"""

import inspect
import json
import sys

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from official_client import TRADING, order, started

app = started(int(sys.argv[1]), 8, *TRADING)
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
