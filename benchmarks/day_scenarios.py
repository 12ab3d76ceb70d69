"""One scenario of `bench_day.py`, run in a process of its own with one source of ibdesk or another.

    python benchmarks/day_scenarios.py SCENARIO [--profile]

The client and the gateway share one thread and one event loop, whose time jumps over every wait. Where ibdesk has a
`SimulatedLoop`, it is that; before, it was `JumpingLoop`, whose sockets are real. The last line of output is what was
measured: seconds of CPU and of the clock, from before the connection is made to after it ended, and what happened.
"""

import asyncio
import cProfile
import json
import pstats
import selectors
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ibdesk import IB, LimitOrder, MarketOrder, Stock
from ibdesk.paper.clock import RunningClock
from ibdesk.paper.gateway import PaperGateway

try:
    from ibdesk.runtime.simulated_loop import SimulatedLoop
except ImportError:
    SimulatedLoop = None  # type: ignore[assignment, misc]

NEW_YORK = ZoneInfo("America/New_York")
DAY = datetime(2026, 4, 15, tzinfo=NEW_YORK)
OPENING, NIGHT = DAY.replace(hour=9, minute=30), DAY
HOURS = 6.5
SYMBOLS = ["AAPL", "MSFT", "NVDA", "AMZN", "TSLA", "META", "GOOGL", "AMD", "SPY", "QQQ"]
LINES_AT_NIGHT = 500

Counts = dict[str, float]
Scenario = Callable[[IB], Awaitable[Counts]]


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(10 if timeout is None else 0)
        if not ready:
            assert timeout is not None, "nothing is left that could wake the loop"
            self.now += timeout
        self.now += 1e-6
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only where it has nothing to do but wait; its sockets are real."""

    def __init__(self) -> None:
        self._clock = _JumpingSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


async def trade(ib: IB, symbols: list[str]) -> Counts:
    """Stream stocks through a day, and place 20 orders of the first: half at the market, half at a limit."""
    ticks = 0

    def on_update(ticker: Any) -> None:
        nonlocal ticks
        ticks += len(ticker.ticks)

    stocks = await ib.qualifyContractsAsync(*(Stock(symbol, "SMART", "USD") for symbol in symbols))
    for stock in stocks:
        ib.reqMktData(stock).updateEvent += on_update
    trades = []
    pause, wait = HOURS * 3600 / 20, 300.0
    for number in range(20):
        await asyncio.sleep(pause / 2)
        action, price = ("BUY", ib.ticker(stocks[0]).bid) if number % 4 < 2 else ("SELL", ib.ticker(stocks[0]).ask)
        if number % 2:
            # Every second limit is far from the market: its order is cancelled.
            away = 0.0 if number % 4 == 1 else 0.1
            order: Any = LimitOrder(action, 100, round(price * (1 + away), 2))
        else:
            order = MarketOrder(action, 100)
        trades.append(ib.placeOrder(stocks[0], order))
        await asyncio.sleep(wait)
        if not trades[-1].isDone():
            ib.cancelOrder(order)
        await asyncio.sleep(pause / 2 - wait)
    statuses = [trade.orderStatus.status for trade in trades]
    counts: Counts = {"ticks": ticks, "filled": statuses.count("Filled"), "cancelled": statuses.count("Cancelled")}
    assert counts["filled"] >= 10 and counts["cancelled"] >= 5 and ticks > 150_000 * len(symbols), counts
    return counts


async def one_line(ib: IB) -> Counts:
    """Stream one stock through a day, with 20 orders."""
    return await trade(ib, SYMBOLS[:1])


async def ten_lines(ib: IB) -> Counts:
    """Stream ten stocks through a day, with 20 orders."""
    return await trade(ib, SYMBOLS)


async def bars(ib: IB) -> Counts:
    """Get the bars of five seconds of one stock through a day, and nothing else."""
    (stock,) = await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
    live = ib.reqRealTimeBars(stock, 5, "TRADES", useRTH=True)
    heard = 0

    def on_bar(*_: Any) -> None:
        nonlocal heard
        heard += 1

    live.updateEvent += on_bar
    await asyncio.sleep(HOURS * 3600)
    assert abs(heard - HOURS * 3600 / 5) <= 1, heard
    return {"bars": heard}


async def quiet_week(ib: IB) -> Counts:
    """Stay connected through a week, with what `connect` subscribes to and nothing else."""
    await asyncio.sleep(timedelta(days=7).total_seconds())
    return {"days": 7}


async def quiet_day(ib: IB) -> Counts:
    """Stay connected through a day: a seventh of the week, for a source that would take too long for all of it."""
    await asyncio.sleep(timedelta(days=1).total_seconds())
    return {"days": 1}


async def night(ib: IB) -> Counts:
    """Have 500 subscriptions for an hour of the night. What subscribing takes does not count."""
    stocks = await ib.qualifyContractsAsync(*(Stock(symbol, "SMART", "USD") for symbol in SYMBOLS))
    ib.client.MaxRequests = 0
    for number in range(LINES_AT_NIGHT):
        # The client shares the lines of equal contracts, so the requests are sent as such.
        ib.client.reqMktData(ib.client.getReqId(), stocks[number % len(stocks)], "", False, False, [])
    await asyncio.sleep(10)
    begin, began = time.process_time(), time.perf_counter()
    await asyncio.sleep(3600)
    return {"CPU": time.process_time() - begin, "clock": time.perf_counter() - began, "lines": LINES_AT_NIGHT}


SCENARIOS: dict[str, tuple[datetime, Scenario]] = {
    "one-line": (OPENING, one_line),
    "ten-lines": (OPENING, ten_lines),
    "bars": (OPENING, bars),
    "week": (OPENING, quiet_week),
    "day": (OPENING, quiet_day),
    "night": (NIGHT, night),
}


async def live(start: datetime, scenario: Scenario, profile: cProfile.Profile | None) -> Counts:
    """Run a scenario on a gateway of its own. The gateway's start, which reads calendars, does not count."""
    own_clock = RunningClock(start, asyncio.get_running_loop().time)
    when: Any = {"start_time": start} if SimulatedLoop else {"clock": own_clock}
    async with PaperGateway(port=0, seed=1, **when) as gateway:
        ib = IB()
        begin, began = time.process_time(), time.perf_counter()
        if profile:
            profile.enable()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1, timeout=60)
        counts = await scenario(ib)
        ib.disconnect()
        if profile:
            profile.disable()
        return {"CPU": time.process_time() - begin, "clock": time.perf_counter() - began, **counts}


def main() -> None:
    """Run the scenario that is named, and print its figures; or, with `--profile`, where its time went."""
    start, scenario = SCENARIOS[sys.argv[1]]
    profile = cProfile.Profile() if "--profile" in sys.argv else None
    make = (lambda: SimulatedLoop(start)) if SimulatedLoop else JumpingLoop
    with asyncio.Runner(loop_factory=make) as runner:
        figures = runner.run(live(start, scenario, profile))
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
