"""The steps in which prices of a contract move: its market rule.

Source: TWS API documentation, "Minimum Price Increment".
"""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ibdesk.model.contract_details import ContractDetails

from ..decimals import exact

Steps = tuple[tuple[float, float], ...]
"""(low edge, step) in ascending order: from that price on, prices are multiples of the step; 0 is no step at all."""

StepsOf = Callable[[ContractDetails], Steps]
"""What returns the steps of a contract at its exchange."""

_HIGHEST = Decimal(10) ** 9


def one_step(details: ContractDetails) -> Steps:
    """Return the same step for all prices: the smallest."""
    return ((0.0, details.minTick),)


def step_at(price: float, steps: Steps) -> float:
    """Return the step of prices near `price`."""
    found = steps[0][1]
    for low, step in steps[1:]:
        if price >= low:
            found = step
    return found


def on_step(price: Decimal, steps: Steps) -> Decimal:
    """Return the allowed price that is nearest to `price`; the price itself where there is no step."""
    step = step_at(float(price), steps)
    return round(price / exact(step)) * exact(step) if step else price


def in_favor(price: Decimal, steps: Steps, buys: bool) -> Decimal:
    """Return the allowed price nearest to `price` that is no worse for one who `buys`, or else sells.

    It is above zero, as prices of orders are, the lowest step at least; and never beyond all prices that there are,
    whatever it is computed from.
    """
    price = min(price, _HIGHEST)
    step = exact(step_at(float(price), steps))
    if not step:
        return price
    return max((price / step).to_integral_value(ROUND_FLOOR if buys else ROUND_CEILING) * step, step)
