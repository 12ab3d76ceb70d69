"""Lets a program trade through simulated days with random faults, and has an auditor look at both sides.

    python tests/simulated_days.py [--days 1000] [--first 1] [--close 15:55] [--processes 2]

Each day has a number, which decides its prices, the program and its faults. A day on which something is wrong is
printed with its scenario, which `ibdesk paper --scenario` plays. At the end it says how many faults of each kind came.
It takes seconds a day, so tests live through a few short ones only: `tests/simulation/test_trading_days.py`.
"""

import argparse
import asyncio
import logging
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from random import Random

from simulation.trading_day import CLOSE, Day, drawn, live_through, seconds_of


def lived(number: int, close: str) -> Day:
    """What has come of the day with a number."""
    logging.disable(logging.CRITICAL)  # what goes wrong on purpose is logged thousands of times
    scenario = drawn(Random(number), seconds_of(close))
    return asyncio.run(live_through(number, scenario, close=close))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--close", default=CLOSE)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    numbers = range(chosen.first, chosen.first + chosen.days)
    faults, orders, fills, wrong = Counter[str](), 0, 0, 0
    with ProcessPoolExecutor(chosen.processes) as pool:
        days = pool.map(partial(lived, close=chosen.close), numbers)
        for number, day in zip(numbers, days, strict=True):
            faults += day.faults
            orders, fills, wrong = orders + day.orders, fills + day.fills, wrong + bool(day.findings)
            told = ", ".join(f"{kind} {count}" for kind, count in day.faults.items())
            print(f"day {number}: {day.orders} orders, {day.fills} fills; {told or 'no fault'}", flush=True)
            if day.findings:
                print("\n".join(f"    {finding}" for finding in day.findings))
                print(drawn(Random(number), seconds_of(chosen.close)).text(), flush=True)
    print(f"{len(numbers)} days, {orders} orders, {fills} fills; days on which something was wrong: {wrong}")
    print("faults that came: " + ", ".join(f"{kind} {count}" for kind, count in faults.most_common()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
