"""Stops, if-touched and trailing orders."""

import pytest
from paper.exchange.conftest import forex, option

from ibdesk.model.order import Order


def test_a_stop_is_held_triggered_and_filled_at_the_market(trader):
    order = trader.place("SELL", 100, "STP", auxPrice=99.00)
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(99.00, 99.02, last=99.01)
    assert trader.facts == []
    trader.quote(98.97, 98.99, last=98.98)
    assert trader.story() == ["Submitted", (100.0, 98.97), "Filled"]
    assert trader.status(order) == "Filled"


def test_a_stop_limit_rests_at_its_limit(trader):
    order = trader.place("BUY", 100, "STP LMT", auxPrice=101.00, lmtPrice=101.05)
    trader.quote(101.20, 101.22, last=101.21)
    assert trader.story() == ["Submitted"]
    trader.quote(101.03, 101.05, last=101.04)
    assert trader.fills(order) == [(100.0, 101.05)]


@pytest.mark.parametrize("kind", ["MIT", "LIT"])
def test_if_touched_is_triggered_from_the_other_side(trader, kind):
    order = trader.place("BUY", 100, kind, auxPrice=99.00, lmtPrice=99.10)
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(99.01, 99.03, last=99.02)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(98.98, 99.00, last=99.00)
    assert trader.fills(order) == [(100.0, 99.0)]


def test_a_trailing_stop_follows_the_best_price_and_never_goes_back(trader):
    order = trader.place("SELL", 100, "TRAIL", auxPrice=1.00)
    assert trader.echoes()[0].trailStopPrice == 99.01
    trader.quote(104.99, 105.01, last=105.00)
    trader.quote(104.09, 104.11, last=104.10)
    assert trader.exchange.open_orders()[0].order.trailStopPrice == 104.0
    trader.quote(103.99, 104.01, last=104.00)
    assert trader.fills(order) == [(100.0, 103.99)]


def test_a_trailing_stop_by_percent(trader):
    trader.place("BUY", 100, "TRAIL", trailingPercent=1.5)
    assert trader.echoes()[0].trailStopPrice == 101.51
    trader.quote(89.99, 90.01, last=90.00)
    assert trader.exchange.open_orders()[0].order.trailStopPrice == 91.35


def test_a_trailing_limit_keeps_its_distance(trader):
    order = trader.place("SELL", 100, "TRAIL LIMIT", auxPrice=1.00, trailStopPrice=99.00, lmtPriceOffset=0.10)
    trader.quote(109.99, 110.01, last=110.00)
    echo = trader.exchange.open_orders()[0].order
    assert (echo.trailStopPrice, echo.lmtPrice) == (109.0, 108.9)
    trader.quote(108.80, 108.82, last=108.81)
    assert trader.status(order) == "Submitted"
    trader.quote(108.90, 108.92, last=108.91)
    assert trader.fills(order) == [(100.0, 108.9)]


def test_a_trailing_limit_has_its_limit_from_the_start(trader):
    """Its stop is given, and nearer than the amount by which it trails: nothing has moved yet."""
    sold = trader.place("SELL", 100, "TRAIL LIMIT", auxPrice=20.00, trailStopPrice=99.00, lmtPriceOffset=0.10)
    assert trader.exchange.open_orders()[0].order.lmtPrice == 98.9
    trader.quote(90.00, 90.02, last=90.01)
    assert (trader.status(sold), trader.fills(sold)) == ("Submitted", [])
    trader.quote(98.90, 98.92, last=98.91)
    assert trader.fills(sold) == [(100.0, 98.9)]
    bought = trader.place("BUY", 100, "TRAIL LIMIT", auxPrice=20.00, trailStopPrice=101.00, lmtPriceOffset=0.10)
    trader.quote(101.02, 101.04, last=101.03)
    assert trader.fills(bought) == [(100.0, 101.04)]


def test_a_changed_trailing_limit_keeps_its_limit(trader):
    terms = {"trailStopPrice": 98.00, "lmtPriceOffset": 0.10}
    order = trader.place("SELL", 100, "TRAIL LIMIT", auxPrice=1.00, **terms)
    trader.quote(105.00, 105.02, last=105.01)
    trader.place("SELL", 100, "TRAIL LIMIT", auxPrice=3.00, orderId=order, **terms | {"trailStopPrice": 104.01})
    shown = trader.exchange.open_orders()[0].order
    assert (shown.trailStopPrice, shown.lmtPrice) == (104.01, 103.91)
    trader.quote(95.00, 95.02, last=95.01)
    assert trader.fills(order) == []


def test_a_currency_stop_looks_at_the_quotes(make):
    trader = make(forex())
    trader.quote(1.16000, 1.16005)
    order = trader.place("BUY", 20000, "STP", auxPrice=1.1650)
    trader.quote(1.16495, 1.16500)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(1.16500, 1.16505, askSize=1e6)
    assert trader.fills(order) == [(20000.0, 1.16505)]


def test_an_option_stop_wants_two_quotes_in_a_row(make):
    trader = make(option())
    trader.quote(5.00, 5.10, last=5.05)
    order = trader.place("SELL", 1, "STP", auxPrice=4.50)
    trader.quote(4.30, 4.40, last=4.35)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(4.60, 4.70, last=4.35)
    trader.quote(4.30, 4.40, last=4.35)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(4.28, 4.38, last=4.35)
    assert trader.fills(order) == [(1.0, 4.28)]


@pytest.mark.parametrize(
    ("method", "bid", "ask", "last", "woken"),
    [
        (2, 101.0, 101.1, 100.9, False),
        (2, 100.0, 100.1, 101.0, True),
        (4, 101.0, 101.1, 100.9, True),
        (7, 100.0, 100.1, 101.0, True),
        (8, 100.9, 101.1, 100.5, True),
        (8, 100.8, 101.1, 101.5, False),
        (1, 101.0, 101.1, 100.9, False),
    ],
)
def test_the_trigger_method_decides_what_is_looked_at(trader, method, bid, ask, last, woken):
    order = trader.place("BUY", 100, "STP", auxPrice=101.00, triggerMethod=method)
    trader.quote(bid, ask, last=last)
    assert (trader.status(order) == "Filled") is woken


def test_a_modified_stop_is_told_and_moves(trader):
    order = trader.place("SELL", 100, "STP", auxPrice=99.00)
    trader.place("SELL", 100, "STP", auxPrice=98.00, orderId=order)
    assert trader.story() == ["PreSubmitted trigger"]
    assert trader.echoes()[0].auxPrice == 98.0
    trader.quote(98.50, 98.52, last=98.51)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(97.99, 98.01, last=98.00)
    assert trader.fills(order) == [(100.0, 97.99)]


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


def test_an_order_snaps_to_the_first_quote(make):
    trader = make(forex())
    order = trader.place("BUY", 20000, "SNAP MKT")
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(1.16000, 1.16005)
    assert trader.status(order) in ("Submitted", "Filled")
    assert trader.fills(order)
