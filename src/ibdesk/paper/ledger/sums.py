"""What all positions add up to, kept as they change, so that nobody has to walk through them."""

from collections.abc import Iterator
from typing import NamedTuple

from ..decimals import ZERO
from .amounts import NOTHING, Amounts
from .holdings import OPTIONS, Holding, Settlement
from .margin import requirement


class Group(NamedTuple):
    """The positions that are summed up together."""

    currency: str
    secType: str


def amounts_of(holding: Holding) -> Amounts:
    """Return what a position adds to the account, in its contract's currency."""
    if not holding.position:
        return Amounts(realized=holding.realized) if holding.realized else NOTHING
    value, gross, options = holding.value, ZERO, ZERO
    if holding.settlement is Settlement.PAID:
        gross = abs(value)
        if holding.contract.secType in OPTIONS:
            options = max(ZERO, value)
    return Amounts(
        value, holding.equity, holding.unrealized, holding.realized, gross, options, *requirement(holding, value)
    )


class PositionSums:
    """The sums by currency and security type.

    A position counts with the amounts that it had when it was counted last, which it remembers. Whoever changes it has
    it counted again.
    """

    def __init__(self) -> None:
        self._groups: dict[Group, Amounts] = {}

    def count(self, holding: Holding) -> None:
        """Take a position as it is now in place of what it was."""
        group, amounts = Group(holding.contract.currency, holding.contract.secType), amounts_of(holding)
        self._groups[group] = self._groups.get(group, NOTHING).with_other(holding.counted, amounts)
        holding.counted = amounts

    def copy(self) -> "PositionSums":
        """Return the same sums, to be changed by copies of positions."""
        twin = PositionSums()
        twin._groups = dict(self._groups)
        return twin

    def __iter__(self) -> Iterator[tuple[Group, Amounts]]:
        return iter(self._groups.items())
