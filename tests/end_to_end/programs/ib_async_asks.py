"""Profits, a scan and news with ib_async 2.1.0, in its own process: `python ib_async_asks.py PORT`; prints JSON."""

import json
import sys
from xml.etree.ElementTree import fromstring

from ib_async import IB, MarketOrder, ScannerSubscription, Stock

ib = IB()
ib.connect("127.0.0.1", int(sys.argv[1]), clientId=7, timeout=10)
errors = []
ib.errorEvent += lambda reqId, code, text, contract: errors.append((code, text))
(account,) = ib.managedAccounts()
contract = Stock("AAPL", "SMART", "USD")
ib.qualifyContracts(contract)


def until(test):
    for _ in range(100):
        if test():
            return
        ib.waitOnUpdate(0.2)
    raise TimeoutError


trade = ib.placeOrder(contract, MarketOrder("BUY", 100))
until(trade.isDone)
pnl, single = ib.reqPnL(account), ib.reqPnLSingle(account, "", contract.conId)
until(lambda: pnl.dailyPnL == pnl.dailyPnL and single.value == single.value)
# Both are sent about once a second: those of one look are compared.
until(lambda: abs(pnl.dailyPnL - single.dailyPnL) < 1e-6)
result = {
    "pnl": [pnl.dailyPnL, pnl.unrealizedPnL, pnl.realizedPnL],
    "pnlSingle": [single.position, single.dailyPnL, single.unrealizedPnL, single.realizedPnL, single.value],
}
ib.cancelPnL(account)
ib.cancelPnLSingle(account, "", contract.conId)

scan = ScannerSubscription(10, "STK", "STK.US.MAJOR", "TOP_PERC_GAIN")
rows = ib.reqScannerData(scan)
result["scan"] = [[row.rank, row.contractDetails.contract.symbol, row.contractDetails.marketName] for row in rows]
streamed = ib.reqScannerSubscription(scan)
until(lambda: len(streamed) == 10)
ib.cancelScannerSubscription(streamed)
errors.clear()
ib.reqScannerData(ScannerSubscription(10, "STK", "STK.US.MAJOR", "NO_SUCH"))
result["badScan"] = next([code, text] for code, text in errors if "NO_SUCH" in text)
result["scanCodes"] = [one.text for one in fromstring(ib.reqScannerParameters()).iter("scanCode")]

result["providers"] = [provider.code for provider in ib.reqNewsProviders()]
news = ib.reqHistoricalNews(contract.conId, "+".join(result["providers"]), "", "", 5)
result["news"] = [[f"{one.time:%Y-%m-%d %H:%M:%S}", one.providerCode, one.headline] for one in news]
result["article"] = ib.reqNewsArticle(news[0].providerCode, news[0].articleId).articleText
ib.reqNewsBulletins(True)
until(ib.newsBulletins)
result["bulletins"] = [one.message for one in ib.newsBulletins()]
ib.cancelNewsBulletins()

errors.clear()
ib.reqFundamentalData(contract, "ReportSnapshot")
result["fundamentals"] = errors[-1][0]
errors.clear()
ib.client.requestFA(1)
until(lambda: errors)
result["advisor"] = errors[-1][0]
print(json.dumps(result))
ib.disconnect()
