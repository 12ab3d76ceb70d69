"""What type checkers make of the public names: nothing here runs, mypy and pyright must agree with every line.

The last part is of wrong uses: both must complain there, and of nothing that is ignored in vain.
"""

import asyncio
import datetime as dt
from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

import pandas as pd

import ibdesk
import ibdesk.order
import ibdesk.util
from ibdesk import (
    IB,
    IBC,
    AccountValue,
    Bag,
    BarData,
    BarDataList,
    BracketOrder,
    Client,
    ComboLeg,
    CommissionReport,
    Config,
    ConfigUpdate,
    Contract,
    ContractDescription,
    ContractDetails,
    DepthMktDataDescription,
    Difference,
    DisplayGroup,
    Dividends,
    DOMLevel,
    Event,
    Execution,
    FamilyCode,
    Farm,
    Fill,
    FlexReport,
    Forex,
    Future,
    Health,
    HistogramData,
    HistoricalNews,
    HistoricalSchedule,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    Index,
    LimitOrder,
    MarketOrder,
    MktDepthData,
    NewsArticle,
    NewsBulletin,
    NewsProvider,
    NewsTick,
    Option,
    OptionChain,
    OptionComputation,
    Order,
    OrderComboLeg,
    OrderCondition,
    OrderState,
    OrderStateNumeric,
    OrderStatus,
    PnL,
    PnLSingle,
    PortfolioItem,
    Position,
    PositionMulti,
    PriceCondition,
    PriceIncrement,
    RealTimeBar,
    RealTimeBarList,
    Reconnect,
    ReconnectAttempt,
    ReconnectReport,
    RequestError,
    ScanData,
    ScanDataList,
    ScannerSubscription,
    SmartComponent,
    SoftDollarTier,
    StartupFetch,
    StartupPart,
    StartupReport,
    Stock,
    StopLimitOrder,
    StopOrder,
    TagValue,
    TickByTickAllLast,
    TickByTickBidAsk,
    TickByTickMidPoint,
    TickData,
    Ticker,
    Trade,
    TradeLogEntry,
    Watchdog,
    WshEventData,
    util,
)
from ibdesk.client.api.contracts import Qualified
from ibdesk.client.api.flatten import Flattened
from ibdesk.client.subscriptions import Subscription
from ibdesk.journal import Journal

# --- nouns ------------------------------------------------------------------------------------------------------------


def contracts() -> None:
    stock = Stock("AAPL", "SMART", "USD", primaryExchange="NASDAQ")
    assert_type(stock, Stock)
    assert_type(stock.conId, int)
    assert_type(stock.strike, float)
    assert_type(stock.comboLegs, list[ComboLeg])
    assert_type(Forex("EURUSD").pair(), str)
    assert_type(Option("SPY", "20270115", 500.0, "C", "SMART").right, str)
    assert_type(Future("ES", "202703", "CME").multiplier, str)
    assert_type(Contract.create(secType="STK"), Contract)
    assert_type(Contract(conId=265598).isHashable(), bool)
    assert_type(stock.dict(), dict[str, Any])
    assert_type(stock.update(currency="EUR"), Stock)
    Bag(symbol="SPY", exchange="SMART", currency="USD", comboLegs=[ComboLeg(1, 1, "BUY"), ComboLeg(2, 1, "SELL")])
    several: list[Contract] = [stock, Forex("EURUSD"), Index("SPX", "CBOE")]
    assert_type(several[0].symbol, str)


def orders() -> None:
    limit = LimitOrder("BUY", 100, 1.5, tif="GTC", outsideRth=True)
    assert_type(limit, LimitOrder)
    assert_type(limit.lmtPrice, float)
    assert_type(limit.totalQuantity, float)
    assert_type(limit.permId, int)
    assert_type(limit.transmit, bool)
    assert_type(limit.conditions, list[OrderCondition])
    assert_type(limit.orderComboLegs, list[OrderComboLeg])
    assert_type(limit.algoParams, list[TagValue])
    assert_type(limit.parent, Order | None)
    limit.conditions.append(PriceCondition(price=1.2, conId=265598, exch="SMART"))
    limit.algoParams = [TagValue("adaptivePriority", "Normal")]
    any_order: Order = MarketOrder("SELL", 0.5)
    any_order = StopOrder("SELL", 100, 1.4)
    any_order = StopLimitOrder("SELL", 100, 1.4, 1.5)
    assert_type(any_order.action, str)
    assert_type(IB.oneCancelsAll([limit, limit], "group", 1), list[LimitOrder])


