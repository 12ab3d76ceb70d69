"""Instructions to exercise options or to let them lapse: what is taken, what is refused, and how it is carried out."""

import pytest
from paper.clearing.conftest import NIGHT, SPX, SPY, at, es, spx, spy, story

from ibdesk.model.contract import Stock
from ibdesk.model.order import LimitOrder, OrderCancel
from ibdesk.wire.messages.order_status import (
    CancelOrder,
    ReqAllOpenOrders,
    ReqCompletedOrders,
    ReqGlobalCancel,
    ReqOpenOrders,
)
from ibdesk.wire.messages.orders import CompletedOrder, PlaceOrder

EXERCISE, LAPSE = 1, 2
EXERCISED, LAPSED, AUTOMATIC, EXPIRED = 1, 2, 101, 102
TAKEN = [("BUY", 1.0, "LMT", 0.0), ("PreSubmitted", 0.0, 1.0)]
NOT_CARRIED_OUT = (322, "Error processing request.Exercise/Lapse failed due to server rejection.")
NOT_IN_THE_MONEY = (322, "Error processing request.Exercise ignored because option is not in-the-money.")
IN_THE_MONEY = (322, "Error processing request.Lapse ignored because option is in-the-money.")
NO_POSITION = (322, "Error processing request.No unlapsed position exists in this option in account DU1234567.")
CANCELLED = [("PendingCancel", 0.0, 1.0), ("BUY", 1.0, "LMT", 0.0), ("Cancelled", 0.0, 1.0)]
CANCELED = (202, "Order Canceled - reason:")


def call(trader, moneyness=-5, expiry="20260417"):
    return spy(round(trader.price()) + moneyness, "C", expiry)


# Taken


def test_an_american_option_is_exercised_in_the_night(trader):
    later = call(trader, expiry="20260515")
    trader.trade(later, 3)
    assert trader.exercise(later, 2) == [("BUY", 2.0, "LMT", 0.0), ("PreSubmitted", 0.0, 2.0)]
    trader.until(NIGHT)
    strike = float(later.strike)
    assert trader.told() == [
        ("OPT", -2.0, 0.0, EXERCISED),
        ("BUY", 2.0, "LMT", 0.0),
        ("Filled", 2.0, 0.0),
        ("costs", 0.0),
        ("STK", 200.0, strike, EXERCISED),
        ("costs", 0.0),
        ("position", "OPT", 1.0),
        ("position", "STK", 200.0),
    ]
    assert trader.watched() == []
    assert trader.broker.ledger.position(SPY) == 200


def test_the_last_day_has_instructions_against_what_happens_by_itself(trader):
    inside, outside = call(trader), call(trader, 6)
    for option in (inside, outside):
        trader.trade(option, 2)
    assert trader.exercise(outside, override=True) == TAKEN
    assert trader.exercise(inside, action=LAPSE, override=True) == TAKEN
    trader.until(NIGHT)
    done = [told for told in (*trader.told(), *trader.watched()) if told[0] in ("OPT", "STK")]
    assert sorted(done, key=str) == sorted(
        [
            ("OPT", -1.0, 0.0, EXERCISED),
            ("STK", 100.0, float(outside.strike), EXERCISED),
            ("OPT", -1.0, 0.0, LAPSED),
            ("OPT", -1.0, 0.0, AUTOMATIC),
            ("STK", 100.0, float(inside.strike), AUTOMATIC),
            ("OPT", -1.0, 0.0, EXPIRED),
        ],
        key=str,
    )


def test_until_half_past_four(trader):
    option = call(trader)
    trader.trade(option, 2)
    trader.until(at(17, 16, 29))
    assert trader.exercise(option) == TAKEN
    trader.until(at(17, 16, 30))
    assert trader.exercise(option) == [(392, "Invalid order: contract expired.")]


def test_more_than_is_held_is_reduced_to_what_is_held(trader):
    option = call(trader)
    trader.trade(option, 3)
    assert trader.exercise(option, 2)[1] == ("PreSubmitted", 0.0, 2.0)
    assert trader.exercise(option, 7)[1] == ("PreSubmitted", 0.0, 1.0)
    assert trader.exercise(option, 1) == [NO_POSITION]


def test_an_index_option_is_exercised_on_its_last_day_alone(trader):
    strike = round(trader.price(SPX) / 25) * 25 - 50
    later, today = spx(strike, "C", "20260515"), spx(strike, "C")
    for option in (later, today):
        trader.trade(option, 1)
    assert trader.exercise(later) == [NOT_CARRIED_OUT]
    assert trader.exercise(today) == TAKEN
    trader.until(NIGHT)
    (bar,) = trader.broker.market.bars(SPX, at(17, 16), "1 D", "1 day", "TRADES", use_rth=True)
    assert trader.told()[0] == ("OPT", -1.0, pytest.approx(bar.close - strike), EXERCISED)


# As an order


def test_clients_see_an_order(trader):
    option = call(trader)
    trader.trade(option, 1)
    trader.exercise(option)
    number = trader.next_id
    for request in (ReqOpenOrders(), ReqAllOpenOrders()):
        assert story(trader.client.ask(request)) == TAKEN
    trader.until(NIGHT)
    trader.told()
    assert trader.client.ask(ReqOpenOrders())[:-1] == []
    done = [each for each in trader.client.ask(ReqCompletedOrders(False)) if isinstance(each, CompletedOrder)]
    assert [(each.order.filledQuantity, each.orderState.status) for each in done[-1:]] == [(1.0, "Filled")]
    assert trader.broker.exchange.next_order_id(1) == number + 1


