"""What positions add to an account, and sums of that which are exact, in whichever order they are made."""

from decimal import Decimal
from typing import Final, NamedTuple

from ..decimals import EXACT, ONE, ZERO


class Amounts(NamedTuple):
    """What one position adds to the account, or several together, in one currency.

    `gross` is the value, of either sign, of what was paid for, and `options` that of long options. The last three are
    the margins.
    """

    value: Decimal = ZERO
    equity: Decimal = ZERO
    unrealized: Decimal = ZERO
    realized: Decimal = ZERO
    gross: Decimal = ZERO
    options: Decimal = ZERO
    initial: Decimal = ZERO
    maintenance: Decimal = ZERO
    regulation_t: Decimal = ZERO

    def with_other(self, old: "Amounts", new: "Amounts") -> "Amounts":
        """Return these sums with the amounts `new` of a position in the place of `old`."""
        # Most often a position is new, or has just been closed.
        without = self if old is NOTHING else map(EXACT.subtract, self, old)
        return Amounts._make(without if new is NOTHING else map(EXACT.add, without, new))

    def plus(self, other: "Amounts", rate: Decimal = ONE) -> "Amounts":
        """Return the sum with `other`, which is in a currency worth `rate`."""
        if rate is not ONE:
            other = Amounts._make([amount * rate for amount in other])
        elif self is NOTHING:
            return other
        return Amounts._make(map(EXACT.add, self, other))


NOTHING: Final = Amounts()
