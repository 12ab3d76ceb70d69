"""Orders for the closing auction."""

import pytest
from paper.exchange.conftest import at, forex


def test_market_and_limit_on_close(hours):
    trader = hours(at(15))
    market = trader.place("BUY", 5000, "MOC")
    good = trader.place("SELL", 10, "LOC", lmtPrice=101.00)
    bad = trader.place("SELL", 10, "LOC", lmtPrice=103.00)
    assert trader.story() == ["PreSubmitted"]
    trader.quote(101.98, 102.02, last=102.00)
    assert trader.facts == []
    trader.until(at(16, 5))
    assert trader.fills(market) == [(5000.0, 102.0)]
    assert trader.fills(good) == [(10.0, 102.0)]
    assert trader.story(bad) == ["PendingCancel", "Cancelled", 202]
    assert trader.exchange.executions[0].execution.time == at(16), "things happen at their own moment"


@pytest.mark.parametrize("kind", ["MOC", "LOC"])
def test_an_order_that_becomes_another_type_has_no_part_in_the_auction(hours, kind):
    trader = hours(at(15))
    order = trader.place("BUY", 10, kind, **{"lmtPrice": 102.00} if kind == "LOC" else {})
    trader.place("BUY", 10, "LMT", orderId=order, lmtPrice=90.00, tif="GTC")
    assert trader.story() == ["PreSubmitted", "Submitted"]
    trader.until(at(16, 5))
    assert (trader.story(), trader.status(order)) == (["PreSubmitted"], "PreSubmitted")
    trader.until(at(9, 30, day=16))
    assert trader.status(order) == "Submitted"


def test_there_is_no_other_auction_outside_regular_hours(hours):
    trader = hours(at(15))
    order = trader.place("BUY", 10, "MOC")
    trader.place("BUY", 10, "MOC", orderId=order, outsideRth=True)
    assert [code for code, _ in trader.errors()] == [2109]
    trader.until(at(16, 5))
    assert trader.fills(order) == [(10.0, 100.01)]


def test_an_attached_order_has_no_part_in_the_auction_before_its_parent_is_filled(hours):
    trader = hours(at(15))
    parent = trader.place("BUY", 10, "LMT", lmtPrice=90.00, transmit=False)
    child = trader.place("SELL", 10, "MOC", parentId=parent)
    trader.until(at(16))
    assert (trader.fills(child), trader.status(child), trader.status(parent)) == ([], "Cancelled", "Cancelled")


def test_an_order_that_begins_after_the_close_is_for_the_next_one(hours):
    trader = hours(at(15))
    order = trader.place("BUY", 10, "MOC", goodAfterTime="20260415 17:00:00 US/Eastern")
    trader.until(at(16))
    assert trader.facts == []
    trader.until(at(16, day=16))
    assert trader.fills(order) == [(10.0, 100.01)]


def test_what_never_closes_cannot_be_modified_into_one(make):
    trader = make(forex())
    order = trader.place("BUY", 20000, "LMT", lmtPrice=1.10)
    trader.place("BUY", 20000, "MOC", orderId=order)
    assert [code for code, _ in trader.errors()] == [387]
    assert trader.status(order) == "Submitted"
