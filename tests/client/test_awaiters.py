"""Everything that can be awaited ends, on a server that answers nothing, and leaves nothing behind.

It ends when the connection is lost, when the caller is cancelled, and by itself after a time. The methods are found by
introspection.
"""

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from client.scripted import CLOSE, Server, serving

from ibdesk import IB, Config, LimitOrder, RequestError, RequestTimeout, Stock, WshEventData
from ibdesk.model.reference import ScannerSubscription
from ibdesk.wire.messages import (
    bonds,
    contracts,
    display_groups,
    market_data,
    real_time_bars,
    scanner,
    tick_by_tick,
)
from ibdesk.wire.messages.connection import Error

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
BARS = ("", "1 D", "1 min", "TRADES", True)
SCAN = ScannerSubscription(10, "STK", "STK.US.MAJOR", "TOP_PERC_GAIN")

Call = Callable[[IB], Awaitable[Any]]

RAISES = RequestTimeout
"""What comes of silence where nothing would be taken for an answer."""

CALLS: dict[str, tuple[Call, Any]] = {
    "accountSummaryAsync": (lambda ib: ib.accountSummaryAsync(), RAISES),
    "allOpenTradesAsync": (lambda ib: ib.allOpenTradesAsync(), RAISES),
    "calculateImpliedVolatilityAsync": (lambda ib: ib.calculateImpliedVolatilityAsync(AAPL, 1.0, 1.0), None),
    "calculateOptionPriceAsync": (lambda ib: ib.calculateOptionPriceAsync(AAPL, 0.2, 1.0), None),
    "flattenAsync": (lambda ib: ib.flattenAsync(), RAISES),
    "getWshEventDataAsync": (lambda ib: ib.getWshEventDataAsync(WshEventData(265598)), ""),
    "getWshMetaDataAsync": (lambda ib: ib.getWshMetaDataAsync(), ""),
    "qualifyContractsAsync": (lambda ib: ib.qualifyContractsAsync(AAPL, Stock("MSFT", "SMART", "USD")), RAISES),
    "queryDisplayGroupsAsync": (lambda ib: ib.queryDisplayGroupsAsync(), []),
    "replaceFAAsync": (lambda ib: ib.replaceFAAsync(1, "<xml/>"), ""),
    "reqAccountSummaryAsync": (lambda ib: ib.reqAccountSummaryAsync(), RAISES),
    "reqAccountUpdatesAsync": (lambda ib: ib.reqAccountUpdatesAsync("DU1"), RAISES),
    "reqAccountUpdatesMultiAsync": (lambda ib: ib.reqAccountUpdatesMultiAsync("DU1"), RAISES),
    "reqAllOpenOrdersAsync": (lambda ib: ib.reqAllOpenOrdersAsync(), RAISES),
    "reconcileAsync": (lambda ib: ib.reconcileAsync(), RAISES),
    "reqCompletedOrdersAsync": (lambda ib: ib.reqCompletedOrdersAsync(False), RAISES),
    "reqConfigAsync": (lambda ib: ib.reqConfigAsync(), None),
    "reqContractDetailsAsync": (lambda ib: ib.reqContractDetailsAsync(AAPL), RAISES),
    "reqCurrentTimeAsync": (lambda ib: ib.reqCurrentTimeAsync(), RAISES),
    "reqCurrentTimeInMillisAsync": (lambda ib: ib.reqCurrentTimeInMillisAsync(), None),
    "reqExecutionsAsync": (lambda ib: ib.reqExecutionsAsync(), RAISES),
    "reqFamilyCodesAsync": (lambda ib: ib.reqFamilyCodesAsync(), []),
    "reqFundamentalDataAsync": (lambda ib: ib.reqFundamentalDataAsync(AAPL, "ReportSnapshot"), ""),
    "reqHeadTimeStampAsync": (lambda ib: ib.reqHeadTimeStampAsync(AAPL), None),
    "reqHistogramDataAsync": (lambda ib: ib.reqHistogramDataAsync(AAPL, True, "3 days"), []),
    "reqHistoricalDataAsync": (lambda ib: ib.reqHistoricalDataAsync(AAPL, *BARS, timeout=SOON), []),
    "reqHistoricalNewsAsync": (lambda ib: ib.reqHistoricalNewsAsync(265598, "BRFG", "", "", 10), []),
    "reqHistoricalScheduleAsync": (lambda ib: ib.reqHistoricalScheduleAsync(AAPL), None),
    "reqHistoricalTicksAsync": (lambda ib: ib.reqHistoricalTicksAsync(AAPL, "", "20260402 16:00:00 UTC"), []),
    "reqMarketRuleAsync": (lambda ib: ib.reqMarketRuleAsync(26), None),
    "reqMatchingSymbolsAsync": (lambda ib: ib.reqMatchingSymbolsAsync("AAPL"), []),
    "reqMktDepthExchangesAsync": (lambda ib: ib.reqMktDepthExchangesAsync(), []),
    "reqNewsArticleAsync": (lambda ib: ib.reqNewsArticleAsync("BRFG", "BRFG$1"), None),
    "reqNewsProvidersAsync": (lambda ib: ib.reqNewsProvidersAsync(), []),
    "reqOpenOrdersAsync": (lambda ib: ib.reqOpenOrdersAsync(), RAISES),
    "reqPositionsAsync": (lambda ib: ib.reqPositionsAsync(), RAISES),
    "reqPositionsMultiAsync": (lambda ib: ib.reqPositionsMultiAsync("DU1"), []),
    "reqScannerDataAsync": (lambda ib: ib.reqScannerDataAsync(SCAN), []),
    "reqScannerParametersAsync": (lambda ib: ib.reqScannerParametersAsync(), ""),
    "reqSecDefOptParamsAsync": (lambda ib: ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598), []),
    "reqSmartComponentsAsync": (lambda ib: ib.reqSmartComponentsAsync("9c0001"), []),
    "reqSoftDollarTiersAsync": (lambda ib: ib.reqSoftDollarTiersAsync(), []),
    "reqTickersAsync": (lambda ib: ib.reqTickersAsync(AAPL, Stock("MSFT", "SMART", "USD")), 2),
    "reqUserInfoAsync": (lambda ib: ib.reqUserInfoAsync(), ""),
    "requestFAAsync": (lambda ib: ib.requestFAAsync(1), ""),
    "updateConfigAsync": (lambda ib: ib.updateConfigAsync(Config()), None),
    "whatIfOrderAsync": (lambda ib: ib.whatIfOrderAsync(AAPL, LimitOrder("BUY", 1, 1.0)), RAISES),
}
"""Each method that asks something of the server, and what silence gives in the end."""

