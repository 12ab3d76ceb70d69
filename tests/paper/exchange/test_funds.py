"""What an account cannot carry is refused when it comes in, and ends when it would be filled."""

import pytest

from ibdesk.model.contract import Option, Stock
from ibdesk.model.contract_details import ContractDetails
from ibdesk.paper.exchange import Executed


@pytest.fixture
def poor(make):
    """Trades AAPL at 100.00 to 100.02 with 10,000: 399 shares are too many, with commissions, and 398 are not."""
    trader = make(cash=10_000)
    trader.quote(100.00, 100.02, 100.01)
    return trader


def why(trader):
    ((code, text),) = trader.errors()
    assert code == 201
    assert text.startswith("Order rejected - reason:YOUR ORDER IS NOT ACCEPTED.")
    return text


def test_what_works_has_funds_of_its_own(poor):
    for price in (99.0, 98.0, 97.0):
        poor.place("BUY", 120, "LMT", lmtPrice=price)
        assert not poor.errors()
    refused = poor.place("BUY", 120, "LMT", lmtPrice=96.0)
    assert "EQUITY WITH LOAN VALUE [9997.60 USD] MUST EXCEED THE INITIAL MARGIN [11880.00 USD]" in why(poor)
    assert poor.status(refused) == "Inactive"
    poor.cancel(1)
    poor.place("BUY", 120, "LMT", lmtPrice=96.0)
    assert not poor.errors()


def test_ten_orders_do_not_have_the_same_funds(make):
    trader = make(cash=100_000)
    trader.quote(100.00, 100.02, 100.01)
    for _ in range(10):
        trader.place("BUY", 3800, "LMT", lmtPrice=99.0)
    assert len(trader.exchange.open_orders()) == 2
    trader.quote(98.0, 98.5, askSize=100_000)
    totals = trader.ledger.totals()
    assert 0 <= totals.available_funds < 10_000


def test_purchases_and_sales_close_what_the_others_open(poor):
    poor.place("BUY", 300, "LMT", lmtPrice=99.0)
    poor.place("SELL", 300, "LMT", lmtPrice=101.0)
    assert not poor.errors()
    poor.place("SELL", 50, "LMT", lmtPrice=101.0)
    why(poor)


def test_orders_that_cancel_each_other_count_once(poor):
    for number in range(3):
        poor.place("BUY", 300, "LMT", lmtPrice=99.0 - number, ocaGroup="one", ocaType=1)
        assert not poor.errors()
    poor.place("BUY", 300, "LMT", lmtPrice=96.0)
    why(poor)


def test_what_is_attached_closes_what_its_parent_opens(poor):
    parent = poor.place("BUY", 300, "LMT", lmtPrice=99.0, transmit=False)
    target = poor.place("SELL", 300, "LMT", lmtPrice=101.0, parentId=parent, transmit=False)
    stop = poor.place("SELL", 300, "STP", auxPrice=98.0, parentId=parent)
    assert [poor.status(each) for each in (parent, target, stop)] == ["Submitted", "PreSubmitted", "PreSubmitted"]
    poor.quote(98.5, 99.0)
    assert [poor.status(each) for each in (parent, target, stop)] == ["Filled", "Submitted", "PreSubmitted"]
    poor.quote(101.0, 101.5)
    assert poor.ledger.position(poor.contract.conId) == 0


def test_an_attached_order_is_no_way_around_the_rule(poor):
    parent = poor.place("BUY", 300, "LMT", lmtPrice=99.0, transmit=False)
    child = poor.place("BUY", 300, "LMT", lmtPrice=99.0, parentId=parent)
    why(poor)
    assert [poor.status(each) for each in (parent, child)] == ["Submitted", "Inactive"]
    parent = poor.place("BUY", 10, "LMT", lmtPrice=99.0, transmit=False)
    poor.place("SELL", 800, "LMT", lmtPrice=99.0, parentId=parent)
    why(poor)


