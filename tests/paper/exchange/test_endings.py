"""What becomes of orders as a contract is traded no more: its own, and those that wait for something of it."""

import pytest
from paper.exchange.conftest import at, published_hours, stock

from ibdesk.model.conditions import PriceCondition, TimeCondition, VolumeCondition
from ibdesk.paper.exchange import TradingHours

AAPL, OTHER, LASTING = 265598, 900, 901
NOON, END = at(12), at(13)
EXPIRED = (392, "Invalid order: contract expired.")


def hours_until_the_end(details, now):
    found = published_hours(details, now)
    return found.cut_off(END, now) if details.contract.conId == AAPL else found


@pytest.fixture
def ending(make):
    """Makes a trader of contracts of which some end at 13:00."""

    def make_one(*ends, now=NOON):
        details = stock(
            timeZoneId="US/Eastern",
            tradingHours="20260415:0400-20260415:2000;20260416:0400-20260416:2000",
            liquidHours="20260415:0930-20260415:1600;20260416:0930-20260416:1600",
        )
        trader = make(
            details,
            hours_until_the_end if AAPL in ends else published_hours,
            now=now,
            end_of=lambda con_id: END if con_id in ends else None,
        )
        trader.quote(100.00, 100.02, 100.01)
        for other in (OTHER, LASTING):
            trader.quote(50.00, 50.02, 50.01, con_id=other)
        return trader

    return make_one


def waits_for(con_id, price=60.0, conjunction="a"):
    return PriceCondition(conId=con_id, exch="SMART", isMore=True, price=price, conjunction=conjunction)


def test_day_orders_expire_and_the_others_are_cancelled(ending):
    trader = ending(AAPL)
    day = trader.place("BUY", 1, "LMT", lmtPrice=90.0)
    kept = trader.place("BUY", 1, "LMT", lmtPrice=90.0, tif="GTC")
    stop = trader.place("SELL", 1, "STP", auxPrice=80.0, tif="GTD", goodTillDate="20260420 12:00:00 US/Eastern")
    trader.until(END)
    assert trader.story(day) == ["Cancelled"]
    assert trader.story(kept) == trader.story(stop) == ["PendingCancel", "Cancelled", 202]
    assert trader.errors() == [(202, "Order Canceled - reason:Contract expired")] * 2
    assert [each.state.completedStatus for each in trader.exchange.completed_orders] == ["Expired"] * 3
    assert trader.exchange.open_orders() == []


def test_an_order_at_the_close_is_served_at_the_last_one(ending):
    trader = ending(AAPL)
    order = trader.place("BUY", 1, "MOC")
    trader.until(END)
    assert trader.fills(order) == [(1.0, 100.01)]


def test_no_order_is_taken_afterwards(ending):
    trader = ending(AAPL, now=END)
    for fields in ({}, {"whatIf": True}, {"tif": "GTC"}):
        trader.place("BUY", 1, "LMT", lmtPrice=100.02, **fields)
        assert trader.errors() == [EXPIRED]
    assert trader.exchange.open_orders() == []


def test_hours_end_with_the_contract():
    late = at(20)
    found = TradingHours(True, True, at(16), at(4, day=16), at(9, 30, day=16), at(16), late)
    assert found.cut_off(None, at(12)) is found
    assert found.cut_off(END, at(12)) == TradingHours(True, True, END, None, None, END, END)
    assert found.cut_off(END, END) == TradingHours(False, False)


def test_a_condition_that_can_never_be_true_ends_its_order(ending):
    trader = ending(OTHER)
    vain = trader.place("BUY", 1, conditions=[waits_for(OTHER)], tif="GTC")
    volume = trader.place("BUY", 1, conditions=[VolumeCondition(conId=OTHER, isMore=True, volume=5)], tif="GTC")
    both = trader.place("BUY", 1, conditions=[waits_for(OTHER), waits_for(LASTING)], tif="GTC")
    trader.until(END)
    for order in (vain, volume, both):
        assert trader.story(order) == ["PendingCancel", "Cancelled", 202]


def test_a_condition_that_may_be_true_lives_on(ending):
    trader = ending(OTHER)
    either = trader.place("BUY", 1, conditions=[waits_for(OTHER, conjunction="o"), waits_for(LASTING)], tif="GTC")
    # It is true of the last price, and waits for the other one.
    true = trader.place("BUY", 1, conditions=[waits_for(OTHER, 50.0), waits_for(LASTING)], tif="GTC")
    last = trader.place("BUY", 1, conditions=[waits_for(LASTING, conjunction="o"), waits_for(OTHER)], tif="GTC")
    trader.until(END)
    assert trader.facts == []
    trader.quote(60.00, 60.02, 60.01, con_id=LASTING)
    trader.quote(100.00, 100.02, 100.01)
    assert [trader.fills(order) for order in (either, true, last)] == [[(1.0, 100.02)]] * 3


def test_an_order_that_conditions_would_cancel_lives_on(ending):
    trader = ending(OTHER)
    order = trader.place(
        "BUY", 1, "LMT", lmtPrice=90.0, conditions=[waits_for(OTHER)], conditionsCancelOrder=True, tif="GTC"
    )
    trader.until(END)
    assert trader.status(order) == "Submitted"


def test_no_condition_on_what_has_ended_is_taken(ending):
    trader = ending(OTHER, now=END)
    trader.place("BUY", 1, conditions=[waits_for(OTHER)])
    assert trader.errors() == [EXPIRED]


def test_an_order_that_waits_for_it_can_still_be_changed(ending):
    trader = ending(OTHER)
    conditions = [waits_for(OTHER, conjunction="o"), waits_for(LASTING)]
    order = trader.place("BUY", 1, conditions=conditions, tif="GTC")
    trader.until(END)
    trader.place("BUY", 2, conditions=conditions, tif="GTC", orderId=order)
    assert trader.errors() == []
    trader.place("BUY", 2, conditions=[waits_for(OTHER, 70.0)], tif="GTC", orderId=order)
    assert trader.errors() == [EXPIRED]


def test_the_end_of_a_contract_does_not_touch_others(ending):
    trader = ending(OTHER)
    order = trader.place("BUY", 1, "LMT", lmtPrice=90.0, tif="GTC")
    timed = trader.place(
        "BUY", 1, conditions=[TimeCondition(time="20260415 14:00:00 US/Eastern", isMore=True)], tif="GTC"
    )
    trader.until(END)
    assert (trader.status(order), trader.status(timed)) == ("Submitted", "PreSubmitted")
    trader.until(at(14))
    assert trader.fills(timed) == [(1.0, 100.02)]
