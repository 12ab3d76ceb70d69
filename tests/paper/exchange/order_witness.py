"""What clients of the exchange may rely on, whatever is ordered: held against what they are told, fact by fact.

The witness knows nothing of the exchange but its answers. Books of its own are kept by `paper.ledger.double_entry`.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from paper.exchange.conftest import Trader
from paper.ledger.double_entry import DoubleEntry, exact

from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.paper.exchange import Executed, Fact, OrderEchoed, StatusChanged
from ibdesk.paper.exchange.lifecycle import FILLED, FINAL, WORKING
from ibdesk.paper.exchange.order_types import ORDER_TYPES
from ibdesk.paper.ledger import Ledger

TINY = Fraction(1, 10**9)
NAMED_LIMITS = {"LMT", "STP LMT", "LIT", "LOC"}
"""The types whose limit is the client's, as it stands."""


class CarefulLedger(Ledger):
    """Books that look at the funds after each execution which opens a position."""

    def book(self, execution, contract):
        before = abs(self.position(contract.conId))
        report = super().book(execution, contract)
        opened = abs(self.position(contract.conId)) > before
        assert not opened or self.totals().available_funds >= 0, f"no funds for {execution}"
        return report


@dataclass
class Told:
    """An order, as far as anybody was told of it."""

    clientId: int
    orderId: int
    order: Order
    con_id: int
    filled: Decimal = Decimal(0)
    status: str = ""
    too_late: bool = False


@dataclass
class Witness:
    """Looks at the facts of one exchange, and at its answers and books after each step."""

    cash: float
    told: dict[int, Told] = field(default_factory=dict)
    days_orders: set[int] = field(default_factory=set)
    brackets: list[tuple[int, int]] = field(default_factory=list)
    books: DoubleEntry = field(init=False)

    def __post_init__(self) -> None:
        self.books = DoubleEntry("USD", exact(self.cash))

    def start_day(self) -> None:
        self.books.start_day()
        self.days_orders = {number for number in self.days_orders if self.told[number].status not in FINAL}

    def see(self, facts: list[Fact]) -> None:
        for place, fact in enumerate(facts):
            match fact:
                case OrderEchoed(key=key, order=order) if key.permId:
                    known = self.told.setdefault(
                        key.permId, Told(key.clientId, key.orderId, order, fact.contract.conId)
                    )
                    known.order = order
                    self.days_orders.add(key.permId)
                case StatusChanged():
                    self.see_status(fact)
                case Executed():
                    self.see_execution(fact, facts[place:])

    def see_status(self, fact: StatusChanged) -> None:
        known = self.told[fact.key.permId]
        known.status = fact.status
        total = exact(known.order.totalQuantity)
        assert exact(fact.filled) == known.filled
        assert exact(fact.remaining) == total - known.filled, (fact, total)
        if fact.status in (WORKING, FILLED):
            self.assert_parent_filled(known)

    def see_execution(self, fact: Executed, later: list[Fact]) -> None:
        known, execution = self.told[fact.key.permId], fact.execution
        assert known.status not in FINAL
        assert not known.too_late, f"a fill in a group that was cancelled: {fact}"
        known.filled += exact(execution.shares)
        assert exact(execution.cumQty) == known.filled <= exact(known.order.totalQuantity)
        self.assert_parent_filled(known)
        self.assert_within_limit(known.order, execution.price)
        shown = next(each for each in later if isinstance(each, OrderEchoed) and each.key == fact.key).order
        self.assert_within_limit(shown, execution.price, always=True)
        if known.order.ocaGroup and known.order.ocaType == 1:
            for other in self.told.values():
                if other is not known and other.order.ocaGroup == known.order.ocaGroup and other.order.ocaType == 1:
                    other.too_late = True
        usd = Fraction(1)
        cost, profit = self.books.take(fact.contract, execution, usd)
        assert abs(Fraction(fact.commission.commission) - cost) < TINY
        if profit is None:
            assert fact.commission.realizedPNL == UNSET_DOUBLE
        else:
            assert abs(Fraction(fact.commission.realizedPNL) - profit) < Fraction(1, 10**6)

    def assert_within_limit(self, order: Order, price: float, always: bool = False) -> None:
        kind = ORDER_TYPES[order.orderType]
        # What follows another instrument may keep its limit to itself, as PEG STK does.
        shows = kind.limited and (not kind.has_reference or order.lmtPrice > 0)
        if order.orderType in NAMED_LIMITS or (always and shows):
            limit = exact(order.lmtPrice)
            # A discretionary amount is what it may be worse.
            beyond = exact(order.discretionaryAmt)
            worse = exact(price) - limit if order.action == "BUY" else limit - exact(price)
            assert worse <= beyond, f"{order} filled at {price}"

    def assert_parent_filled(self, known: Told) -> None:
        parent = self.parent(known)
        # What the exchange makes itself (hedges, components of a scale order) may go to the market at once.
        if parent and known.orderId > 0:
            assert parent.status == FILLED, f"{known} works before {parent}"

    def parent(self, known: Told) -> Told | None:
        if not known.order.parentId:
            return None
        name = known.clientId, known.order.parentId
        return next((each for each in self.told.values() if (each.clientId, each.orderId) == name), None)

    def check(self, trader: Trader) -> None:
        """Look at what the exchange answers to questions, and at the account."""
        live = {fact.key.permId for fact in trader.exchange.open_orders()}
        done = [each.key.permId for each in trader.exchange.completed_orders]
        assert len(done) == len(set(done)) and live.isdisjoint(done)
        assert self.days_orders - live - set(done) == set(), "an order was told of, and is not to be found"
        assert live == {number for number in self.days_orders if self.told[number].status not in FINAL}
        self.check_protection()
        self.check_books(trader.ledger)

    def check_protection(self) -> None:
        """The two orders that protect one position protect the same: what is left of it."""
        by_name = {(each.clientId, each.orderId): each for each in self.told.values()}
        for first, second in self.brackets:
            one, other = by_name.get((1, first)), by_name.get((1, second))
            # One that was refused may have left its number to another order.
            if one and other and one.order.parentId == other.order.parentId and not FINAL & {one.status, other.status}:
                left = [exact(each.order.totalQuantity) - each.filled for each in (one, other)]
                assert left[0] == left[1], (one, other)

    def check_books(self, ledger: Ledger) -> None:
        assert not any(self.books.balances().values())
        for currency, amount in ledger.cash.items():
            assert abs(Fraction(amount) - self.books.cash(currency)) < TINY, currency
        for con_id, held in self.books.positions.items():
            assert Fraction(exact(ledger.position(con_id))) == held.quantity
            if holding := ledger.holdings.get(con_id):
                assert abs(Fraction(holding.realized) - held.realized) < TINY
