"""Whatever is traded, through days and midnights, a second bookkeeping comes to the same, and funds are used once.

A client places, changes and cancels orders in several currencies. What it is told of executions and commissions is
held against `double_entry.py`, and so is the account after each step.
"""

from datetime import datetime, time, timedelta
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ibdesk.model.contract import Contract, Forex, Future, Option, Stock
from ibdesk.model.order import Order, OrderCancel
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.exchange import Executed
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.order_status import CancelOrder, OrderStatus
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder

from ..conftest import GatewayInMemory
from .double_entry import DoubleEntry, exact

AAPL, SPY = Stock("AAPL", "SMART", "USD"), Stock("SPY", "SMART", "USD")
TRADED: list[tuple[Contract, int]] = [
    (AAPL, 100),
    (SPY, 50),
    (Stock("BMW", "IBIS", "EUR"), 100),
    (Future("MES", "202606", "CME"), 2),
    (Option("AAPL", "20260515", 250, "C", "SMART", "100", "USD"), 3),
    (Forex("EURUSD"), 20_000),
    (Forex("USDJPY"), 20_000),
]
"""What is traded, and a size of it."""

ORDERS = st.tuples(
    st.integers(0, len(TRADED) - 1),
    st.booleans(),
    st.sampled_from([0.5, 1, 2, 5, 12, 40]),
    st.sampled_from(["MKT", "MKT", "LMT", "LMT", "STP"]),
    st.integers(-8, 8),
    st.sampled_from(["DAY", "DAY", "GTC"]),
)
"""What is traded, whether it is bought, how many times the size, the type, how many steps from the price, how long."""

PAUSES = [1, 30, 300, 1200]
CASH = 100_000
TINY = Fraction(1, 10**12)


class Witness:
    """Enters what the broker does into the second books, and looks at funds at each execution."""

    def __init__(self, machine: "Days") -> None:
        self.machine = machine
        self.told: list[Executed] = []

    def on_facts(self, facts):
        books, broker = self.machine.books, self.machine.gateway.broker
        for fact in facts:
            if isinstance(fact, Executed):
                self.told.append(fact)
                held = books.positions[fact.contract.conId].quantity
                self.machine.enter(fact)
                opens = abs(books.positions[fact.contract.conId].quantity) > abs(held)
                assert not opens or broker.ledger.totals().available_funds >= 0

    def on_refusal(self, request, code, text):
        raise AssertionError(text)

    def on_day_end(self):
        self.machine.check()
        self.machine.books.start_day()


