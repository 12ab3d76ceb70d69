"""Lets programs on ib_async 2.1.0 trade through days of `simulated_days.py`, and tells what they lose beside ibdesk.

    python tests/simulated_peer_days.py [--days 20] [--first 1] [--close 15:45] [--processes 2] [--record]

The same auditor looks at all of them. Each finding is printed, and how much of each loss there was in all. `--record`
keeps that in `docs/lost_in_days.json`, of which `docs/generate.py` makes the page `docs/reference/lost_in_days.md`.
"""

import argparse
import asyncio
import json
import logging
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from fetch_oracles import oracle_path
from simulation.auditor import Loss
from simulation.trading_day import CLOSE, drawn

from ibdesk.paper.faults import Scenario

PROGRAMS = {"watchdog": "WatchdogProgram", "careful": "CarefulProgram", "ibdesk": None}
"""Who trades -> the class in `simulation/peer_program.py`; ibdesk is no peer."""

MISSING = "five-second bars that the program does not have, and knows it"

RECORD = Path(__file__).resolve().parents[1] / "docs" / "lost_in_days.json"
LONGEST_DAY = 48 * 3600.0
"""A day that has not ended after so many simulated seconds never will."""


def lived(who: str, number: int, close: str, scenario: str = "") -> dict[str, Any]:
    """What has come of the day with a number, as plain data. Its faults are drawn, unless a scenario is given."""
    sys.path.insert(0, str(oracle_path("ib_async", "2.1.0")))
    from simulation import peer_program, trading_day

    logging.basicConfig(level=logging.CRITICAL + 1, force=True)
    make = getattr(peer_program, PROGRAMS[who]) if PROGRAMS[who] else None

    faults = Scenario.from_text(scenario) if scenario else trading_day.drawn(number, close)

    async def live() -> trading_day.Day:
        async with asyncio.timeout(LONGEST_DAY):
            return await trading_day.live_through(number, faults, close, make)

    try:
        day = asyncio.run(live())
    except Exception as error:  # then the others are to be lived through all the same
        return {"who": who, "number": number, "ended": repr(error)}
    return {
        "who": who,
        "number": number,
        "faults": dict(sorted(day.faults.items())),
        "orders": day.orders,
        "fills": day.fills,
        "missing live bars": day.missing_live_bars,
        "findings": [[finding.loss.value, finding.count, finding.text] for finding in day.findings],
    }


def scenarios(numbers: range, close: str) -> str:
    """Return a digest of what is drawn for some days."""
    return sha256("".join(drawn(number, close).text() for number in numbers).encode()).hexdigest()


def record(days: list[dict[str, Any]], numbers: range, close: str) -> dict[str, Any]:
    """Return what is to be kept of the days: how much was lost in all by each program, and on how many days."""
    losses: dict[str, dict[str, tuple[int, int]]] = {}
    for loss in Loss:
        counts = [(day["who"], sum(count for each, count, _ in day["findings"] if each == loss)) for day in days]
        losses[loss.value] = _totals(counts)
    losses[MISSING] = _totals([(day["who"], day["missing live bars"]) for day in days])
    return {
        "ib_async": oracle_path("ib_async", "2.1.0").name.partition("-")[2],
        "ibdesk": version("ibdesk"),
        "first": numbers.start,
        "days": len(numbers),
        "close": close,
        "scenarios": scenarios(numbers, close),
        "happened": {
            what: {who: sum(_number(day[what]) for day in days if day["who"] == who) for who in PROGRAMS}
            for what in ("orders", "fills", "faults")
        },
        "losses": losses,
    }


def _totals(counts: list[tuple[str, int]]) -> dict[str, tuple[int, int]]:
    return {
        who: (
            sum(count for each, count in counts if each == who),
            sum(each == who and count > 0 for each, count in counts),
        )
        for who in PROGRAMS
    }


def _number(value: Any) -> int:
    return sum(value.values()) if isinstance(value, dict) else int(value)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--close", default=CLOSE)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--record", action="store_true")
    chosen = parser.parse_args()
    numbers = range(chosen.first, chosen.first + chosen.days)
    days = []
    # ib_async is on the path of these processes only.
    with ProcessPoolExecutor(chosen.processes, mp_context=get_context("spawn")) as pool:
        each = [(who, number) for who in PROGRAMS for number in numbers]
        for day in pool.map(partial(lived, close=chosen.close), *zip(*each, strict=True)):
            days.append(day)
            print({**day, "findings": len(day.get("findings", []))}, flush=True)
            for loss, count, text in day.get("findings", []):
                print(f"    {loss} ({count}): {text[:300]}", flush=True)
    if any("ended" in day for day in days):
        return 1
    kept = record(days, numbers, chosen.close)
    for what, row in (kept["happened"] | kept["losses"]).items():
        print(f"{what:60}", *(f"{who} {value}" for who, value in row.items()), sep="  ")
    if chosen.record:
        RECORD.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
        print(f"{RECORD} is written; python docs/generate.py makes the page of it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
