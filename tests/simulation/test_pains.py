"""What users lose money and sleep by, on the simulated clock. The numbers are those of the list of pains.

Client and gateway are real, and a proxy between them loses what networks lose. What the gateway never does (two live
orders of one) says a scripted server.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from client.asking import next_of, settle
from client.broker import AAPL, LOST, PERM_ID, RESTORED, Broker, connected, execution, place, shown
from client.troubled import Proxy, troubled

from ibdesk import IB, Forex, Index, LimitOrder, MarketOrder, RequestTimeout, Stock, Trade
from ibdesk.client.ib import StartupFetchNONE
from ibdesk.paper.faults import ConnectivityLost, Cut, Delay, FarmDown, Refuse, Restart, Scenario
from ibdesk.simulation import simulation
from ibdesk.simulation.world import World
from ibdesk.wire.messages import executions, order_status, orders

APPLE = Stock("AAPL", "SMART", "USD", conId=265598)
EURO = Forex("EURUSD", conId=12087792)
SPX = Index("SPX", "CBOE", "USD")


@asynccontextmanager
async def trading(start: str = "2026-11-02T10:00") -> AsyncIterator[tuple[World, Proxy, IB]]:
    """A client that is connected to the gateway by a proxy."""
    async with simulation(start, seed=1) as world, troubled(world.port) as proxy:
        ib = await IB().connectAsync(port=proxy.port, clientId=1)
        try:
            yield world, proxy, ib
        finally:
            ib.disconnect()


async def cut(ib: IB, proxy: Proxy) -> None:
    """Break the connection, and wait until the client has noticed. What is made next carries everything."""
    lost = asyncio.ensure_future(next_of(ib, "disconnectedEvent"))
    proxy.cut()
    proxy.swallow(False)
    await lost


async def again(ib: IB, proxy: Proxy) -> None:
    await ib.connectAsync(port=proxy.port, clientId=1)


async def price(ib: IB, contract: Any = APPLE) -> float:
    (ticker,) = await ib.reqTickersAsync(contract)
    return float(ticker.ask)


def told(trade: Trade) -> list[Any]:
    """What the events of a trade tell of its fills: whether they were missed, and its end."""
    said: list[Any] = []
    trade.fillEvent += lambda _, fill: said.append(fill.recovered)
    trade.filledEvent += lambda _: said.append("filled")
    return said


def begin_ids_again(world: World) -> None:
    """What "Reset API order ID sequence" in the settings of TWS does."""
    index = world.gateway.broker.exchange._index
    index.forget_done()
    index._highest.clear()


# --- 4: the fill of another order, with the same orderId -------------------------------------------------------------


async def test_pain_4_a_fill_of_an_earlier_session_is_not_put_on_an_order_that_was_lost() -> None:
    """An order of the morning had the orderId that the new one gets. The new one never arrives, and has no fills."""
    async with trading() as (world, proxy, first):
        bought = first.placeOrder(APPLE, MarketOrder("BUY", 100))
        await world.advance(5)
        number = bought.order.orderId
        assert bought.orderStatus.status == "Filled"
        first.disconnect()
        begin_ids_again(world)
        await world.advance(3600)
        ib = await IB().connectAsync(port=proxy.port, clientId=1, fetchFields=StartupFetchNONE)
        ib.client._reqIdSeq = number
        proxy.carries_requests = False
        lost = ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        assert lost.order.orderId == number
        await cut(ib, proxy)
        await again(ib, proxy)
        assert (lost.orderStatus.status, lost.fills, lost.order.permId) == ("ApiCancelled", [], 0)
        assert [fill.execution.permId for fill in ib.fills()] == [bought.order.permId]
        assert [one.position for one in ib.positions()] == [100.0]
        ib.disconnect()


async def test_pain_4_a_fill_goes_to_the_order_whose_permId_it_has() -> None:
    """The same, but the new order arrives and is filled: each fill belongs to its own order."""
    async with trading() as (world, proxy, first):
        bought = first.placeOrder(APPLE, MarketOrder("BUY", 100))
        await world.advance(5)
        number = bought.order.orderId
        first.disconnect()
        begin_ids_again(world)
        await world.advance(3600)
        ib = await IB().connectAsync(port=proxy.port, clientId=1, fetchFields=StartupFetchNONE)
        ib.client._reqIdSeq = number
        proxy.carries_answers = False
        trade = ib.placeOrder(APPLE, MarketOrder("BUY", 40))
        assert trade.order.orderId == number
        await world.advance(5)
        await cut(ib, proxy)
        await again(ib, proxy)
        assert (trade.orderStatus.status, trade.filled(), len(ib.fills())) == ("Filled", 40.0, 2)
        assert {fill.execution.permId for fill in trade.fills} == {trade.order.permId} != {bought.order.permId}
        assert [one.kind for one in await ib.reconcileAsync()] == ["order", "execution", "execution"]
        ib.disconnect()


# --- 5: a change across a gap makes two live orders ------------------------------------------------------------------


async def test_pain_5_no_order_that_a_change_across_a_gap_has_doubled_is_left_alive() -> None:
    """naut#4564: the survivor was filled six hours after its twin was cancelled."""
    async with simulation("2026-11-02T10:00", seed=1) as world:
        broker = Broker()
        async with connected(broker) as (ib, server):
            conflicts: list[Any] = []
            ib.differenceEvent += conflicts.append
            trade = place(ib)
            server.send(*shown(trade))
            await settle(ib)
            alive = {PERM_ID: 1.0, PERM_ID + 1: 2.0}
            server.send(LOST)
            await settle(ib)
            trade.order.lmtPrice = 2.0
            ib.placeOrder(AAPL, trade.order)
            broker.open = [
                one for permId, limit in alive.items() for one in shown(trade, permId=permId, lmtPrice=limit)
            ]
            server.send(RESTORED)
            await world.advance(5)
            twin = next(one for one in ib.trades() if one is not trade)
            assert (trade.order.permId, twin.order.permId) == (PERM_ID, PERM_ID + 1)
            assert (trade.incarnations, twin.incarnations) == ([twin], [trade])
            assert [one.kind for one in conflicts] == ["conflict"]
            assert not (trade.isUncertain() or twin.isUncertain())

            def cancel_one(_: Any) -> list[Any]:
                permId, _ = alive.popitem()
                return shown(trade, "Cancelled", permId=permId)[1:]

            server.answers[order_status.CancelOrder] = cancel_one
            ib.cancelOrder(trade.order)
            await world.advance(timedelta(hours=6))
            for permId in alive:
                server.send(executions.ExecDetails(-1, AAPL, execution(trade, permId=permId)))
            await settle(ib)
            assert ib.fills() == []
            assert [one.orderStatus.status for one in (trade, twin)] == ["Cancelled", "Cancelled"]
            assert len(server.of(orders.PlaceOrder)) == 2


