"""A day in the life of a program that trades all day, beside a gateway at which things go wrong.

`live_through` lets one day with faults pass on a simulated clock, and returns what the auditor finds wrong: nothing, if
no order, fill, commission, position or bar was lost or doubled, no caller was left waiting, no doubt was left open and
every subscription was alive in the end. Where a fault kills the program, another one goes on with its journal.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import ibdesk
from ibdesk import IB, Stock
from ibdesk.errors import RequestError
from ibdesk.model.health import LinkState, SocketState
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.faults import KillClient, Occurrence, Scenario, draw_scenario
from ibdesk.simulation import World, simulation

from .day_prices import prices_of_day

APPLE = Stock("AAPL", "SMART", "USD", conId=265598, primaryExchange="NASDAQ")
NVIDIA = Stock("NVDA", "SMART", "USD", conId=4815747, primaryExchange="NASDAQ")
MICROSOFT = Stock("MSFT", "SMART", "USD", conId=272093, primaryExchange="NASDAQ")
VALUES = {265598: 270.0, 4815747: 190.0, 272093: 510.0}
"""The value of each at the begin, by its conId."""

TRADER, WITNESS = 1, 99
"""The client ids of the program, and of the client that the auditor asks."""

DAY, OPEN, CLOSE = "2026-11-02", "09:30", "15:45"
"""The day, and when the program begins and ends to trade. Then there is some time until the market closes."""

CALM = 15 * 60.0
"""In so many seconds before the end no fault begins any more that is drawn for a time."""

LONGEST_WAIT = 15 * 60.0
"""No call of the program may take more seconds, whatever goes wrong."""

_PAUSE = 15.0
"""So many seconds the program waits until it tries again what was refused."""

STREAMS = ("bars", "live bars", "quotes", "P&L")


@dataclass(eq=False)
class Wish:
    """An order that the program wanted. `order` is kept while it is to be placed again with its key.

    `refusal` is why it was not placed. `trade` is what the program that placed it has got to hold.
    """

    ref: str
    order: Any = None
    trade: Any = None
    refusal: str = ""


class Program:
    """Trades with brackets, changes and cancellations, on bars and quotes that are kept up to date.

    It does what a careful user would: when the connection is down it waits until it is whole again, and goes on. With
    a journal it gives single orders a key, and places those again with it of which it does not know.
    A subclass does the same with another library that has the names of ib_async.
    """

    names: Any = ibdesk
    """The library that has the classes of contracts and orders."""

    def __init__(self, ib: Any, random: Random, wishes: list[Wish]) -> None:
        self.ib = ib
        self.journal = getattr(ib, "journal", None)
        self.random = random
        self.wishes = wishes
        self.updates: Counter[str] = Counter()
        self.told_twice: list[str] = []
        self.waited_in_vain: list[str] = []
        self.exceptions: list[str] = []
        """What a step raised, where the program goes on whatever it is."""
        self.logged: list[str] = []
        """What the library caught itself, and only logged."""
        self.quotes: set[float] = set()
        """The sizes of the bid that came, of which each is told once a day."""
        self.gaps: list[tuple[datetime, datetime]] = []
        """Between which moments the program was told that quotes are missing."""
        self.begin = self.end = self.heard = datetime.now(NEW_YORK)
        """From when on, and until when, it was subscribed; and when a quote came last."""
        self.told: set[str] = set()
        """What events told: executions and commissions."""
        self.is_subscribed = False
        # What is fetched as a connection begins is told, too, so who wants to hear of all listens before.
        ib.execDetailsEvent += lambda trade, fill: self._once(f"execution {fill.execution.execId}")
        ib.commissionReportEvent += lambda trade, fill, report: self._once(f"commission {report.execId}")

    async def connect(self, port: int) -> None:
        """Connect to a gateway, which may not be there yet."""
        while True:
            try:
                await self.ib.connectAsync(port=port, clientId=TRADER)
                break
            except (OSError, TimeoutError):
                await asyncio.sleep(_PAUSE)

    async def close(self) -> None:
        """End the connection for good."""
        self.ib.disconnect()

    async def connected(self) -> None:
        """Wait until everything is there again."""
        await self.ib.connected()

    def is_connected(self) -> bool:
        """Return whether the program has a connection, as far as it knows."""
        return bool(self.ib.health.socket is SocketState.CONNECTED)

    def is_linked(self) -> bool:
        """Return whether the gateway has its link to IB, as far as the program knows."""
        return bool(self.ib.health.link is LinkState.CONNECTED)

    def complaint(self) -> str:
        """Return what is not well with the connection, as far as the program knows; nothing if it is well."""
        return "" if self.ib.health.is_well else f"the connection is not well: {self.ib.health}"

    def has_all(self, bars: Any) -> bool:
        """Return whether the library says that no bars are missing."""
        return bool(bars.isComplete)

    def gaps_of(self, bars: Any) -> Sequence[tuple[Any, Any]]:
        """Return between which bars the program knows that some are missing."""
        return bars.gaps

    def doubt(self, trade: Any) -> str:
        """Return why it is not known how an order stands; nothing if it is."""
        return str(trade.uncertainty) if trade.isUncertain() else ""

    def waiting(self) -> list[str]:
        """Return the requests that wait for an answer."""
        return [str(one) for one in self.ib.dispatcher.requests.all()]

    async def reconcile(self) -> list[str]:
        """Return what differs from what the server says."""
        return [str(one) for one in await self.ib.reconcileAsync()]

    async def run(self, until: datetime) -> None:
        """Subscribe, and trade until a moment."""
        await self.begin_day()
        while (left := (until - datetime.now(NEW_YORK)).total_seconds()) > 0:
            await asyncio.sleep(min(left, self.random.uniform(10, 240)))
            step = self.random.choice([self._bracket, self._limit, self._market, self._modify, self._cancel, self._ask])
            await self._persist(step)
            await self._persist(self._end_doubts)
        for last in (self._place_pending, self._end_doubts):
            while not await self._persist(last):
                await asyncio.sleep(_PAUSE)

    async def begin_day(self) -> None:
        """Subscribe to all that is to be kept up to date."""
        self.ib.gapEvent += self._on_gap
        while not await self._persist(self._subscribe):
            await asyncio.sleep(_PAUSE)

    async def _persist(self, step: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Take a step, and return whether it was done. If the connection is lost, wait for it, as users do."""
        begin = datetime.now(NEW_YORK)
        try:
            async with asyncio.timeout(LONGEST_WAIT) as limit:
                try:
                    await step()
                except (ConnectionError, RequestError, TimeoutError):
                    if limit.expired():
                        raise
                    await self.connected()
                    return False
        except TimeoutError:
            self.waited_in_vain.append(f"{step.__name__} since {begin:%H:%M:%S}")
        return True

    async def _subscribe(self) -> None:
        ib = self.ib
        self.bars = await ib.reqHistoricalDataAsync(APPLE, "", "1800 S", "1 min", "TRADES", True, keepUpToDate=True)
        if not self.bars:
            raise TimeoutError("no bars came in time, and an empty list is not kept up to date")
        self.live_bars = ib.reqRealTimeBars(NVIDIA, 5, "TRADES", True)
        self.ticker = ib.reqMktData(MICROSOFT)
        self.pnl = ib.reqPnL(ib.managedAccounts()[0])
        self.begin, self.is_subscribed = datetime.now(NEW_YORK), True
        self.bars.updateEvent += lambda bars, new: self.updates.update(["bars"])
        self.live_bars.updateEvent += lambda bars, new: self.updates.update(["live bars"])
        self.ticker.updateEvent += self._on_quotes
        ib.pnlEvent += lambda pnl: self.updates.update(["P&L"])

    def _on_quotes(self, ticker: Any) -> None:
        self.updates["quotes"] += 1
        assert ticker.time is not None
        self.heard = ticker.time
        self.quotes.update(tick.size for tick in ticker.ticks if tick.tickType in (0, 1))

    def _on_gap(self, subscription: Any, since: datetime, until: datetime) -> None:
        if subscription.target is self.ticker:
            self.gaps.append((since, until))

    def _once(self, what: str) -> None:
        if what in self.told:
            self.told_twice.append(what)
        self.told.add(what)

    # --- orders ---------------------------------------------------------------------------------------------------

    def contract(self, stock: Stock) -> Any:
        """Return a contract as one of the library."""
        terms = (stock.symbol, stock.exchange, stock.currency)
        return self.names.Stock(*terms, conId=stock.conId, primaryExchange=stock.primaryExchange)

    def _wish(self, order: Any) -> Wish:
        wish = Wish(f"{len(self.wishes)}")
        self.wishes.append(wish)
        if self.journal is None:
            order.orderRef = wish.ref
        return wish

    def _place(self, order: Any) -> None:
        wish = self._wish(order)
        order.orderRef = wish.ref
        try:
            wish.trade = self.ib.placeOrder(self.contract(APPLE), order)
        except ConnectionError as error:
            wish.refusal = str(error)
            raise

    async def _place_once(self, order: Any) -> None:
        """Place an order with a key if there is a journal: it is placed again until it is known that it was."""
        if self.journal is None:
            self._place(order)
            return
        wish = self._wish(order)
        wish.order = order
        await self._place_pending()

    async def _place_pending(self) -> None:
        for wish in self.wishes:
            if wish.order is not None:
                wish.trade = await self.ib.placeOnceAsync(wish.ref, APPLE, wish.order)
                wish.order = None

    def _near(self, far: float) -> float:
        return round(self.bars[-1].close * (1 + self.random.uniform(-far, far)), 2)

    async def _limit(self) -> None:
        await self._place_once(self.names.LimitOrder(self.random.choice(["BUY", "SELL"]), 100, self._near(0.002)))

    async def _market(self) -> None:
        await self._place_once(self.names.MarketOrder(self.random.choice(["BUY", "SELL"]), 50))

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

    async def _end_doubts(self) -> None:
        """Cancel orders that seem to have been dropped: the answer settles what has become of them."""
        for trade in self.ib.trades():
            if is_dropped(self.doubt(trade)):
                self.ib.cancelOrder(trade.order)

    async def _ask(self) -> None:
        await self.ib.reqExecutionsAsync()

    def _any_working(self, types: tuple[str, ...]) -> Any:
        trades = [one for one in self.ib.openTrades() if one.isWorking() and one.order.orderType in types]
        return self.random.choice(trades) if trades else None


