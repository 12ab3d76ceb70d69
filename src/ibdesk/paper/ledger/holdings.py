"""A position in one contract: what it is worth, and what each trade of it earns.

A trade settles in one of three ways (`SETTLEMENTS`): it is paid for, its gains and losses are paid (futures, CFDs),
or one currency is exchanged for another. The average cost contains commissions, as IBKR's does, so a profit is
always net of them.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from ibdesk.model.contract import Contract

from ..decimals import ZERO, exact
from .amounts import NOTHING, Amounts


class Settlement(Enum):
    """What a trade moves."""

    PAID = "the price"
    VARIATION = "gains and losses"
    EXCHANGED = "the other currency"


SETTLEMENTS = {"FUT": Settlement.VARIATION, "CFD": Settlement.VARIATION, "CASH": Settlement.EXCHANGED}
"""By `secType`; all others are paid."""

OPTIONS = frozenset({"OPT", "FOP", "WAR", "IOPT"})
"""The security types of which a long position cannot carry margin."""


class Booking(NamedTuple):
    """What a trade did: the cash that it moved, in the contract's currency, and the profit, when it closed anything."""

    cash: Decimal
    realized: Decimal | None


@dataclass
class Holding:
    """A position in one contract. `paid` is what the open part cost without commissions, `fees` those.

    Both have the sign of the cash that was spent. `price` is the last mark, or that of the trade which opened the
    position until there is one. `realized` is the profit since the day began. `opening_equity`
    and `today` (cash received by today's trades) make the profit of the day. `counted` is what the account's sums have
    of it.
    """

    contract: Contract
    price: Decimal = ZERO
    position: Decimal = ZERO
    paid: Decimal = ZERO
    fees: Decimal = ZERO
    realized: Decimal = ZERO
    opening_equity: Decimal = ZERO
    today: Decimal = ZERO
    counted: Amounts = field(default=NOTHING, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.multiplier: Decimal = exact(float(self.contract.multiplier or 1))
        self.settlement: Settlement = SETTLEMENTS.get(self.contract.secType, Settlement.PAID)

    @property
    def cost(self) -> Decimal:
        """What the open part cost, commissions included; negative when short."""
        return self.paid + self.fees

    @property
    def average_cost(self) -> Decimal:
        """The cost of one unit, multiplier included."""
        return self.cost / self.position if self.position else ZERO

    @property
    def value(self) -> Decimal:
        """What the position would cost at the market price."""
        return self.position * self.price * self.multiplier

    @property
    def equity(self) -> Decimal:
        """What the position adds to the account beside its cash."""
        if self.settlement is Settlement.PAID:
            return self.value
        return self.value - self.paid if self.settlement is Settlement.VARIATION else ZERO

    @property
    def unrealized(self) -> Decimal:
        """The profit of closing at the market price, before the commission of that."""
        return self.value - self.cost

    @property
    def daily(self) -> Decimal:
        """The profit since the day began."""
        equity = self.value if self.settlement is Settlement.EXCHANGED else self.equity
        return equity + self.today - self.opening_equity

    def copy(self) -> "Holding":
        """Return the same position, to be traded by itself."""
        # One is made for each order, and `copy.copy` takes longer.
        twin = object.__new__(Holding)
        twin.__dict__.update(self.__dict__)
        return twin

    def trade(self, quantity: Decimal, price: Decimal, commission: Decimal) -> Booking:
        """Book one execution of a signed quantity; `commission` is in the contract's currency."""
        if not self.position:
            # While nothing is held nobody marks it: an old mark says nothing of the market that was traded at now.
            self.price = price
        closing = self._closing_part(quantity)
        opening = quantity - closing
        closing_fee = commission * closing / quantity
        notional = price * self.multiplier
        realized = None
        gain = ZERO
        if closing:
            paid, fees = self._release(closing)
            gain = -closing * notional - paid
            realized = gain - fees - closing_fee
            self.realized += realized
        self.position += quantity
        self.paid += opening * notional
        self.fees += commission - closing_fee
        cash = (gain if self.settlement is Settlement.VARIATION else -quantity * notional) - commission
        self.today += cash
        return Booking(cash, realized)

    def _closing_part(self, quantity: Decimal) -> Decimal:
        if self.position * quantity >= 0:
            return ZERO
        return quantity if abs(quantity) <= abs(self.position) else -self.position

    def _release(self, closing: Decimal) -> tuple[Decimal, Decimal]:
        whole = closing == -self.position
        paid = self.paid if whole else -self.paid * closing / self.position
        fees = self.fees if whole else -self.fees * closing / self.position
        self.paid -= paid
        self.fees -= fees
        return paid, fees

    def start_day(self) -> None:
        """Begin a new day: today's profits are zero."""
        self.realized = self.today = ZERO
        self.opening_equity = self.value if self.settlement is Settlement.EXCHANGED else self.equity
