"""Sessions, the close, waiting and expiry, conditions."""

import pytest
from paper.exchange.conftest import at

from ibdesk.model.conditions import (
    ExecutionCondition,
    MarginCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)


def test_outside_hours_an_order_waits_with_a_warning(hours):
    trader = hours(at(8))
    order = trader.place("BUY", 1)
    assert trader.story() == [399, "PreSubmitted"]
    assert trader.errors()[0][1] == (
        "Order Message:\nBUY 1 AAPL NASDAQ\n"
        "Warning: your order will not be placed at the exchange until 2026-04-15 09:30:00 US/Eastern"
    )
    trader.quote(99.00, 99.02)
    assert trader.fills(order) == []
    trader.until(at(9, 30))
    assert trader.story() == [(1.0, 99.02), "Filled"]


def test_outside_regular_hours_on_demand(hours):
    trader = hours(at(8))
    trader.place("BUY", 1, "LMT", lmtPrice=100.02, outsideRth=True)
    assert trader.story() == ["PreSubmitted", (1.0, 100.02), "Filled"]


def test_a_day_order_expires_at_the_close(hours):
    trader = hours(at(12))
    day = trader.place("BUY", 1, "LMT", lmtPrice=90.00)
    late = trader.place("BUY", 1, "LMT", lmtPrice=90.00, outsideRth=True)
    kept = trader.place("BUY", 1, "LMT", lmtPrice=90.00, tif="GTC")
    trader.until(at(16))
    assert trader.story(day) == ["Cancelled"]
    assert trader.exchange.completed_orders[-1].state.completedStatus == "Expired"
    assert trader.story(late) == []
    assert trader.story(kept) == ["PreSubmitted"]
    trader.until(at(21))
    assert trader.status(late) == "Cancelled"
    trader.until(at(9, 30, day=16))
    assert trader.story(kept) == ["Submitted"]


def test_good_till_date(trader):
    order = trader.place("BUY", 1, "LMT", lmtPrice=90.00, tif="GTD", goodTillDate="20260415 12:00:00 US/Eastern")
    trader.until(at(11, 59))
    assert trader.status(order) == "Submitted"
    trader.until(at(12))
    assert trader.status(order) == "Cancelled"


def test_good_till_a_date_is_until_its_end(trader):
    order = trader.place("BUY", 1, "LMT", lmtPrice=90.00, tif="GTD", goodTillDate="20260415")
    trader.until(at(23, 59))
    assert trader.status(order) == "Submitted"
    trader.until(at(0, day=16))
    assert trader.status(order) == "Cancelled"


def test_an_order_expires_after_its_duration(trader):
    order = trader.place("BUY", 1, "LMT", lmtPrice=90.00, tif="GTC", duration=60)
    trader.wait(seconds=30)
    trader.place("BUY", 2, "LMT", lmtPrice=90.00, tif="GTC", duration=60, orderId=order)
    trader.wait(seconds=29)
    assert trader.status(order) == "Submitted"
    trader.wait(seconds=1)
    assert trader.status(order) == "Cancelled"


def test_good_after_time(trader):
    order = trader.place("BUY", 1, goodAfterTime="20260415-16:00:00")
    assert trader.story() == ["PreSubmitted"]
    trader.wait(minutes=59)
    assert trader.fills(order) == []
    trader.wait(minutes=1)
    assert trader.story() == [(1.0, 100.02), "Filled"]


@pytest.mark.parametrize(("kind", "outside", "ends"), [("LMT", False, 16), ("LMT", True, 20), ("STP", False, 16)])
def test_a_day_order_that_begins_on_a_later_day_is_good_for_that_day(hours, kind, outside, ends):
    trader = hours(at(11))
    price = {"lmtPrice": 99.0} if kind == "LMT" else {"auxPrice": 110.0}
    order = trader.place("BUY", 1, kind, goodAfterTime="20260416 10:00:00 US/Eastern", outsideRth=outside, **price)
    trader.until(at(9, 59, day=16))
    assert trader.status(order) == "PreSubmitted"
    trader.until(at(10, day=16))
    assert trader.status(order) == ("Submitted" if kind == "LMT" else "PreSubmitted")
    trader.until(at(ends - 1, 59, day=16))
    assert trader.status(order) != "Cancelled"
    trader.until(at(ends, day=16))
    assert trader.status(order) == "Cancelled"


def test_a_stop_sleeps_outside_hours(hours):
    trader = hours(at(8))
    order = trader.place("SELL", 10, "STP", auxPrice=99.00)
    assert trader.story() == [399, "PreSubmitted trigger"]
    trader.quote(98.00, 98.02, last=98.01)
    assert trader.status(order) == "PreSubmitted"
    trader.until(at(9, 30))
    assert trader.fills(order) == [(10.0, 98.0)]


def test_price_condition(trader):
    condition = PriceCondition(price=50.0, conId=756733, exch="SMART", isMore=True)
    order = trader.place("BUY", 1, conditions=[condition])
    assert trader.story() == ["PreSubmitted"]
    trader.quote(49.0, 49.1, last=49.05, con_id=756733)
    assert trader.facts == []
    trader.quote(50.0, 50.1, last=50.0, con_id=756733)
    assert trader.fills(order) == [(1.0, 100.02)]


