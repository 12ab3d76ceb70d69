"""What several commands have in common: arguments and options, each described once, and what is shown of files."""

from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

import typer
from rich.console import Console

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
OnlyData = Annotated[bool, typer.Option("--only-data", help="Refuse what is not in the files.")]


def reading(data: list[str] | None) -> AbstractContextManager[object]:
    """Show on stderr that files of prices are being read, if there are any.

    Every row of them is read, which takes its time where there are millions.
    """
    return Console(stderr=True).status("reading the files of prices") if data else nullcontext()
