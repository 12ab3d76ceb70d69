"""Every view of the account agrees, to the cent, with every other and with what the executions come to.

The books of this test know the executions and commissions that a client was told, and quotes. They are kept in plain
floats, from the rules as IBKR publishes them, and share nothing with the gateway's own.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from ibdesk.model.contract import Forex, Future, Option, Stock
from ibdesk.model.order import LimitOrder, MarketOrder, Order, OrderCancel
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire.messages.accounts import (
    AccountSummary,
    AccountUpdateMulti,
    CancelAccountSummary,
    CancelAccountUpdatesMulti,
    CancelPositions,
    CancelPositionsMulti,
    Position,
    PositionMulti,
    ReqAccountSummary,
    ReqAccountUpdates,
    ReqAccountUpdatesMulti,
    ReqPositions,
    ReqPositionsMulti,
    UpdateAccountValue,
    UpdatePortfolio,
)
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.order_status import ReqGlobalCancel
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder
from ibdesk.wire.messages.pnl import CancelPnL, CancelPnLSingle, PnL, PnLSingle, ReqPnL, ReqPnLSingle

from .conftest import WEDNESDAY_AT_TEN

ACCOUNT, CASH = "DU1234567", 1_000_000.0
CENT = 0.0101  # two amounts that are both rounded to cents
TRADES = 500
PAUSES = {0: 9, 0.25: 9, 1: 9, 5: 9, 30: 9, 60: 9, 181: 9, 600: 9, 3600: 9, 11 * 3600: 2}
"""Seconds between trades, and how often: some so long that the market closes and opens again."""

SPY, ES = Stock("SPY", "SMART", "USD"), Future("ES", "202606", "CME")
TRADED = (
    (Stock("AAPL", "SMART", "USD"), 1, 300),
    (SPY, 1, 300),
    (Stock("BMW", "IBIS", "EUR"), 1, 300),
    (Stock("AAPL", "EBS", "CHF"), 1, 100),
    (Stock("INTC", "MEXI", "MXN"), 1, 200),
    (ES, 1, 3),
    (Future("GC", "202606", "COMEX"), 1, 3),
    (Option("AAPL", "20260515", 250, "C", "SMART", "100", "USD"), 1, 10),
    (Option("AAPL", "20260515", 250, "P", "SMART", "100", "USD"), 1, 10),
    (Forex("EURUSD"), 20_000, 60_000),
    (Forex("GBPUSD"), 20_000, 60_000),
    (Forex("USDJPY"), 20_000, 60_000),
)
"""What is traded, and how much of it at a time."""

PAIRS = {"EUR": (12087792, 1), "GBP": (12087797, 1), "CHF": (12087820, -1), "JPY": (15016059, -1)}
FIXED_RATES = {"USD": 1.0, "MXN": 0.054}
FUTURES_MARGIN = {"ES": 28017.36, "GC": 34244.70}
AHEAD = {"InitMarginReq": "initMargin", "MaintMarginReq": "maintMargin", "EquityWithLoanValue": "equityWithLoan"}
"""What a what-if order tells, by the tag of the account value."""

TAGS = (*AHEAD, "NetLiquidation", "TotalCashValue", "GrossPositionValue")
SUMMARY = ",".join((*TAGS, "$LEDGER:ALL"))


@dataclass
class Holding:
    """A position; `cost` has the sign of the quantity and holds the commissions."""

    contract: object
    quantity: float = 0.0
    cost: float = 0.0
    fees: float = 0.0
    realized: float = 0.0

    @property
    def unit(self):
        return float(self.contract.multiplier or 1)

    def trade(self, quantity, price, fee):
        """Takes an execution in; what it earned, None when it closed nothing."""
        closed = min(abs(quantity), abs(self.quantity)) if quantity * self.quantity < 0 else 0.0
        earned = None
        if closed:
            share, sign = closed / abs(self.quantity), 1 if self.quantity > 0 else -1
            released, fees = self.cost * share, self.fees * share
            earned = sign * closed * price * self.unit - released - fee * closed / abs(quantity)
            self.realized += earned
            self.cost -= released
            self.fees -= fees
        opened = abs(quantity) - closed
        opening_fee = fee * opened / abs(quantity)
        self.cost += (opened if quantity > 0 else -opened) * price * self.unit + opening_fee
        self.fees += opening_fee
        self.quantity += quantity
        return earned


@dataclass
class MarkedLedger:
    """What the account must look like. `price(conId, when)` is what one unit is worth."""

    price: object
    cash: dict = field(default_factory=lambda: defaultdict(float, USD=CASH))
    held: dict = field(default_factory=dict)

    def trade(self, contract, quantity, price, fee, fee_currency, now):
        """Takes an execution in; what it earned, in the currency of its commission."""
        holding = self.held.setdefault(contract.conId, Holding(contract))
        of_fee = self.rate(fee_currency, now) / self.rate(contract.currency, now)
        # Futures too, as if they were paid in full: what is carried of them is no cash of the account's, see `at`.
        self.cash[contract.currency] -= quantity * price * holding.unit
        self.cash[fee_currency] -= fee
        if contract.secType == "CASH":
            self.cash[contract.symbol] += quantity
        earned = holding.trade(quantity, price, fee * of_fee)
        return None if earned is None else earned / of_fee

    def rate(self, currency, when):
        if currency in FIXED_RATES:
            return FIXED_RATES[currency]
        con_id, power = PAIRS[currency]
        return self.price(con_id, when) ** power

    def start_day(self):
        self.held = {key: each for key, each in self.held.items() if each.quantity}
        for each in self.held.values():
            each.realized = 0.0

    def at(self, when):
        """The account at a moment: its totals by tag, and a row for each holding."""
        rows = {}
        cash = dict(self.cash)
        totals = defaultdict(float)
        for con_id, each in self.held.items():
            price, rate = self.price(con_id, when), self.rate(each.contract.currency, when)
            value = each.quantity * price * each.unit
            row = SimpleNamespace(price=price, value=value, rate=rate, unrealized=value - each.cost, holding=each)
            rows[con_id] = row
            kind, paid = each.contract.secType, each.contract.secType in ("STK", "OPT")
            if kind == "FUT":
                cash[each.contract.currency] += each.cost - each.fees
                totals["NetLiquidation"] += (value - each.cost + each.fees) * rate
            totals["NetLiquidation"] += value * rate * paid
            totals["GrossPositionValue"] += abs(value) * rate * paid
            totals["options"] += max(0.0, value) * rate * (kind == "OPT")
            totals["unrealized"] += row.unrealized * rate
            totals["realized"] += each.realized * rate
            initial, maintenance = margin(each, value)
            totals["InitMarginReq"] += initial * rate
            totals["MaintMarginReq"] += maintenance * rate
        for currency, amount in cash.items():
            worth = amount * self.rate(currency, when)
            totals["TotalCashValue"] += worth
            for tag in ("InitMarginReq", "MaintMarginReq"):
                totals[tag] += 0.025 * abs(worth) * (currency != "USD")
        totals["NetLiquidation"] += totals["TotalCashValue"]
        totals["EquityWithLoanValue"] = totals["NetLiquidation"] - totals["options"]
        return SimpleNamespace(totals=totals, rows=rows, cash=cash)


def margin(holding, value):
    """What a position ties up, to open and to keep."""
    kind, quantity = holding.contract.secType, holding.quantity
    if kind == "STK":
        amount = abs(value) * (0.25 if quantity > 0 else 0.30)
    elif kind == "FUT":
        amount = abs(quantity) * FUTURES_MARGIN[holding.contract.symbol]
        return amount, amount / 1.1
    elif kind == "OPT" and quantity < 0:
        amount = abs(value) + abs(quantity) * holding.contract.strike * holding.unit * 0.20
    else:
        amount = 0.0
    return amount, amount


def of(messages, kind):
    return [message for message in messages if isinstance(message, kind)]


def about(expected):
    return pytest.approx(expected, abs=CENT)


class Account:
    """A client that trades, one that looks at every view, and the books that both must agree with."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.trader, self.watcher = gateway.connect(1), gateway.connect(2)
        self.marked_ledger = MarkedLedger(self.price)
        self.day_began_with = CASH
        self.orders = self.executions = 0
        # What one that subscribed at the beginning has been told since.
        self.followed, self.followed_items, self.followed_profits = {}, {}, []
        self.follower = gateway.connect(3)
        self.follower.ask(ReqAccountUpdates(True, ""), ReqPnL(1, ACCOUNT, ""))

    def price(self, con_id, when):
        quote = self.gateway.broker.market.quote(con_id, when)
        if quote.bid > 0 and quote.ask > 0:
            return min(max(quote.last, quote.bid), quote.ask) if quote.last > 0 else (quote.bid + quote.ask) / 2
        return quote.last if quote.last > 0 else quote.close

    def wait(self, seconds):
        """Lets time pass, over midnight too."""
        until = self.gateway.now + timedelta(seconds=seconds)
        while self.gateway.now.date() < until.date():
            midnight = datetime.combine(self.gateway.now.date() + timedelta(days=1), datetime.min.time(), until.tzinfo)
            self.gateway.wait((midnight - self.gateway.now).total_seconds())
            self.take(self.trader.heard())
            self.day_began_with = self.marked_ledger.at(midnight).totals["NetLiquidation"]
            self.marked_ledger.start_day()
        self.gateway.wait((until - self.gateway.now).total_seconds())
        self.take(self.trader.heard())

    def place(self, contract, order):
        self.orders += 1
        messages = self.trader.ask(PlaceOrder(self.orders, contract, order))
        return messages, self.take(messages)

    def take(self, messages):
        """MarkedLedger what was executed; how much it was."""
        reports = [each.commissionReport for each in of(messages, CommissionAndFeesReport)]
        report_of = {report.execId: report for report in reports}
        told = of(messages, ExecDetails)
        for each in told:
            execution, report = each.execution, report_of[each.execution.execId]
            quantity = execution.shares if execution.side == "BOT" else -execution.shares
            fee, currency = report.commission, report.currency
            earned = self.marked_ledger.trade(each.contract, quantity, execution.price, fee, currency, self.gateway.now)
            if earned is not None:
                assert report.realizedPNL == about(earned)
        self.executions += len(told)
        return sum(each.execution.shares for each in told)

    def look(self):
        """Every view of the account, each asked for anew."""
        ask = self.watcher.ask
        found = SimpleNamespace()
        updates = ask(ReqAccountUpdates(True, ""))
        found.updates = {(row.key, row.currency): row.value for row in of(updates, UpdateAccountValue)}
        found.portfolio = {row.contract.conId: row for row in of(updates, UpdatePortfolio)}
        multi = ask(ReqAccountUpdatesMulti(1, "", "", False))
        found.multi = {(row.key, row.currency): row.value for row in of(multi, AccountUpdateMulti)}
        summary = of(ask(ReqAccountSummary(2, "All", SUMMARY)), AccountSummary)
        found.summary = {(row.tag, row.currency): row.value for row in summary}
        found.positions = {row.contract.conId: row for row in of(ask(ReqPositions()), Position)}
        found.by_model = {row.contract.conId: row for row in of(ask(ReqPositionsMulti(3, "", "")), PositionMulti)}
        (found.pnl,) = of(ask(ReqPnL(4, ACCOUNT, "")), PnL)
        found.singles = {}
        for con_id in found.portfolio:
            (found.singles[con_id],) = of(ask(ReqPnLSingle(5, ACCOUNT, "", con_id)), PnLSingle)
            ask(CancelPnLSingle(5))
        ask(ReqAccountUpdates(False, ""), CancelAccountUpdatesMulti(1), CancelAccountSummary(2))
        ask(CancelPositions(), CancelPositionsMulti(3), CancelPnL(4))
        self.watcher.sent = b""  # kept, it would be copied with each message more
        return found

    def check(self):
        """Every view agrees with the books, and so with every other. Returns what they show."""
        found, expected = self.look(), self.marked_ledger.at(self.gateway.now)
        assert found.multi == found.updates
        assert found.summary.items() <= found.updates.items()
        totals = {tag: float(found.summary[tag, "USD"]) for tag in TAGS}
        assert totals == {tag: about(expected.totals[tag]) for tag in TAGS}
        self.check_rows(found, expected)
        self.check_balances(found, expected)
        daily = expected.totals["NetLiquidation"] - self.day_began_with
        profit = found.pnl.dailyPnL, found.pnl.unrealizedPnL, found.pnl.realizedPnL
        assert profit == (about(daily), about(expected.totals["unrealized"]), about(expected.totals["realized"]))
        return found

    def check_rows(self, found, expected):
        assert found.portfolio.keys() == expected.rows.keys() == found.singles.keys()
        assert found.positions.keys() == {con_id for con_id, row in expected.rows.items() if row.holding.quantity}
        assert found.by_model.keys() == found.positions.keys()
        for con_id, row in expected.rows.items():
            item, single, holding = found.portfolio[con_id], found.singles[con_id], row.holding
            assert item.position == single.position == holding.quantity
            assert (item.marketValue, single.value) == (about(row.value), about(row.value * row.rate))
            assert (item.unrealizedPNL, item.realizedPNL) == (about(row.unrealized), about(holding.realized))
            assert single.unrealizedPnL == about(row.unrealized * row.rate)
            assert single.realizedPnL == about(holding.realized * row.rate)
            if holding.quantity:
                assert item.marketPrice == pytest.approx(row.price)
                average = found.positions[con_id].avgCost
                assert item.averageCost == average == found.by_model[con_id].avgCost
                assert average == pytest.approx(holding.cost / holding.quantity)

    def check_balances(self, found, expected):
        """What the account has in each currency, and all together."""
        for currency, amount in expected.cash.items():
            rows = [row for row in expected.rows.values() if row.holding.contract.currency == currency]
            rate = float(found.updates["ExchangeRate", currency])
            assert rate == pytest.approx(self.marked_ledger.rate(currency, self.gateway.now), abs=1e-6)
            assert float(found.updates["CashBalance", currency]) == about(amount)
            assert float(found.updates["UnrealizedPnL", currency]) == about(sum(row.unrealized for row in rows))
            assert float(found.updates["RealizedPnL", currency]) == about(sum(row.holding.realized for row in rows))
        for tag, total in {
            "CashBalance": "TotalCashValue",
            "UnrealizedPnL": "unrealized",
            "RealizedPnL": "realized",
            "NetLiquidationByCurrency": "NetLiquidation",
        }.items():
            assert float(found.updates[tag, "BASE"]) == about(expected.totals[total])

    def check_follower(self, found):
        """After an execution the one who subscribed long ago knows what one who asks now is told."""
        messages = self.follower.heard()
        self.followed |= {(row.key, row.currency): row.value for row in of(messages, UpdateAccountValue)}
        self.followed_items |= {row.contract.conId: row for row in of(messages, UpdatePortfolio)}
        self.followed_profits += of(messages, PnL)
        told = {key: value for key, value in self.followed.items() if key in found.updates}
        assert told.items() <= found.updates.items()
        assert {con_id: self.followed_items[con_id] for con_id in found.portfolio} == found.portfolio

    def check_followed_profit(self):
        """So does the one who follows the profit, a second later."""
        self.followed_profits += of(self.follower.heard(), PnL)
        assert replace(self.followed_profits[-1], reqId=4) == self.look().pnl

    def try_what_if(self, contract, order):
        messages, filled = self.place(contract, Order(**{**order.dict(), "whatIf": True}))
        assert not filled
        return messages

    def try_order(self, contract, order):
        """Places an order that is to be filled at once; checks what it was said to do, and what it did."""
        before = self.marked_ledger.at(self.gateway.now).totals
        messages = self.try_what_if(contract, order)
        (state,) = (each.orderState for each in of(messages, OpenOrder))
        for tag, name in AHEAD.items():
            assert float(getattr(state, f"{name}Before")) == about(before[tag])
        _, filled = self.place(contract, order)
        after = self.marked_ledger.at(self.gateway.now).totals
        if filled == order.totalQuantity:
            for tag, name in AHEAD.items():
                assert float(getattr(state, f"{name}After")) == about(after[tag])
        if filled:
            con_id = self.gateway.broker.market.instruments.resolve(contract).contract.conId
            quote, holding = self.gateway.broker.market.quote(con_id, self.gateway.now), self.marked_ledger.held[con_id]
            rate = self.marked_ledger.rate(holding.contract.currency, self.gateway.now)
            spread = (quote.ask - quote.bid) * filled * holding.unit * rate
            lost = before["NetLiquidation"] - after["NetLiquidation"]
            fee = state.commission * self.marked_ledger.rate(state.commissionCurrency, self.gateway.now)
            assert 0 < lost <= spread + fee + CENT
        return filled


