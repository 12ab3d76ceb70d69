"""The same program and seed give the same bytes, and the same ticks, orders and fills as over TCP in real time."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ibdesk import IB, LimitOrder, MarketOrder, Stock, StopOrder
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import NEW_YORK, HandClock
from ibdesk.simulation import simulate

START = datetime(2026, 11, 2, 9, 59, tzinfo=NEW_YORK)
END = "2026-11-02T11:00"
STOCKS = [Stock("AAPL", "SMART", "USD", conId=265598), Stock("NVDA", "SMART", "USD", conId=4815747)]
STEP = 0.25
"""Seconds between two changes of a quote."""

stocks, sides = st.sampled_from(STOCKS), st.sampled_from(["BUY", "SELL"])
sizes, aways = st.integers(1, 2000), st.sampled_from([-0.5, -0.02, 0.0, 0.02, 0.5])
steps = st.one_of(
    st.tuples(st.just("subscribe"), stocks),
    st.tuples(st.just("market"), stocks, sides, sizes),
    st.tuples(st.just("limit"), stocks, sides, sizes, aways),
    st.tuples(st.just("stop"), stocks, sides, sizes, aways),
    st.tuples(st.just("modify"), st.integers(0, 9), aways),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("history"), stocks),
    st.tuples(st.just("wait"), st.sampled_from([0.25, 1.0, 2.5, 5.0])),
)
programs = st.lists(steps, min_size=2, max_size=9)


class Program:
    """A drawn program, and what it sees: ticks, what is told of orders, fills, bars."""

    def __init__(self, steps, let_pass):
        self.steps, self.let_pass, self.trades = steps, let_pass, []
        self.seen = defaultdict(list)

    async def run(self, ib):
        ib.pendingTickersEvent += self.on_ticks
        ib.orderStatusEvent += lambda trade: self.see(trade.order.orderId, trade.orderStatus.status)
        ib.execDetailsEvent += lambda trade, fill: self.see(trade.order.orderId, fill.execution)
        ib.commissionReportEvent += lambda trade, fill, report: self.see(trade.order.orderId, report)
        for kind, *values in self.steps:
            await getattr(self, kind)(ib, *values)
        await self.let_pass(2.5)

    def see(self, subject, *what):
        # News of different contracts and orders that come at one moment may come in one piece or in two.
        self.seen[subject].append(repr(what))

    def on_ticks(self, tickers):
        for ticker in tickers:
            for tick in ticker.ticks:
                self.see(ticker.contract.symbol, tick.tickType, tick.price, tick.size)

    async def subscribe(self, ib, contract):
        ib.reqMktData(contract)
        await self.let_pass(1.0)

    async def market(self, ib, contract, side, size):
        self.trades.append(ib.placeOrder(contract, MarketOrder(side, size)))

    async def limit(self, ib, contract, side, size, away):
        self.trades.append(ib.placeOrder(contract, LimitOrder(side, size, round(PRICES[contract.symbol] + away, 2))))

    async def stop(self, ib, contract, side, size, away):
        self.trades.append(ib.placeOrder(contract, StopOrder(side, size, round(PRICES[contract.symbol] + away, 2))))

    async def modify(self, ib, number, away):
        if number < len(self.trades) and self.trades[number].order.orderType == "LMT":
            trade = self.trades[number]
            if not trade.isDone():
                trade.order.lmtPrice = round(PRICES[trade.contract.symbol] + away, 2)
                ib.placeOrder(trade.contract, trade.order)
        await self.let_pass(STEP)

    async def cancel(self, ib, number):
        if number < len(self.trades) and not self.trades[number].isDone():
            ib.cancelOrder(self.trades[number].order)
        await self.let_pass(STEP)

    async def wait(self, ib, seconds):
        await self.let_pass(seconds)

    async def history(self, ib, contract):
        bars = await ib.reqHistoricalDataAsync(contract, "", "600 S", "1 min", "TRADES", useRTH=True)
        self.see("bars", *bars)


PRICES = {"AAPL": 183.9, "NVDA": 217.2}


def simulated(steps, tape: Path):
    """What a program sees in a simulation, which is recorded."""
    program = Program(steps, asyncio.sleep)

    async def main():
        ib = IB()
        with ib.record(tape):
            await ib.connectAsync(port=7497, clientId=1)
            await program.run(ib)
            ib.disconnect()

    simulate(main, START, END, seed=1)
    return program.seen


@asynccontextmanager
async def over_tcp():
    """A client on a gateway whose clock is moved by hand, and what lets time pass."""
    clock = HandClock(START)
    async with PaperGateway(port=0, seed=1, clock=clock) as gateway:
        ib = await IB().connectAsync(port=gateway.port, clientId=1)

        async def wait(seconds):
            await ib.reqCurrentTimeAsync()  # all that was asked for has arrived
            for _ in range(round(seconds / STEP)):
                clock.advance(STEP)
                gateway.advance()
                await ib.reqCurrentTimeAsync()  # and all that was told

        yield ib, wait
        ib.disconnect()


def in_real_time(steps):
    async def main():
        async with over_tcp() as (ib, wait):
            program = Program(steps, wait)
            await program.run(ib)
            return program.seen

    return asyncio.run(main())


@settings(max_examples=5)
@given(programs)
def test_the_same_program_has_the_same_bytes_each_time(steps):
    with TemporaryDirectory() as folder:
        tapes = [Path(folder) / name for name in ("first.tape", "second.tape")]
        seen = [simulated(steps, tape) for tape in tapes]
        assert seen[0] == seen[1]
        assert tapes[0].read_bytes() == tapes[1].read_bytes()


@settings(max_examples=5)
@given(programs)
def test_a_program_sees_the_same_as_over_tcp(steps):
    with TemporaryDirectory() as folder:
        assert simulated(steps, Path(folder) / "a.tape") == in_real_time(steps)


def test_the_programs_do_something():
    steps = [("subscribe", STOCKS[0]), ("market", STOCKS[0], "BUY", 100), ("limit", STOCKS[1], "BUY", 100, 0.5)]
    with TemporaryDirectory() as folder:
        seen = simulated([*steps, ("history", STOCKS[0])], Path(folder) / "a.tape")
    assert len(seen["AAPL"]) > 5
    assert sum("Execution(" in each for told in seen.values() for each in told) >= 2
    assert seen["bars"][0].count("BarData(") == 11
