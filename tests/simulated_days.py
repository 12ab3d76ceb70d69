"""Lets a program trade through simulated days with random faults, and has an auditor look at both sides.

    python tests/simulated_days.py [--days 1000] [--first 1] [--close 15:45] [--processes 2] [--shrink]

Each day has a number, which decides its prices, the program and its faults. A day on which something is wrong is
printed with its scenario, which `ibdesk paper --scenario` plays; with `--shrink` it is made as small as it can be and
still be wrong. At the end it says how many faults of each kind came.
Tests live through 50 short days: `tests/simulation/test_trading_days.py`.
"""

import argparse
import asyncio
import logging
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from simulation.shrinking import shrunk
from simulation.trading_day import CLOSE, Day, drawn, live_through

from ibdesk.paper.faults import Scenario


async def lived(number: int, scenario: Scenario, close: str) -> Day:
    """What has come of a day. One that ends with an error has that for a finding."""
    try:
        return await live_through(number, scenario, close)
    except Exception as error:
        return Day([f"the day ended with {error!r}"], Counter(), 0, 0)


def told(number: int, close: str, shrink: bool) -> tuple[Day, str]:
    """What has come of the day with a number, and what is to be told of it."""
    logging.disable(logging.CRITICAL)  # what goes wrong on purpose is logged thousands of times
    scenario = drawn(number, close)
    day = asyncio.run(lived(number, scenario, close))
    faults = ", ".join(f"{kind} {count}" for kind, count in day.faults.items())
    text = f"day {number}: {day.orders} orders, {day.fills} fills; {faults or 'no fault'}"
    if day.findings:
        text += "".join(f"\n    {finding}" for finding in day.findings) + f"\n{scenario.text()}"
        if shrink:

            async def fails(scenario: Scenario, close: str) -> bool:
                return bool((await lived(number, scenario, close)).findings)

            scenario, close = asyncio.run(shrunk(scenario, close, fails))
            text += f"\n--- the smallest that is wrong, with the close at {close}:\n{scenario.text()}"
    return day, text


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--close", default=CLOSE)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--shrink", action="store_true")
    chosen = parser.parse_args()
    numbers = range(chosen.first, chosen.first + chosen.days)
    days: list[Day] = []
    with ProcessPoolExecutor(chosen.processes) as pool:
        for day, text in pool.map(partial(told, close=chosen.close, shrink=chosen.shrink), numbers):
            days.append(day)
            print(text, flush=True)
    wrong = [number for number, day in zip(numbers, days, strict=True) if day.findings]
    orders, fills, unheard, gaps, lives = (
        sum(getattr(day, name) for day in days) for name in ("orders", "fills", "unheard_fills", "gaps", "lives")
    )
    print(
        f"{len(days)} days, {lives} programs: {orders} orders, {fills} fills, {unheard} of them while nobody was "
        f"connected; {gaps} gaps of quotes were told; the longest doubt: {max(day.longest_doubt for day in days):.0f} s"
    )
    faults = sum((day.faults for day in days), Counter[str]())
    print("faults that came: " + ", ".join(f"{kind} {count}" for kind, count in faults.most_common()))
    print(f"days on which something was wrong: {', '.join(map(str, wrong)) or 'none'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
