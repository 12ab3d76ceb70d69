"""Subscriptions that the server has lost are asked for again, for the objects that the program holds already."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from client.asking import next_of, sent
from client.interrupted import (
    AAPL,
    BUST,
    KINDS,
    SECONDS,
    again,
    begun,
    bid,
    cut,
    five_seconds,
    keeping,
    kept_bars,
    living,
    row,
    told,
    told_gaps,
    trade,
)

from ibdesk import RequestError, Stock
from ibdesk.client.subscriptions import Kind
from ibdesk.wire.messages import (
    accounts,
    depth,
    history,
    market_data,
    pnl,
    real_time_bars,
    tick_by_tick,
)
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.historical_ticks import TickBidAsk, TickLast, TickMidPoint

each = pytest.mark.parametrize("kind", KINDS)


@each
async def test_after_a_lost_socket_it_is_asked_for_again_for_the_same_object(kind: str) -> None:
    _, request, _ = KINDS[kind]
    async with keeping() as (ib, server):
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


@each
async def test_pain_20_after_a_loss_of_data_it_is_asked_for_again_for_the_same_object(kind: str) -> None:
    """After code 1101 the bot looks alive, and is blind."""
    _, request, cancel = KINDS[kind]
    async with living() as (ib, server):
        target = await begun(ib, kind)
        first = (await server.wait_for(request))[-1]
        count, before = len(server.of(request)), Counter((one.kind, one.users) for one in ib.client.subscriptions)
        await sent(ib, server, told(1100), told(1101))
        then = (await server.wait_for(request, count + 1))[-1]
        assert Counter((one.kind, one.users) for one in ib.client.subscriptions) == before
        if cancel is not None:
            assert first.reqId in [one.reqId for one in server.of(cancel)], "so that it takes no line in vain"
            assert (then.reqId == first.reqId) is (kind == "summary")
            order = [id(one) for one in server.received]
            assert order.index(id(server.of(cancel)[-1])) < order.index(id(then))
        if kind == "quotes":
            assert ib.health.is_data_lost
            await sent(ib, server, bid(then.reqId, 10.5))
            assert not ib.health.is_data_lost, "the data have come again"
        if kind in ("P&L", "quotes", "ticks", "depth"):
            assert await begun(ib, kind) is target
        if "bars" in kind:
            assert ib.realtimeBars() == [target]
        await asyncio.sleep(60)
        assert len(server.of(request)) == count + (2 if kind == "model" else 1)


@each
async def test_without_the_wish_it_ends_and_can_be_asked_for_again(kind: str) -> None:
    _, request, _ = KINDS[kind]
    async with living() as (ib, server):
        ib.RestoreSubscriptions = False
        target = await begun(ib, kind)
        await server.wait_for(request)
        count = len(server.of(request))
        await sent(ib, server, told(1100), told(1101))
        assert ib.realtimeBars() == ib.pnl() == ib.pnlSingle() == []
        await asyncio.sleep(60)
        assert len(server.of(request)) == count
        if kind in ("quotes", "ticks", "depth"):
            assert target.status == "ended"
        if kind in ("summary", "model"):
            return
        await begun(ib, kind)
        await server.wait_for(request, count + 1)


async def test_the_gap_of_a_loss_of_data_begins_with_the_last_data() -> None:
    async with living() as (ib, server):
        gaps, ticker = told_gaps(ib), ib.reqMktData(AAPL)
        (first,) = await server.wait_for(market_data.ReqMktData)
        await sent(ib, server, bid(first.reqId))
        since = ticker.time
        await asyncio.sleep(10)
        await sent(ib, server, told(1100))
        await asyncio.sleep(100)
        await sent(ib, server, bid(first.reqId, 10.5), told(1101))  # in the same piece of data, and older
        _, then = await server.wait_for(market_data.ReqMktData, 2)
        assert (ticker.bid, gaps) == (10.5, [])
        await asyncio.sleep(5)
        await sent(ib, server, bid(first.reqId, 1.0), market_data.TickReqParams(then.reqId, 0.01, "9c0001", 3))
        assert (ticker.bid, ticker.minTick, gaps) == (10.5, 0.01, [])
        await sent(ib, server, bid(then.reqId, 11.0))
        assert [(one.target, begin, end) for one, begin, end in gaps] == [(ticker, since, ticker.time)]


async def test_quotes_depth_and_ticks_of_one_ticker_have_gaps_of_their_own() -> None:
    async with living() as (ib, server):
        gaps = told_gaps(ib)
        ib.reqMktData(AAPL), ib.reqMktDepth(AAPL)
        for kind in ("Last", "AllLast", "BidAsk", "MidPoint"):
            ib.reqTickByTickData(AAPL, kind)
        await server.wait_for(tick_by_tick.ReqTickByTickData, 4)
        await sent(ib, server, told(1101))
        await server.wait_for(tick_by_tick.ReqTickByTickData, 8)
        ids = {one.kind: one.key for one in ib.client.subscriptions}
        messages = {
            Kind.DEPTH: row(ids[Kind.DEPTH]),
            Kind.MID_POINT: tick_by_tick.TickByTick(ids[Kind.MID_POINT], 4, midPoint=TickMidPoint(SECONDS, 9.5)),
            Kind.LAST: trade(ids[Kind.LAST]),
            Kind.ALL_LAST: tick_by_tick.TickByTick(ids[Kind.ALL_LAST], 2, last=TickLast(SECONDS, price=9.5, size=1.0)),
            Kind.BID_ASK: tick_by_tick.TickByTick(ids[Kind.BID_ASK], 3, bidAsk=TickBidAsk(SECONDS, priceBid=9.5)),
            Kind.QUOTES: bid(ids[Kind.QUOTES]),
        }
        for number, (kind, message) in enumerate(messages.items(), 1):
            await asyncio.sleep(1)
            await sent(ib, server, message)
            assert len(gaps) == number
            assert gaps[-1][0].kind == kind
        assert not ib.client.subscriptions.awaited


@pytest.mark.parametrize(
    ("kind", "code", "text"), [("5-second bars", 10225, BUST), ("bars", 10182, "Failed"), ("depth", 316, "HALTED")]
)
async def test_what_the_server_wants_to_be_asked_for_again(kind: str, code: int, text: str) -> None:
    _, request, cancel = KINDS[kind]
    async with living() as (ib, server):
        target = await begun(ib, kind)
        (first,) = await server.wait_for(request)
        await sent(ib, server, Error(first.reqId, code, text))
        _, then = await server.wait_for(request, 2)
        assert cancel is not None
        assert [one.reqId for one in server.of(cancel)] == [first.reqId]
        # What the server says of the cancellation is not about what was asked for again.
        await sent(ib, server, Error(first.reqId, 162, f"API historical data query cancelled: {first.reqId}"))
        assert ib.client.subscriptions.get(then.reqId).target is target


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [("5-second bars", 10225, BUST), ("bars", 10225, BUST), ("bars", 10182, "Failed"), ("depth", 316, "HALTED")],
)
async def test_without_the_wish_what_the_server_ends_has_ended(kind: str, code: int, text: str) -> None:
    _, request, _ = KINDS[kind]
    async with living() as (ib, server):
        ib.RestoreSubscriptions = False
        target = await begun(ib, kind)
        (first,) = await server.wait_for(request)
        waiting = asyncio.ensure_future(next_of(target, "updateEvent"))
        await sent(ib, server, Error(first.reqId, code, text))
        with pytest.raises(RequestError, match=text):
            await waiting
        await asyncio.sleep(3600)
        assert len(server.of(request)) == 1
        assert first.reqId not in ib.client.subscriptions
        await begun(ib, kind)
        await server.wait_for(request, 2)


async def test_what_is_refused_now_is_asked_for_again_after_pauses() -> None:
    async with living() as (ib, server):
        ticker, lost, told_errors = ib.reqMktData(AAPL), [], []
        ib.subscriptionLostEvent += lambda *args: lost.append(args)
        ticker.errorEvent += lambda _, code, text: told_errors.append((code, text))
        await server.wait_for(market_data.ReqMktData)
        times: list[float] = []
        loop = asyncio.get_running_loop()

        def refuse(message: Any) -> list[Any]:
            times.append(loop.time())
            return [Error(message.reqId, 354, "Requested market data is not subscribed.")]

        server.answers[market_data.ReqMktData] = refuse
        await sent(ib, server, told(1101))
        await asyncio.sleep(20 + 60)
        assert len(times) == 3
        server.answers[market_data.ReqMktData] = lambda m: [bid(m.reqId, 12.0)]
        await asyncio.sleep(300)
        assert (ticker.bid, len(told_errors), lost) == (12.0, 3, [])
        server.answers[market_data.ReqMktData] = refuse
        times.clear()
        await sent(ib, server, told(1101))
        waits = asyncio.ensure_future(wait(ticker.updateEvent))
        await asyncio.sleep(2 * 3600)
        assert [round(later - time) for time, later in pairwise(times)] == [15, 60, 300, 900, 1800]
        ((subscription, error),) = lost
        assert (subscription.target, error.code, ticker.status) == (ticker, 354, "denied")
        with pytest.raises(RequestError, match="not subscribed"):
            await waits
        assert ib.client.subscriptions.of(Kind.QUOTES) == []
        assert not ib.client.subscriptions.awaited


async def test_an_error_long_after_it_is_restored_ends_it_as_ever() -> None:
    async with living() as (ib, server):
        ib.reqPnL("DU1")
        await server.wait_for(pnl.ReqPnL)
        await sent(ib, server, told(1101))
        await server.wait_for(pnl.ReqPnL, 2)
        await asyncio.sleep(120)
        (one,) = ib.client.subscriptions.of(Kind.PNL)
        await sent(ib, server, Error(one.request.reqId, 321, "No more"))
        await asyncio.sleep(120)
        assert (ib.pnl(), len(server.of(pnl.ReqPnL))) == ([], 2)


async def test_lines_of_a_farm_that_do_not_go_on_are_asked_for_again() -> None:
    async with living() as (ib, server):
        gaps = told_gaps(ib)
        names = ("goes on", "is dead", "was quiet before", "of another farm")
        tickers = {name: ib.reqMktData(Stock(name, "SMART", "USD")) for name in names}
        bars = ib.reqRealTimeBars(AAPL)
        requests = await server.wait_for(market_data.ReqMktData, 4)
        ids = {one.contract.symbol: one.reqId for one in requests}
        await sent(ib, server, bid(ids["was quiet before"]))
        await asyncio.sleep(600)
        await sent(ib, server, *(bid(ids[name]) for name in names if name != "was quiet before"))
        since = tickers["is dead"].time
        await sent(ib, server, five_seconds(bars.reqId, 120))
        await asyncio.sleep(1)
        await sent(ib, server, told(2103))
        await asyncio.sleep(30)
        await sent(ib, server, bid(ids["of another farm"], 20.0))
        await sent(ib, server, told(2104))
        await asyncio.sleep(10)
        await sent(ib, server, bid(ids["goes on"], 20.0))
        assert len(server.of(market_data.ReqMktData)) == 4
        await asyncio.sleep(15)
        *_, then = await server.wait_for(market_data.ReqMktData, 5)
        assert then.contract.symbol == "is dead"
        assert [one.reqId for one in server.of(market_data.CancelMktData)] == [ids["is dead"]]
        await sent(ib, server, bid(then.reqId, 20.0))
        # The gap of a line that goes on by itself is told as well, when it does.
        assert [(one.target, begin) for one, begin, _ in gaps] == [
            (tickers["goes on"], since),
            (tickers["is dead"], since),
        ]
        assert len(server.of(real_time_bars.ReqRealTimeBars)) == 2


@pytest.mark.parametrize(
    ("codes", "asked"),
    [
        ((2105, 2106), {"bars"}),
        ((2103, 2104), {"bars", "quotes"}),
        ((1100, 1102), {"bars", "quotes"}),
        ((2103,), set()),
        ((2104,), set()),
        ((1102,), set()),
    ],
)
@pytest.mark.parametrize("wanted", [True, False])
async def test_which_lines_are_looked_at(codes: tuple[int, ...], asked: set[str], wanted: bool) -> None:
    async with living() as (ib, server):
        ib.RestoreSubscriptions = wanted
        ib.reqMktData(AAPL)
        await kept_bars(ib)
        (first,) = await server.wait_for(market_data.ReqMktData)
        await sent(ib, server, bid(first.reqId))
        for code in codes:
            await asyncio.sleep(10)
            await sent(ib, server, told(code))
        await asyncio.sleep(60)
        count = {"bars": len(server.of(history.ReqHistoricalData)), "quotes": len(server.of(market_data.ReqMktData))}
        assert {kind for kind, number in count.items() if number == 2} == (asked if wanted else set())


async def test_quotes_that_another_session_has_taken_come_back_whenever_it_ends() -> None:
    async with living() as (ib, server):
        gaps = told_gaps(ib)
        ticker = ib.reqMktData(AAPL)
        (first,) = await server.wait_for(market_data.ReqMktData)
        await sent(ib, server, bid(first.reqId))
        since = ticker.time
        taken = "No market data during competing live session"
        server.answers[market_data.ReqMktData] = lambda m: [Error(m.reqId, 10197, taken)]
        await sent(ib, server, Error(first.reqId, 10197, taken))
        await asyncio.sleep(8 * 3600)
        assert ticker.status == "interrupted"
        server.answers[market_data.ReqMktData] = lambda m: [bid(m.reqId, 12.0)]
        await asyncio.sleep(300)
        assert ticker.bid == 12.0
        assert [(one.target, begin) for one, begin, _ in gaps] == [(ticker, since)]


@pytest.mark.parametrize("code", [1101, 1102])
async def test_a_summary_is_asked_for_again_under_its_own_id(code: int) -> None:
    """TWS gives no updates after 1102, as ib_insync found, and grants two ids: error 322 for any other."""
    async with living() as (ib, server):
        await sent(ib, server, told(1100), told(1102))
        assert server.of(accounts.ReqAccountSummary) == [], "nobody wants one"
        await begun(ib, "summary")
        (first,) = server.of(accounts.ReqAccountSummary)
        for number in range(1, 5):
            await sent(ib, server, told(1100), told(code))
            await server.wait_for(accounts.ReqAccountSummary, number + 1)
        assert server.of(accounts.ReqAccountSummary) == [first] * 5
        assert [one.reqId for one in server.of(accounts.CancelAccountSummary)] == [first.reqId] * 4
        told_values = accounts.AccountSummary(first.reqId, "DU1", "NetLiquidation", "7.0", "USD")
        await sent(ib, server, told_values)
        assert [one.value for one in await ib.accountSummaryAsync()] == ["7.0"]
        assert len(server.of(accounts.ReqAccountSummary)) == 5
        ib.RestoreSubscriptions = False
        await sent(ib, server, told(1100), told(1102))
        assert len(server.of(accounts.ReqAccountSummary)) == 5


async def test_a_farm_that_flaps_is_looked_at_when_it_stays() -> None:
    async with living() as (ib, server):
        ib.reqMktData(AAPL)
        (first,) = await server.wait_for(market_data.ReqMktData)
        await sent(ib, server, bid(first.reqId))
        for _ in range(60):
            await sent(ib, server, told(2103))
            await asyncio.sleep(5)
            await sent(ib, server, told(2104))
            await asyncio.sleep(5)
        await sent(ib, server, told(2103))
        await asyncio.sleep(60)
        assert len(server.of(market_data.ReqMktData)) == 1
        await sent(ib, server, told(2104))
        await asyncio.sleep(21)
        assert len(server.of(market_data.ReqMktData)) == 2


async def test_positions_are_asked_for_by_the_start_of_the_connection_alone() -> None:
    held = accounts.Position("DU1", AAPL, 100.0, 10.0)
    async with keeping({accounts.ReqPositions: lambda _: [held, accounts.PositionEnd()]}) as (ib, server):
        lost: list[Any] = []
        ib.subscriptionLostEvent += lambda one, error: lost.append((one.kind, type(error)))
        await ib.reqPositionsAsync()
        asked = len(server.of(accounts.ReqPositions))
        await cut(ib, server)
        server.answers[accounts.ReqPositions] = lambda _: []
        report = await again(ib, server)
        assert (lost, report.refused, report.waiting) == ([], [], [])
        assert ib.startup.missing == ["positions"]
        assert len(server.of(accounts.ReqPositions)) == asked + 1
        server.answers[accounts.ReqPositions] = lambda _: [accounts.PositionEnd()]
        await ib.startupEvent
        assert (ib.startup.missing, ib.positions()) == ([], [])
        assert len(server.of(accounts.ReqPositions)) == asked + 2
        await cut(ib, server)
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        ib.client.subscriptions.end(accounts.ReqPositions)  # as if the start could not even ask
        report = await ib.dispatcher.restorer.restore()
        assert lost == [(Kind.POSITIONS, ConnectionError)]
        assert [one.kind for one, _ in report.refused] == [Kind.POSITIONS]
