"""Bars that were missed while the server had lost a subscription are added to the list that the program holds."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from client.asking import sent
from client.interrupted import AAPL, SECONDS, five_seconds, kept_bars, living, minute, minutes, told
from client.scripted import Server

from ibdesk import IB, Stock
from ibdesk.client.subscriptions import Kind
from ibdesk.model.bars import BarData, RealTimeBar
from ibdesk.wire.messages import (
    history,
    history_summaries,
    real_time_bars,
)
from ibdesk.wire.messages.connection import Error


async def test_bars_that_were_missed_are_added_and_those_that_are_complete_do_not_change() -> None:
    async with living() as (ib, server):
        bars, seen = await kept_bars(ib), []
        (first,) = server.of(history.ReqHistoricalData)
        old = list(bars)
        ib.barUpdateEvent += lambda bars, is_new: seen.append((bars[-1].date.minute, bars[-1].close, len(bars), is_new))
        server.answers[history.ReqHistoricalData] = lambda m: [
            history.HistoricalData(m.reqId, [minute(30, 99.0), minute(31, 11.0), minute(32), minute(33, 12.0)]),
            history.HistoricalDataUpdate(m.reqId, minute(33, 13.0)),
        ]
        await sent(ib, server, told(1101))
        await server.wait_for(history.ReqHistoricalData, 2)
        await asyncio.sleep(1)
        assert [one.close for one in bars] == [10.0, 11.0, 10.0, 13.0]
        assert bars[0] is old[0]
        assert seen == [(31, 11.0, 2, False), (32, 10.0, 3, True), (33, 12.0, 4, True), (33, 13.0, 4, False)]
        assert bars.isComplete and bars.gaps == []
        await sent(ib, server, history.HistoricalDataUpdate(first.reqId, minute(40)))
        assert len(bars) == 4


async def test_a_hole_in_bars_that_stays_is_told() -> None:
    async with living() as (ib, server):
        bars, holes = await kept_bars(ib), []
        bars.gapEvent += lambda *hole: holes.append(hole)
        server.answers[history.ReqHistoricalData] = minutes(35, 36)
        await sent(ib, server, told(1101))
        await server.wait_for(history.ReqHistoricalData, 2)
        await asyncio.sleep(1)
        assert [one.date.minute for one in bars] == [30, 31, 35, 36]
        assert holes == [(bars, bars[1].date, bars[2].date)] and bars.gaps == [holes[0][1:]]
        assert not bars.isComplete


async def live_bars(ib: IB, server: Server, *missing: int) -> tuple[Any, list[Any], Any]:
    """A list of bars of five seconds with two bars, after a loss of data; what it tells; and its new request."""
    bars, seen = ib.reqRealTimeBars(AAPL), []
    (first,) = await server.wait_for(real_time_bars.ReqRealTimeBars)
    await sent(ib, server, five_seconds(first.reqId, 0), five_seconds(first.reqId, 1))
    bars.updateEvent += lambda bars, is_new: seen.append((bars[-1].close - 10, len(bars), is_new))
    bars.gapEvent += lambda bars, since, until: seen.append((since, until))
    await sent(ib, server, told(1101))
    _, then = await server.wait_for(real_time_bars.ReqRealTimeBars, 2)
    assert bars.isInterrupted and not bars.isComplete
    return bars, seen, then


def past(*numbers: int) -> Callable[[Any], list[Any]]:
    return lambda m: [
        history.HistoricalData(
            m.reqId, [BarData(str(SECONDS + 5 * n), 10.0, 11.0, 9.0, 10.0 + n, 100.0, 10.25, 7) for n in numbers]
        )
    ]


async def test_missing_bars_of_five_seconds_are_added_from_history_before_the_new_ones() -> None:
    async with living({history.ReqHistoricalData: lambda _: []}) as (ib, server):
        bars, seen, then = await live_bars(ib, server)
        await sent(ib, server, five_seconds(then.reqId, 5))
        assert (len(bars), seen) == (2, [])
        (asked,) = await server.wait_for(history.ReqHistoricalData)
        end = dt.datetime.fromtimestamp(SECONDS + 25, dt.UTC)
        assert (asked.endDateTime, asked.barSizeSetting, asked.keepUpToDate) == (
            f"{end:%Y%m%d %H:%M:%S} UTC",
            "5 secs",
            False,
        )
        assert (asked.contract, asked.whatToShow, asked.useRTH) == (AAPL, "TRADES", False)
        await sent(ib, server, five_seconds(then.reqId, 6))
        server.send(*past(*range(-2, 5))(asked))
        await asyncio.sleep(1)
        assert [(bar.time.timestamp() - SECONDS) / 5 for bar in bars] == list(range(7))
        assert [bar.close for bar in bars] == [10.0 + n for n in range(7)]
        assert bars[3] == RealTimeBar(
            bars[0].time + dt.timedelta(seconds=15), -1, 10.0, 11.0, 9.0, 13.0, 100.0, 10.25, 7
        )
        assert seen == [(n, n + 1, True) for n in range(2, 7)]
        assert bars.isComplete
        await sent(ib, server, five_seconds(then.reqId, 7))
        assert len(bars) == 8
        assert {one.kind for one in ib.client.subscriptions.of(Kind.PAST_BARS)} == set()


@pytest.mark.parametrize("answer", [lambda m: [Error(m.reqId, 162, "HMDS query returned no data")], lambda m: []])
async def test_new_bars_of_five_seconds_do_not_wait_for_ever(answer: Callable[[Any], list[Any]]) -> None:
    async with living({history.ReqHistoricalData: answer}) as (ib, server):
        bars, seen, then = await live_bars(ib, server)
        await sent(ib, server, five_seconds(then.reqId, 5))
        await asyncio.sleep(40)
        assert seen == [(bars[1].time, bars[2].time), (5, 3, True)]
        assert (bars.gaps, bars.isComplete) == ([seen[0]], False)


async def test_no_bar_is_missing() -> None:
    async with living() as (ib, server):
        bars, seen, then = await live_bars(ib, server)
        await sent(ib, server, five_seconds(then.reqId, 2))
        await asyncio.sleep(1)
        assert (seen, bars.isComplete, server.of(history.ReqHistoricalData)) == ([(2, 3, True)], True, [])


async def test_data_are_lost_again_while_bars_are_held_back() -> None:
    async with living({history.ReqHistoricalData: lambda _: []}) as (ib, server):
        bars, seen, then = await live_bars(ib, server)
        await sent(ib, server, five_seconds(then.reqId, 5))
        await sent(ib, server, told(1101))
        then = (await server.wait_for(real_time_bars.ReqRealTimeBars, 3))[-1]
        server.answers[history.ReqHistoricalData] = past(*range(20))
        await sent(ib, server, five_seconds(then.reqId, 9))
        await asyncio.sleep(60)
        assert [bar.close - 10 for bar in bars] == list(range(10))
        assert seen == [(n, n + 1, True) for n in range(2, 10)]


async def test_bars_that_are_not_answered_are_asked_for_again() -> None:
    async with living() as (ib, server):
        bars = await kept_bars(ib)
        server.answers[history.ReqHistoricalData] = lambda _: []
        await sent(ib, server, told(1101))
        await server.wait_for(history.ReqHistoricalData, 2)
        server.answers[history.ReqHistoricalData] = minutes(31, 32)
        await asyncio.sleep(90)
        assert [one.date.minute for one in bars] == [30, 31, 32]
        assert len(server.of(history.CancelHistoricalData)) == 2


async def test_what_the_program_has_asked_for_counts_towards_the_limits() -> None:
    def hour(symbol: str, size: str) -> Any:
        return ib.reqHistoricalDataAsync(Stock(symbol, "SMART", "USD"), "", "3600 S", size, "TRADES", False)

    began = {
        history_summaries.ReqHeadTimeStamp: lambda m: [history_summaries.HeadTimestamp(m.reqId, "20200102-14:30:00")]
    }
    async with living(began) as (ib, server):
        bars = ib.reqRealTimeBars(AAPL)
        await asyncio.sleep(300)
        for number in range(40):
            await hour(f"S{number}", "5 secs")
            await hour(f"S{number}", "1 min")
        ib.client.reqRealTimeBars(1000, AAPL, 5, "TRADES", False, [])
        for number in range(19):
            await ib.reqHeadTimeStampAsync(Stock(f"T{number}", "SMART", "USD"), "TRADES", False)
        await sent(ib, server, told(1101))
        asked = len(server.of(real_time_bars.ReqRealTimeBars))
        await asyncio.sleep(595)
        assert len(server.of(real_time_bars.ReqRealTimeBars)) == asked, "60 of the last ten minutes, and one is older"
        await asyncio.sleep(10)
        assert len(server.of(real_time_bars.ReqRealTimeBars)) == asked + 1
        assert bars.reqId == server.of(real_time_bars.ReqRealTimeBars)[-1].reqId


async def test_many_bars_are_asked_for_within_the_limits() -> None:
    async with living() as (ib, server):
        contracts = [Stock(f"S{number}", "SMART", "USD") for number in range(70)]
        for contract in contracts:
            ib.reqRealTimeBars(contract)
        await server.wait_for(real_time_bars.ReqRealTimeBars, 70)
        await asyncio.sleep(600)
        await sent(ib, server, told(1101))
        await asyncio.sleep(30)
        assert len(server.of(real_time_bars.ReqRealTimeBars)) == 130
        await asyncio.sleep(600)
        assert len(server.of(real_time_bars.ReqRealTimeBars)) == 140


@pytest.mark.parametrize("codes", [(1100, 1102), (2105, 2106)])
async def test_bars_that_a_lost_link_has_left_out_are_fetched_although_the_line_goes_on(codes: tuple[int, int]) -> None:
    async with living() as (ib, server):
        bars = ib.reqRealTimeBars(AAPL)
        (first,) = await server.wait_for(real_time_bars.ReqRealTimeBars)
        await sent(ib, server, five_seconds(first.reqId, 0))
        await sent(ib, server, told(codes[0]))
        await asyncio.sleep(15)
        server.answers[history.ReqHistoricalData] = past(0, 1, 2, 3)
        await sent(ib, server, told(codes[1]), five_seconds(first.reqId, 3))
        _, then = await server.wait_for(real_time_bars.ReqRealTimeBars, 2)
        await sent(ib, server, five_seconds(then.reqId, 4))
        await asyncio.sleep(1)
        assert [bar.close for bar in bars] == [10.0, 11.0, 12.0, 13.0, 14.0]
        assert bars.isComplete
