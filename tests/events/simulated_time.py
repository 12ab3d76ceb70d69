"""Decides how a test runs a coroutine on an event loop whose clock jumps over every wait; knows nothing of events."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

TURN = 1e-6
"""Seconds that a turn of the loop takes."""

TURNS = 100_000
"""A run of more turns is taken for one without end."""


class _Selector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    now = 0.0
    turns = 0

    def select(self, timeout: float | None = None) -> Any:
        # Without a timeout only another thread can wake the loop.
        ready = super().select(10 if timeout is None else 0)
        if not ready:
            assert timeout is not None, "nothing is left that could wake the loop"
            self.now += timeout
        self.now += TURN
        self.turns += 1
        assert self.turns < TURNS, "the run does not end"
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0 and passes only where the loop has nothing to do but wait."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` on a loop of its own, as `asyncio.run` does, but without waiting."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(main)
