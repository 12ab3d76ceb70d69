"""What a client does about orders of which it did not hear the end: it says so, asks, and sends nothing twice."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import Any

import pytest
from client.asking import cut, settle
from client.broker import (
    AAPL,
    EXEC_ID,
    LOST,
    OURS,
    PERM_ID,
    RESTORED,
    Broker,
    again,
    connected,
    ended,
    execution,
    place,
    shown,
    until,
)
from client.passing_time import let_pass
from client.scripted import CLOSE

from ibdesk import Fill, Trade
from ibdesk.client import recovery
from ibdesk.client.api import orders as api_orders
from ibdesk.model.contract import Contract
from ibdesk.wire.messages import accounts, connection, executions, history, order_status, orders
from ibdesk.wire.messages.connection import Error

# --- an outcome that is unknown -------------------------------------------------------------------------------------


async def test_an_order_that_was_not_acknowledged_is_uncertain_until_the_server_tells() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        assert not trade.isUncertain()
        warned: list[Any] = []
        trade.warningEvent += lambda _, entry: warned.append(entry.message)
        await server.wait_for(orders.PlaceOrder)
        await cut(ib, server)
        assert trade.isUncertain()
        assert warned == ["The connection was lost before the server had confirmed the order: its outcome is unknown"]
        assert (trade.orderStatus.status, trade.isDone()) == ("PendingSubmit", False), "nothing is made up"
        broker.open = shown(trade)
        await again(ib, server)
        assert ib.trades() == [trade]
        assert not trade.isUncertain()
        assert (trade.orderStatus.status, trade.order.permId) == ("Submitted", PERM_ID)
        assert len(server.of(orders.PlaceOrder)) == 1, "never sent again"


async def test_an_order_that_did_not_arrive_ends() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        cancelled: list[Any] = []
        trade.cancelledEvent += cancelled.append
        await server.wait_for(orders.PlaceOrder)
        await cut(ib, server)
        await again(ib, server)
        assert (trade.orderStatus.status, cancelled) == ("ApiCancelled", [trade])
        assert not trade.isUncertain()
        assert trade.log[-1].message == "The server does not know the order"
        # The server never saw its number, and would give it out again.
        assert place(ib).order.orderId > trade.order.orderId


async def test_an_order_that_was_filled_meanwhile_is_found_by_its_execution() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        await server.wait_for(orders.PlaceOrder)
        fills: list[Fill] = []
        trade.fillEvent += lambda _, fill: fills.append(fill)
        filled: list[Any] = []
        trade.filledEvent += filled.append
        await cut(ib, server)
        broker.executed = [execution(trade)]
        broker.ended = [ended("Filled", "Filled Size: 100")]
        await again(ib, server)
        assert ib.trades() == [trade], "its completed order is no trade of its own"
        assert (trade.orderStatus.status, trade.order.permId, trade.filled()) == ("Filled", PERM_ID, 100.0)
        assert ([fill.recovered for fill in fills], filled) == ([True], [trade])
        await cut(ib, server)
        await again(ib, server)
        assert len(fills) == len(trade.fills) == len(ib.fills()) == 1, "told once"


@pytest.mark.parametrize("ref", ["momentum", ""])
async def test_an_order_that_ended_without_a_fill_is_found_by_its_reference(ref: str) -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib, orderRef=ref)
        await server.wait_for(orders.PlaceOrder)
        await cut(ib, server)
        broker.ended = [ended("Inactive", "Rejected by System: The exchange is closed.", orderRef=ref)]
        await again(ib, server)
        if ref:
            assert (ib.trades(), trade.orderStatus.status, trade.order.permId) == ([trade], "Inactive", PERM_ID)
            assert trade.rejection is not None
            assert trade.rejection.text == "Rejected by System: The exchange is closed."
        else:
            assert (len(ib.trades()), trade.orderStatus.status) == (2, "ApiCancelled")


async def test_of_two_orders_with_one_reference_neither_is_taken_for_the_other() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        both = place(ib, orderRef="momentum"), place(ib, orderRef="momentum")
        await server.wait_for(orders.PlaceOrder, 2)
        await cut(ib, server)
        broker.ended = [ended("Inactive", "Rejected by System", orderRef="momentum")]
        await again(ib, server)
        assert [trade.order.permId for trade in both] == [0, 0]
        assert [trade.orderStatus.status for trade in both] == ["ApiCancelled", "ApiCancelled"]


async def test_a_working_order_that_the_server_tells_of_nowhere_stays_uncertain() -> None:
    """It may have been filled yesterday, of which the server does not tell any more."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        await cut(ib, server)
        assert trade.uncertainty == "The connection was lost"
        assert trade.warnings == [], "all that was sent was confirmed"
        await again(ib, server)
        assert trade.isUncertain()
        assert (trade.orderStatus.status, ib.openTrades()) == ("Submitted", [trade])
        assert trade.warnings[-1].message.endswith("nowhere any more: it may have been filled")
        # That it is cancelled settles it: the server says that it does not know it.
        server.answers[order_status.CancelOrder] = lambda m: [Error(m.orderId, 10147, "is not found.")]
        ib.cancelOrder(trade.order)
        async with asyncio.timeout(10):
            assert await trade.cancelled()
        assert (trade.orderStatus.status, trade.isUncertain()) == ("ApiCancelled", False)


