"""Each row of `docs/reference/ib_insync.md` is what ib_async, ib_insync and `ibdesk run --as ib_insync` really give.

Each of them does the same lines in a process of its own, with a paper gateway and a scripted server of its own.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from client.scripted import serving
from fetch_oracles import oracle_path

from ibdesk.paper import PaperGateway
from ibdesk.wire.messages import connection, market_data, order_status, orders, tick_by_tick

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "ib_insync.md"
SAYS = Path(__file__).with_name("says.py")
SOURCE = ROOT / "src"

pytestmark = pytest.mark.slow


class Row(NamedTuple):
    """A line of Python, and what it gives, by the heading of the column."""

    lines: str
    given: dict[str, str]


def rows() -> list[Row]:
    found, heads = [], []
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("| ").split(" | ")]
        if line.startswith("| Line |"):
            heads = cells
        elif line.startswith("| `"):
            found.append(Row(cells[0], {head: cell for head, cell in zip(heads, cells, strict=True) if head in WAYS}))
    return found


WAYS = {
    "ib_async": (["-W", "ignore", str(SAYS), "ib_async"], lambda: oracle_path("ib_async", "2.1.0")),
    "ib_insync": (["-W", "ignore", str(SAYS), "ib_insync"], lambda: oracle_path("ib_insync", "0.9.86")),
    "--as ib_async": (["-m", "ibdesk", "run", "--as", "ib_async", str(SAYS), "ib_async"], lambda: SOURCE),
    "--as ib_insync": (["-m", "ibdesk", "run", "--as", "ib_insync", str(SAYS), "ib_insync"], lambda: SOURCE),
}
"""How each library is run, by the heading of its column: the arguments for Python, and where it is imported from."""


ROWS = rows()

BID, LAST, HALTED = 1, 4, 49


def ticks(message: market_data.ReqMktData) -> Iterable[Any]:
    """What the scripted server has to say of an instrument."""
    reqId = message.reqId
    prices: dict[str, list[Any]] = {
        "SAME": [market_data.TickPrice(reqId, BID, 10.0, 5.0)] * 2,
        "MORE": [market_data.TickPrice(reqId, BID, 10.0, size) for size in (5.0, 7.0)],
        "NONE": [market_data.TickPrice(reqId, BID, 10.0, size) for size in (5.0, 0.0)],
        "GONE": [market_data.TickPrice(reqId, BID, 10.0, 5.0), market_data.TickSize(reqId, 0, 0.0)],
        "UNKNOWN": [market_data.TickGeneric(reqId, HALTED, -1.0)],
        "LAST": [market_data.TickPrice(reqId, LAST, 10.0, size) for size in (5.0, 7.0)],
    }
    return prices[message.contract.symbol]


def trades(message: tick_by_tick.ReqTickByTickData) -> Iterable[Any]:
    return [
        tick_by_tick.TickByTick(message.reqId, 1, last=tick_by_tick.TickLast(time=1_780_000_000, price=10.0, size=size))
        for size in (5.0, 7.0)
    ]


def inactive(message: orders.PlaceOrder) -> Iterable[Any]:
    """The server keeps every order back, and gives no reason."""
    return [
        order_status.OrderStatus(message.orderId, "Inactive", 0.0, message.order.totalQuantity, 0.0, 77, 0, 0.0, 7, "")
    ]


SCRIPT = {
    market_data.ReqMktData: ticks,
    tick_by_tick.ReqTickByTickData: trades,
    orders.PlaceOrder: inactive,
    connection.ReqCurrentTime: lambda _: [connection.CurrentTime(1_780_000_000)],
}


async def said(command: list[str], path: Path) -> list[str]:
    start = "2026-11-20T10:30:00-05:00"
    async with PaperGateway(port=0, seed=3, start_time=start) as gateway, serving(SCRIPT, 176) as server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command, str(gateway.port), str(server.port)),
            env={**os.environ, "PYTHONPATH": str(path)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(120):
            out, err = await process.communicate(json.dumps([row.lines for row in ROWS]).encode())
    assert process.returncode == 0, err.decode()
    answers: list[str] = json.loads(out.decode().splitlines()[-1])
    return answers


async def everything() -> dict[str, dict[str, str]]:
    """What each line gives, by the lines and the column."""
    found: dict[str, dict[str, str]] = {row.lines: {} for row in ROWS}
    for column, (command, path) in WAYS.items():
        for row, answer in zip(ROWS, await said(command, path()), strict=True):
            found[row.lines][column] = answer
    return found


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, str]]:
    return asyncio.run(everything())


@pytest.mark.parametrize("row", ROWS, ids=[row.lines for row in ROWS])
def test_a_row_is_what_they_give(found: dict[str, dict[str, str]], row: Row) -> None:
    assert {column: found[row.lines][column] for column in row.given} == row.given


def test_a_row_tells_a_difference() -> None:
    assert len(ROWS) > 40
    assert [row.lines for row in ROWS if len(set(row.given.values())) == 1] == []


NAMES = """
import importlib, json, inspect, sys
found = []
for part in "client connection contract flexreport ib ibcontroller objects order ticker util".split():
    module = importlib.import_module("ib_insync." + part)
    for name, value in vars(module).items():
        is_own = getattr(value, "__module__", module.__name__) == module.__name__ and not inspect.ismodule(value)
        if is_own and not name.startswith("_"):
            members = [one for one in dir(value) if not one.startswith("_")] if inspect.isclass(value) else []
            found += [(part, name), *((part, name, one) for one in members)]
print(json.dumps(found))
"""

MISSING = """
import functools, importlib, json, sys
missing = object()
for part, *path in json.load(sys.stdin):
    module = importlib.import_module("ib_insync." + part)
    if functools.reduce(lambda one, name: getattr(one, name, missing), path, module) is missing:
        print(".".join(path))
"""


def test_every_public_name_is_there() -> None:
    def run(*command: str, path: Path, given: str = "") -> str:
        environment = {**os.environ, "PYTHONPATH": str(path)}
        return subprocess.run(
            [sys.executable, *command], env=environment, input=given, capture_output=True, text=True, check=True
        ).stdout

    names = run("-W", "ignore", "-c", NAMES, path=oracle_path("ib_insync", "0.9.86"))
    assert len(json.loads(names)) > 1000
    code = f"from ibdesk import compat; compat.install('ib_insync'){MISSING}"
    missing = run("-c", code, path=SOURCE, given=names).split()
    # Each Watchdog has its own; a logger is no part of an event; a number is only imported there.
    assert {one for one in missing if not one.endswith(".logger")} == {"Watchdog.probeContract", "nan"}
