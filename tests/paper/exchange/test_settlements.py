"""What the exchange reports as the clearing settles positions, and as instructions are carried out."""

import pytest
from paper.exchange.conftest import make_trader, option

from ibdesk.model.contract import Stock
from ibdesk.paper.exchange import Cause, Executed, Leg, OrderEchoed, Settlement
from ibdesk.paper.ledger import Ledger

SHARES = Stock("AAPL", "SMART", "USD", conId=265598, primaryExchange="NASDAQ")


@pytest.fixture
def trader():
    """Trades calls of AAPL at 200, quoted at 5.00 to 5.02."""
    trader = make_trader(option())
    trader.quote(5.00, 5.02, 5.01)
    trader.place("BUY", 2)
    return trader


def instruct(trader, quantity=2.0):
    number = trader.exchange.next_order_id(1)
    trader.facts = trader.exchange.instruct(1, number, trader.details, quantity, trader.now, override=True)
    return trader.exchange.instructions[-1]


def settle(trader, *settlements):
    trader.facts = trader.exchange.settle(settlements, trader.now)
    return [fact for fact in trader.facts if isinstance(fact, Executed)]


def test_legs_become_executions_that_belong_to_no_order(trader):
    legs = [Leg(trader.contract, -2.0, 0.0), Leg(SHARES, 200.0, 200.0)]
    found = settle(trader, Settlement(Cause.EXERCISED_AUTOMATICALLY, legs))
    assert [(each.execution.side, each.execution.shares, each.execution.price) for each in found] == [
        ("SLD", 2.0, 0.0),
        ("BOT", 200.0, 200.0),
    ]
    assert {each.execution.optExerciseOrLapseType for each in found} == {101}
    assert [each.execution.exchange for each in found] == ["SMART", "NASDAQ"]
    assert all(each.settles for each in found)
    assert list(trader.exchange.executions)[-2:] == found
    assert len({each.execution.permId for each in trader.exchange.executions}) == 3
    assert trader.exchange.open_orders() == []


def test_an_instruction_is_an_order_until_it_is_carried_out(trader):
    given = instruct(trader)
    assert trader.story() == ["PreSubmitted"]
    assert (given.lapses, given.override) == (False, True)
    settle(trader, Settlement(Cause.EXERCISED, [Leg(trader.contract, -1.0, 0.0)], given))
    assert trader.story(given.key.orderId) == [(1.0, 0.0), "Filled"]
    (echo,) = [fact for fact in trader.facts if isinstance(fact, OrderEchoed)]
    assert echo.order.totalQuantity == 1.0
    assert trader.exchange.instructions == []


def test_an_instruction_without_legs_comes_to_nothing(trader):
    given = instruct(trader)
    assert settle(trader, Settlement(Cause.EXERCISED, [], given)) == []
    assert trader.story() == [322, "PendingCancel", "Cancelled", 202]


def test_quotes_and_hours_do_not_touch_an_instruction(trader):
    instruct(trader)
    trader.quote(0.01, 0.02, 0.01)
    assert trader.facts == []
    trader.wait(days=1)
    assert trader.facts == []
    assert len(trader.exchange.instructions) == 1


def test_the_ledger_charges_nothing_for_it(trader):
    ledger, commissions = trader.ledger, trader.ledger.commissions
    for each in settle(
        trader, Settlement(Cause.EXERCISED, [Leg(trader.contract, -2.0, 0.0), Leg(SHARES, 200.0, 200.0)])
    ):
        report = each.commission
        assert (report.commission, report.currency) == (0.0, "USD")
    assert ledger.commissions == commissions
    assert ledger.position(SHARES.conId) == 200
    assert ledger.portfolio()[-1].averageCost == 200.0


def test_what_ends_may_be_worth_nothing():
    ledger = Ledger("DU1", cash=1000.0)
    trader = make_trader(option())
    trader.quote(5.00, 5.02, 5.01)
    trader.place("BUY", 1)
    (fact,) = trader.exchange.executions
    ledger.book(fact.execution, fact.contract)
    ledger.fix(fact.contract, 0.0)
    assert ledger.portfolio()[0].marketValue == 0.0
