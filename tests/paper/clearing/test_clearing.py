"""What becomes of positions in the night after options and futures have ended, and what clients are told of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from paper.clearing.conftest import FRIDAY, NIGHT, SPX, SPY, at, es, spx, spy

from ibdesk.model.contract import Stock
from ibdesk.model.executions import Execution, ExecutionFilter
from ibdesk.paper.clearing import clearing
from ibdesk.paper.exchange import Executed, OrderKey
from ibdesk.paper.instruments import contract_of
from ibdesk.wire.messages.accounts import ReqAccountUpdates, UpdatePortfolio
from ibdesk.wire.messages.executions import ExecDetails, ReqExecutions
from ibdesk.wire.messages.pnl import PnLSingle, ReqPnLSingle

SHARES = Stock("SPY", "SMART", "USD", conId=SPY)
LATE = at(17, 23, 59)
EXERCISED, LAPSED, ASSIGNED, AUTOMATIC, EXPIRED = 1, 2, 100, 101, 102


def at_the_money(trader):
    return round(trader.price())


def test_until_the_night_nothing_happens(trader):
    call = spy(at_the_money(trader) - 5, "C")
    trader.trade(call, 2)
    trader.until(NIGHT - timedelta(seconds=1))
    assert trader.told() == []
    assert trader.held(call) == 2
    assert trader.broker.next_due == NIGHT


@pytest.mark.parametrize(
    ("right", "moneyness", "quantity", "cause", "shares"),
    [
        ("C", -5, 2, AUTOMATIC, 200),
        ("C", 5, 2, EXPIRED, 0),
        ("P", 5, 2, AUTOMATIC, -200),
        ("P", -5, 2, EXPIRED, 0),
        ("C", -5, -2, ASSIGNED, -200),
        ("C", 2, -2, EXPIRED, 0),
        ("P", 5, -2, ASSIGNED, 200),
        ("P", -2, -2, EXPIRED, 0),
    ],
)
def test_stock_options_deliver_at_the_strike(trader, right, moneyness, quantity, cause, shares):
    strike = at_the_money(trader) + moneyness
    trader.trade(spy(strike, right), quantity)
    trader.until(LATE)
    before = trader.broker.ledger.cash["USD"]
    trader.until(NIGHT)
    delivered = [("STK", shares, float(strike), cause)] if shares else []
    told = [("OPT", -quantity, 0.0, cause), *delivered]
    assert trader.watched() == [*told, *[("costs", 0.0)] * len(told)]
    # Another client hears of its positions alone: no order of its own was executed.
    assert trader.told() == [("position", "OPT", 0.0), *([("position", "STK", float(shares))] if shares else [])]
    assert trader.broker.ledger.cash["USD"] - before == -shares * strike
    assert trader.broker.ledger.position(SPY) == shares
    assert trader.held(spy(strike, right)) == 0


def close_of(trader, con_id=SPY):
    (bar,) = trader.broker.market.bars(con_id, at(17, 16), "1 D", "1 day", "TRADES", use_rth=True)
    return bar.close


def test_one_cent_in_the_money_is_enough(trader, monkeypatch):
    strike = at_the_money(trader)
    for right in "CP":
        trader.trade(spy(strike, right), 1)
    trader.until(LATE)
    for close, call, put in ((strike + 0.01, 101, 102), (strike, 102, 102), (strike - 0.01, 102, 101)):
        monkeypatch.setattr(trader.broker.market, "fixing_price", lambda under, ending, close=close: close)
        found = trader.broker._clearing.settle(trader.broker.marked_ledger.holdings, [], NIGHT)
        assert [each.cause for each in found] == [call, put]


@pytest.mark.parametrize("quantity", [1, -1])
@pytest.mark.parametrize(("right", "moneyness"), [("C", -20), ("C", 20), ("P", 20), ("P", -20)])
def test_index_options_are_settled_in_cash(trader, quantity, right, moneyness):
    strike = round(trader.price(SPX) / 5) * 5 + moneyness
    contract = spx(strike, right)
    trader.trade(contract, quantity)
    trader.until(LATE)
    before = trader.broker.ledger.cash["USD"]
    trader.until(NIGHT)
    close = close_of(trader, SPX)
    paid = round(max(close - strike if right == "C" else strike - close, 0.0), 2)
    cause = (AUTOMATIC if quantity > 0 else ASSIGNED) if paid else EXPIRED
    assert trader.watched() == [("OPT", -quantity, pytest.approx(paid), cause), ("costs", 0.0)]
    assert trader.told() == [("position", "OPT", 0.0)]
    assert float(trader.broker.ledger.cash["USD"] - before) == pytest.approx(100 * quantity * paid)
    assert trader.broker.ledger.position(SPX) == 0


def test_what_is_settled_in_the_morning_is_traded_the_day_before(make_trader):
    trader = make_trader(at(16, 15))
    strike = round(trader.price(SPX) / 5) * 5 - 100
    contract = spx(strike, "C", "20260416", "SPX")
    trader.trade(contract, 1)
    trader.until(at(17, 2))
    assert trader.watched() == []
    trader.until(at(17, 9, 29))
    held = trader.broker.ledger.portfolio()[0].marketPrice
    trader.until(at(17, 9, 30))
    (day,) = trader.broker.market.bars(SPX, at(17, 16), "1 D", "1 day", "TRADES", use_rth=True)
    assert trader.broker.ledger.portfolio()[0].marketPrice == pytest.approx(day.open - strike) != held
    trader.until(NIGHT)
    assert trader.watched() == [("OPT", -1.0, pytest.approx(day.open - strike), AUTOMATIC), ("costs", 0.0)]


@pytest.mark.parametrize("quantity", [1, -2])
def test_futures_are_settled_at_their_last_price(make_trader, quantity):
    trader = make_trader(at(18, 9, month=6))
    trader.trade(es(), quantity)
    trader.until(at(18, 9, 30, month=6))
    worth = trader.broker.ledger.totals().net_liquidation
    last = trader.broker.ledger.portfolio()[0].marketPrice
    trader.until(at(19, 2, month=6))
    assert trader.watched() == [("FUT", -quantity, last, -1), ("costs", 0.0)]
    assert trader.told() == [("position", "FUT", 0.0)]
    assert trader.broker.ledger.totals().net_liquidation == worth


def test_the_account_is_worth_in_the_evening_what_it_is_after_the_night(trader):
    """What has ended is worth what will be paid for it, so that the booking itself is no gain and no loss."""
    strike = at_the_money(trader)
    for right, quantity in (("C", 2), ("P", -2)):
        trader.trade(spy(strike - 3, right), quantity)
        trader.trade(spx(round(trader.price(SPX) / 5) * 5 + 10, right), quantity)
    trader.until(at(17, 23))
    ledger = trader.broker.ledger
    cash, options = ledger.cash["USD"], sum(item.marketValue for item in ledger.portfolio())
    close = Decimal(str(close_of(trader)))
    trader.until(NIGHT)
    ledger = trader.broker.ledger
    shares = Decimal(ledger.position(SPY))
    assert float(ledger.cash["USD"] + shares * close) == pytest.approx(float(cash) + options)


def test_executions_can_be_asked_for_by_everybody(trader):
    trader.trade(spy(at_the_money(trader) - 5, "C"), 1)
    trader.until(NIGHT)
    trader.told()
    found = [each for each in trader.client.ask(ReqExecutions(9, ExecutionFilter())) if isinstance(each, ExecDetails)]
    assert [(each.contract.secType, each.execution.side) for each in found] == [("OPT", "SLD"), ("STK", "BOT")]
    execution: Execution = found[0].execution
    assert (execution.clientId, execution.orderId, execution.price) == (0, 2**31 - 1, 0.0)
    assert execution.time == "20260418 02:00:00 US/Eastern"
    assert len({each.execution.permId for each in found}) == len({each.execution.execId for each in found}) == 2


def test_portfolio_and_profit_are_told(trader):
    call = spy(at_the_money(trader) - 5, "C")
    trader.trade(call, 1)
    con_id = trader.broker.ledger.positions()[0].contract.conId
    trader.client.ask(ReqAccountUpdates(True, ""), ReqPnLSingle(7, "", "", con_id))
    trader.until(NIGHT)
    trader.gateway.wait(2)
    heard = trader.client.heard()
    portfolio = [each for each in heard if isinstance(each, UpdatePortfolio)]
    assert {(each.contract.secType, each.position) for each in portfolio[-2:]} == {("OPT", 0.0), ("STK", 100.0)}
    profits = [each for each in heard if isinstance(each, PnLSingle)]
    assert (profits[-1].position, profits[-1].value, profits[-1].unrealizedPnL) == (0, 0.0, 0.0)


# Early assignment


@pytest.fixture
def deep_put(make_trader):
    """A short put so deep in the money that its holder gains by exercising it, a month before its end."""
    trader = make_trader(at(15, 15))
    put = spy(at_the_money(trader) + 60, "P", "20260515")
    assert trader.trade(put, -8) == -8
    return trader, put


def test_shorts_are_assigned_early_by_chance(deep_put):
    trader, put = deep_put
    held = []
    for day in range(16, 26):
        trader.until(at(day, 3))
        held.append(trader.held(put))
        assert trader.broker.ledger.position(SPY) == -100 * (-8 - held[-1])
    assert held == sorted(held)
    assert -8 < held[-1] < 0
    assert len(set(held)) > 3
    # Nights after a Saturday or Sunday are quiet.
    assert held[2] == held[3] == held[4]
    causes = {told[-1] for told in trader.watched() if told[0] == "OPT"}
    assert causes == {ASSIGNED}


def test_the_seed_decides_on_assignments(make_trader, deep_put):
    trader, put = deep_put
    other = make_trader(at(15, 15))
    other.trade(put, -8)
    for each in (trader, other):
        each.until(at(22, 3))
    assert trader.broker.exchange.executions == other.broker.exchange.executions
    drawn = {
        seed: [each.legs[0].quantity for each in clearing.Clearing(trader.broker.market, seed).settle(
            trader.broker.marked_ledger.holdings, [], at(23, 2))]
        for seed in range(6)
    }  # fmt: skip
    assert len({tuple(quantities) for quantities in drawn.values()}) > 1


def test_what_is_worth_more_alive_is_not_assigned(make_trader):
    trader = make_trader(at(15, 15))
    near = spy(at_the_money(trader) + 1, "P", "20260515")
    out = spy(at_the_money(trader) - 30, "P", "20260515")
    index = spx(round(trader.price(SPX) / 25) * 25 + 400, "P", "20260515")
    for contract in (near, out, index):
        trader.trade(contract, -2)
    trader.until(at(24, 3))
    assert trader.watched() == []


# Odd moments


def test_a_position_that_ended_before_the_gateway_started_is_settled(make_trader):
    trader = make_trader(at(20, 10))
    broker = trader.broker
    call = broker.market.instruments.option(spy(600, "C"))
    contract = contract_of(call, "SMART")
    bought = Execution(execId="old", time=FRIDAY, side="BOT", shares=1, price=100.0, permId=5)
    broker._take([Executed(OrderKey(1, 1, 5), contract, bought, broker.marked_ledger.book(bought, contract))])
    assert broker.next_due is None
    broker._plan()
    trader.gateway.wait(1)
    assert trader.watched()[:2] == [("OPT", -1.0, 0.0, AUTOMATIC), ("STK", 100.0, 600.0, AUTOMATIC)]


def test_what_was_sold_before_the_end_is_not_settled(trader):
    call = spy(at_the_money(trader) - 5, "C")
    trader.trade(call, 2)
    trader.trade(call, -2)
    trader.until(at(18, 3))
    assert trader.watched() == []
    assert trader.broker.next_due is None


def test_nothing_is_due_while_nothing_ends(trader):
    trader.trade(SHARES, 2)
    assert trader.broker.next_due is None


def test_however_late_anyone_looks(make_trader):
    """A gateway that sleeps for days books the same, at the same moments."""
    told = []
    for steps in (1, 40):
        trader = make_trader()
        call, put = spy(at_the_money(trader) - 5, "C"), spy(at_the_money(trader) + 5, "P", "20260420")
        trader.trade(call, 2)
        trader.trade(put, -2)
        start = trader.gateway.now
        for step in range(1, steps + 1):
            trader.until(start + (at(22, 10) - start) * step / steps)
        facts = (*trader.broker.exchange.earlier_executions, *trader.broker.exchange.executions)
        told.append([(each.contract.localSymbol, vars(each.execution)) for each in facts])
    assert told[0] == told[1]
    assert len(told[0]) > 4
