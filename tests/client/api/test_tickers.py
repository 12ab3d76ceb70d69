"""How subscriptions that fill a ticker begin and end: quotes, ticks and books alike; shared, refused, lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from client.asking import connected, cut, next_of, sent

from ibdesk import IB, Contract, Stock
from ibdesk.client.state.ticker import Ticker
from ibdesk.model.quotes import TickAttribBidAsk
from ibdesk.wire.messages import depth, market_data, real_time_bars, tick_by_tick
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.historical_ticks import TickBidAsk

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
SECONDS = 1775136600
OVERNIGHT = Stock("AAPL", "OVERNIGHT", "USD", conId=265598)
NYSE = Stock("AAPL", "NYSE", "USD", conId=265598)


def bid(reqId: int, price: float) -> market_data.TickPrice:
    return market_data.TickPrice(reqId, 1, price, 100.0)


def quote(reqId: int, price: float) -> tick_by_tick.TickByTick:
    both = TickBidAsk(SECONDS, TickAttribBidAsk(), price, price + 1, 1.0, 2.0)
    return tick_by_tick.TickByTick(reqId, 3, bidAsk=both)


def row(reqId: int, operation: int, position: int, side: int, price: float) -> depth.UpdateMktDepth:
    return depth.UpdateMktDepth(reqId, depth.MarketDepthData(position, operation, side, price, 5.0))


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
        await cut(ib, server)
        assert ib.tickers() == [ticker]
        assert ib.realtimeBars() == []
        cancel(ib)
        assert "No reqId found" in caplog.text
        with pytest.raises(ConnectionError):
            ask(ib)
        await ib.connectAsync("127.0.0.1", server.port, clientId=1)
        assert ask(ib) is ticker
        await server.wait_for(request_, 2)