async def test_a_cancellation_that_did_not_arrive_is_told() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        ib.cancelOrder(trade.order)
        verdict = asyncio.ensure_future(trade.cancelled())
        await server.wait_for(order_status.CancelOrder)
        await cut(ib, server)
        with pytest.raises(ConnectionError, match="before the server had confirmed the cancellation"):
            await verdict
        broker.open = shown(trade)
        await again(ib, server)
        assert (trade.orderStatus.status, trade.cancelling, trade.isUncertain()) == ("Submitted", False, False)
        assert trade.warnings[-1].message.startswith("The order lives: its cancellation did not reach the server")
        assert len(server.of(order_status.CancelOrder)) == 1
        server.send(Error(trade.order.orderId, 201, "Order rejected - reason:margin"), *shown(trade, "Inactive")[1:])
        await until(trade, trade.isDone)
        assert trade.rejection is not None, "it is not the cancellation that ended it"


async def test_a_cancellation_right_after_its_order_may_be_lost_alone() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        ib.cancelOrder(trade.order)
        await server.wait_for(order_status.CancelOrder)
        await cut(ib, server)
        assert trade.uncertainty.endswith("confirmed the order")
        broker.open = shown(trade)
        await again(ib, server)
        assert trade.orderStatus.status == "Submitted"
        assert trade.warnings[-1].message.startswith("The order lives: its cancellation did not reach the server")


async def test_a_cancellation_of_an_order_that_cannot_be_found_has_an_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.02)
    async with connected(Broker()) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        await cut(ib, server)
        await again(ib, server)
        ib.cancelOrder(trade.order)
        async with asyncio.timeout(10):
            with pytest.raises(ConnectionError, match="nowhere any more"):
                await trade.cancelled()


async def test_a_cancellation_that_is_under_way_goes_on_after_the_connection() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        ib.cancelOrder(trade.order)
        await server.wait_for(order_status.CancelOrder)
        await cut(ib, server)
        broker.open = shown(trade, "PendingCancel")
        await again(ib, server)
        assert (trade.cancelling, trade.isUncertain()) == (True, False)
        verdict = asyncio.ensure_future(trade.cancelled())
        server.send(*shown(trade, "Cancelled")[1:])
        assert await verdict


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_modification_is_what_the_server_says(arrived: bool) -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        trade.order.lmtPrice = 2.0
        ib.placeOrder(AAPL, trade.order)
        await server.wait_for(orders.PlaceOrder, 2)
        await cut(ib, server)
        assert trade.uncertainty.endswith("confirmed the modification")
        broker.open = shown(trade, lmtPrice=2.0 if arrived else 1.0)
        await again(ib, server)
        assert trade.order.lmtPrice == (2.0 if arrived else 1.0)
        told = [entry.message for entry in trade.warnings if "did not reach" in entry.message]
        assert told == [] if arrived else ["The modification did not reach the server"]


async def test_a_failed_attempt_to_connect_forgets_nothing() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        await server.wait_for(orders.PlaceOrder)
        await cut(ib, server)
        server.answers[connection.StartApi] = lambda _: [Error(-1, 326, "client id is already in use"), CLOSE]
        with pytest.raises(ConnectionError):
            await again(ib, server)
        assert ib.trades() == [trade]
        broker.open = shown(trade)
        server.answers[connection.StartApi] = broker.answers()[connection.StartApi]
        await again(ib, server)
        assert trade.orderStatus.status == "Submitted"
        assert len([one for one in trade.log if "outcome is unknown" in one.message]) == 1


async def test_disconnecting_leaves_an_order_uncertain_too() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        ib.disconnect()
        assert trade.isUncertain()
        broker.open = shown(trade)
        await again(ib, server)
        assert not trade.isUncertain()
        await server.wait_for(orders.PlaceOrder)


