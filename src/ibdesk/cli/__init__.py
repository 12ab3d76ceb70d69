"""The command line: decides which commands there are; must not know what they do, and imports them when they run."""

import sys
from collections.abc import Callable
from typing import Any

from ibdesk import __version__

from .requirements import refuse


def main() -> None:
    """Runs the command that the arguments name."""
    if sys.argv[1:] == ["--version"]:  # the one that needs no library
        _tell_version()
        return
    try:
        import typer

        from .explain import explain
        from .explain_code import explain_code
        from .messages import messages
        from .paper import paper
        from .record import record
        from .replay import replay
        from .run import OPTIONS_END_AT_THE_PROGRAM, run
    except ImportError as missing:
        refuse("on the command line", missing, "paper" if sys.argv[1:2] in (["paper"], ["demo"]) else "cli")

    app = typer.Typer(name="ibdesk")
    app.callback(no_args_is_help=True)(_common_options(typer))
    app.command()(paper)
    app.command()(demo)
    app.command()(record)
    app.command()(replay)
    app.command(context_settings=OPTIONS_END_AT_THE_PROGRAM)(run)
    app.command()(explain)
    app.command()(explain_code)
    app.command()(messages)
    app()


def _tell_version() -> None:
    print(f"ibdesk {__version__}")


def _common_options(typer: Any) -> Callable[..., None]:
    """What can be given before a command."""

    def tell_version(wanted: bool) -> None:
        if wanted:
            _tell_version()
            raise typer.Exit

    option = typer.Option(False, "--version", callback=tell_version, is_eager=True, help="Say which version this is.")

    def ibdesk(version: bool = option) -> None:
        """The Interactive Brokers API, with the broker in the box."""

    return ibdesk


def demo() -> None:
    """Show quotes, a chart, a bracket order and its profit, against a paper gateway of its own."""
    try:
        from .demo import run_demo
    except ImportError as missing:
        refuse("demo", missing)
    run_demo()