def trades(trade: Trade) -> None:
    assert_type(trade.contract, Contract)
    assert_type(trade.order, Order)
    assert_type(trade.orderStatus, OrderStatus)
    assert_type(trade.orderStatus.avgFillPrice, float)
    assert_type(trade.fills, list[Fill])
    assert_type(trade.log, list[TradeLogEntry])
    assert_type(trade.warnings, list[TradeLogEntry])
    assert_type(trade.log[0].time, dt.datetime)
    assert_type(trade.isActive(), bool)
    assert_type(trade.mayFill(), bool)
    assert_type(trade.isDone(), bool)
    assert_type(trade.filled(), float)
    assert_type(trade.remaining(), float)
    fill = trade.fills[0]
    assert_type(fill.execution, Execution)
    assert_type(fill.execution.price, float)
    assert_type(fill.commissionReport, CommissionReport)
    assert_type(fill.commissionReport.commission, float)
    assert_type(fill.time, dt.datetime)
    contract, execution, _, _ = fill
    assert_type(contract, Contract)
    assert_type(execution.side, str)


def tickers(ticker: Ticker) -> None:
    assert_type(ticker.contract, Contract | None)
    assert_type(ticker.time, dt.datetime | None)
    assert_type(ticker.bid, float)
    assert_type(ticker.askSize, float)
    assert_type(ticker.marketPrice(), float)
    assert_type(ticker.midpoint(), float)
    assert_type(ticker.hasBidAsk(), bool)
    assert_type(ticker.delta, float)
    assert_type(ticker.ticks, list[TickData])
    assert_type(ticker.tickByTicks, list[TickByTickAllLast | TickByTickBidAsk | TickByTickMidPoint])
    assert_type(ticker.domBids, list[DOMLevel])
    assert_type(ticker.domTicks, list[MktDepthData])
    assert_type(ticker.modelGreeks, OptionComputation | None)
    assert_type(ticker.dividends, Dividends | None)
    if ticker.modelGreeks is not None:
        assert_type(ticker.modelGreeks.impliedVol, float | None)


def lists(bars: BarDataList, ticks: RealTimeBarList, scan: ScanDataList) -> None:
    assert_type(bars[-1], BarData)
    assert_type(bars[-1].close, float)
    assert_type(bars[-1].date, dt.date | dt.datetime)
    assert_type(bars[-5:], list[BarData])
    assert_type([bar.volume for bar in bars], list[float])
    assert_type(bars.contract, Contract)
    assert_type(bars.keepUpToDate, bool)
    assert_type(ticks[-1], RealTimeBar)
    assert_type(ticks[-1].time, dt.datetime)
    assert_type(scan[0], ScanData)
    assert_type(scan[0].contractDetails.contract, Contract | None)


# --- connecting -------------------------------------------------------------------------------------------------------


def connecting(ib: IB) -> None:
    assert_type(ib.connect("127.0.0.1", 7497, clientId=1, timeout=4, readonly=True, account=""), IB)
    assert_type(ib.connect(raiseSyncErrors=True, fetchFields=StartupFetch.POSITIONS | StartupFetch.EXECUTIONS), IB)
    IB(journal=Journal("orders.db", fsync=True))
    with IB(journal="orders.db"), IB() as inside, IB(strict=True):
        assert_type(inside, IB)
    assert_type(ib.isConnected(), bool)
    assert_type(ib.health, Health)
    assert_type(ib.startup, StartupReport)
    assert_type(ib.startup.parts["positions"], StartupPart)
    assert_type(ib.waitOnConnection(5), bool)
    assert_type(ib.health.farms["usfarm"], Farm)
    assert_type(ib.disconnect(), str | None)
    IB(reconnect=Reconnect(longest=10, attempts=100), heartbeat=20).connect(reconnect=False)
    assert_type(ib.managedAccounts(), list[str])
    assert_type(ib.client, Client)
    assert_type(ib.client.isReady(), bool)
    assert_type(ib.client.getReqId(), int)
    assert_type(ib.client.host, str)
    assert_type(ib.client.apiError, Event[str])
    ib.record("monday.tape", scrub=True).close()
    assert_type(ib.reqCurrentTime(), dt.datetime)
    assert_type(ib.reqCurrentTimeInMillis(), dt.datetime | None)
    assert_type(ib.strict, bool)
    ib.RequestTimeout = 10
    ib.RaiseRequestErrors = True
    ib.setTimeout(60)
    ib.setServerLogLevel(logLevel=5)


async def answer() -> int:
    return 42


def waiting(ib: IB, noon: dt.time) -> None:
    assert_type(ib.run(), None)
    assert_type(ib.run(answer()), int)
    assert_type(ib.run(answer(), timeout=3), int)
    assert_type(ib.run(ib.reqPositionsAsync()), list[Position])
    assert_type(ib.run(answer(), ib.reqPositionsAsync()), list[Any])
    assert_type(IB.run(answer()), int)
    assert_type(IB.sleep(1), bool)
    assert_type(ib.sleep(secs=0.5), bool)
    assert_type(ib.waitOnUpdate(timeout=1), bool)
    assert_type(ib.waitUntil(noon), bool)
    assert_type(ib.schedule(noon, print, "noon"), asyncio.TimerHandle)
    assert_type(ib.timeRange(noon, noon, 60), Iterator[dt.datetime])
    assert_type(ib.timeRangeAsync(noon, noon, step=60), AsyncIterator[dt.datetime])
    for done in ib.loopUntil(lambda: bool(ib.positions()), timeout=10):
        assert_type(done, Any)


