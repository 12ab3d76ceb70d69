"""What facts make of a trade: the sequences that real gateways send, modifications, errors, ends."""

from collections.abc import Callable
from typing import Any

import pytest

from ibdesk import codes
from ibdesk.client.state.order_lifecycle import MODIFY_TIME
from ibdesk.model.order import LimitOrder, MarketOrder, Order
from ibdesk.model.unset import UNSET_DOUBLE

STATUS = ["orderStatusEvent", "statusEvent"]
WARNED = [*STATUS, "warningEvent"]


# --- sequences of a paper gateway (server version 200, 2026) --------------------------------------------------------


def test_a_market_order_is_filled(desk: Any):
    trade = desk.place(MarketOrder("BUY", 100))
    assert (trade.isWaiting(), trade.isActive(), trade.isDone()) == (True, True, False)
    assert desk.emitted == ["newOrderEvent"]
    desk.show("PreSubmitted", orderType="MKT", lmtPrice=0.0)
    assert desk.status("PreSubmitted") == STATUS
    desk.emitted.clear()
    fill = desk.execute()
    assert desk.emitted == ["execDetailsEvent", "fillEvent", *STATUS, "filledEvent"]
    assert desk.emissions[-4].args == (trade, fill)
    assert trade.isDone()
    assert desk.status("Filled", 100.0) == []
    assert desk.report() == ["commissionReportEvent", "commissionReportEvent"]
    assert desk.emissions[-1].args == (trade, fill, fill.commissionReport)
    assert (trade.filled(), trade.remaining()) == (100.0, 0.0)
    assert trade.orderStatus.dict() == {
        "orderId": 5, "status": "Filled", "filled": 100.0, "remaining": 0.0, "avgFillPrice": 257.95,
        "permId": 1426086040, "parentId": 0, "lastFillPrice": 257.95, "clientId": 7, "whyHeld": "", "mktCapPrice": 0.0,
    }  # fmt: skip
    assert trade.order.lmtPrice == UNSET_DOUBLE
    lines = [(entry.status, entry.message) for entry in trade.log]
    assert lines == [("PendingSubmit", ""), ("PreSubmitted", ""), ("PreSubmitted", "Fill 100.0@257.95"), ("Filled", "")]


def test_filled_comes_before_its_execution(desk: Any):
    trade = desk.place()
    assert desk.status("Filled", 100.0) == [*STATUS, "filledEvent"]
    assert trade.filled() == 0
    desk.emitted.clear()
    desk.execute()
    assert desk.emitted == ["execDetailsEvent", "fillEvent"]
    assert trade.filled() == 100.0


def test_partial_fills(desk: Any):
    trade = desk.place()
    desk.status("Submitted")
    desk.emitted.clear()
    desk.execute(30.0, cumQty=30.0, execId="0000e0d5.69dd7411.01.01")
    assert desk.emitted == ["execDetailsEvent", "fillEvent", *STATUS]
    assert desk.status("Submitted", 30.0) == []
    assert (trade.isWorking(), trade.remaining(), trade.orderStatus.remaining) == (True, 70.0, 70.0)
    assert trade.orderStatus.total == 100.0
    desk.execute(70.0, cumQty=100.0, execId="0000e0d5.69dd7412.01.01")
    assert trade.orderStatus.status == "Filled"
    assert desk.emitted.count("filledEvent") == 1
    assert desk.emitted.count("fillEvent") == 2
    assert (trade.orderStatus.filled, trade.orderStatus.remaining) == (100.0, 0.0)


def test_executions_tell_how_far_the_order_has_got(desk: Any):
    """Statuses are not guaranteed."""
    trade = desk.place()
    desk.execute(70.0, cumQty=100.0, execId="0000e0d5.69dd7412.01.01", avgPrice=258.0, price=259.0)
    assert trade.orderStatus.status == "Filled"
    desk.execute(30.0, cumQty=30.0, execId="0000e0d5.69dd7411.01.01")
    at = trade.orderStatus
    assert (at.filled, at.remaining, at.avgFillPrice, at.lastFillPrice) == (100.0, 0.0, 258.0, 259.0)


