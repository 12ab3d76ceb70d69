"""The command `ibdesk record`, which records sessions of TWS clients on a tape."""

import asyncio
import logging
import sys
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ibdesk.printable import printable
from ibdesk.runtime.clocks import COMPUTER
from ibdesk.tape import Proxy, Recorder

from .ending import interruption, reachable


def record(
    file: Annotated[Path, typer.Argument(help="The tape to write. The file must not exist.", show_default=False)],
    listen: Annotated[
        str, typer.Option(help="Port to listen on, or address and port; 0 takes a free port.", metavar="[HOST:]PORT")
    ] = "7498",
    to: Annotated[
        str, typer.Option(help="Where TWS, IB Gateway or ibdesk paper listens.", metavar="[HOST:]PORT")
    ] = "127.0.0.1:7497",
    scrub: Annotated[bool, typer.Option("--scrub", help="Replace account numbers and names by invented ones.")] = False,
) -> None:
    """Record everything that TWS clients, in any language, and a server send each other.

    Let your program connect to the port of this recorder instead of the server's.
    Everything is passed on at once. Ctrl+C ends the recording and its connections.
    Then look at the tape with ibdesk explain, or play it with ibdesk replay.
    """
    # The file is made before anything listens, so that a wrong name or a full disk is known at once.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    try:
        host, port = reachable(listen)
        to_host, to_port = reachable(to)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        recorder = Recorder(file, clock=partial(COMPUTER.now, UTC), scrub=scrub)
    except FileExistsError:
        sys.exit(printable(f"{file} exists already, and is not overwritten: name another file"))
    except OSError as error:
        sys.exit(printable(f"{file} cannot be written: {error.strerror or error}"))
    proxy = Proxy(recorder, to_port, to_host, host=host, port=port)
    try:
        asyncio.run(_serve(proxy, recorder))
    except OSError as error:
        recorder.close()
        file.unlink()
        sys.exit(printable(f"The recorder cannot listen on {host}:{port}: {error.strerror or error}"))


async def _serve(proxy: Proxy, recorder: Recorder) -> None:
    ended = interruption()
    async with proxy:
        print(
            f"recording to {printable(str(recorder.path))}{', accounts replaced' if recorder.is_scrubbing else ''}: "
            f"connect to {proxy.host}:{proxy.port} in place of {proxy.to_host}:{proxy.to_port}; Ctrl+C ends it",
            flush=True,
        )
        await ended.wait()
    is_whole = recorder.is_recording
    recorder.close()
    size = recorder.path.stat().st_size
    connections = f"{proxy.connections} connection{'' if proxy.connections == 1 else 's'}"
    path = printable(str(recorder.path))
    print(f"{path}: {connections}, {size:,} bytes; see  ibdesk explain {path}")
    if not is_whole:
        sys.exit(1)