def test_time_condition(trader):
    order = trader.place("BUY", 1, conditions=[TimeCondition(time="20260415 11:30:00 US/Eastern")])
    trader.wait(minutes=29)
    assert trader.status(order) == "PreSubmitted"
    trader.wait(minutes=1)
    assert trader.status(order) == "Filled"


@pytest.mark.parametrize(
    "condition",
    [
        VolumeCondition(volume=5000, conId=265598, exch="SMART"),
        PercentChangeCondition(changePercent=2.0, conId=265598, exch="SMART"),
    ],
)
def test_volume_and_change_conditions(trader, condition):
    order = trader.place("BUY", 1, conditions=[condition])
    trader.quote(100.00, 100.02, last=101.00, volume=4999)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(100.00, 100.02, last=102.00, volume=5000)
    assert trader.status(order) == "Filled"


def test_execution_condition(trader):
    trader.place("BUY", 1)
    order = trader.place("SELL", 1, conditions=[ExecutionCondition(symbol="AAPL", secType="STK", exch="SMART")])
    assert trader.status(order) == "PreSubmitted", "what was executed before does not count"
    trader.place("BUY", 1)
    assert trader.status(order) == "Filled"


def test_margin_condition(trader):
    order = trader.place("BUY", 1, conditions=[MarginCondition(percent=50, isMore=False)])
    trader.wait(seconds=1)
    assert trader.status(order) == "PreSubmitted"
    for _ in range(30):
        trader.quote(100.00, 100.02)
        trader.place("BUY", 1000)
    trader.wait(seconds=1)
    assert trader.status(order) == "Filled"


def test_conditions_are_joined_from_the_left_and_binds_closer(trader):
    early = TimeCondition(time="20260415 10:00:00 US/Eastern")
    late = TimeCondition(time="20260415 12:00:00 US/Eastern")
    never = TimeCondition(time="20260501 12:00:00 US/Eastern")
    assert trader.status(trader.place("BUY", 1, conditions=[never, early.Or()])) == "PreSubmitted"
    never.Or()
    assert trader.status(trader.place("BUY", 1, conditions=[never, early])) == "Filled"
    assert trader.status(trader.place("BUY", 1, conditions=[never, early.And(), late])) == "PreSubmitted"


def test_a_condition_may_cancel(trader):
    condition = TimeCondition(time="20260415 12:00:00 US/Eastern")
    order = trader.place("BUY", 1, "LMT", lmtPrice=90.0, conditions=[condition], conditionsCancelOrder=True)
    assert trader.status(order) == "Submitted"
    trader.until(at(12))
    assert trader.status(order) == "Cancelled"


def test_only_some_types_can_be_conditional(trader):
    trader.place("BUY", 1, "STP", auxPrice=101.0, conditions=[TimeCondition(time="20260415 12:00:00 US/Eastern")])
    assert trader.errors()[0][0] == 148
    trader.place("BUY", 1, conditions=[TimeCondition(time="noon")])
    assert trader.errors()[0][0] == 337


def test_new_conditions_hold_an_order_back_that_its_old_ones_released(trader):
    cheap = PriceCondition(conId=265598, exch="SMART", isMore=False, price=101.00)
    cheaper = PriceCondition(conId=265598, exch="SMART", isMore=False, price=95.00)
    order = trader.place("BUY", 1, "LMT", lmtPrice=99.00, conditions=[cheap])
    assert trader.status(order) == "Submitted"
    trader.place("BUY", 1, "LMT", orderId=order, lmtPrice=98.00, conditions=[cheap])
    assert trader.status(order) == "Submitted", "it stays released while its conditions stay the same"
    trader.place("BUY", 1, "LMT", orderId=order, lmtPrice=98.00, conditions=[cheaper])
    trader.quote(96.00, 96.02, last=96.01)
    assert (trader.status(order), trader.fills(order)) == ("PreSubmitted", [])
    trader.quote(94.98, 95.00, last=94.99)
    assert trader.fills(order) == [(1.0, 95.00)]


def test_an_order_no_longer_watches_what_its_conditions_no_longer_name(trader):
    order = trader.place("BUY", 1, "LMT", lmtPrice=90.00, conditions=[PriceCondition(conId=7, isMore=True, price=1.00)])
    markets = trader.exchange._engine.markets
    assert len(markets[7].watchers) == 1
    trader.place("BUY", 1, "LMT", orderId=order, lmtPrice=90.00)
    assert (trader.status(order), markets[7].watchers) == ("Submitted", {})


def test_a_changed_good_till_date_is_the_one_that_holds(trader):
    until = {"tif": "GTD", "goodTillDate": "20260415 12:00:00 US/Eastern"}
    order = trader.place("BUY", 1, "LMT", lmtPrice=90.00, **until)
    trader.place("BUY", 1, "LMT", orderId=order, lmtPrice=90.00, tif="GTC")
    trader.until(at(13))
    assert trader.status(order) == "Submitted"