def test_an_end_does_not_forget_fills(desk: Any):
    trade = desk.place()
    desk.execute(30.0, cumQty=30.0)
    desk.status("Cancelled", 0.0)
    assert (trade.orderStatus.status, trade.orderStatus.filled, trade.orderStatus.remaining) == (
        "Cancelled",
        30.0,
        70.0,
    )


def test_after_a_correction_only_fills_count(desk: Any):
    """Average prices too. A status does not say whether it knows of the correction."""
    trade = desk.place()
    desk.execute(50.0, cumQty=50.0, execId="0000e0d5.69dd7411.01.02", price=258.0, avgPrice=258.0)
    desk.status("Submitted", 60.0)
    desk.execute(60.0, cumQty=60.0, execId="0000e0d5.69dd7411.01.01")
    desk.execute(10.0, cumQty=70.0, execId="0000e0d5.69dd7412.01.01", price=264.0, avgPrice=0.0)
    at = trade.orderStatus
    assert (at.filled, at.remaining, at.avgFillPrice, at.lastFillPrice) == (60.0, 40.0, 259.0, 264.0)


def test_a_refused_order_that_turns_out_to_live_lives(desk: Any):
    trade = desk.place()
    desk.error(trade, 201, "Order rejected - reason:")
    desk.show(asked=True)
    desk.status("Submitted")
    assert (trade.isWorking(), trade.rejection) == (True, None)
    desk.status("Inactive")
    assert trade.rejection is None
    desk.status("Submitted")
    assert trade.isWorking(), "Inactive without a reason may pass"


def test_life_after_a_refusal_is_old_news(desk: Any):
    trade = desk.place()
    desk.status("Inactive")
    desk.error(trade, 201, "Order rejected - reason:")
    desk.status("PreSubmitted")
    desk.show("PreSubmitted")
    assert (trade.orderStatus.status, trade.rejection.code) == ("Inactive", 201)


def test_a_refused_order_that_the_server_does_not_know_is_inactive(desk: Any):
    trade = desk.place()
    desk.status("PreSubmitted")
    desk.error(trade, 201, "Order rejected - reason:")
    assert [entry.errorCode for entry in trade.warnings] == [201]
    desk.take(desk.orders.gone(trade, desk.now))
    assert (trade.orderStatus.status, trade.rejection.code, trade.warnings) == ("Inactive", 201, [])


def test_the_list_of_completed_orders_tells_of_refusals(desk: Any):
    trade = desk.place()
    desk.show("PreSubmitted")
    desk.complete("PreSubmitted", "Rejected by System: The exchange is closed.")
    assert (trade.rejection.code, trade.rejection.text) == (0, "Rejected by System: The exchange is closed.")
    assert desk.emitted.count("cancelledEvent") == 1
    desk.status("PreSubmitted")
    assert trade.orderStatus.status == "Inactive"
    desk.error(trade, 201, "Order rejected - reason:The exchange is closed.")
    assert trade.rejection.code == 201
    assert desk.emitted.count("cancelledEvent") == 1


def test_a_completed_order_is_at_its_end_without_a_reason_too(desk: Any):
    trade = desk.place()
    desk.show()
    desk.complete("Inactive", "Cancelled by System:\n")
    assert (trade.orderStatus.status, trade.rejection) == ("Inactive", None)
    assert desk.emitted.count("cancelledEvent") == 1


def test_a_refusal_is_the_reason_once_the_cancellation_is_refused(desk: Any):
    trade = desk.place()
    desk.status("Submitted")
    desk.cancel(trade)
    desk.error(trade, 201, "Order rejected - reason:")
    desk.status("Inactive")
    assert trade.rejection is None
    desk.error(trade, 161, "Cancel attempted when order is not in a cancellable state.")
    assert trade.rejection.code == 201
    assert desk.emitted.count("cancelledEvent") == 1


def test_only_an_answer_settles_a_doubt(desk: Any):
    """What was on its way before the error says nothing."""
    trade = desk.place()
    desk.error(trade, 99999, "who knows")
    desk.show()
    desk.status("Submitted")
    assert list(desk.orders.doubtful()) == [trade]
    desk.show(asked=True)
    assert list(desk.orders.doubtful()) == []