# --- requests: the blocking forms, which keep names and types of their parameters -------------------------------------


def contract_requests(ib: IB, contract: Contract) -> None:
    assert_type(ib.reqContractDetails(contract=contract), list[ContractDetails])
    assert_type(ib.qualifyContracts(contract, Stock("AMD")), Qualified[Contract | Any])
    assert_type(ib.qualifyContracts(contract, returnAll=True), Qualified[Contract | list[Contract] | None])
    assert_type(ib.qualifyContracts(contract)[0].conId, int | Any)
    several: list[Contract] = ib.qualifyContracts(contract, Stock("AMD"))
    ib.reqTickers(*several, *ib.qualifyContracts(contract))
    for one in ib.qualifyContracts(contract):
        if one is None:
            print("unknown")
    assert_type(ib.reqMatchingSymbols(pattern="IBM"), list[ContractDescription])
    assert_type(ib.reqMarketRule(marketRuleId=26), list[PriceIncrement] | None)
    assert_type(ib.reqSmartComponents(bboExchange="a6"), list[SmartComponent])
    chains = ib.reqSecDefOptParams("SPY", futFopExchange="", underlyingSecType="STK", underlyingConId=756733)
    assert_type(chains, list[OptionChain])
    assert_type(chains[0].strikes, list[float])
    assert_type(ib.calculateImpliedVolatility(contract, optionPrice=6.1, underPrice=525), OptionComputation | None)
    assert_type(ib.calculateOptionPrice(contract, volatility=0.14, underPrice=525), OptionComputation | None)
    assert_type(ib.exerciseOptions(contract, 1, 1, "DU1", override=0), int)
    ib.cancelContractDetails(reqId=7)


def market_data(ib: IB, contract: Contract) -> None:
    assert_type(ib.reqMktData(contract, "233", snapshot=False, regulatorySnapshot=False, mktDataOptions=[]), Ticker)
    assert_type(ib.reqTickers(contract, contract, regulatorySnapshot=False), list[Ticker])
    assert_type(ib.reqTickers(*[Stock("AMD"), Stock("IBM")]), list[Ticker])
    assert_type(ib.ticker(contract), Ticker | None)
    assert_type(ib.tickers(), list[Ticker])
    assert_type(ib.pendingTickers(), list[Ticker])
    assert_type(ib.watchSubscriptions(60), None)
    assert_type(ib.reqTickByTickData(contract, "BidAsk", numberOfTicks=0, ignoreSize=True), Ticker)
    assert_type(ib.reqMktDepth(contract, numRows=5, isSmartDepth=True), Ticker)
    assert_type(ib.reqMktDepthExchanges(), list[DepthMktDataDescription])
    assert_type(ib.cancelMktData(contract), bool)
    assert_type(ib.cancelTickByTickData(contract, "BidAsk"), bool)
    ib.cancelMktDepth(contract, isSmartDepth=True)
    ib.reqMarketDataType(marketDataType=3)


def bars_and_ticks(ib: IB, contract: Contract, now: dt.datetime) -> None:
    bars = ib.reqHistoricalData(
        contract,
        endDateTime="",
        durationStr="1 D",
        barSizeSetting="1 min",
        whatToShow="TRADES",
        useRTH=True,
        formatDate=2,
        keepUpToDate=True,
        chartOptions=None,
        timeout=60,
    )
    assert_type(bars, BarDataList)
    assert_type(ib.reqHistoricalData(contract, now, "1 D", "1 min", "TRADES", True), BarDataList)
    ib.cancelHistoricalData(bars)
    live = ib.reqRealTimeBars(contract, 5, "MIDPOINT", useRTH=False, realTimeBarsOptions=[])
    assert_type(live, RealTimeBarList)
    ib.cancelRealTimeBars(live)
    assert_type(ib.realtimeBars(), list[BarDataList | RealTimeBarList])
    ticks = ib.reqHistoricalTicks(contract, "", now, numberOfTicks=100, whatToShow="BID_ASK", useRth=True)
    assert_type(ticks, list[HistoricalTick | HistoricalTickBidAsk | HistoricalTickLast])
    assert_type(ticks[0].time, dt.datetime)
    assert_type(ib.reqHeadTimeStamp(contract, whatToShow="TRADES", useRTH=True), dt.date | dt.datetime | None)
    assert_type(ib.reqHistogramData(contract, useRTH=True, period="1 week"), list[HistogramData])
    assert_type(ib.reqHistoricalSchedule(contract, numDays=5, endDateTime=""), HistoricalSchedule | None)
    ib.cancelHeadTimeStamp(reqId=7)
    ib.cancelHistogramData(reqId=7)
    ib.cancelHistoricalTicks(reqId=7)


