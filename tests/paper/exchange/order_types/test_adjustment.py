"""Stops that become orders of another type when the price has come to a trigger."""

import pytest
from paper.exchange.conftest import Trader

from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.paper.exchange import OrderEchoed

TO_STOP = {"auxPrice": 95.0, "adjustedOrderType": "STP", "triggerPrice": 105.0, "adjustedStopPrice": 103.0}
TO_TRAIL = {**TO_STOP, "adjustedOrderType": "TRAIL", "adjustedTrailingAmount": 2.0}


def shown(trader: Trader) -> Order:
    """The order as the gateway shows it to whoever asks."""
    (found,) = (fact.order for fact in trader.exchange.open_orders() if isinstance(fact, OrderEchoed))
    return found


def test_the_first_stop_holds_until_the_trigger(trader: Trader) -> None:
    order = trader.place("SELL", 10, "STP", **TO_STOP)
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(94.98, 95.00, last=95.00)
    assert trader.fills(order) == [(10.0, 94.98)]


def test_the_adjusted_stop_replaces_it(trader: Trader) -> None:
    order = trader.place("SELL", 10, "STP", **TO_STOP)
    trader.quote(105.00, 105.02, last=105.00)
    assert trader.story() == ["PreSubmitted trigger"], "it is told of once more, and waits again"
    order_now = shown(trader)
    assert (order_now.orderType, order_now.auxPrice, order_now.adjustedOrderType) == ("STP", 103.0, "None")
    assert order_now.triggerPrice == order_now.adjustedStopPrice == UNSET_DOUBLE
    trader.quote(104.00, 104.02, last=104.00)
    trader.quote(105.50, 105.52, last=105.50)
    assert trader.facts == [], "the adjustment is made once"
    trader.quote(102.98, 103.00, last=103.00)
    assert trader.fills(order) == [(10.0, 102.98)]


def test_a_purchase_is_adjusted_when_the_price_falls(trader: Trader) -> None:
    order = trader.place(
        "BUY", 10, "STP", auxPrice=105.0, adjustedOrderType="STP", triggerPrice=95.0, adjustedStopPrice=97.0
    )
    trader.quote(94.98, 95.00, last=95.00)
    assert shown(trader).auxPrice == 97.0
    trader.quote(97.00, 97.02, last=97.00)
    assert trader.fills(order) == [(10.0, 97.02)]


def test_a_trailing_one_follows_from_then_on(trader: Trader) -> None:
    order = trader.place("SELL", 10, "STP", **TO_TRAIL)
    trader.quote(106.00, 106.02, last=106.00)
    assert shown(trader).trailStopPrice == 104.0
    trader.quote(108.00, 108.02, last=108.00)
    assert shown(trader).trailStopPrice == 106.0
    trader.quote(105.98, 106.00, last=106.00)
    assert trader.fills(order) == [(10.0, 105.98)]


def test_a_trailing_one_with_a_limit_keeps_the_distance(trader: Trader) -> None:
    terms = {**TO_TRAIL, "adjustedOrderType": "TRAIL LIMIT", "adjustedStopLimitPrice": 102.5}
    trader.place("SELL", 10, "STP", **terms)
    trader.quote(106.00, 106.02, last=106.00)
    order = shown(trader)
    assert (order.trailStopPrice, order.lmtPriceOffset, order.lmtPrice) == (104.0, 0.5, 103.5)


def test_a_trailing_order_can_become_a_plain_stop(trader: Trader) -> None:
    order = trader.place(
        "SELL", 10, "TRAIL", **{**TO_STOP, "auxPrice": 4.0, "adjustedStopPrice": 104.5}, orderRef="mine"
    )
    trader.quote(104.00, 104.02, last=104.00)
    assert shown(trader).trailStopPrice == 100.0
    trader.quote(105.00, 105.02, last=105.00)
    order_now = shown(trader)
    assert (order_now.orderType, order_now.auxPrice, order_now.orderRef) == ("STP", 104.5, "mine")
    trader.quote(104.48, 104.50, last=104.50)
    assert trader.fills(order) == [(10.0, 104.48)]


def test_a_child_is_adjusted_only_after_its_parent_is_filled(trader: Trader) -> None:
    parent = trader.place("BUY", 10, "LMT", lmtPrice=99.0, transmit=False)
    child = trader.place("SELL", 10, "STP", parentId=parent, **TO_STOP)
    trader.quote(105.00, 105.02, last=105.00)
    assert trader.facts == []
    trader.quote(98.98, 99.00, last=99.00)
    assert (trader.status(parent), trader.status(child)) == ("Filled", "PreSubmitted")
    trader.quote(105.00, 105.02, last=105.00)
    assert shown(trader).auxPrice == 103.0


def test_a_modification_may_move_the_trigger_or_give_it_up(trader: Trader) -> None:
    order = trader.place("SELL", 10, "STP", **TO_STOP)
    trader.place("SELL", 10, "STP", orderId=order, **{**TO_STOP, "triggerPrice": 107.0})
    trader.quote(105.00, 105.02, last=105.00)
    assert trader.facts == []
    trader.place("SELL", 10, "STP", orderId=order, auxPrice=95.0)
    trader.quote(107.00, 107.02, last=107.00)
    assert trader.facts == []
    assert shown(trader).auxPrice == 95.0


def test_what_was_shown_can_be_sent_back_before_and_after(trader: Trader) -> None:
    trader.place("SELL", 10, "STP", **TO_TRAIL)
    for last in (100.0, 106.0, 107.0):
        trader.quote(last, last + 0.02, last=last)
        order = shown(trader)
        order.totalQuantity -= 1
        trader.facts = trader.exchange.place(1, trader.contract, trader.details, order, trader.now)
        assert trader.errors() == []
    assert (shown(trader).totalQuantity, shown(trader).trailStopPrice) == (7.0, 105.0)


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({**TO_STOP, "triggerPrice": UNSET_DOUBLE}, 361),
        ({**TO_STOP, "triggerPrice": -1.0}, 361),
        ({**TO_STOP, "triggerPrice": 94.0}, 361),
        ({**TO_STOP, "triggerPrice": 105.001}, 110),
        ({**TO_STOP, "adjustedStopPrice": UNSET_DOUBLE}, 362),
        ({**TO_STOP, "adjustedStopPrice": 105.0}, 362),
        ({**TO_STOP, "adjustedStopLimitPrice": 1.0}, 363),
        ({**TO_STOP, "adjustedOrderType": "STP LMT"}, 363),
        ({**TO_STOP, "adjustedTrailingAmount": 1.0}, 364),
        ({**TO_STOP, "adjustedOrderType": "TRAIL"}, 364),
        ({**TO_TRAIL, "adjustedTrailingAmount": -1.0}, 364),
        ({**TO_TRAIL, "adjustedTrailingAmount": 0.001}, 110),
        ({**TO_TRAIL, "adjustedTrailingAmount": 100.0, "adjustableTrailingUnit": 1}, 364),
        ({**TO_TRAIL, "adjustableTrailingUnit": 2}, 321),
        ({**TO_STOP, "adjustedOrderType": "MIT"}, 321),
        ({"auxPrice": 95.0, "triggerPrice": 105.0}, 361),
    ],
)
def test_what_is_refused(trader: Trader, terms: dict[str, object], code: int) -> None:
    trader.place("SELL", 10, "STP", **terms)
    assert [code for code, _ in trader.errors()] == [code]
    assert trader.exchange.open_orders() == []
