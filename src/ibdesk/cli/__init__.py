"""The command line: decides which commands there are; must not know what they do, and imports them when they run."""

import sys
from typing import NoReturn

MISSING = "ibdesk {command} needs more than the core: install it with  pip install 'ibdesk[paper]'  ({reason})"


def main() -> None:
    """Runs the command that the arguments name."""
    try:
        import typer
    except ImportError as missing:
        refuse("on the command line", missing)
    from .paper import paper

    app = typer.Typer(
        name="ibdesk", help="The Interactive Brokers API, with the broker in the box.", add_completion=False
    )
    app.callback(no_args_is_help=True)(_ibdesk)
    app.command()(paper)
    app.command()(demo)
    app()


def _ibdesk() -> None:
    """The Interactive Brokers API, with the broker in the box."""


def demo() -> None:
    """Show quotes, a chart, a bracket order and its profit, against a paper gateway of its own."""
    try:
        from .demo import run_demo
    except ImportError as missing:
        refuse("demo", missing)
    run_demo()


def refuse(command: str, missing: ImportError) -> NoReturn:
    """Ends the program: what a command needs is not installed."""
    sys.exit(MISSING.format(command=command, reason=missing))
