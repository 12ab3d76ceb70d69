"""The limit order."""

import pytest


def test_a_stop_price_is_shown_beside_the_limit(trader):
    trader.place("SELL", 100, "LMT", lmtPrice=178.38)
    assert trader.echoes()[0].trailStopPrice == 179.38
    trader.place("BUY", 100, "LMT", lmtPrice=78.38)
    assert trader.echoes()[0].trailStopPrice == 79.38
    trader.place("BUY", 100, "LMT", lmtPrice=78.38, trailStopPrice=5.0)
    assert trader.echoes()[0].trailStopPrice == 5.0


@pytest.mark.parametrize(("action", "sign"), [("BUY", 1), ("SELL", -1)])
def test_a_discretionary_order_takes_what_is_offered_beyond_its_limit(trader, action, sign):
    order = trader.place(action, 100, "LMT", lmtPrice=100.01 - 0.50 * sign, discretionaryAmt=0.20)
    assert trader.echoes()[-1].lmtPrice == 100.01 - 0.50 * sign
    near, beyond = (round(100.01 - away * sign, 2) for away in (0.29, 0.31))
    for price in (near, beyond):
        assert trader.fills(order) == []
        trader.quote(*((price - 0.02, price) if action == "BUY" else (price, price + 0.02)))
    assert trader.fills(order) == [(100.0, beyond)]


@pytest.mark.parametrize(("action", "sign"), [("BUY", 1), ("SELL", -1)])
def test_trades_of_others_meet_a_discretionary_order_at_the_limit_that_they_see(trader, action, sign):
    order = trader.place(action, 100, "LMT", lmtPrice=100.00 - sign, discretionaryAmt=0.50)
    trader.quote(90.00, 110.00, last=100.00 - 0.60 * sign)
    assert trader.fills(order) == []
    trader.quote(90.00, 110.00, last=100.00 - sign)
    assert trader.fills(order) == [(100.0, 100.00 - sign)]


def test_an_order_that_is_not_discretionary_any_more(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00, discretionaryAmt=0.50)
    trader.place("BUY", 100, "LMT", orderId=order, lmtPrice=99.00)
    trader.quote(99.28, 99.30)
    assert trader.fills(order) == []
    trader.quote(98.98, 99.00)
    assert trader.fills(order) == [(100.0, 99.0)]


@pytest.mark.parametrize(("amount", "tif", "code"), [(-0.01, "DAY", 321), (0.001, "GTC", 110), (0.01, "OPG", 325)])
def test_a_discretionary_amount_is_a_distance_outside_auctions(trader, amount, tif, code):
    trader.place("BUY", 100, "LMT", lmtPrice=99.00, discretionaryAmt=amount, tif=tif)
    assert [each for each, _ in trader.errors()] == [code]


def test_a_discretionary_order_needs_the_funds_for_its_worst_price(make):
    trader = make(cash=25_000.0)
    trader.quote(100.00, 100.02)
    trader.place("BUY", 990, "LMT", lmtPrice=100.00)
    assert trader.errors() == []
    trader = make(cash=25_000.0)
    trader.quote(100.00, 100.02)
    trader.place("BUY", 990, "LMT", lmtPrice=100.00, discretionaryAmt=3.00)
    assert [code for code, _ in trader.errors()] == [201]
