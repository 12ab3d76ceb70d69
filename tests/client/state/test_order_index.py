"""An order that shares a name with another one is not taken for it, and nothing is put on the wrong one."""

from datetime import timedelta
from typing import Any

import pytest

from ibdesk.client.state.trade import Trade
from ibdesk.model.contract import Stock
from ibdesk.model.order import LimitOrder, MarketOrder

OLD, NEW = 111, 222
EARLIER = "20260413 14:27:04 US/Eastern"


def lose(desk: Any) -> None:
    """Lose the connection."""
    desk.take(desk.orders.lose_sight("The connection was lost", desk.now))


def conflicts(desk: Any) -> list[tuple[int, int]]:
    assert {one.kind for one in desk.reported} <= {"conflict"}
    return [(one.ours["permId"], one.theirs["permId"]) for one in desk.reported]


# --- what is older than an order is not about it -------------------------------------------------------------------


def test_an_execution_that_was_known_before_is_not_of_a_new_order_with_its_orderId(desk: Any):
    """TWS has begun its ids again. At the start of a program it told of an order that ended, and of its fill."""
    old = desk.complete("Filled", "Filled Size: 100", permId=OLD)
    fill = desk.execute(permId=OLD, reqId=9)
    trade = desk.place()
    lose(desk)
    assert desk.execute(permId=OLD, reqId=10) is fill
    desk.complete("Filled", "Filled Size: 100", permId=OLD)
    assert (trade.fills, trade.order.permId, trade.isDone()) == ([], 0, False)
    desk.take(desk.orders.gone(trade, desk.now))
    assert (trade.orderStatus.status, desk.orders.all()) == ("ApiCancelled", [old, trade])


def test_an_execution_of_an_ended_order_is_not_of_a_new_one(desk: Any):
    """The program has asked for no executions when it began, so that this one is new to it."""
    old = desk.complete("Filled", "Filled Size: 100", permId=OLD)
    trade = desk.place()
    lose(desk)
    desk.execute(permId=OLD, reqId=10)
    assert (trade.fills, len(old.fills), trade.order.permId) == ([], 1, 0)


def test_an_ended_order_with_the_same_reference_is_not_a_new_one(desk: Any):
    """A strategy gives all its orders one reference."""
    ref = {"orderRef": "momentum", "orderType": "MKT"}
    old = desk.complete("Filled", "Filled Size: 100", permId=OLD, **ref)
    trade = desk.place(MarketOrder("BUY", 100, orderRef="momentum"))
    lose(desk)
    assert desk.complete("Filled", "Filled Size: 100", permId=OLD, **ref) is old
    assert (trade.isDone(), trade.isUncertain()) == (False, True)
    assert desk.complete("Filled", "Filled Size: 100", permId=NEW, **ref) is trade
    assert (trade.orderStatus.status, trade.order.permId) == ("Filled", NEW)


def test_an_execution_from_before_an_order_is_not_of_it(desk: Any):
    """Another session used the orderId on the same day."""
    desk.orders.set_server_clock(timedelta(0), is_sure=True)
    trade = desk.place()
    lose(desk)
    desk.execute(permId=OLD, reqId=10, time=EARLIER)
    assert (trade.fills, trade.order.permId) == ([], 0)
    desk.take(desk.orders.gone(trade, desk.now))
    assert (trade.orderStatus.status, trade.isUncertain()) == ("ApiCancelled", False)


def test_an_order_that_was_missing_and_is_shown_after_all_is_not_uncertain_any_more(desk: Any):
    trade = desk.place()
    desk.show()
    lose(desk)
    desk.take(desk.orders.gone(trade, desk.now))
    assert (trade.isUncertain(), trade.isDone()) == (True, False)
    desk.execute(40.0, 40.0, reqId=10)
    assert trade.isUncertain(), "an execution does not tell how it stands"
    desk.status("Submitted", 40.0)
    assert not trade.isUncertain()