# --- 6: an order that is sent into the gap ---------------------------------------------------------------------------


@pytest.mark.parametrize("arrives", [True, False])
async def test_pain_6_an_order_that_is_sent_into_a_dead_link_is_uncertain_and_found_out(arrives: bool) -> None:
    """The link swallows everything, or only the answers. Nobody can tell, until there is another one."""
    async with trading() as (world, proxy, ib):
        proxy.carries_requests, proxy.carries_answers = arrives, False
        trade = ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        said = told(trade)
        await world.advance(9.9)
        assert not trade.isUncertain()
        await world.advance(0.2)
        assert trade.uncertainty == "There was no answer to the order"
        assert (ib.isConnected(), trade.orderStatus.status, trade.isDone()) == (True, "PendingSubmit", False)
        await world.advance(600)
        assert trade.isUncertain()
        assert trade.warnings[-1].message == "It is not known how the order stands: the server does not answer"
        await cut(ib, proxy)
        await again(ib, proxy)
        assert not trade.isUncertain()
        assert trade.orderStatus.status == ("Filled" if arrives else "ApiCancelled")
        assert said == ([True, "filled"] if arrives else [])
        assert [one.position for one in ib.positions()] == ([100.0] if arrives else [])
        assert world.result().orders == arrives, "it is never sent a second time"
        found = await ib.reconcileAsync()
        assert [one.kind for one in found] == ["order", "execution"][: 1 + arrives]
        assert await ib.reconcileAsync() == []


