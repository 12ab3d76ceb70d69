"""Snap orders."""

import pytest

from ibdesk.model.order import Order


@pytest.mark.parametrize(
    ("kind", "action", "limit"),
    [
        ("SNAP MID", "BUY", 99.95),
        ("SNAP MID", "SELL", 100.05),
        ("SNAP MKT", "BUY", 100.03),
        ("SNAP MKT", "SELL", 99.97),
        ("SNAP PRIM", "BUY", 99.97),
        ("SNAP PRIM", "SELL", 100.03),
    ],
)
def test_a_limit_snaps_to_the_quote_and_stays_there(trader, kind, action, limit):
    trader.quote(99.92, 100.08, last=100.00)
    order = trader.place(action, 100, kind, auxPrice=0.05)
    assert trader.story() == ["PreSubmitted trigger", "Submitted"]
    assert trader.exchange.open_orders()[0].order.lmtPrice == limit
    trader.quote(limit - 0.03, limit + 0.03, last=100.00)
    assert trader.exchange.open_orders()[0].order.lmtPrice == limit
    trader.quote(*((limit - 0.02, limit) if action == "BUY" else (limit, limit + 0.02)), last=limit)
    assert trader.fills(order) == [(100.0, limit)]


def test_a_modified_order_snaps_anew(trader):
    order = trader.place("BUY", 100, "SNAP MID", auxPrice=0.50)
    first = trader.exchange.open_orders()[0].order.lmtPrice
    trader.quote(109.99, 110.01, last=110.00)
    assert trader.exchange.open_orders()[0].order.lmtPrice == first
    changed = Order(orderId=order, action="BUY", totalQuantity=200, orderType="SNAP MID", auxPrice=0.50, lmtPrice=first)
    trader.exchange.modify(1, trader.contract, trader.details, changed, trader.now)
    assert trader.exchange.open_orders()[0].order.lmtPrice == 109.5


def test_a_limit_that_a_client_sends_back_is_not_shown_as_that_of_the_new_terms(make):
    trader = make()
    trader.place("BUY", 100, "SNAP MID", lmtPrice=99.50)
    assert trader.exchange.open_orders()[0].order.lmtPrice == 0.0


def test_an_order_snaps_to_the_first_quote(make):
    trader = make()
    order = trader.place("BUY", 100, "SNAP MKT")
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(100.00, 100.02)
    assert trader.status(order) in ("Submitted", "Filled")
    assert trader.fills(order)


@pytest.mark.parametrize(("action", "value"), [("BUY", 9_995.0), ("SELL", 10_005.0)])
def test_a_question_what_if_reckons_with_the_limit_that_the_quote_gives(trader, action, value):
    trader.quote(99.92, 100.08, last=100.00)
    trader.place(action, 100, "SNAP MID", auxPrice=0.05, whatIf=True)
    (told,) = trader.facts
    rate = 0.25 if action == "BUY" else 0.30
    assert float(told.state.initMarginAfter) == pytest.approx(value * rate)


def test_an_order_needs_the_funds_for_the_limit_that_the_quote_gives(trader):
    trader.place("BUY", 100_000, "SNAP MID")
    assert [code for code, _ in trader.errors()] == [201]
