"""What orders have in common whose limit moves, seen on a relative order."""

import pytest
from paper.exchange.conftest import Trader, make_trader

from ibdesk.paper.like import Like


@pytest.fixture
def live_trader() -> Trader:
    return make_trader(like=Like.LIVE)


def test_an_order_waits_for_a_quote(live_trader):
    trader = live_trader
    trader.quote(-1, -1)
    order = trader.place("BUY", 100, "REL", auxPrice=0.01)
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(100.00, 100.10)
    assert trader.status(order) == "Submitted"


def test_a_changed_order_takes_its_limit_anew(live_trader):
    trader = live_trader
    trader.quote(100.00, 100.10)
    order = trader.place("BUY", 100, "REL", auxPrice=0.01)
    trader.quote(100.50, 100.60)
    trader.quote(-1, -1)
    trader.place("BUY", 100, "REL", auxPrice=0.02, orderId=order)
    trader.quote(100.00, 100.10)
    assert trader.fills(order) == []
    trader.quote(100.00, 100.10, last=100.02)
    trader.quote(100.00, 100.10, last=100.01)
    assert trader.fills(order) == [(100.0, 100.02)]


def test_a_quote_that_lacks_the_price_leaves_the_limit(live_trader):
    trader = live_trader
    trader.quote(100.00, 100.10)
    order = trader.place("BUY", 100, "REL", auxPrice=0.01)
    trader.quote(-1, 100.05)
    assert trader.status(order) == "Submitted"
    trader.quote(-1, 100.01)
    assert trader.fills(order) == [(100.0, 100.01)]
