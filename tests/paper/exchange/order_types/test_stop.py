"""Stop orders."""

import pytest


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
    ("before", "fields"), [("SNAP MID", {"auxPrice": 0.50}), ("STP LMT", {"auxPrice": 100.05, "lmtPrice": 103.00})]
)
def test_an_order_that_becomes_a_stop_order_waits_for_its_stop_whatever_woke_it_before(trader, before, fields):
    order = trader.place("SELL", 100, before, **fields)
    trader.quote(100.00, 100.02, last=100.01)
    assert trader.status(order) == "Submitted"
    trader.place("SELL", 100, "STP", orderId=order, auxPrice=95.00)
    assert (trader.status(order), trader.fills(order)) == ("PreSubmitted", [])
    trader.quote(94.90, 95.00, last=94.95)
    assert trader.fills(order) == [(100.0, 94.90)]
