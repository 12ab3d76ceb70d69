"""Subscriptions that bring nothing while their market is open."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from client.asking import connected, sent
from client.interrupted import AAPL, bid, five_seconds, row, told
from client.scripted import Server

from ibdesk import IB, Contract, Stock
from ibdesk.client.subscriptions import Subscription
from ibdesk.model.contract_details import ContractDetails
from ibdesk.runtime.clocks import clocks_here
from ibdesk.wire.messages import depth, market_data, real_time_bars
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.contracts import ContractData, ContractDataEnd, ReqContractDetails

ZONE = "America/New_York"
NEW_YORK = ZoneInfo(ZONE)


def hours(*spans: tuple[float, float]) -> Callable[[Any], list[Any]]:
    """What answers a request for details: sessions from and to so many seconds after now, to the minute."""
    now = clocks_here().now(dt.UTC)
    moments = [
        "-".join(f"{(now + dt.timedelta(seconds=seconds)).astimezone(NEW_YORK):%Y%m%d:%H%M}" for seconds in span)
        for span in spans
    ]

    def answer(message: Any) -> list[Any]:
        details = ContractDetails(contract=Contract(), liquidHours=";".join(moments), timeZoneId=ZONE)
        return [ContractData(message.reqId, details), ContractDataEnd(message.reqId)]

    return answer


def unreadable(message: Any) -> list[Any]:
    details = ContractDetails(contract=Contract(), liquidHours="x-y", timeZoneId=ZONE)
    return [ContractData(message.reqId, details), ContractDataEnd(message.reqId)]


def silent(ib: IB) -> list[tuple[Subscription, float]]:
    seen: list[tuple[Subscription, float]] = []
    ib.silentEvent += lambda *silence: seen.append(silence)
    return seen


async def quote(server: Server, ib: IB, request: Any, seconds: float, price: float) -> None:
    await asyncio.sleep(seconds)
    await sent(ib, server, bid(request.reqId, price))


OPEN = (-3600.0, 6 * 3600.0)


async def test_a_line_that_falls_silent_is_told_once_until_it_goes_on() -> None:
    async with connected({ReqContractDetails: hours(OPEN)}) as (ib, server):
        seen = silent(ib)
        ib.watchSubscriptions(60)
        ticker = ib.reqMktData(AAPL)
        (request,) = await server.wait_for(market_data.ReqMktData)
        for number in range(20):
            await quote(server, ib, request, 50, 10.0 + number)
        assert (seen, server.of(ReqContractDetails)) == ([], [])
        await asyncio.sleep(59)
        assert seen == []
        await asyncio.sleep(2)
        ((subscription, seconds),) = seen
        assert (subscription.target, seconds) == (ticker, pytest.approx(60))
        await asyncio.sleep(1000)
        assert len(seen) == 1
        await quote(server, ib, request, 0, 50.0)
        await asyncio.sleep(200)
        assert [round(seconds) for _, seconds in seen] in ([60, 60], [60, 61])
        assert len(server.of(ReqContractDetails)) == 1
        ib.watchSubscriptions(0)
        await quote(server, ib, request, 0, 60.0)
        await asyncio.sleep(1000)
        assert len(seen) == 2


async def test_each_kind_is_looked_at_by_itself() -> None:
    async with connected({ReqContractDetails: hours(OPEN)}) as (ib, server):
        seen = silent(ib)
        ib.reqMktDepth(AAPL)
        bars = ib.reqRealTimeBars(AAPL)
        kept = ib.reqRealTimeBars(Stock("MSFT", "SMART", "USD"))
        ib.reqPnL("DU1")
        ib.watchSubscriptions(60)
        (request,) = await server.wait_for(depth.ReqMktDepth)
        await server.wait_for(real_time_bars.ReqRealTimeBars, 2)
        for number in range(30):
            await asyncio.sleep(5)
            await sent(ib, server, five_seconds(kept.reqId, number))
            await sent(ib, server, row(request.reqId, 10.0 + number))
        assert [one.target for one, _ in seen] == [bars]


async def test_a_market_that_is_closed_is_not_silent() -> None:
    async with connected({ReqContractDetails: hours((-7200.0, -3600.0), (1800.0, 3600.0), (9000.0, 9600.0))}) as (
        ib,
        server,
    ):
        loop, times = asyncio.get_running_loop(), []
        begin = loop.time()
        ib.silentEvent += lambda *_: times.append(loop.time() - begin)
        ib.watchSubscriptions(60)
        ib.reqMktData(AAPL)
        (request,) = await server.wait_for(market_data.ReqMktData)
        await asyncio.sleep(3000)
        assert times == [pytest.approx(1860, abs=61)]
        await quote(server, ib, request, 0, 10.0)
        await asyncio.sleep(550)
        assert len(times) == 2
        await quote(server, ib, request, 0, 11.0)
        await asyncio.sleep(5000)
        assert len(times) == 2
        assert len(server.of(ReqContractDetails)) == 1
        server.answers[ReqContractDetails] = hours(OPEN)
        await asyncio.sleep(3 * 3600)
        assert len(times) == 3
        assert len(server.of(ReqContractDetails)) == 2


@pytest.mark.parametrize(
    "answer",
    [
        lambda m: [Error(m.reqId, 200, "No security definition has been found for the request")],
        lambda m: [ContractDataEnd(m.reqId)],
        lambda m: [],
        unreadable,
    ],
)
async def test_without_hours_a_market_counts_as_open(answer: Callable[[Any], list[Any]]) -> None:
    async with connected({ReqContractDetails: answer}) as (ib, server):
        seen = silent(ib)
        ib.watchSubscriptions(60)
        ib.reqMktData(AAPL)
        await asyncio.sleep(500)
        assert len(seen) == 1
        assert len(server.of(ReqContractDetails)) == 1


async def test_hours_that_are_not_told_in_time_are_asked_for_again() -> None:
    """A dead link is silent itself, and when it lives again the market may have closed."""
    async with connected({ReqContractDetails: lambda _: []}) as (ib, server):
        seen = silent(ib)
        ib.watchSubscriptions(60)
        ticker = ib.reqMktData(AAPL)
        (request,) = await server.wait_for(market_data.ReqMktData)
        await asyncio.sleep(500)
        assert len(seen) == 1
        server.answers[ReqContractDetails] = hours((-7200.0, -60.0), (43200.0, 64800.0))
        await asyncio.sleep(500)
        await sent(ib, server, bid(request.reqId))
        await asyncio.sleep(3 * 3600)
        assert ticker.isStale(3600)
        assert len(seen) == 1, "the market is closed"
        assert len(server.of(ReqContractDetails)) == 2


async def test_what_is_cancelled_or_lost_is_not_watched_and_what_is_restored_is() -> None:
    async with connected({ReqContractDetails: hours(OPEN)}) as (ib, server):
        seen = silent(ib)
        ib.watchSubscriptions(60)
        ib.reqMktData(AAPL)
        await server.wait_for(market_data.ReqMktData)
        ib.cancelMktData(AAPL)
        await asyncio.sleep(200)
        assert seen == []
        ib.reqMktData(AAPL)
        await server.wait_for(market_data.ReqMktData, 2)
        await sent(ib, server, told(1101))
        await server.wait_for(market_data.ReqMktData, 3)
        await asyncio.sleep(200)
        assert len(seen) == 1
        ib.disconnect()
        await asyncio.sleep(200)
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        ib.reqMktData(AAPL)
        await asyncio.sleep(200)
        assert len(seen) == 2
