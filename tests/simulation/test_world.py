"""An ordinary event loop, such as that of every test, lives in simulated time for a while."""

import asyncio
import datetime as dt
import subprocess
import sys
import time

import pytest

from ibdesk import IB, MarketOrder, Stock
from ibdesk.errors import SimulationError
from ibdesk.paper.clock import NEW_YORK
from ibdesk.simulation import simulation

START = "2026-11-02T09:30"
APPLE = Stock("AAPL", "SMART", "USD", conId=265598)


def now():
    return dt.datetime.now(NEW_YORK)


async def test_a_day_passes_on_the_loop_of_a_test():
    async with simulation(START, seed=3, cash=60_000) as world:
        assert now() == world.now == dt.datetime(2026, 11, 2, 9, 30, tzinfo=NEW_YORK)
        ib = await IB().connectAsync(port=world.port)
        trade = ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        await world.until("2026-11-02T12:00")
        assert trade.isDone()
        assert now() == world.now == dt.datetime(2026, 11, 2, 12, 0, tzinfo=NEW_YORK)
        await world.until("2026-11-02")
        with pytest.raises(ValueError, match=r"^moment has to be a day such as 2026-11-02 or .*, not '13:00'"):
            await world.until("13:00")
        with pytest.raises(ValueError, match=r"^seconds has to be 0 or more, not -5: "):
            await world.advance(-5)
        await world.advance(60)
        await world.advance(dt.timedelta(minutes=1))
        assert world.now == dt.datetime(2026, 11, 2, 12, 2, tzinfo=NEW_YORK)
        result = world.result("told")
        assert result.fills[0].execution == trade.fills[0].execution
        assert (result.cash, result.returned, result.end) == (60_000, "told", world.now)
        values = {value.tag: value.value for value in world.account_values() if value.currency == "USD"}
        assert float(values["NetLiquidation"]) == pytest.approx(result.equity, abs=0.005)
        assert world.pnl == pytest.approx(result.pnl)
        ib.disconnect()


async def test_what_was_closed_is_not_in_the_portfolio():
    async with simulation(START) as world:
        ib = await IB().connectAsync(port=world.port)
        for action in ("BUY", "SELL"):
            ib.placeOrder(APPLE, MarketOrder(action, 100))
            await world.advance(60)
        result = world.result()
        assert len(result.fills) == 2
        assert result.portfolio == ()
        ib.disconnect()


async def test_one_waits_for_a_moment_after_the_clock_is_changed():
    async with simulation("2026-10-30T16:00") as world:
        await world.until("2026-11-02T09:30")
        assert world.now == dt.datetime(2026, 11, 2, 9, 30, tzinfo=NEW_YORK)


async def test_an_error_leaves_the_loop_as_before():
    kind = type(asyncio.get_running_loop())
    with pytest.raises(ValueError, match="of the test"):
        async with simulation(START):
            raise ValueError("of the test")
    assert type(asyncio.get_running_loop()) is kind
    assert dt.date.today().year < 2100 and time.monotonic() > 0


async def test_tasks_that_still_run_are_cancelled():
    async with simulation(START):
        task = asyncio.create_task(asyncio.sleep(1e9))
        await asyncio.sleep(1)
    assert task.cancelled()


async def test_a_client_that_is_still_connected_sees_the_end():
    async with simulation(START) as world:
        ib = await IB().connectAsync(port=world.port)
    assert not ib.isConnected()


async def test_threads_and_other_tasks_see_it_too():
    async with simulation(START):
        assert await asyncio.to_thread(now) == now()
        await asyncio.to_thread(time.sleep, 3600)
        assert now().hour == 10


async def test_work_that_began_before_goes_on():
    gone_on = asyncio.Event()

    async def other():
        await gone_on.wait()
        return now()

    task = asyncio.create_task(other())
    async with simulation(START):
        gone_on.set()
        assert (await task).year == 2026


async def test_one_at_a_time():
    async with simulation(START):
        with pytest.raises(SimulationError, match="already"):
            async with simulation(START):
                pass


async def test_a_start_that_is_no_moment():
    with pytest.raises(ValueError, match="start has to be a day"):
        async with simulation("soon"):
            pass


async def test_what_is_advised_where_a_call_cannot_wait_works():
    async with simulation("2026-11-02", seed=1) as world:
        with pytest.raises(RuntimeError, match=r"await connectAsync\(\) instead, or call util.startLoop\(\)") as told:
            IB().connect(port=world.port)
        assert "thread" not in str(told.value)
        with pytest.raises(
            SimulationError, match=r"use IB\(\) instead .* await its \.\.\.Async methods, or call util.start"
        ):
            IB(thread=True).connect(port=world.port)
        ib = await IB().connectAsync(port=world.port)
        ib.disconnect()


def test_a_loop_that_is_nested_may_wait_in_a_simulation():
    program = """
import asyncio
from ibdesk import IB, util
from ibdesk.simulation import simulation

async def main():
    async with simulation("2026-11-02", seed=1) as world:
        util.startLoop()
        with IB().connect(port=world.port) as ib:
            ib.sleep(3600)
            print(ib.reqCurrentTime())

asyncio.run(main())
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout == "2026-11-02 15:00:00+00:00\n", result.stderr