def test_a_change_is_looked_at_with_its_new_price_and_size(poor):
    limit = poor.place("BUY", 390, "LMT", lmtPrice=90.0)
    poor.place("BUY", 500, "LMT", lmtPrice=90.0, orderId=limit)
    why(poor)
    assert poor.exchange.open_orders()[0].order.totalQuantity == 390
    poor.place("BUY", 10, "LMT", lmtPrice=90.0, orderId=limit)
    poor.place("BUY", 380, "LMT", lmtPrice=95.0, orderId=limit)
    assert not poor.errors()


def test_the_price_of_a_change_counts_and_not_the_one_before(make):
    trader = make(cash=10_000)
    trader.quote(float("nan"), float("nan"))
    order = trader.place("BUY", 300, "LMT", lmtPrice=1.0)
    trader.place("BUY", 300, "LMT", lmtPrice=500.0, orderId=order)
    why(trader)
    assert trader.exchange.open_orders()[0].order.lmtPrice == 1.0


def test_what_has_no_funds_any_more_ends_when_it_would_be_filled(poor):
    first = poor.place("BUY", 390, "LMT", lmtPrice=99.0)
    poor.ledger.deposit(-5000, "USD")
    poor.quote(98.9, 99.0)
    why(poor)
    assert poor.status(first) == "Cancelled"
    assert not poor.exchange.executions
    assert poor.exchange.completed_orders[-1].state.completedStatus.startswith(
        "Cancelled by System:\nYOUR ORDER IS NOT"
    )


def test_each_of_several_fills_of_one_quote_finds_the_one_before(poor):
    poor.ledger.deposit(20_000, "USD")
    orders = [poor.place("BUY", 350, "LMT", lmtPrice=99.0 - number / 100) for number in range(3)]
    assert not poor.errors()
    poor.ledger.deposit(-20_000, "USD")
    poor.quote(97.9, 98.0, askSize=10_000)
    assert [poor.status(each) for each in orders] == ["Filled", "Cancelled", "Cancelled"]
    assert poor.ledger.totals().available_funds >= 0


def test_what_closes_a_position_needs_no_funds(poor):
    poor.place("BUY", 300)
    poor.ledger.deposit(-9000, "USD")
    poor.quote(50.0, 50.1)
    poor.ledger.mark(poor.contract, 50.0)
    assert poor.ledger.totals().available_funds < 0
    poor.place("BUY", 1)
    why(poor)
    poor.place("SELL", 200, "LMT", lmtPrice=49.0)
    assert not poor.errors()
    assert poor.ledger.position(poor.contract.conId) == 100
    poor.place("SELL", 100, "LMT", lmtPrice=50.05)
    assert not poor.errors()
    poor.place("SELL", 100, "LMT", lmtPrice=50.05)
    why(poor)


def test_reserves_follow_the_quotes(poor):
    order = poor.place("BUY", 300, "STP", auxPrice=110.0)
    poor.place("BUY", 60, "LMT", lmtPrice=90.0)
    assert not poor.errors()
    poor.cancel(order)
    poor.place("BUY", 330, "LMT", lmtPrice=90.0)
    assert not poor.errors()


def test_orders_of_other_instruments_count(poor):
    poor.place("BUY", 390, "LMT", lmtPrice=99.0)
    other = Stock("MSFT", "SMART", "USD", conId=272093)
    poor.details = ContractDetails(contract=other, minTick=0.01, validExchanges="SMART")
    poor.quote(400.00, 400.02)
    poor.place("BUY", 10, "LMT", lmtPrice=390.0)
    why(poor)


def test_long_options_are_paid_with_what_is_there(poor):
    call = Option("AAPL", "20261218", 200.0, "C", "SMART", "100", "USD", conId=494194134)
    poor.details = ContractDetails(contract=call, minTick=0.01, validExchanges="SMART")
    poor.quote(30.0, 30.1)
    poor.place("BUY", 4)
    why(poor)
    poor.place("BUY", 3)
    assert [fact.execution.shares for fact in poor.facts if isinstance(fact, Executed)] == [3.0]
