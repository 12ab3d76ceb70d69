"""Quotes: which ticker they come to, who shares a subscription, and how it ends; beside ticks and books."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from client.asking import connected, next_of, sent, versions
from client.scripted import CLOSE

from ibdesk import CFD, IB, Contract, Option, Stock
from ibdesk.client.mirror.ticker import Ticker
from ibdesk.model.quotes import OptionComputation, TickAttribBidAsk
from ibdesk.wire.messages import depth, market_data, options, real_time_bars, tick_by_tick
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.historical_ticks import TickBidAsk

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
CALL = Option("AAPL", "20260619", 250.0, "C", "SMART", conId=494194134)
SECONDS = 1775136600
THEN = dt.datetime(2026, 4, 2, 13, 30, tzinfo=dt.UTC)


def row(reqId: int, operation: int, position: int, side: int, price: float) -> depth.UpdateMktDepth:
    return depth.UpdateMktDepth(reqId, depth.MarketDepthData(position, operation, side, price, 5.0))


# --- exchanges --------------------------------------------------------------------------------------------------------

OVERNIGHT = Stock("AAPL", "OVERNIGHT", "USD", conId=265598)
NYSE = Stock("AAPL", "NYSE", "USD", conId=265598)


def bid(reqId: int, price: float) -> market_data.TickPrice:
    return market_data.TickPrice(reqId, 1, price, 100.0)


def quote(reqId: int, price: float) -> tick_by_tick.TickByTick:
    both = TickBidAsk(SECONDS, TickAttribBidAsk(), price, price + 1, 1.0, 2.0)
    return tick_by_tick.TickByTick(reqId, 3, bidAsk=both)


At = Callable[[IB, Contract], Ticker]
KINDS: list[tuple[At, Callable[[IB, Contract], Any], type, Callable[[int, float], Any], Callable[[Ticker], Any]]] = [
    (
        lambda ib, contract: ib.reqMktData(contract),
        lambda ib, contract: ib.cancelMktData(contract),
        market_data.ReqMktData,
        bid,
        lambda ticker: ticker.bid,
    ),
    (
        lambda ib, contract: ib.reqTickByTickData(contract, "BidAsk"),
        lambda ib, contract: ib.cancelTickByTickData(contract, "BidAsk"),
        tick_by_tick.ReqTickByTickData,
        quote,
        lambda ticker: ticker.bid,
    ),
    (
        lambda ib, contract: ib.reqMktDepth(contract),
        lambda ib, contract: ib.cancelMktDepth(contract),
        depth.ReqMktDepth,
        lambda reqId, price: row(reqId, 0, 0, 1, price),
        lambda ticker: ticker.domBids[0].price,
    ),
]


@pytest.mark.parametrize(
    ("ask", "cancel", "request_", "message", "seen"), KINDS, ids=["mktData", "tickByTick", "mktDepth"]
)
async def test_two_exchanges_are_two_tickers(
    ask: At,
    cancel: Callable[[IB, Contract], Any],
    request_: type,
    message: Callable[[int, float], Any],
    seen: Callable[[Ticker], Any],
) -> None:
    """ib_async#196: the bid of one exchange stood beside the ask of another."""
    async with connected() as (ib, server):
        smart, overnight = ask(ib, AAPL), ask(ib, OVERNIGHT)
        assert smart is not overnight
        assert ask(ib, Stock("AAPL", "OVERNIGHT", "USD", conId=265598)) is overnight
        assert ib.tickers() == [smart, overnight]
        assert [ib.ticker(one) for one in (AAPL, OVERNIGHT, NYSE)] == [smart, overnight, None]
        sent_, sent_too = await server.wait_for(request_, 2)
        assert [one.contract.exchange for one in (sent_, sent_too)] == ["SMART", "OVERNIGHT"]
        await sent(ib, server, message(sent_.reqId, 10.0), message(sent_too.reqId, 20.0))
        assert [seen(smart), seen(overnight)] == [10.0, 20.0]
        cancel(ib, OVERNIGHT)
        cancel(ib, OVERNIGHT)
        await sent(ib, server, message(sent_.reqId, 11.0), message(sent_too.reqId, 21.0))
        assert seen(smart) == 11.0
        assert [ask(ib, AAPL), ask(ib, OVERNIGHT)] == [smart, overnight]


