"""The opening auction, and until when orders for an auction are taken. AAPL is listed at NASDAQ."""

import pytest
from paper.exchange.conftest import HOURS, at, make_trader, published_hours, stock


def test_orders_for_the_opening_are_filled_whole_at_the_first_trade(hours):
    trader = hours(at(8))
    market = trader.place("BUY", 5000, tif="OPG")
    good = trader.place("SELL", 2000, "LMT", lmtPrice=101.00, tif="OPG")
    bad = trader.place("BUY", 10, "LMT", lmtPrice=100.99, tif="OPG")
    assert trader.story() == [399, "PreSubmitted"]
    trader.quote(100.50, 100.52, last=100.51)
    assert trader.fills(market) == []
    trader.until(at(9, 30))
    assert trader.fills(market) == []
    trader.quote(101.00, 101.04, last=101.03, askSize=100)
    assert trader.fills(market) == [(5000.0, 101.03)]
    assert trader.fills(good) == [(2000.0, 101.03)]
    assert trader.story(bad) == ["PendingCancel", "Cancelled", 202]


def test_without_a_trade_the_auction_is_held_in_the_middle_of_the_quote(hours):
    trader = hours(at(8))
    order = trader.place("BUY", 10, tif="OPG")
    trader.until(at(9, 30))
    trader.quote(-1, -1)
    assert trader.fills(order) == [], "a quote without prices opens nothing"
    trader.quote(101.00, 101.04)
    assert trader.fills(order) == [(10.0, 101.02)]


def test_an_order_that_comes_after_the_opening_is_for_the_next_one(hours):
    trader = hours(at(11))
    order = trader.place("BUY", 10, tif="OPG")
    trader.quote(101.00, 101.04, last=101.02)
    assert trader.status(order) == "PreSubmitted"
    trader.until(at(9, 30, day=16))
    trader.quote(102.00, 102.04, last=102.02)
    assert trader.fills(order) == [(10.0, 102.02)]


def test_an_order_that_becomes_another_one_has_no_part_in_the_opening(hours):
    trader = hours(at(8))
    order = trader.place("BUY", 10, "LMT", lmtPrice=90.00, tif="OPG")
    trader.place("BUY", 10, "LMT", lmtPrice=90.00, tif="GTC", orderId=order)
    trader.until(at(9, 30))
    trader.quote(101.00, 101.04, last=101.02)
    assert trader.status(order) == "Submitted"


def test_an_attached_order_whose_parent_is_not_filled_misses_the_opening(hours):
    trader = hours(at(8))
    parent = trader.place("BUY", 10, "LMT", lmtPrice=90.00, transmit=False)
    child = trader.place("SELL", 10, tif="OPG", parentId=parent)
    trader.until(at(9, 30))
    trader.quote(101.00, 101.04, last=101.02)
    assert (trader.fills(child), trader.status(child), trader.status(parent)) == ([], "Cancelled", "Submitted")


AUCTIONS = [
    # primaryExchange, order, the last moment for orders, that for changes (minutes after the full hour)
    ("NASDAQ", {"tif": "OPG"}, at(9, 28), at(9, 25)),
    ("NYSE", {"tif": "OPG"}, at(9, 30), at(9, 30)),
    ("NASDAQ", {"kind": "MOC"}, at(15, 55), at(15, 50)),
    ("NYSE", {"kind": "MOC"}, at(15, 50), at(15, 50)),
]


def trader_at(venue: str, now):
    details = stock(**HOURS)
    details.contract.primaryExchange = venue
    trader = make_trader(details, published_hours, now=now)
    trader.quote(100.00, 100.02, last=100.01)
    return trader


@pytest.mark.parametrize(("venue", "order", "last_order", "last_change"), AUCTIONS)
def test_an_exchange_takes_orders_for_its_auctions_up_to_a_moment(venue, order, last_order, last_change):
    trader = trader_at(venue, at(9))
    first_regular = last_order == at(9, 30)
    trader.until(last_order.replace(minute=last_order.minute - 1))
    taken = trader.place("BUY", 10, **order)
    assert trader.status(taken) == "PreSubmitted"
    if not first_regular:
        trader.until(last_order)
        late = trader.place("BUY", 10, **order)
        assert [code for code, _ in trader.errors()] == [201]
        assert f"until {last_order:%H:%M:%S} only" in trader.errors()[0][1]
        assert trader.status(late) == ""


@pytest.mark.parametrize(("venue", "order", "last_order", "last_change"), AUCTIONS)
def test_a_late_order_is_neither_changed_nor_cancelled(venue, order, last_order, last_change):
    trader = trader_at(venue, at(9))
    placed = trader.place("BUY", 10, **order)
    trader.until(last_change.replace(minute=last_change.minute - 1))
    trader.place("BUY", 11, orderId=placed, **order)
    assert trader.errors() == []
    if last_change == at(9, 30):
        return
    trader.until(last_change)
    trader.place("BUY", 12, orderId=placed, **order)
    assert [code for code, _ in trader.errors()] == [10148 if last_change < last_order else 201]
    trader.cancel(placed)
    assert [code for code, _ in trader.errors()] == [10148]
    trader.facts = trader.exchange.cancel_all(trader.now)
    assert trader.status(placed) == "PreSubmitted"
