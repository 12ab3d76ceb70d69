"""The books of a simulation, against what can be calculated from its fills alone."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from ibdesk.model.contract import Forex, Future, Stock
from ibdesk.model.order import LimitOrder, MarketOrder
from ibdesk.paper.broker import Broker
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.market import Market, mark_price
from ibdesk.runtime.moments import seconds_between
from ibdesk.simulation.books import Books

CASH = 1_000_000
TUESDAY = datetime(2026, 4, 14, 10, 0, tzinfo=NEW_YORK)


class Trader:
    """Trades at a broker whose books are kept, at moments that it chooses."""

    def __init__(self, start=TUESDAY):
        self.broker = Broker(Market(1, start.date()), seed=1, account="DU1", cash=CASH, now=start, started=start)
        self.trades = 0
        self.books = Books(self.broker, on_trade=self.count)
        self.orders = 0

    def count(self):
        self.trades += 1

    def details(self, contract):
        return self.broker.market.instruments.resolve(contract)

    def place(self, contract, order):
        self.orders += 1
        order.orderId = self.orders
        self.broker.place(1, self.details(contract), order)

    def wait(self, **duration):
        self.broker.advance(self.broker.now + timedelta(**duration))
        self.books.look()


@pytest.fixture
def trader():
    return Trader()


APPLE, NVIDIA = Stock("AAPL", "SMART", "USD"), Stock("NVDA", "SMART", "USD")
ES, EURO = Future("ES", "202606", "CME"), Forex("EURUSD")


def test_days_of_trading_add_up_to_the_cent(trader):
    for number in range(3 * 8):
        contract = (APPLE, NVIDIA, ES)[number % 3]
        action = ("BUY", "SELL")[number * 7 % 5 % 2]
        trader.place(contract, MarketOrder(action, 1 + number % 4 if contract is ES else 10 + 7 * number))
        trader.wait(minutes=40)
        if number % 8 == 7:
            trader.wait(hours=24 - 8 * 40 / 60)
    result = trader.books.result()
    assert len({day.day for day in result.days}) == len(result.days) == 4
    assert trader.trades == len(result.fills) >= 24
    calculated = calculate(result.fills)
    for day in result.days:
        fills, traded, commissions, realized = calculated.of(day.day)
        assert day.fills == fills
        assert day.traded == pytest.approx(traded, abs=0.005)
        assert day.commissions == pytest.approx(commissions, abs=0.005)
        assert day.realized == pytest.approx(realized, abs=0.005)
        end = min(datetime.combine(day.day + timedelta(days=1), time(), NEW_YORK), result.end)
        equity = CASH + calculated.earned_until(end, lambda conId, end=end: mark(trader, conId, end))
        assert day.equity == pytest.approx(equity, abs=0.005)
    equities = [CASH, *(day.equity for day in result.days)]
    assert [day.pnl for day in result.days] == pytest.approx([after - before for before, after in pairwise(equities)])
    assert result.pnl == pytest.approx(sum(day.pnl for day in result.days), abs=0.005)


def days(trader):
    return [f"{day.day:%a}" for day in trader.books.result().days]


def test_a_day_is_told_when_new_york_has_opened():
    trader = Trader(datetime(2026, 4, 17, 19, 0, tzinfo=NEW_YORK))
    trader.wait(hours=60)
    assert days(trader) == ["Fri"]
    trader.wait(hours=3)
    assert days(trader) == ["Fri", "Mon"]
    trader.wait(hours=14)
    assert days(trader) == ["Fri", "Mon"]


def test_a_day_is_told_when_something_happened():
    trader = Trader(datetime(2026, 4, 19, 18, 0, tzinfo=NEW_YORK))
    assert days(trader) == []
    trader.place(EURO, LimitOrder("BUY", 20_000, 0.5))
    trader.broker.cancel_all()
    assert days(trader) == ["Sun"]
    trader.place(EURO, MarketOrder("BUY", 20_000))
    trader.wait(hours=10)
    assert days(trader) == ["Sun", "Mon"]


def test_the_deepest_fall_is_that_of_the_equity_at_every_look(trader):
    trader.place(APPLE, MarketOrder("BUY", 1000))
    seen = [(trader.broker.now, CASH)]
    for _ in range(50):
        seen.append((trader.broker.now, trader.broker.ledger.totals().net_liquidation))
        trader.wait(minutes=1)
    falls = [(float(peak[1] - low[1]), peak[0], low[0]) for at, low in enumerate(seen) for peak in seen[: at + 1]]
    amount, since, until = max(falls, key=lambda fall: fall[0])
    found = trader.books.result().max_drawdown
    assert found.amount == pytest.approx(amount, abs=0.005)
    assert (found.since, found.until) == (since, until)
    assert found.fraction == pytest.approx(amount / float(dict(seen)[since]))


def test_what_is_left_at_the_end_is_told(trader):
    trader.place(APPLE, MarketOrder("BUY", 100))
    trader.place(APPLE, LimitOrder("SELL", 60, 999, tif="GTC"))
    result = trader.books.result("returned")
    assert [(item.contract.symbol, item.position) for item in result.portfolio] == [("AAPL", 100)]
    assert [(left.contract.symbol, left.order.lmtPrice, left.state.status) for left in result.open_orders] == [
        ("AAPL", 999, "Submitted")
    ]
    assert (result.orders, result.returned) == (2, "returned")


def test_what_was_never_placed_is_no_order(trader):
    trader.place(APPLE, MarketOrder("BUY", 100, whatIf=True))
    trader.place(APPLE, LimitOrder("BUY", 100, 1.005))
    trader.place(APPLE, LimitOrder("BUY", 100, 1))
    trader.place(APPLE, LimitOrder("BUY", 200, 1))
    assert trader.books.result().orders == 2


def test_it_is_looked_at_again_when_what_is_held_can_have_changed(trader):
    books = trader.books
    assert books.next_look() is None
    trader.place(APPLE, MarketOrder("BUY", 100))
    assert books.next_look() == TUESDAY + timedelta(minutes=1)
    trader.wait(hours=11)
    assert books.next_look() == datetime(2026, 4, 15, 4, tzinfo=NEW_YORK)
    limit = round(trader.broker.market.quote(265598, trader.broker.now).last * 0.95, 2)
    trader.place(APPLE, LimitOrder("SELL", 100, limit, outsideRth=True))
    trader.wait(hours=12)
    assert books.next_look() is None


def mark(trader, conId, moment):
    return Decimal(str(mark_price(trader.broker.market.quote(conId, moment))))


class calculate:
    """Profits from a list of fills, by average cost, in exact numbers; knows nothing of the ledger."""

    def __init__(self, fills):
        self.fills = fills

    def of(self, day: date):
        """Number, value, commissions and realized profit of the fills of a day."""
        position, cost = defaultdict(Decimal), defaultdict(Decimal)
        number, traded, commissions, realized = 0, Decimal(0), Decimal(0), Decimal(0)
        for fill in self.fills:
            conId, size, price, fee = parts(fill)
            is_today = fill.execution.time.astimezone(NEW_YORK).date() == day
            number += is_today
            traded += is_today * abs(size) * price
            commissions += is_today * fee
            held = position[conId]
            closed = min(abs(size), abs(held)) * (-1 if held > 0 else 1) if held * size < 0 else Decimal(0)
            if closed:
                average = cost[conId] / held
                realized += is_today * (-closed * (price - average) - fee * closed / size)
                cost[conId] += average * closed
            position[conId] += size
            cost[conId] += (size - closed) * price + fee * (size - closed) / size
        return number, float(traded), float(commissions), float(realized)

    def earned_until(self, moment, price_of):
        """Cash and what is held, beyond what the account began with."""
        cash, position = Decimal(0), defaultdict(Decimal)
        for fill in self.fills:
            if fill.execution.time < moment:
                conId, size, price, fee = parts(fill)
                cash -= size * price + fee
                position[conId] += size
        multiplier = {fill.contract.conId: Decimal(fill.contract.multiplier or 1) for fill in self.fills}
        return float(cash + sum(size * price_of(conId) * multiplier[conId] for conId, size in position.items()))


def parts(fill):
    """conId, signed size, price times multiplier, commission."""
    execution = fill.execution
    size = Decimal(str(execution.shares)) * (1 if execution.side == "BOT" else -1)
    price = Decimal(str(execution.price)) * Decimal(fill.contract.multiplier or 1)
    return fill.contract.conId, size, price, Decimal(str(fill.commissionReport.commission))


def test_the_equity_is_looked_at_each_minute_when_summer_time_ends():
    trader = Trader(datetime(2026, 10, 30, 10, 0, tzinfo=NEW_YORK))
    trader.place(APPLE, MarketOrder("BUY", 10))
    trader.wait(minutes=5)
    trader.broker.advance(datetime(2026, 11, 1, 1, 59, 30, tzinfo=NEW_YORK))
    opening = datetime(2026, 11, 2, 4, 0, tzinfo=NEW_YORK)
    assert opening <= trader.books.next_look() < opening + timedelta(minutes=10)
    trader.books._broker.market.next_change = lambda con_id, now: now
    due = trader.books.next_look()
    assert seconds_between(trader.broker.now, due) == 60


def test_refused_orders_are_counted_by_their_reasons(trader):
    trader.place(APPLE, LimitOrder("BUY", 1, 180.001))
    trader.place(APPLE, LimitOrder("BUY", 2, 180.001))
    trader.place(APPLE, MarketOrder("BUY", 10**7))
    trader.place(APPLE, MarketOrder("BUY", 1))
    trader.books.on_refusal("reqMktData", 354, "no prices")
    result = trader.books.result()
    assert [each[::3] for each in result.refused] == [("placeOrder", 2), ("placeOrder", 1), ("reqMktData", 1)]
    assert [each.code for each in result.refused] == [110, 201, 354]
    assert "price does not conform to the minimum price variation" in result.refused[0].reason
    assert (result.refused_orders, result.days[0].fills) == (3, 1)


def test_reasons_of_refusals_are_bounded(trader):
    for number in range(10_000):
        trader.books.on_refusal("reqHistoricalData", 162, f"reason {number}")
        trader.books.on_refusal("reqMktData", 354, f"reason {number}")
    refused = trader.books.result().refused
    assert sum(each.times for each in refused) == 20_000
    assert len(refused) == 102
    assert refused[0] == ("reqHistoricalData", 162, "other reasons", 9950)


def test_what_is_cancelled_or_warned_of_is_not_refused(trader):
    trader.place(APPLE, LimitOrder("BUY", 1, 100))
    trader.broker.cancel(1, 1)
    trader.broker.cancel(1, 1)
    trader.broker.advance(datetime(2026, 4, 14, 22, tzinfo=NEW_YORK))
    trader.place(APPLE, LimitOrder("BUY", 1, 100))
    assert trader.books.result().refused == ()