def order_requests(ib: IB, contract: Contract, order: Order) -> None:
    assert_type(ib.placeOrder(contract, order), Trade)
    assert_type(ib.placeOrder(Stock("AMD"), LimitOrder("BUY", 1, 2)), Trade)
    assert_type(ib.placeOnce("a key", contract, order), Trade)
    assert_type(ib.journal, Journal | None)
    assert_type(ib.cancelOrder(order, manualCancelOrderTime=""), Trade | None)
    state = ib.whatIfOrder(contract, order)
    assert_type(state, OrderState)
    assert_type(state.numeric(digits=2), OrderStateNumeric)
    assert_type(state.numeric().initMarginChange, float)
    bracket = ib.bracketOrder("BUY", 100, limitPrice=1.5, takeProfitPrice=1.6, stopLossPrice=1.4, tif="GTC")
    assert_type(bracket, BracketOrder)
    assert_type(bracket.parent, Order)
    for each in bracket:
        assert_type(ib.placeOrder(contract, each), Trade)
    assert_type(ib.bracket(order, targets=[1.6, (1.7, 50)], stop=1.4, tif="GTC"), list[Order])
    assert_type(ib.flatten(account="", exclude=["AMD", contract], timeout=10), Flattened)
    assert_type(ib.trades(), list[Trade])
    assert_type(ib.openTrades(), list[Trade])
    assert_type(ib.allOpenTrades(live=True), list[Trade])
    assert_type(ib.owns(ib.trades()[0]), bool)
    assert_type(ib.orders(), list[Order])
    assert_type(ib.openOrders(), list[Order])
    assert_type(ib.fills(), list[Fill])
    assert_type(ib.executions(), list[Execution])
    assert_type(ib.reqOpenOrders(), list[Trade])
    assert_type(ib.reqAllOpenOrders(), list[Trade])
    assert_type(ib.reconcile(), list[Difference])
    assert_type(ib.reqCompletedOrders(apiOnly=False), list[Trade])
    assert_type(ib.reqExecutions(execFilter=None), list[Fill])
    assert_type(ib.reqId(), int)
    assert_type(ib.orderIds(count=3), range)
    ib.reqAutoOpenOrders(autoBind=True)
    ib.reqGlobalCancel()


def accounts(ib: IB) -> None:
    assert_type(ib.accountValues(account=""), list[AccountValue])
    assert_type(ib.accountSummary(account=""), list[AccountValue])
    assert_type(ib.reqAccountSummary(), list[AccountValue])
    assert_type(ib.portfolio(account=""), list[PortfolioItem])
    assert_type(ib.positions(account=""), list[Position])
    assert_type(ib.reqPositions(), list[Position])
    assert_type(ib.reqPositionsMulti(account="DU1", modelCode=""), list[PositionMulti])
    assert_type(ib.pnl(account="", modelCode=""), list[PnL])
    assert_type(ib.pnlSingle(account="", modelCode="", conId=0), list[PnLSingle])
    assert_type(ib.reqPnL(account="DU1", modelCode=""), PnL)
    assert_type(ib.reqPnLSingle("DU1", "", conId=265598), PnLSingle)
    ib.cancelPnL(account="DU1")
    ib.cancelPnLSingle("DU1", modelCode="", conId=265598)
    assert_type(ib.reqAccountUpdates(account=""), None)
    assert_type(ib.reqAccountUpdatesMulti(account="", modelCode=""), None)
    assert_type(ib.reqFamilyCodes(), list[FamilyCode])
    assert_type(ib.reqSoftDollarTiers(), list[SoftDollarTier])
    assert_type(ib.requestFA(faDataType=1), str)
    assert_type(ib.reqUserInfo(), str)
    ib.replaceFA(faDataType=1, xml="<xml/>")


def scanners_news_companies_settings(ib: IB, contract: Contract) -> None:
    scanner = ScannerSubscription(instrument="STK", locationCode="STK.US.MAJOR", scanCode="TOP_PERC_GAIN")
    assert_type(ib.reqScannerData(scanner, [], scannerSubscriptionFilterOptions=[TagValue("a", "1")]), ScanDataList)
    assert_type(ib.reqScannerSubscription(scanner), ScanDataList)
    assert_type(ib.reqScannerParameters(), str)
    ib.cancelScannerSubscription(ib.reqScannerSubscription(scanner))
    assert_type(ib.reqNewsProviders(), list[NewsProvider])
    assert_type(ib.reqNewsArticle(providerCode="BRFG", articleId="1"), NewsArticle | None)
    assert_type(ib.reqHistoricalNews(1, "BRFG", "", "", totalResults=10), list[HistoricalNews])
    assert_type(ib.newsTicks(), list[NewsTick])
    assert_type(ib.newsBulletins(), list[NewsBulletin])
    ib.reqNewsBulletins(allMessages=True)
    ib.cancelNewsBulletins()
    assert_type(ib.reqFundamentalData(contract, reportType="ReportSnapshot"), str)
    assert_type(ib.getWshMetaData(), str)
    assert_type(ib.getWshEventData(data=WshEventData(conId=265598)), str)
    ib.reqWshMetaData()
    ib.reqWshEventData(WshEventData())
    ib.cancelWshMetaData()
    ib.cancelWshEventData()
    config = ib.reqConfig()
    assert_type(config, Config | None)
    if config is not None:
        assert_type(ib.updateConfig(changes=config), ConfigUpdate | None)
    assert_type(ib.queryDisplayGroups(), list[int])
    group = ib.subscribeToGroupEvents(groupId=1)
    assert_type(group, DisplayGroup)
    ib.updateDisplayGroup(group, "none")
    ib.unsubscribeFromGroupEvents(group)