def test_a_cancellation_by_hand_is_no_refusal(desk: Any):
    trade = desk.place()
    desk.status("Submitted")
    desk.error(trade, 201, "Order rejected - reason:")
    desk.complete("Cancelled", "Cancelled by Trader")
    assert (trade.orderStatus.status, trade.rejection) == ("Cancelled", None)


def test_cancelled_then_202(desk: Any):
    trade = desk.place()
    desk.show()
    desk.status("Submitted")
    assert desk.cancel(trade) == ["cancelEvent", "statusEvent", "cancelOrderEvent", "orderStatusEvent"]
    assert trade.orderStatus.status == "PendingCancel"
    assert not trade.isDone()
    assert desk.status("Cancelled") == [*STATUS, "cancelledEvent"]
    assert desk.error(trade, 202, "Order Canceled - reason:") == []
    assert trade.orderStatus.status == "Cancelled"
    assert trade.rejection is None
    assert trade.log[-1].message == "Error 202, reqId 5: Order Canceled - reason:"
    assert trade.log[-1].errorCode == 202
    assert desk.cancel(trade) == []


def test_202_then_cancelled(desk: Any):
    trade = desk.place()
    desk.status("Submitted")
    assert desk.error(trade, 202, "Order Canceled - reason:") == [*STATUS, "cancelledEvent"]
    assert desk.status("Submitted") == []
    assert "cancelledEvent" not in desk.status("Cancelled")
    assert trade.orderStatus.status == "Cancelled"


def test_a_stop_waits_for_its_trigger(desk: Any):
    """The server makes up a limit price for a stop, and changes it."""
    order = Order(action="SELL", totalQuantity=100, orderType="STP", auxPrice=13.13)
    trade = desk.place(order)
    desk.show("PreSubmitted", action="SELL", orderType="STP", auxPrice=13.13, lmtPrice=13.16)
    desk.show("PreSubmitted", action="SELL", orderType="STP", auxPrice=13.13, lmtPrice=0.0)
    desk.status("PreSubmitted", whyHeld="trigger")
    assert trade.order is order
    assert (order.lmtPrice, order.auxPrice) == (UNSET_DOUBLE, 13.13)
    assert trade.orderStatus.whyHeld == "trigger"


def test_rejected_by_the_server(desk: Any):
    trade = desk.place()
    desk.show("Inactive")
    assert desk.status("Inactive") == STATUS
    assert desk.error(trade, 201, "Order rejected - reason:Exchange is closed.", "{}") == [*STATUS, "cancelledEvent"]
    assert trade.orderStatus.status == "Inactive"
    assert (trade.rejection.code, trade.rejection.text, trade.rejection.advanced) == (
        201,
        "Order rejected - reason:Exchange is closed.",
        "{}",
    )
    assert trade.advancedError == "{}"
    assert trade.warnings == []
    assert list(desk.orders.doubtful()) == []


def test_rejected_before_any_status(desk: Any):
    trade = desk.place()
    assert desk.error(trade, 110, "The price does not conform") == [*STATUS, "cancelledEvent"]
    assert (trade.orderStatus.status, trade.rejection.code) == ("Inactive", 110)
    assert "cancelledEvent" not in desk.status("Inactive", permId=0)
    assert trade.log[-2].message == "Error 110, reqId 5: The price does not conform"


def test_an_ioc_order_is_cancelled_without_202(desk: Any):
    trade = desk.place(LimitOrder("BUY", 100, 1, tif="IOC"))
    desk.status("PendingCancel")
    assert desk.status("Cancelled") == [*STATUS, "cancelledEvent"]
    assert trade.rejection is None


def test_an_order_that_was_not_transmitted_is_cancelled_at_once(desk: Any):
    trade = desk.place(LimitOrder("BUY", 100, 1, transmit=False))
    names = desk.cancel(trade)
    assert names == ["cancelEvent", "statusEvent", "cancelOrderEvent", "orderStatusEvent", "cancelledEvent"]
    assert trade.orderStatus.status == "Cancelled"