def test_an_execution_that_seemed_too_old_is_booked_when_its_order_is_shown(desk: Any):
    """The clock of the server was set back during the connection."""
    desk.orders.set_server_clock(timedelta(0), is_sure=True)
    trade = desk.place()
    lose(desk)
    fill = desk.execute(40.0, 40.0, permId=NEW, reqId=10, time=EARLIER)
    desk.report()
    assert trade.fills == []
    desk.emitted.clear()
    desk.show(permId=NEW, asked=True)
    assert (trade.fills, trade.orderStatus.filled) == ([fill], 40.0)
    assert desk.emitted.count("fillEvent") == 1
    assert fill.commissionReport.commission == 1.0


def test_the_clock_of_the_server_counts(desk: Any):
    """A paper gateway can live in another year."""
    trade = desk.place()
    lose(desk)
    desk.orders.set_server_clock(desk.now.replace(year=2020) - desk.now, is_sure=True)
    desk.execute(permId=NEW, reqId=10, time="20200413 15:27:03 US/Eastern")
    assert (trade.filled(), trade.order.permId) == (100.0, NEW)


def test_a_time_without_its_zone_may_be_hours_off(desk: Any):
    trade = desk.place()
    lose(desk)
    desk.execute(permId=NEW, reqId=10, time="20260413  08:27:04")
    assert trade.filled() == 100.0


# --- what does not fit is of another order -------------------------------------------------------------------------


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize("other", [{"side": "SLD"}, {"contract": Stock("MSFT", "SMART", "USD", conId=272093)}])
def test_an_execution_of_another_side_or_instrument_is_not_of_this_order(desk: Any, other: Any, is_live: bool):
    """Another program traded with the same client id."""
    trade = desk.place()
    fill = desk.execute(permId=OLD, reqId=-1 if is_live else 9, **other)
    assert (trade.fills, trade.order.permId, desk.orders.all_fills()) == ([], 0, [fill])
    assert conflicts(desk) == ([(0, OLD)] if is_live else [])
    assert len(trade.warnings) == trade.isUncertain() == is_live
    desk.show(permId=NEW)
    desk.execute(permId=NEW, execId="0000e0d5.69dd7499.01.01")
    assert (trade.filled(), len(trade.fills), trade.order.permId) == (100.0, 1, NEW)


def test_an_order_of_another_instrument_is_a_trade_of_its_own(desk: Any):
    trade = desk.place()
    other = desk.show(permId=OLD, action="SELL")
    assert other is not trade
    assert (trade.order.permId, other.order.permId, other.order.action) == (0, OLD, "SELL")
    assert conflicts(desk) == [(0, OLD)]
    assert list(desk.orders.doubtful()) == [trade, other]
    desk.status("Cancelled", permId=OLD)
    assert (trade.isDone(), other.isDone()) == (False, True)
    desk.show(permId=NEW)
    assert (trade.order.permId, trade.incarnations) == (NEW, [other])


def test_the_legs_of_a_combination_have_contracts_and_sides_of_their_own(desk: Any):
    desk.contract.secType, desk.contract.conId = "BAG", 28812380
    trade = desk.place()
    desk.execute(permId=NEW, side="SLD", execId="0000e0d5.69dd7411.01.01.01")
    assert (len(trade.fills), trade.order.permId, trade.filled()) == (1, NEW, 0.0)


# --- a permId that comes again ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("tell", ["show", "status", "execute"])
def test_a_permId_that_an_ended_order_has_goes_to_the_living_order_that_is_named(desk: Any, tell: str):
    """The server was restored from a backup, and numbers its orders anew."""
    old = desk.place(orderId=3)
    desk.show(orderId=3, permId=OLD)
    desk.execute(orderId=3, permId=OLD)
    assert old.isDone()
    trade = desk.place(orderId=5)
    values = {"show": ("Submitted",), "status": ("Submitted",), "execute": (100.0, 100.0)}
    extra = {"execId": "0000e0d5.69dd7499.01.01"} if tell == "execute" else {}
    getattr(desk, tell)(*values[tell], orderId=5, permId=OLD, **extra)
    assert trade.order.permId == OLD
    assert conflicts(desk) == [(OLD, OLD)]
    assert "permId 111" in trade.warnings[-1].message
    assert trade.warnings[-1].message == old.warnings[-1].message
    desk.execute(orderId=5, permId=OLD, execId="0000e0d5.69dd7499.01.01")
    assert (len(old.fills), trade.filled(), trade.orderStatus.status) == (1, 100.0, "Filled")
    assert len(desk.reported) == 1


