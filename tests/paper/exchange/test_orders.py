"""Refusals, changes, cancels, echoes, what-if and what is remembered."""

import pytest
from paper.exchange.conftest import stock

from ibdesk.model.order import LimitOrder, Order
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.paper.exchange import OrderEchoed, OrderError, StatusChanged
from ibdesk.paper.exchange.facts import OrderKey
from ibdesk.paper.exchange.order_fields import normalize_order

OFF_TICK = "The price does not conform to the minimum price variation for this contract."
NOT_ABOVE_ZERO = "Error validating request.-'bH' : cause - The price has to be above zero"
TRIGGER = "Error validating request.-'bH' : cause - Invalid trigger method"
STOP_PRICE = "Error validating request.-'bH' : cause - Please enter a stop price"


@pytest.mark.parametrize(
    ("kind", "fields", "code", "text"),
    [
        ("LMT", {"lmtPrice": 100.001}, 110, OFF_TICK),
        ("STP", {"auxPrice": 99.999}, 110, OFF_TICK),
        ("LMT", {}, 321, "Error validating request.-'bH' : cause - Please enter a limit price"),
        ("STP", {}, 321, STOP_PRICE),
        ("TRAIL", {}, 321, STOP_PRICE),
        ("TRAIL LIMIT", {"auxPrice": 1.0, "lmtPriceOffset": 0.1}, 321, STOP_PRICE),
        ("NONSENSE", {}, 321, "Error validating request.-'bH' : cause - Invalid order type was entered"),
        ("PEG MID", {}, 387, "Unsupported order type for this exchange and security type."),
        ("MOC", {}, 387, "Unsupported order type for this exchange and security type."),
        ("LMT", {"lmtPrice": 0.0}, 321, f"{NOT_ABOVE_ZERO}, not 0.0"),
        ("LMT", {"lmtPrice": -5.0}, 321, f"{NOT_ABOVE_ZERO}, not -5.0"),
        ("MKT", {"displaySize": 10}, 387, "Unsupported order type for this exchange and security type."),
        ("MKT", {"tif": "SOON"}, 321, "Error validating request.-'bH' : cause - Invalid time in force was entered"),
        ("MKT", {"account": "DU1"}, 321, "Error validating request.-'bH' : cause - Invalid account code 'DU1'."),
        ("STP", {"auxPrice": 99.0, "triggerMethod": 5}, 321, TRIGGER),
        ("MOC", {"tif": "GTC"}, 113, "The Tif option should be set to DAY for MOC and LOC orders."),
    ],
)  # fmt: skip
def test_refused_at_once(trader, kind, fields, code, text):
    order = trader.place("BUY", 100, kind, **fields)
    assert trader.facts == [OrderError(OrderKey(1, order), code, text)]
    assert trader.exchange.next_order_id(1) == order, "a refused id is not used up"


@pytest.mark.parametrize(("quantity", "code"), [(0, 434), (-5, 434), (0.5, 10243)])
def test_sizes_that_are_refused(trader, quantity, code):
    trader.place("BUY", quantity)
    assert [code for code, _ in trader.errors()] == [code]


def test_sizes_by_the_details(make):
    trader = make(stock(minSize=10.0, sizeIncrement=5.0))
    trader.place("BUY", 5)
    assert trader.errors()[0][0] == 388
    trader.place("BUY", 12)
    assert trader.errors()[0][0] == 10250


def test_bad_action_and_times(trader):
    trader.place("HOLD", 1)
    assert trader.errors() == [(303, "Invalid action: HOLD")]
    trader.place("BUY", 1, goodAfterTime="tomorrow")
    assert trader.errors()[0][0] == 337
    for zone in ("Moon/Base", "12", "+05:30"):
        trader.place("BUY", 1, goodAfterTime=f"20260415 11:00:00 {zone}")
        assert trader.errors()[0][0] == 337
    trader.place("BUY", 1, tif="GTD", goodTillDate="20260416 11:00:00 Moon/Base")
    assert trader.errors()[0][0] == 343
    trader.place("BUY", 1, tif="GTD", goodTillDate="")
    assert trader.errors()[0][0] == 343


def test_duplicate_ids(trader):
    trader.place("BUY", 1, orderId=10)
    trader.place("BUY", 1, orderId=9)
    assert trader.errors() == [(103, "Duplicate order id")]
    trader.place("BUY", 2, orderId=10)
    assert trader.errors() == [(104, "Cannot modify a filled order")]
    trader.place("BUY", 1, orderId=9, client=2)
    assert trader.errors() == [], "every client has its own numbers"
    assert [fact.key.permId for fact in trader.exchange.executions] == [1426086040, 1426086041]


def test_funds(make):
    trader = make(cash=9999.0)
    trader.quote(100.00, 100.00)
    trader.place("BUY", 2000)
    assert trader.story() == ["Inactive", 201]
    ((_, text),) = trader.errors()
    assert text.startswith(
        "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION"
    )
    assert text.endswith("EQUITY WITH LOAN VALUE [9988.99 USD] MUST EXCEED THE INITIAL MARGIN [50000.00 USD]")
    order = trader.place("BUY", 100)
    assert trader.status(order) == "Filled"
    trader.place("SELL", 100)
    assert trader.story()[-1] == "Filled", "what closes a position is always welcome"


