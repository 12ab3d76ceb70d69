"""The command `ibdesk run`, which runs a program written for ib_async on ibdesk, in the way Python itself runs it."""

import sys
from typing import Annotated

import typer

from ibdesk import compat

from .options import IsModule, ProgramArguments, ProgramName
from .programs import LastCleanup, Program, stand_in_for


def run(
    program: ProgramName,
    arguments: ProgramArguments = None,
    packages: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="|".join(compat.STANDS_IN_FOR),
            help="A package that ibdesk stands in for; can be repeated. Without it: all of them.",
            show_default=False,
        ),
    ] = None,
    module: IsModule = False,
) -> None:
    """Run a program that imports ib_async or ib_insync, unmodified, on ibdesk."""
    # From here on the process must look as if Python had started the program: its modules, arguments and way to end.
    users = Program(program, arguments or [], module)
    cleanup = LastCleanup()
    stand_in_for(packages or compat.STANDS_IN_FOR, cleanup.folder)
    try:
        users.run()
    except SystemExit:
        raise
    except BaseException as error:
        cleanup.is_interrupted = isinstance(error, KeyboardInterrupt)
        users.show(error)
        sys.exit(1)
    sys.exit(0)
