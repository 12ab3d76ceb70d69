"""Brackets, transmit and one-cancels-all."""

import pytest

from ibdesk.paper.exchange import OrderEchoed, StatusChanged


def bracket(trader, quantity=100, limit=100.02):
    parent = trader.place("BUY", quantity, "LMT", lmtPrice=limit, transmit=False)
    profit = trader.place("SELL", quantity, "LMT", lmtPrice=105.00, parentId=parent, transmit=False)
    assert trader.facts == []
    loss = trader.place("SELL", quantity, "STP", auxPrice=95.00, parentId=parent)
    return parent, profit, loss


def test_nothing_is_told_before_the_last_order_transmits(trader):
    parent, profit, loss = bracket(trader, limit=99.00)
    assert trader.story(parent) == ["PreSubmitted", "Submitted"]
    assert trader.story(profit) == ["PreSubmitted child"]
    assert trader.story(loss) == ["PreSubmitted child,trigger"]
    echoes = {fact.key.orderId: fact for fact in trader.facts if isinstance(fact, OrderEchoed)}
    group = str(echoes[parent].key.permId)
    assert [(echoes[o].order.ocaGroup, echoes[o].order.ocaType) for o in (profit, loss)] == [(group, 3)] * 2
    assert echoes[parent].order.ocaGroup == ""
    assert [fact.parentId for fact in trader.facts if isinstance(fact, StatusChanged)][-2:] == [parent, parent]


def test_the_children_wake_when_the_parent_is_filled(trader):
    parent, profit, loss = bracket(trader, limit=99.00)
    trader.quote(98.98, 99.00, last=98.99)
    assert trader.story() == [(100.0, 99.0), "Filled", "Submitted", "PreSubmitted trigger"]
    trader.quote(105.00, 105.02, last=105.01)
    assert trader.story(profit) == [(100.0, 105.0), "Filled"]
    assert trader.story(loss) == ["PendingCancel", "Cancelled", 202]
    assert trader.ledger.position(trader.contract.conId) == 0
    assert trader.status(parent) == "Filled"


def test_the_stop_cancels_the_profit_taker(trader):
    _, profit, loss = bracket(trader)
    trader.quote(94.90, 94.92, last=94.91)
    assert trader.status(loss) == "Filled"
    assert trader.status(profit) == "Cancelled"
    assert trader.ledger.position(trader.contract.conId) == 0


def test_a_partial_fill_takes_from_the_other_child(trader):
    _, profit, loss = bracket(trader)
    trader.quote(105.00, 105.02, last=105.01, bidSize=30)
    assert trader.story(profit) == [(30.0, 105.0), "Submitted"]
    told = [fact for fact in trader.facts if isinstance(fact, StatusChanged) and fact.key.orderId == loss]
    assert [(fact.status, fact.remaining) for fact in told] == [("PreSubmitted", 70.0)]
    trader.quote(94.90, 94.92, last=94.91)
    assert trader.fills(loss) == [(70.0, 94.9)]
    assert trader.status(profit) == "Cancelled"
    assert trader.ledger.position(trader.contract.conId) == 0


def test_cancelling_the_parent_cancels_the_children(trader):
    parent, profit, loss = bracket(trader, limit=99.00)
    trader.cancel(parent)
    assert [trader.status(order) for order in (parent, profit, loss)] == ["Cancelled"] * 3
    assert trader.story(profit) == ["PendingCancel", "Cancelled", 202]


def test_a_rejected_parent_takes_its_children_along(trader):
    parent, profit, loss = bracket(trader, quantity=100_000_000)
    assert trader.story(parent) == ["Inactive", 201]
    assert trader.story(profit) == trader.story(loss) == ["Inactive", 135]
    assert trader.errors()[1] == (135, f"Can't find order with id ={parent}")


def test_a_child_needs_its_parent(trader):
    trader.place("SELL", 100, "LMT", lmtPrice=105.00, parentId=77)
    assert trader.errors() == [(10006, "Missing parent order.")]


def test_a_child_of_a_refused_parent(trader):
    parent = trader.place("BUY", 100, "LMT", lmtPrice=100.001, transmit=False)
    trader.place("SELL", 100, "LMT", lmtPrice=105.00, parentId=parent, orderId=parent + 1)
    assert trader.errors() == [(135, f"Can't find order with id ={parent}")]


def test_an_order_held_back_can_be_cancelled_or_transmitted(trader):
    first = trader.place("BUY", 100, transmit=False)
    assert trader.facts == []
    assert trader.exchange.open_orders() == []
    trader.cancel(first)
    assert trader.story() == ["Cancelled", 202]
    second = trader.place("BUY", 100, transmit=False)
    trader.place("BUY", 100, orderId=second)
    assert trader.story() == ["PreSubmitted", (100.0, 100.02), "Filled"]


def oca(trader, kind):
    low = trader.place("BUY", 100, "LMT", lmtPrice=99.00, ocaGroup="g", ocaType=kind)
    lower = trader.place("BUY", 200, "LMT", lmtPrice=98.00, ocaGroup="g", ocaType=kind)
    return low, lower


@pytest.mark.parametrize(
    ("kind", "status", "remaining"), [(1, "Cancelled", None), (2, "Submitted", 120.0), (3, "Submitted", 120.0)]
)
def test_one_cancels_all_by_type(trader, kind, status, remaining):
    low, lower = oca(trader, kind)
    trader.quote(98.98, 99.00, askSize=40)
    assert trader.fills(low) == [(40.0, 99.0)]
    assert trader.status(lower) == status
    if remaining:
        told = [fact for fact in trader.facts if isinstance(fact, StatusChanged) and fact.key.orderId == lower]
        assert told[-1].remaining == remaining


def test_a_filled_group_takes_no_more_orders(trader):
    low, lower = oca(trader, 1)
    trader.quote(98.98, 99.00)
    assert (trader.status(low), trader.status(lower)) == ("Filled", "Cancelled")
    trader.place("BUY", 100, "LMT", lmtPrice=97.00, ocaGroup="g")
    assert trader.story() == ["Inactive", 201]
    assert trader.errors()[0][1] == "Order rejected - reason:OCA group is already filled."
