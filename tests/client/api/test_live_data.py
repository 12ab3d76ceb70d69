"""Bars of five seconds, and every tick."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from client.asking import connected, next_of, sent, versions

from ibdesk import Stock
from ibdesk.model.bars import BarData, RealTimeBar
from ibdesk.model.quotes import TickAttribLast, TickByTickAllLast
from ibdesk.wire.messages import history, real_time_bars, tick_by_tick
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.historical_ticks import (
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
    TickBidAsk,
    TickLast,
    TickMidPoint,
)

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


SECONDS = 1775136600


THEN = dt.datetime(2026, 4, 2, 13, 30, tzinfo=dt.UTC)


def bar(reqId: int, close: float = 10.5) -> real_time_bars.RealtimeBar:
    return real_time_bars.RealtimeBar(reqId, SECONDS, 10.0, 11.0, 9.0, close, 100.0, 10.25, 7)


def trade(reqId: int, price: float = 10.0) -> tick_by_tick.TickByTick:
    return tick_by_tick.TickByTick(reqId, 2, last=TickLast(SECONDS, TickAttribLast(), price, 100.0, "NYSE", ""))


@versions
async def test_real_time_bars(version: int) -> None:
    answers: dict[type, Any] = {real_time_bars.ReqRealTimeBars: lambda m: [bar(m.reqId)]}
    async with connected(answers, version) as (ib, server):
        seen: list[Any] = []
        ib.barUpdateEvent += lambda bars, is_new: seen.append(("ib", bars, is_new))
        bars = ib.reqRealTimeBars(AAPL, 5, "TRADES", False)
        bars.updateEvent += lambda bars, is_new: seen.append(("list", bars, is_new))
        await server.wait_for(real_time_bars.ReqRealTimeBars)
        await sent(ib, server, bar(bars.reqId, 10.75))
        assert list(bars) == [RealTimeBar(THEN, -1, 10.0, 11.0, 9.0, close, 100.0, 10.25, 7) for close in (10.5, 10.75)]
        assert seen == [("ib", bars, True), ("list", bars, True)] * 2
        assert ib.realtimeBars() == [bars]
        (request,) = server.of(real_time_bars.ReqRealTimeBars)
        assert (request.barSize, request.whatToShow, request.useRTH) == (5, "TRADES", False)
        assert (bars.contract, bars.barSize, bars.whatToShow, bars.useRTH) == (AAPL, 5, "TRADES", False)
        ib.cancelRealTimeBars(bars)
        (cancel,) = await server.wait_for(real_time_bars.CancelRealTimeBars)
        assert cancel.reqId == request.reqId
        await sent(ib, server, bar(bars.reqId))
        assert (len(bars), ib.realtimeBars()) == (2, [])


async def test_refused_real_time_bars_are_told_with_their_contract() -> None:
    refuse = {real_time_bars.ReqRealTimeBars: lambda m: [Error(m.reqId, 420, "Invalid Real-time Query:no rights")]}
    async with connected(refuse) as (ib, _):
        told = asyncio.ensure_future(next_of(ib, "errorEvent"))
        bars = ib.reqRealTimeBars(AAPL, 5, "TRADES", False)
        assert await told == (bars.reqId, 420, "Invalid Real-time Query:no rights", AAPL)
        assert ib.realtimeBars() == []


@versions
async def test_bars_that_a_bust_has_stopped_are_asked_for_again(version: int) -> None:
    async with connected(version=version) as (ib, server):
        server.answers[history.ReqHistoricalData] = lambda m: [
            history.HistoricalData(m.reqId, [BarData("20260402", close=1.0)]),
            *([history.HistoricalDataEnd(m.reqId, "", "")] if version == 225 else []),
        ]
        live = ib.reqRealTimeBars(AAPL, 5, "TRADES", False)
        kept = await ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True)
        bust = "Bust event occurred, current subscription is deactivated."
        server.answers[history.ReqHistoricalData] = lambda m: [
            history.HistoricalData(m.reqId, [BarData("20260402", close=2.0), BarData("20260403", close=3.0)])
        ]
        server.send(Error(live.reqId, 10225, bust), Error(kept.reqId, 10225, bust))
        # Under other ids: the server answers the cancellation with an error that bears the id, and so ends it.
        for request in (real_time_bars.ReqRealTimeBars, history.ReqHistoricalData):
            first, again = await server.wait_for(request, 2)
            assert first.reqId != again.reqId
            again.reqId = first.reqId
            if isinstance(again, history.ReqHistoricalData):
                assert again.durationStr.endswith(" D"), "all days since the last bar"
                again.durationStr = first.durationStr
            assert first == again
        assert server.of(real_time_bars.CancelRealTimeBars) and server.of(history.CancelHistoricalData)
        await sent(ib, server, bar(live.reqId))
        assert (len(live), [one.close for one in kept]) == (1, [2.0, 3.0])
        assert ib.realtimeBars() == [live, kept]


@versions
async def test_tick_by_tick(version: int) -> None:
    async with connected(version=version) as (ib, server):
        ticker = ib.reqTickByTickData(AAPL, "AllLast", 10, True)
        (request,) = await server.wait_for(tick_by_tick.ReqTickByTickData)
        assert (request.tickType, request.numberOfTicks, request.ignoreSize) == ("AllLast", 10, True)
        seen: list[Any] = []
        ticker.updateEvent += lambda ticker: seen.extend(ticker.tickByTicks)
        await sent(ib, server, trade(request.reqId))
        (tick,) = seen
        assert tick == TickByTickAllLast(2, ticker.time, 10.0, 100.0, TickAttribLast(), "NYSE", "")
        assert (ticker.last, tick.exchangeTime) == (10.0, THEN)
        assert ib.ticker(AAPL) is ticker
        assert ib.cancelTickByTickData(AAPL, "AllLast") is True
        (cancel,) = await server.wait_for(tick_by_tick.CancelTickByTickData)
        assert cancel.reqId == request.reqId
        await sent(ib, server, trade(request.reqId, 11.0))
        assert ticker.last == 10.0


@versions
@pytest.mark.parametrize(
    ("kind", "past"),
    [
        ("AllLast", lambda reqId: HistoricalTicksLast(reqId, [TickLast(SECONDS, price=9.5, size=200.0)], True)),
        ("BidAsk", lambda reqId: HistoricalTicksBidAsk(reqId, [TickBidAsk(SECONDS, priceBid=9.5, sizeBid=2.0)], True)),
        ("MidPoint", lambda reqId: HistoricalTicks(reqId, [TickMidPoint(SECONDS, 9.5)], True)),
    ],
)
async def test_ticks_of_the_past_come_first_in_a_stream(version: int, kind: str, past: Callable[[int], Any]) -> None:
    async with connected(version=version) as (ib, server):
        ticker = ib.reqTickByTickData(AAPL, kind, 1)
        (request,) = await server.wait_for(tick_by_tick.ReqTickByTickData)
        seen: list[Any] = []
        ticker.updateEvent += lambda ticker: seen.extend(ticker.tickByTicks)
        await sent(ib, server, past(request.reqId))
        (tick,) = seen
        assert tick.exchangeTime == THEN
        assert 9.5 in (getattr(tick, "price", 0), getattr(tick, "bidPrice", 0), getattr(tick, "midPoint", 0))
        assert getattr(tick, "tickType", 2) == 2


async def test_a_cancel_of_ticks_that_nobody_asked_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as (ib, server):
        ib.reqTickByTickData(AAPL, "Last")
        assert ib.cancelTickByTickData(AAPL, "BidAsk") is False
        assert ib.cancelMktData(AAPL) is False
        ib.cancelMktDepth(AAPL)
        await ib.reqExecutionsAsync()
        for name in ("cancelTickByTickData", "cancelMktData", "cancelMktDepth"):
            assert f"{name}: No reqId found for contract {AAPL}" in caplog.text
        assert len(server.of(tick_by_tick.ReqTickByTickData)) == 1
        assert not server.of(tick_by_tick.CancelTickByTickData)
        assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_cancel_without_a_type_ends_every_type() -> None:
    async with connected() as (ib, server):
        for kind in ("Last", "BidAsk"):
            ib.reqTickByTickData(AAPL, kind)
        assert ib.cancelTickByTickData(AAPL) is True
        assert ib.cancelTickByTickData(AAPL) is False
        await ib.reqExecutionsAsync()
        asked = {request.reqId for request in server.of(tick_by_tick.ReqTickByTickData)}
        assert {request.reqId for request in server.of(tick_by_tick.CancelTickByTickData)} == asked