# --- modifications --------------------------------------------------------------------------------------------------


def test_a_modification_is_acknowledged(desk: Any):
    trade = desk.place()
    desk.show()
    desk.status("Submitted")
    trade.order.lmtPrice = 258.0
    desk.emitted.clear()
    assert desk.place(trade.order) is trade
    assert desk.emitted == ["modifyEvent", "orderModifyEvent"]
    desk.show(lmtPrice=257.95)
    assert trade.order.lmtPrice == 258.0, "an echo from before the modification"
    desk.show(lmtPrice=258.0)
    assert desk.status("Submitted") == STATUS
    assert [entry.message for entry in trade.log[-2:]] == ["Modify", "Modified"]
    assert desk.status("Submitted") == []
    desk.show(lmtPrice=258.5)
    assert trade.order.lmtPrice == 258.5, "changed by hand in TWS"


def test_a_modification_by_another_order_object(desk: Any):
    trade = desk.place()
    desk.show()
    order = LimitOrder("BUY", 50, 258)
    assert desk.place(order) is trade
    assert trade.order is order
    assert (order.orderId, order.clientId, order.permId) == (5, 7, 1426086040)


@pytest.mark.parametrize("code", [110, 201, 105, 329])
def test_a_refused_modification_leaves_the_order_alive(desk: Any, code: int):
    trade = desk.place()
    desk.show()
    desk.status("Submitted")
    trade.order.lmtPrice = 258.001
    desk.place(trade.order)
    assert desk.error(trade, code, "no") == WARNED
    assert (trade.orderStatus.status, trade.rejection) == ("Submitted", None)
    assert [entry.errorCode for entry in trade.warnings] == [code]
    assert trade.warnings[0] is trade.log[-1]
    desk.show()
    assert trade.order.lmtPrice == 257.95, "what the server still has"


def test_what_was_refused_is_taken_back_at_once(desk: Any):
    """Or the next change would send it again."""
    trade = desk.place()
    desk.show()
    trade.order.lmtPrice = 1e6
    desk.place(trade.order)
    desk.error(trade, 201, "Order rejected - reason: too much")
    assert (trade.order.lmtPrice, [entry.errorCode for entry in trade.warnings]) == (257.95, [201])
    trade.order.totalQuantity = 50
    assert desk.orders.outgoing(trade.order, trade).lmtPrice == 257.95


def test_of_several_changes_the_server_is_asked_which_was_refused(desk: Any):
    trade = desk.place()
    desk.show()
    for price in (1e6, 258.0):
        trade.order.lmtPrice = price
        desk.place(trade.order)
    desk.error(trade, 201, "no")
    assert (trade.order.lmtPrice, list(desk.orders.doubtful())) == (258.0, [trade])
    desk.show(asked=True, lmtPrice=258.0)
    assert (trade.order.lmtPrice, list(desk.orders.doubtful())) == (258.0, [])


def test_echoes_of_partial_fills_do_not_undo_a_change(desk: Any):
    trade = desk.place(LimitOrder("BUY", 100, 257.95, tif="DAY"))
    desk.show(tif="DAY")
    trade.order.tif, trade.order.outsideRth = "GTC", True
    desk.place(trade.order)
    for _ in range(3):
        desk.show(tif="DAY")
        assert (trade.order.tif, trade.order.outsideRth) == ("GTC", True)
    assert desk.orders.awaited(trade) is not None
    desk.show(tif="GTC", outsideRth=True)
    assert desk.orders.awaited(trade) is None
    desk.show(tif="DAY")
    assert trade.order.tif == "DAY", "changed by hand in TWS"


def test_a_change_there_and_back(desk: Any):
    trade = desk.place(LimitOrder("BUY", 100, 100.0))
    desk.show(lmtPrice=100.0)
    for price in (101.0, 100.0):
        trade.order.lmtPrice = price
        desk.place(trade.order)
    for price in (100.0, 101.0, 100.0):
        desk.show(lmtPrice=price)
        assert trade.order.lmtPrice == 100.0
    assert desk.orders.awaited(trade) is None
    desk.show(lmtPrice=101.0)
    assert trade.order.lmtPrice == 101.0, "changed by hand in TWS"