async def test_another_login_knows_nothing_of_the_orders_of_this_one() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        place(ib)
        await cut(ib, server)
        server.answers[connection.StartApi] = lambda _: [connection.ManagedAccounts("U2"), connection.NextValidId(1)]
        await again(ib, server)
        assert ib.trades() == []


async def test_as_another_client_the_orders_of_all_are_asked_for() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        await server.wait_for(orders.PlaceOrder)
        await cut(ib, server)
        mine = shown(trade)
        server.answers[order_status.ReqAllOpenOrders] = lambda _: [*mine, order_status.OpenOrderEnd()]
        await again(ib, server, clientId=2)
        assert (trade.orderStatus.status, trade.isUncertain(), ib.owns(trade)) == ("Submitted", False, False)


async def test_trades_that_ended_long_ago_are_dropped_with_the_next_connection() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        old, young = place(ib), place(ib)
        server.send(*shown(old, "Filled"), *shown(young, "Filled", permId=PERM_ID + 1))
        server.send(executions.ExecDetails(-1, AAPL, execution(old)))
        await settle(ib)
        old.log[-1].time -= timedelta(days=2)
        await cut(ib, server)
        assert ib.trades() == [old, young]
        await again(ib, server)
        assert (ib.trades(), ib.fills()) == ([young], [])


async def test_silence_leaves_the_order_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "ANSWER_SECONDS", 0.05)
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        server.answers[order_status.ReqCompletedOrders] = lambda _: []
        ib.cancelOrder(trade.order)
        server.send(Error(trade.order.orderId, 10147, "is not found."))
        async with asyncio.timeout(10):
            with pytest.raises(ConnectionError, match="10147"):
                await trade.cancelled()
        assert trade.isUncertain()
        assert trade.warnings[-1].message == "It is not known how the order stands: the server does not answer"


async def test_a_server_whose_answers_raise_ever_new_doubts_is_not_asked_for_ever() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        server.answers[order_status.ReqOpenOrders] = lambda _: [
            Error(trade.order.orderId, 103, "Duplicate order id"),
            order_status.OpenOrderEnd(),
        ]
        server.send(Error(trade.order.orderId, 103, "Duplicate order id"))
        await until(trade, lambda: any("left it open" in entry.message for entry in trade.warnings))
        assert trade.isUncertain()
        assert len(server.of(order_status.ReqOpenOrders)) <= recovery.ROUNDS + 1


async def test_a_read_only_connection_is_not_asked_for_orders() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        await server.wait_for(orders.PlaceOrder)
        await cut(ib, server)
        asked = len(server.of(order_status.ReqOpenOrders))
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS, readonly=True)
        server.send(RESTORED)
        await until(trade, lambda: "read-only" in trade.log[-1].message)
        assert trade.isUncertain()
        assert len(server.of(order_status.ReqOpenOrders)) == asked


async def test_an_order_that_the_server_shows_again_is_not_gone_while_an_older_list_is_under_way() -> None:
    """What is under way when the doubt arises may be older than it."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        server.answers[order_status.ReqOpenOrders] = lambda _: []
        older = asyncio.ensure_future(ib.reqOpenOrdersAsync())
        await server.wait_for(order_status.ReqOpenOrders, 2)
        server.send(Error(trade.order.orderId, 98765, "whatever"))
        await until(trade, trade.isUncertain)
        server.answers[order_status.ReqOpenOrders] = lambda _: [*shown(trade), order_status.OpenOrderEnd()]
        server.send(order_status.OpenOrderEnd())
        assert await older == []
        await until(trade, lambda: not trade.isUncertain())
        assert trade.orderStatus.status == "Submitted"


ABOUT_ORDERS = (order_status.ReqOpenOrders, executions.ReqExecutions, order_status.ReqCompletedOrders)
FARMS = [
    Error(-1, 2104, "Market data farm connection is OK:usfarm"),
    Error(-1, 2106, "HMDS data farm connection is OK:ushmds"),
    Error(-1, 2158, "Sec-def data farm connection is OK:secdefnj"),
]


@pytest.mark.parametrize("is_open", [True, False])
async def test_a_new_connection_asks_once_how_an_order_stands(is_open: bool) -> None:
    """TWS tells of its farms right after the login, and that is no reason to ask."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        await cut(ib, server)
        broker.open = shown(trade) if is_open else []
        login = server.answers[connection.StartApi]
        server.answers[connection.StartApi] = lambda m: [*login(m), *FARMS]
        told = len(server.received)
        await again(ib, server)
        await asyncio.sleep(100)
        assert [[type(one) for one in server.received[told:]].count(kind) for kind in ABOUT_ORDERS] == [1, 1, 1]
        assert trade.isUncertain() is not is_open
        assert trade.warnings == [] if is_open else trade.warnings[-1].message.endswith("it may have been filled")
        assert "orders in doubt" not in ib.startup.parts


