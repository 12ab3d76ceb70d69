"""The command `ibdesk paper`, which runs a paper gateway."""

import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ibdesk.printable import printable
from ibdesk.wire import versions as V

from .ending import ENDS, interruption
from .options import Cash, DataCache, DataPaths, LikeAccount, OnlyData, ScenarioFile, Seed, Zone, misused, reading
from .requirements import refuse

if TYPE_CHECKING:
    from ibdesk.paper import PaperGateway


_OPTIONS = {"host": "--host", "account": "--account", "start_time": "--start-time", "the": "--start-time"}
"""What an error of a gateway begins with, and the option that it means, beside those of files and of the account."""

ServerVersion = Annotated[int, typer.Option(help="Newest server version to speak.", min=V.MIN, max=V.MAX)]

StartTime = Annotated[
    str | None,
    typer.Option(
        help="When the gateway's clock starts: an ISO date and time, in New York time unless it names a zone. "
        "By default now while New York's market is open, otherwise 10:00 on its last trading day; with --data when "
        "its prices begin.",
        show_default=False,
    ),
]

StartNumber = Annotated[
    int | None,
    typer.Option(
        help="Which start of the gateway this is: permIds and execIds follow from it and the seed. By default from the "
        "moment. No two starts have the same ids.",
        show_default=False,
        min=0,
        max=2**31 - 1,
    ),
]


def paper(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 7497,
    seed: Seed = 1,
    account: Annotated[str, typer.Option(help="Account number: letters and digits.")] = "DU1234567",
    cash: Cash = 1_000_000,
    start_time: StartTime = None,
    start_number: StartNumber = None,
    data: DataPaths = None,
    zone: Zone = None,
    data_cache: DataCache = None,
    only_data: OnlyData = False,
    scenario: ScenarioFile = None,
    like: LikeAccount = "paper",
    max_server_version: ServerVersion = V.MAX,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Log more; twice: log everything.")] = 0,
) -> None:
    """Run a paper gateway until it is interrupted."""
    # Starting takes a moment; until the loop has handlers of its own, an interruption just ends the program.
    for number in ENDS:
        signal.signal(number, _end)
    logging.basicConfig(
        level={0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG),
        format="%(asctime)s %(name)s %(levelname)s %(message)s",
    )
    try:
        from ibdesk.paper import PaperGateway

        with reading(data):
            gateway = PaperGateway(
                host,
                port,
                seed=seed,
                account=account,
                cash=cash,
                start_time=start_time,
                max_version=max_server_version,
                data=data or None,
                zone=zone,
                data_cache=data_cache,
                only_data=only_data,
                scenario=scenario,
                like=like,
                start_number=start_number,
            )
    except ImportError as missing:
        refuse("paper", missing, "data" if missing.name == "pyarrow" else "paper")
    except (OSError, ValueError) as error:
        raise misused(error, _OPTIONS) from error
    try:
        asyncio.run(_serve(gateway))
    except OSError as error:
        sys.exit(printable(f"The paper gateway cannot listen on {host}:{port}: {error.strerror or error}"))


def _end(number: int, frame: object) -> NoReturn:
    """End a gateway that does not listen yet."""
    sys.exit(0)


async def _serve(gateway: "PaperGateway") -> None:
    ended = interruption()
    async with gateway:
        start = f"{gateway.start_time:%Y-%m-%d %H:%M:%S} {gateway.start_time.tzinfo}"
        where = f"{gateway.host}:{gateway.port}"
        print(
            f"ibdesk paper gateway on {where}, account {printable(gateway.account)}, clock from {start}; "
            f"connect with IB().connect({gateway.host!r}, {gateway.port}, clientId=1)",
            flush=True,
        )
        await ended.wait()