NO_REQUESTS = {"connectAsync", "disconnectAsync", "placeOnceAsync", "runAsync", "timeRangeAsync"}
"""The last waits for the clock, the others have tests of their own (api/test_connecting.py, api/test_journal.py)."""

SOON = 60.0
"""Of reqHistoricalData, whose deadline is an argument."""

DEADLINES = ("LOOKUP", "REPORT", "HISTORY", "MARKET_RULE", "CALCULATION", "WHOLE_SNAPSHOT")

calls = pytest.mark.parametrize("name", CALLS)


@asynccontextmanager
async def silence() -> AsyncIterator[tuple[IB, Server]]:
    """A connected `IB`, whose server says nothing more. In the end, nothing is left of what was asked."""
    before = asyncio.all_tasks()
    async with serving(version=225) as server:
        ib = IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        server.answers.clear()
        begun = [one.key for one in ib.client.subscriptions]
        try:
            yield ib, server
            left = asyncio.all_tasks() - before - server.tasks
            assert [task for task in left if "serve" not in repr(task.get_coro())] == []
            assert len(ib.dispatcher.requests) == 0
            assert [one for one in ib.client.subscriptions if one.key not in begun] == []
        finally:
            ib.disconnect()


async def asking(call: Call, ib: IB, server: Server) -> "asyncio.Future[Any]":
    """Begin a call, and wait until the server has heard of it."""
    heard = len(server.received)
    waiting = asyncio.ensure_future(call(ib))
    async with asyncio.timeout(10), server.arrived:
        await server.arrived.wait_for(lambda: len(server.received) > heard)
    assert not waiting.done()
    return waiting


async def ended(waiting: "asyncio.Future[Any]") -> None:
    """Wait for the end, whatever it is."""
    async with asyncio.timeout(10):
        await asyncio.wait({waiting})


def test_no_method_is_forgotten() -> None:
    found = {name for name, _ in inspect.getmembers(IB, callable) if name.endswith("Async")}
    assert found == CALLS.keys() | NO_REQUESTS


@calls
@pytest.mark.parametrize("is_own_end", [True, False])
async def test_it_ends_with_the_connection(name: str, is_own_end: bool) -> None:
    async with silence() as (ib, server):
        waiting = await asking(CALLS[name][0], ib, server)
        if is_own_end:
            ib.disconnect()
        else:
            server.send(CLOSE)
        await ended(waiting)
        with pytest.raises(ConnectionError):
            waiting.result()