async def test_a_notice_is_no_reason_to_ask_and_a_doubt_is_one() -> None:
    async with connected(Broker()) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        asked = len(server.of(order_status.ReqOpenOrders))
        server.send(*FARMS, Error(trade.order.orderId, 399, "Order Message: BUY 100 AAPL Warning: ..."))
        await settle(ib)
        await ib.dispatcher.recovery.settled()
        assert len(server.of(order_status.ReqOpenOrders)) == asked
        server.send(Error(trade.order.orderId, 98765, "whatever"))
        await settle(ib)
        await ib.dispatcher.recovery.settled()
        assert len(server.of(order_status.ReqOpenOrders)) == asked + 1


async def test_a_doubt_that_comes_up_while_a_connection_begins_is_asked_about_after_that() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        await cut(ib, server)
        told = len(server.received)
        broker.open = shown(trade)
        server.answers[accounts.ReqPositions] = lambda _: [
            Error(trade.order.orderId, 98765, "whatever"),
            accounts.PositionEnd(),
        ]
        server.answers[executions.ReqExecutions] = lambda _: []
        connecting = asyncio.ensure_future(again(ib, server))
        await asyncio.sleep(2)
        server.answers[executions.ReqExecutions] = broker.answers()[executions.ReqExecutions]
        assert [type(one) for one in server.received[told:]].count(order_status.ReqOpenOrders) == 1
        await connecting
        await ib.dispatcher.recovery.settled()
        assert not trade.isUncertain()
        assert trade.orderStatus.status == "Submitted"
        assert [type(one) for one in server.received[told:]].count(order_status.ReqOpenOrders) == 1


# --- the link between server and IBKR -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1101, 1102])
async def test_what_was_missed_while_the_link_was_down_is_asked_for(code: int) -> None:
    broker = Broker()
    broker.positions = [accounts.Position("DU1", Contract(conId=1), 5.0, 1.0)]
    async with connected(broker) as (ib, server):
        trade, other = place(ib), place(ib)
        server.send(*shown(trade), *shown(other, permId=PERM_ID + 1), LOST)
        await until(other, other.isUncertain)
        assert (trade.uncertainty, trade.orderStatus.status) == ("The link between TWS and IBKR was lost", "Submitted")
        told: list[Any] = []
        trade.fillEvent += lambda _, fill: told.append(fill.recovered)
        ib.positionEvent += lambda position: told.append(position.position)
        broker.open = shown(other, permId=PERM_ID + 1)
        broker.executed = [execution(trade, 40.0), execution(trade, 60.0, execId=EXEC_ID[:-4] + "2.01", cumQty=100.0)]
        broker.ended = [ended("Filled", "Filled Size: 100")]
        broker.positions = [accounts.Position("DU1", Contract(conId=2), 7.0, 1.0)]
        server.send(Error(-1, code, RESTORED.errorString))
        await until(trade, lambda: trade.isDone() and len(trade.fills) == 2)
        await ib.dispatcher.recovery.settled()
        assert told == [7.0, 0.0, True, True], "the position that was closed is told too"
        assert [position.contract.conId for position in ib.positions()] == [2]
        assert (trade.orderStatus.status, trade.orderStatus.avgFillPrice) == ("Filled", 1.0)
        assert not other.isUncertain()
        server.send(RESTORED)
        await settle(ib)
        await ib.dispatcher.recovery.settled()
        assert len(told) == 5, "nothing but the position is told again"


NEVER_THERE = "Connectivity between Trader Workstation and server is broken. It will be restored automatically."


