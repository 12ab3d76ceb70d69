"""What the server does not tell is NaN to users, be it the largest number of text or a missing tag of protobuf."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from math import isnan
from typing import Any, TypeVar

import pytest
from client.asking import connected
from client.subscribing import start, start_book

from ibdesk import IB, LimitOrder, Stock
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.model.accounts import PnL, PnLSingle
from ibdesk.model.bars import BarData
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import Order, OrderState
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, messages
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages import (
    accounts,
    bonds,
    contracts,
    depth,
    executions,
    history,
    history_summaries,
    market_data,
    options,
    order_status,
    orders,
    real_time_bars,
    reference,
)
from ibdesk.wire.messages import historical_ticks as past
from ibdesk.wire.messages import pnl as pnl_messages
from ibdesk.wire.messages.tick_by_tick import TickByTick

T = TypeVar("T")

UNTOLD = UNSET_DOUBLE
AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
REQ = 7
VERSIONS = (178, V.MAX)
"""In text, as ib_async speaks it, and in protobuf."""


class Desk:
    """An `IB` without a connection. Messages reach it by way of bytes."""

    def __init__(self, version: int) -> None:
        self.ib, self.version = IB(), version
        self.dispatcher = self.ib.dispatcher
        self._server, self._client = Codec(Sender.CLIENT, version), Codec(Sender.SERVER, version)

    def tell(self, *messages: Any) -> None:
        self.dispatcher.receive([self._client.decode(self._server.encode(message)) for message in messages])


def keep(desk: Desk, request: Any, target: T) -> T:
    """Have the messages that name a request keep a target up to date."""
    desk.dispatcher.subscriptions.add(Subscription(Kind.BARS, request, None, target))
    return target


async def portfolio(desk: Desk) -> Any:
    desk.tell(accounts.UpdatePortfolio(AAPL, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, "DU1"))
    return desk.ib.portfolio()[0]


async def position(desk: Desk) -> Any:
    desk.tell(accounts.Position("DU1", AAPL, UNTOLD, UNTOLD))
    return desk.ib.positions()[0]


async def pnl(desk: Desk) -> Any:
    target = keep(desk, pnl_messages.ReqPnL(REQ, "DU1", ""), PnL("DU1"))
    desk.tell(pnl_messages.PnL(REQ, 1.0, 2.0, 3.0), pnl_messages.PnL(REQ, UNTOLD, UNTOLD, UNTOLD))
    return target


async def pnl_single(desk: Desk) -> Any:
    target = keep(desk, pnl_messages.ReqPnLSingle(REQ, "DU1", "", 1), PnLSingle("DU1"))
    desk.tell(pnl_messages.PnLSingle(REQ, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD))
    return target


def execution(**values: Any) -> executions.ExecDetails:
    ids = {"execId": "1.01", "orderId": 1, "clientId": 1, "time": "20260402 09:30:00 US/Eastern"}
    return executions.ExecDetails(-1, AAPL, Execution(**ids, **values))


async def fill(desk: Desk) -> Any:
    desk.tell(execution(**dict.fromkeys(("shares", "price", "cumQty", "avgPrice"), UNTOLD)))
    return desk.ib.fills()[0].execution


async def commission(desk: Desk) -> Any:
    report = CommissionReport("1.01", UNTOLD, "USD", UNTOLD, UNTOLD)
    desk.tell(execution(shares=1.0), executions.CommissionAndFeesReport(report))
    return desk.ib.fills()[0].commissionReport


def bar(date: str = "20260402") -> BarData:
    return BarData(date, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, 1)  # type: ignore[arg-type]


async def past_bar(desk: Desk) -> Any:
    bars = keep(desk, history.ReqHistoricalData(REQ, AAPL, "", "1 D", "1 day", "TRADES", True), BarDataList())
    told = BarData("20260401", 1.0, 2.0, 1.0, 2.0, 100.0, 1.5, 1)  # type: ignore[arg-type]
    desk.tell(history.HistoricalData(REQ, bars=[told, bar()]))
    assert bars[0].volume == 100.0
    return bars[1]


async def bar_update(desk: Desk) -> Any:
    bars = keep(desk, history.ReqHistoricalData(REQ, AAPL, "", "1 D", "1 day", "TRADES", True), BarDataList())
    desk.tell(history.HistoricalDataUpdate(REQ, bar()))
    desk.tell(history.HistoricalDataUpdate(REQ, bar()))
    assert len(bars) == 1
    return bars[0]


async def live_bar(desk: Desk) -> Any:
    bars = keep(desk, real_time_bars.ReqRealTimeBars(REQ, AAPL, 5, "TRADES", True), RealTimeBarList())
    desk.tell(real_time_bars.RealtimeBar(REQ, 1, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, UNTOLD, 1))
    return bars[0]


def ticks(*sent: Any) -> Callable[[Desk], Any]:
    """The ticker that gets these."""

    async def run(desk: Desk) -> Any:
        ticker = start(desk.dispatcher.state.quotes, REQ, AAPL, Kind.QUOTES)
        desk.tell(*sent)
        return ticker

    return run


def row(message: type) -> Callable[[Desk], Any]:
    async def run(desk: Desk) -> Any:
        ticker = start_book(desk.dispatcher.state.quotes, REQ, AAPL, 5, False)
        desk.tell(message(REQ, depth.MarketDepthData(0, 0, 1, UNTOLD, 1.0)))
        return ticker.domBids[0]

    return run


async def efp(desk: Desk) -> Any:
    ticker = start(desk.dispatcher.state.quotes, REQ, AAPL, Kind.QUOTES)
    desk.tell(options.TickEFP(REQ, 38, UNTOLD, "", UNTOLD, 1, "20260619", UNTOLD, UNTOLD))
    return ticker.bidEfp


def tick_by_tick(kind: int, **values: Any) -> Callable[[Desk], Any]:
    async def run(desk: Desk) -> Any:
        ticker = start(desk.dispatcher.state.quotes, REQ, AAPL, "Last")
        desk.tell(TickByTick(REQ, kind, **values))
        return ticker.tickByTicks[0]

    return run


def answered(request: type, call: Callable[[IB], Any], *told: Any) -> Callable[[Desk], Any]:
    """The first thing in the answer to a call, when the server tells these messages."""

    def answer(asked: Any) -> list[Any]:
        return [replace(one, reqId=asked.reqId) if hasattr(one, "reqId") else one for one in told]

    async def run(desk: Desk) -> Any:
        async with connected({request: answer}, desk.version) as (ib, _):
            return (await call(ib))[0]

    return run


def details(told: Any) -> Callable[[Desk], Any]:
    end = contracts.ContractDataEnd(REQ)
    return answered(contracts.ReqContractDetails, lambda ib: ib.reqContractDetailsAsync(AAPL), told, end)


def past_ticks(told: Any) -> Callable[[Desk], Any]:
    return answered(past.ReqHistoricalTicks, lambda ib: ib.reqHistoricalTicksAsync(AAPL, "", ""), told)


async def greeks(desk: Desk) -> Any:
    ticker = start(desk.dispatcher.state.quotes, REQ, AAPL, Kind.QUOTES)
    desk.tell(options.TickOptionComputation(REQ, 13, 0, *[UNTOLD] * 8))
    return ticker.modelGreeks


@dataclass(frozen=True)
class Case:
    message: type
    give: Callable[[Desk], Any]
    names: str
    """What is NaN in what users get."""
    otherwise: tuple[tuple[str, Any], ...] = ()
    """What is something else there, as in ib_async."""

    def __str__(self) -> str:
        return f"{self.message.__name__} {self.names.split()[0] if self.names else ''}"


QUOTE = past.TickBidAsk(1, past.TickAttribBidAsk(), UNTOLD, UNTOLD, 1.0, 1.0)
TRADE = past.TickLast(1, past.TickAttribLast(), UNTOLD, 1.0, "", "")
MIDDLE = past.TickMidPoint(1, UNTOLD, 1.0)
SIZES_OF_DETAILS = "minSize sizeIncrement suggestedSizeIncrement"
DETAILS = ContractDetails(AAPL, **dict.fromkeys(SIZES_OF_DETAILS.split(), UNTOLD))  # type: ignore[arg-type]

TEXT_ALONE: dict[type, tuple[str, ...]] = {
    history_summaries.HistogramData: ("price",),
    reference.MarketRule: ("lowEdge", "increment"),
}
"""Where a missing tag is zero: a rule begins at 0, and its official reader says so."""

CASES = [
    Case(
        accounts.UpdatePortfolio,
        portfolio,
        "position marketPrice marketValue averageCost unrealizedPNL realizedPNL",
    ),
    Case(accounts.Position, position, "position avgCost"),
    Case(
        accounts.PositionMulti,
        answered(
            accounts.ReqPositionsMulti,
            lambda ib: ib.reqPositionsMultiAsync("DU1"),
            accounts.PositionMulti(REQ, "DU1", "", AAPL, UNTOLD, UNTOLD),
            accounts.PositionMultiEnd(REQ),
        ),
        "position avgCost",
    ),
    Case(pnl_messages.PnL, pnl, "dailyPnL unrealizedPnL realizedPnL"),
    Case(pnl_messages.PnLSingle, pnl_single, "position dailyPnL unrealizedPnL realizedPnL value"),
    Case(executions.ExecDetails, fill, "shares price cumQty avgPrice"),
    Case(executions.CommissionAndFeesReport, commission, "commission", (("realizedPNL", 0.0), ("yield_", 0.0))),
    Case(history.HistoricalData, past_bar, "open high low close volume average"),
    Case(history.HistoricalDataUpdate, bar_update, "open high low close volume average"),
    Case(real_time_bars.RealtimeBar, live_bar, "open_ high low close", (("volume", -1.0), ("wap", -1.0))),
    Case(market_data.TickPrice, ticks(market_data.TickPrice(REQ, 1, UNTOLD, 5.0)), "bid"),
    Case(market_data.TickPrice, ticks(market_data.TickPrice(REQ, 4, UNTOLD, 5.0)), "last"),
    Case(market_data.TickPrice, ticks(market_data.TickPrice(REQ, 9, UNTOLD)), "close"),
    Case(market_data.TickSize, ticks(market_data.TickSize(REQ, 8, UNTOLD)), "last", (("volume", 0.0),)),
    Case(market_data.TickGeneric, ticks(market_data.TickGeneric(REQ, 31, UNTOLD)), "indexFuturePremium"),
    Case(market_data.TickReqParams, ticks(market_data.TickReqParams(REQ, UNTOLD, "", 3)), "minTick"),
    Case(options.TickOptionComputation, greeks, "", tuple(dict.fromkeys(("delta", "optPrice", "impliedVol")).items())),
    Case(past.HistoricalTicks, past_ticks(past.HistoricalTicks(REQ, [MIDDLE], True)), "price"),
    Case(past.HistoricalTicksBidAsk, past_ticks(past.HistoricalTicksBidAsk(REQ, [QUOTE], True)), "priceBid priceAsk"),
    Case(past.HistoricalTicksLast, past_ticks(past.HistoricalTicksLast(REQ, [TRADE], True)), "price"),
    Case(TickByTick, tick_by_tick(1, last=TRADE), "price"),
    Case(TickByTick, tick_by_tick(3, bidAsk=QUOTE), "bidPrice askPrice"),
    Case(TickByTick, tick_by_tick(4, midPoint=MIDDLE), "midPoint"),
    Case(contracts.ContractData, details(contracts.ContractData(REQ, DETAILS)), SIZES_OF_DETAILS),
    Case(bonds.BondContractData, details(bonds.BondContractData(REQ, DETAILS)), SIZES_OF_DETAILS),
    Case(depth.UpdateMktDepth, row(depth.UpdateMktDepth), "price"),
    Case(depth.UpdateMktDepthL2, row(depth.UpdateMktDepthL2), "price"),
    Case(options.TickEFP, efp, "basisPoints impliedFuture dividendImpact dividendsToLastTradeDate"),
    Case(
        history_summaries.HistogramData,
        answered(
            history_summaries.ReqHistogramData,
            lambda ib: ib.reqHistogramDataAsync(AAPL, True, "1 week"),
            history_summaries.HistogramData(REQ, [history_summaries.HistogramDataEntry(UNTOLD, UNTOLD)]),
        ),
        "price",
        (("count", 0),),
    ),
    Case(
        reference.MarketRule,
        answered(
            reference.ReqMarketRule,
            lambda ib: ib.reqMarketRuleAsync(26),
            reference.MarketRule(26, [reference.PriceIncrement(UNTOLD, UNTOLD)]),
        ),
        "lowEdge increment",
    ),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_what_is_not_told_is_nan(case: Case, version: int) -> None:
    given = await case.give(Desk(version))
    for name in case.names.split():
        if version == V.MAX and name in TEXT_ALONE.get(case.message, ()):
            continue
        assert isnan(getattr(given, name)), name
    for name, value in case.otherwise:
        assert getattr(given, name) == value, name
    for field in fields(given) if is_dataclass(given) else ():
        assert field.default == UNTOLD or getattr(given, field.name) != UNTOLD, field.name


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_a_status_leaves_out_stays(version: int) -> None:
    desk = Desk(version)
    trade, *_ = desk.dispatcher.state.orders.place(AAPL, LimitOrder("BUY", 10, 1.0), 1, 1, desk.dispatcher.state.now())
    desk.tell(order_status.OrderStatus(1, "Submitted", 4.0, 6.0, 1.5, 99, 0, 1.5, 1))
    desk.tell(order_status.OrderStatus(1, "PreSubmitted", UNTOLD, UNTOLD, UNTOLD, 99, 0, UNTOLD, 1, "", UNTOLD))
    at = trade.orderStatus
    assert (at.status, at.filled, at.remaining, at.avgFillPrice) == ("PreSubmitted", 4.0, 6.0, 1.5)
    assert (at.lastFillPrice, at.mktCapPrice) == (1.5, 0.0)
    desk.tell(order_status.OrderStatus(1, "Submitted", 5.0, 5.0, 1.5, 99, 0, 1.5, 1))
    assert at.filled == 5.0


AMOUNTS_OF_ORDER = ("totalQuantity", "discretionaryAmt", "peggedChangeAmount", "referenceChangeAmount")


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_order_can_be_sent_back(version: int) -> None:
    """Its fields are never NaN: what was not told is as in a new order, be that UNSET_DOUBLE or zero."""
    desk, plain = Desk(version), Order()
    order = Order(
        orderId=1, clientId=1, permId=99, orderType="LMT", action="BUY", **dict.fromkeys(AMOUNTS_OF_ORDER, UNTOLD)
    )
    done = Order(permId=98, orderType="LMT", action="BUY", **dict.fromkeys(AMOUNTS_OF_ORDER, UNTOLD))
    desk.dispatcher.requests.start(order_status.ReqCompletedOrders, "")
    desk.tell(
        orders.OpenOrder(AAPL, order, OrderState(status="Submitted")),
        orders.CompletedOrder(AAPL, done, OrderState(status="Cancelled")),
    )
    trades = desk.ib.trades()
    assert {trade.order.permId for trade in trades} == {98, 99}
    for trade in trades:
        for name in (*AMOUNTS_OF_ORDER, "auxPrice", "trailStopPrice", "percentOffset"):
            assert getattr(trade.order, name) == getattr(plain, name), name


def test_every_message_with_amounts_has_a_case() -> None:
    tested = {case.message for case in CASES} | {order_status.OrderStatus, orders.OpenOrder, orders.CompletedOrder}
    with_amounts = {
        one.cls
        for one in messages()
        if one.sender is Sender.SERVER
        for hint in [str(one.cls.__annotations__)]
        if "float" in hint or "Amount" in hint or "Quantity" in hint or "Decimal" in hint
    }
    # Strikes are what an instrument is called by.
    assert with_amounts - tested == {options.SecurityDefinitionOptionParameter}