def test_a_change_there_and_back_of_which_one_echo_tells(desk: Any):
    trade = desk.place(LimitOrder("BUY", 100, 100.0))
    desk.show(lmtPrice=100.0)
    for price in (101.0, 100.0):
        trade.order.lmtPrice = price
        desk.place(trade.order)
    desk.show(lmtPrice=100.0)
    assert desk.orders.awaited(trade) is None, "nothing is missing"
    desk.wait(MODIFY_TIME.total_seconds())
    desk.show(lmtPrice=101.0)
    assert trade.order.lmtPrice == 101.0


@pytest.mark.parametrize(
    "shown, reached", [(257.95, False), (258.12, True), (258.123, True), (258.1230000000001, True)]
)
def test_a_change_did_not_reach_the_server_where_it_still_shows_what_was_before(desk: Any, shown: float, reached: bool):
    trade = desk.place()
    desk.show()
    trade.order.lmtPrice = 258.123
    desk.place(trade.order)
    desk.take(desk.orders.unheard(trade, desk.now))
    desk.show()
    desk.show(asked=True, lmtPrice=shown)
    told = [entry.message for entry in trade.warnings]
    assert ("The modification did not reach the server" in told) == (not reached)
    assert trade.order.lmtPrice == pytest.approx(shown, rel=1e-9)
    assert not trade.isUncertain()


def test_a_modification_without_an_answer_ends_in_time(desk: Any):
    trade = desk.place()
    desk.show()
    trade.order.lmtPrice = 258.001
    desk.place(trade.order)
    desk.wait(MODIFY_TIME.total_seconds())
    desk.show(lmtPrice=258.0)
    assert trade.order.lmtPrice == 258.0


def test_a_smaller_size_is_not_filled_before_the_server_has_it(desk: Any):
    trade = desk.place()
    desk.show()
    trade.order.totalQuantity = 50
    desk.place(trade.order)
    desk.execute(50.0, cumQty=50.0)
    assert trade.isActive()
    desk.show(totalQuantity=100.0)
    assert trade.order.totalQuantity == 50
    desk.status("Filled", 50.0, remaining=0.0)
    assert trade.orderStatus.status == "Filled"


@pytest.mark.parametrize("code", [103, 104, 135])
@pytest.mark.parametrize("modifies", [True, False])
def test_a_code_that_denies_the_life_of_a_live_order_is_a_doubt(desk: Any, code: int, modifies: bool):
    trade = desk.place()
    desk.show()
    desk.status("Submitted")
    if modifies:
        desk.place(trade.order)
    assert desk.error(trade, code, "no") == WARNED
    assert (trade.isActive(), trade.isUncertain(), list(desk.orders.doubtful())) == (True, True, [trade])
    desk.take(desk.orders.gone(trade, desk.now))
    assert (trade.orderStatus.status, trade.rejection) == ("ApiCancelled", None), "it is not what ended the order"


def test_what_is_refused_before_order_and_change_are_acknowledged_is_a_doubt(desk: Any):
    trade = desk.place()
    desk.place(trade.order)
    assert desk.error(trade, 110, "The price does not conform") == WARNED
    assert (trade.isActive(), list(desk.orders.doubtful())) == (True, [trade])
    desk.show(asked=True)
    assert (trade.isActive(), trade.rejection, list(desk.orders.doubtful())) == (True, None, [])
    other = desk.place(orderId=6)
    desk.place(other.order, orderId=6)
    desk.error(other, 110, "The price does not conform")
    desk.take(desk.orders.gone(other, desk.now))
    assert (other.orderStatus.status, other.rejection.code) == ("Inactive", 110)


