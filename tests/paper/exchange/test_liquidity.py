"""Prices, sizes, price improvement and partial fills."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.exchange.conftest import make_trader

from ibdesk.paper.exchange import Executed
from ibdesk.paper.like import Like


@pytest.mark.parametrize(("action", "price"), [("BUY", 100.02), ("SELL", 100.00)])
def test_a_market_order_is_filled_at_the_other_side(trader, action, price):
    order = trader.place(action, 100)
    assert trader.story() == ["PreSubmitted", (100.0, price), "Filled"]
    assert trader.status(order) == "Filled"


def test_a_fill_takes_no_more_than_the_displayed_size_of_each_quote(trader):
    trader.quote(100.00, 100.02, askSize=300)
    order = trader.place("BUY", 1000)
    assert trader.story() == ["PreSubmitted", (300.0, 100.02), "Submitted"]
    trader.quote(100.00, 100.03, askSize=300)
    assert trader.story() == [(300.0, 100.03), "Submitted"]
    trader.quote(100.00, 100.04, askSize=900)
    assert trader.story() == [(400.0, 100.04), "Filled"]
    last = trader.facts[-1]
    assert (last.filled, last.remaining, last.lastFillPrice) == (1000.0, 0.0, 100.04)
    assert last.avgFillPrice == pytest.approx((300 * 100.02 + 300 * 100.03 + 400 * 100.04) / 1000)
    assert trader.fills(order) == [(300.0, 100.02), (300.0, 100.03), (400.0, 100.04)]


def test_orders_share_the_displayed_size_in_the_order_of_time(trader):
    first = trader.place("BUY", 700)
    second = trader.place("BUY", 700)
    assert trader.fills(first) == [(700.0, 100.02)]
    assert trader.fills(second) == [(300.0, 100.02)]


def test_a_far_limit_rests_and_is_filled_at_its_limit(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.50)
    assert trader.story() == ["PreSubmitted", "Submitted"]
    trader.quote(99.60, 99.62)
    assert trader.facts == []
    trader.quote(99.48, 99.50)
    assert trader.fills(order) == [(100.0, 99.5)]


def test_a_limit_through_the_market_gets_the_better_price(trader):
    order = trader.place("SELL", 100, "LMT", lmtPrice=95.0)
    assert trader.fills(order) == [(100.0, 100.0)]


def test_a_trade_at_the_limit_fills_up_to_its_size(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=100.00)
    trader.quote(100.00, 100.02, last=100.00, lastSize=40)
    assert trader.fills(order) == [(40.0, 100.0)]
    trader.quote(100.00, 100.02, last=100.00, lastSize=40)
    assert trader.fills(order) == [(40.0, 100.0)], "the same trade again is no new trade"
    trader.quote(99.98, 100.02, last=99.99, lastSize=200)
    assert trader.fills(order) == [(40.0, 100.0), (60.0, 100.0)]


def test_a_trade_before_the_order_does_not_fill_it(trader):
    trader.quote(100.00, 100.02, last=100.00)
    order = trader.place("BUY", 100, "LMT", lmtPrice=100.00)
    assert trader.fills(order) == []


def test_the_better_limit_is_filled_first(trader):
    low = trader.place("BUY", 100, "LMT", lmtPrice=99.00)
    high = trader.place("BUY", 100, "LMT", lmtPrice=99.50)
    trader.quote(98.90, 99.00, askSize=150)
    assert [fact.key.orderId for fact in trader.facts if isinstance(fact, Executed)] == [high, low]
    assert trader.fills(high) == [(100.0, 99.0)]
    assert trader.fills(low) == [(50.0, 99.0)]


def test_who_rests_adds_liquidity_and_who_takes_removes_it(trader):
    trader.place("BUY", 100)
    trader.place("BUY", 100, "LMT", lmtPrice=99.50)
    trader.quote(99.40, 99.50)
    assert [fact.execution.lastLiquidity for fact in trader.exchange.executions] == [2, 1]


def test_without_a_quote_a_market_order_waits(make):
    trader = make()
    order = trader.place("BUY", 100)
    assert trader.status(order) == "Submitted"
    trader.quote(-1, -1, bidSize=0, askSize=0)
    assert trader.fills(order) == []
    trader.quote(10.0, 10.1)
    assert trader.fills(order) == [(100.0, 10.1)]


def test_immediate_or_cancel_takes_what_is_there(trader):
    trader.quote(100.00, 100.02, askSize=30)
    trader.place("BUY", 100, "LMT", lmtPrice=100.02, tif="IOC")
    assert trader.story() == ["PreSubmitted", (30.0, 100.02), "Submitted", "PendingCancel", "Cancelled"]


@pytest.mark.parametrize(("size", "ending"), [(99, ["PendingCancel", "Cancelled"]), (100, [(100.0, 100.02), "Filled"])])
def test_fill_or_kill_is_all_or_nothing(make, size, ending):
    trader = make(like=Like.LIVE)
    trader.quote(100.00, 100.02, askSize=size)
    trader.place("BUY", 100, "LMT", lmtPrice=100.02, tif="FOK")
    assert trader.story() == ["PreSubmitted", *ending]


def test_all_or_none_waits_for_enough(trader):
    trader.quote(100.00, 100.02, askSize=99)
    order = trader.place("BUY", 100, "LMT", lmtPrice=100.02, allOrNone=True)
    assert trader.status(order) == "Submitted"
    trader.quote(100.00, 100.02, askSize=100)
    assert trader.fills(order) == [(100.0, 100.02)]


def test_executions_are_numbered_and_placed(trader):
    for _ in range(20):
        trader.place("BUY", 1)
    executions = [fact.execution for fact in trader.exchange.executions]
    ids = [execution.execId for execution in executions]
    assert ids[0] == f"0000e0d5.{int(trader.now.timestamp()):08x}.01.01"
    assert ids == sorted(set(ids))
    assert {execution.exchange for execution in executions} == {"ARCA", "IEX", "ISLAND"}
    assert all(execution.side == "BOT" and execution.acctNumber == "DU1234567" for execution in executions)


prices = st.integers(9000, 11000).map(lambda cents: cents / 100)


@given(
    orders=st.lists(st.tuples(st.sampled_from(["BUY", "SELL"]), prices, st.integers(1, 2000)), min_size=1, max_size=8),
    quotes=st.lists(st.tuples(prices, st.integers(1, 50), st.integers(0, 900), st.integers(0, 900)), max_size=20),
)
def test_nobody_pays_more_than_his_limit_or_gets_more_than_is_shown(orders, quotes):
    trader = make_trader(cash=1e9)
    limits = {}
    for action, price, quantity in orders:
        limits[trader.place(action, quantity, "LMT", lmtPrice=price)] = (action, price, quantity)
    for bid, spread, bid_size, ask_size in quotes:
        trader.quote(bid, round(bid + spread / 100, 2), bidSize=bid_size, askSize=ask_size)
        bought = sum(f.execution.shares for f in trader.facts if isinstance(f, Executed) and f.execution.side == "BOT")
        sold = sum(f.execution.shares for f in trader.facts if isinstance(f, Executed) and f.execution.side == "SLD")
        assert bought <= ask_size
        assert sold <= bid_size
    for order, fills in itertools.groupby(
        sorted(trader.exchange.executions, key=lambda fact: fact.key.orderId), key=lambda fact: fact.key.orderId
    ):
        action, limit, quantity = limits[order]
        executions = [fact.execution for fact in fills]
        assert all(e.price <= limit if action == "BUY" else e.price >= limit for e in executions)
        assert executions[-1].cumQty == sum(e.shares for e in executions) <= quantity


def test_others_meet_an_iceberg_by_parts(make):
    trader = make(like=Like.LIVE)
    trader.quote(100.00, 100.02, last=100.01)
    order = trader.place("BUY", 1000, "LMT", lmtPrice=100.00, displaySize=100)
    trader.quote(100.00, 100.02, last=100.00, lastSize=400)
    assert trader.fills(order) == 4 * [(100.0, 100.0)]
    trader.quote(99.98, 100.00, askSize=700)
    assert trader.fills(order) == [*4 * [(100.0, 100.0)], (600.0, 100.0)], "what an order takes is not shown before"


def test_no_execution_is_smaller_than_the_minimum_until_less_is_left(trader):
    order = trader.place("BUY", 1000, "LMT", lmtPrice=100.00, minQty=600)
    trader.quote(99.98, 100.00, askSize=599)
    assert trader.fills(order) == []
    trader.quote(99.97, 99.99, askSize=600)
    assert trader.fills(order) == [(600.0, 99.99)]
    trader.quote(99.97, 99.99, askSize=399)
    assert trader.fills(order) == [(600.0, 99.99)]
    trader.quote(99.96, 99.98, askSize=400)
    assert trader.fills(order) == [(600.0, 99.99), (400.0, 99.98)]
