"""A day in the life of a program that trades all day, and an auditor that knows both sides of the connection.

`live_through` lets one day with faults pass on a simulated clock, and returns what the auditor finds wrong: nothing, if
no order, fill, commission, position or bar was lost or doubled, no caller was left waiting, no doubt was left open and
every subscription was alive in the end.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ibdesk import IB, BarDataList, LimitOrder, MarketOrder, Stock, Trade
from ibdesk.errors import RequestError
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.faults import (
    After,
    Before,
    Byte,
    ConnectivityLost,
    Cut,
    Delay,
    DropOrder,
    Duplicate,
    FarmDown,
    Fault,
    Refuse,
    Reorder,
    Restart,
    Scenario,
    Split,
    Stall,
    Swallow,
)
from ibdesk.simulation import World, simulation

APPLE = Stock("AAPL", "SMART", "USD", conId=265598, primaryExchange="NASDAQ")
NVIDIA = Stock("NVDA", "SMART", "USD", conId=4815747, primaryExchange="NASDAQ")
MICROSOFT = Stock("MSFT", "SMART", "USD", conId=272093, primaryExchange="NASDAQ")
TRADER, WITNESS = 1, 99
"""The client ids of the program, and of the client that no fault concerns."""

BARS, LIVE_BARS = timedelta(minutes=1), timedelta(seconds=5)


@dataclass
class Wish:
    """An order that the program wanted, and what it got to hold for it."""

    ref: str
    trade: Trade | None = None
    refusal: str = ""


class Program:
    """Trades with brackets, changes and cancellations, on bars and quotes that are kept up to date.

    It does what a careful user would: when the connection is down it waits until it is whole again, and goes on.
    """

    def __init__(self, ib: IB, random: Random) -> None:
        self.ib = ib
        self.random = random
        self.wishes: list[Wish] = []
        self.updates: Counter[str] = Counter()
        self.told_twice: list[str] = []
        self._told: set[str] = set()

    async def run(self, until: datetime) -> None:
        """Subscribe, and trade until a moment."""
        ib = self.ib
        ib.execDetailsEvent += lambda trade, fill: self._once(f"execution {fill.execution.execId}")
        ib.commissionReportEvent += lambda trade, fill, report: self._once(f"commission {report.execId}")
        await self._persist(self._subscribe)
        while (left := (until - datetime.now(NEW_YORK)).total_seconds()) > 0:
            await asyncio.sleep(min(left, self.random.uniform(10, 240)))
            step = self.random.choice([self._bracket, self._limit, self._market, self._modify, self._cancel, self._ask])
            await self._persist(step)

    async def _persist(self, step: Callable[[], Any]) -> None:
        """Take a step. If the connection is lost in it, wait for the next one, as a user's program does."""
        try:
            await step()
        except (ConnectionError, RequestError, TimeoutError):
            await self.ib.connected()

    async def _subscribe(self) -> None:
        ib = self.ib
        self.bars: BarDataList = await ib.reqHistoricalDataAsync(
            APPLE, "", "1800 S", "1 min", "TRADES", True, keepUpToDate=True
        )
        self.live_bars = ib.reqRealTimeBars(NVIDIA, 5, "TRADES", True)
        self.ticker = ib.reqMktData(MICROSOFT)
        self.pnl = ib.reqPnL(ib.managedAccounts()[0])
        self.bars.updateEvent += lambda bars, new: self.updates.update(["bars"])
        self.live_bars.updateEvent += lambda bars, new: self.updates.update(["live bars"])
        self.ticker.updateEvent += lambda ticker: self.updates.update(["quotes"])
        ib.pnlEvent += lambda pnl: self.updates.update(["P&L"])

    def _once(self, what: str) -> None:
        if what in self._told:
            self.told_twice.append(what)
        self._told.add(what)

    def _place(self, order: Any) -> Trade:
        wish = Wish(f"{len(self.wishes)}")
        order.orderRef = wish.ref
        self.wishes.append(wish)
        try:
            wish.trade = self.ib.placeOrder(APPLE, order)
        except ConnectionError as error:
            wish.refusal = str(error)
            raise
        return wish.trade

    def _near(self, far: float) -> float:
        return round(self.bars[-1].close * (1 + self.random.uniform(-far, far)), 2)

    async def _limit(self) -> None:
        self._place(LimitOrder(self.random.choice(["BUY", "SELL"]), 100, self._near(0.002)))

    async def _market(self) -> None:
        self._place(MarketOrder(self.random.choice(["BUY", "SELL"]), 50))

    async def _bracket(self) -> None:
        price = self._near(0.001)
        for order in self.ib.bracketOrder("BUY", 100, price, round(price * 1.002, 2), round(price * 0.998, 2)):
            self._place(order)

    async def _modify(self) -> None:
        trade = self._any_working(("LMT",))
        if trade is not None:
            trade.order.lmtPrice = self._near(0.002)
            self.ib.placeOrder(trade.contract, trade.order)

    async def _cancel(self) -> None:
        trade = self._any_working(("LMT", "STP"))
        if trade is not None:
            self.ib.cancelOrder(trade.order)

    async def _ask(self) -> None:
        await self.ib.reqExecutionsAsync()

    def _any_working(self, types: tuple[str, ...]) -> Trade | None:
        trades = [one for one in self.ib.openTrades() if one.isWorking() and one.order.orderType in types]
        return self.random.choice(trades) if trades else None


