"""Market orders whose rest becomes a limit order."""

import pytest


@pytest.mark.parametrize("action", ["BUY", "SELL"])
def test_the_rest_stays_at_the_price_of_the_first_fill(trader, action):
    price, away = (100.02, 0.04) if action == "BUY" else (100.00, -0.04)
    order = trader.place(action, 1500, "MTL")
    assert trader.fills(order) == [(1000.0, price)]
    trader.quote(round(100.00 + away, 2), round(100.02 + away, 2))
    assert trader.fills(order) == [(1000.0, price)]
    assert trader.exchange.open_orders()[0].order.lmtPrice == price
    trader.quote(100.00, 100.02)
    assert trader.fills(order) == [(1000.0, price), (500.0, price)]


def test_a_changed_order_takes_its_limit_anew(trader):
    order = trader.place("BUY", 1500, "MTL")
    trader.quote(100.04, 100.06)
    trader.place("BUY", 2500, "MTL", orderId=order)
    assert trader.fills(order) == [(1000.0, 100.02), (1000.0, 100.06)]


def test_an_order_waits_for_a_price(trader):
    trader.quote(-1, -1)
    order = trader.place("BUY", 100, "MTL")
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(100.00, 100.02)
    assert trader.fills(order) == [(100.0, 100.02)]


def test_a_question_what_if_reckons_with_the_price_that_the_quote_gives(trader):
    trader.place("BUY", 100, "MTL", whatIf=True)
    (told,) = trader.facts
    assert float(told.state.initMarginAfter) == pytest.approx(100 * 100.02 * 0.25)
