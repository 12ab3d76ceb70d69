"""What an execution costs: commission, counted by order, and regulatory fees.

Sources: IBKR's published fixed pricing, and amounts seen on paper accounts in 2026 (stock 1.000003 bought and 1.015511
sold, MES 0.62, MBT 2.01).
"""

from dataclasses import dataclass, field
from decimal import Decimal

from ibdesk.model.contract import Contract

from ..decimals import ZERO


@dataclass(frozen=True)
class Schedule:
    """Prices of one kind of contract, in `currency`; the minimum and the maximum are per order.

    `per_unit` is for each share or contract, `of_value` a share of the trade value. `ceiling` is a share of the
    trade value, and wins over the minimum.
    """

    currency: str
    per_unit: Decimal = ZERO
    of_value: Decimal = ZERO
    minimum: Decimal = ZERO
    ceiling: Decimal | None = None

    def total(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Return the commission of an order of which so much is executed; `value` is in the schedule's currency."""
        amount = max(quantity * self.per_unit + value * self.of_value, self.minimum)
        return amount if self.ceiling is None else min(amount, value * self.ceiling)


def _per_share(currency: str, price: str, minimum: str, ceiling: str) -> Schedule:
    return Schedule(currency, per_unit=Decimal(price), minimum=Decimal(minimum), ceiling=Decimal(ceiling))


def _of_value(currency: str, share: str, minimum: str) -> Schedule:
    return Schedule(currency, of_value=Decimal(share), minimum=Decimal(minimum))


def _per_contract(currency: str, price: str, minimum: str = "0") -> Schedule:
    return Schedule(currency, per_unit=Decimal(price), minimum=Decimal(minimum))


BY_CURRENCY: dict[tuple[str, str], Schedule] = {
    ("STK", "USD"): _per_share("USD", "0.005", "1.00", "0.01"),
    ("STK", "CAD"): _per_share("CAD", "0.01", "1.00", "0.005"),
    ("CFD", "USD"): _per_share("USD", "0.005", "1.00", "0.01"),
    ("OPT", "USD"): _per_contract("USD", "0.65", minimum="1.00"),
    ("FUT", "EUR"): _per_contract("EUR", "0.65"),
    ("FUT", "GBP"): _per_contract("GBP", "0.60"),
    ("FUT", "CHF"): _per_contract("CHF", "0.95"),
    ("FUT", "HKD"): _per_contract("HKD", "7.00"),
    ("FUT", "AUD"): _per_contract("AUD", "0.95"),
    ("CMDTY", "USD"): _of_value("USD", "0.00015", "2.00"),
    ("CRYPTO", "USD"): Schedule("USD", of_value=Decimal("0.0018"), minimum=Decimal("1.75"), ceiling=Decimal("0.01")),
}

FOREX = _of_value("USD", "0.00002", "2.00")

FUTURES_ALL_IN: dict[str, Decimal] = {
    symbol: Decimal(amount)
    for amount, symbols in {"2.25": "ES NQ YM RTY", "0.62": "MES MNQ MYM M2K", "2.01": "MBT"}.items()
    for symbol in symbols.split()
}
"""One contract with exchange and regulatory fees, in USD, by symbol."""

OTHER_FUTURES = Decimal("0.85") + Decimal("1.60")
"""IBKR's part and what the larger US exchanges take."""

SEC_FEE = Decimal("0.0000206")
"""Of the value of US stocks and options sold."""

TRADING_ACTIVITY_FEE = Decimal("0.000195")
"""For each US share sold."""

AUDIT_TRAIL_FEE = Decimal("0.000003")
"""For each US share, bought or sold."""


def schedule_of(contract: Contract) -> Schedule:
    """Return the prices that apply to a contract."""
    kind, currency = contract.secType, contract.currency
    if kind == "CASH":
        return FOREX
    if kind in ("FUT", "FOP") and currency == "USD":
        return Schedule("USD", per_unit=FUTURES_ALL_IN.get(contract.symbol, OTHER_FUTURES))
    return BY_CURRENCY.get((kind, currency)) or _of_value(currency, "0.0005", "3.00")


def regulatory_fees(contract: Contract, signed_quantity: Decimal, value: Decimal) -> Decimal:
    """Return what the authorities take of one execution, in the contract's currency."""
    if contract.currency != "USD" or contract.secType not in ("STK", "OPT"):
        return ZERO
    sold = signed_quantity < 0
    fees = value * SEC_FEE if sold else ZERO
    if contract.secType == "STK":
        fees += abs(signed_quantity) * (AUDIT_TRAIL_FEE + (TRADING_ACTIVITY_FEE if sold else ZERO))
    return fees


@dataclass
class OrderBill:
    """What one order has cost so far, so that its minimum is taken once, whatever the number of its fills."""

    schedule: Schedule
    quantity: Decimal = field(default=ZERO)
    value: Decimal = field(default=ZERO)
    charged: Decimal = field(default=ZERO)

    def charge(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Return the commission of one more execution, in the schedule's currency; `quantity` and `value` unsigned."""
        self.quantity += quantity
        self.value += value
        due = self.schedule.total(self.quantity, self.value) - self.charged
        self.charged += due
        return due
