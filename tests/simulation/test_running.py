"""Programs of every style run through simulated time, and end as they do in life."""

import asyncio
import datetime as dt
import signal
import threading
import time

import pandas as pd
import pytest

from ibdesk import IB, LimitOrder, MarketOrder, Stock
from ibdesk.errors import SimulationError
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.faults import Cut, Scenario
from ibdesk.simulation import simulate
from ibdesk.simulation.running import Run
from ibdesk.simulation.world import PORTS

START, END = "2026-11-02T09:30", "2026-11-02T10:00"
LAST = dt.datetime(2026, 11, 2, 10, 0, tzinfo=NEW_YORK)
APPLE = Stock("AAPL", "SMART", "USD", conId=265598)


def now() -> dt.datetime:
    return dt.datetime.now(NEW_YORK)


def blocking():
    with IB().connect(port=7497, clientId=1) as ib:
        trade = ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        while not trade.isDone():
            ib.waitOnUpdate()
        ib.sleep(60)
        return trade.fills[0].execution.price, now()


async def awaiting():
    with await IB().connectAsync(port=7497, clientId=1) as ib:
        trade = ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        while not trade.isDone():
            await trade.statusEvent
        await asyncio.sleep(60)
        return trade.fills[0].execution.price, now()


def with_a_loop_of_its_own():
    return asyncio.run(awaiting())


@pytest.mark.parametrize("main", [blocking, awaiting, with_a_loop_of_its_own, lambda: awaiting()])
def test_programs_of_every_style(main):
    result = simulate(main, START, END, seed=3)
    price, moment = result.returned
    [fill] = result.fills
    assert fill.execution.price == price
    assert result.end == moment == dt.datetime(2026, 11, 2, 9, 31, tzinfo=NEW_YORK)
    assert result.pnl == pytest.approx((result.portfolio[0].marketPrice - price) * 100 - 1, abs=0.005)
    assert (result.orders, len(result.days)) == (1, 1)


def test_the_same_seed_gives_the_same_fills_and_another_gives_others():
    fills = [simulate(blocking, START, END, seed=seed).fills for seed in (1, 1, 2)]
    assert fills[0] == fills[1]
    assert fills[0][0].execution.price != fills[2][0].execution.price


@pytest.mark.filterwarnings("error")
async def test_in_a_loop_that_runs_it_says_what_to_use_instead():
    with pytest.raises(SimulationError, match=r"as in notebooks and async tests: use  async with simulation\(...\)"):
        simulate(blocking, START, END)


def test_the_gateway_is_on_all_ports_of_ib_and_nowhere_else():
    async def main():
        found = []
        for port in (*PORTS, 7498):
            try:
                _, writer = await asyncio.open_connection("localhost", port)
            except ConnectionRefusedError:
                continue
            found.append(port)
            writer.close()
        return found

    assert simulate(main, START, END).returned == [7497, 7496, 4002, 4001]


# Ends


def test_a_blocking_program_is_interrupted_at_the_end():
    seen = []

    def main():
        ib = IB().connect(port=7497, clientId=1)
        try:
            ib.run()
        except KeyboardInterrupt:
            seen.append(now())
            raise

    result = simulate(main, START, END)
    assert seen == [LAST] == [result.end]
    assert result.returned is None


def test_a_coroutine_is_cancelled_at_the_end():
    seen = []

    async def main():
        try:
            await asyncio.sleep(10_000)
        finally:
            seen.append(now())

    assert simulate(main, START, END).end == LAST == seen[0]


def test_a_program_may_end_in_its_own_way_after_the_interruption():
    def main():
        with IB().connect(port=7497, clientId=1) as ib:
            ib.placeOrder(APPLE, LimitOrder("BUY", 100, 1))
            try:
                while ib.sleep(1):
                    pass
            except KeyboardInterrupt:
                ib.reqGlobalCancel()
                ib.sleep(5)
        return "cleaned up"

    result = simulate(main, START, END)
    assert (result.returned, result.open_orders) == ("cleaned up", ())
    assert result.end == LAST + dt.timedelta(seconds=5)


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_days_on_which_the_clock_is_changed_end_at_midnight(day):
    end = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), NEW_YORK) + dt.timedelta(days=1)
    assert simulate(lambda: time.sleep(1e6), f"{day}T00:30", day).end == end


def test_the_end_may_come_in_the_hour_that_the_clock_shows_twice():
    result = simulate(lambda: time.sleep(1e6), "2026-11-01T01:45-04:00", "2026-11-01T01:15-05:00")
    assert result.end.isoformat() == "2026-11-01T01:15:00-05:00"


def test_orders_that_are_open_at_the_end_are_told():
    def main():
        ib = IB().connect(port=7497, clientId=1)
        ib.placeOrder(APPLE, LimitOrder("BUY", 100, 1))
        ib.run()

    [left] = simulate(main, START, END).open_orders
    assert (left.order.lmtPrice, left.state.status) == (1, "Submitted")


def test_sleep_is_interrupted_at_the_end():
    seen = []

    def main():
        try:
            while True:
                time.sleep(7)
        finally:
            seen.append(now())

    assert simulate(main, START, END).end == LAST == seen[0]


