"""The clocks of an event loop: what time it is.

An event loop that simulates time has clocks of its own, in its attribute `clocks`. Any other loop has the computer's.
All of ibdesk asks here for the time, so that client, gateway and program have the same time on a simulated loop.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from typing import NamedTuple

from .loops import loop_that_was_set, running_loop


class Clocks(NamedTuple):
    """The clocks of a loop."""

    now: Callable[[dt.tzinfo | None], dt.datetime]
    """The current time in a time zone; for None, a naive datetime in the computer's zone."""
    timestamp: Callable[[], float]
    """The current time in seconds since 1970 UTC."""
    seconds: Callable[[], float]
    """Seconds since some moment. They never go back, even if the time of day is set back."""


def _seconds() -> float:
    return time.perf_counter()  # looked up each time, because it is another function in a simulation


COMPUTER = Clocks(dt.datetime.now, time.time, _seconds)
"""The clocks of the computer. In a process whose time is simulated, they are those of the simulation."""

# Waiting without a loop, when nothing else has to be done meanwhile.
stand_still: Callable[[float], None] = time.sleep


def clocks_of(loop: asyncio.AbstractEventLoop | None) -> Clocks:
    """Return the clocks of a loop; those of the computer if there is no loop."""
    own: Clocks | None = getattr(loop, "clocks", None)
    return COMPUTER if own is None else own


def clocks_here() -> Clocks:
    """Return the clocks of the loop of this thread: the one that runs, else the one that was set."""
    return clocks_of(running_loop() or loop_that_was_set())


def local_zone() -> dt.tzinfo:
    """Return the time zone of this computer."""
    return dt.datetime.now().astimezone().tzinfo or dt.UTC