def test_too_many_orders_on_one_side(trader):
    for _ in range(15):
        trader.place("BUY", 1, "LMT", lmtPrice=90.0)
    trader.place("BUY", 1, "LMT", lmtPrice=90.0)
    assert trader.story() == ["Inactive", 201]
    trader.place("SELL", 1, "LMT", lmtPrice=110.0)
    assert trader.errors() == []


def test_a_price_that_the_type_does_not_use_is_ignored(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00, auxPrice=101.00)
    trader.place("BUY", 100, "MKT", orderId=order, lmtPrice=98.00, auxPrice=101.00)
    assert (trader.errors(), trader.fills(order)) == ([], [(100.0, 100.02)])
    assert trader.fills(trader.place("SELL", 100, "MKT", lmtPrice=-7.003)) == [(100.0, 100.00)]
    assert trader.fills(trader.place("BUY", 100, "STP", lmtPrice=99.00, auxPrice=100.01)) == [(100.0, 100.02)]


def test_cancel(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00)
    trader.cancel(order)
    assert trader.story() == ["PendingCancel", "Cancelled", 202]
    assert trader.errors() == [(202, "Order Canceled - reason:")]
    trader.cancel(order)
    assert trader.errors() == [
        (10148, f"OrderId {order} that needs to be cancelled can not be cancelled, state: Cancelled.")
    ]
    trader.cancel(141)
    assert trader.facts == [OrderError(OrderKey(1, 141), 10147, "OrderId 141 that needs to be cancelled is not found.")]


def test_another_client_may_cancel_when_it_is_clear_what_is_meant(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00, orderId=41)
    trader.cancel(order, client=2)
    assert trader.status(order) == "Cancelled"
    for client in (1, 3):
        trader.place("BUY", 100, "LMT", lmtPrice=99.00, orderId=42, client=client)
    trader.cancel(42, client=2)
    assert trader.errors()[0][0] == 10147


def test_cancel_all(trader):
    orders = [trader.place("BUY", 1, "LMT", lmtPrice=99.00, client=client, orderId=client) for client in (1, 2, 3)]
    held = trader.place("BUY", 1, transmit=False)
    trader.facts = trader.exchange.cancel_all(trader.now)
    assert [trader.status(order) for order in (*orders, held)] == ["Cancelled"] * 4
    assert trader.exchange.open_orders() == []


def test_modify(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00)
    trader.place("BUY", 200, "LMT", lmtPrice=99.50, orderId=order)
    assert trader.story() == ["Submitted"]
    assert (trader.echoes()[0].lmtPrice, trader.echoes()[0].totalQuantity) == (99.5, 200)
    trader.place("BUY", 200, "MKT", orderId=order)
    assert trader.story() == ["Submitted", (200.0, 100.02), "Filled"]


@pytest.mark.parametrize(("action", "fields"), [("SELL", {}), ("BUY", {"ocaGroup": "g"}), ("BUY", {"parentId": 3})])
def test_what_cannot_be_modified(trader, action, fields):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00)
    trader.place(action, 100, "LMT", lmtPrice=99.00, orderId=order, **fields)
    assert trader.errors() == [(105, "Order being modified does not match original order")]
    assert trader.status(order) == "Submitted"


def test_only_what_is_known_can_be_modified(trader):
    order = LimitOrder("BUY", 1, 99.0, orderId=77)
    (fact,) = trader.exchange.modify(1, trader.contract, trader.details, order, trader.now)
    assert (fact.key, fact.code) == (OrderKey(1, 77), 135)


def test_a_held_order_may_change_before_it_is_transmitted(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00, transmit=False)
    trader.place("BUY", 200, "LMT", lmtPrice=99.00, transmit=False, orderId=order)
    assert trader.facts == []
    trader.place("BUY", 300, "LMT", lmtPrice=99.00, orderId=order)
    assert trader.facts[-1].remaining == 300.0


def test_a_change_of_an_order_at_work_cannot_be_held_back(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00)
    trader.place("BUY", 100, "LMT", lmtPrice=99.50, transmit=False, orderId=order)
    ((code, text),) = trader.errors()
    assert code == 321
    assert "transmit=False" in text
    assert trader.exchange.open_orders()[0].order.lmtPrice == 99.0


def test_modify_keeps_what_is_filled(trader):
    trader.quote(100.00, 100.02, askSize=60)
    order = trader.place("BUY", 100, "LMT", lmtPrice=100.02)
    trader.place("BUY", 80, "LMT", lmtPrice=100.02, orderId=order)
    assert (trader.facts[-1].filled, trader.facts[-1].remaining) == (60.0, 20.0)