def test_a_program_that_does_not_end_is_interrupted_again():
    seen = []

    def main():
        while len(seen) < 3:
            try:
                time.sleep(10_000)
            except KeyboardInterrupt:
                seen.append(now())
        return "at last"

    assert simulate(main, START, END).returned == "at last"
    assert seen == [LAST + dt.timedelta(minutes=number) for number in range(3)]


def test_a_program_with_a_signal_handler_is_told_by_it():
    async def main():
        over = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, over.set)
        ticking = asyncio.create_task(tick())
        await over.wait()
        ticking.cancel()
        return now()

    async def tick():
        while True:
            await asyncio.sleep(1)

    assert abs(simulate(main, START, END).returned - LAST) <= dt.timedelta(seconds=1)


def test_a_program_that_is_started_with_ctrl_c_ignored_is_interrupted_too():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert simulate(lambda: time.sleep(10_000), START, END).end == LAST
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_program_that_never_waits_sees_no_time_pass():
    def main():
        before = now()
        sum(range(100_000))
        return now() - before

    result = simulate(main, START, END)
    assert result.returned == dt.timedelta(0)
    assert result.end == result.start


def test_an_error_tells_the_moment():
    def main():
        with IB().connect(port=7497, clientId=1) as ib:
            ib.placeOrder(APPLE, MarketOrder("BUY", 100))
            ib.sleep(100)
            raise ValueError("of the program")

    run = Run(START, END)
    with pytest.raises(ValueError, match="of the program") as error:
        run(main)
    assert error.value.__notes__ == ["It was Monday 2026-11-02 09:31:40 in New York, in the simulation."]
    assert len(run.result.fills) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit(3)])
def test_other_ends_come_out(error):
    def main():
        time.sleep(60)
        raise error

    run = Run(START, END)
    with pytest.raises(error if isinstance(error, type) else type(error)):
        run(main)
    assert run.result.end == dt.datetime(2026, 11, 2, 9, 31, tzinfo=NEW_YORK)
    assert not run.is_over


# Where and with what


def test_a_simulation_can_run_in_any_thread():
    results = []
    thread = threading.Thread(target=lambda: results.append(simulate(lambda: time.sleep(1e9), START, END)))
    thread.start()
    thread.join(60)
    assert [result.end for result in results] == [LAST]


def test_there_is_one_at_a_time():
    with pytest.raises(SimulationError, match="already"):
        simulate(lambda: simulate(lambda: None, START, END), START, END)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"start": "tomorrow"}, "start has to be a day"),
        ({"end": "2026-11-01"}, "end has to be after the start"),
        ({"seed": 1.5}, "seed is a whole number"),
        ({"cash": -1}, "cash is an amount"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_named(values, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        simulate(lambda: None, **{"start": START, "end": END, **values})


def test_the_progress_is_told():
    told = []
    run = Run(START, "2026-11-02T11:00")
    run.on_progress = lambda moment, pnl: told.append((f"{moment:%H:%M}", pnl))
    run(blocking)
    assert told == [("09:30", 0.0)]
    run = Run(START, "2026-11-02T10:15", seed=3)
    run.on_progress = lambda moment, pnl: told.append((f"{moment:%H:%M}", pnl))
    told.clear()

    def main():
        ib = IB().connect(port=7497, clientId=1)
        ib.placeOrder(APPLE, MarketOrder("BUY", 100))
        ib.run()

    run(main)
    assert [moment for moment, _ in told] == ["09:30", "09:40", "09:50", "10:00", "10:10"]
    assert len({pnl for _, pnl in told}) > 2


def test_what_data_alone_do_not_serve_is_told(tmp_path):
    pd.DataFrame(
        {"date": ["2026-11-02", "2026-11-03"], "open": 10, "high": 10, "low": 10, "close": 10, "volume": 1}
    ).to_csv(tmp_path / "NVDA.csv")

    def main():
        with IB().connect(port=7497, clientId=1) as ib:
            ib.errorEvent += lambda *error: None
            for _ in range(2):
                ib.placeOrder(APPLE, MarketOrder("BUY", 1))
            ib.reqMktData(APPLE)
            ib.reqHistoricalData(APPLE, "", "1 D", "1 hour", "TRADES", True)
            ib.sleep(1)

    result = simulate(main, START, END, data=tmp_path, only_data=True)
    assert [each[:2] + each[3:] for each in result.refused] == [
        ("placeOrder", 201, 2),
        ("reqMktData", 354, 1),
        ("reqHistoricalData", 162, 1),
    ]
    assert "Refused: 2 orders, 201: Order rejected - reason:this gateway serves its data alone" in str(result)
    assert "no prices of AAPL/STK" in str(result)


def test_what_goes_wrong_is_played():
    def main():
        ib = IB().connect(port=7497, clientId=1)
        while ib.isConnected():
            ib.sleep(1)
        return now()

    scenario = Scenario([Cut(600)])
    ended = simulate(main, START, END, scenario=scenario).returned
    assert 0 <= (ended - dt.datetime(2026, 11, 2, 9, 40, tzinfo=NEW_YORK)).total_seconds() < 2
