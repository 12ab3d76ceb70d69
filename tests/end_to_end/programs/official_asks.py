"""Profits, a scan and news with IBKR's own client, in a process of its own: `python official_asks.py PORT`."""

import json
import sys
from xml.etree.ElementTree import fromstring

from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.scanner import ScannerSubscription
from official_client import started

CALLBACKS = (
    "nextValidId",
    "managedAccounts",
    "orderStatus",
    "error",
    "pnl",
    "pnlSingle",
    "scannerParameters",
    "scannerData",
    "scannerDataEnd",
    "newsProviders",
    "historicalNews",
    "historicalNewsEnd",
    "newsArticle",
    "updateNewsBulletin",
)

app = started(int(sys.argv[1]), 9, *CALLBACKS)
(account,) = app.wait("managedAccounts")
(order_id,) = app.wait("nextValidId")
contract = Contract()
contract.conId, contract.symbol, contract.secType, contract.exchange, contract.currency = (
    265598,
    "AAPL",
    "STK",
    "SMART",
    "USD",
)
order = Order()
order.action, order.totalQuantity, order.orderType = "BUY", 100, "MKT"
app.placeOrder(order_id, contract, order)
app.wait("orderStatus", lambda *args: args[1] == "Filled")

result = {"serverVersion": app.serverVersion()}
app.reqPnL(1, account, "")
app.reqPnLSingle(2, account, "", contract.conId)
whole, one = app.wait("pnl")[1:], app.wait("pnlSingle")[1:]
while abs(whole[0] - one[1]) > 1e-6:  # both are sent about once a second: those of one look are compared
    whole = app.wait("pnl")[1:]
    one = app.wait("pnlSingle")[1:]
result["pnl"], result["pnlSingle"] = whole, (int(one[0]), *one[1:])
app.cancelPnL(1)
app.cancelPnLSingle(2)

scan = ScannerSubscription()
scan.numberOfRows, scan.instrument, scan.locationCode, scan.scanCode = 10, "STK", "STK.US.MAJOR", "TOP_PERC_GAIN"
app.reqScannerSubscription(3, scan, [], [])
rows = [app.wait("scannerData") for _ in range(10)]
app.wait("scannerDataEnd")
result["scan"] = [(rank, details.contract.symbol, details.marketName) for _, rank, details, *_ in rows]
app.cancelScannerSubscription(3)
scan.scanCode = "NO_SUCH"
app.reqScannerSubscription(4, scan, [], [])
result["badScan"] = app.error_of(4)
app.reqScannerParameters()
result["scanCodes"] = [each.text for each in fromstring(app.wait("scannerParameters")[0]).iter("scanCode")]

app.reqNewsProviders()
result["providers"] = [provider.code for provider in app.wait("newsProviders")[0]]
app.reqHistoricalNews(5, contract.conId, "+".join(result["providers"]), "", "", 5, [])
news = [app.wait("historicalNews")[1:] for _ in range(5)]
app.wait("historicalNewsEnd", lambda reqId, more: more)
result["news"] = [(time.removesuffix(".0"), provider, headline) for time, provider, _, headline in news]
app.reqNewsArticle(6, news[0][1], news[0][2], [])
result["article"] = app.wait("newsArticle")[2]
app.reqNewsBulletins(True)
result["bulletins"] = [app.wait("updateNewsBulletin")[2]]
app.cancelNewsBulletins()

app.reqFundamentalData(7, contract, "ReportSnapshot", [])
result["fundamentals"] = app.error_of(7)[0]
app.requestFA(1)
result["advisor"] = app.error_of(2147483647)[0]
print(json.dumps(result))
app.disconnect()
