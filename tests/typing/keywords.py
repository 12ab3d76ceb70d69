"""What type checkers make of fields that are given by keyword: nothing here runs, mypy and pyright must agree.

Pyright is strict here. At the end stand wrong uses, which must be errors to both, as in `public_api.py`.
"""

# pyright: strict

from typing import Any, assert_type

from ibdesk.contract import (
    CFD,
    Bag,
    Bond,
    ComboLeg,
    Commodity,
    ContFuture,
    ContFutureFields,
    Contract,
    ContractFields,
    Crypto,
    DeltaNeutralContract,
    Forex,
    Future,
    FutureFields,
    FuturesOption,
    Index,
    MutualFund,
    Option,
    OptionFields,
    Stock,
    StockFields,
    TagValue,
    Warrant,
)
from ibdesk.ib import IB
from ibdesk.objects import AccountValue, ExecutionFilter, Position, ScannerSubscription, SoftDollarTier, WshEventData
from ibdesk.order import (
    BracketFields,
    BracketOrder,
    ExecutionCondition,
    LimitFields,
    LimitOrder,
    MarketFields,
    MarketOrder,
    Order,
    OrderComboLeg,
    OrderFields,
    PriceCondition,
    StopFields,
    StopLimitFields,
    StopLimitOrder,
    StopOrder,
    VolumeCondition,
)


def contracts(row: dict[str, Any]) -> None:
    Contract(conId=265598, exchange="SMART")
    Contract(
        secType="OPT", symbol="SPY", lastTradeDateOrContractMonth="20270115", strike=500, right="C", multiplier="100"
    )
    Contract(**row)
    Stock("AMD", "SMART", "USD", primaryExchange="NASDAQ", conId=1, secIdType="ISIN", secId="US0079031078")
    Stock(symbol="AMD", exchange="SMART", currency="USD")
    Stock("AMD", **row)
    Stock(*("AMD", "SMART", "USD"))
    Index("SPX", "CBOE", tradingClass="SPXW")
    CFD("IBUS500", currency="USD", localSymbol="IBUS500")
    Commodity("XAUUSD", "SMART", "USD", description="gold")
    Crypto("BTC", "PAXOS", "USD", localSymbol="BTC.USD")
    Forex("EURUSD", conId=12087792)
    Forex(symbol="EUR", currency="USD", localSymbol="EUR.USD", tradingClass="EUR.USD")
    Option("SPY", "20270115", 500, "C", "SMART", "100", "USD", tradingClass="SPY", includeExpired=True)
    Option("SPY", "20270115", 500, "C", "SMART", multiplier="100", localSymbol="SPY   270115C00500000")
    FuturesOption("ES", "202703", 5000, "P", "CME", tradingClass="E1A")
    Future("ES", "202703", "CME", multiplier="50", includeExpired=True)
    Future(conId=495512563)
    Future(localSymbol="ESH7", exchange="CME")
    ContFuture("ES", "CME", lastTradeDateOrContractMonth="202703")
    Bond(secIdType="ISIN", secId="US03076KAA60")
    Bond(symbol="912810QE1", exchange="SMART")
    MutualFund(symbol="VINIX", exchange="FUNDSERV", currency="USD")
    Warrant(conId=1, secType="IOPT")
    legs = [ComboLeg(conId=1, ratio=1, action="BUY", exchange="SMART"), ComboLeg(2, 1, "SELL", openClose=1)]
    Bag(symbol="SPY", exchange="SMART", currency="USD", comboLegs=legs)
    Bag(deltaNeutralContract=DeltaNeutralContract(1, 0.5, 10))
    assert_type(Contract.create(secType="FUT", symbol="ES", exchange="CME", currency="USD"), Contract)
    Contract.create(**row)
    assert_type(Stock("AMD").update(conId=1, exchange="SMART"), Stock)
    assert_type(Stock("AMD").update(Stock("IBM"), **row), Stock)


def orders(row: dict[str, Any]) -> None:
    Order(action="BUY", totalQuantity=1, orderType="LMT", lmtPrice=1.5, tif="GTC", outsideRth=True)
    Order(orderType="TRAIL", auxPrice=0.5, trailStopPrice=10, algoParams=[TagValue("a", "b")], **row)
    LimitOrder("BUY", 1, 2, tif="GTC", goodTillDate="20261130 16:00:00 US/Eastern", outsideRth=True, account="DU1")
    LimitOrder(action="BUY", totalQuantity=1, lmtPrice=2, orderId=7, parentId=6, transmit=False, orderRef="mine")
    LimitOrder("BUY", 1, 2, conditions=[PriceCondition(price=1, conId=2, exch="SMART")], conditionsCancelOrder=True)
    LimitOrder("BUY", 1, 2, algoStrategy="Adaptive", algoParams=[TagValue("adaptivePriority", "Normal")])
    LimitOrder(
        "BUY", 1, 2, orderComboLegs=[OrderComboLeg(1.5)], smartComboRoutingParams=[TagValue("NonGuaranteed", "1")]
    )
    LimitOrder("BUY", 1, 2, softDollarTier=SoftDollarTier("a", "b"), auxPrice=1, **row)
    MarketOrder("SELL", 0.5, cashQty=100, lmtPrice=1, auxPrice=1, whatIf=True, ocaGroup="a", ocaType=1)
    StopOrder("SELL", 1, 1.4, triggerMethod=2, lmtPrice=1, adjustedOrderType="TRAIL", triggerPrice=1.6)
    StopLimitOrder("SELL", 1, 1.4, stopPrice=1.5, tif="DAY", seekPriceImprovement=None)
    assert_type(LimitOrder("BUY", 1, 2).update(tif="GTC"), LimitOrder)
    assert_type(Order().update(Order(), lmtPrice=1, transmit=True), Order)


