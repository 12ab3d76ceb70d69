"""Arguments and options that several commands have: each is described once."""

from typing import Annotated

import typer

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
