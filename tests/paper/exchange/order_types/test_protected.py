"""Orders of futures with protection."""

import pytest
from paper.exchange.conftest import future

from ibdesk.paper.like import Like


@pytest.mark.parametrize(("action", "end"), [("BUY", 5025.25), ("SELL", 4975.0)])
def test_the_rest_stays_at_the_end_of_the_range(make, action, end):
    trader = make(future(), cash=1e9, like=Like.LIVE)
    trader.quote(5000.00, 5000.25, bidSize=10, askSize=10)
    order = trader.place(action, 15, "MKT PRT")
    best = 5000.25 if action == "BUY" else 5000.00
    assert trader.fills(order) == [(10.0, best)]
    assert trader.exchange.open_orders()[0].order.lmtPrice == end
    beyond = end + 0.25 if action == "BUY" else end - 0.25
    trader.quote(*((beyond - 0.25, beyond) if action == "BUY" else (beyond, beyond + 0.25)))
    assert trader.fills(order) == [(10.0, best)]
    trader.quote(*((end - 0.25, end) if action == "BUY" else (end, end + 0.25)), bidSize=10, askSize=10)
    assert trader.fills(order) == [(10.0, best), (5.0, end)]


def test_a_stop_is_protected_once_it_is_woken(make):
    trader = make(future(), cash=1e9, like=Like.LIVE)
    trader.quote(5000.00, 5000.25, last=5000.00, bidSize=10, askSize=10)
    order = trader.place("BUY", 15, "STP PRT", auxPrice=5010.00)
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(5009.75, 5010.00, last=5010.00, bidSize=10, askSize=10)
    assert trader.fills(order) == [(10.0, 5010.00)]
    assert trader.exchange.open_orders()[0].order.lmtPrice == 5035.0
    trader.place("BUY", 16, "STP PRT", auxPrice=5010.00, orderId=order)
    assert trader.exchange.open_orders()[0].order.lmtPrice == 5035.0
