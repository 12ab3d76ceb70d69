"""Drawn faults: there are some of each kind, and whatever comes, the gateway stays sound."""

import asyncio
import logging
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paper.faults.callers import START, Caller
from paper.faults.test_playing import APPLE, rest

from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import LimitOrder, MarketOrder, OrderCancel
from ibdesk.paper.faults import KINDS, Scenario, draw_fault, draw_scenario
from ibdesk.simulation import simulation
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.executions import ExecDetails, ExecDetailsEnd, ReqExecutions
from ibdesk.wire.messages.market_data import ReqMktData, TickPrice
from ibdesk.wire.messages.order_status import CancelOrder, OpenOrderEnd, OrderStatus, ReqGlobalCancel, ReqOpenOrders
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.real_time_bars import ReqRealTimeBars

HOUR = 3600.0
LONGEST = 1500.0
"""No fault that is drawn goes on for longer than that, in seconds."""


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_drawn(kind):
    random = Random(3)
    drawn = [draw_fault(random, kind, seconds=HOUR) for _ in range(50)]
    assert {each.kind for each in drawn} == {kind}
    assert len(set(drawn)) > 20
    assert Scenario.from_text(Scenario(drawn).text()) == Scenario(drawn)


def test_the_same_seed_draws_the_same():
    one, two = (draw_scenario(7, 100, seconds=HOUR) for _ in range(2))
    assert one == two != draw_scenario(8, 100, seconds=HOUR)
    assert {each.kind for each in one.faults} == set(KINDS)
    assert {each.kind for each in draw_scenario(7, 100, seconds=HOUR, kinds=["cut", "bust"]).faults} == {"cut", "bust"}


def plans():
    """Faults that shrink to fewer, and each to a smaller one."""
    one = st.builds(
        lambda random, kind: draw_fault(random, kind, seconds=HOUR), st.randoms(), st.sampled_from([*KINDS])
    )
    return st.builds(Scenario, st.lists(one, min_size=1, max_size=12).map(tuple), st.integers(0, 1000))


async def trade(world):
    """Trade for an hour, and connect again whenever the connection is gone."""
    order_id, caller = 1, None
    while (world.now - world.gateway.start_time).total_seconds() < HOUR:
        try:
            if caller is None or caller.end is not None:
                caller = await asyncio.wait_for(Caller.call(world, 1), 5)
                caller.ask(ReqMktData(1, APPLE), ReqRealTimeBars(2, APPLE, 5, "TRADES", False))
            side, quantity = ("BUY", 100) if order_id % 3 else ("SELL", 150)
            caller.ask(PlaceOrder(order_id, APPLE, MarketOrder(side, quantity)), rest(order_id + 1))
            bid = world.gateway.broker.market.quote(APPLE.conId, world.now).bid
            caller.ask(PlaceOrder(order_id + 2, APPLE, LimitOrder("BUY", 10, bid)))
            caller.ask(ReqOpenOrders(), ReqExecutions(7, ExecutionFilter()))
            await world.advance(20)
            caller.ask(CancelOrder(order_id + 1, OrderCancel()))
        except (OSError, TimeoutError):
            caller = None
        order_id += 4
        await world.advance(40)


def check_books(world):
    """What was executed is what is held and what was paid."""
    broker, fills = world.gateway.broker, world.result().fills
    assert len({fill.execution.execId for fill in fills}) == len(fills)
    held = {position.contract.conId: position.position for position in broker.ledger.positions()}
    signed = [(1 if fill.execution.side == "BOT" else -1) * fill.execution.shares for fill in fills]
    assert held == ({APPLE.conId: sum(signed)} if sum(signed) else {})
    paid = sum(shares * fill.execution.price for shares, fill in zip(signed, fills, strict=True))
    fees = sum(fill.commissionReport.commission for fill in fills)
    assert float(broker.ledger.totals().cash) == pytest.approx(1_000_000 - paid - fees, abs=0.01)
    for completed in broker.exchange.completed_orders:
        executed = [fill.execution.shares for fill in fills if fill.execution.permId == completed.order.permId]
        assert sum(executed) == pytest.approx(completed.order.filledQuantity)


async def check_service(world):
    """A client that comes afterwards is served."""
    caller = await Caller.call(world, 5)
    await world.advance(1)
    assert caller.is_served
    # There may be as many orders as an account may have.
    caller.ask(ReqGlobalCancel(OrderCancel()))
    caller.ask(ReqMktData(1, APPLE), PlaceOrder(10**6, APPLE, MarketOrder("BUY", 1)), ReqOpenOrders())
    await world.advance(20)
    caller.ask(ReqExecutions(7, ExecutionFilter(clientId=5)))
    await world.advance(1)
    assert caller.all(TickPrice) and caller.all(OpenOrderEnd) and caller.all(ExecDetailsEnd)
    told = [status.status for status in caller.all(OrderStatus) if status.orderId == 10**6]
    assert told[-1] == "Filled", caller.all(Error)
    assert [message.execution.orderId for message in caller.all(ExecDetails) if message.reqId == 7] == [10**6]


async def live_through(scenario, caplog):
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        async with simulation(START, scenario=scenario) as world:
            world.callers = []
            await trade(world)
            await world.advance(LONGEST)
            for waiting in (world.gateway.faults._on_message, world.gateway.faults._on_byte):
                waiting.clear()  # what still waits for a message of a client is not to hit the last one
            await check_service(world)
            check_books(world)
            for caller in world.callers:
                await caller.leave()
    wrong = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not wrong, wrong
    return world.gateway.faults.counts


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans())
async def test_whatever_comes_the_gateway_stays_sound(caplog, scenario):
    await live_through(scenario, caplog)


@pytest.mark.slow
async def test_an_hour_of_all_kinds_of_trouble(caplog):
    scenario = draw_scenario(11, 120, seconds=HOUR)
    counts = await live_through(scenario, caplog)
    assert len(counts) >= 15, counts