@pytest.mark.parametrize("notice", [LOST, Error(-1, 2110, NEVER_THERE)], ids=["1100", "2110"])
async def test_an_order_that_is_placed_while_the_link_is_down_is_uncertain(notice: Error) -> None:
    """2110 is told to a client that connects while TWS has not found IBKR yet."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        server.send(notice)
        await settle(ib)
        kept, dropped = place(ib), place(ib)
        assert kept.isUncertain()
        assert kept.orderStatus.status == "PendingSubmit"
        broker.open = shown(kept)
        server.send(RESTORED)
        await until(dropped, dropped.isDone)
        assert (kept.orderStatus.status, kept.isUncertain()) == ("Submitted", False)
        assert (dropped.orderStatus.status, dropped.isUncertain()) == ("ApiCancelled", False)
        assert not place(ib).isUncertain()


# --- numbers --------------------------------------------------------------------------------------------------------


async def test_after_a_duplicate_id_the_next_one_is_asked_for() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        broker.next_id = 500
        server.send(Error(trade.order.orderId, 103, "Duplicate order id"))
        await until(trade, trade.isDone)
        await server.wait_for(connection.ReqIds)
        await settle(ib)
        assert ib.reqId() >= 500
        assert trade.rejection is not None
        assert trade.rejection.code == 103
        assert len(server.of(orders.PlaceOrder)) == 1, "it is not sent again by itself"


async def test_a_duplicate_id_on_a_live_order_is_looked_into() -> None:
    """The order may have ended without a word."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        lives, filled = place(ib), place(ib)
        server.send(*shown(lives), *shown(filled, permId=PERM_ID + 1))
        await settle(ib)
        broker.open = shown(lives)
        broker.ended = [ended("Filled", "Filled Size: 100", permId=PERM_ID + 1)]
        for trade in (lives, filled):
            trade.order.lmtPrice = 2.0
            ib.placeOrder(AAPL, trade.order)
        await server.wait_for(orders.PlaceOrder, 4)
        server.send(*(Error(trade.order.orderId, 103, "Duplicate order id") for trade in (lives, filled)))
        await until(filled, filled.isDone)
        await until(lives, lambda: not lives.isUncertain())
        assert (lives.orderStatus.status, lives.rejection, lives.order.lmtPrice) == ("Submitted", None, 1.0)
        assert (filled.orderStatus.status, filled.rejection) == ("Filled", None)
        assert [entry.errorCode for entry in lives.warnings] == [103]
        assert len(server.of(connection.ReqIds)) == 2
        assert len(server.of(orders.PlaceOrder)) == 4


async def test_a_duplicate_id_may_be_that_of_the_order_itself() -> None:
    """The server got it twice, or shows it late: it lives, and its fills are its own."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        broker.open, broker.next_id = shown(trade), 500
        server.send(Error(trade.order.orderId, 103, "Duplicate order id"))
        await until(trade, lambda: trade.orderStatus.status == "Submitted")
        await settle(ib)
        assert (trade.isUncertain(), trade.rejection, trade.order.permId) == (False, None, PERM_ID)
        assert [entry.errorCode for entry in trade.warnings] == [103]
        assert place(ib).order.orderId >= 500


async def test_a_duplicate_id_may_be_that_of_an_order_of_another_program() -> None:
    """It lives under the same client id. The own order is refused, and the other one is a trade of its own."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        broker.open = shown(trade, action="SELL")
        told: list[Any] = []
        ib.differenceEvent += lambda difference: told.append((difference.kind, difference.trade.order.action))
        server.send(Error(trade.order.orderId, 103, "Duplicate order id"))
        await until(trade, trade.isDone)
        assert (trade.orderStatus.status, trade.order.permId, told) == ("Inactive", 0, [("conflict", "SELL")])
        assert trade.rejection is not None
        assert trade.rejection.code == 103
        other = ib.trades()[1]
        assert (other.orderStatus.status, other.order.action, other.order.permId) == ("Submitted", "SELL", PERM_ID)


# --- two live orders with one orderId ---------------------------------------------------------------------------------


