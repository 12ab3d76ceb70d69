"""Subscriptions that the server has lost are asked for again, for the objects that the program holds already."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from client.asking import connected, next_of, sent
from client.scripted import CLOSE, Server

from ibdesk import IB, ScannerSubscription, Stock
from ibdesk.client.restoring import Restoration
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.model.bars import BarData
from ibdesk.model.quotes import TickAttribLast
from ibdesk.model.reference import WshEventData
from ibdesk.wire.messages import (
    accounts,
    depth,
    display_groups,
    fundamentals,
    history,
    market_data,
    news,
    pnl,
    real_time_bars,
    scanner,
    tick_by_tick,
)
from ibdesk.wire.messages.connection import NextValidId
from ibdesk.wire.messages.historical_ticks import TickLast

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
SECONDS = 1775136600


def bid(reqId: int, price: float = 10.0) -> market_data.TickPrice:
    return market_data.TickPrice(reqId, 1, price, 100.0)


def trade(reqId: int, price: float = 10.0) -> tick_by_tick.TickByTick:
    return tick_by_tick.TickByTick(reqId, 1, last=TickLast(SECONDS, TickAttribLast(), price, 100.0, "NYSE", ""))


def row(reqId: int, price: float = 10.0, operation: int = 0, position: int = 0) -> depth.UpdateMktDepth:
    return depth.UpdateMktDepth(reqId, depth.MarketDepthData(position, operation, 1, price, 5.0))


def five_seconds(reqId: int, number: int = 0) -> real_time_bars.RealtimeBar:
    return real_time_bars.RealtimeBar(reqId, SECONDS + 5 * number, 10.0, 11.0, 9.0, 10.0 + number, 100.0, 10.25, 7)


def minute(number: int, close: float = 10.0) -> BarData:
    return BarData(f"20260402 09:{number:02}:00 US/Eastern", 10.0, 11.0, 9.0, close, 100.0, 10.25, 7)


def minutes(*numbers: int) -> Callable[[Any], list[Any]]:
    return lambda m: [history.HistoricalData(m.reqId, [minute(number) for number in numbers])]


async def kept_bars(ib: IB) -> Any:
    return await ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True)


async def summary(ib: IB) -> None:
    await ib.reqAccountSummaryAsync()


KINDS: dict[str, tuple[Callable[[IB], Any], type, type | None]] = {
    "quotes": (lambda ib: ib.reqMktData(AAPL, "233"), market_data.ReqMktData, market_data.CancelMktData),
    "depth": (lambda ib: ib.reqMktDepth(AAPL), depth.ReqMktDepth, depth.CancelMktDepth),
    "ticks": (
        lambda ib: ib.reqTickByTickData(AAPL, "Last"),
        tick_by_tick.ReqTickByTickData,
        tick_by_tick.CancelTickByTickData,
    ),
    "5-second bars": (
        lambda ib: ib.reqRealTimeBars(AAPL),
        real_time_bars.ReqRealTimeBars,
        real_time_bars.CancelRealTimeBars,
    ),
    "bars": (kept_bars, history.ReqHistoricalData, history.CancelHistoricalData),
    "P&L": (lambda ib: ib.reqPnL("DU1"), pnl.ReqPnL, pnl.CancelPnL),
    "P&L of one": (lambda ib: ib.reqPnLSingle("DU1", "", 265598), pnl.ReqPnLSingle, pnl.CancelPnLSingle),
    "scan": (
        lambda ib: ib.reqScannerSubscription(ScannerSubscription(instrument="STK")),
        scanner.ReqScannerSubscription,
        scanner.CancelScannerSubscription,
    ),
    "summary": (summary, accounts.ReqAccountSummary, accounts.CancelAccountSummary),
    "model": (
        lambda ib: ib.reqAccountUpdatesMultiAsync("DU1", "growth"),
        accounts.ReqAccountUpdatesMulti,
        accounts.CancelAccountUpdatesMulti,
    ),
    "bulletins": (lambda ib: ib.reqNewsBulletins(True), news.ReqNewsBulletins, None),
    "group": (
        lambda ib: ib.subscribeToGroupEvents(1),
        display_groups.SubscribeToGroupEvents,
        display_groups.UnsubscribeFromGroupEvents,
    ),
    "calendar": (
        lambda ib: ib.reqWshEventData(WshEventData(265598)),
        fundamentals.ReqWshEventData,
        fundamentals.CancelWshEventData,
    ),
}

ANSWERS: dict[type, Callable[[Any], Any]] = {
    history.ReqHistoricalData: minutes(30, 31),
    accounts.ReqAccountSummary: lambda m: [accounts.AccountSummaryEnd(m.reqId)],
}


@asynccontextmanager
async def keeping(answers: dict[type, Callable[[Any], Any]] | None = None) -> AsyncIterator[tuple[IB, Server]]:
    """An `IB` that keeps its subscriptions when the connection is lost."""
    async with connected({**ANSWERS, **(answers or {})}) as (ib, server):
        ib.dispatcher.keeps_subscriptions = True
        yield ib, server


async def begun(ib: IB, kind: str) -> Any:
    found = KINDS[kind][0](ib)
    return await found if asyncio.iscoroutine(found) else found


async def cut(ib: IB, server: Server) -> None:
    lost = asyncio.ensure_future(next_of(ib, "disconnectedEvent"))
    server.send(CLOSE)
    await lost


async def again(ib: IB, server: Server) -> Restoration:
    await ib.connectAsync("127.0.0.1", server.port, clientId=1)
    return await ib.dispatcher.restorer.restore()


def told_gaps(ib: IB) -> list[tuple[Subscription, dt.datetime, dt.datetime]]:
    gaps: list[tuple[Subscription, dt.datetime, dt.datetime]] = []
    ib.gapEvent += lambda *gap: gaps.append(gap)
    return gaps


each = pytest.mark.parametrize("kind", KINDS)


@each
async def test_after_a_lost_socket_it_is_asked_for_again_for_the_same_object(kind: str) -> None:
    _, request, _ = KINDS[kind]
    async with keeping() as (ib, server):
        server.answers[NextValidId] = lambda _: []
        target = await begun(ib, kind)
        first = (await server.wait_for(request))[-1]
        before = [(one.kind, one.target, one.users) for one in ib.client.subscriptions]
        count = len(server.of(request))
        await cut(ib, server)
        report = await again(ib, server)
        then = await server.wait_for(request, count + 1)
        assert report.refused == report.waiting == []
        assert sorted((one.kind, id(one.target), one.users) for one in ib.client.subscriptions) == sorted(
            (kind, id(target), users) for kind, target, users in before
        )
        if hasattr(first, "reqId") and hasattr(target, "reqId"):
            assert target.reqId == then[-1].reqId
        if kind == "calendar":
            assert then[-1].wshEventData == first.wshEventData


@pytest.mark.parametrize(
    "kind", [kind for kind, (_, _, cancel) in KINDS.items() if cancel and kind not in ("summary", "model")]
)
async def test_it_can_be_cancelled_while_it_is_interrupted_and_is_not_asked_for_again(kind: str) -> None:
    _, request, cancel = KINDS[kind]
    assert cancel
    async with keeping() as (ib, server):
        target = await begun(ib, kind)
        await server.wait_for(request)
        count = len(server.of(request))
        await cut(ib, server)
        end: dict[str, Callable[[], Any]] = {
            "quotes": lambda: ib.cancelMktData(AAPL),
            "depth": lambda: ib.cancelMktDepth(AAPL),
            "ticks": lambda: ib.cancelTickByTickData(AAPL),
            "5-second bars": lambda: ib.cancelRealTimeBars(target),
            "bars": lambda: ib.cancelHistoricalData(target),
            "P&L": lambda: ib.cancelPnL("DU1"),
            "P&L of one": lambda: ib.cancelPnLSingle("DU1", "", 265598),
            "scan": lambda: ib.cancelScannerSubscription(target),
            "group": lambda: ib.unsubscribeFromGroupEvents(target),
            "calendar": lambda: ib.cancelWshEventData(),
        }
        end[kind]()
        await again(ib, server)
        await ib.reqExecutionsAsync()
        assert (len(server.of(request)), len(server.of(cancel))) == (count, 0)


async def test_the_same_ticker_goes_on_and_the_gap_is_told() -> None:
    async with keeping() as (ib, server):
        gaps, seen = told_gaps(ib), []
        ticker = ib.reqMktData(AAPL)
        ticker.updateEvent += lambda one: seen.append(one.bid)
        (first,) = await server.wait_for(market_data.ReqMktData)
        await sent(ib, server, bid(first.reqId, 10.0))
        since = ticker.time
        await cut(ib, server)
        assert (ticker.status, ib.ticker(AAPL), gaps) == ("interrupted", ticker, [])
        await again(ib, server)
        _, then = await server.wait_for(market_data.ReqMktData, 2)
        assert ticker.status == ""
        await sent(ib, server, market_data.MarketDataType(then.reqId, 1))
        assert (ticker.status, gaps) == ("live", [])
        await sent(ib, server, bid(then.reqId, 11.0), bid(then.reqId, 12.0))
        assert seen == [10.0, 12.0]
        ((subscription, begin, end),) = gaps
        assert (subscription.target, begin, end) == (ticker, since, ticker.time)
        assert not ib.client.subscriptions.awaited


async def test_a_book_is_rebuilt_from_nothing() -> None:
    async with keeping() as (ib, server):
        ticker = ib.reqMktDepth(AAPL)
        changes: list[Any] = []
        ticker.updateEvent += lambda one: changes.append([(tick.operation, tick.price) for tick in one.domTicks])
        (first,) = await server.wait_for(depth.ReqMktDepth)
        await sent(ib, server, row(first.reqId, 10.0), row(first.reqId, 9.0, position=1))
        await cut(ib, server)
        assert ticker.domBids == [] == ticker.domAsks
        await again(ib, server)
        _, then = await server.wait_for(depth.ReqMktDepth, 2)
        await sent(ib, server, row(then.reqId, 20.0))
        assert [level.price for level in ticker.domBids] == [20.0]
        assert changes == [[(0, 10.0), (0, 9.0)], [(2, 10.0), (2, 9.0)], [(0, 20.0)]]


async def test_each_quote_has_the_market_data_type_with_which_it_was_asked_for() -> None:
    async with keeping() as (ib, server):
        contracts = [Stock(name, "SMART", "USD") for name in ("A", "B", "C", "D")]
        for contract, data_type in zip(contracts, (1, 3, 3, 4), strict=True):
            if data_type != 1:
                ib.reqMarketDataType(data_type)
            ib.reqMktData(contract)
        ib.reqMarketDataType(2)
        await ib.reqExecutionsAsync()
        await cut(ib, server)
        server.received.clear()
        await again(ib, server)
        await ib.reqExecutionsAsync()
        asked = [
            one for one in server.received if isinstance(one, market_data.ReqMarketDataType | market_data.ReqMktData)
        ]
        assert [getattr(one, "marketDataType", None) or one.contract.symbol for one in asked] == (
            ["A", 3, "B", "C", 4, "D", 2]
        )


async def test_what_the_user_does_with_the_contract_later_does_not_change_what_is_restored() -> None:
    async with keeping() as (ib, server):
        contract, options = Stock("AAPL", "SMART", "USD"), []
        ib.reqMktData(contract, "233", mktDataOptions=options)
        await server.wait_for(market_data.ReqMktData)
        contract.symbol, contract.exchange = "MSFT", "NYSE"
        options.append("anything")
        await cut(ib, server)
        await again(ib, server)
        first, then = await server.wait_for(market_data.ReqMktData, 2)
        assert (then.contract, then.genericTickList) == (first.contract, "233")
        assert then.contract.symbol == "AAPL"


async def test_ticks_of_the_past_are_not_asked_for_again() -> None:
    async with keeping() as (ib, server):
        ib.reqTickByTickData(AAPL, "Last", 100)
        await server.wait_for(tick_by_tick.ReqTickByTickData)
        await cut(ib, server)
        await again(ib, server)
        first, then = await server.wait_for(tick_by_tick.ReqTickByTickData, 2)
        assert (first.numberOfTicks, then.numberOfTicks) == (100, 0)


async def test_as_many_as_asked_must_cancel() -> None:
    async with keeping() as (ib, server):
        assert ib.reqMktData(AAPL) is ib.reqMktData(AAPL)
        await server.wait_for(market_data.ReqMktData)
        await cut(ib, server)
        ticker = ib.reqMktData(AAPL)  # while there is no connection
        await again(ib, server)
        (_, then) = await server.wait_for(market_data.ReqMktData, 2)
        assert ib.cancelMktData(AAPL) and ib.cancelMktData(AAPL)
        assert ib.client.subscriptions.about(Kind.QUOTES, ticker)
        assert ib.cancelMktData(AAPL)
        (cancel,) = await server.wait_for(market_data.CancelMktData)
        assert cancel.reqId == then.reqId


async def test_it_is_lost_again_while_it_is_restored() -> None:
    async with keeping() as (ib, server):
        gaps = told_gaps(ib)
        ticker = ib.reqMktData(AAPL)
        (first,) = await server.wait_for(market_data.ReqMktData)
        await sent(ib, server, bid(first.reqId))
        since = ticker.time
        for count in (2, 3, 4):
            await cut(ib, server)
            await again(ib, server)
            then = (await server.wait_for(market_data.ReqMktData, count))[-1]
        await sent(ib, server, bid(then.reqId, 11.0))
        assert [(begin, end) for _, begin, end in gaps] == [(since, ticker.time)]
        assert (ticker.bid, len(ib.client.subscriptions.of(Kind.QUOTES))) == (11.0, 1)


async def test_what_was_only_asked_for_once_is_not_restored() -> None:
    async with keeping({history.ReqHistoricalData: lambda _: []}) as (ib, server):
        calls = [
            ib.reqTickersAsync(AAPL),
            ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True),
            kept_bars(ib),
        ]
        waits = [asyncio.ensure_future(one) for one in calls]
        await server.wait_for(history.ReqHistoricalData, 2)
        await cut(ib, server)
        for wait in waits:
            with pytest.raises(ConnectionError):
                await wait
        assert await again(ib, server) == ([], [], [])
        assert {one.kind for one in ib.client.subscriptions} == {Kind.POSITIONS, Kind.ACCOUNT, Kind.ACCOUNT_MULTI}


async def test_the_user_disconnects_while_it_is_interrupted() -> None:
    async with keeping() as (ib, server):
        ticker = ib.reqMktData(AAPL)
        bars = ib.reqRealTimeBars(AAPL)
        await cut(ib, server)
        waits = [asyncio.ensure_future(wait(event)) for event in (ticker.updateEvent, bars.updateEvent)]
        await asyncio.sleep(0)
        ib.disconnect()
        for wait_ in waits:
            with pytest.raises(ConnectionError):
                await wait_
        assert len(ib.client.subscriptions) == 0
        assert ticker.status == "ended"


async def wait(event: Any) -> Any:
    return await event
