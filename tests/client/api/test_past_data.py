"""History other than bars: each request in all its ends, and given up by its number."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from client.asking import Case, End, connected, each
from client.scripted import Answer

from ibdesk import IB, Stock
from ibdesk.model import bars as nouns
from ibdesk.model.quotes import TickAttribBidAsk, TickAttribLast
from ibdesk.wire.messages import bonds, contracts, historical_ticks, history, history_summaries
from ibdesk.wire.messages.connection import Error

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
SECONDS = 1775136599
THEN = dt.datetime(2026, 4, 2, 13, 29, 59, tzinfo=dt.UTC)


def past(message: Any) -> list[Any]:
    tick = historical_ticks.TickLast(SECONDS, TickAttribLast(True), 10.0, 100.0, "NYSE", "TI")
    return [
        historical_ticks.HistoricalTicksLast(message.reqId, [tick], done=False),
        historical_ticks.HistoricalTicksLast(message.reqId, [tick], done=True),
    ]


def quotes(message: Any) -> list[Any]:
    tick = historical_ticks.TickBidAsk(SECONDS, TickAttribBidAsk(True), 10.0, 11.0, 1.0, 2.0)
    return [historical_ticks.HistoricalTicksBidAsk(message.reqId, [tick], done=True)]


def schedule(message: Any) -> list[Any]:
    session = nouns.HistoricalSession("20260402-09:30:00", "20260402-16:00:00", "20260402")
    span = ("20260402-09:30:00", "20260402-16:00:00", "US/Eastern")
    return [history_summaries.HistoricalSchedule(message.reqId, *span, [session])]


def histogram(message: Any) -> list[Any]:
    entries = [history_summaries.HistogramDataEntry(10.0, 200.0)]
    return [history_summaries.HistogramData(message.reqId, entries)]


TRADE = nouns.HistoricalTickLast(THEN, TickAttribLast(True), 10.0, 100.0, "NYSE", "TI")
SCHEDULE = nouns.HistoricalSchedule(
    "20260402-09:30:00",
    "20260402-16:00:00",
    "US/Eastern",
    [nouns.HistoricalSession("20260402-09:30:00", "20260402-16:00:00", "20260402")],
)


def trades(ib: IB) -> Any:
    return ib.reqHistoricalTicksAsync(AAPL, THEN, "", 10)


CASES = [
    Case(
        lambda ib: ib.reqHeadTimeStampAsync(AAPL, "TRADES", True),
        history_summaries.ReqHeadTimeStamp,
        lambda m: [history_summaries.HeadTimestamp(m.reqId, "19801212-14:30:00")],
        dt.datetime(1980, 12, 12, 14, 30, tzinfo=dt.UTC),
        None,
        cancel=history_summaries.CancelHeadTimeStamp,
    ),
    Case(
        lambda ib: ib.reqHistogramDataAsync(AAPL, True, "3 days"),
        history_summaries.ReqHistogramData,
        histogram,
        [nouns.HistogramData(10.0, 200)],
        [],
        cancel=history_summaries.CancelHistogramData,
    ),
    Case(trades, historical_ticks.ReqHistoricalTicks, past, [TRADE, TRADE], [], versions=(178,)),
    Case(
        trades,
        historical_ticks.ReqHistoricalTicks,
        past,
        [TRADE, TRADE],
        [],
        cancel=historical_ticks.CancelHistoricalTicks,
        versions=(225,),
    ),
    Case(
        lambda ib: ib.reqHistoricalScheduleAsync(AAPL, 1),
        history.ReqHistoricalData,
        schedule,
        SCHEDULE,
        None,
        cancel=history.CancelHistoricalData,
    ),
]


async def test_a_refusal_needs_no_cancel() -> None:
    refuse = {history_summaries.ReqHeadTimeStamp: lambda m: [Error(m.reqId, 162, "no data")]}
    async with connected(refuse) as (ib, server):
        assert await ib.reqHeadTimeStampAsync(AAPL, "TRADES", True) is None
        await ib.reqExecutionsAsync()
        assert not server.of(history_summaries.CancelHeadTimeStamp)


async def test_ticks_of_each_kind_and_what_is_sent() -> None:
    mid_points = [historical_ticks.TickMidPoint(SECONDS, 10.5, 0.0)]
    async with connected({historical_ticks.ReqHistoricalTicks: quotes}) as (ib, server):
        found = await ib.reqHistoricalTicksAsync(AAPL, "", THEN, 10, "BID_ASK", True, True)
        assert found == [nouns.HistoricalTickBidAsk(THEN, TickAttribBidAsk(True), 10.0, 11.0, 1.0, 2.0)]
        server.answers[historical_ticks.ReqHistoricalTicks] = lambda m: [
            historical_ticks.HistoricalTicks(m.reqId, mid_points, done=True)
        ]
        assert await ib.reqHistoricalTicksAsync(AAPL, THEN, "", 10, "MIDPOINT") == [
            nouns.HistoricalTick(THEN, 10.5, 0.0)
        ]
        first, second = server.of(historical_ticks.ReqHistoricalTicks)
        assert (first.startDateTime, first.endDateTime) == ("", "20260402 13:29:59 UTC")
        assert (first.whatToShow, first.useRTH, first.ignoreSize, first.numberOfTicks) == ("BID_ASK", True, True, 10)
        assert (second.startDateTime, second.endDateTime) == ("20260402 13:29:59 UTC", "")


@pytest.mark.parametrize("version", [178, 225])
async def test_who_is_cancelled_has_the_server_stop(version: int) -> None:
    async with connected(version=version) as (ib, server):
        wait = asyncio.ensure_future(ib.reqHistogramDataAsync(AAPL, True, "3 days"))
        (request,) = await server.wait_for(history_summaries.ReqHistogramData)
        wait.cancel()
        (cancel,) = await server.wait_for(history_summaries.CancelHistogramData)
        assert cancel.reqId == request.reqId
        bars = asyncio.ensure_future(ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True))
        await server.wait_for(history.ReqHistoricalData)
        bars.cancel()
        await server.wait_for(history.CancelHistoricalData)


@pytest.mark.parametrize(
    ("call", "request_", "method", "cancel"),
    [
        (
            lambda ib: ib.reqHeadTimeStampAsync(AAPL),
            history_summaries.ReqHeadTimeStamp,
            "cancelHeadTimeStamp",
            history_summaries.CancelHeadTimeStamp,
        ),
        (
            lambda ib: ib.reqHistogramDataAsync(AAPL, True, "3 days"),
            history_summaries.ReqHistogramData,
            "cancelHistogramData",
            history_summaries.CancelHistogramData,
        ),
        (trades, historical_ticks.ReqHistoricalTicks, "cancelHistoricalTicks", historical_ticks.CancelHistoricalTicks),
        (
            lambda ib: ib.reqContractDetailsAsync(AAPL),
            contracts.ReqContractDetails,
            "cancelContractDetails",
            bonds.CancelContractData,
        ),
    ],
)
async def test_giving_up_by_id(call: Any, request_: type, method: str, cancel: type) -> None:
    async with connected({contracts.ReqContractDetails: lambda _: []}, 225) as (ib, server):
        wait = asyncio.ensure_future(call(ib))
        (request,) = await server.wait_for(request_)
        getattr(ib, method)(request.reqId)
        with pytest.raises(asyncio.CancelledError):
            await wait
        await server.wait_for(cancel)
        getattr(ib, method)(request.reqId)
        sent = await server.wait_for(cancel, 2)
        assert [one.reqId for one in sent] == [request.reqId] * 2


async def test_a_cancel_that_the_server_is_too_old_for_is_not_sent() -> None:
    async with connected() as (ib, server):
        wait = asyncio.ensure_future(trades(ib))
        (request,) = await server.wait_for(historical_ticks.ReqHistoricalTicks)
        ib.cancelHistoricalTicks(request.reqId)
        with pytest.raises(asyncio.CancelledError):
            await wait
        assert await ib.reqExecutionsAsync() == []
        assert not server.of(historical_ticks.CancelHistoricalTicks)


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)


@pytest.mark.parametrize("version", [178, 225])
async def test_a_time_stamp_counts_as_open_until_it_is_cancelled(version: int) -> None:
    """tws_behaviour 4.4."""
    answers: dict[type, Answer] = {
        history_summaries.ReqHeadTimeStamp: lambda m: [history_summaries.HeadTimestamp(m.reqId, "345479400")]
    }
    async with connected(answers, version) as (ib, server):
        found = await ib.reqHeadTimeStampAsync(AAPL, "TRADES", True, 2)
        assert found == dt.datetime(1980, 12, 12, 14, 30, tzinfo=dt.UTC)
        (sent,) = await server.wait_for(history_summaries.CancelHeadTimeStamp)
        assert sent.reqId == server.of(history_summaries.ReqHeadTimeStamp)[0].reqId
