"""Decides when a what-if order is answered, and by what; it must not know who asked, nor how long that may take.

A server that has a warning shows the order twice: with the warning while all amounts are unset, then with the amounts.
Some amounts never come: no commission for futures, or in some currencies. So the margins are what makes an answer.

Source: what TWS sent to users of ib_insync (reports 380 and 403).
"""

import dataclasses
from collections.abc import Sequence
from math import isfinite

from ibdesk.model.order import OrderState

_MARGINS = tuple(
    f"{what}{when}"
    for what in ("initMargin", "maintMargin", "equityWithLoan")
    for when in ("Before", "Change", "After")
)
_COMMISSIONS = ("commission", "minCommission", "maxCommission")


def tells_margins(state: OrderState) -> bool:
    """Whether this is the answer: nothing more will come."""
    return _tells(state, _MARGINS)


def tells_anything(state: OrderState) -> bool:
    """Whether there is any amount in it."""
    return _tells(state, _MARGINS + _COMMISSIONS)


def whole(states: Sequence[OrderState]) -> OrderState:
    """The last of what was shown, with the warnings of all."""
    warnings = dict.fromkeys(state.warningText for state in states if state.warningText)
    return dataclasses.replace(states[-1], warningText="\n".join(warnings))


def _tells(state: OrderState, names: tuple[str, ...]) -> bool:
    numbers = state.numeric()
    amounts = [getattr(numbers, name) for name in names]
    return any(amount is not None and isfinite(amount) for amount in amounts)
