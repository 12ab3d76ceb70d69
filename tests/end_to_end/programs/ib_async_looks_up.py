"""What ib_async 2.1.0 looks up, run in a process of its own: `python ib_async_looks_up.py PORT`; prints JSON."""

import json
import sys

from ib_async import IB, Forex, Option, Stock

ib = IB()
ib.connect("127.0.0.1", int(sys.argv[1]), clientId=7, timeout=10)
result = {"serverVersion": ib.client.serverVersion()}

spy = Stock("SPY", "SMART", "USD")
ib.qualifyContracts(spy)
chains = ib.reqSecDefOptParams(spy.symbol, "", spy.secType, spy.conId)
chain = next(each for each in chains if each.exchange == "SMART")
result["chain"] = [chain.tradingClass, chain.multiplier, len(chain.expirations), len(chain.strikes)]
strikes = [strike for strike in chain.strikes if 400 < strike < 500][:5]
options = [Option("SPY", chain.expirations[0], strike, right, "SMART") for strike in strikes for right in "CP"]
result["qualified"] = [option.conId for option in ib.qualifyContracts(*options)]
details = ib.reqContractDetails(Option("SPY", chain.expirations[0], exchange="SMART"))
result["strikesOfDetails"] = sorted({each.contract.strike for each in details}) == chain.strikes

call = Option("SPY", "20240621", 450, "C", "SMART")
ib.qualifyContracts(call)
priced = ib.calculateOptionPrice(call, 0.25, 450.0)
back = ib.calculateImpliedVolatility(call, priced.optPrice, 450.0)
result["calculated"] = [priced.optPrice, back.impliedVol]

result["symbols"] = [[each.contract.symbol, each.derivativeSecTypes] for each in ib.reqMatchingSymbols("app")]
(pair,) = ib.reqContractDetails(Forex("USDJPY"))
rules = [ib.reqMarketRule(int(rule)) for rule in pair.marketRuleIds.split(",")]
result["rules"] = [[step.lowEdge, step.increment] for rule in rules for step in rule]
result["exchanges"] = [[each.exchange, each.aggGroup] for each in ib.reqMktDepthExchanges()[:1]]

quotes = ib.reqMktData(spy)
book = ib.reqMktDepth(spy, numRows=30, isSmartDepth=True)
while not (book.domBids and book.domAsks and quotes.bboExchange):
    ib.waitOnUpdate(1)
result["components"] = [each.exchange for each in ib.reqSmartComponents(quotes.bboExchange)][:2]
looks = []
for _ in range(8):
    ib.sleep(0.25)
    best = [side[0].price for side in (book.domBids, book.domAsks)]
    sizes = [sum(row.size for row in side if row.price == side[0].price) for side in (book.domBids, book.domAsks)]
    looks.append([best, sizes, [quotes.bid, quotes.ask], [quotes.bidSize, quotes.askSize]])
result["looks"] = looks
result["makers"] = sorted({row.marketMaker for row in book.domBids})
ib.cancelMktDepth(spy, isSmartDepth=True)

pair = Forex("EURUSD")
ib.qualifyContracts(pair)
book = ib.reqMktDepth(pair)
result["bids"] = []
for _ in range(20):
    ib.sleep(0.25)
    result["bids"].append([row.price for row in book.domBids])
print(json.dumps(result))
ib.disconnect()