# --- requests: the Async forms ----------------------------------------------------------------------------------------


async def asynchronous_lookups(ib: IB, contract: Contract) -> None:
    assert_type(await ib.connectAsync("127.0.0.1", 7497, clientId=1), IB)
    assert_type(await ib.disconnectAsync(), str | None)
    assert_type(await ib.connected(), None)
    assert_type(await ib.whenConnected(lambda: ib.reqCurrentTimeAsync()), dt.datetime)
    assert_type(await ib.reqCurrentTimeAsync(), dt.datetime)
    assert_type(await ib.reqCurrentTimeInMillisAsync(), dt.datetime | None)
    assert_type(await ib.reqContractDetailsAsync(contract), list[ContractDetails])
    assert_type(await ib.qualifyContractsAsync(contract), Qualified[Contract | Any])
    assert_type(await ib.qualifyContractsAsync(contract, returnAll=True), Qualified[Contract | list[Contract] | None])
    [qualified] = await ib.qualifyContractsAsync(contract)
    assert_type(ib.reqMktData(qualified), Ticker)
    assert_type(await ib.reqMatchingSymbolsAsync("IBM"), list[ContractDescription])
    assert_type(await ib.reqMarketRuleAsync(26), list[PriceIncrement] | None)
    assert_type(await ib.reqSmartComponentsAsync("a6"), list[SmartComponent])
    assert_type(await ib.reqSecDefOptParamsAsync("SPY", "", "STK", 1), list[OptionChain])
    assert_type(await ib.calculateImpliedVolatilityAsync(contract, 6.1, 525), OptionComputation | None)
    assert_type(await ib.calculateOptionPriceAsync(contract, 0.14, 525), OptionComputation | None)
    assert_type(await ib.reqMktDepthExchangesAsync(), list[DepthMktDataDescription])
    assert_type(await ib.reqTickersAsync(contract), list[Ticker])
    assert_type(await ib.reqHistoricalDataAsync(contract, None, "1 D", "1 min", "TRADES", True), BarDataList)
    ticks = await ib.reqHistoricalTicksAsync(contract, "", "")
    assert_type(ticks, list[HistoricalTick | HistoricalTickBidAsk | HistoricalTickLast])
    assert_type(await ib.reqHeadTimeStampAsync(contract), dt.date | dt.datetime | None)
    assert_type(await ib.reqHistogramDataAsync(contract, True, "1 week"), list[HistogramData])
    assert_type(await ib.reqHistoricalScheduleAsync(contract, 5), HistoricalSchedule | None)
    assert_type(await ib.reqScannerDataAsync(ScannerSubscription()), ScanDataList)
    assert_type(await ib.reqScannerParametersAsync(), str)
    assert_type(await ib.reqNewsProvidersAsync(), list[NewsProvider])
    assert_type(await ib.reqNewsArticleAsync("BRFG", "1"), NewsArticle | None)
    assert_type(await ib.reqHistoricalNewsAsync(1, "BRFG", "", "", 10), list[HistoricalNews])
    assert_type(await ib.reqFundamentalDataAsync(contract, "ReportSnapshot"), str)
    assert_type(await ib.getWshMetaDataAsync(), str)
    assert_type(await ib.getWshEventDataAsync(WshEventData()), str)


async def asynchronous_orders_and_accounts(ib: IB, contract: Contract, order: Order) -> None:
    assert_type(await ib.whatIfOrderAsync(contract, order), OrderState)
    assert_type(await ib.placeOnceAsync("a key", contract, order), Trade)
    assert_type(await ib.reqOpenOrdersAsync(), list[Trade])
    assert_type(await ib.reqAllOpenOrdersAsync(), list[Trade])
    assert_type(await ib.reconcileAsync(), list[Difference])
    assert_type(await ib.reqCompletedOrdersAsync(True), list[Trade])
    assert_type(await ib.reqExecutionsAsync(), list[Fill])
    assert_type(await ib.allOpenTradesAsync(), list[Trade])
    assert_type(await ib.flattenAsync(), Flattened)
    assert_type(await ib.accountSummaryAsync(), list[AccountValue])
    assert_type(await ib.reqAccountSummaryAsync(tags="BuyingPower"), list[AccountValue])
    await ib.runAsync()
    assert_type(await ib.reqPositionsAsync(), list[Position])
    assert_type(await ib.reqPositionsMultiAsync("DU1"), list[PositionMulti])
    await ib.reqAccountUpdatesAsync("DU1")
    await ib.reqAccountUpdatesMultiAsync("DU1")
    assert_type(await ib.reqFamilyCodesAsync(), list[FamilyCode])
    assert_type(await ib.reqSoftDollarTiersAsync(), list[SoftDollarTier])
    assert_type(await ib.requestFAAsync(1), str)
    await ib.replaceFAAsync(1, "<xml/>")
    assert_type(await ib.reqUserInfoAsync(), str)
    assert_type(await ib.reqConfigAsync(), Config | None)
    assert_type(await ib.updateConfigAsync(Config()), ConfigUpdate | None)
    assert_type(await ib.queryDisplayGroupsAsync(), list[int])


