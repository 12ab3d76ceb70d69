"""Limits that are too far through the market are cancelled with IBKR's text."""

import pytest
from paper.exchange.conftest import HOURS, at, forex, future, make_trader, option, published_hours, stock

TEXT = (
    "Order Canceled - reason:In accordance with our regulatory obligations as a broker, we cannot accept your order at "
    "the limit price 140.0 you selected because it is too far through the market. Please submit your order using a "
    "limit price that is closer to the current market price 100.02."
)


def test_the_order_is_cancelled_and_told_why(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=140.0)
    assert trader.story() == ["PreSubmitted", "PendingCancel", "Cancelled", 202]
    assert trader.errors() == [(202, TEXT)]
    assert trader.fills(order) == []


@pytest.mark.parametrize(
    ("details", "price", "part"),
    [(stock, 100.0, 0.10), (option, 100.0, 0.20), (future, 100.0, 0.10), (forex, 1.2, 0.1)],
)
@pytest.mark.parametrize(("action", "sign"), [("BUY", 1), ("SELL", -1)])
def test_how_far_a_limit_may_be_beyond_the_best_price_of_the_other_side(details, price, part, action, sign):
    for extra, filled in ((0.0, True), (0.01, False)):
        trader = make_trader(details(), cash=1e9)
        trader.quote(price, price, bidSize=1e6, askSize=1e6)
        limit = round((price * (1 + (part + extra) * sign)) / 0.25 / details().minTick) * 0.25 * details().minTick
        order = trader.place(action, 1, "LMT", lmtPrice=round(limit, 6))
        assert bool(trader.fills(order)) is filled
        assert [code for code, _ in trader.errors()] == ([] if filled else [202])


def test_two_spreads_are_never_too_far(make):
    trader = make(option())
    trader.quote(0.05, 0.15)
    order = trader.place("BUY", 1, "LMT", lmtPrice=0.35)
    assert trader.fills(order) == [(1.0, 0.15)]
    trader.place("BUY", 1, "LMT", lmtPrice=0.36)
    assert [code for code, _ in trader.errors()] == [202]


def test_it_is_the_moment_at_which_the_order_goes_to_the_market_that_counts(trader):
    stop = trader.place("SELL", 100, "STP LMT", auxPrice=80.0, lmtPrice=75.0)
    assert trader.status(stop) == "PreSubmitted"
    trader.quote(79.0, 79.02, last=79.01)
    assert trader.fills(stop) == [(100.0, 79.0)]
    rests = trader.place("SELL", 100, "LMT", lmtPrice=80.0)
    trader.quote(100.0, 100.02, last=100.01)
    assert trader.fills(rests) == [(100.0, 100.0)], "the market has come to it, and beyond"


def test_a_change_to_such_a_limit_ends_the_order(trader):
    order = trader.place("SELL", 100, "LMT", lmtPrice=110.0)
    trader.place("SELL", 100, "LMT", lmtPrice=60.0, orderId=order)
    assert (trader.status(order), trader.errors()[0][0]) == ("Cancelled", 202)


def test_an_order_of_the_night_is_looked_at_in_the_morning():
    trader = make_trader(stock(**HOURS), published_hours, now=at(21))
    order = trader.place("BUY", 1, "LMT", lmtPrice=200.0, tif="GTC")
    assert trader.status(order) == "PreSubmitted"
    trader.quote(100.00, 100.02)
    trader.until(at(9, 31, day=16))
    assert (trader.status(order), trader.errors()[-1][0]) == ("Cancelled", 202)