async def test_a_cancellation_is_sent_for_each_order_with_the_id(caplog: pytest.LogCaptureFixture) -> None:
    """naut#4564: a change across a gap made a second order, and the cancellation hit one of the two."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        told: list[Any] = []
        ib.differenceEvent += told.append
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        broker.open = [*shown(trade), *shown(trade, permId=PERM_ID + 1)]
        await cut(ib, server)
        await again(ib, server)
        twin = ib.trades()[1]
        assert trade.incarnations == [twin]
        assert [one.kind for one in told] == ["conflict"]
        assert "several live orders with orderId" in caplog.text
        left = [PERM_ID, PERM_ID + 1]
        server.answers[order_status.CancelOrder] = lambda _: shown(trade, "Cancelled", permId=left.pop())[1:]
        ib.cancelOrder(trade.order)
        assert (trade.cancelling, twin.cancelling) == (True, True)
        async with asyncio.timeout(10):
            assert (await trade.cancelled(), await twin.cancelled()) == (True, True)
        assert len(server.of(order_status.CancelOrder)) == 2


async def test_an_order_that_no_cancellation_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.05)
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        broker.open = [*shown(trade), *shown(trade, permId=PERM_ID + 1)]
        server.send(*broker.open)
        await settle(ib)
        await ib.dispatcher.recovery.settled()
        twin = ib.trades()[1]
        broker.open = shown(trade, permId=PERM_ID + 1)
        server.answers[order_status.CancelOrder] = lambda _: shown(trade, "Cancelled")[1:]
        ib.cancelOrder(twin.order)
        async with asyncio.timeout(10):
            assert (await trade.cancelled(), await twin.cancelled()) == (True, False)
        assert twin.warnings[-1].message.startswith("The order lives: its cancellation did not reach the server")


# --- silence --------------------------------------------------------------------------------------------------------

SILENCE = "There was no answer to the {}: the server is asked how the order stands"
NOWHERE = "The server tells of the order nowhere: it was dropped, or is still on its way"


async def test_an_order_without_an_answer_is_looked_into_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lean.Brokerages.InteractiveBrokers#93: paper servers drop some orders without a word."""
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.05)
    async with connected(Broker()) as (ib, server):
        trade = place(ib)
        warned: list[Any] = []
        trade.warningEvent += lambda _, entry: warned.append(entry.message)
        asked = len(server.of(order_status.ReqOpenOrders))
        await until(trade, lambda: len(warned) == 2)
        assert warned == [SILENCE.format("order"), NOWHERE]
        assert (trade.isUncertain(), trade.uncertainty) == (True, NOWHERE)
        assert (trade.orderStatus.status, trade.isDone()) == ("PendingSubmit", False), "it may still come"
        await ib.dispatcher.recovery.settled()
        assert len(server.of(order_status.ReqOpenOrders)) == asked + 1
        # It does come, late.
        server.send(*shown(trade))
        await settle(ib)
        assert (trade.orderStatus.status, trade.isUncertain(), ib.trades()) == ("Submitted", False, [trade])
        assert len(server.of(orders.PlaceOrder)) == 1, "never sent again"


async def test_a_dropped_order_can_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.02)
    async with connected(Broker()) as (ib, server):
        trade = place(ib)
        await until(trade, lambda: trade.uncertainty == NOWHERE)
        server.answers[order_status.CancelOrder] = lambda m: [Error(m.orderId, 10147, "is not found.")]
        ib.cancelOrder(trade.order)
        async with asyncio.timeout(10):
            assert await trade.cancelled()
        assert (trade.orderStatus.status, trade.isUncertain()) == ("ApiCancelled", False)


async def test_an_order_whose_answer_was_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.05)
    broker = Broker()
    async with connected(broker) as (ib, _):
        lives, filled = place(ib), place(ib, orderRef="momentum")
        broker.open = shown(lives)
        broker.executed = [execution(filled, permId=PERM_ID + 1)]
        broker.ended = [ended("Filled", "Filled Size: 100", permId=PERM_ID + 1, orderRef="momentum")]
        await until(filled, filled.isDone)
        await until(lives, lambda: lives.orderStatus.status == "Submitted")
        assert not lives.isUncertain()
        assert (filled.orderStatus.status, filled.filled(), ib.trades()) == ("Filled", 100.0, [lives, filled])


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_modification_without_an_answer_is_looked_into(arrived: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.05)
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        broker.open = shown(trade, lmtPrice=2.0 if arrived else 1.0)
        trade.order.lmtPrice = 2.0
        ib.placeOrder(AAPL, trade.order)
        assert trade.serverOrder is not None
        assert (trade.order.lmtPrice, trade.serverOrder.lmtPrice) == (2.0, 1.0), "the wish, and what is true"
        await until(trade, trade.isUncertain)
        assert (trade.order.lmtPrice, trade.serverOrder.lmtPrice) == (2.0, 1.0)
        await until(trade, lambda: not trade.isUncertain())
        told = [entry.message for entry in trade.warnings]
        lost = [] if arrived else ["The modification did not reach the server"]
        assert told == [SILENCE.format("modification"), *lost]
        assert trade.order.lmtPrice == trade.serverOrder.lmtPrice == (2.0 if arrived else 1.0)
        assert trade.orderStatus.status == "Submitted"
        assert len(server.of(orders.PlaceOrder)) == 2