@calls
async def test_it_ends_with_its_caller(name: str) -> None:
    async with silence() as (ib, server):
        waiting = await asking(CALLS[name][0], ib, server)
        waiting.cancel()
        await ended(waiting)
        assert waiting.cancelled()
        assert ib.isConnected()


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all deadlines be near."""
    monkeypatch.setattr(sys.modules[__name__], "SOON", 0.05)
    for module in [one for name, one in sys.modules.items() if name.startswith("ibdesk.client.api.")]:
        for name in DEADLINES:
            if hasattr(module, name):
                monkeypatch.setattr(module, name, 0.05)


@calls
async def test_it_ends_by_itself(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    call, nothing = CALLS[name]
    async with silence() as (ib, _):
        if nothing is RAISES:
            with pytest.raises(RequestTimeout, match="no answer to"):
                await call(ib)
            return
        found = await call(ib)
        assert (len(found) if name == "reqTickersAsync" else found if found is None or found else nothing) == nothing


@calls
async def test_a_strict_client_takes_no_silence_for_an_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    async with silence() as (ib, _):
        ib.strict = True
        with pytest.raises(RequestTimeout, match="no answer to"):
            await CALLS[name][0](ib)


@pytest.mark.parametrize("name", [name for name in CALLS if name != "reqHistoricalDataAsync"])
async def test_a_time_of_the_users_own_rules(name: str) -> None:
    """That of reqHistoricalData is its argument."""
    async with silence() as (ib, _):
        ib.RequestTimeout = 0.05
        with pytest.raises(RequestTimeout, match="no answer to"):
            await CALLS[name][0](ib)


# --- events -----------------------------------------------------------------------------------------------------------


def subscribed(ib: IB) -> dict[str, tuple[Any, type]]:
    """The events of all that can be subscribed, and the request behind each."""
    kept = real_time_bars.ReqRealTimeBars
    return {
        "quotes": (ib.reqMktData(AAPL).updateEvent, market_data.ReqMktData),
        "ticks": (ib.reqTickByTickData(Stock(conId=2), "Last").updateEvent, tick_by_tick.ReqTickByTickData),
        "bars": (ib.reqRealTimeBars(AAPL, 5, "TRADES", True).updateEvent, kept),
        "scan": (ib.reqScannerSubscription(SCAN).updateEvent, scanner.ReqScannerSubscription),
        "group": (ib.subscribeToGroupEvents(1).updateEvent, display_groups.SubscribeToGroupEvents),
    }


async def _await(event: Any) -> Any:
    return await event


async def _iterate(event: Any) -> None:
    async for _ in event:
        pass


@pytest.mark.parametrize("wait", [_await, _iterate])
@pytest.mark.parametrize("is_own_end", [True, False])
async def test_who_awaits_an_event_hears_of_the_end(wait: Callable[[Any], Awaitable[Any]], is_own_end: bool) -> None:
    async with silence() as (ib, server):
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
        events: list[Any] = [event for event, _ in subscribed(ib).values()]
        events += [trade.filledEvent, trade.fillEvent, ib.updateEvent, ib.pendingTickersEvent, ib.execDetailsEvent]
        waits = [asyncio.ensure_future(_await(event) if wait is _await else _iterate(event)) for event in events]
        stays = asyncio.ensure_future(_await(ib.connectedEvent))
        lost = asyncio.ensure_future(_await(ib.disconnectedEvent))
        await server.wait_for(display_groups.SubscribeToGroupEvents)
        if is_own_end:
            ib.disconnect()
        else:
            server.send(CLOSE)
        await ended(lost)
        assert lost.result() is not None
        for waiting in waits:
            await ended(waiting)
            with pytest.raises(ConnectionError):
                waiting.result()
        assert not stays.done(), "it may be made anew"
        stays.cancel()
        await ended(stays)
        assert [len(event) for event in events] == [0] * len(events)


@pytest.mark.parametrize("name", ["quotes", "ticks", "bars", "scan", "group"])
async def test_who_awaits_a_subscription_hears_of_its_refusal(name: str) -> None:
    async with silence() as (ib, server):
        event, kind = subscribed(ib)[name]
        waiting = asyncio.ensure_future(_await(event))
        (request,) = await server.wait_for(kind)
        server.send(Error(request.reqId, 321, "no"))
        await ended(waiting)
        with pytest.raises(RequestError, match="321"):
            waiting.result()
        ib.disconnect()


async def test_who_waits_for_an_update_hears_of_the_end() -> None:
    """In a thread, as a script does."""
    async with silence() as (ib, server):
        waiting = asyncio.ensure_future(asyncio.to_thread(ib.waitOnUpdate))
        while not len(ib.updateEvent):
            await asyncio.sleep(0)
        server.send(CLOSE)
        await ended(waiting)
        with pytest.raises(ConnectionError):
            waiting.result()


async def test_the_first_failure_of_several_ends_the_others() -> None:
    async with silence() as (ib, server):
        ib.RaiseRequestErrors = True
        both = ib.qualifyContractsAsync(AAPL, Stock("MSFT", "SMART", "USD"))
        waiting = asyncio.ensure_future(both)
        _, request = await server.wait_for(contracts.ReqContractDetails, 2)
        server.send(Error(request.reqId, 200, "no such contract"))
        with pytest.raises(RequestError, match="200"):
            await waiting
        await server.wait_for(bonds.CancelContractData)