@pytest.mark.parametrize("quantity", [60, 50])
def test_an_order_made_no_larger_than_its_fills_is_filled(trader, quantity):
    """As the FIX protocol has it (4.2, matrix D11): "filled" takes precedence over "canceled" and "replaced"."""
    trader.quote(100.00, 100.02, askSize=60)
    other = trader.place("BUY", 10, "LMT", lmtPrice=99.00, ocaGroup="g", ocaType=2)
    order = trader.place("BUY", 100, "LMT", lmtPrice=100.02, ocaGroup="g", ocaType=2)
    child = trader.place("SELL", 60, "LMT", lmtPrice=105.00, parentId=order)
    trader.place("BUY", quantity, "LMT", lmtPrice=100.02, orderId=order, ocaGroup="g", ocaType=2)
    assert trader.echoes()[0].totalQuantity == 60.0
    assert trader.story(order)[-1] == "Filled"
    assert (trader.status(child), trader.status(other)) == ("Submitted", "Cancelled")


def test_modify_beyond_the_funds_leaves_the_order_alone(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00)
    trader.place("BUY", 10_000_000, "LMT", lmtPrice=99.00, orderId=order)
    assert trader.errors()[0][0] == 201
    assert trader.status(order) == "Submitted"


def test_echo_completes_a_copy():
    order = LimitOrder("SELL", 100, 78.38)
    before = order.dict()
    told = normalize_order(order, OrderKey(1, 7, 99), "DU1")
    assert order.dict() == before
    assert (told.clientId, told.orderId, told.permId, told.account) == (1, 7, 99, "DU1")
    assert (told.tif, told.ocaType, told.trailStopPrice, told.auxPrice) == ("DAY", 3, UNSET_DOUBLE, 0.0)
    assert (told.deltaNeutralOrderType, told.clearingIntent, told.dontUseAutoPriceForHedge) == ("None", "IB", True)
    assert normalize_order(Order(orderType="MKT", tif="GTX"), OrderKey(1, 8), "DU1").tif == "GTC"
    assert normalize_order(Order(orderType="MKT"), OrderKey(1, 8), "DU1").lmtPrice == 0.0


def test_echo_keeps_what_the_order_says():
    order = LimitOrder("BUY", 1, 5.0, tif="GTC", ocaType=1, ocaGroup="mine", account="DU2")
    told = normalize_order(order, OrderKey(1, 7), "DU1", oca_group="theirs")
    assert (told.tif, told.ocaType, told.ocaGroup, told.account) == ("GTC", 1, "mine", "DU2")
    assert told.conditions is not order.conditions


def test_what_if_answers_and_places_nothing(trader):
    trader.place("BUY", 100, whatIf=True, orderId=5)
    (fact,) = trader.facts
    assert isinstance(fact, OrderEchoed)
    numbers = fact.state.numeric()
    assert fact.state.status == "PreSubmitted"
    assert (numbers.initMarginBefore, numbers.initMarginChange, numbers.initMarginAfter) == (0.0, 2500.5, 2500.5)
    assert numbers.equityWithLoanBefore == 1_000_000.0
    assert numbers.equityWithLoanChange == pytest.approx(-1.0, abs=0.01)
    assert (numbers.commission, fact.state.commissionCurrency, fact.state.minCommission) == (1.0, "USD", UNSET_DOUBLE)
    assert trader.exchange.open_orders() == []
    assert trader.exchange.next_order_id(1) == 1
    trader.place("BUY", 100, whatIf=True, transmit=False)
    assert trader.errors() == [(413, "What-if order should have the transmit flag set to true.")]


def test_what_is_remembered(trader):
    filled = trader.place("BUY", 100)
    cancelled = trader.place("BUY", 100, "LMT", lmtPrice=99.00)
    trader.cancel(cancelled)
    resting = trader.place("BUY", 100, "LMT", lmtPrice=98.00)
    first, second = trader.exchange.completed_orders
    assert (first.key.orderId, first.order.totalQuantity, first.order.filledQuantity) == (filled, 0.0, 100.0)
    assert (first.state.completedStatus, first.state.completedTime) == (
        "Filled Size: 100",
        "20260415 11:00:00 US/Eastern",
    )
    assert (second.state.status, second.state.completedStatus) == ("Cancelled", "Cancelled by Trader")
    echo_fact, status = trader.exchange.open_orders(client_id=1)
    assert (echo_fact.key.orderId, status.status) == (resting, "Submitted")
    assert echo_fact.state.initMarginBefore == "1.7976931348623157E308"
    assert trader.exchange.open_orders(client_id=2) == []
    trader.exchange.start_day(trader.now)
    assert (trader.exchange.completed_orders, trader.exchange.executions) == ((), ())
    assert trader.exchange.next_order_id(1) == resting + 1


def test_facts_do_not_change_afterwards(trader):
    order = trader.place("BUY", 100, "LMT", lmtPrice=99.00)
    old = trader.echoes()[0]
    trader.place("BUY", 100, "LMT", lmtPrice=99.50, orderId=order)
    assert old.lmtPrice == 99.0
    assert isinstance(trader.facts[-1], StatusChanged)