# --- events -----------------------------------------------------------------------------------------------------------


def on_nothing() -> None: ...
def on_trade(trade: Trade) -> None: ...
async def on_trade_async(trade: Trade) -> None: ...
def on_fill(trade: Trade, fill: Fill) -> None: ...
def on_ticker(ticker: Ticker) -> None: ...
def on_error(reqId: int, errorCode: int, errorString: str, contract: Contract | None) -> None: ...
def on_bars(bars: BarDataList, hasNewBar: bool) -> None: ...
def on_failure(event: Event[Trade], error: BaseException) -> None: ...
def on_anything(*args: Any) -> None: ...


def events(ib: IB) -> None:
    assert_type(ib.connectedEvent, Event[()])
    assert_type(ib.disconnectedEvent, Event[()])
    assert_type(ib.updateEvent, Event[()])
    assert_type(ib.pendingTickersEvent, Event[set[Ticker]])
    assert_type(ib.barUpdateEvent, Event[BarDataList | RealTimeBarList, bool])
    assert_type(ib.newOrderEvent, Event[Trade])
    assert_type(ib.orderModifyEvent, Event[Trade])
    assert_type(ib.cancelOrderEvent, Event[Trade])
    assert_type(ib.openOrderEvent, Event[Trade])
    assert_type(ib.orderStatusEvent, Event[Trade])
    assert_type(ib.execDetailsEvent, Event[Trade, Fill])
    assert_type(ib.commissionReportEvent, Event[Trade, Fill, CommissionReport])
    assert_type(ib.updatePortfolioEvent, Event[PortfolioItem])
    assert_type(ib.positionEvent, Event[Position])
    assert_type(ib.accountValueEvent, Event[AccountValue])
    assert_type(ib.accountSummaryEvent, Event[AccountValue])
    assert_type(ib.pnlEvent, Event[PnL])
    assert_type(ib.pnlSingleEvent, Event[PnLSingle])
    assert_type(ib.scannerDataEvent, Event[ScanDataList])
    assert_type(ib.tickNewsEvent, Event[NewsTick])
    assert_type(ib.newsBulletinEvent, Event[NewsBulletin])
    assert_type(ib.wshMetaEvent, Event[str])
    assert_type(ib.wshEvent, Event[str])
    assert_type(ib.errorEvent, Event[int, int, str, Contract | None])
    assert_type(ib.timeoutEvent, Event[float])
    assert_type(ib.healthEvent, Event[Health])
    assert_type(ib.gapEvent, Event[Subscription, dt.datetime, dt.datetime])
    assert_type(ib.subscriptionLostEvent, Event[Subscription, Exception])
    assert_type(ib.silentEvent, Event[Subscription, float])
    assert_type(ib.differenceEvent, Event[Difference])
    assert_type(ib.startupEvent, Event[StartupReport])
    assert_type(ib.reconnectingEvent, Event[ReconnectAttempt])
    assert_type(ib.reconnectedEvent, Event[ReconnectReport])
    assert_type(ib.reconnectFailedEvent, Event[ConnectionError])


def events_of_objects(
    trade: Trade, ticker: Ticker, bars: BarDataList, live: RealTimeBarList, scan: ScanDataList, group: DisplayGroup
) -> None:
    assert_type(trade.serverOrder, Order | None)
    assert_type(trade.incarnations, list[Trade])
    assert_type(trade.statusEvent, Event[Trade])
    assert_type(trade.modifyEvent, Event[Trade])
    assert_type(trade.fillEvent, Event[Trade, Fill])
    assert_type(trade.commissionReportEvent, Event[Trade, Fill, CommissionReport])
    assert_type(trade.filledEvent, Event[Trade])
    assert_type(trade.cancelEvent, Event[Trade])
    assert_type(trade.cancelledEvent, Event[Trade])
    assert_type(trade.warningEvent, Event[Trade, TradeLogEntry])
    assert_type(trade.fillCorrectedEvent, Event[Trade, Fill, Fill])
    assert_type(ticker.errorEvent, Event[Ticker, int, str])
    assert_type(bars.updateEvent, Event[BarDataList, bool])
    assert_type(live.updateEvent, Event[RealTimeBarList, bool])
    assert_type(scan.updateEvent, Event[ScanDataList])
    assert_type(group.updateEvent, Event[DisplayGroup])
    ticker.updateEvent += on_ticker
    bars.updateEvent += on_bars