async def test_what_is_answered_is_not_asked_for() -> None:
    async with connected(Broker()) as (ib, server):
        asked = len(server.of(order_status.ReqOpenOrders))
        placed: list[Trade] = []

        def answer(message: Any) -> list[Any]:
            if message.order.orderRef == "bad":
                return [Error(message.orderId, 201, "Order rejected - reason:no")]
            return shown(placed[0], lmtPrice=message.order.lmtPrice)

        server.answers[orders.PlaceOrder] = answer
        placed += [place(ib), place(ib, orderRef="bad")]
        trade, refused = placed
        for price in (2.0, 3.0):
            trade.order.lmtPrice = price
            ib.placeOrder(AAPL, trade.order)
        await settle(ib)
        let_pass(recovery.VERDICT_SECONDS)
        await settle(ib)
        assert (trade.order.lmtPrice, refused.orderStatus.status) == (3.0, "Inactive")
        assert trade.warnings == refused.warnings == []
        assert len(server.of(order_status.ReqOpenOrders)) == asked


def awaits_verdicts() -> list[float]:
    """When the running loop is to look whether orders were answered."""
    timers = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return [timer.when() for timer in timers if "Recovery." in repr(timer) and not timer.cancelled()]


async def test_however_many_orders_are_sent_one_timer_looks_whether_they_were_answered() -> None:
    loop = asyncio.get_running_loop()
    async with connected(Broker()) as (ib, server):
        answered = [place(ib) for _ in range(50)]
        first, (due,) = loop.time(), awaits_verdicts()
        assert due == pytest.approx(first + recovery.VERDICT_SECONDS)
        for number, trade in enumerate(answered):
            server.send(*shown(trade, permId=PERM_ID + number))
        await asyncio.sleep(4)
        silent = [place(ib) for _ in range(3)]
        await asyncio.sleep(4)
        silent[0].order.lmtPrice = 2.0
        ib.placeOrder(AAPL, silent[0].order)
        assert awaits_verdicts() == [due]
        await asyncio.sleep(2.5)
        assert awaits_verdicts() == pytest.approx([first + 4 + recovery.VERDICT_SECONDS])
        await asyncio.sleep(4)
        assert [trade.uncertainty for trade in silent] == ["", NOWHERE, NOWHERE]
        assert awaits_verdicts() == pytest.approx([first + 8 + recovery.VERDICT_SECONDS])
        await asyncio.sleep(4)
        assert [trade.uncertainty for trade in silent] == [NOWHERE] * 3
        assert not any(trade.isUncertain() for trade in answered)
        assert awaits_verdicts() == []


@pytest.mark.parametrize("ends", ["disconnect", "cut"])
async def test_after_the_connection_no_verdict_is_waited_for(ends: str) -> None:
    """A timer would keep the thread of `IB(thread=True)` alive, ten seconds after the last order."""
    async with connected(Broker()) as (ib, server):
        place(ib)
        await settle(ib)
        assert awaits_verdicts()
        if ends == "cut":
            await cut(ib, server)
        else:
            ib.disconnect()
        assert awaits_verdicts() == []


async def test_a_listener_that_disconnects_when_an_order_is_not_answered_ends_the_asking() -> None:
    async with connected(Broker()) as (ib, server):
        trades = [place(ib) for _ in range(3)]
        asked = len(server.of(order_status.ReqOpenOrders))
        trades[0].warningEvent += lambda *_: ib.disconnect()
        await asyncio.sleep(60)
        assert all(trade.isUncertain() for trade in trades)
        assert len(server.of(order_status.ReqOpenOrders)) == asked


