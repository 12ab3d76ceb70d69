"""Faults of the paper gateway: what goes wrong between it and its clients, at IB, and with instruments.

A `Scenario` is a list of faults and a seed. Each fault is a dataclass: what, to whom, for how long, and `at` which
moment: seconds after the start, a datetime, a time of day (each day), or `Before` or `After` the message number so and
so of a class. A gateway plays it, and `gateway.faults` tells what came::

    scenario = Scenario([
        DropOrder(After("PlaceOrder", number=2)),          # processed, and never answered
        ConnectivityLost(600, seconds=45, restored=1101),  # ten minutes after the start
        Cut(After("ExecDetails"), linger=20),              # then 326 for twenty seconds
        Restart(time(23, 45), seconds=90),                 # each night
    ], seed=7)
    async with PaperGateway(port=0, scenario=scenario) as gateway:
        ...
        assert gateway.faults.counts["cut"] == 1

`draw_scenario` draws one from a seed, and `draw_fault` one fault, also for Hypothesis. `scenario.text()` is YAML,
`Scenario.read(path)` reads it, and `ibdesk paper --scenario FILE` plays it. The same scenario on the same gateway, with
the same requests at the same moments, has the same course.
"""

from .drawing import draw_fault, draw_scenario
from .kinds import (
    FARMS,
    KINDS,
    Bust,
    CompetingSession,
    ConnectivityLost,
    Crash,
    Cut,
    Delay,
    DepthReset,
    DropOrder,
    Duplicate,
    FarmDown,
    Fault,
    Gap,
    Halt,
    KillClient,
    NightlyReset,
    Refuse,
    Reorder,
    Restart,
    Split,
    Stall,
    Swallow,
)
from .playing import Faults
from .prices import with_faults
from .scenario import Scenario
from .spans import Occurrence
from .triggers import After, At, Before, Byte

__all__ = [
    "FARMS",
    "KINDS",
    "After",
    "At",
    "Before",
    "Bust",
    "Byte",
    "CompetingSession",
    "ConnectivityLost",
    "Crash",
    "Cut",
    "Delay",
    "DepthReset",
    "DropOrder",
    "Duplicate",
    "FarmDown",
    "Fault",
    "Faults",
    "Gap",
    "Halt",
    "KillClient",
    "NightlyReset",
    "Occurrence",
    "Refuse",
    "Reorder",
    "Restart",
    "Scenario",
    "Split",
    "Stall",
    "Swallow",
    "draw_fault",
    "draw_scenario",
    "with_faults",
]