async def test_a_contract_without_an_exchange_means_any(caplog: pytest.LogCaptureFixture) -> None:
    """So do those of positions, with which programs look tickers up."""
    held = Stock("AAPL", "", "USD", conId=265598)
    async with connected() as (ib, server):
        ticker = ib.reqMktData(AAPL)
        ib.reqMktDepth(OVERNIGHT)
        assert ib.ticker(held) is ticker
        ib.cancelMktDepth(held)
        assert ib.cancelMktData(held)
        assert not ib.cancelMktData(held)
        await server.wait_for(depth.CancelMktDepth)
        await server.wait_for(market_data.CancelMktData)


async def test_a_position_finds_the_ticker_of_its_contract() -> None:
    """Its contract names the exchange that lists the stock, where nothing was subscribed."""
    held = Stock("AAPL", "NASDAQ", "USD", conId=265598)
    async with connected() as (ib, server):
        ticker = ib.reqMktData(AAPL)
        assert ib.ticker(held) is ticker
        own = ib.reqMktData(held)
        assert own is not ticker
        assert ib.ticker(held) is own
        assert ib.ticker(OVERNIGHT) is None, "it could be either"
        assert ib.cancelMktData(held)
        assert not ib.cancelMktData(held), "the other one goes on"
        assert len(await server.wait_for(market_data.CancelMktData)) == 1


async def test_a_contract_that_is_used_again_for_another_exchange() -> None:
    async with connected() as (ib, server):
        contract = Stock("AAPL", "SMART", "USD", conId=265598)
        smart = ib.reqMktData(contract)
        assert smart.contract is contract
        contract.exchange = "OVERNIGHT"
        overnight = ib.reqMktData(contract)
        assert [smart.contract.exchange, overnight.contract.exchange] == ["SMART", "OVERNIGHT"]
        assert overnight.contract is contract and isinstance(smart.contract, Stock)
        assert [ib.ticker(AAPL), ib.ticker(OVERNIGHT)] == [smart, overnight]
        assert len(await server.wait_for(market_data.ReqMktData, 2)) == 2


@pytest.mark.parametrize("conIds", [(265598, 272093), (0, 0), (0, 272093)])
async def test_a_contract_that_is_used_again_for_another_instrument(conIds: tuple[int, int]) -> None:
    async with connected() as (ib, _):
        contract = Stock("AAPL", "SMART", "USD", conId=conIds[0])
        apple = ib.reqMktData(contract)
        contract.symbol, contract.conId = "MSFT", conIds[1]
        microsoft = ib.reqMktData(contract)
        assert apple is not microsoft
        assert [apple.contract.symbol, microsoft.contract.symbol] == ["AAPL", "MSFT"]


async def test_a_contract_that_is_qualified_later_is_the_same() -> None:
    async with connected() as (ib, _):
        contract = Option("AAPL", "202606", 250.0, "CALL", "SMART")
        ticker = ib.reqMktData(contract)
        contract.lastTradeDateOrContractMonth, contract.right = "20260619", "C"
        contract.conId, contract.localSymbol, contract.multiplier = 494194134, "AAPL  260619C00250000", "100"
        assert ib.reqMktData(contract) is ticker
        assert ib.ticker(CALL) is ticker
        contract.strike, contract.conId = 260.0, 0
        assert ib.reqMktData(contract) is not ticker


# --- shared, lost -----------------------------------------------------------------------------------------------------