def listeners(ib: IB, trade: Trade) -> None:
    ib.connectedEvent += on_nothing
    ib.orderStatusEvent += on_trade
    ib.orderStatusEvent += on_trade_async
    ib.orderStatusEvent += on_anything
    ib.orderStatusEvent += print
    ib.orderStatusEvent += lambda trade: print(trade.order.orderId)
    ib.execDetailsEvent += on_fill
    ib.execDetailsEvent += lambda trade, fill: print(trade.order, fill.execution)
    ib.errorEvent += on_error
    ib.errorEvent -= on_error
    seen: list[Trade] = []
    ib.orderStatusEvent += seen.append
    ib.orderStatusEvent += trade.statusEvent
    assert_type(ib.orderStatusEvent.connect(on_trade, on_failure, lambda event: print(event.name())), Event[Trade])
    assert_type(trade.filledEvent.once(on_trade)(trade), None)
    ib.orderStatusEvent.emit(trade)
    ib.orderStatusEvent(trade)
    assert_type(len(ib.orderStatusEvent), int)
    assert_type(on_trade in ib.orderStatusEvent, bool)
    mine = Event[str, int]("mine")
    mine += lambda text, number: print(text.upper(), number + 1)
    mine.emit("a", 1)
    mine.error_event += lambda event, error: print(event.name(), error)


async def awaiting(ib: IB, trade: Trade, ticker: Ticker, bars: BarDataList) -> None:
    assert_type(await trade.filledEvent, Trade)
    assert_type(await trade.fillEvent, tuple[Trade, Fill])
    assert_type(await trade.commissionReportEvent, tuple[Trade, Fill, CommissionReport])
    assert_type(await ib.errorEvent, tuple[int, int, str, Contract | None])
    assert_type(await ticker.updateEvent, Ticker)
    async for tickers in ib.pendingTickersEvent:
        assert_type(tickers, set[Ticker])
    async for several in bars.updateEvent:
        assert_type(several, tuple[BarDataList, bool])
    async for last in ticker.updateEvent.aiter(skip_to_last=True):
        assert_type(last, Ticker)


async def operators(ib: IB, ticker: Ticker) -> None:
    prices = ticker.updateEvent.map(lambda ticker: ticker.marketPrice())
    assert_type(await prices, float)
    assert_type(await prices.filter(lambda price: price > 0).skip(1).take(2).debounce(1), float)
    assert_type(await prices.takewhile(lambda price: price > 0).throttle(10, 1).delay(1), float)
    assert_type(await prices.list(), list[float])
    assert_type(await prices.deque(10), deque[float])
    assert_type(await prices.chunk(5), list[float])
    assert_type(await prices.pairwise(), tuple[float, float])
    assert_type(await prices.enumerate(), tuple[float, float])
    assert_type(await prices.timestamp(), tuple[float, float])
    assert_type(await prices.max(), float)
    assert_type(await prices.all(), bool)
    assert_type(await prices.constant("tick"), str)
    prices += lambda price: print(price + 1)
    prices.mean().connect(lambda mean: print(mean))
    assert_type(await ib.execDetailsEvent.map(lambda trade, fill: fill.execution), Execution)
    assert_type(await ib.execDetailsEvent.filter(lambda trade, fill: fill.execution.shares > 1), tuple[Trade, Fill])
    assert_type(await ib.execDetailsEvent.pack(), tuple[Trade, Fill])
    assert_type(await ib.orderStatusEvent.map(on_trade_async), None)
    assert_type(await Event.timer(1), float)
    assert_type(await Event.range(3), int)
    assert_type(await Event.sequence(["a"]), str)
    # What is not known takes any listener.
    ib.execDetailsEvent.pluck(1).connect(lambda fill: print(fill))
    ib.orderStatusEvent.merge(ib.execDetailsEvent).connect(on_anything)
    ib.orderStatusEvent.pluck("order", "log").map(lambda order, log: print(order, log))


async def streams_of_ticks(ticker: Ticker) -> None:
    trades = ticker.updateEvent.trades()
    assert_type(await trades, tuple[dt.datetime, float, float])
    bars = trades.timebars(Event.timer(60))
    assert_type((await bars).close, float)
    assert_type(bars.bars[-1].count, int)
    bars.bars.updateEvent += lambda bars, hasNewBar: print(bars[-1].high, hasNewBar)
    assert_type((await ticker.updateEvent.midpoints().tickbars(10))[-1].open, float)


# --- the rest ---------------------------------------------------------------------------------------------------------


