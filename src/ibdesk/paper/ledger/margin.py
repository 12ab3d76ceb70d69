"""How much equity a position ties up.

Stocks follow US rules: 25 % of a long and 30 % of a short position, and 50 % under Regulation T, which is reported but
not enforced during the day. That is also why buying power is four times the available funds. Futures have fixed
amounts. Long options are paid in full and tie up nothing more.

Source: IBKR's margin pages; ES, GC and CL as measured in August 2026, a micro contract in proportion. The amounts for
all other futures are typical ones, not IBKR's.
"""

from decimal import Decimal
from typing import Final, NamedTuple

from ..decimals import ZERO, exact
from .holdings import OPTIONS, Holding

BUYING_POWER = Decimal(4)
"""Times the available funds."""

CURRENCY_RATE = Decimal("0.025")
"""Of a balance in another currency than the account's."""


class Requirement(NamedTuple):
    """Amounts of equity: to open, to keep, and under Regulation T."""

    initial: Decimal = ZERO
    maintenance: Decimal = ZERO
    regulation_t: Decimal = ZERO


NO_REQUIREMENT: Final = Requirement()


FUTURES: dict[str, Decimal] = {
    "ES": Decimal("28017.36"),
    "MES": Decimal("2801.74"),
    "NQ": Decimal("41250.00"),
    "MNQ": Decimal("4125.00"),
    "GC": Decimal("34244.70"),
    "CL": Decimal("12643.29"),
    "MCL": Decimal("1264.33"),
    "MGC": Decimal("3424.47"),
    "RTY": Decimal("11000.00"),
    "M2K": Decimal("1100.00"),
    "YM": Decimal("17500.00"),
    "MYM": Decimal("1750.00"),
    "SI": Decimal("22000.00"),
    "SIL": Decimal("4400.00"),
    "HG": Decimal("10500.00"),
    "6E": Decimal("3000.00"),
    "ZB": Decimal("4400.00"),
    "ZN": Decimal("2200.00"),
    "ZF": Decimal("1500.00"),
    "ZT": Decimal("1300.00"),
}
"""Initial margin of one contract in its currency, by trading class (SI and SIL have one symbol)."""

OTHER_FUTURES = Decimal("0.10")
"""Of the notional value."""

FUTURES_MAINTENANCE = Decimal("1.1")
"""What the initial margin is divided by."""

LONG, SHORT, REGULATION_T = Decimal("0.25"), Decimal("0.30"), Decimal("0.50")

SHORT_OPTION = Decimal("0.20")
"""Of the value at the strike, beside the option's own: the price of the underlying is not known here."""


def requirement(holding: Holding, value: Decimal) -> Requirement:
    """Return what one position of such a value ties up, in its contract's currency."""
    kind = holding.contract.secType
    if not holding.position or kind == "CASH":
        return NO_REQUIREMENT
    if kind in ("FUT", "CFD"):
        return _futures(holding, value)
    if kind in OPTIONS:
        return _options(holding, value)
    size = abs(value)
    amount = size * (LONG if holding.position > 0 else SHORT)
    return Requirement(amount, amount, size * REGULATION_T)


def _futures(holding: Holding, value: Decimal) -> Requirement:
    contract = holding.contract
    fixed = FUTURES.get(contract.tradingClass or contract.symbol) if contract.secType == "FUT" else None
    initial = abs(holding.position) * fixed if fixed else abs(value) * OTHER_FUTURES
    return Requirement(initial, initial / FUTURES_MAINTENANCE, initial)


def _options(holding: Holding, value: Decimal) -> Requirement:
    if holding.position > 0:
        return NO_REQUIREMENT
    strike = exact(holding.contract.strike)
    amount = abs(value) + abs(holding.position) * strike * holding.multiplier * SHORT_OPTION
    return Requirement(amount, amount, amount)