def fields_by_name(ib: IB) -> None:
    bracket: BracketFields = {"tif": "GTC", "account": "DU1"}
    ib.bracketOrder("BUY", 1, 2, 3, 1, **bracket)
    limit: LimitFields = {"tif": "GTC", "outsideRth": True}
    LimitOrder("BUY", 1, 2, **limit)
    market: MarketFields = {"cashQty": 100}
    MarketOrder("BUY", 1, **market)
    stop: StopFields = {"triggerMethod": 2}
    StopOrder("BUY", 1, 2, **stop)
    stop_limit: StopLimitFields = {"transmit": False}
    StopLimitOrder("BUY", 1, 2, 3, **stop_limit)
    every: OrderFields = {"action": "BUY", "orderType": "LOC", "lmtPrice": 1.5}
    Order(**every)
    option: OptionFields = {"tradingClass": "SPXW"}
    Option("SPX", **option)
    future: FutureFields = {"includeExpired": True}
    Future("ES", **future)
    continuous: ContFutureFields = {"tradingClass": "ES"}
    ContFuture("ES", **continuous)
    stock: StockFields = {"primaryExchange": "NASDAQ"}
    Stock("AMD", "SMART", "USD", **stock)
    everything: ContractFields = {"secType": "STK", "symbol": "AMD"}
    Contract(**everything)


def brackets(ib: IB, position: Position, row: dict[str, Any]) -> None:
    assert_type(ib.bracketOrder("BUY", 1, 2, 3, 1, tif="GTC", account="DU1", outsideRth=True), BracketOrder)
    assert_type(BracketOrder("BUY", 1, 2, 3, 1, tif="GTC"), BracketOrder)
    assert_type(BracketOrder(Order(), takeProfit=Order(), stopLoss=Order()), BracketOrder)
    ib.bracketOrder("BUY", 1, 2, 3, 1, **row)
    assert_type(ib.bracket(MarketOrder("BUY", 2), targets=[3], stop=1, tif="GTC", orderRef="mine"), list[Order])
    ib.bracket(position, stop=1, **row)


def others() -> None:
    ExecutionFilter(clientId=1, acctCode="DU1", time="20261130-10:00:00", symbol="AMD", secType="STK", side="BUY")
    ScannerSubscription(
        numberOfRows=10, instrument="STK", locationCode="STK.US", scanCode="HOT_BY_VOLUME", abovePrice=5
    )
    ExecutionCondition(secType="STK", exch="SMART", symbol="AMD")
    VolumeCondition(isMore=True, volume=1000, conId=1, exch="SMART").And()
    condition = PriceCondition(price=1, conId=1, exchange="SMART")
    assert_type(condition.exch, str)
    assert_type(condition.exchange, str)
    condition.exchange = "NYSE"
    WshEventData(conId=265598, filter="")


# --- wrong uses: each must be an error to both ------------------------------------------------------------------------


def wrong_names(ib: IB, order: Order) -> None:
    Order(lmtPrce=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    LimitOrder("BUY", 1, 2, tiff="GTC")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    MarketOrder("BUY", 1, outsideRTH=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    StopOrder("BUY", 1, 2, acount="DU1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    StopLimitOrder("BUY", 1, 2, 3, ocagroup="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    BracketOrder("BUY", 1, 2, 3, 1, tiff="GTC")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    ib.bracketOrder("BUY", 1, 2, 3, 1, tiff="GTC")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ib.bracket(order, [3], 1, tiff="GTC")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    order.update(tiff="GTC")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Contract(curency="USD")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Stock("AMD", primaryExch="NASDAQ")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Index("SPX", conid=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Forex("EURUSD", localsymbol="EUR.USD")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Option("SPY", tradingclass="SPY")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    FuturesOption("ES", expiry="202703")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Future("ES", expiry="202703")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ContFuture("ES", expiry="202703")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Bond(cusip="912810QE1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Bag(combolegs=[])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Contract.create(sectype="STK")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Stock("AMD").update(curency="USD")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ComboLeg(conid=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ExecutionFilter(account="DU1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ScannerSubscription(scancode="HOT_BY_VOLUME")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    PriceCondition(prise=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    AccountValue(acount="DU1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def set_by_the_kind_itself(ib: IB) -> None:
    LimitOrder("BUY", 1, 2, orderType="MKT")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    StopOrder("BUY", 1, 2, auxPrice=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ib.bracketOrder("BUY", 1, 2, 3, 1, transmit=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Stock("AMD", secType="CFD")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def wrong_types(ib: IB) -> None:
    LimitOrder("BUY", 1, 2, tif=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    LimitOrder("BUY", 1, 2, outsideRth="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    MarketOrder("BUY", 1, algoParams=[("a", "b")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    ib.bracketOrder("BUY", 1, 2, 3, 1, account=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Stock("AMD", conId="265598")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Option("SPY", multiplier=100)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
