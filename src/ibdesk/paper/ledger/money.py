"""Decides how amounts are kept exact: as decimals inside, as floats and text outside; must not know what they are of.

A float is taken for the decimal number that it prints as, so that 0.1 is one tenth. Sums of fills are then exact; only
a cost or a rate that is divided is rounded, in the 28th digit.
"""

from decimal import Decimal
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)


def exact(value: float) -> Decimal:
    """The decimal number that a float prints as."""
    return Decimal(str(value))


def text(amount: Decimal, digits: int = 2) -> str:
    """An amount as account values show it: two decimals unless said, and no negative zero."""
    return f"{round(amount, digits) + ZERO:.{digits}f}"
