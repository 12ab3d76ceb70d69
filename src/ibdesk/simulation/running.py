"""Runs a program through simulated days."""

import asyncio
import inspect
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from os import PathLike
from typing import Any
from zoneinfo import ZoneInfo

from ibdesk.errors import SimulationError
from ibdesk.paper.faults import Scenario
from ibdesk.runtime.loops import running_loop
from ibdesk.runtime.moments import seconds_between
from ibdesk.runtime.real_time import Pace
from ibdesk.runtime.simulated_loop import SimulatedLoop
from ibdesk.runtime.simulated_process import simulated_process

from .result import SimulationResult
from .span import Moment, first_moment, last_moment
from .world import Data, World, settings_of

Main = Callable[[], Any]
"""A program: a coroutine function, or a function that calls `IB` in the blocking style."""

_AGAIN = timedelta(minutes=1)
"""When a program is interrupted again that has not ended."""

_REPORT = timedelta(minutes=10)
"""How often the progress is told; where time is slow, each second of the computer."""


def simulate(
    main: Main,
    start: Moment,
    end: Moment,
    *,
    seed: int = 1,
    cash: float = 1_000_000,
    data: Data | None = None,
    zone: ZoneInfo | str | None = None,
    only_data: bool = False,
    data_cache: PathLike[str] | str | None = None,
    scenario: Scenario | PathLike[str] | str | None = None,
    like: str = "paper",
    speed: float | None = None,
) -> SimulationResult:
    """Run a program from `start` to `end`, days or moments, on a paper gateway in simulated time.

    ::

        def main():
            with IB().connect(port=7497, clientId=1) as ib:
                ...
                ib.run()

        print(simulate(main, "2026-11-02", "2026-11-06"))

    `main` is a coroutine function, or a function in the blocking style. It finds the gateway on 127.0.0.1 on IB's usual
    ports, and simulated time on all clocks of the process. It runs until it returns, or until the end, when it gets
    what Ctrl-C gives: KeyboardInterrupt, or the cancellation of a coroutine. What else it raises is raised here, with a
    note that tells the moment.

    A day begins at 09:00 and ends at midnight; what names no time zone is of New York. `seed` decides all prices, and
    `cash` is what the account begins with, in US dollars. `data`, `zone`, `only_data` and `data_cache` are as for
    `PaperGateway`: prices from files; and so are `scenario`, what goes wrong, and `like`, the kind of account. `speed`
    is how many times as fast as in life time passes; as fast as possible without it.

    Raises ValueError for an argument that cannot be meant, and SimulationError inside another simulation and where
    a loop runs already, as in notebooks: `simulation` is for these.
    """
    prices: dict[str, Any] = {"data": data, "zone": zone, "only_data": only_data, "data_cache": data_cache}
    run = Run(start, end, speed=speed, seed=seed, cash=cash, scenario=scenario, like=like, **prices)
    returned = run(main)
    return replace(run.result, returned=returned)


class Run:
    """One run of a program from `start` to `end`, as by `simulate`, whose other arguments are `settings`.

    `on_progress`, if it is set, is called now and then with the moment and the profit until then. `result` has what the
    run has come to, however it has ended; until it has, there is none.
    """

    def __init__(self, start: Moment, end: Moment, *, speed: float | None = None, **settings: Any) -> None:
        self.start: datetime = first_moment(start)
        self.end: datetime = last_moment(end, self.start)
        self.is_over: bool = False
        """Whether the end has come, rather than that of the program."""
        self.result: SimulationResult
        self.on_progress: Callable[[datetime, float], object] | None = None
        self._settings = settings_of(self.start, self.end, **settings)
        if speed is not None:
            Pace(speed)
        self._speed = speed

    def __call__(self, main: Main) -> Any:
        """Run a program to its end, and return what it returned; None if the end came first."""
        pace = None if self._speed is None else Pace(self._speed)
        with simulated_process(self.start, pace=pace) as new_loop, _ctrl_c():
            if running_loop():
                raise SimulationError(
                    "simulate() runs a loop of its own, and one runs here already, as in notebooks and async tests: "
                    "use  async with simulation(...)"
                )
            loop = new_loop()
            world = World(loop.clocks, **self._settings)
            loop.run_until_complete(world.open())
            loop.run_beside()
            loop.call_later(seconds_between(self.start, self.end), self._interrupt, loop)
            if self.on_progress:
                self._report(loop, world)
            try:
                return _run(main)
            except KeyboardInterrupt:
                if not self.is_over:
                    raise
            except Exception as error:
                error.add_note(f"It was {world.now:%A %Y-%m-%d %H:%M:%S} in New York, in the simulation.")
                raise
            finally:
                self.result = world.result()

    def _report(self, loop: SimulatedLoop, world: World) -> None:
        assert self.on_progress
        self.on_progress(world.now, world.pnl)
        seconds = _REPORT.total_seconds()
        loop.call_later(seconds if self._speed is None else min(seconds, self._speed), self._report, loop, world)

    def _interrupt(self, loop: SimulatedLoop) -> None:
        """Do what Ctrl-C does, and again after a while, since a program may not end at the first time."""
        self.is_over = True
        loop.call_later(_AGAIN.total_seconds(), self._interrupt, loop)
        if threading.current_thread() is threading.main_thread():
            signal.raise_signal(signal.SIGINT)
        else:
            raise KeyboardInterrupt


def _run(main: Main) -> Any:
    returned = main()
    return asyncio.run(returned) if inspect.iscoroutine(returned) else returned


@contextmanager
def _ctrl_c() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, also where it is ignored, as in programs that a shell starts with `&`."""
    if threading.current_thread() is not threading.main_thread() or callable(signal.getsignal(signal.SIGINT)):
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