@pytest.mark.parametrize("arrives", [True, False])
async def test_pain_6_a_change_that_is_sent_into_a_dead_link_is_not_shown_as_if_it_were_true(arrives: bool) -> None:
    async with trading() as (world, proxy, ib):
        low = round(await price(ib) / 2, 2)
        trade = ib.placeOrder(APPLE, LimitOrder("BUY", 100, low))
        await world.advance(5)
        proxy.carries_requests, proxy.carries_answers = arrives, False
        trade.order.lmtPrice = low + 1
        ib.placeOrder(APPLE, trade.order)
        await world.advance(11)
        assert trade.serverOrder is not None
        assert (trade.order.lmtPrice, trade.serverOrder.lmtPrice) == (low + 1, low)
        assert trade.uncertainty == "There was no answer to the modification"
        await cut(ib, proxy)
        await again(ib, proxy)
        assert trade.order.lmtPrice == trade.serverOrder.lmtPrice == (low + 1 if arrives else low)
        assert (trade.isUncertain(), trade.orderStatus.status) == (False, "Submitted")
        assert (trade.warnings[-1].message == "The modification did not reach the server") is not arrives


# --- 7: what was filled meanwhile ------------------------------------------------------------------------------------


async def test_pain_7_what_was_filled_while_the_link_of_tws_was_down_is_recovered() -> None:
    async with trading() as (world, proxy, ib):
        trade = ib.placeOrder(APPLE, LimitOrder("BUY", 100, round(await price(ib) - 0.1, 2)))
        await world.advance(1)
        assert (trade.orderStatus.status, trade.filled()) == ("Submitted", 0.0)
        said, differences = told(trade), list[Any]()
        ib.differenceEvent += differences.append
        proxy.say(LOST)
        proxy.carries_answers = False
        await world.advance(1800)
        assert trade.uncertainty == "The link between TWS and IBKR was lost"
        assert world.gateway.broker.exchange.executions
        proxy.carries_answers = True
        proxy.say(RESTORED)
        await world.advance(5)
        assert (trade.orderStatus.status, trade.filled(), trade.isUncertain()) == ("Filled", 100.0, False)
        assert set(said) == {True, "filled"}
        assert said.count(True) == len(trade.fills) == len(ib.fills())
        assert all(fill.commissionReport.commission for fill in trade.fills)
        assert [one.position for one in ib.positions()] == [100.0]
        assert [one.kind for one in differences] == ["order", *["execution"] * len(trade.fills)]
        proxy.say(RESTORED)
        await world.advance(5)
        assert said.count("filled") == 1, "and told once"


async def test_pain_7_what_was_filled_before_midnight_is_recovered_after_it() -> None:
    """The nightly reset: the executions of yesterday are not told unless they are asked for."""
    async with trading("2026-11-02T23:30") as (world, proxy, ib):
        order = LimitOrder("BUY", 50_000, round(await price(ib, EURO) + 0.01, 4), tif="GTC")
        order.goodAfterTime = "20261102 23:45:00 US/Eastern"
        trade = ib.placeOrder(EURO, order)
        await world.advance(1)
        assert (trade.orderStatus.status, trade.filled()) == ("PreSubmitted", 0.0)
        said = told(trade)
        await cut(ib, proxy)
        await world.until("2026-11-03T00:45")
        assert [fact.execution.time.day for fact in world.gateway.broker.exchange.earlier_executions]
        await again(ib, proxy)
        assert (trade.orderStatus.status, trade.filled(), trade.isUncertain()) == ("Filled", 50_000.0, False)
        assert set(said) == {True, "filled"}
        assert said.count(True) == len(trade.fills)
        found = await ib.reconcileAsync()
        assert [one.kind for one in found] == ["order", *["execution"] * len(trade.fills)]


async def test_pain_7_what_was_filled_before_the_connection_was_made_again_is_recovered() -> None:
    """Nobody but the client itself connects again."""
    async with trading() as (world, proxy, ib):
        ib.disconnect()
        await ib.connectAsync(port=proxy.port, clientId=1, reconnect=True)
        trade = ib.placeOrder(APPLE, LimitOrder("BUY", 100, round(await price(ib) - 0.1, 2)))
        await world.advance(1)
        assert (trade.orderStatus.status, trade.filled()) == ("Submitted", 0.0)
        said, differences = told(trade), list[Any]()
        ib.differenceEvent += differences.append
        proxy.refuse()
        await ib.disconnectedEvent
        await world.advance(1800)
        assert (ib.isConnected(), trade.isUncertain()) == (False, True)
        await proxy.open()
        report = await ib.reconnectedEvent
        assert (trade.orderStatus.status, trade.filled(), trade.isUncertain()) == ("Filled", 100.0, False)
        assert set(said) == {True, "filled"}
        assert [one.kind for one in differences] == ["order", *["execution"] * len(trade.fills)]
        assert list(report.differences) == differences
        assert await ib.reconcileAsync() == differences
        assert await ib.reconcileAsync() == []