def utilities(bars: BarDataList, noon: dt.time) -> None:
    assert_type(util.df(bars), pd.DataFrame)
    assert_type(util.df([Position("DU1", Stock("AMD"), 1, 2.0)], labels=["account", "position"]), pd.DataFrame)
    assert_type(util.df(None), None)
    assert_type(util.run(answer()), int)
    assert_type(util.sleep(1), bool)
    assert_type(util.schedule(noon, print), asyncio.TimerHandle)
    assert_type(util.schedule(60, print).cancel(), None)
    assert_type(util.timeRange("20240101", "20240131", "1 day"), Iterator[dt.datetime])
    assert_type(util.getLoop(), asyncio.AbstractEventLoop)
    assert_type(util.formatSI(1234), str)
    assert_type(util.isNan(1.0), bool)
    assert_type(util.globalErrorEvent, Event[BaseException])
    assert_type(util.UNSET_DOUBLE, float)
    util.startLoop()
    util.patchAsyncio()
    util.logToConsole(level=10)
    util.allowCtrlC()


def controllers(ib: IB) -> None:
    watchdog = Watchdog(IBC(1037, gateway=True, tradingMode="paper"), ib, port=4002, probeTimeout=4)
    assert_type(watchdog.ib, IB)
    assert_type(watchdog.startedEvent, Event[Watchdog])
    watchdog.startedEvent += lambda watchdog: print(watchdog.ib.positions())
    watchdog.softTimeoutEvent += on_anything
    watchdog.start()
    watchdog.stop()
    report = FlexReport(token="1", queryId="2")
    assert_type(report.topics(), set[str])
    assert_type(report.df("Trade"), pd.DataFrame | None)


def errors(ib: IB) -> None:
    try:
        ib.reqPositions()
    except RequestError as error:
        assert_type(error.reqId, int)
        assert_type(error.code, int)
        assert_type(error.message, str)
    assert_type(ibdesk.__version__, str)
    assert_type(ibdesk.__version_info__, tuple[int, int, int])


# --- wrong uses: each must be an error to both ------------------------------------------------------------------------


def wrong_names() -> None:
    from ibdesk.contract import Stok  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    from ibdesk.ib import TagValue  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    from ibdesk.ordr import LimitOrder  # type: ignore[import-not-found]  # pyright: ignore[reportMissingImports]

    print(Stok, TagValue, LimitOrder)
    print(ibdesk.order.LimtOrder)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    print(ibdesk.util.dff)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def wrong_listeners(ib: IB, trade: Trade, ticker: Ticker, bars: BarDataList) -> None:
    ib.orderStatusEvent += on_nothing  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.orderStatusEvent += on_fill  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.orderStatusEvent += on_ticker  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.orderStatusEvent += lambda: None  # type: ignore[arg-type, misc]  # pyright: ignore[reportOperatorIssue]
    ib.orderStatusEvent += 1  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.execDetailsEvent += on_trade  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.execDetailsEvent += lambda trade: None  # type: ignore[arg-type, misc]  # pyright: ignore[reportOperatorIssue]
    ib.connectedEvent += on_trade  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.pendingTickersEvent += on_ticker  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.barUpdateEvent += on_bars  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.errorEvent += on_trade  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.orderStatusEvent += ib.execDetailsEvent  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    trade.filledEvent += on_fill  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ticker.updateEvent += on_trade  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    bars.updateEvent += on_ticker  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue]
    ib.orderStatusEvent.connect(on_ticker)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ib.orderStatusEvent.connect(on_trade, on_nothing)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    trade.filledEvent.once(on_ticker)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ib.orderStatusEvent.emit()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ib.orderStatusEvent.emit(ticker)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ib.nosuchEvent += on_trade  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


async def wrong_values(ib: IB, trade: Trade, ticker: Ticker) -> None:
    print((await trade.filledEvent).bid)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    trade, fill = await trade.commissionReportEvent  # type: ignore[misc]  # pyright: ignore[reportAssignmentType]
    print(fill)
    async for tickers in ib.pendingTickersEvent:
        print(tickers.bid)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    ticker.updateEvent.filter(on_fill)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ticker.updateEvent.map(on_trade)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
    ib.execDetailsEvent.max()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def wrong_arguments(ib: IB, contract: Contract, order: Order) -> None:
    ib.connect(hots="127.0.0.1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ib.reqHistoricalData(durationStr="1 D")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ib.reqHistoricalData(contract, "", "1 D", "1 min", "TRADES", True, keepUptodate=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ib.reqContractDetails("AAPL")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ib.reqTickers([contract])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ib.placeOrder(order, contract)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ib.reqScannerData(ScannerSubscription(), [("a", "1")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    print(ib.qualifyContracts(contract)[0].conID)  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]
    print(ib.reqMktData(contract).modelGreeks.impliedVol)  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    print(ib.reqPositions()[0].conId)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    order.lmtPrce = 1  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    order.lmtPrice = "1"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    LimitOrder("BUY", 100)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    print(Stock("AAPL", "SMART", "USD").multiplyer)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    ib.run(answer)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    text: str = ib.run(answer())  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(text)
    util.df(bars=[])  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
