"""Options end under ib_async 2.1.0: `python ib_async_expires.py PORT STRIKE`; prints JSON.

It prints "waiting" when it has done what is to be done before the end, and goes on as it is told of that.
"""

import json
import sys

from ib_async import IB, LimitOrder, MarketOrder, Option

ib = IB()
ib.connect("127.0.0.1", int(sys.argv[1]), clientId=7, timeout=10)
strike = float(sys.argv[2])
inside, outside = (Option("SPY", "20261120", strike + shift, "C", "SMART") for shift in (-6, 6))
later = Option("SPY", "20261218", strike - 12, "C", "SMART")
ib.qualifyContracts(inside, outside, later)
errors = []
ib.errorEvent += lambda reqId, code, text, contract: errors.append([code, text])

for contract in (inside, outside, later):
    trade = ib.placeOrder(contract, MarketOrder("BUY", 1))
    while not trade.isDone():
        assert ib.waitOnUpdate(5), trade
resting = ib.placeOrder(inside, LimitOrder("BUY", 1, 0.05, tif="GTC"))
while resting.orderStatus.status != "Submitted":
    assert ib.waitOnUpdate(5), resting
ib.exerciseOptions(outside, 1, 1, "", 0)
ib.exerciseOptions(later, 1, 1, "", 0)
while not errors or len(ib.openTrades()) < 2:
    assert ib.waitOnUpdate(5), errors
instruction = next(trade for trade in ib.openTrades() if trade.contract.conId == later.conId)
order = instruction.order
result = {"instruction": [order.action, order.orderType, order.totalQuantity, instruction.orderStatus.status]}
told = []
ib.execDetailsEvent += lambda trade, fill: told.append([fill.contract.secType, fill.execution.shares])

print("waiting", flush=True)
while not any(each.contract.secType == "STK" and each.position == 200 for each in ib.positions()):
    assert ib.waitOnUpdate(30), ib.positions()
while not instruction.isDone():
    assert ib.waitOnUpdate(5), instruction
result["filled"] = [instruction.orderStatus.status, instruction.filled()]
result["told"] = told
result["resting"] = resting.orderStatus.status
result["positions"] = sorted([each.contract.secType, each.position] for each in ib.positions())
result["executions"] = sorted(
    [fill.contract.secType, fill.execution.side, fill.execution.shares, fill.commissionReport.commission]
    for fill in ib.reqExecutions()
)
result["portfolio"] = sorted([item.contract.secType, item.position] for item in ib.portfolio())
gone = Option("SPY", "20261120", strike, "C", "SMART")
result["unknown"] = ib.qualifyContracts(gone) == [None]
result["errors"] = [each for each in errors if each[0] not in (200, 2104, 2106, 2158)]
print(json.dumps(result))
ib.disconnect()
