"""Preset stops and targets."""

import pytest
from paper.exchange.conftest import Trader, make_trader

from ibdesk.model.order import Order
from ibdesk.paper.exchange import OrderEchoed

BOTH = {"slOrderId": 11, "slOrderType": "PRESET", "ptOrderId": 12, "ptOrderType": "PRESET"}


def listed(trader: Trader) -> dict[int, Order]:
    return {fact.key.orderId: fact.order for fact in trader.exchange.open_orders(1) if isinstance(fact, OrderEchoed)}


@pytest.mark.parametrize(
    ("action", "price", "stop", "target"), [("BUY", 99.0, 98.01, 99.99), ("SELL", 101.0, 102.01, 99.99)]
)
def test_they_are_a_bracket_around_the_price(
    trader: Trader, action: str, price: float, stop: float, target: float
) -> None:
    order = trader.place(action, 100, "LMT", lmtPrice=price, tif="GTC", orderRef="mine", **BOTH)
    shown = listed(trader)
    assert list(shown) == [order, 11, 12]
    assert (shown[11].orderType, shown[11].auxPrice, shown[12].orderType, shown[12].lmtPrice) == (
        "STP",
        stop,
        "LMT",
        target,
    )
    for number in (11, 12):
        child = shown[number]
        assert (child.action, child.totalQuantity, child.tif) == ("SELL" if action == "BUY" else "BUY", 100.0, "GTC")
        assert (child.parentId, child.orderRef, child.ocaGroup) == (order, "mine", str(shown[order].permId))
    assert trader.exchange.next_order_id(1) == 13


def test_one_cancels_the_other(trader: Trader) -> None:
    order = trader.place("BUY", 100, **BOTH)
    assert trader.fills(order) == [(100.0, 100.02)]
    assert (trader.status(11), trader.status(12)) == ("PreSubmitted", "Submitted")
    trader.quote(99.00, 99.02, last=99.01)
    assert (trader.status(11), trader.status(12)) == ("Filled", "Cancelled")


def test_they_share_the_fate_of_their_parent(trader: Trader) -> None:
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.0, **BOTH)
    trader.cancel(order)
    assert [trader.status(number) for number in (order, 11, 12)] == 3 * ["Cancelled"]
    trader.place("BUY", 100, "LMT", lmtPrice=99.0, tif="IOC", slOrderId=21, slOrderType="PRESET", orderId=20)
    assert (trader.status(20), trader.status(21)) == ("Cancelled", "")


def test_they_come_when_their_parent_is_transmitted(trader: Trader) -> None:
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.0, transmit=False, **BOTH)
    assert listed(trader) == {}
    trader.place("BUY", 100, "LMT", lmtPrice=98.0, orderId=order, **BOTH)
    assert listed(trader)[12].lmtPrice == 98.98


def test_a_change_of_the_parent_leaves_them_where_they_are(trader: Trader) -> None:
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.0, **BOTH)
    trader.place("BUY", 100, "LMT", lmtPrice=98.0, orderId=order, **BOTH)
    assert trader.errors() == []
    assert (listed(trader)[order].lmtPrice, listed(trader)[12].lmtPrice) == (98.0, 99.99)
    trader.place("BUY", 100, "LMT", lmtPrice=98.0, orderId=order, **{**BOTH, "slOrderId": 40})
    assert [code for code, _ in trader.errors()] == [105]


def test_what_is_asked_only_has_no_presets(trader: Trader) -> None:
    trader.place("BUY", 100, "LMT", lmtPrice=99.0, whatIf=True, **BOTH)
    assert (trader.errors(), listed(trader)) == ([], {})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"slOrderId": 11}, 321),
        ({"ptOrderType": "PRESET"}, 321),
        ({"slOrderId": 1, "slOrderType": "PRESET"}, 103),
        ({**BOTH, "ptOrderId": 11}, 103),
        ({**BOTH, "ptOrderType": "LMT"}, 321),
    ],
)
def test_what_is_refused(trader: Trader, fields: dict[str, object], code: int) -> None:
    trader.place("BUY", 100, "LMT", lmtPrice=99.0, **fields)
    assert [code for code, _ in trader.errors()] == [code]
    assert listed(trader) == {}


def test_a_market_order_needs_a_quote_for_them() -> None:
    trader = make_trader()
    trader.place("BUY", 100, **BOTH)
    assert [code for code, _ in trader.errors()] == [321]
