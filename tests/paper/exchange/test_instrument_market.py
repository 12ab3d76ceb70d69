"""Nobody but market makers may be on both sides of a US option."""

import pytest
from paper.exchange.conftest import future, make_trader, option, stock


@pytest.fixture
def options():
    trader = make_trader(option())
    trader.quote(4.90, 5.10, last=5.00)
    return trader


def test_an_order_for_the_other_side_is_rejected(options):
    options.place("BUY", 1, "LMT", lmtPrice=4.00)
    order = options.place("SELL", 1, "LMT", lmtPrice=6.00)
    assert options.story() == ["Inactive", 201]
    assert options.errors()[0][1].startswith(
        "Order rejected - reason:Cannot have open orders on both sides of the same US Option contract. You are"
    )
    assert options.status(order) == "Inactive"
    options.place("BUY", 1, "LMT", lmtPrice=4.10)
    assert options.errors() == []


def test_a_bracket_is_on_one_side_at_a_time(options):
    parent = options.place("BUY", 1, "LMT", lmtPrice=4.00, transmit=False)
    profit = options.place("SELL", 1, "LMT", lmtPrice=6.00, parentId=parent, transmit=False)
    loss = options.place("SELL", 1, "STP", auxPrice=3.00, parentId=parent)
    assert [options.status(order) for order in (parent, profit, loss)] == ["Submitted", "PreSubmitted", "PreSubmitted"]
    options.quote(3.80, 4.00, last=3.90)
    assert options.fills(parent) == [(1.0, 4.0)]
    assert options.errors() == []
    assert [options.status(order) for order in (profit, loss)] == ["Submitted", "PreSubmitted"]
    options.place("BUY", 1)
    assert [code for code, _ in options.errors()] == [201]


def test_children_that_come_to_be_on_the_other_side_are_cancelled(options):
    parent = options.place("BUY", 1, "LMT", lmtPrice=4.00, transmit=False)
    child = options.place("SELL", 1, "LMT", lmtPrice=6.00, parentId=parent)
    options.place("BUY", 1, "LMT", lmtPrice=3.00)
    options.quote(3.80, 4.00, last=3.90)
    assert options.fills(parent) == [(1.0, 4.0)]
    assert (options.status(child), [code for code, _ in options.errors()]) == ("Cancelled", [201])


@pytest.mark.parametrize("details", [stock, future])
def test_both_sides_of_anything_else_are_free(details):
    trader = make_trader(details(), cash=1e9)
    trader.quote(100.00, 100.25)
    trader.place("BUY", 1, "LMT", lmtPrice=90.0)
    trader.place("SELL", 1, "LMT", lmtPrice=110.0)
    assert trader.errors() == []
