"""Which trade a message is about: permIds, reused orderIds, orders of others, what comes too early."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ibdesk.client.state.orders import Orders
from ibdesk.model.contract import Bag, ComboLeg, Contract, Stock
from ibdesk.model.executions import Execution, Fill
from ibdesk.model.order import LimitOrder, Order
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages.executions import ExecDetails

STATUS = ["orderStatusEvent", "statusEvent"]


def test_place_sets_the_ids(desk: Any):
    order = LimitOrder("BUY", 100, 1, permId=99)
    trade = desk.place(order, orderId=8)
    assert (order.orderId, order.clientId, order.permId) == (8, 7, 0)
    assert trade.order is order
    assert trade.contract is desk.contract
    assert desk.emissions[0].args == (trade,)
    assert desk.orders.all() == [trade]
    assert desk.orders.find(7, 8) is trade
    assert desk.orders.find(6, 8) is desk.orders.find(7, 9) is None
    desk.show(orderId=8)
    assert order.permId == 1426086040
    assert desk.orders.find(0, 0, 1426086040) is trade


def test_an_order_of_another_client_is_adopted(desk: Any):
    trade = desk.show("PreSubmitted", clientId=3, orderRef="?", account="DU1", openClose="?")
    assert desk.emitted == ["openOrderEvent"]
    assert desk.emissions[0].args == (trade,)
    assert type(trade.contract) is Stock
    assert (trade.orderStatus.status, trade.orderStatus.orderId) == ("PreSubmitted", 5)
    assert (trade.order.orderRef, trade.order.openClose, trade.order.account) == ("", "O", "DU1")
    assert desk.status("Submitted", clientId=3) == STATUS
    assert trade.isWorking()
    assert desk.show(clientId=3, lmtPrice=1.0) is trade
    assert trade.order.lmtPrice == 1.0


def test_what_the_server_showed_last_is_kept_apart_from_what_the_program_wants(desk: Any):
    trade = desk.place()
    assert trade.serverOrder is None
    desk.show(lmtPrice=257.0)
    assert (trade.order.lmtPrice, trade.serverOrder.lmtPrice) == (257.0, 257.0)
    trade.order.lmtPrice, trade.order.action = 258.0, "SELL"
    assert (trade.order.lmtPrice, trade.serverOrder.lmtPrice) == (258.0, 257.0)
    assert (trade.order.action, trade.serverOrder.action) == ("SELL", "BUY")
    adopted = desk.show(orderId=9, permId=9, lmtPrice=1.0)
    adopted.order.lmtPrice = 2.0
    assert adopted.serverOrder.lmtPrice == 1.0


def test_an_answer_is_not_announced(desk: Any):
    desk.show(asked=True)
    assert desk.emitted == []


def test_a_what_if_is_no_trade(desk: Any):
    assert desk.show(whatIf=True) is None
    assert (desk.emitted, desk.orders.all()) == ([], [])


def test_orders_placed_by_hand_are_known_by_permId(desk: Any):
    one = desk.show(orderId=0, clientId=0, permId=11)
    other = desk.show(orderId=0, clientId=0, permId=12)
    assert one is not other
    desk.status("Submitted", orderId=0, clientId=0, permId=12)
    assert (one.orderStatus.filled, other.orderStatus.remaining) == (0.0, 100.0)
    desk.execute(orderId=UNSET_INTEGER, clientId=0, permId=11)
    assert (one.filled(), other.filled()) == (100.0, 0.0)
    assert one.fills[0].execution.orderId == 0
    order = Order(orderId=0, permId=12)
    trade, emissions, _ = desk.orders.place(desk.contract, order, 0, 0, desk.now)
    assert trade is other
    assert [event for event, _ in emissions][1] == "orderModifyEvent"


def test_an_execution_never_goes_to_an_order_with_another_permId(desk: Any):
    trade = desk.place()
    desk.show(permId=222)
    fill = desk.execute(permId=111)
    assert trade.fills == []
    assert desk.orders.all_fills() == [fill]
    assert "fillEvent" not in desk.emitted
    assert desk.report() == []
    assert fill.commissionReport.commission == 1.0


def test_an_orderId_that_comes_again_is_another_order(desk: Any):
    """orderIds start again in another session."""
    old = desk.place()
    desk.status("Cancelled", permId=111)
    new = desk.show(permId=222)
    assert new is not old
    assert desk.orders.find(7, 5) is new
    desk.status("Submitted", permId=222)
    assert (old.orderStatus.status, new.orderStatus.status) == ("Cancelled", "Submitted")


def test_two_live_orders_with_one_orderId(desk: Any):
    """A modification while the connection is lost can make a second order of the first."""
    trade = desk.place()
    desk.show(permId=111)
    twin = desk.show(permId=222)
    assert twin is not trade
    assert desk.orders.find(7, 5) is trade
    assert desk.emitted.count("warningEvent") == 2
    text = "The server has several live orders with orderId 5: permIds 111, 222"
    assert trade.warnings[0].message == twin.warnings[0].message == text
    assert (trade.incarnations, twin.incarnations) == ([twin], [trade])
    [conflict] = desk.reported
    assert (conflict.kind, conflict.trade, conflict.contract) == ("conflict", twin, twin.contract)
    assert (conflict.ours["permId"], conflict.theirs["permId"]) == (111, 222)
    desk.show("Filled", permId=333)
    assert desk.emitted.count("warningEvent") == 2
    desk.execute(permId=222)
    assert (trade.filled(), twin.filled()) == (0.0, 100.0)


def test_what_comes_before_its_order_is_kept(desk: Any):
    assert desk.status("Submitted", 40.0, clientId=3, orderId=9, permId=77) == []
    ids = {"clientId": 3, "orderId": 9, "permId": 77}
    desk.execute(50.0, cumQty=50.0, execId="0000e0d5.69dd7411.01.01", **ids)
    fill = desk.execute(40.0, cumQty=40.0, execId="0000e0d5.69dd7411.01.02", **ids)
    desk.emitted.clear()
    trade = desk.show("PreSubmitted", clientId=3, orderId=9, permId=77)
    assert desk.emitted == [*STATUS, "openOrderEvent"]
    assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Submitted", 40.0)
    assert trade.fills == [fill]


def test_an_order_without_a_permId(desk: Any):
    assert desk.status("Submitted", clientId=3, permId=0) == []
    trade = desk.show("PendingSubmit", clientId=3, permId=0, totalQuantity=0.0)
    assert trade.orderStatus.status == "PendingSubmit"
    assert desk.status("PreSubmitted", clientId=3) == STATUS
    assert trade.order.permId == 1426086040


def test_an_order_by_amount_shows_no_size(desk: Any):
    trade = desk.place()
    desk.show(totalQuantity=0.0, cashQty=1000.0)
    assert trade.order.totalQuantity == 100


def test_commission_before_its_execution(desk: Any):
    desk.place()
    assert desk.report(realizedPNL=5.0) == []
    desk.emitted.clear()
    fill = desk.execute()
    assert desk.emitted[:2] == ["execDetailsEvent", "fillEvent"]
    assert desk.emitted[-2:] == ["commissionReportEvent", "commissionReportEvent"]
    assert (fill.commissionReport.commission, fill.commissionReport.realizedPNL) == (1.0, 5.0)
    assert desk.report(realizedPNL=5.0) == []


def test_an_execution_counts_once(desk: Any):
    trade = desk.place()
    fill = desk.execute()
    desk.emitted.clear()
    assert desk.execute() is fill
    assert desk.emitted == []
    assert trade.fills == [fill]


def test_a_correction_replaces(desk: Any):
    trade = desk.place()
    first = desk.execute(50.0, cumQty=50.0, execId="0000e0d5.69dd7411.01.01")
    other = desk.execute(10.0, cumQty=60.0, execId="0000e0d5.69dd7412.01.01")
    desk.emitted.clear()
    second = desk.execute(40.0, cumQty=40.0, execId="0000e0d5.69dd7411.01.02")
    assert desk.emitted == [*STATUS, "fillCorrectedEvent"]
    assert desk.emissions[-1].args == (trade, second, first)
    assert trade.fills == [second, other]
    assert (trade.orderStatus.filled, trade.orderStatus.remaining) == (50.0, 50.0)
    assert desk.orders.all_fills() == [other, second]
    assert trade.filled() == 50.0
    assert trade.log[-1].message == "Fill 50.0@257.95 corrected to 40.0@257.95"
    assert desk.execute(50.0, cumQty=50.0, execId="0000e0d5.69dd7411.01.01") is second
    assert first not in trade.fills


def test_executions_of_old_are_not_announced(desk: Any):
    """The order was placed by someone else, and what was executed before it was heard of was not missed."""
    trade = desk.show(asked=True)
    fill = desk.execute(reqId=3)
    assert desk.emitted == [*STATUS, "filledEvent"]
    assert trade.fills == [fill]
    assert not fill.recovered
    assert fill.time == fill.execution.time == datetime(2026, 4, 13, 19, 27, 4, tzinfo=UTC)


def test_executions_that_were_missed_are_announced_once(desk: Any):
    trade = desk.place()
    fill = desk.execute(reqId=3)
    assert desk.emitted == ["newOrderEvent", "execDetailsEvent", "fillEvent", *STATUS, "filledEvent"]
    assert desk.execute(reqId=4) is fill
    assert desk.emitted.count("fillEvent") == 1
    assert trade.fills == [fill]
    assert fill.recovered
    assert trade.log[1].message == "Fill 100.0@257.95 (recovered)"
    assert fill == Fill(*fill) and isinstance(fill, Fill)
    assert fill.time == fill.execution.time == datetime(2026, 4, 13, 19, 27, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("20260413 15:27:04 US/Eastern", datetime(2026, 4, 13, 19, 27, 4, tzinfo=UTC)),
        ("20200427  10:50:17", datetime(2020, 4, 27, 8, 50, 17, tzinfo=UTC)),
        ("20260413-15:27:04", datetime(2026, 4, 13, 15, 27, 4, tzinfo=UTC)),
        ("", datetime(2026, 4, 13, 19, 27, 4, tzinfo=UTC)),
        ("20260413", datetime(2026, 4, 13, 19, 27, 4, tzinfo=UTC)),
    ],
)
def test_times_of_executions(desk: Any, text: str, time: datetime):
    """An unreadable one is the time of arrival."""
    desk.orders = Orders(lambda: ZoneInfo("Europe/Berlin"))
    fill = desk.execute(time=text)
    assert fill.execution.time == time
    assert fill.execution.time.tzinfo is UTC
    assert fill.time == desk.now


def test_a_fill_bears_the_contract_of_its_trade(desk: Any):
    assert type(desk.execute(permId=8, orderId=0, execId="x").contract) is Stock
    trade = desk.place()
    assert desk.execute().contract is trade.contract


def test_fills_of_legs_do_not_fill_a_combination(desk: Any):
    desk.contract = Bag(symbol="SPY", exchange="SMART", comboLegs=[ComboLeg(1, 1, "BUY"), ComboLeg(2, 1, "SELL")])
    trade = desk.place(LimitOrder("BUY", 1, 23.38))
    for secType, conId, execId, price in (("STK", 1, "a.b.02.01.01", 766.72), ("STK", 2, "a.b.03.01.01", 743.34)):
        _execute(desk, Contract(secType, conId), execId, price)
    assert (trade.filled(), trade.isDone(), len(trade.fills)) == (0, False, 2)
    _execute(desk, Contract("BAG", 28812380), "a.b.01.01", 23.38)
    assert (trade.filled(), trade.remaining(), trade.orderStatus.status) == (1.0, 0.0, "Filled")


def _execute(desk: Any, contract: Contract, execId: str, price: float) -> None:
    execution = Execution(execId, "20260413 15:27:04 US/Eastern", shares=1.0, price=price, cumQty=1.0)
    execution.orderId, execution.clientId, execution.permId = 5, 7, 1
    desk.take(desk.orders.exec_details(ExecDetails(-1, contract, execution), desk.now)[1])


def test_completed_orders_are_done_from_the_start(desk: Any):
    trade = desk.complete("Filled", "Filled Size: 100", filledQuantity=100.0)
    assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Filled", 100.0)
    assert desk.emitted == []
    assert desk.orders.all() == [trade]
    fill = desk.execute(reqId=4)
    assert trade.fills == [fill]
    assert desk.complete("Filled", "Filled Size: 100") is trade
    assert desk.emitted == []
    ghost = desk.complete("PreSubmitted", "Expired", permId=9)
    assert ghost.isDone()


def test_a_completed_order_ends_the_trade_that_was_thought_to_live(desk: Any):
    trade = desk.place()
    desk.show()
    desk.emitted.clear()
    assert desk.complete("Cancelled", "Cancelled by Trader", totalQuantity=0.0) is trade
    assert desk.emitted == [*STATUS, "cancelledEvent"]
    assert trade.order.totalQuantity == 100
    assert trade.log[-1].message == "Cancelled by Trader"


def test_a_completed_order_leaves_its_ids_to_others(desk: Any):
    desk.complete("Cancelled", "Cancelled by Trader", orderId=5, clientId=7)
    assert desk.orders.find(7, 5) is None


def test_cancel_of_an_unknown_order(desk: Any):
    assert desk.orders.cancel_requested(LimitOrder("BUY", 1, 1, orderId=3), desk.now) is None


def test_an_error_finds_its_trade_behind_a_reused_orderId(desk: Any):
    trade = desk.place()
    desk.show(permId=111)
    twin = desk.show(permId=222)
    trade.order = LimitOrder("BUY", 1, 1)
    desk.error(trade, 399, "one")
    desk.error(twin, 399, "two")
    assert [[entry.message[-3:] for entry in one.warnings[1:]] for one in (trade, twin)] == [["one"], ["two"]]


def test_an_order_that_was_first_shown_as_ended_is_the_one_that_was_placed(desk: Any):
    """The list of completed orders does not tell orderIds."""
    trade = desk.place()
    stand_in = desk.complete("Cancelled", "Cancelled by Trader")
    assert stand_in is not trade
    desk.emitted.clear()
    assert desk.show("Submitted") is trade
    assert desk.orders.all() == [trade]
    assert desk.emitted == [*STATUS, "cancelledEvent", "openOrderEvent"]
    assert desk.status("Submitted") == []
    assert desk.complete("Cancelled", "Cancelled by Trader") is trade
    assert (trade.orderStatus.status, trade.order.permId) == ("Cancelled", 1426086040)


def test_of_statuses_that_come_too_early_the_furthest_counts(desk: Any):
    for status, filled in (("Submitted", 0.0), ("Cancelled", 40.0), ("Submitted", 40.0)):
        desk.status(status, filled, clientId=3)
    trade = desk.show("Submitted", clientId=3)
    assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Cancelled", 40.0)


def test_a_correction_of_a_leg_leaves_the_combination_alone(desk: Any):
    desk.contract = Bag(symbol="SPY", exchange="SMART", comboLegs=[ComboLeg(1, 1, "BUY"), ComboLeg(2, 1, "SELL")])
    trade = desk.place(LimitOrder("BUY", 1, 23.38))
    for execId, price in (("a.b.02.01.01", 766.72), ("a.b.02.01.02", 766.70)):
        _execute(desk, Contract("STK", 1), execId, price)
    assert [fill.execution.price for fill in trade.fills] == [766.70]
    assert (trade.orderStatus.filled, trade.isDone()) == (0.0, False)
    desk.status("Filled", 1.0, remaining=0.0, permId=1)
    assert (trade.orderStatus.filled, trade.orderStatus.remaining) == (1.0, 0.0)


def test_an_order_by_hand_keeps_the_number_that_it_was_bound_to(desk: Any):
    trade = desk.show(orderId=0, clientId=0)
    for orderId in (-7, 0):
        assert desk.show(orderId=orderId, clientId=0) is trade
        assert trade.order.orderId == trade.orderStatus.orderId == -7
