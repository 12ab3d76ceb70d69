"""A trading session of IBKR's own client, in a process of its own: `python official_trades.py PORT`; prints JSON."""

import json
import sys

from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from official_client import TRADING, order, started

try:
    from ibapi.order_cancel import OrderCancel
except ImportError:  # 10.19
    OrderCancel = None

app = started(int(sys.argv[1]), 8, *TRADING)
(accounts,) = app.wait("managedAccounts")
(next_id,) = app.wait("nextValidId")
result = {"serverVersion": app.serverVersion(), "accounts": accounts.rstrip(",").split(",")}
app.reqCurrentTime()
app.wait("currentTime")

contract = Contract()
contract.symbol, contract.secType, contract.exchange, contract.currency = "AAPL", "STK", "SMART", "USD"
app.reqContractDetails(1, contract)
result["conId"] = app.wait("contractDetails")[1].contract.conId
app.wait("contractDetailsEnd")

app.reqMktData(2, contract, "", False, False, [])
bid = app.wait("tickPrice", lambda reqId, kind, price, attrib: kind == 1)[2]
ask = app.wait("tickPrice", lambda reqId, kind, price, attrib: kind == 2)[2]
last = app.wait("tickPrice", lambda reqId, kind, price, attrib: kind == 4)[2]
result["quote"] = [bid, ask, last]
app.cancelMktData(2)

app.reqHistoricalData(3, contract, "", "1 D", "5 mins", "TRADES", 1, 1, False, [])
bars = []
while True:
    name, args = app.inbox.get(timeout=15)
    if name == "historicalData":
        bar = args[1]
        bars.append([bar.date, bar.open, bar.high, bar.low, bar.close, float(bar.volume)])
    elif name == "historicalDataEnd":
        break
result["bars"] = bars

far = order("BUY", 100, "LMT", round(bid * 0.9, 2))
app.placeOrder(next_id, contract, far)
perm_id = app.wait("orderStatus", lambda *args: args[0] == next_id and args[1] == "Submitted")[5]
far.lmtPrice = round(bid * 0.92, 2)
app.placeOrder(next_id, contract, far)
changed = app.wait("openOrder", lambda orderId, _, one, state: orderId == next_id and one.lmtPrice == far.lmtPrice)
result["modified"] = [True, changed[2].permId == perm_id]
cancel = [OrderCancel()] if OrderCancel else [""]
app.cancelOrder(next_id, *cancel)
result["cancelled"] = app.wait("orderStatus", lambda *args: args[0] == next_id and args[1].endswith("Cancelled"))[1]

app.placeOrder(next_id + 1, contract, order("BUY", 100, "MKT"))
filled = commission = 0
reports = ("commissionReport", "commissionAndFeesReport")
status = None
while filled < 100 or status is None or not commission:
    name, args = app.inbox.get(timeout=15)
    if name == "execDetails":
        filled += float(args[2].shares)
    elif name in reports:
        commission += getattr(args[0], "commissionAndFees", getattr(args[0], "commission", 0))
    elif name == "orderStatus" and args[0] == next_id + 1 and args[1] == "Filled":
        status = args
result["filled"] = ["Filled", float(status[2]), status[4]]
result["commission"] = commission

app.reqExecutions(4, ExecutionFilter())
executed = 0
while True:
    name, args = app.inbox.get(timeout=15)
    if name == "execDetails" and args[0] == 4:
        executed += float(args[2].shares)
    elif name == "execDetailsEnd":
        break
result["executions"] = executed

app.reqPositions()
positions = []
while True:
    name, args = app.inbox.get(timeout=15)
    if name == "position":
        positions.append([args[1].symbol, float(args[2])])
    elif name == "positionEnd":
        break
result["positions"] = positions

app.reqAccountSummary(5, "All", "NetLiquidation,BuyingPower")
result["netLiquidation"] = float(app.wait("accountSummary", lambda *args: args[2] == "NetLiquidation")[3])
app.wait("accountSummaryEnd")

app.reqCompletedOrders(False)
completed = []
while True:
    name, args = app.inbox.get(timeout=15)
    if name == "completedOrder":
        completed.append(args[2].status)
    elif name == "completedOrdersEnd":
        break
result["completed"] = sorted(completed)
app.disconnect()
print(json.dumps(result))
