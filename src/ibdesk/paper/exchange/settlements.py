"""What happens to positions without a trade: contracts end, and options are exercised, assigned, or lapse.

The exchange is told of it by the clearing, reports it as executions, and ends the instructions that led to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from ibdesk.model.contract import Contract

from .working import WorkingOrder

NOT_CARRIED_OUT = (322, "Error processing request.Exercise/Lapse failed due to server rejection.")
"""What is told of an instruction that comes to nothing, before it is cancelled."""


class Cause(IntEnum):
    """Why a position changes: the values of IB's `Execution.optExerciseOrLapseType`."""

    FUTURE_ENDS = -1
    EXERCISED = 1
    LAPSED = 2
    ASSIGNED = 100
    EXERCISED_AUTOMATICALLY = 101
    EXPIRED = 102


class Leg(NamedTuple):
    """A change of one position: by `quantity`, negative where it gets less, at a price."""

    contract: Contract
    quantity: float
    price: float


@dataclass(frozen=True, slots=True)
class Settlement:
    """A change of positions: the first of the `legs` is that of the contract which ends, or is exercised.

    `instruction` is the one that is carried out, if any; without legs it is not.
    """

    cause: Cause
    legs: Sequence[Leg]
    instruction: "Instruction | None" = None


@dataclass(eq=False)
class Instruction(WorkingOrder):
    """An instruction to exercise an option, or to let it lapse (`lapses`), which clients see as an order.

    With `override` it is carried out even against what would happen without it.
    """

    lapses: bool = False
    override: bool = False
