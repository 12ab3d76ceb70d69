"""A double-entry bookkeeping of executions, which shares nothing with the gateway's books.

Every amount is posted twice, so that the entries of each currency add up to nothing. Positions are kept lot by lot,
the oldest closed first; profits are told by average cost, as IBKR's are. Commissions are reckoned from IBKR's published
prices, by order and day.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from ibdesk.model.contract import Contract
from ibdesk.model.executions import Execution

CENT = Decimal("0.01")


def exact(number: float) -> Decimal:
    return Decimal(repr(number))


@dataclass
class Position:
    """A position; `cost` has commissions in it and `price` has not. Both are fractions, so that nothing is rounded."""

    quantity: Fraction = Fraction(0)
    price: Fraction = Fraction(0)
    fees: Fraction = Fraction(0)
    realized: Fraction = Fraction(0)


@dataclass
class DoubleEntry:
    """Accounts of an own, by name and currency: `cash`, `settlement`, `commissions`, `capital`, `exchange`."""

    base: str
    capital: Decimal
    postings: dict[tuple[str, str], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    positions: dict[int, Position] = field(default_factory=lambda: defaultdict(Position))
    by_order: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.post("capital", "cash", self.base, Fraction(self.capital))

    def post(self, source: str, target: str, currency: str, amount: Fraction) -> None:
        self.postings[source, currency] -= amount
        self.postings[target, currency] += amount

    def cash(self, currency: str) -> Fraction:
        return self.postings["cash", currency]

    def balances(self) -> dict[str, Fraction]:
        """What all accounts of a currency add up to: nothing, if every amount was posted twice."""
        totals: dict[str, Fraction] = defaultdict(Fraction)
        for (_, currency), amount in self.postings.items():
            totals[currency] += amount
        return totals

    def start_day(self) -> None:
        self.by_order.clear()
        for position in self.positions.values():
            position.realized = Fraction(0)

    def commission(self, contract: Contract, execution: Execution, usd: Fraction) -> Fraction:
        """What an execution costs, in the contract's currency, of which one unit is worth so many US dollars."""
        size, price = exact(execution.shares), exact(execution.price)
        value = size * price * Decimal(contract.multiplier or 1)
        before = self.by_order.get(execution.permId, (Decimal(0), Decimal(0)))
        after = before[0] + size, before[1] + value
        self.by_order[execution.permId] = after
        due = _of_order(contract, *after, usd) - (_of_order(contract, *before, usd) if before[0] else 0)
        return due + _fees(contract, execution.side, size, value)

    def take(self, contract: Contract, execution: Execution, usd: Fraction) -> tuple[Fraction, Fraction | None]:
        """Enter an execution. Return its commission and, if it closed anything, the profit, in its currency."""
        cost = self.commission(contract, execution, usd)
        signed = Fraction(exact(execution.shares)) * (1 if execution.side == "BOT" else -1)
        price, unit = Fraction(exact(execution.price)), Fraction(Decimal(contract.multiplier or 1))
        held = self.positions[contract.conId]
        closed = min(abs(signed), abs(held.quantity)) if signed * held.quantity < 0 else Fraction(0)
        gain, profit = Fraction(0), None
        if closed:
            direction = 1 if held.quantity > 0 else -1
            gain = direction * closed * (price - held.price) * unit
            released = held.fees * closed / abs(held.quantity)
            profit = gain - released - cost * closed / abs(signed)
            held.fees -= released
            held.realized += profit
        opened = abs(signed) - closed
        total = held.quantity + signed
        if opened:
            old = abs(total) - opened
            held.price = (held.price * old + price * opened) / abs(total)
            held.fees += cost * opened / abs(signed)
        held.quantity = total
        kind, currency = contract.secType, contract.currency
        if kind == "CASH":
            self.post("cash", "exchange", currency, signed * price)
            self.post("exchange", "cash", contract.symbol, signed)
            self.post("cash", "commissions", self.base, cost * usd)
        else:
            paid = -gain if kind in ("FUT", "CFD") else signed * price * unit
            self.post("cash", "settlement", currency, paid)
            self.post("cash", "commissions", currency, cost)
        return cost, profit


def _of_order(contract: Contract, size: Decimal, value: Decimal, usd: Fraction) -> Fraction:
    """IBKR's commission of a whole order."""
    kind, currency = contract.secType, contract.currency
    if kind == "STK" and currency == "USD":
        return Fraction(min(max(size * Decimal("0.005"), Decimal(1)), value / 100))
    if kind == "OPT" and currency == "USD":
        return Fraction(max(size * Decimal("0.65"), Decimal(1)))
    if kind == "FUT" and currency == "USD":
        return Fraction(size * {"ES": Decimal("2.25"), "MES": Decimal("0.62")}[contract.symbol])
    if kind == "CASH":
        return max(Fraction(value) * usd * 2 / 100_000, Fraction(2)) / usd
    return max(Fraction(value) * 5 / 10_000, Fraction(3))


def _fees(contract: Contract, side: str, size: Decimal, value: Decimal) -> Fraction:
    """What US authorities take."""
    if contract.currency != "USD" or contract.secType not in ("STK", "OPT"):
        return Fraction(0)
    fees = Decimal(0)
    if contract.secType == "STK":
        fees += size * Decimal("0.000003")
    if side == "SLD":
        fees += value * Decimal("0.0000206")
        if contract.secType == "STK":
            fees += size * Decimal("0.000195")
    return Fraction(fees)