def an_order(rng, account):
    """A contract, and an order for it: one that closes what is held, or trades any side."""
    contract, least, most = rng.choice(TRADED)
    con_id = account.gateway.broker.market.instruments.resolve(contract).contract.conId
    held = account.marked_ledger.held.get(con_id)
    if held and held.quantity and rng.random() < 0.5:
        action, quantity = "SELL" if held.quantity > 0 else "BUY", abs(held.quantity)
    else:
        action, quantity = rng.choice(["BUY", "SELL"]), rng.randint(least, most)
    return contract, con_id, MarketOrder(action, quantity, outsideRth=True)


@pytest.mark.slow
def test_every_view_agrees_through_500_random_trades(gateway):
    rng, account = random.Random(1), Account(gateway)
    account.check()
    trades = 0
    while trades < TRADES:
        contract, con_id, order = an_order(rng, account)
        quote = gateway.broker.market.quote(con_id, gateway.now)
        if quote.bid > 0:
            filled = account.try_order(contract, order)
            found = account.check()
            if filled:
                account.check_follower(found)
                trades += 1
        if contract.secType in ("STK", "FUT") and contract.currency == "USD" and rng.random() < 0.3:
            waiting = LimitOrder(order.action, 1, quote.bid if order.action == "BUY" else quote.ask, outsideRth=True)
            account.place(contract, waiting)
            account.wait(20)
            account.check()
        account.trader.ask(ReqGlobalCancel(OrderCancel()))
        account.wait(*rng.choices(list(PAUSES), list(PAUSES.values())))
        account.check()
    assert account.executions >= TRADES
    assert (gateway.now - WEDNESDAY_AT_TEN).days > 5