# --- 22: quotes that have stopped ------------------------------------------------------------------------------------


async def test_pain_22_quotes_that_stop_are_stale_and_told_while_their_market_is_open() -> None:
    """naut#3968: nobody noticed for eight hours."""
    async with trading("2026-11-02T15:30") as (world, proxy, ib):
        told: list[Any] = []
        ib.silentEvent += lambda subscription, seconds: told.append((subscription.target, seconds))
        ib.watchSubscriptions(60)
        ticker = ib.reqMktData(SPX)
        await world.advance(300)
        assert (ticker.isStale(60), told) == (False, [])
        proxy.carries_answers = False
        await world.advance(130)
        assert ib.isConnected()
        assert ticker.isStale(60)
        assert ticker.age >= 120
        assert told == [(ticker, pytest.approx(120, abs=10))]
        proxy.carries_answers = True
        await world.advance(120)
        assert not ticker.isStale(60)
        await world.until("2026-11-02T15:59")
        assert not ticker.isStale(60)
        await world.until("2026-11-02T18:00")
        assert ticker.isStale(3600)
        assert len(told) == 1, "while the market is closed nothing is to come"


# --- 23: bars that stop, or have holes --------------------------------------------------------------------------------


async def test_pain_23_bars_that_are_kept_up_to_date_have_no_hole_at_the_end_of_a_bad_day() -> None:
    """naut#3733: 96 % of the bars were lost. naut#2764: the last bar of the day never came."""
    scenario = Scenario(
        [
            ConnectivityLost(at=300.0, seconds=200.0, restored=1101),
            ConnectivityLost(at=900.0, seconds=400.0, restored=1102),
            FarmDown(at=1500.0, farm="ushmds", seconds=300.0, forgets=True),
            Restart(at=2100.0, seconds=120.0),
            Refuse(at=2700.0, seconds=300.0),
            Cut(at=2701.0),
        ]
    )
    async with simulation("2026-11-02T15:00", seed=1, scenario=scenario) as world:
        ib = await IB(reconnect=True).connectAsync(port=world.port, clientId=1)
        minutes = await ib.reqHistoricalDataAsync(APPLE, "", "3600 S", "1 min", "TRADES", True, keepUpToDate=True)
        five = ib.reqRealTimeBars(APPLE, 5, "TRADES", True)
        began, told = minutes[0].date, list[Any]()
        minutes.updateEvent += lambda bars, is_new: told.append(bars[-2].date) if is_new else None
        await world.until("2026-11-02T16:05")
        await ib.connected()
        assert (minutes.isComplete, minutes.gaps, five.isComplete) == (True, [], True)
        then = await ib.reqHistoricalDataAsync(APPLE, "20261102 16:00:00 US/Eastern", "7 D", "1 min", "TRADES", True)
        wanted = [bar for bar in then if bar.date >= began]
        assert [bar.date for bar in minutes] == [bar.date for bar in wanted]
        assert list(minutes) == wanted, "and complete, the last one of the day, too"
        assert told == sorted(set(told)), "each is told once, in order"
        assert {(later.time - bar.time).total_seconds() for bar, later in pairwise(five)} == {5.0}
        ib.disconnect()


# --- 27: answers that come late ---------------------------------------------------------------------------------------


async def test_pain_27_answers_for_which_nobody_waits_any_more_are_counted_and_no_errors(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """async#128: a KeyError for each, thousands of them, in which the real errors drowned."""
    slow = Scenario([Delay(at=60.0, seconds=60.0, by=20.0)])
    async with simulation("2026-11-02T10:00", seed=1, scenario=slow) as world:
        ib = await IB().connectAsync(port=world.port, clientId=1)
        ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        await world.advance(61)
        ib.RequestTimeout = 5
        for ask in (
            lambda: ib.reqContractDetailsAsync(APPLE),
            lambda: ib.reqCompletedOrdersAsync(False),
            lambda: ib.reqExecutionsAsync(),
            lambda: ib.reqHistoricalTicksAsync(APPLE, "20261101 10:00:00", "", 10, "TRADES", True),
        ):
            with pytest.raises(RequestTimeout):
                await ask()
        caplog.clear()
        await world.advance(300)
        assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
        assert set(ib.client.requests.late) == {"ContractData", "CompletedOrder", "HistoricalTicksLast"}
        ib.RequestTimeout = 30
        assert [one.contract.conId for one in await ib.reqContractDetailsAsync(APPLE)] == [APPLE.conId]
        ib.disconnect()
