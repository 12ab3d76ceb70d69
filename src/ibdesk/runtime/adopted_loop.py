"""Lets an event loop that runs already live in simulated time for a while: that of a test, or of a notebook."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from ibdesk.errors import SimulationError

from .memory_network import Network
from .simulated_loop import SimulatedLoop
from .simulated_threads import Threads
from .simulated_time import SimulatedTime

_OF_TIME = ("_selector", "_scheduled", "_timer_cancelled_count", "_clock_resolution")
"""What of a loop belongs to the time in which it lives, and to its connections."""


@contextmanager
def adopted(
    loop: asyncio.AbstractEventLoop, time: SimulatedTime, network: Network, threads: Threads
) -> Iterator[SimulatedLoop]:
    """Make a running loop a simulated one, and give it back as it was.

    Meanwhile its own timers and connections rest. Those that were made meanwhile end with it.

    Raises SimulationError for a loop that cannot be one.
    """
    kind = type(loop)
    if kind is not asyncio.SelectorEventLoop:
        raise SimulationError(
            f"an event loop of {kind.__module__} ({kind.__name__}) can't live in simulated time: run on "
            "asyncio.SelectorEventLoop, or begin the simulation outside of the loop, by ibdesk.simulation.simulate"
        )
    before, names = {name: vars(loop)[name] for name in _OF_TIME}, set(vars(loop))
    loop.__class__ = SimulatedLoop
    assert isinstance(loop, SimulatedLoop)
    try:
        loop.enter(time, network, threads)
        yield loop
    finally:
        loop.leave()
        loop.__class__ = kind  # type: ignore[assignment]
        for name in set(vars(loop)) - names:
            delattr(loop, name)
        vars(loop).update(before)