async def test_of_a_bracket_silence_counts_from_its_last_order_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is heard of what is not transmitted."""
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.02)
    async with connected(Broker()) as (ib, _):
        alone = place(ib, transmit=False)
        parent, target, stop = (ib.placeOrder(AAPL, order) for order in ib.bracketOrder("BUY", 1, 10.0, 11.0, 9.0))
        for trade in (parent, target, stop):
            await until(trade, lambda trade=trade: trade.uncertainty == NOWHERE)
        assert (alone.warnings, alone.isUncertain()) == ([], False)


async def test_no_answer_is_expected_while_the_link_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """TWS keeps orders, and sends them when the link is back."""
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.0)
    broker = Broker()
    async with connected(broker) as (ib, server):
        server.send(LOST)
        await settle(ib)
        trade = place(ib)
        await settle(ib)
        assert (trade.warnings, trade.uncertainty) == ([], "The link between TWS and IBKR was lost")
        broker.open = shown(trade)
        server.send(RESTORED)
        await until(trade, lambda: not trade.isUncertain())
        assert trade.orderStatus.status == "Submitted"


# --- verdicts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "verdict"), [("Cancelled", True), ("Filled", False)])
async def test_the_verdict_is_what_the_order_ends_as(status: str, verdict: bool) -> None:
    async with connected(Broker()) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        ib.cancelOrder(trade.order)
        assert trade.cancelling
        waiting = asyncio.ensure_future(trade.cancelled())
        server.send(*shown(trade)[1:])  # still working: a status that was under way
        await settle(ib)
        assert not waiting.done()
        server.send(*shown(trade, status)[1:])
        assert await waiting is verdict
        assert await trade.cancelled() is verdict


@pytest.mark.parametrize(
    "refusal",
    [
        Error(1, 161, "Cancel attempted when order is not in a cancellable state."),
        Error(1, 10148, "OrderId 1 that needs to be cancelled can not be cancelled, state: Submitted."),
        Error(1, 321, "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode."),
    ],
    ids=lambda error: str(error.errorCode),
)
async def test_a_refused_cancellation_is_a_verdict(refusal: Error) -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        refusal.reqId = trade.order.orderId
        server.send(*shown(trade))
        await settle(ib)
        broker.open = shown(trade)
        ib.cancelOrder(trade.order)
        server.send(*broker.open[1:], refusal)  # the status was under way
        async with asyncio.timeout(10):
            assert await trade.cancelled() is False
        assert trade.orderStatus.status == "Submitted"


async def test_a_cancellation_without_an_answer_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "VERDICT_SECONDS", 0.05)
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = place(ib)
        server.send(*shown(trade))
        await settle(ib)
        broker.ended = [ended("Cancelled", "Cancelled by Trader")]
        ib.cancelOrder(trade.order)
        async with asyncio.timeout(10):
            assert await trade.cancelled()
        assert trade.orderStatus.status == "Cancelled"


async def test_the_end_of_a_query_that_was_cancelled_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    text = "Historical Market Data Service error message:API historical data query cancelled: {}"

    def cancelled(message: Any) -> list[Any]:
        return [Error(message.reqId, 162, text.format(message.reqId))]

    async with connected(Broker()) as (ib, server):
        server.answers[history.ReqHistoricalData] = lambda m: [history.HistoricalData(m.reqId, [])]
        server.answers[history.CancelHistoricalData] = cancelled
        bars = await ib.reqHistoricalDataAsync(AAPL, "", "1 D", "1 min", "TRADES", True, keepUpToDate=True)
        ib.cancelHistoricalData(bars)
        await settle(ib)
        (record,) = [one for one in caplog.records if "query cancelled" in one.getMessage()]
        assert record.levelno == logging.INFO


# --- orders of others -----------------------------------------------------------------------------------------------


async def test_the_open_orders_of_all_stay_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_orders, "POLL_SECONDS", 0.02)
    broker = Broker()
    async with connected(broker) as (ib, server):
        own = place(ib)
        server.send(*shown(own))
        broker.open = [*shown(own), *shown(own, clientId=3, permId=PERM_ID + 1)]
        mine, other = await ib.allOpenTradesAsync(live=True)
        assert (mine, other.order.clientId, ib.owns(mine), ib.owns(other)) == (own, 3, True, False)
        broker.open = shown(own)
        broker.ended = [ended("Filled", "Filled Size: 100", permId=PERM_ID + 1)]
        await until(other, other.isDone)
        assert other.orderStatus.status == "Filled"
        assert await ib.allOpenTradesAsync() == [own]
        asked = len(server.of(order_status.ReqAllOpenOrders))
        await settle(ib)
        assert len(server.of(order_status.ReqAllOpenOrders)) == asked


async def test_two_lists_of_open_orders_that_are_under_way_keep_apart() -> None:
    async with connected(Broker()) as (ib, server):
        own = place(ib)
        server.send(*shown(own))
        await settle(ib)
        server.answers[order_status.ReqOpenOrders] = server.answers[order_status.ReqAllOpenOrders] = lambda _: []
        first = asyncio.ensure_future(ib.reqOpenOrdersAsync())
        second = asyncio.ensure_future(ib.reqAllOpenOrdersAsync())
        await server.wait_for(order_status.ReqAllOpenOrders)
        server.send(*shown(own), order_status.OpenOrderEnd())
        server.send(*shown(own), *shown(own, clientId=3, permId=PERM_ID + 1), order_status.OpenOrderEnd())
        assert await first == [own]
        assert len(await second) == 2


async def test_polling_ends_with_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_orders, "POLL_SECONDS", 0.01)
    async with connected(Broker()) as (ib, server):
        await ib.allOpenTradesAsync(live=0.01)
        task = ib.dispatcher.recovery._polling
        assert task is not None
        await cut(ib, server)
        with contextlib.suppress(asyncio.CancelledError):
            async with asyncio.timeout(10):
                await task
        assert task.done()
