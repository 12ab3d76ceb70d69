"""What several commands have in common: arguments and options, each described once, and what is told of values."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

import typer
from rich.console import Console

from ibdesk.errors import PriceFileError, ScenarioError
from ibdesk.printable import printable

ProgramName = Annotated[str, typer.Argument(help="A Python file; with -m the name of a module.", show_default=False)]
ProgramArguments = Annotated[
    list[str] | None,
    typer.Argument(help="The program's own arguments.", show_default=False),
]
IsModule = Annotated[bool, typer.Option("-m", help="Run a module, as python -m does.")]

Seed = Annotated[int, typer.Option(help="Seed of all prices: the same seed gives the same market.")]
Cash = Annotated[float, typer.Option(help="US dollars in the account at the start.", min=0)]

DataPaths = Annotated[
    list[str] | None, typer.Option(help="Folder or file of prices (CSV, Parquet), any number; or a tape.")
]
Zone = Annotated[str | None, typer.Option(help="Zone of times in these files that tell none.")]
DataCache = Annotated[str | None, typer.Option(help="Folder to keep converted CSV files in.")]
ScenarioFile = Annotated[
    str | None, typer.Option("--scenario", help="What goes wrong: a scenario of faults (YAML).", show_default=False)
]
LikeAccount = Annotated[
    str,
    typer.Option(
        metavar="paper|live",
        help="Kind of account whose gateway is imitated: IBKR refuses some orders of paper accounts.",
    ),
]
OnlyData = Annotated[bool, typer.Option("--only-data", help="Refuse what is not in the files.")]


def reading(data: list[str] | None) -> AbstractContextManager[object]:
    """Show on stderr that files of prices are being read, if there are any.

    Every row of them is read, which takes its time where there are millions.
    """
    return Console(stderr=True).status("reading the files of prices") if data else nullcontext()


_COMMON = {
    "cash": "--cash",
    "zone": "--zone",
    "only_data": "--only-data",
    "data_cache": "--data-cache",
    "data": "--data",
    "faults": "--scenario",
    "like": "--like",
}


def misused(error: OSError | ValueError, options: Mapping[str, str]) -> typer.BadParameter:
    """Return the error for a value that cannot be meant, or a file that cannot be read, with the option that it is of.

    Texts of ValueErrors begin with the name of an argument. `options` says which option each is, beside those that
    commands with prices from files have in common.
    """
    if isinstance(error, OSError):
        text, hint = f"{error.strerror}: {str(error.filename)!r}", "--data"
    else:
        text = str(error)
        name = "data" if isinstance(error, PriceFileError) else re.split("[ =[]", text, maxsplit=1)[0]
        if isinstance(error, ScenarioError):
            name = "faults"
        hint = {**_COMMON, **options}.get(name, "")
    return typer.BadParameter(printable(text), param_hint=hint or None)