def test_a_position_that_is_opened_again_is_worth_what_the_market_says(gateway):
    account = Account(gateway)
    for action in ("BUY", "SELL", "BUY"):
        filled = account.try_order(SPY, MarketOrder(action, 100))
        assert filled == 100
        account.check_follower(account.check())
        account.wait(1)
        account.check_followed_profit()
        account.wait(3600)


@pytest.mark.parametrize(("pair", "quantity"), [("EURUSD", 100_000), ("USDJPY", 100_000), ("GBPUSD", 100_000)])
def test_an_exchange_of_currencies_costs_spread_and_commission_alone(gateway, pair, quantity):
    account = Account(gateway)
    account.wait(7 * 24 * 3600)
    for action in ("BUY", "SELL", "SELL"):
        account.try_order(Forex(pair), MarketOrder(action, quantity))
        account.check()
        account.wait(24 * 3600)


@pytest.mark.parametrize(("action", "limit"), [("BUY", 10.0), ("SELL", 10_000.0)])
def test_an_order_that_waits_gains_nothing_by_being_filled(gateway, action, limit):
    account = Account(gateway)
    (state,) = (each.orderState for each in of(account.try_what_if(SPY, LimitOrder(action, 100, limit)), OpenOrder))
    assert float(state.equityWithLoanAfter) == pytest.approx(CASH - state.commission, abs=0.01)


def test_a_fill_before_midnight_is_told_with_its_commission_after_it(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 23, 30, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    quote = gateway.broker.market.quote(gateway.broker.market.instruments.resolve(ES).contract.conId, gateway.now)
    client.ask(PlaceOrder(1, ES, LimitOrder("BUY", 1, quote.bid)))
    gateway.wait(3600)
    messages = client.heard()
    (filled,), (reported,) = of(messages, ExecDetails), of(messages, CommissionAndFeesReport)
    assert filled.execution.time.startswith("20260415")
    assert filled.execution.execId == reported.commissionReport.execId
