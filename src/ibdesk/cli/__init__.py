"""The command line. Its commands are imported only when it runs: they need libraries that the client does without."""

import sys
from collections.abc import Callable
from typing import Any

from ibdesk import __version__

from .requirements import refuse


def main() -> None:
    """Run the command that the arguments name."""
    if sys.argv[1:] == ["--version"]:  # works without the libraries of the command line
        _tell_version()
        return
    try:
        import typer

        from .doctor import doctor
        from .explain import explain
        from .explain_code import explain_code
        from .flags import Command, Group
        from .journal import journal
        from .messages import messages
        from .paper import paper
        from .programs import OPTIONS_END_AT_THE_PROGRAM
        from .record import record
        from .replay import replay
        from .run import run
        from .simulate import simulate
    except ImportError as missing:
        refuse("on the command line", missing, "paper" if sys.argv[1:2] in (["paper"], ["demo"]) else "cli")

    app = typer.Typer(name="ibdesk", cls=Group)
    app.callback(no_args_is_help=True)(_common_options(typer))
    app.command(cls=Command)(paper)
    app.command("demo", cls=Command)(start_demo)
    app.command(cls=Command)(doctor)
    app.command(cls=Command)(record)
    app.command(cls=Command)(replay)
    app.command(cls=Command, context_settings=OPTIONS_END_AT_THE_PROGRAM)(run)
    app.command(cls=Command)(simulate)
    app.command(cls=Command)(explain)
    app.command(cls=Command)(explain_code)
    app.command(cls=Command)(messages)
    app.command(cls=Command)(journal)
    app()


def _tell_version() -> None:
    print(f"ibdesk {__version__}")


def _common_options(typer: Any) -> Callable[..., None]:
    """Return the function with the options that come before a command."""

    def tell_version(wanted: bool) -> None:
        if wanted:
            _tell_version()
            raise typer.Exit

    option = typer.Option(False, "--version", callback=tell_version, is_eager=True, help="Show the version.")

    def ibdesk(version: bool = option) -> None:
        """Run a paper gateway and programs that trade, and record, replay and explain their messages."""

    return ibdesk


def start_demo() -> None:
    """Show quotes, a chart, a bracket order and its profit, on a paper gateway that it starts itself."""
    try:
        from .demo import run_demo
    except ImportError as missing:
        refuse("demo", missing)
    run_demo()
