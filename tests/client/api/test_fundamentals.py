"""Reports on companies, and the calendar of Wall Street Horizon: one request at a time, and its events."""

import asyncio
import logging
from typing import Any

import pytest
from client.asking import Case, End, connected, each, versions

from ibdesk import EncodeError
from ibdesk.model.contract import Contract
from ibdesk.model.reference import WshEventData
from ibdesk.wire.messages import connection, fundamentals

IBM = Contract(conId=8314, symbol="IBM", secType="STK", primaryExchange="NYSE", currency="USD")

CASES = [
    Case(
        lambda ib: ib.reqFundamentalDataAsync(IBM, "ReportSnapshot"),
        fundamentals.ReqFundamentalData,
        lambda m: [fundamentals.FundamentalData(m.reqId, "<report/>")],
        "<report/>",
        "",
        cancel=fundamentals.CancelFundamentalData,
    ),
    Case(
        lambda ib: ib.getWshMetaDataAsync(),
        fundamentals.ReqWshMetaData,
        lambda m: [fundamentals.WshMetaData(m.reqId, "{}")],
        "{}",
        "",
        cancel=fundamentals.CancelWshMetaData,
    ),
    Case(
        lambda ib: ib.getWshEventDataAsync(WshEventData(conId=8314)),
        fundamentals.ReqWshEventData,
        lambda m: [fundamentals.WshEventData(m.reqId, "[]")],
        "[]",
        "",
        cancel=fundamentals.CancelWshEventData,
    ),
]

EVENTS_OF_IBM = WshEventData(conId=8314)


@versions
async def test_answers_are_events(version: int) -> None:
    answers: dict[type, Any] = {
        fundamentals.ReqWshMetaData: lambda m: [fundamentals.WshMetaData(m.reqId, "{}")],
        fundamentals.ReqWshEventData: lambda m: [fundamentals.WshEventData(m.reqId, "[]")],
    }
    async with connected(answers, version) as (ib, server):
        told: list[tuple[str, str]] = []
        ib.wshMetaEvent += lambda json: told.append(("meta", json))
        ib.wshEvent += lambda json: told.append(("event", json))
        ib.reqWshMetaData()
        ib.reqWshEventData(EVENTS_OF_IBM)
        (request,) = await server.wait_for(fundamentals.ReqWshEventData)
        await ib.reqExecutionsAsync()
        assert request.wshEventData.conId == 8314
        assert told == [("meta", "{}"), ("event", "[]")]
        assert not ib.client.requests.late
        ib.cancelWshMetaData()
        ib.cancelWshEventData()
        (cancel,) = await server.wait_for(fundamentals.CancelWshEventData)
        assert cancel.reqId == request.reqId
        assert len(server.of(fundamentals.CancelWshMetaData)) == 1


async def test_an_active_request_is_not_repeated_and_none_is_not_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as (ib, server):
        with caplog.at_level(logging.WARNING):
            ib.cancelWshMetaData()
            ib.cancelWshEventData()
            for _ in range(2):
                ib.reqWshMetaData()
                ib.reqWshEventData(EVENTS_OF_IBM)
        await ib.reqExecutionsAsync()
        for text in ("MetaData not active", "EventData not active", "MetaData already active", "EventData already"):
            assert f"reqWsh{text}" in caplog.text
        assert len(server.of(fundamentals.ReqWshMetaData)) == len(server.of(fundamentals.ReqWshEventData)) == 1
        assert not server.of(fundamentals.CancelWshMetaData)


async def test_events_are_given_one_after_another() -> None:
    async with connected() as (ib, server):
        asked = [asyncio.ensure_future(ib.getWshEventDataAsync(WshEventData(conId=one))) for one in (1, 2, 3)]
        for count in (1, 2, 3):
            request = (await server.wait_for(fundamentals.ReqWshEventData, count))[-1]
            assert len(server.of(fundamentals.ReqWshEventData)) == count
            server.send(fundamentals.WshEventData(request.reqId, f"[{request.wshEventData.conId}]"))
        assert await asyncio.gather(*asked) == ["[1]", "[2]", "[3]"]
        cancels = await server.wait_for(fundamentals.CancelWshEventData, 3)
        assert [one.reqId for one in cancels] == [one.reqId for one in server.of(fundamentals.ReqWshEventData)]


async def test_a_cancel_ends_the_wait() -> None:
    async with connected() as (ib, server):
        asked = asyncio.ensure_future(ib.getWshEventDataAsync(EVENTS_OF_IBM))
        await server.wait_for(fundamentals.ReqWshEventData)
        ib.cancelWshEventData()
        async with asyncio.timeout(5):  # not its deadline
            assert await asked == ""
        assert len(await server.wait_for(fundamentals.CancelWshEventData)) == 1


async def test_what_was_asked_for_by_event_makes_room() -> None:
    async with connected({fundamentals.ReqWshMetaData: lambda m: [fundamentals.WshMetaData(m.reqId, "{}")]}) as (
        ib,
        server,
    ):
        ib.reqWshMetaData()
        assert await ib.getWshMetaDataAsync() == await ib.getWshMetaDataAsync() == "{}"
        asked, cancelled = server.of(fundamentals.ReqWshMetaData), server.of(fundamentals.CancelWshMetaData)
        assert [one.reqId for one in asked[:2]] == [one.reqId for one in cancelled]
        assert len(asked) == 3


async def test_a_refused_request_is_active_no_more() -> None:
    async with connected(
        {fundamentals.ReqWshMetaData: lambda m: [connection.Error(m.reqId, 10276, "News feed is not allowed")]}
    ) as (ib, server):
        ib.reqWshMetaData()
        await ib.errorEvent
        ib.reqWshMetaData()
        await server.wait_for(fundamentals.ReqWshMetaData, 2)
        assert not server.of(fundamentals.CancelWshMetaData)


async def test_an_old_server_has_no_calendar() -> None:
    async with connected(version=160) as (ib, _):
        with pytest.raises(EncodeError, match="ReqWshMetaData"):
            await ib.getWshMetaDataAsync()
        with pytest.raises(EncodeError, match="ReqWshMetaData"):
            ib.reqWshMetaData()


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)
