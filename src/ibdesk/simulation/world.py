"""The world of a simulation: a paper gateway on IB's usual ports, its market, and the time."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from os import PathLike
from typing import Any
from zoneinfo import ZoneInfo

from ibdesk.logs import logger
from ibdesk.model.accounts import AccountValue
from ibdesk.paper import PaperGateway
from ibdesk.paper.arguments import dollars, kind_of_account, whole
from ibdesk.paper.clock import NEW_YORK, RunningClock
from ibdesk.paper.faults import Scenario, with_faults
from ibdesk.paper.ledger import account_values
from ibdesk.paper.market import PriceSource
from ibdesk.paper.price_files import prices_of
from ibdesk.runtime.clocks import Clocks, clocks_here
from ibdesk.runtime.moments import seconds_between
from ibdesk.runtime.simulated_process import simulated_process

from .books import Books
from .result import SimulationResult, WithoutPrices
from .span import Moment, first_moment
from .without_prices import without_prices

PORTS = (7497, 7496, 4002, 4001)
"""Where programs look for TWS and the IB Gateway, paper trading first."""

Data = PriceSource | PathLike[str] | str | Iterable[PathLike[str] | str]
"""Where prices come from: a source, or files and folders of them."""

_FAREWELL_SECONDS = 1.0
"""How long the clients have to see that the gateway has ended."""

_log = logger("ibdesk.paper")


class World:
    """A paper gateway in simulated time, and the books of what programs do there.

    `gateway` listens on all of IB's usual ports, of which `port` is the first.
    """

    def __init__(self, clocks: Clocks, **settings: Any) -> None:
        self._prices: PriceSource | None = settings.get("data")
        clock = RunningClock(clocks.now(NEW_YORK), clocks.seconds)
        self.gateway: PaperGateway = PaperGateway(port=PORTS[0], clock=clock, **settings)
        self.port: int = PORTS[0]
        self._traded = asyncio.Event()
        self._books = Books(self.gateway.broker, on_trade=self._traded.set)
        self._looking: asyncio.Task[None] | None = None

    @property
    def now(self) -> datetime:
        """The moment, in New York's zone."""
        return self.gateway.clock.now()

    @property
    def pnl(self) -> float:
        """How much the net liquidation value has changed, in US dollars, when it was looked at last."""
        return self._books.pnl

    def account_values(self) -> list[AccountValue]:
        """Return all values of the account as they stand now."""
        self.gateway.advance()
        return account_values(self.gateway.broker.ledger)

    def result(self, returned: Any = None) -> SimulationResult:
        """Return what has been traded and earned until now. `returned` becomes an attribute of it."""
        self.gateway.advance()
        result = self._books.result(returned)
        return replace(result, without_prices=without_prices(self._prices, result.start, result.end))

    async def advance(self, seconds: float | timedelta) -> None:
        """Let so much time pass. Raises ValueError for a negative one."""
        duration = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        if not duration >= 0:
            raise ValueError(f"seconds has to be 0 or more, not {seconds!r}: time does not go back")
        await asyncio.sleep(duration)

    async def until(self, moment: Moment) -> None:
        """Wait until a moment. A day means 09:00, and what names no zone is of New York, as for `simulation`.

        A moment that has passed is not waited for.
        """
        await self.advance(max(seconds_between(self.now, first_moment(moment, "moment")), 0.0))

    async def open(self) -> None:
        """Begin to listen."""
        await self.gateway.start()
        for port in PORTS[1:]:
            await self.gateway.listen(port)
        self._looking = asyncio.create_task(self._look(), name="ibdesk simulation")

    async def close(self) -> None:
        """End all connections."""
        if self._looking:
            self._looking.cancel()
        await self.gateway.stop()

    async def _look(self) -> None:
        """Look at the equity now and then while a position is open."""
        while True:
            self._traded.clear()
            due = self._books.next_look()
            if due is None:
                await self._traded.wait()
            else:
                await self.until(due)
                self.gateway.advance()
                self._books.look()


def settings_of(
    start: datetime,
    end: datetime | None = None,
    *,
    seed: int = 1,
    cash: float = 1_000_000,
    data: Data | None = None,
    zone: ZoneInfo | str | None = None,
    only_data: bool = False,
    data_cache: PathLike[str] | str | None = None,
    scenario: Scenario | PathLike[str] | str | None = None,
    like: str = "paper",
) -> dict[str, Any]:
    """Return the settings of a world. Files are read here, in real time. Raises what `PaperGateway` does."""
    number = whole("seed", seed)
    prices = prices_of(data, number, start.date(), only_data=only_data, zone=zone, cache=data_cache)
    _warn(without_prices(prices, start, end or start + timedelta(days=1)))
    plan = scenario if isinstance(scenario, Scenario | None) else Scenario.read(scenario)
    if plan is not None:
        # What is wrong with it is told before the simulation begins.
        plan.check(start)
        with_faults(prices, plan, start=start, seed=number, only_data=only_data)
    return {
        "seed": number,
        "cash": dollars(cash),
        "data": prices,
        "only_data": only_data,
        "scenario": plan,
        "like": kind_of_account(like),
    }


def _warn(silent: Sequence[WithoutPrices]) -> None:
    """Warn of instruments of which files have no prices in a part of a simulation: nobody will quote them then."""
    if silent:
        symbol, since, until = silent[0]
        _log.warning(
            "the files have no prices of %s from %s to %s New York time, in the simulation%s",
            symbol,
            f"{since:%Y-%m-%d %H:%M}",
            f"{until:%Y-%m-%d %H:%M}",
            f", nor at times of {others} more" if (others := len(silent) - 1) else "",
        )


@asynccontextmanager
async def simulation(
    start: Moment,
    *,
    seed: int = 1,
    cash: float = 1_000_000,
    data: Data | None = None,
    zone: ZoneInfo | str | None = None,
    only_data: bool = False,
    data_cache: PathLike[str] | str | None = None,
    scenario: Scenario | PathLike[str] | str | None = None,
    like: str = "paper",
) -> AsyncIterator[World]:
    """Let the running event loop, and all clocks of the process, live in simulated time, beside a paper gateway.

    ::

        async def test_the_strategy_is_flat_at_night():
            async with simulation("2026-11-02") as world:
                ib = await IB().connectAsync(port=world.port)
                ...
                await world.until("2026-11-02T16:30")
                assert world.result().portfolio == ()
                ib.disconnect()

    This is for tests and notebooks, whose loop runs already; `simulate` runs whole programs. `start` and the settings
    are as there. Time passes when the loop has nothing to do but wait, as fast as possible. Meanwhile the loop's own
    timers and connections rest. Tasks that were begun inside, and still run at the end, are cancelled.

    Raises ValueError for an argument that cannot be meant, and SimulationError inside another simulation and in a loop
    that can't simulate time, such as uvloop's.
    """
    begin = first_moment(start)
    settings = settings_of(
        begin,
        seed=seed,
        cash=cash,
        data=data,
        zone=zone,
        only_data=only_data,
        data_cache=data_cache,
        scenario=scenario,
        like=like,
    )
    before = asyncio.all_tasks()
    with simulated_process(begin):
        world = World(clocks_here(), **settings)
        await world.open()
        try:
            yield world
        finally:
            await world.close()
            await asyncio.sleep(_FAREWELL_SECONDS)
            begun = asyncio.all_tasks() - before - {asyncio.current_task()}
            for task in begun:
                task.cancel()
            await asyncio.gather(*begun, return_exceptions=True)