def test_a_permId_of_an_order_that_was_only_seen_at_its_end_goes_to_the_living_order(desk: Any):
    old = desk.complete("Cancelled", "Cancelled by Trader", permId=OLD)
    trade = desk.place()
    desk.show(permId=OLD)
    assert (trade.order.permId, trade.orderStatus.status, old.orderStatus.status) == (OLD, "PendingSubmit", "Cancelled")
    assert desk.orders.all() == [old, trade]
    assert conflicts(desk) == [(OLD, OLD)]


def test_two_living_orders_with_one_permId_are_both_asked_for(desk: Any):
    old = desk.place(orderId=3)
    desk.show(orderId=3, permId=OLD)
    trade = desk.place(orderId=5)
    desk.show(orderId=5, permId=OLD)
    assert trade.order.permId == OLD
    assert list(desk.orders.doubtful()) == [old, trade]
    desk.execute(orderId=5, permId=OLD)
    assert (old.fills, trade.filled()) == ([], 100.0)


# --- several live orders with one orderId ----------------------------------------------------------------------------


def twins(desk: Any) -> tuple[Trade, Trade]:
    """A change that was sent while the connection broke has made a second order."""
    trade = desk.place()
    desk.show(permId=OLD)
    desk.status("Submitted", permId=OLD)
    twin = desk.show(permId=NEW)
    desk.status("Submitted", permId=NEW)
    return trade, twin


def test_an_error_that_names_their_orderId_ends_neither(desk: Any):
    trade, twin = twins(desk)
    for code in (202, 201, 10148, 161):
        desk.error(trade, code, "no, state: Cancelled")
        assert [one.orderStatus.status for one in (trade, twin)] == ["Submitted", "Submitted"]
        assert list(desk.orders.doubtful()) == [trade, twin]
    desk.error(trade, 399, "mind")
    desk.status("Cancelled", permId=NEW)
    assert (trade.isDone(), twin.isDone()) == (False, True)
    desk.error(trade, 202, "Order Canceled - reason:")
    assert trade.orderStatus.status == "Cancelled", "there is only one left"


def test_neither_can_be_changed_until_one_is_left(desk: Any):
    trade, twin = twins(desk)
    for one in (trade, twin):
        with pytest.raises(ValueError, match="several live orders with orderId 5: cancel them"):
            desk.place(one.order)
    desk.status("Cancelled", permId=OLD)
    assert desk.orders.find(7, 5) is twin
    twin.order.lmtPrice = 1.0
    assert desk.place(twin.order) is twin


def test_a_third_one_is_known_to_both(desk: Any):
    trade, twin = twins(desk)
    third = desk.show(permId=333)
    assert (trade.incarnations, twin.incarnations, third.incarnations) == ([twin, third], [trade, third], [trade, twin])
    assert len(desk.reported) == 2


def test_the_ids_of_an_order_that_could_not_be_sent_are_free_again(desk: Any):
    order = LimitOrder("BUY", 1, 1.0)
    *_, take_back = desk.orders.place(desk.contract, order, 5, 7, desk.now)
    take_back()
    assert (desk.orders.find(7, 5), desk.orders.free_id(7), order.orderId) == (None, 1, 0)


def test_a_fill_that_another_order_of_the_day_missed_is_news(desk: Any):
    """An order of yesterday, good till cancelled: 40 of it are old, the rest was executed while the link was lost."""
    trade = desk.show(asked=True)
    desk.status("Submitted", 40.0)
    desk.execute(40.0, 40.0, reqId=9)
    assert "fillEvent" not in desk.emitted
    lose(desk)
    desk.execute(60.0, 100.0, reqId=10, execId="0000e0d5.69dd7412.01.01")
    assert desk.emitted.count("fillEvent") == 1
    assert [fill.recovered for fill in trade.fills] == [False, True]
