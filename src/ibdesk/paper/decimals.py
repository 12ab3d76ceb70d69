"""Exact numbers: the decimals that the exchange and the ledger count in, while floats come in and go out.

A float is taken for the decimal number that it prints as, so that 0.1 is one tenth. Sums of fills are then exact; only
a cost or a rate that is divided is rounded, in the 28th digit.
"""

from decimal import Context, Decimal
from functools import lru_cache
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

EXACT: Final = Context(prec=120)
"""For sums of many amounts. Each has 28 digits at most, from billions to the smallest fraction: all of them fit."""


# The same few prices and sizes come with every quote. Equal numbers of different types print differently.
@lru_cache(maxsize=4096, typed=True)
def exact(value: float) -> Decimal:
    """Return the decimal number that a float prints as."""
    return Decimal(str(value))