Ask = Callable[[IB], Ticker]
SUBSCRIPTIONS: list[tuple[Ask, Callable[[IB], Any], type, type]] = [
    (
        lambda ib: ib.reqMktData(AAPL, "233"),
        lambda ib: ib.cancelMktData(AAPL),
        market_data.ReqMktData,
        market_data.CancelMktData,
    ),
    (
        lambda ib: ib.reqTickByTickData(AAPL, "Last"),
        lambda ib: ib.cancelTickByTickData(AAPL, "Last"),
        tick_by_tick.ReqTickByTickData,
        tick_by_tick.CancelTickByTickData,
    ),
    (lambda ib: ib.reqMktDepth(AAPL), lambda ib: ib.cancelMktDepth(AAPL), depth.ReqMktDepth, depth.CancelMktDepth),
]
subscriptions = pytest.mark.parametrize(
    ("ask", "cancel", "request_", "end"), SUBSCRIPTIONS, ids=["mktData", "tickByTick", "mktDepth"]
)


@subscriptions
async def test_a_subscription_that_is_made_twice_is_one(
    ask: Ask, cancel: Callable[[IB], Any], request_: type, end: type
) -> None:
    """Pain 49: ib_async sends two requests, cancels one, and the other goes on for ever."""
    async with connected() as (ib, server):
        assert ask(ib) is ask(ib)
        assert cancel(ib) in (True, None)
        assert ib.client.isReady()
        await ib.reqExecutionsAsync()
        assert (len(server.of(request_)), len(server.of(end))) == (1, 0)
        cancel(ib)
        await server.wait_for(end)
        ask(ib)
        await server.wait_for(request_, 2)


@subscriptions
async def test_a_refused_subscription_can_be_made_again(
    ask: Ask, cancel: Callable[[IB], Any], request_: type, end: type
) -> None:
    del cancel, end
    async with connected({request_: lambda m: [Error(m.reqId, 354, "not subscribed")]}) as (ib, server):
        for count in (1, 2):
            told = asyncio.ensure_future(next_of(ib, "errorEvent"))
            ask(ib)
            assert (await told)[3] == AAPL
            assert len(server.of(request_)) == count


@subscriptions
async def test_after_a_loss_of_data_a_subscription_is_made_anew(
    ask: Ask, cancel: Callable[[IB], Any], request_: type, end: type
) -> None:
    """Code 1101: programs subscribe again to all that they had."""
    async with connected() as (ib, server):
        ticker = ask(ib)
        await server.wait_for(request_)
        await sent(ib, server, Error(-1, 1101, "Connectivity restored - data lost."))
        assert ask(ib) is ticker
        requests = await server.wait_for(request_, 2)
        assert requests[0].reqId != requests[1].reqId
        cancel(ib)
        ends = await server.wait_for(end)
        assert ends[-1].reqId in [request.reqId for request in requests]


@subscriptions
async def test_a_lost_connection_ends_subscriptions(
    ask: Ask, cancel: Callable[[IB], Any], request_: type, end: type, caplog: pytest.LogCaptureFixture
) -> None:
    del end
    async with connected() as (ib, server):
        ticker = ask(ib)
        ib.reqRealTimeBars(AAPL, 5, "TRADES", False)
        await server.wait_for(real_time_bars.ReqRealTimeBars)
        lost = asyncio.ensure_future(next_of(ib, "disconnectedEvent"))
        server.send(CLOSE)
        await lost
        assert ib.tickers() == [ticker]
        assert ib.realtimeBars() == []
        cancel(ib)
        assert "No reqId found" in caplog.text
        with pytest.raises(ConnectionError):
            ask(ib)
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        assert ask(ib) is ticker
        await server.wait_for(request_, 2)


async def test_subscriptions_on_other_terms_are_their_own() -> None:
    async with connected() as (ib, server):
        ticker = ib.reqMktData(AAPL)
        assert ticker.genericTickList == ""
        assert ib.reqMktData(AAPL, "233,236") is ticker
        assert ticker.genericTickList == "233,236"
        ib.reqMarketDataType(3)
        assert ib.reqMktData(AAPL, "233,236") is ticker  # delayed data are asked for now
        assert ib.reqMktData(AAPL, snapshot=True) is not ticker
        requests = await server.wait_for(market_data.ReqMktData, 4)
        assert [ib.cancelMktData(AAPL) for _ in range(4)] == [True, True, True, False]
        cancels = await server.wait_for(market_data.CancelMktData, 3)
        assert [one.reqId for one in cancels] == [requests[place].reqId for place in (2, 1, 0)]


