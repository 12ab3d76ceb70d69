"""The command `ibdesk simulate`, which runs a program through simulated days on a paper gateway of its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from ibdesk import compat
from ibdesk.runtime.moments import seconds_between
from ibdesk.runtime.real_time import RealTime

from .options import (
    Cash,
    DataCache,
    DataPaths,
    IsModule,
    LikeAccount,
    OnlyData,
    ProgramArguments,
    ProgramName,
    ScenarioFile,
    Seed,
    Zone,
    misused,
    reading,
)
from .programs import LastCleanup, Program, stand_in_for
from .requirements import refuse

if TYPE_CHECKING:
    from ibdesk.simulation import SimulationResult
    from ibdesk.simulation.running import Run

_OPTIONS = {"start": "--from", "the": "--from", "end": "--to", "speed": "--speed"}
"""What an error of a run begins with, and the option that it means, beside those of files and of the account."""

REFRESH_SECONDS = 0.1
"""How often the progress bar moves at most, in seconds of the computer."""


def simulate(
    program: ProgramName,
    start: Annotated[
        str,
        typer.Option(
            "--from",
            help="The first day, which begins at 09:00; or a date and time. New York time, unless it names a zone.",
            show_default=False,
        ),
    ],
    end: Annotated[str, typer.Option("--to", help="The last day, to its end; or a date and time.", show_default=False)],
    arguments: ProgramArguments = None,
    packages: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="|".join(compat.STANDS_IN_FOR),
            help="A package that ibdesk stands in for; can be repeated. Without it: none.",
            show_default=False,
        ),
    ] = None,
    module: IsModule = False,
    seed: Seed = 1,
    cash: Cash = 1_000_000,
    data: DataPaths = None,
    zone: Zone = None,
    data_cache: DataCache = None,
    only_data: OnlyData = False,
    scenario: ScenarioFile = None,
    like: LikeAccount = "paper",
    speed: Annotated[
        float | None,
        typer.Option(
            help="How many times as fast as in life time passes. Without it: as fast as possible.", show_default=False
        ),
    ] = None,
) -> None:
    """Run a program through simulated days, and tell what it has traded and earned.

    It finds a paper gateway of its own on the ports of TWS and IB Gateway, and
    simulated time on every clock. A week takes seconds. At the end of the last day
    it gets what Ctrl+C gives. Ctrl+C ends it earlier.
    """
    prices = {"data": data, "zone": zone, "only_data": only_data, "data_cache": data_cache}
    days = _days(start, end, seed=seed, cash=cash, speed=speed, scenario=scenario, like=like, **prices)
    users = Program(program, arguments or [], module)
    cleanup = LastCleanup()
    stand_in_for(packages or (), cleanup.folder)
    end_of_program = _run(days, users)
    if isinstance(end_of_program, KeyboardInterrupt):
        cleanup.is_interrupted = True
        print("Interrupted.", file=sys.stderr)
    elif not isinstance(end_of_program, SystemExit):
        users.show(end_of_program)
        if isinstance(end_of_program, ModuleNotFoundError) and end_of_program.name in compat.STANDS_IN_FOR:
            name = end_of_program.name
            print(f"{name} is not installed. ibdesk stands in for it:  --as {name}", file=sys.stderr)
    _tell(days.result)
    sys.exit(end_of_program.code if isinstance(end_of_program, SystemExit) else 1)


def _days(start: str, end: str, **settings: Any) -> "Run":
    """Return the run that is meant by the options."""
    try:
        from ibdesk.simulation.running import Run

        with reading(settings["data"]):
            return Run(start, end, **settings)
    except ImportError as missing:
        refuse("simulate", missing, "data" if missing.name == "pyarrow" else "simulation")
    except (OSError, ValueError) as error:
        raise misused(error, _OPTIONS) from error


def _tell(result: "SimulationResult") -> None:
    console = Console(highlight=False)
    if console.is_terminal:
        console.print("", result)
    else:
        print("", result, sep="\n", flush=True)


def _run(run: "Run", program: Program) -> BaseException:
    """Run a program, show how it goes on, and return the exception by which it ends, SystemExit if by none."""
    # The bar goes to stderr, and what the program prints comes above it, if both are seen in the same terminal.
    console = Console(stderr=True, highlight=False)
    with _bar(run, console) if console.is_terminal else nullcontext():
        try:
            run(program.run)
        except BaseException as error:
            return error
    return SystemExit(0)


@contextmanager
def _bar(run: "Run", console: Console) -> Iterator[None]:
    """Show the moment, the day and the profit of a run."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"))
    days = ((run.end - timedelta(microseconds=1)).date() - run.start.date()).days + 1
    time, shown = RealTime(), 0.0

    def show(moment: datetime, pnl: float) -> None:
        nonlocal shown
        if time.seconds() - shown > REFRESH_SECONDS:
            shown = time.seconds()
            day = min((moment.date() - run.start.date()).days + 1, days)
            colour = "green" if pnl > 0 else "red" if pnl < 0 else "default"
            bar.update(
                task,
                completed=seconds_between(run.start, moment),
                description=f"{moment:%a %Y-%m-%d %H:%M}",
                # As long as ever, or else the bar would be longer and shorter.
                day=f"day {day:>{len(str(days))}} of {days}  P&L [{colour}]{pnl:<+14,.2f}[/]",
            )
            bar.refresh()

    # No thread refreshes it: that would wait in simulated time.
    with Progress(
        *columns,
        console=console,
        auto_refresh=False,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        get_time=time.seconds,
    ) as bar:
        task = bar.add_task("", total=seconds_between(run.start, run.end), day="")
        run.on_progress = show
        yield
