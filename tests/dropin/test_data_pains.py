"""Market data, contracts and times that ib_async loses or mixes up, on the same frames, and what ibdesk does.

The numbers are those of the list of pains. Both clients are connected to servers that say the same, over sockets.
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from client.scripted import Answer
from dropin.both_sides import CLIENT, refusing, side, sides
from oracles import ib_async

import ibdesk
from ibdesk import util
from ibdesk.model.bars import BarData
from ibdesk.model.contract import ContFuture, Contract, Future, Stock
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import Execution
from ibdesk.model.quotes import TickAttribLast
from ibdesk.model.reference import ScannerSubscription, WshEventData
from ibdesk.wire.messages import (
    contracts,
    depth,
    executions,
    fundamentals,
    history,
    market_data,
    news,
    pnl,
    real_time_bars,
    scanner,
    tick_by_tick,
)
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.historical_ticks import TickLast

NOT_SUBSCRIBED = "Requested market data is not subscribed."
AAPL = Contract(secType="STK", conId=265598, symbol="AAPL", exchange="SMART", currency="USD")
SECONDS = 1775136600
THEN = dt.datetime(2026, 4, 2, 13, 30, tzinfo=dt.UTC)


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This computer is in New York."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def executed(when: str, execId: str = "0000e0d5.69dd7411.01.01") -> Answer:
    execution = Execution(execId, when, "DU1", "IEX", "BOT", 100.0, 257.95, 1426086040, CLIENT, 5)
    return lambda m: [executions.ExecDetails(m.reqId, AAPL, execution), executions.ExecDetailsEnd(m.reqId)]


async def test_36_a_denial_reaches_the_ticker() -> None:
    async with sides({market_data.ReqMktData: refusing(354, NOT_SUBSCRIBED)}) as (theirs, ours):
        tickers = [one.ib.reqMktData(one.stock()) for one in (theirs, ours)]
        told: list[Any] = []
        tickers[1].errorEvent += lambda *args: told.append(args)
        waiting = asyncio.ensure_future(_first(tickers[1].updateEvent))
        for one in (theirs, ours):
            await one.server.wait_for(market_data.ReqMktData)
            await one.tell()
        assert not hasattr(tickers[0], "status")
        assert list(theirs.ib.wrapper.reqId2Ticker.values()) == [tickers[0]], "it waits on"
        assert tickers[1].status == "denied"
        assert told == [(tickers[1], 354, NOT_SUBSCRIBED)]
        with pytest.raises(ibdesk.RequestError, match="354"):
            await waiting
        assert ours.ib.reqMktData(ours.stock()) is tickers[1]
        assert tickers[1].status == ""
        await ours.server.wait_for(market_data.ReqMktData, 2)
        assert ours.ib.cancelMktData(ours.stock()) is True


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *((code, "denied") for code in (354, 10168, 10186, 10197)),
        *((code, "error") for code in (101, 200, 300, 321, 322, 10189, 10190)),
    ],
)
async def test_36_why_no_quotes_come(code: int, status: str) -> None:
    async with side(ibdesk, {market_data.ReqMktData: refusing(code, "why")}) as ours:
        ticker = ours.ib.reqMktData(ours.stock())
        assert await ticker.errorEvent == (ticker, code, "why")
        assert ticker.status == status


@pytest.mark.parametrize(("kind", "status"), [(1, "live"), (2, "frozen"), (3, "delayed"), (4, "delayed-frozen")])
@pytest.mark.parametrize("code", [10089, 10090, 10091, 10167, 2186])
async def test_36_an_advisory_ends_no_quotes(kind: int, status: str, code: int) -> None:
    """Pain 37, too: most of these codes come before delayed ticks."""
    async with side(ibdesk) as ours:
        ticker = ours.ib.reqMktData(ours.stock())
        assert ticker.status == ""
        (request,) = await ours.server.wait_for(market_data.ReqMktData)
        told: list[Any] = []
        ticker.errorEvent += lambda *args: told.append(args[1])
        await ours.tell(market_data.MarketDataType(request.reqId, kind), Error(request.reqId, code, "mind"))
        changed = {10089: "denied", 10167: "delayed", 2186: "delayed"}.get(code, status)
        assert ticker.status == (status if "delayed" in status else changed)
        await ours.tell(market_data.MarketDataType(request.reqId, 3), market_data.TickPrice(request.reqId, 68, 9.5, 1))
        assert (ticker.status, ticker.last, told) == ("delayed", 9.5, [code])


async def test_36_what_is_denied_with_an_advisory_does_not_hold_its_line() -> None:
    async with side(ibdesk) as ours:
        ticker = ours.ib.reqMktData(ours.stock())
        (first,) = await ours.server.wait_for(market_data.ReqMktData)
        await ours.tell(Error(first.reqId, 10089, "needs a subscription for the API"))
        assert ours.ib.reqMktData(ours.stock()) is ticker
        _, second = await ours.server.wait_for(market_data.ReqMktData, 2)
        assert [one.reqId for one in ours.server.of(market_data.CancelMktData)] == [first.reqId]
        assert ours.ib.cancelMktData(ours.stock())
        _, cancel = await ours.server.wait_for(market_data.CancelMktData, 2)
        assert (cancel.reqId, ticker.status) == (second.reqId, "ended")


async def test_36_a_refusal_of_depth_leaves_the_quotes_alone(caplog: pytest.LogCaptureFixture) -> None:
    async with side(ibdesk) as ours:
        ticker = ours.ib.reqMktData(ours.stock())
        ours.ib.reqMktDepth(ours.stock())
        (quotes,) = await ours.server.wait_for(market_data.ReqMktData)
        (rows,) = await ours.server.wait_for(depth.ReqMktDepth)
        await ours.tell(market_data.MarketDataType(quotes.reqId, 1), Error(rows.reqId, 10092, "not supported"))
        assert ticker.status == "live"
        ours.ib.cancelMktDepth(ours.stock())
        ours.ib.reqMktDepth(ours.stock())
        _, rows = await ours.server.wait_for(depth.ReqMktDepth, 2)
        assert not ours.server.of(depth.CancelMktDepth)
        await ours.tell(Error(rows.reqId, 10089, "needs a subscription for the API"))
        ours.ib.reqMktDepth(ours.stock())
        await ours.server.wait_for(depth.ReqMktDepth, 3)
        assert "gets no live data: needs a subscription for the API" in caplog.text
        bars = ours.ib.reqRealTimeBars(ours.stock(), 5, "TRADES", True)
        (request,) = await ours.server.wait_for(real_time_bars.ReqRealTimeBars)
        await ours.tell(Error(request.reqId, 10089, "needs a subscription for the API"))
        assert bars not in ours.ib.realtimeBars()


async def test_44_a_time_without_a_zone_is_not_this_computers(new_york: None) -> None:
    """Only live accounts send the form with a hyphen, which is UTC."""
    async with sides({executions.ReqExecutions: executed("20260824-20:00:12")}) as pair:
        times = [(await one.ib.reqExecutionsAsync())[0].execution.time for one in pair]
        assert [when.astimezone(dt.UTC).isoformat() for when in times] == [
            "2026-08-25T00:00:12+00:00",
            "2026-08-24T20:00:12+00:00",
        ]


@pytest.mark.parametrize(
    "text", ["20260824-20:00:12", "20260824-20:00:12Z", "20260824 20:00:12Z", "20260824 16:00 US/Eastern"]
)
def test_44_every_spelling_is_the_same_moment(text: str) -> None:
    try:
        theirs = ib_async().util.parseIBDatetime(text)
    except ValueError:
        pass
    else:
        assert theirs.tzinfo is None
    ours = util.parseIBDatetime(text)
    assert isinstance(ours, dt.datetime)
    assert ours.replace(second=0) == dt.datetime(2026, 8, 24, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize("zone", ["CST", "Central Standard Time", "CST (Central Standard Time)"])
async def test_45_an_alias_is_a_zone(zone: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "ib_async")
    async with sides({executions.ReqExecutions: executed(f"20260413 08:30:00 {zone}")}) as (theirs, ours):
        assert await theirs.ib.reqExecutionsAsync() == []
        assert "ZoneInfoNotFoundError" in caplog.text
        (fill,) = await ours.ib.reqExecutionsAsync()
        assert fill.execution.time == dt.datetime(2026, 4, 13, 8, 30, tzinfo=ZoneInfo("America/Chicago"))


async def test_45_a_zone_that_nobody_knows_breaks_nothing() -> None:
    async with sides({executions.ReqExecutions: executed("20260413 08:30:00 Desk Time")}) as (theirs, ours):
        assert await theirs.ib.reqExecutionsAsync() == []
        (fill,) = await ours.ib.reqExecutionsAsync()
        assert fill.execution.time == dt.datetime(2026, 4, 13, 8, 30, tzinfo=ZoneInfo("America/New_York"))


async def test_48_a_snapshot_has_no_old_values() -> None:
    async with sides() as pair:
        found = []
        for one in pair:
            for ticks in ([market_data.TickPrice(0, 4, 257.95, 100.0)], []):

                def answer(message: Any, ticks: list[Any] = ticks) -> list[Any]:
                    prices = [market_data.TickPrice(message.reqId, one.tickType, one.price, one.size) for one in ticks]
                    return [*prices, market_data.TickSnapshotEnd(message.reqId)]

                one.server.answers[market_data.ReqMktData] = answer
                found += await one.ib.reqTickersAsync(one.stock())
        assert found[0] is found[1], "an order would be priced by what was true before"
        assert found[1].last == 257.95
        assert (found[2].last, found[2].status) == (257.95, "ended")
        assert found[3].isUnset(found[3].last)


async def test_49_two_subscriptions_share_a_line() -> None:
    async with sides() as pair:
        for one in pair:
            for _ in range(2):
                one.ib.reqMktData(one.stock())
            for _ in range(2):
                one.ib.cancelMktData(one.stock())
            await one.server.wait_for(market_data.CancelMktData)
            await one.tell()
        counts = [
            [len(one.server.of(kind)) for kind in (market_data.ReqMktData, market_data.CancelMktData)] for one in pair
        ]
        assert counts == [[2, 1], [1, 1]], "one line is held for ever"


async def test_49_depth_of_many_exchanges_can_be_cancelled() -> None:
    async with sides() as pair:
        for one in pair:
            one.ib.reqMktDepth(one.stock(), isSmartDepth=True)
            one.ib.cancelMktDepth(one.stock())
            await one.server.wait_for(depth.ReqMktDepth)
            await one.tell()
        theirs, ours = (one.server.of(depth.CancelMktDepth) for one in pair)
        assert theirs[0].isSmartDepth is False, "which ends nothing"
        assert ours[0].isSmartDepth is True


async def test_49_profit_can_be_asked_for_twice() -> None:
    async with sides() as (theirs, ours):
        theirs.ib.reqPnL("DU1")
        with pytest.raises(AssertionError):
            theirs.ib.reqPnL("DU1")
        assert ours.ib.reqPnL("DU1") is ours.ib.reqPnL("DU1")
        for _ in range(2):
            ours.ib.cancelPnL("DU1")
        await ours.server.wait_for(pnl.CancelPnL)
        assert len(ours.server.of(pnl.ReqPnL)) == 1


async def test_50_contracts_are_told_apart() -> None:
    """A continuous future has the conId of its front month, and a contract that is not qualified has none."""
    their = ib_async()
    assert their.ContFuture("ES", "CME", conId=7) == their.Future("ES", "202606", "CME", conId=7)
    assert ContFuture("ES", "CME", conId=7) != Future("ES", "202606", "CME", conId=7)
    assert Stock("A", "SMART", "USD").key() != Stock("B", "SMART", "USD").key()
    async with sides() as pair:
        stocks = [one.lib.Stock("AAPL", "SMART", "USD") for one in pair]
        with pytest.raises(ValueError):
            pair[0].ib.reqMktData(stocks[0])
        ticker = pair[1].ib.reqMktData(stocks[1])
        await pair[1].server.wait_for(market_data.ReqMktData)
        stocks[1].conId = 265598
        assert pair[1].ib.ticker(stocks[1]) is ticker
        assert pair[1].ib.cancelMktData(stocks[1])


async def test_51_what_is_not_qualified_is_said() -> None:
    known = {"AAPL": [265598], "ABC": [1, 2], "NONE": []}

    def answer(message: Any) -> list[Any]:
        conIds = known[message.contract.symbol]
        if not conIds:
            return [Error(message.reqId, 200, "No security definition has been found for the request")]
        details = [
            ContractDetails(contract=Stock(message.contract.symbol, "SMART", "USD", conId=one)) for one in conIds
        ]
        return [
            *(contracts.ContractData(message.reqId, one) for one in details),
            contracts.ContractDataEnd(message.reqId),
        ]

    async with sides({contracts.ReqContractDetails: answer}) as pair:
        for one in pair:
            found = await one.ib.qualifyContractsAsync(*(one.lib.Stock(name, "SMART", "USD") for name in known))
            assert [contract and contract.conId for contract in found] == [265598, None, None]
        ib = pair[1].ib
        ib.strict = True
        with pytest.raises(ValueError, match=r"Ambiguous contract: .*conId=1.*conId=2"):
            await ib.qualifyContractsAsync(Stock("ABC", "SMART", "USD"))
        (several,) = await ib.qualifyContractsAsync(Stock("ABC", "SMART", "USD"), returnAll=True)
        assert [one.conId for one in several] == [1, 2]
        with pytest.raises(ibdesk.RequestError, match="200"):
            await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"), Stock("NONE", "SMART", "USD"))


async def test_57_a_tick_of_an_unknown_type_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "ib_async")
    async with sides() as pair:
        tickers = []
        for one in pair:
            tickers.append(one.ib.reqMktData(one.stock()))
            (request,) = await one.server.wait_for(market_data.ReqMktData)
            caplog.clear()
            for _ in range(3):
                await one.tell(
                    market_data.TickPrice(request.reqId, 250, 1.5, 0.0),
                    market_data.TickSize(request.reqId, 251, 2.5),
                    market_data.TickGeneric(request.reqId, 252, 3.5),
                    market_data.TickString(request.reqId, 253, "4.5"),
                )
            found = [record for record in caplog.records if record.levelno >= logging.WARNING]
            assert len(found) == (4 if one.lib is ibdesk else 12)
        assert not hasattr(tickers[0], "extra")
        assert tickers[1].extra == {250: 1.5, 251: 2.5, 252: 3.5, 253: "4.5"}


async def test_58_a_tick_has_the_time_of_the_exchange() -> None:
    async with sides() as pair:
        for one in pair:
            ticker = one.ib.reqTickByTickData(one.stock(), "AllLast")
            (request,) = await one.server.wait_for(tick_by_tick.ReqTickByTickData)
            last = TickLast(SECONDS, TickAttribLast(), 257.95, 100.0, "NYSE", "")
            seen: list[Any] = []
            ticker.updateEvent += lambda ticker, seen=seen: seen.extend(ticker.tickByTicks)
            await one.tell(tick_by_tick.TickByTick(request.reqId, 2, last=last))
            (tick,) = seen
            assert tick.time != THEN, "when it was received"
            assert getattr(tick, "exchangeTime", None) == (THEN if one.lib is ibdesk else None)


@pytest.mark.parametrize("version", [178, 200, 225])
async def test_59_scans_news_and_calendar_on_every_server(version: int) -> None:
    """ib_async speaks no server version after 178, and "your library is outdated" is what others hear."""
    rows = [scanner.ScannerRow(0, Contract(conId=265598, symbol="AAPL", secType="STK"))]
    answers: dict[type, Answer] = {
        # 492 is a warning: the rows come nevertheless.
        scanner.ReqScannerSubscription: lambda m: [
            Error(m.reqId, 492, "Market data for some of the rows needs a subscription"),
            scanner.ScannerData(m.reqId, rows),
        ],
        scanner.ReqScannerParameters: lambda _: [scanner.ScannerParameters("<ScanParameterResponse/>")],
        news.ReqHistoricalNews: lambda m: [
            news.HistoricalNews(m.reqId, "2026-04-02 13:30:00.0", "BRFG", "BRFG$1", "{K:n/a}Apple"),
            news.HistoricalNewsEnd(m.reqId, False),
        ],
        news.ReqNewsArticle: lambda m: [news.NewsArticle(m.reqId, 0, "text")],
        fundamentals.ReqWshMetaData: lambda m: [fundamentals.WshMetaData(m.reqId, '{"meta_data": {}}')],
        fundamentals.ReqWshEventData: lambda m: [fundamentals.WshEventData(m.reqId, "[]")],
    }
    async with side(ibdesk, answers, version) as ours:
        ib = ours.ib
        assert ib.client.serverVersion() == version
        (row,) = await ib.reqScannerDataAsync(ScannerSubscription(10, "STK", "STK.US.MAJOR", "TOP_PERC_GAIN"))
        assert row.contractDetails.contract.conId == 265598
        assert await ib.reqScannerParametersAsync() == "<ScanParameterResponse/>"
        (headline,) = await ib.reqHistoricalNewsAsync(265598, "BRFG", "", "", 10)
        assert (headline.time, headline.headline) == (dt.datetime(2026, 4, 2, 13, 30, tzinfo=dt.UTC), "{K:n/a}Apple")
        assert (await ib.reqNewsArticleAsync("BRFG", "BRFG$1")).articleText == "text"
        assert await ib.getWshMetaDataAsync() == '{"meta_data": {}}'
        assert await ib.getWshEventDataAsync(WshEventData(265598)) == "[]"
    assert max(range(157, 226), key=lambda one: one <= ib_async().Client.MaxClientVersion and one) == 178


async def test_60_no_bars_are_a_frame_without_rows() -> None:
    empty: Answer = lambda m: [history.HistoricalData(m.reqId, []), history.HistoricalDataEnd(m.reqId, "", "")]  # noqa: E731
    async with sides({history.ReqHistoricalData: empty}) as pair:
        frames = []
        for one in pair:
            bars = await one.ib.reqHistoricalDataAsync(one.stock(), "", "1 D", "1 min", "TRADES", True)
            frames.append(one.lib.util.df(bars))
        theirs, ours = frames
        assert theirs is None
        assert list(ours.columns) == list(util.df([BarData()]).columns)
        assert (len(ours), ours.close.dtype, ours.volume.sum()) == (0, "float64", 0.0)


async def _first(event: Any) -> Any:
    return await event
