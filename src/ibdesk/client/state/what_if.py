"""What-if orders: when the server has answered one, and what its answer is.

If a server has a warning, it shows the order twice: first with the warning while all amounts are unset, then with the
amounts. Some amounts never come, such as the commission for futures or in some currencies. So the answer is complete
when there are margins.

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
    """Return whether there are margins in it, so that nothing more will come."""
    return _tells(state, _MARGINS)


def tells_anything(state: OrderState) -> bool:
    """Return whether there is any amount in it: a margin or a commission."""
    return _tells(state, _MARGINS + _COMMISSIONS)


def whole(states: Sequence[OrderState]) -> OrderState:
    """Return the last state of several, with the warnings of all."""
    warnings = dict.fromkeys(state.warningText for state in states if state.warningText)
    return dataclasses.replace(states[-1], warningText="\n".join(warnings))


def _tells(state: OrderState, names: tuple[str, ...]) -> bool:
    numbers = state.numeric()
    amounts = [getattr(numbers, name) for name in names]
    return any(amount is not None and isfinite(amount) for amount in amounts)
