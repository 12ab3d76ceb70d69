"""Orders, the groups that are made of prices, and the amounts of an order's state."""

import pytest

from ibdesk.model.components import SoftDollarTier
from ibdesk.model.order import (
    BracketOrder,
    LimitOrder,
    MarketOrder,
    Order,
    OrderState,
    OrderStateNumeric,
    OrderStatus,
    StopLimitOrder,
    StopOrder,
)
from ibdesk.model.unset import UNSET_DOUBLE


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (Order(), "Order()"),
        (Order(orderType="LMT"), "Order(orderType='LMT')"),
        (LimitOrder("BUY", 1, 2.5), "LimitOrder(action='BUY', totalQuantity=1, lmtPrice=2.5)"),
        (MarketOrder("SELL", 1, tif="GTC"), "MarketOrder(action='SELL', totalQuantity=1, tif='GTC')"),
        (StopOrder("SELL", 1, 2), "StopOrder(action='SELL', totalQuantity=1, auxPrice=2)"),
        (
            StopLimitOrder("SELL", 1, 2, 3),
            "StopLimitOrder(action='SELL', totalQuantity=1, lmtPrice=2, auxPrice=3)",
        ),
        (
            Order(softDollarTier=SoftDollarTier("a")),
            "Order(softDollarTier=SoftDollarTier(name='a', val='', displayName=''))",
        ),
    ],
)
def test_repr(order: Order, text: str):
    assert repr(order) == text


def test_a_changed_type_is_shown():
    order = LimitOrder("BUY", 1, 2)
    order.orderType = "TRAIL"
    assert repr(order) == "LimitOrder(action='BUY', totalQuantity=1, orderType='TRAIL', lmtPrice=2)"


def test_an_order_is_itself_only():
    one, other = Order(), Order()
    assert one != other
    assert len({one, other, one}) == 2


def test_tier_is_false_when_empty():
    assert not SoftDollarTier()
    assert SoftDollarTier(val="x")


def test_bracket_of_orders():
    orders = LimitOrder("BUY", 1, 2), LimitOrder("SELL", 1, 3), StopOrder("SELL", 1, 1)
    for bracket in (BracketOrder(*orders), BracketOrder(parent=orders[0], takeProfit=orders[1], stopLoss=orders[2])):
        assert tuple(bracket) == orders
        assert (bracket.parent, bracket.takeProfit, bracket.stopLoss) == orders


@pytest.mark.parametrize(("action", "closing"), [("BUY", "SELL"), ("SELL", "BUY")])
def test_bracket_of_prices(action: str, closing: str):
    parent, takeProfit, stopLoss = BracketOrder(
        action, 100, 175.0, takeProfitPrice=185.0, stopLossPrice=170.0, tif="GTC"
    )
    assert [order.action for order in (parent, takeProfit, stopLoss)] == [action, closing, closing]
    assert [order.orderType for order in (parent, takeProfit, stopLoss)] == ["LMT", "LMT", "STP"]
    assert (parent.lmtPrice, takeProfit.lmtPrice, stopLoss.auxPrice) == (175.0, 185.0, 170.0)
    assert [order.transmit for order in (parent, takeProfit, stopLoss)] == [False, False, True]
    assert {(order.totalQuantity, order.tif) for order in (parent, takeProfit, stopLoss)} == {(100, "GTC")}
    assert takeProfit.parent is stopLoss.parent is parent
    assert parent.parent is None
    assert "parent" not in takeProfit.dict()


def test_bracket_without_a_side():
    with pytest.raises(ValueError, match="'HOLD'"):
        BracketOrder("HOLD", 1, 2, 3, 1)


def test_status():
    assert OrderStatus(filled=2.0, remaining=3.0).total == 5.0
    assert not OrderStatus.ActiveStates & OrderStatus.DoneStates
    assert OrderStatus.WaitingStates | OrderStatus.WorkingStates == OrderStatus.ActiveStates


def test_numeric():
    state = OrderState(
        status="PreSubmitted",
        initMarginBefore="1234.567",
        maintMarginBefore=str(UNSET_DOUBLE),
        equityWithLoanBefore="?",
        commission=1.005,
        initMarginAfterOutsideRTH=5.0,
        suggestedSize=3.0,
    )
    numbers = state.numeric(1)
    assert type(numbers) is OrderStateNumeric
    assert numbers.initMarginBefore == 1234.6
    assert numbers.initMarginAfterOutsideRTH == 5.0
    assert numbers.maintMarginBefore is numbers.equityWithLoanBefore is numbers.minCommission is None
    assert (numbers.status, numbers.suggestedSize) == ("PreSubmitted", 3.0)
    assert state.initMarginBefore == "1234.567"


def test_formatted():
    texts = OrderState(initMarginBefore="1234567.5", commission=0.0).formatted()
    assert type(texts) is OrderState
    assert (texts.initMarginBefore, texts.commission, texts.maxCommission) == ("1,234,567.50", "0.00", None)


def test_transform():
    doubled = OrderState(initMarginBefore="12", commission=2.0, status="x").transform(lambda amount: amount * 2)
    assert (doubled.initMarginBefore, doubled.commission, doubled.status) == ("1212", 4.0, "x")