@pytest.mark.parametrize(
    "tell",
    [
        lambda desk: desk.show(),
        lambda desk: desk.status("PreSubmitted"),
        lambda desk: desk.status("PendingSubmit"),
        lambda desk: desk.execute(10.0, cumQty=10.0),
    ],
)
def test_an_order_that_was_given_up_is_acknowledged_after_all(desk: Any, tell: Callable[[Any], object]):
    trade = desk.place()
    assert desk.orders.awaited(trade) is not None
    assert desk.take(desk.orders.unheard(trade, desk.now)) == WARNED
    desk.take(desk.orders.gone(trade, desk.now))
    assert (trade.isUncertain(), list(desk.orders.doubtful())) == (True, [])
    tell(desk)
    assert (trade.isUncertain(), trade.isActive(), desk.orders.awaited(trade)) == (False, True, None)


def test_a_change_that_was_given_up_is_answered_after_all(desk: Any):
    trade = desk.place()
    desk.show()
    trade.order.lmtPrice = 258.0
    desk.place(trade.order)
    desk.take(desk.orders.unheard(trade, desk.now))
    desk.show()
    assert trade.isUncertain(), "that was on its way before"
    desk.show(lmtPrice=258.0)
    assert not trade.isUncertain()


def test_a_size_that_was_not_sent_does_not_count(desk: Any):
    trade = desk.place()
    desk.show()
    trade.order.totalQuantity = 50
    desk.execute(50.0, cumQty=50.0)
    assert (trade.orderStatus.status, trade.orderStatus.remaining) == ("PendingSubmit", 50.0)
    assert "filledEvent" not in desk.emitted
    desk.status("Cancelled", 50.0, remaining=0.0)
    assert (trade.orderStatus.remaining, trade.order.totalQuantity) == (50.0, 50)


def test_a_done_order_cannot_be_modified(desk: Any):
    desk.place()
    desk.execute()
    with pytest.raises(ValueError, match="order 5 is Filled and cannot be modified"):
        desk.place()


# --- errors ---------------------------------------------------------------------------------------------------------

WARNINGS = [code for code in codes.table() if codes.is_warning(code)] + [2199]


@pytest.mark.parametrize("code", WARNINGS)
def test_a_warning_leaves_the_status_alone(desk: Any, code: int):
    trade = desk.place()
    for status in ("PendingSubmit", "Submitted"):
        desk.status(status)
        assert desk.error(trade, code, "mind") == WARNED
        assert desk.emissions[-1].args == (trade, trade.log[-1])
        assert (trade.orderStatus.status, trade.rejection) == (status, None)
    assert [entry.message for entry in trade.warnings] == [f"Warning {code}, reqId 5: mind"] * 2
    assert list(desk.orders.doubtful()) == []


@pytest.mark.parametrize("code", [*sorted(set(codes.table()) - {202}), 99999])
def test_no_code_but_202_ends_a_live_order(desk: Any, code: int):
    trade = desk.place()
    desk.status("Submitted")
    desk.error(trade, code, "text")
    assert trade.orderStatus.status == "Submitted"


def test_an_unknown_code_is_a_doubt_that_the_server_settles(desk: Any):
    trade = desk.place()
    desk.error(trade, 99999, "who knows")
    assert trade.isActive()
    assert [entry.errorCode for entry in trade.warnings] == [99999]
    assert list(desk.orders.doubtful()) == [trade]
    desk.show(asked=True)
    assert list(desk.orders.doubtful()) == []


def test_an_order_that_the_server_does_not_know_is_gone(desk: Any):
    trade = desk.place()
    desk.error(trade, 99999)
    assert desk.take(desk.orders.gone(trade, desk.now)) == [*STATUS, "cancelledEvent"]
    assert trade.orderStatus.status == "ApiCancelled"
    assert desk.take(desk.orders.gone(trade, desk.now)) == []
    desk.status("Submitted")
    assert trade.isActive(), "it was on its way"


def test_a_refusal_of_an_acknowledged_order_waits_for_its_status(desk: Any):
    trade = desk.place()
    desk.status("PreSubmitted")
    desk.error(trade, 201, "Order rejected - reason:")
    assert (trade.isActive(), trade.rejection) == (True, None)
    assert list(desk.orders.doubtful()) == [trade]
    assert desk.status("Inactive") == [*STATUS, "cancelledEvent"]
    assert trade.rejection.code == 201


