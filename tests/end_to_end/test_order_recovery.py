"""Orders on the paper gateway while the connection is lost and made again: the client ends in the gateway's truth."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from client.asking import until

from ibdesk import IB, LimitOrder, MarketOrder, Stock
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import HandClock, start_from
from ibdesk.wire import versions as V

APPLE = Stock("AAPL", "SMART", "USD", conId=265598)
START = start_from("2026-04-15T10:00", None)


@asynccontextmanager
async def trading(version: int = V.MAX) -> AsyncIterator[tuple[IB, PaperGateway, HandClock]]:
    clock = HandClock(START)
    async with PaperGateway(port=0, clock=clock, max_version=version) as gateway:
        ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
        try:
            yield ib, gateway, clock
        finally:
            ib.disconnect()


async def cut(ib: IB) -> None:
    """Have the socket break, as a network does."""
    lost = asyncio.Event()
    ib.disconnectedEvent += lost.set
    assert ib.client._transport is not None
    ib.client._transport.abort()
    await lost.wait()


@pytest.mark.parametrize("version", [178, V.MAX])
async def test_what_was_filled_meanwhile_is_told_once(version: int) -> None:
    async with trading(version) as (ib, gateway, clock):
        (ticker,) = await ib.reqTickersAsync(APPLE)
        near = ib.placeOrder(APPLE, LimitOrder("BUY", 100, round(ticker.bid - 0.3, 2)))
        far = ib.placeOrder(APPLE, LimitOrder("BUY", 100, round(ticker.bid / 2, 2)))
        await until(ib, lambda: near.isWorking() and far.isWorking())
        told: list[Any] = []
        near.fillEvent += lambda _, fill: told.append(fill.recovered)
        near.filledEvent += lambda _: told.append("filled")
        await cut(ib)
        assert near.isUncertain()
        assert far.isUncertain()
        other = await IB().connectAsync("127.0.0.1", gateway.port, clientId=2)
        async with asyncio.timeout(20):
            while not other.positions() or other.positions()[0].position < 100:
                clock.advance(10)
                gateway.advance()
                await other.reqPositionsAsync()
        other.disconnect()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        assert (near.orderStatus.status, near.filled(), near.isUncertain()) == ("Filled", 100.0, False)
        assert (far.orderStatus.status, far.isUncertain()) == ("Submitted", False)
        assert set(told) == {True, "filled"}
        assert told.count("filled") == 1
        assert len(near.fills) == told.count(True) == len(ib.fills())
        assert all(fill.commissionReport.execId for fill in near.fills)
        assert len(ib.trades()) == 2
        assert [position.position for position in ib.positions()] == [100.0]
        ib.cancelOrder(far.order)
        assert await far.cancelled()


async def test_an_order_that_is_sent_while_the_connection_breaks_has_one_outcome() -> None:
    """Whether the gateway has read it or not: the client finds out which, and never sends it again."""
    async with trading() as (ib, gateway, _):
        trade = ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        await cut(ib)
        assert trade.isUncertain()
        assert trade.orderStatus.status == "PendingSubmit"
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        await until(ib, trade.isDone)
        held = sum(position.position for position in await ib.reqPositionsAsync())
        assert (trade.orderStatus.status, held) in (("Filled", 100.0), ("ApiCancelled", 0.0))
        assert not trade.isUncertain()
        assert len(ib.trades()) == 1


async def test_a_bracket_outlives_the_connection() -> None:
    async with trading() as (ib, gateway, _):
        (ticker,) = await ib.reqTickersAsync(APPLE)
        far, low = round(ticker.bid * 2), round(ticker.bid / 2)
        orders = ib.bracket(MarketOrder("BUY", 100), targets=[(far, 40), (far, 60)], stop=low, tif="GTC")
        trades = [ib.placeOrder(APPLE, order) for order in orders]
        await until(ib, lambda: trades[0].isDone() and all(one.order.permId for one in trades))
        await cut(ib)
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        assert ib.openTrades() == trades[1:]
        assert not any(trade.isUncertain() for trade in trades)
        flat = await ib.flattenAsync()
        await until(ib, lambda: flat[0].isDone() and not ib.positions())
        assert {trade.orderStatus.status for trade in trades[1:]} == {"Cancelled"}
        assert await ib.reqAllOpenOrdersAsync() == []


async def test_after_a_restart_of_the_gateway_fills_belong_to_the_new_orders() -> None:
    """The client lives on, the gateway begins the same day again, with the same seed."""
    ib = IB()
    booked: list[tuple[str, int]] = []
    ib.execDetailsEvent += lambda trade, fill: booked.append((trade.order.orderRef, fill.execution.permId))
    port, trades = 0, []
    for ref in ("before", "after"):
        async with PaperGateway(port=port, start_time=START) as gateway:
            port = gateway.port
            await ib.connectAsync("127.0.0.1", port, clientId=1)
            trade = ib.placeOrder(APPLE, MarketOrder("BUY", 1, orderRef=ref))
            await until(ib, trade.isDone)
            await until(ib, lambda trade=trade: trade.fills and trade.fills[-1].commissionReport.commission)
            trades.append(trade)
            ib.disconnect()
    before, after = trades
    assert [len(trade.fills) for trade in trades] == [1, 1]
    assert booked == [("before", before.order.permId), ("after", after.order.permId)]
    assert before.order.permId != after.order.permId
    assert before.fills[0].execution.execId != after.fills[0].execution.execId
