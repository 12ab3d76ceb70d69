"""How a test runs a coroutine on a loop whose time jumps."""

import asyncio
import datetime as dt
from collections.abc import Coroutine
from time import monotonic
from typing import Any, TypeVar

from ibdesk.runtime.simulated_loop import SimulatedLoop

T = TypeVar("T")

START = dt.datetime(2026, 11, 2, 14, 30, tzinfo=dt.UTC)
"""A Monday on which New York's market has just opened."""


def run(main: Coroutine[Any, Any, T], start: dt.datetime | None = START, latency: float = 0.0) -> T:
    """Runs `main` on a loop of its own, as `asyncio.run` does, but without waiting. Without `start`, from now on."""
    begin = start or dt.datetime.now(dt.UTC)
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(begin, latency)) as runner:
        return runner.run(main)


def elapsed() -> float:
    """Seconds since the start; a moment that has come is the least bit past."""
    return round(monotonic(), 6)