@dataclass
class Auditor:
    """Compares what a program's client believes with the broker's books, which no client sees."""

    world: World
    program: Program
    findings: list[str] = field(default_factory=list)

    async def audit(self) -> list[str]:
        """Return what is wrong, in words. All that is still due must have been given the time to come."""
        self._orders()
        self._fills()
        self._positions()
        self._waits()
        await self._bars()
        return self.findings

    def _note(self, wrong: object, text: str) -> None:
        if wrong:
            self.findings.append(text)

    def _orders(self) -> None:
        exchange, ib = self.world.gateway.broker.exchange, self.program.ib
        echoes = [fact for fact in exchange.open_orders() if hasattr(fact, "state")]
        booked = {fact.key.permId: (fact.order.orderRef, fact.state.status) for fact in echoes}
        for done in exchange.completed_orders:
            booked[done.key.permId] = (done.order.orderRef, done.state.status)
        refs = Counter(ref for ref, _ in booked.values())
        for ref, count in refs.items():
            self._note(count > 1, f"order {ref} is {count} times at the broker")
        by_perm_id = {trade.order.permId: trade for trade in ib.trades() if trade.order.permId}
        for perm_id, (ref, status) in booked.items():
            trade = by_perm_id.get(perm_id)
            if trade is None:
                self._note(True, f"order {ref} ({status}) is at the broker, and the client has no trade of it")
            else:
                known = trade.orderStatus.status
                self._note(known != status, f"order {ref} is {status} at the broker, and {known} for the client")
        for wish in self.program.wishes:
            trade = wish.trade
            if trade is not None and wish.ref not in refs:
                self._note(not trade.isDone(), f"order {wish.ref} never came to the broker, and lives for the client")
            if trade is None:
                self._note(wish.ref in refs, f"order {wish.ref} was refused ({wish.refusal}), and is at the broker")
            elif trade.isUncertain():
                self._note(True, f"order {wish.ref} is left in doubt: {trade.uncertainty}")
        self._note(self.program.told_twice, f"told twice: {self.program.told_twice}")

    def _fills(self) -> None:
        truth = {fill.execution.execId: fill for fill in self.world.result().fills}
        fills = self.program.ib.fills()
        counts = Counter(fill.execution.execId for fill in fills)
        surplus = counts - Counter(list(truth))
        self._note(surplus, f"fills that the broker does not have so often: {surplus}")
        self._note(truth.keys() - counts.keys(), f"fills that the client lost: {sorted(truth.keys() - counts.keys())}")
        for fill in fills:
            true = truth.get(fill.execution.execId)
            if true is not None:
                ours, theirs = fill.execution, true.execution
                same = (ours.shares, ours.price, ours.permId) == (theirs.shares, theirs.price, theirs.permId)
                self._note(not same, f"fill {ours.execId} differs: {ours} for {theirs}")
                paid = fill.commissionReport.commission
                self._note(
                    fill.commissionReport.execId != ours.execId or paid != true.commissionReport.commission,
                    f"fill {ours.execId} cost {true.commissionReport.commission}, not {paid}",
                )
        by_order = Counter[int]()
        for fill in fills:
            by_order[fill.execution.permId] += int(fill.execution.shares)
        for trade in self.program.ib.trades():
            filled = int(trade.filled())
            self._note(
                by_order[trade.order.permId] != filled,
                f"order {trade.order.orderRef} has {filled} filled, not its fills",
            )

    def _positions(self) -> None:
        truth = {one.contract.conId: one.position for one in self.world.gateway.broker.ledger.positions()}
        ours = {one.contract.conId: one.position for one in self.program.ib.positions() if one.position}
        self._note(ours != {con: size for con, size in truth.items() if size}, f"positions {ours} for {truth}")

    def _waits(self) -> None:
        left = [str(one) for one in self.program.ib.dispatcher.requests.all()]
        self._note(left, f"requests that nobody answers: {left}")

    async def _bars(self) -> None:
        witness = await IB().connectAsync(port=self.world.port, clientId=WITNESS)
        bars = self.program.bars
        truth = await witness.reqHistoricalDataAsync(APPLE, "", "1 D", "1 min", "TRADES", True)
        witness.disconnect()
        true = {bar.date: bar for bar in truth}
        times = [bar.date for bar in bars]
        self._note(len(set(times)) < len(times), f"{len(times) - len(set(times))} bars are double")
        self._note(times != sorted(times), "bars are out of order")
        missing = [
            bar.date for bar in truth if times and times[0] <= bar.date <= times[-1] and bar.date not in set(times)
        ]
        self._note(missing, f"{len(missing)} bars are missing, the first of {missing[:1]}")
        self._note(
            bool(truth) and times[-1:] != [truth[-1].date], f"the bars end at {times[-1:]}, not {truth[-1].date}"
        )
        wrong = [bar for bar in bars[:-1] if bar.date in true and _prices(bar) != _prices(true[bar.date])]
        self._note(wrong, f"{len(wrong)} bars differ: {wrong[:1]} for {[true[bar.date] for bar in wrong[:1]]}")
        live = [bar.time for bar in self.program.live_bars]
        self._note(len(set(live)) < len(live), f"{len(live) - len(set(live))} five-second bars are double")
        self._note(live != sorted(live), "five-second bars are out of order")


