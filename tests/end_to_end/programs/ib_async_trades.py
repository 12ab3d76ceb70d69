"""A trading session of ib_async 2.1.0, run in a process of its own: `python ib_async_trades.py PORT`; prints JSON."""

import json
import sys

from ib_async import IB, LimitOrder, MarketOrder, Stock

ib = IB()
ib.connect("127.0.0.1", int(sys.argv[1]), clientId=7, timeout=10)
result = {"serverVersion": ib.client.serverVersion(), "accounts": ib.managedAccounts()}

contract = Stock("AAPL", "SMART", "USD")
(qualified,) = ib.qualifyContracts(contract)
result["conId"] = qualified.conId

ticker = ib.reqMktData(contract)
for _ in range(100):
    if ticker.hasBidAsk() and ticker.last == ticker.last:
        break
    ib.waitOnUpdate(1)
result["quote"] = [ticker.bid, ticker.ask, ticker.last]

bars = ib.reqHistoricalData(contract, "", "1 D", "5 mins", "TRADES", True)
result["bars"] = [[bar.date.isoformat(), bar.open, bar.high, bar.low, bar.close, bar.volume] for bar in bars]

# The prices of the orders come from a bar: a quote may change between the moment when it was recorded and this line.
price = bars[0].close
far = ib.placeOrder(contract, LimitOrder("BUY", 100, round(price * 0.9, 2)))
while far.orderStatus.status != "Submitted":
    assert ib.waitOnUpdate(5), far
first_perm_id = far.order.permId
far.order.lmtPrice = round(price * 0.92, 2)
ib.placeOrder(contract, far.order)
ib.sleep(0.5)
(open_trade,) = ib.reqOpenOrders()
result["modified"] = [open_trade.order.lmtPrice == far.order.lmtPrice, open_trade.order.permId == first_perm_id]
ib.cancelOrder(far.order)
while not far.isDone():
    assert ib.waitOnUpdate(5), far
result["cancelled"] = far.orderStatus.status

buy = ib.placeOrder(contract, MarketOrder("BUY", 100))
while not buy.isDone():
    assert ib.waitOnUpdate(5), buy
while not all(fill.commissionReport.commission for fill in buy.fills):
    assert ib.waitOnUpdate(5), buy
result["filled"] = [buy.orderStatus.status, buy.filled(), buy.orderStatus.avgFillPrice]
result["commission"] = sum(fill.commissionReport.commission for fill in buy.fills)
result["executions"] = sum(fill.execution.shares for fill in ib.reqExecutions())
result["positions"] = [[p.contract.symbol, p.position] for p in ib.reqPositions()]
result["netLiquidation"] = next(float(v.value) for v in ib.accountSummary() if v.tag == "NetLiquidation")
result["portfolio"] = [[item.contract.symbol, item.position] for item in ib.portfolio()]
result["completed"] = sorted(trade.orderStatus.status for trade in ib.reqCompletedOrders(False))
print(json.dumps(result))
ib.disconnect()