@pytest.mark.parametrize("globally", [False, True])
def test_it_can_be_cancelled(trader, globally):
    option = call(trader, expiry="20260515")
    trader.trade(option, 1)
    trader.exercise(option)
    request = ReqGlobalCancel(OrderCancel()) if globally else CancelOrder(trader.next_id, OrderCancel())
    assert story(trader.client.ask(request)) == [NOT_CARRIED_OUT, *CANCELLED, CANCELED]
    trader.until(NIGHT)
    assert trader.told() == []
    assert trader.held(option) == 1
    assert trader.exercise(option) == TAKEN


def test_it_cannot_be_made_an_order(trader):
    option = call(trader)
    trader.trade(option, 1)
    trader.exercise(option)
    told = story(trader.client.ask(PlaceOrder(trader.next_id, option, LimitOrder("BUY", 1, 5.0))))
    assert told == [(105, "Order being modified does not match original order")]


def test_an_order_id_is_not_used_twice(trader):
    option = call(trader)
    trader.trade(option, 1)
    trader.next_id -= 1
    assert trader.exercise(option) == [(103, "Duplicate order id")]


def test_what_was_sold_since_is_not_exercised(trader):
    option = call(trader, expiry="20260515")
    trader.trade(option, 2)
    trader.exercise(option, 2)
    trader.trade(option, -1)
    trader.until(NIGHT)
    assert trader.told()[:3] == [("OPT", -1.0, 0.0, EXERCISED), ("BUY", 1.0, "LMT", 0.0), ("Filled", 1.0, 0.0)]
    assert trader.held(option) == 0


def test_what_is_not_held_any_more_is_cancelled(trader):
    option = call(trader, expiry="20260515")
    trader.trade(option, 1)
    trader.exercise(option)
    trader.trade(option, -1)
    trader.until(NIGHT)
    assert trader.told() == [NOT_CARRIED_OUT, *CANCELLED, CANCELED]
    assert trader.broker.next_due is None


def test_what_is_out_of_the_money_in_the_end_needs_override(make_trader, monkeypatch):
    for override, filled in ((False, False), (True, True)):
        trader = make_trader()
        option = call(trader)
        trader.trade(option, 1)
        trader.exercise(option, override=override)
        strike = option.strike
        monkeypatch.setattr(trader.broker.market, "fixing_price", lambda under, ending, strike=strike: strike - 1.0)
        trader.until(NIGHT)
        told = trader.told()
        assert (("Filled", 1.0, 0.0) in told) == filled
        assert (NOT_CARRIED_OUT in told) == (not filled)
        assert trader.held(option) == 0


# Refused


def test_natural_actions(trader):
    inside, outside = call(trader), call(trader, 6)
    for option in (inside, outside):
        trader.trade(option, 1)
    assert trader.exercise(outside) == [NOT_IN_THE_MONEY]
    assert trader.exercise(inside, action=LAPSE) == [IN_THE_MONEY]
    assert trader.exercise(outside, action=LAPSE) == TAKEN
    assert trader.exercise(inside) == TAKEN


def test_no_lapse_before_the_last_day(trader):
    option = call(trader, expiry="20260515")
    trader.trade(option, 1)
    assert trader.exercise(option, action=LAPSE, override=True) == [NOT_CARRIED_OUT]


def test_positions(trader):
    option = call(trader)
    assert trader.exercise(option) == [NO_POSITION]
    trader.trade(option, -1)
    assert trader.exercise(option) == [NO_POSITION]
    trader.trade(option, 2)
    other = "Error processing request.No unlapsed position exists in this option in account DU7."
    assert trader.exercise(option, account="DU7") == [(322, other)]
    assert trader.exercise(option, account="DU1234567") == TAKEN


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"action": 0}, (321, "Error validating request.-'cd' : cause - Invalid exercise action: 0")),
        ({"action": 3}, (321, "Error validating request.-'cd' : cause - Invalid exercise action: 3")),
        ({"quantity": 0}, (321, "Error validating request.-'cd' : cause - Invalid exercise quantity: 0")),
        ({"quantity": -1}, (321, "Error validating request.-'cd' : cause - Invalid exercise quantity: -1")),
        (
            {"customerAccount": "C1"},
            (
                145,
                "Error in validating entry fields -Account config doesn't allow to specify customer account value: C1 "
                "for account DU1234567",
            ),
        ),
        (
            {"professionalCustomer": True},
            (
                145,
                "Error in validating entry fields -Account config doesn't allow to assign 'true' value for "
                "ProfessionalCustomer for account DU1234567",
            ),
        ),
    ],
)
def test_fields(trader, fields, refused):
    option = call(trader)
    trader.trade(option, 1)
    assert trader.exercise(option, **fields) == [refused]


def test_contracts(trader):
    kind = "Error validating request.-'cd' : cause - Invalid security type - "
    assert trader.exercise(Stock("SPY", "SMART", "USD")) == [(321, f"{kind}STK")]
    assert trader.exercise(es()) == [(321, f"{kind}FUT")]
    unknown = [(200, "No security definition has been found for the request")]
    assert trader.exercise(spy(601.5, "C")) == unknown
    trader.until(at(18, 1))
    assert trader.exercise(call(trader)) == unknown
    nowhere = spy(600, "C", "20260515")
    nowhere.exchange = ""
    assert trader.exercise(nowhere) == [(321, "Error validating request.-'cd' : cause - Please enter exchange")]