def _prices(bar: Any) -> tuple[float, ...]:
    return (bar.open, bar.high, bar.low, bar.close, float(bar.volume))


OPEN, CLOSE = "09:35", "15:55"
SETTLED = timedelta(minutes=2)
"""The time in which all that is due has come, every doubt is settled, and every subscription has brought something."""

CALM = 15 * 60.0
"""In so many seconds before the close no fault comes any more that is drawn."""

STREAMS = ("bars", "live bars", "quotes", "P&L")


@dataclass(frozen=True)
class Day:
    """What has come of a day: what the auditor finds wrong, the faults that came, by kind, and what was done."""

    findings: list[str]
    faults: Counter[str]
    orders: int
    fills: int


def drawn(random: Random, seconds: float) -> Scenario:
    """Draw the faults of a day whose trading lasts so many seconds."""

    def span(longest: float) -> float:
        return round(random.expovariate(3 / longest), 1) + 0.5

    def moment() -> float:
        return round(random.uniform(60.0, seconds - CALM), 1)

    def message(*names: str) -> tuple[str, int, int]:
        return random.choice(names), random.randint(1, 20), TRADER

    def trigger() -> Any:
        kind = random.choice([Before, After])
        return kind(*message("PlaceOrder", "CancelOrder", "OpenOrder", "OrderStatus", "ExecDetails", "ReqExecutions"))

    linger = random.choice([0.0, 0.0, span(60)])
    makers: list[Callable[[], Fault]] = [
        lambda: Cut(moment(), linger=linger, reset=random.random() < 0.5),
        lambda: Cut(trigger(), linger=linger),
        lambda: Cut(Byte(random.randint(2_000, 200_000), "to_client", TRADER)),
        lambda: Cut(Before(*message("OpenOrder", "OrderStatus", "ExecDetails")), byte=random.randint(1, 40)),
        lambda: Stall(moment(), span(120), client=TRADER),
        lambda: Stall(moment(), None, client=TRADER),
        lambda: Delay(moment(), by=span(4), seconds=span(600), jitter=span(2), client=TRADER),
        lambda: Split(moment(), size=random.randint(1, 30), seconds=span(120), client=TRADER),
        # As on a half-open socket: it lasts until the client has given the socket up.
        lambda: Swallow(moment(), 90.0, client=TRADER),
        lambda: Duplicate(moment(), span(600), share=0.3, client=TRADER),
        lambda: Reorder(moment(), span(600), client=TRADER),
        lambda: Reorder(Before(*message("OpenOrder", "OrderStatus", "ExecDetails")), by=span(5)),
        lambda: DropOrder(Before(*message("PlaceOrder", "CancelOrder")), cut=random.random() < 0.5),
        lambda: DropOrder(After(*message("PlaceOrder", "CancelOrder")), cut=random.random() < 0.5),
        lambda: Refuse(moment(), span(300), how=random.choice(["refuse", "hang_up", "silence"])),
        lambda: Restart(moment(), span(300)),
        lambda: ConnectivityLost(moment(), span(300), restored=1101, tells_orders=random.random() < 0.5),
        lambda: ConnectivityLost(moment(), span(300), restored=1102, tells_orders=random.random() < 0.5),
        lambda: FarmDown(moment(), farm=random.choice(["usfarm", "ushmds"]), seconds=span(300)),
        lambda: FarmDown(moment(), farm=random.choice(["usfarm", "ushmds"]), seconds=span(300), forgets=True),
    ]
    return Scenario(tuple(random.choice(makers)() for _ in range(random.randint(1, 6))), random.randrange(10**6))


def seconds_of(close: str = CLOSE) -> float:
    """Return how many seconds a day of trading lasts that ends at a time of day."""
    begin, end = (datetime.fromisoformat(f"2026-11-02T{clock}") for clock in (OPEN, close))
    return (end - begin).total_seconds()


async def live_through(seed: int, scenario: Scenario, day: str = "2026-11-02", close: str = CLOSE) -> Day:
    """Let a program trade through a day with faults, and return what has come of it."""
    async with simulation(f"{day}T{OPEN}", seed=seed, scenario=scenario) as world:
        ib = IB(reconnect=True)
        await ib.connectAsync(port=world.port, clientId=TRADER)
        program = Program(ib, Random(seed))
        await program.run(datetime.fromisoformat(f"{day}T{close}").replace(tzinfo=NEW_YORK))
        await ib.connected()
        before = program.updates.copy()
        await world.advance(SETTLED)
        findings = await Auditor(world, program).audit()
        findings += [f"no more {name}" for name in STREAMS if program.updates[name] == before[name]]
        faults = Counter(world.gateway.faults.counts if world.gateway.faults else ())
        found = Day(findings, faults, len(program.wishes), len(ib.fills()))
        ib.disconnect()
    return found
