"""Profits, a scan and news with IBKR's own client, in a process of its own: `python official_asks.py PORT`."""

import inspect
import json
import queue
import sys
import threading
from xml.etree.ElementTree import fromstring

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.scanner import ScannerSubscription
from ibapi.wrapper import EWrapper


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

    def error_of(self, reqId):
        """The code and text of the next error of a request; its arguments differ by version, its text is the last."""
        args = self.wait("error", lambda *args: args[0] == reqId)
        numbers = [each for each in args[1:] if isinstance(each, int)]
        texts = [each for each in args if isinstance(each, str) and each]
        return numbers[-1], texts[0]


def note(name, method):
    names = list(inspect.signature(method).parameters)[1:]

    def call(self, *args, **kwargs):
        self.inbox.put((name, (*args, *(kwargs[name] for name in names[len(args) :] if name in kwargs))))

    return call


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
for callback in CALLBACKS:
    setattr(App, callback, note(callback, getattr(EWrapper, callback)))

app = App()
app.connect("127.0.0.1", int(sys.argv[1]), 9)
threading.Thread(target=app.run, daemon=True).start()
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
