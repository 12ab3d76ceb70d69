"""Makes the scenario of a day that fails as small as it can be, and still fail."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ibdesk.paper.faults import Scenario

from .trading_day import OPEN

Fails = Callable[[Scenario, str], Awaitable[bool]]
"""What tells whether a day fails that has a scenario and closes at a time of day."""

_SHORTEST_DAY, _SHORTEST_FAULT = timedelta(minutes=20), 1.0


async def shrunk(scenario: Scenario, close: str, fails: Fails) -> tuple[Scenario, str]:
    """Return the scenario, and the close, of the smallest day that is found which fails as this one does.

    Faults are left out, the day is made shorter, and the faults that are left are: each as long as the day fails.
    """
    faults = scenario.faults
    number = 0
    while number < len(faults):
        fewer = (*faults[:number], *faults[number + 1 :])
        if await fails(replace(scenario, faults=fewer), close):
            faults = fewer
        else:
            number += 1
    scenario = replace(scenario, faults=faults)
    while (earlier := _halfway(close)) != close and await fails(scenario, earlier):
        close = earlier
    for number in range(len(faults)):
        while (shorter := _with_half(scenario, number)) is not None and await fails(shorter, close):
            scenario = shorter
    return scenario, close


def _halfway(close: str) -> str:
    """Return a close between the open and this one; the same if a day would be too short."""
    begin, end = (datetime.fromisoformat(f"2026-11-02T{clock}") for clock in (OPEN, close))
    length = (end - begin) / 2
    return close if length < _SHORTEST_DAY else f"{begin + length:%H:%M}"


def _with_half(scenario: Scenario, number: int) -> Scenario | None:
    """Return the scenario with one fault that goes on for half as long; None if it can't be shorter."""
    fault: Any = scenario.faults[number]
    seconds = getattr(fault, "seconds", None)
    if not seconds or seconds / 2 < _SHORTEST_FAULT:
        return None
    try:
        shorter = replace(fault, seconds=round(seconds / 2, 1))
    except ValueError:  # each of its parts takes some time
        return None
    return replace(scenario, faults=(*scenario.faults[:number], shorter, *scenario.faults[number + 1 :]))