async def test_a_snapshot_that_never_ends_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibdesk.client.api.market_data.WHOLE_SNAPSHOT", 0.05)
    answers: dict[type, Any] = {market_data.ReqMktData: lambda m: [market_data.TickPrice(m.reqId, 4, 10.0, 1.0)]}
    async with connected(answers) as (ib, server):
        (ticker,) = await ib.reqTickersAsync(AAPL)
        assert ticker.last == 10.0
        (cancel,) = await server.wait_for(market_data.CancelMktData)
        await sent(ib, server, market_data.TickPrice(cancel.reqId, 4, 11.0, 1.0))
        assert ticker.last == 10.0
        assert await ib.reqTickersAsync() == []


# --- other ticks ------------------------------------------------------------------------------------------------------


@versions
async def test_greeks_come_to_the_ticker(version: int) -> None:
    greeks = [10, 11, 12, 13]
    answers: dict[type, Any] = {
        market_data.ReqMktData: lambda m: [
            options.TickOptionComputation(m.reqId, kind, 0, delta=0.5, undPrice=float(kind)) for kind in greeks
        ]
    }
    async with connected(answers, version) as (ib, _):
        ticker = ib.reqMktData(CALL)
        await ticker.updateEvent
        found = [ticker.bidGreeks, ticker.askGreeks, ticker.lastGreeks, ticker.modelGreeks]
        assert found == [OptionComputation(0, delta=0.5, undPrice=float(kind)) for kind in greeks]
        assert ticker.delta == 0.5


async def test_odd_lots() -> None:
    async with connected(version=225) as (ib, server):
        ticker = ib.reqMktData(AAPL, "787")
        (request,) = await server.wait_for(market_data.ReqMktData)
        await sent(
            ib,
            server,
            market_data.TickPrice(request.reqId, 105, 9.5),
            market_data.TickPrice(request.reqId, 106, 9.75),
            market_data.TickSize(request.reqId, 107, 3.0),
            market_data.TickSize(request.reqId, 108, 4.0),
            market_data.TickString(request.reqId, 109, "ARCA"),
            market_data.TickString(request.reqId, 110, "NYSE"),
        )
        assert (ticker.oddLotBid, ticker.oddLotBidSize, ticker.oddLotBidExchange) == (9.5, 3.0, "ARCA")
        assert (ticker.oddLotAsk, ticker.oddLotAskSize, ticker.oddLotAskExchange) == (9.75, 4.0, "NYSE")
        assert ticker.extra == {}


@versions
async def test_a_reroute_is_logged_once(version: int, caplog: pytest.LogCaptureFixture) -> None:
    async with connected(version=version) as (ib, server):
        ib.reqMktData(CFD("IBM", conId=139684206))
        ib.reqMktDepth(CFD("SAP", conId=139684999))
        (quotes,) = await server.wait_for(market_data.ReqMktData)
        (book,) = await server.wait_for(depth.ReqMktDepth)
        for _ in range(2):
            await sent(
                ib,
                server,
                depth.RerouteMktDataReq(quotes.reqId, 8314, "NYSE"),
                depth.RerouteMktDepthReq(book.reqId, 14204, "IBIS"),
                depth.RerouteMktDataReq(99, 1, "NYSE"),
            )
        told = [record.getMessage() for record in caplog.records if "CFD" in record.getMessage()]
        assert told == [
            "CFD(conId=139684206, symbol='IBM') is a CFD without data of its own: ask for conId 8314 at NYSE instead",
            "CFD(conId=139684999, symbol='SAP') is a CFD without data of its own: ask for conId 14204 at IBIS instead",
        ]