def is_dropped(doubt: str) -> bool:
    """Return whether the server was asked about an order that is in doubt, and tells of it nowhere."""
    return doubt.startswith("The server tells of the order nowhere")


Make = Callable[[Random, list[Wish]], Program]
"""What makes a program of chance and of the orders that were wanted before."""


class Trader:
    """Runs the program through a day, and begins it anew after it was killed, with what its journal has.

    `programs` are all that lived, one after the other. `make` makes them where they trade by another library.
    """

    def __init__(self, world: World, seed: int, folder: Path | None, make: Make | None = None) -> None:
        self._make = make
        self.world = world
        self.seed = seed
        self.wishes: list[Wish] = []
        self.programs: list[Program] = []
        self._folder = folder
        self._killed = asyncio.Event()
        assert world.gateway.faults is not None
        world.gateway.faults.listeners.append(self._on_fault)

    @property
    def program(self) -> Program:
        """The program that lives."""
        return self.programs[-1]

    async def run(self, until: datetime) -> None:
        """Trade until a moment."""
        while await self._live(until):
            self.program.end = datetime.now(NEW_YORK)
            await asyncio.sleep(Random(f"{self.seed} {len(self.programs)}").uniform(1, 60))

    async def _live(self, until: datetime) -> bool:
        """Let a program run, and return whether it was killed."""
        self._killed.clear()
        program = self._new()
        life = asyncio.create_task(self._begin(program, until))
        death = asyncio.create_task(self._killed.wait())
        await asyncio.wait([life, death], return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        if not self._killed.is_set():
            await life
            return False
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life
        # Its connection has ended already, so this sends nothing; and it leaves the copy of its journal alone.
        await program.close()
        return True

    def _new(self) -> Program:
        random = Random(f"{self.seed} {len(self.programs)}")
        if self._make is not None:
            return self._make(random, self.wishes)
        journal = None if self._folder is None else self._folder / "orders.db"
        ib = IB(reconnect=True, journal=journal)
        ib.RaiseRequestErrors = True
        return Program(ib, random, self.wishes)

    async def _begin(self, program: Program, until: datetime) -> None:
        await program.connect(self.world.port)
        self.programs.append(program)
        await program.run(until)

    def _on_fault(self, occurrence: Occurrence) -> None:
        if isinstance(occurrence.fault, KillClient) and not self._killed.is_set():
            self._killed.set()
            if self._folder is not None:
                # What the program writes from now on is not to count.
                after = self._folder.with_name(f"{self._folder.name}.")
                shutil.copytree(self._folder, after)
                self._folder = after


@dataclass(frozen=True)
class Day:
    """What has come of a day: what the auditor finds wrong, the faults that came, by kind, and what was done.

    `longest_doubt` is for how many seconds an order was in doubt at most while everything was connected,
    `unheard_fills` how many fills there were while the program was not connected, `gaps` how many gaps of quotes it was
    told, and `lives` how often it was begun. `missing_live_bars` is how many bars of five seconds it does not have.
    """

    findings: list[Any]
    faults: Counter[str]
    orders: int
    fills: int
    longest_doubt: float = 0.0
    unheard_fills: int = 0
    gaps: int = 0
    lives: int = 1
    missing_live_bars: int = 0


def drawn(number: int, close: str = CLOSE) -> Scenario:
    """Draw the faults of the day with a number, which come until some time before its end."""
    random = Random(number)
    seconds = seconds_of(close) - CALM
    return draw_scenario(number, random.randint(1, 6), seconds=seconds, clients=(TRADER,), instruments=STOCKS)


STOCKS = ("AAPL", "NVDA", "MSFT")


def seconds_of(close: str) -> float:
    """Return how many seconds a day of trading lasts that ends at a time of day."""
    return (_moment(close) - _moment(OPEN)).total_seconds()


def _moment(clock: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}T{clock}").replace(tzinfo=NEW_YORK)


async def live_through(seed: int, scenario: Scenario, close: str = CLOSE, make: Make | None = None) -> Day:
    """Let a program trade through a day with faults, and return what has come of it.

    `make` makes a program that trades by another library; it has no journal.
    """
    from .auditor import Auditor

    prices = prices_of_day(DAY, VALUES, seed, dense=[NVIDIA.conId])
    with tempfile.TemporaryDirectory() as folder:
        keeps_journal = seed % 2 == 1 or any(isinstance(fault, KillClient) for fault in scenario.faults)
        journal = Path(folder) / "journal" if keeps_journal else None
        if journal:
            journal.mkdir()
        async with simulation(f"{DAY}T{OPEN}", seed=seed, scenario=scenario, data=prices) as world:
            trader = Trader(world, seed, journal, make)
            auditor = Auditor(world, trader, prices)
            await trader.run(_moment(close))
            findings = await auditor.audit()
            day = Day(
                findings,
                world.gateway.faults.counts if world.gateway.faults else Counter(),
                len(trader.wishes),
                len(world.result().fills),
                auditor.doubts.longest,
                auditor.unheard_fills(),
                sum(len(program.gaps) for program in trader.programs),
                len(trader.programs),
                auditor.missing_live_bars(),
            )
            auditor.close()
            await trader.program.close()
    return day
