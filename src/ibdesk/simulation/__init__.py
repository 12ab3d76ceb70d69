"""Simulations: programs live through days in seconds, on a paper gateway, with all clocks in simulated time.

`simulate` runs a program, and tells what it has traded and earned. `simulation` is for the code of tests and notebooks.
"""

from ibdesk.optional import require_all

_NEEDS = ("time_machine",)
"""The libraries of the extra `simulation`, beside those of the paper gateway."""

require_all(_NEEDS, "A simulation", "ibdesk[simulation]")

from .result import (  # noqa: E402 - only now, when the library is there
    DayResult,
    Drawdown,
    OpenOrder,
    Refused,
    SimulationResult,
    WithoutPrices,
)
from .running import simulate  # noqa: E402
from .world import World, simulation  # noqa: E402

__all__ = [
    "DayResult",
    "Drawdown",
    "OpenOrder",
    "Refused",
    "SimulationResult",
    "WithoutPrices",
    "World",
    "simulate",
    "simulation",
]
