"""Clients that know nothing of ibdesk exercise options on the paper gateway, and live through their end."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from end_to_end.test_third_parties import result_of, started
from fetch_oracles import oracle_path

from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import NEW_YORK, HandClock

START = datetime(2026, 11, 20, 15, 0, tzinfo=NEW_YORK)
NIGHT = datetime(2026, 11, 21, 2, 0, tzinfo=NEW_YORK)
SPY = 756733
NOT_IN_THE_MONEY = "Error processing request.Exercise ignored because option is not in-the-money."
EXECUTIONS = [["OPT", "SLD", 1.0]] * 3 + [["STK", "BOT", 100.0]] * 2

pytestmark = pytest.mark.slow


async def run(program: str, oracle: Path, max_version: int = 225) -> dict[str, Any]:
    """What the program printed. When it waits, the night comes."""
    clock = HandClock(START)
    async with PaperGateway(port=0, seed=3, clock=clock, max_version=max_version) as gateway:
        strike = round(gateway.broker.market.quote(SPY, START).last)
        process = await started(program, oracle, gateway.port, strike)
        assert process.stdout is not None
        try:
            async with asyncio.timeout(90):
                assert await process.stdout.readline() == b"waiting\n"
                clock.advance((NIGHT - START).total_seconds())
                gateway.advance()
                out, err = await process.communicate()
        except (TimeoutError, AssertionError):
            if process.returncode is None:
                process.kill()
            out, err = await process.communicate()
            pytest.fail(f"{program} did not end: {out.decode()}{err.decode()}")
    return result_of(process, out, err)


async def test_ib_async() -> None:
    result = await run("ib_async_expires.py", oracle_path("ib_async", "2.1.0"))
    assert result["instruction"] == ["BUY", "LMT", 1.0, "PreSubmitted"]
    assert result["filled"] == ["Filled", 1.0]
    assert result["told"] == [["OPT", 1.0]]
    assert result["resting"] == "Cancelled"
    assert result["positions"] == [["STK", 200.0]]
    assert [each[:3] for each in result["executions"]] == EXECUTIONS
    assert {each[3] for each in result["executions"]} == {0.0}
    assert result["portfolio"] == [["STK", 200.0]]
    assert result["unknown"]
    assert result["errors"] == [[322, NOT_IN_THE_MONEY], [202, "Order Canceled - reason:Contract expired"]]


@pytest.mark.parametrize(
    ("version", "max_version", "agreed"), [("10.46.1", 225, 225), ("10.37.2", 225, 203), ("10.19.4", 225, 176)]
)
async def test_the_official_client(version: str, max_version: int, agreed: int) -> None:
    result = await run("official_expires.py", oracle_path("nautilus-ibapi", version), max_version)
    assert result["serverVersion"] == agreed
    assert result["instruction"] == ["BUY", "LMT", 1.0, "PreSubmitted"]
    assert result["execution"][:3] == ["SLD", 1.0, 0.0]
    assert result["execution"][3] == ("Exercise" if agreed >= 203 else None)
    assert result["filled"] == ["Filled", 1.0]
    assert result["positions"] == [["STK", 200.0]]
    assert result["executions"] == EXECUTIONS
    assert result["errors"] == [[322], NOT_IN_THE_MONEY]
