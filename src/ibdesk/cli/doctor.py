"""The command `ibdesk doctor`, which examines a TWS or IB Gateway: whether programs can use it, and what to mend.

It only asks, and places nothing. What the API does not tell stands in `docs/reference/reconnection.md`.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ibdesk import IB
from ibdesk.cli.ending import reachable
from ibdesk.model.health import LinkState
from ibdesk.printable import printable
from ibdesk.runtime.clocks import clocks_here
from ibdesk.runtime.connections import connect
from ibdesk.wire import versions as V

USUAL_PORTS = {
    7497: "TWS, paper trading",
    7496: "TWS, live trading",
    4002: "IB Gateway, paper trading",
    4001: "IB Gateway, live trading",
}

_IN_USE = 326
_PAPER_ACCOUNTS = ("D", "F")
_MOST_SECONDS_APART = 5.0
"""The server tells its time in whole seconds, and its answer is on its way for a while."""
_OPENING_SECONDS = 2.0


class Verdict(StrEnum):
    """What an examination has found."""

    WELL = "ok"
    DOUBTFUL = "look"
    BROKEN = "mend"


@dataclass(frozen=True)
class Finding:
    """One thing that was examined."""

    verdict: Verdict
    text: str
    advice: str = ""
    """What to do."""


def doctor(
    address: Annotated[str, typer.Argument(help="A port, or host and port.")] = "127.0.0.1:7497",
    client: Annotated[int, typer.Option(help="A client id that no program uses.", min=0)] = 9999,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for each answer.", min=0.1)] = 10.0,
) -> None:
    """Examine a TWS or IB Gateway: port, log-in, version, rights, clock, link and farms.

    It places nothing, and exits with 1 if something is to be mended.
    """
    try:
        host, port = reachable(address)
    except ValueError as error:
        raise typer.BadParameter(printable(str(error)), param_hint="ADDRESS") from None
    with _hushed():
        findings = asyncio.run(examine(host, port, client, timeout))
    console = Console(highlight=False)
    colours = {Verdict.WELL: "green", Verdict.DOUBTFUL: "yellow", Verdict.BROKEN: "red"}
    for found in findings:
        console.print(Text(found.verdict, colours[found.verdict]), Text(printable(found.text)))
        if found.advice:
            console.print(Text(f"     {printable(found.advice)}"))
    if any(found.verdict is Verdict.BROKEN for found in findings):
        raise typer.Exit(1)


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep loggers silent: what goes wrong is told as a finding."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


async def examine(host: str, port: int, client: int, timeout: float) -> list[Finding]:
    """Connect, ask, and return what was found, the most basic things first."""
    ib, refusals = IB(), list[tuple[int, str]]()
    ib.errorEvent += lambda _, code, text, __: refusals.append((code, text))
    try:
        await ib.connectAsync(host, port, client, timeout)
    except (OSError, ValueError) as error:
        return [await _not_connected(host, port, client, ib.client.refused_code, error)]
    try:
        found = [
            Finding(Verdict.WELL, f"{host}:{port} answers, and client id {client} is logged in"),
            _version(ib.client.serverVersion()),
            _accounts(ib.managedAccounts()),
            await _clock(ib),
            *_rights(ib, refusals),
            *_health(ib),
        ]
    except ConnectionError as error:
        return [Finding(Verdict.BROKEN, f"{host}:{port} ended the connection: {error}", "Look into its log.")]
    finally:
        await ib.disconnectAsync()
    return found


async def _not_connected(host: str, port: int, client: int, refused: int, error: Exception) -> Finding:
    if refused == _IN_USE:
        return Finding(Verdict.BROKEN, f"client id {client} is in use", "Give another one with --client.")
    if not isinstance(error, ConnectionRefusedError):
        return Finding(Verdict.BROKEN, f"{host}:{port}: {str(error) or type(error).__name__}")
    others = [other for other in USUAL_PORTS if other != port]
    open_ports = [other for other in others if await _is_open(host, other)]
    advice = (
        "Start TWS or IB Gateway, log in, and enable socket clients in its API settings. After a restart it takes a "
        "minute or two until it listens."
    )
    if open_ports:
        names = ", ".join(f"{other} ({USUAL_PORTS[other]})" for other in open_ports)
        advice = f"The server may be another one: {names} answers there."
    return Finding(Verdict.BROKEN, f"nothing listens at {host}:{port}", advice)


async def _is_open(host: str, port: int) -> bool:
    with suppress(OSError):
        async with asyncio.timeout(_OPENING_SECONDS):
            transport, _ = await connect(asyncio.Protocol, host, port)
        transport.close()
        return True
    return False


def _version(version: int) -> Finding:
    text = f"server version {version}, of which ibdesk speaks up to {V.MAX}"
    if version < V.PARAMETRIZED_DAYS_OF_EXECUTIONS:
        advice = (
            "Update it: newer ones tell the executions of seven days, which a program needs that was away for a night."
        )
        return Finding(Verdict.DOUBTFUL, text, advice)
    return Finding(Verdict.WELL, text)


def _accounts(accounts: list[str]) -> Finding:
    kinds = {"paper" if account.startswith(_PAPER_ACCOUNTS) else "live" for account in accounts}
    return Finding(Verdict.WELL, f"{' and '.join(sorted(kinds))} trading, accounts {', '.join(accounts)}")


async def _clock(ib: IB) -> Finding:
    try:
        there = await ib.reqCurrentTimeAsync()
    except TimeoutError:
        return Finding(Verdict.BROKEN, "the server does not tell its time", "It hangs: restart it.")
    apart = (clocks_here().now(there.tzinfo) - there).total_seconds()
    if abs(apart) > _MOST_SECONDS_APART:
        advice = (
            "Have both computers set their clocks by NTP: times of orders and bars are compared with this one's. "
            "Nothing is to be mended where the market is a simulated one, such as that of `ibdesk paper`, which has a "
            "time of its own while New York is closed."
        )
        return Finding(Verdict.DOUBTFUL, f"the clocks differ by {apart:.0f} s", advice)
    return Finding(Verdict.WELL, "the clocks agree")


def _rights(ib: IB, refusals: list[tuple[int, str]]) -> Iterator[Finding]:
    if any("read-only" in text.casefold() for _, text in refusals):
        advice = 'Uncheck "Read-Only API" in the API settings, or READ_ONLY_API in Docker, if programs are to trade.'
        yield Finding(Verdict.BROKEN, "the API is read-only: orders can be neither placed nor fetched", advice)
    elif ib.startup.is_complete:
        yield Finding(Verdict.WELL, "positions, orders, executions and account values come")
    else:
        advice = (
            "A server that answers other requests is short of memory, or of time. Give it 4096 MB (Configure, "
            "Settings, Memory Allocation), restart it each day, and fetch less: fetchFields, or a longer timeout."
        )
        yield Finding(Verdict.BROKEN, f"not all of the account comes: {ib.startup}", advice)


def _health(ib: IB) -> Iterator[Finding]:
    health = ib.health
    if health.link is LinkState.BROKEN:
        advice = (
            "It reconnects by itself. For long outages see IBKR's system status, and whether it has to log in anew."
        )
        yield Finding(Verdict.BROKEN, "the server has no link to IBKR", advice)
    for name in health.broken_farms:
        kind = health.farms[name].kind
        yield Finding(Verdict.BROKEN, f"the farm {name} is broken: no {kind}", "Usually it is back within minutes.")
    if health.is_competing:
        advice = "Log that session out, or use a second user name for it."
        yield Finding(Verdict.BROKEN, "another session of the same user has the market data", advice)
    if health.is_well:
        told = ", ".join(health.farms) or "none was told"
        yield Finding(Verdict.WELL, f"the link to IBKR is up, and no farm is broken ({told})")
