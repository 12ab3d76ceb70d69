"""What all positions add up to, kept as they change, so that nobody has to walk through them."""

from collections.abc import Iterator

from ..decimals import ZERO
from .amounts import NOTHING, Amounts
from .holdings import OPTIONS, Holding, Settlement
from .margin import requirement

Group = tuple[str, str]
"""The currency and the security type of the positions that are summed up together."""


def amounts_of(holding: Holding) -> Amounts:
    """Return what a position adds to the account, in its contract's currency."""
    if not holding.position:
        return Amounts(realized=holding.realized) if holding.realized else NOTHING
    value = equity = holding.value
    gross = options = ZERO
    if holding.settlement is not Settlement.PAID:
        equity = holding.equity
    else:
        gross = abs(value)
        if holding.contract.secType in OPTIONS:
            options = max(ZERO, value)
    profit = value - holding.cost
    return Amounts(value, equity, profit, holding.realized, gross, options, *requirement(holding, value))


class PositionSums:
    """The sums by currency and security type.

    A position counts with the amounts that it had when it was counted last, which it remembers. Whoever changes it has
    it counted again.
    """

    def __init__(self) -> None:
        self._groups: dict[Group, Amounts] = {}

    def count(self, holding: Holding) -> None:
        """Take a position as it is now in place of what it was."""
        amounts, contract = amounts_of(holding), holding.contract
        group = contract.currency, contract.secType
        self._groups[group] = self._groups.get(group, NOTHING).with_other(holding.counted, amounts)
        holding.counted = amounts

    def copy(self) -> "PositionSums":
        """Return the same sums, to be changed by copies of positions."""
        twin = PositionSums()
        twin._groups = dict(self._groups)
        return twin

    def __iter__(self) -> Iterator[tuple[Group, Amounts]]:
        return iter(self._groups.items())
