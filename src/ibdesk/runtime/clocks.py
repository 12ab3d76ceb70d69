"""What time it is, as an event loop has it.

A loop that simulates time has clocks of its own, in its attribute `clocks`. Any other loop goes by the computer's. All
of ibdesk asks here, so that client, gateway and program on a simulated loop have one time.
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
    """The moment, in a time zone; naive, in the computer's, for None."""
    timestamp: Callable[[], float]
    """The same moment in seconds since 1970 UTC."""
    seconds: Callable[[], float]
    """Seconds since some moment. They never go back, whatever happens to the time of day."""


COMPUTER = Clocks(dt.datetime.now, time.time, time.perf_counter)
"""The clocks of the computer."""

# Where no loop runs, nothing else is to be done meanwhile.
stand_still: Callable[[float], None] = time.sleep


def clocks_of(loop: asyncio.AbstractEventLoop | None) -> Clocks:
    """Return the clocks that a loop goes by; the computer's where there is no loop."""
    own: Clocks | None = getattr(loop, "clocks", None)
    return COMPUTER if own is None else own


def clocks_here() -> Clocks:
    """Return the clocks of the loop of this thread: the one that runs, else the one that was set."""
    return clocks_of(running_loop() or loop_that_was_set())


def local_zone() -> dt.tzinfo:
    """Return the time zone of this computer."""
    return dt.datetime.now().astimezone().tzinfo or dt.UTC
