"""Clients that know nothing of ibdesk trade on the paper gateway: ib_async, and IBKR's own in text and in protobuf."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from fetch_oracles import oracle_path

from ibdesk.paper import PaperGateway

PROGRAMS = Path(__file__).parent / "programs"
START = "2026-11-20T10:30:00-05:00"

pytestmark = pytest.mark.slow


async def started(program: str, oracle: Path, *arguments: object) -> asyncio.subprocess.Process:
    """A program that imports another library, in a process whose output is read."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "ignore", str(PROGRAMS / program), *map(str, arguments)),
        env={**os.environ, "PYTHONPATH": str(oracle)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def result_of(process: asyncio.subprocess.Process, out: bytes, err: bytes) -> dict[str, Any]:
    """What a program printed last, once it has ended well."""
    assert process.returncode == 0, err.decode()
    result: dict[str, Any] = json.loads(out.decode().splitlines()[-1])
    return result


async def run(program: str, oracle: Path, max_version: int = 225) -> dict[str, Any]:
    """What the program printed, after it traded on a gateway of its own."""
    async with PaperGateway(port=0, seed=3, start_time=START, max_version=max_version) as gateway:
        process = await started(program, oracle, gateway.port)
        try:
            async with asyncio.timeout(90):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            out, err = await process.communicate()
            pytest.fail(f"{program} did not end: {out.decode()}{err.decode()}")
    return result_of(process, out, err)


def check(result: dict[str, Any], account: str = "DU1234567") -> None:
    """The session came to what it must come to."""
    bid, ask, last = result["quote"]
    assert result["accounts"] == [account]
    assert result["conId"] == 265598
    assert 0 < bid < ask
    assert last == pytest.approx(bid, rel=0.01)
    assert len(result["bars"]) == 13  # an hour of the session has gone by, and a bar has begun
    for _, opened, high, low, close, volume in result["bars"]:
        assert low <= min(opened, close) <= max(opened, close) <= high
        assert volume > 0
    assert result["modified"] == [True, True]
    assert result["cancelled"] == "Cancelled"
    status, quantity, price = result["filled"]
    assert (status, quantity) == ("Filled", 100)
    assert price == pytest.approx(ask, rel=0.01)
    assert result["commission"] >= 1.0
    assert result["executions"] == 100
    assert result["positions"] == [["AAPL", 100]]
    assert result["netLiquidation"] == pytest.approx(1_000_000, rel=0.001)
    assert result["completed"] == ["Cancelled", "Filled"]


async def test_ib_async() -> None:
    result = await run("ib_async_trades.py", oracle_path("ib_async", "2.1.0"))
    assert result["serverVersion"] == 178
    assert result["portfolio"] == [["AAPL", 100]]
    check(result)


@pytest.mark.parametrize(
    ("version", "max_version", "agreed"),
    [("10.46.1", 225, 225), ("10.46.1", 203, 203), ("10.46.1", 200, 200), ("10.37.2", 225, 203), ("10.19.4", 225, 176)],
)
async def test_the_official_client(version: str, max_version: int, agreed: int) -> None:
    result = await run("official_trades.py", oracle_path("nautilus-ibapi", version), max_version)
    assert result["serverVersion"] == agreed
    check(result)