class Days(RuleBasedStateMachine):
    """A client that trades from Wednesday afternoon on."""

    @initialize(cash=st.sampled_from([CASH, 5 * CASH]))
    def begin(self, cash):
        self.gateway = GatewayInMemory(datetime(2026, 4, 15, 15, 35, tzinfo=NEW_YORK), cash=cash)
        self.client = self.gateway.connect(1)
        self.books = DoubleEntry("USD", exact(cash))
        self.witness = Witness(self)
        self.gateway.broker.observer = self.witness
        self.orders: dict[int, tuple[Contract, Order]] = {}
        self.shown: dict[int, float] = {}
        self.executions: list[str] = []
        self.commissions: list[str] = []

    def take(self, messages):
        for message in messages:
            match message:
                case ExecDetails():
                    self.executions.append(message.execution.execId)
                case CommissionAndFeesReport():
                    self.commissions.append(message.commissionReport.execId)
                case OpenOrder():
                    self.shown[message.order.orderId] = message.order.totalQuantity
                case OrderStatus():
                    total = self.shown[message.orderId]
                    assert message.filled + message.remaining == total or message.status == "Cancelled"

    def rate(self, currency):
        """What one unit of a currency is worth in US dollars, as the quotes of now have it."""
        if currency == "USD":
            return Fraction(1)
        pair = self.gateway.broker.market.instruments.dollar_pairs[currency]
        quote = self.gateway.broker.market.quote(pair.conId, self.gateway.broker.moment)
        middle = (quote.bid + quote.ask) / 2
        price = Fraction(exact(min(max(quote.last, quote.bid), quote.ask) if quote.last > 0 else middle))
        return price if pair.currency == "USD" else 1 / price

    def enter(self, fact):
        usd = self.rate(fact.contract.currency)
        cost, profit = self.books.take(fact.contract, fact.execution, usd)
        report, unit = fact.commission, usd if fact.contract.secType == "CASH" else 1
        assert abs(Fraction(report.commission) - cost * unit) < Fraction(1, 10**9)
        if profit is None:
            assert report.realizedPNL == UNSET_DOUBLE
        else:
            assert abs(Fraction(report.realizedPNL) - profit * unit) < Fraction(1, 10**6)

    @rule(orders=st.lists(ORDERS, min_size=1, max_size=5))
    def place(self, orders):
        for each in orders:
            self.place_one(*each)

    def place_one(self, what, buys, times, kind, offset, tif):
        contract, size = TRADED[what]
        instruments = self.gateway.broker.market.instruments
        details = instruments.resolve(contract)
        quote = self.gateway.broker.market.quote(details.contract.conId, self.gateway.now)
        step = max(details.minTick, 0.0005 * quote.close)
        price = round((quote.close + offset * step) / details.minTick) * details.minTick
        order = Order(
            orderId=max(self.orders, default=0) + 1,
            action="BUY" if buys else "SELL",
            totalQuantity=max(1, round(size * times)),
            orderType=kind,
            tif=tif,
        )
        if kind != "MKT":
            setattr(order, "lmtPrice" if kind == "LMT" else "auxPrice", round(price, 6))
        self.orders[order.orderId] = contract, order
        self.take(self.client.ask(PlaceOrder(order.orderId, contract, order)))

    @rule(number=st.integers(0, 30), times=st.sampled_from([0.5, 2, 5]))
    def enlarge(self, number, times):
        if self.orders:
            order_id = sorted(self.orders)[number % len(self.orders)]
            contract, order = self.orders[order_id]
            told = {fact.order.orderId for fact in self.gateway.broker.exchange.open_orders() if hasattr(fact, "order")}
            if order_id in told:
                order.totalQuantity = max(1, round(self.shown[order_id] * times))
                self.take(self.client.ask(PlaceOrder(order_id, contract, order)))

    @rule(number=st.integers(0, 30))
    def cancel(self, number):
        if self.orders:
            self.take(self.client.ask(CancelOrder(sorted(self.orders)[number % len(self.orders)], OrderCancel())))

    @rule(seconds=st.sampled_from(PAUSES))
    def wait(self, seconds):
        self.gateway.wait(seconds)
        self.take(self.client.heard())

    @rule(days=st.sampled_from([1, 1, 2]))
    def pass_midnights(self, days):
        """One look at the market, days later, in which executions, ends and midnights come together."""
        day = self.gateway.now.date() + timedelta(days=days)
        self.gateway.wait((datetime.combine(day, time(9, 40), NEW_YORK) - self.gateway.now).total_seconds())
        self.take(self.client.heard())

    @invariant()
    def check(self):
        if not hasattr(self, "books"):
            return
        ledger = self.gateway.broker.ledger
        assert not any(self.books.balances().values())
        for currency, amount in ledger.cash.items():
            assert abs(Fraction(amount) - self.books.cash(currency)) < TINY, currency
        for con_id, held in self.books.positions.items():
            holding = ledger.holdings.get(con_id)
            assert ledger.position(con_id) == held.quantity
            if holding is not None:
                assert abs(Fraction(holding.realized) - held.realized) < TINY
                cost = held.quantity * held.price * Fraction(holding.multiplier) + held.fees
                assert abs(Fraction(holding.cost) - cost) < TINY

    def teardown(self):
        if hasattr(self, "books"):
            told = [fact.execution.execId for fact in self.witness.told]
            assert sorted(self.executions) == sorted(told)
            assert sorted(self.commissions) == sorted(told)


TestDays = Days.TestCase
TestDays.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