def test_a_filled_order_is_not_refused(desk: Any):
    trade = desk.place()
    desk.execute()
    desk.error(trade, 104, "Cannot modify a filled order")
    assert (trade.orderStatus.status, trade.rejection) == ("Filled", None)
    assert [entry.errorCode for entry in trade.warnings] == [104]


@pytest.mark.parametrize("state", ["Cancelled", "Filled", "Submitted", "PendingCancel", "Inactive"])
@pytest.mark.parametrize("can", ["can not", "cannot"])
def test_10148_tells_the_state(desk: Any, state: str, can: str):
    trade = desk.place()
    desk.status("Submitted")
    desk.cancel(trade)
    desk.error(trade, 10148, f"OrderId 5 that needs to be cancelled {can} be cancelled, state: {state}.")
    assert trade.orderStatus.status == state
    assert trade.log[-1].errorCode == 10148
    assert list(desk.orders.doubtful()) == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (10147, "OrderId 5 that needs to be cancelled is not found."),
        (10148, "OrderId 5 that needs to be cancelled can not be cancelled."),
        (161, "Cancel attempted when order is not in a cancellable state."),
        (136, "This order cannot be cancelled."),
    ],
)
def test_a_refused_cancellation_leaves_the_order_as_it_was(desk: Any, code: int, text: str):
    trade = desk.place()
    desk.status("Submitted")
    desk.cancel(trade)
    desk.cancel(trade)
    assert desk.error(trade, code, text) == WARNED
    assert trade.orderStatus.status == "Submitted"
    assert trade.warnings[-1].errorCode == code
    assert list(desk.orders.doubtful()) == [trade]
    desk.complete("Cancelled", "Cancelled by Trader")
    assert (trade.orderStatus.status, list(desk.orders.doubtful())) == ("Cancelled", [])


def test_a_cancellation_that_loses_the_race(desk: Any):
    trade = desk.place()
    desk.status("Submitted")
    desk.cancel(trade)
    desk.execute()
    assert trade.orderStatus.status == "Filled"
    desk.error(trade, 161, "Cancel attempted")
    assert trade.orderStatus.status == "Filled"
    assert list(desk.orders.doubtful()) == []
    assert "cancelledEvent" not in desk.emitted


def test_an_order_that_is_being_cancelled_may_still_fill(desk: Any):
    """`isActive` says no, as in ib_async."""
    trade = desk.place()
    desk.status("Submitted")
    desk.cancel(trade)
    assert (trade.isActive(), trade.mayFill()) == (False, True)
    desk.execute(40.0, cumQty=40.0)
    assert (trade.orderStatus.status, trade.filled(), trade.mayFill()) == ("PendingCancel", 40.0, True)
    desk.status("Cancelled", 40.0)
    assert not trade.mayFill()


def test_an_inactive_order_may_fill_until_its_end_is_certain(desk: Any):
    trade = desk.place()
    desk.status("Inactive")
    assert (trade.mayFill(), trade.ended) == (True, False)
    desk.error(trade, 201, "Order rejected - reason:")
    assert (trade.mayFill(), trade.ended) == (False, True)
    other = desk.complete("Inactive", "Cancelled by System:\n", permId=9)
    assert (other.orderStatus.status, other.rejection, other.mayFill()) == ("Inactive", None, False)


def test_filled_counts_more_than_cancelled(desk: Any):
    trade = desk.place()
    desk.status("Cancelled")
    desk.execute()
    assert trade.orderStatus.status == "Filled"
    assert desk.status("Cancelled") == []


def test_an_order_that_only_asks_what_it_would_cost_is_never_in_doubt(desk: Any):
    """It is answered by its margins, and no status or list tells of it."""
    trade = desk.place(LimitOrder("BUY", 100, 1.0, whatIf=True))
    assert desk.orders.awaited(trade) is None
    assert desk.take(desk.orders.lose_sight("The connection ended", desk.now)) == []
    desk.orders.doubt([trade], "It is not among the open orders")
    assert list(desk.orders.doubtful()) == []
    assert (trade.uncertainty, [entry.message for entry in trade.log]) == ("", [""])
