"""The command `ibdesk replay`, which plays a tape to clients."""

import asyncio
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ibdesk.printable import printable
from ibdesk.tape import Replay

from .ending import interruption

LOOK_SECONDS = 0.2
"""Seconds between two moves of the progress bar."""

FAREWELL_SECONDS = 5.0
"""Seconds that clients have to disconnect by themselves after the end of the tape, with --once."""


def replay(
    file: Annotated[Path, typer.Argument(help="The tape to play.", exists=True, dir_okay=False, show_default=False)],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 7497,
    speed: Annotated[
        float, typer.Option(help="1 is as recorded, 10 is ten times as fast, 0 as fast as the client follows.", min=0)
    ] = 1,
    once: Annotated[bool, typer.Option("--once", help="Exit when the whole tape has been played.")] = False,
) -> None:
    """Play a tape: a gateway that sends again what the recorded server sent.

    Run the recorded program against it. Where it sends something else than it did
    on the tape, the difference is reported here. Clients get the connections of
    the tape in turn, beginning again after the last, until Ctrl+C.
    """
    # Reports and the progress bar go to stderr through one console, so that neither overwrites the other.
    console = Console(stderr=True)
    logging.basicConfig(
        level=logging.INFO,
        format="%(message)s",
        handlers=[RichHandler(console=console, show_path=False, show_level=False)] if console.is_terminal else None,
    )
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    try:
        asyncio.run(_serve(file, host, port, speed, once, console))
    except ValueError as error:
        sys.exit(printable(str(error)))
    except OSError as error:
        sys.exit(printable(f"The replay cannot listen on {host}:{port}: {error.strerror or error}"))


async def _serve(file: Path, host: str, port: int, speed: float, once: bool, console: Console) -> None:
    ended = interruption()
    async with Replay(file, host, port, speed=speed) as player:
        if player.tape.damage:
            print(printable(f"{file}: {player.tape.damage}"), file=sys.stderr)
        print(
            f"replaying {printable(str(file))} on {player.host}:{player.port}: {player.connections} connection"
            f"{'s' if player.connections > 1 else ''}, server version {_listed(player.versions)}; "
            f"connect with IB().connect({player.host!r}, {player.port}, clientId=...)",
            flush=True,
        )
        # Whichever comes first ends the replay; the other waits and the progress bar are then cancelled.
        waits: set[asyncio.Task[Any]] = {asyncio.create_task(ended.wait())}
        if once:
            waits.add(asyncio.create_task(_play_once(player)))
        shown = asyncio.create_task(_show(player, console)) if console.is_terminal else None
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in (*waits, shown):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _listed(versions: list[int]) -> str:
    return " and ".join(map(str, versions))


async def _play_once(player: Replay) -> None:
    await player.wait()
    with suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await player.wait_until_deserted()


async def _show(player: Replay, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("waiting for a client", total=player.pieces)
        while True:
            told = f"{player.pieces_sent} of {player.pieces} pieces" if player.pieces_sent else "waiting for a client"
            progress.update(task, completed=player.pieces_sent, description=told)
            await asyncio.sleep(LOOK_SECONDS)
