"""Books of cash and positions that are kept by what a program is told of executions, and by nothing else."""

from dataclasses import dataclass, field
from decimal import Decimal

from ibdesk import Contract, Fill


def exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))


@dataclass
class Lot:
    """A position. `cost` is what its open part cost, without commissions."""

    contract: Contract
    quantity: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)

    @property
    def multiplier(self) -> Decimal:
        return Decimal(self.contract.multiplier or 1)

    @property
    def last(self) -> str:
        """The last day on which the contract is traded; empty for one that does not end."""
        return self.contract.lastTradeDateOrContractMonth

    def add(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Add so many, fewer if negative, and return what was gained with those that are closed."""
        closed = -max(-abs(self.quantity), -abs(quantity)) if self.quantity * quantity < 0 else Decimal(0)
        closed = closed.copy_sign(quantity)
        cost = -self.cost * closed / self.quantity if closed else Decimal(0)
        value = price * self.multiplier
        self.cost += (quantity - closed) * value - cost
        self.quantity += quantity
        return -closed * value - cost


@dataclass
class SecondBooks:
    """Cash and positions, by executions and commission reports."""

    cash: Decimal
    lots: dict[int, Lot] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def take(self, fill: Fill) -> bool:
        """Book an execution, and return whether it is news."""
        execution = fill.execution
        if execution.execId in self._known:
            return False
        self._known.add(execution.execId)
        quantity = exact(execution.shares) * (1 if execution.side == "BOT" else -1)
        price = exact(execution.price)
        lot = self.lots.setdefault(fill.contract.conId, Lot(fill.contract))
        gain = lot.add(quantity, price)
        # What a future costs is not paid: what it gains is, as it is closed.
        self.cash += gain if fill.contract.secType == "FUT" else -quantity * price * lot.multiplier
        self.cash -= exact(fill.commissionReport.commission)
        return True

    def held(self) -> dict[int, Decimal]:
        """Return the open positions by conId."""
        return {con_id: lot.quantity for con_id, lot in self.lots.items() if lot.quantity}
