"""The checks that an instruction to exercise an option, or to let it lapse, must pass.

Source: messages of paper gateways, 2026; TWS API documentation, "Exercising Options".
"""

from dataclasses import dataclass
from datetime import datetime

from ..exchange import CONTRACT_EXPIRED, NOT_CARRIED_OUT
from ..instruments import Ending, Instrument
from ..refusals import Invalid, Refusal

EXERCISE, LAPSE = 1, 2

TAG = "cd"
"""The name of the request in refusals: our guess."""

A_CENT = 0.01

NOT_IN_THE_MONEY = "Exercise ignored because option is not in-the-money."
IN_THE_MONEY = "Lapse ignored because option is in-the-money."


@dataclass(frozen=True, slots=True)
class ExerciseRequest:
    """What a client wants done with `quantity` options of an account: see `ExerciseOptions`."""

    action: int
    quantity: int
    account: str
    override: bool

    @property
    def lapses(self) -> bool:
        """Whether the options are to lapse."""
        return self.action == LAPSE


def not_processed(why: str) -> Refusal:
    """Return the refusal of an instruction, as gateways word it."""
    return Refusal(322, f"Error processing request.{why}")


def check_instruction(request: ExerciseRequest, ending: Ending, held: float, account: str, now: datetime) -> None:
    """Raise `Refusal` unless an instruction can be given now by an `account` that has `held` options left."""
    if request.action not in (EXERCISE, LAPSE):
        raise Invalid(TAG, f"Invalid exercise action: {request.action}")
    if request.quantity <= 0:
        raise Invalid(TAG, f"Invalid exercise quantity: {request.quantity}")
    if request.account not in ("", account) or held <= 0:
        raise not_processed(f"No unlapsed position exists in this option in account {request.account or account}.")
    until = ending.instructed_until
    if now >= until:
        raise Refusal(*CONTRACT_EXPIRED)
    is_last_day = now.astimezone(until.tzinfo).date() == until.date()
    if not is_last_day and (request.action == LAPSE or not ending.american):
        raise Refusal(*NOT_CARRIED_OUT)


def check_natural_action(option: Instrument, price: float, *, lapses: bool, override: bool) -> None:
    """Raise `Refusal` for what is not done by itself at a price of the underlying, unless with `override`."""
    if not override and pays(option, price) == lapses:
        raise not_processed(IN_THE_MONEY if lapses else NOT_IN_THE_MONEY)


def pays(option: Instrument, price: float) -> bool:
    """Return whether an option is exercised by itself, as it pays a cent or more at a price of the underlying.

    Source: OCC Rule 805.
    """
    assert option.option is not None
    return option.option.pays(price) >= A_CENT
