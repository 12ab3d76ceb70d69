"""An `IB` with a journal: a new program with the same one knows the orders of the last, and settles them."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from client.asking import cut, settle
from client.broker import AAPL, EXEC_ID, OURS, PERM_ID, execution, place
from client.journaled import Broker, program, shown
from client.scripted import CLOSE, Server, serving

from ibdesk import IB, JournalError, LimitOrder, Order, Reconnect, Stock
from ibdesk.client import journaling
from ibdesk.journal import Event, Journal, Kind, outbox
from ibdesk.model.executions import CommissionReport
from ibdesk.model.order import OrderState
from ibdesk.wire import versions as V
from ibdesk.wire.messages import connection, executions, order_status, orders


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


def kinds(path: Path) -> list[list[Any]]:
    """Of each order: the class of each message, or the kind of what has none."""
    journal, decoder = Journal(path), journaling.Decoder()
    events = [[entry.first, *journal.events(entry)] for entry in journal.entries()]
    return [[type(decoder.message(event)) if event.payload else event.kind for event in of_one] for of_one in events]


async def moved() -> None:
    """Wait until what was sent is in the database."""
    await asyncio.sleep(2 * journaling._MOVE_SECONDS)


# --- what is written ------------------------------------------------------------------------------------------------


async def test_orders_changes_and_cancellations_are_written_before_they_are_sent(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    decoder = journaling.Decoder()
    async with serving(broker.answers()) as server, program(path, server) as ib:
        written: list[Any] = []
        transport = ib.client._transport
        assert transport is not None
        write = transport._write

        def seen(data: bytes) -> None:
            waiting = [one for _, one in Journal(path).waiting()]
            messages = [decoder.message(Event(one.time, Kind.SENT, one.version, one.payload)) for one in waiting]
            written.append([type(message) for message in messages])
            write(data)

        transport._write = seen  # type: ignore[method-assign]
        trade = place(ib)
        trade.order.lmtPrice = 2.0
        ib.placeOrder(AAPL, trade.order)
        ib.cancelOrder(trade.order)
        all_of_them = [orders.PlaceOrder, orders.PlaceOrder, order_status.CancelOrder]
        assert written == [all_of_them[:1], all_of_them[:2], all_of_them]
        await ib.placeOnceAsync("a key", AAPL, LimitOrder("BUY", 1, 1.0))
        assert written[-1] == [], "what was sent before is moved"
        assert kinds(path) == [all_of_them, [orders.PlaceOrder]], "an order with a key is in the database at once"


async def test_what_was_sent_is_in_the_database_a_moment_later(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server, program(path, server) as ib:
        place(ib)
        await settle(ib)
        assert kinds(path) == [], "it waits for what may come with it"
        await moved()
        assert kinds(path) == [[orders.PlaceOrder]]


async def test_what_nobody_hears_of_is_written_with_all_that_came_in_the_same_piece(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        written: list[list[type]] = []
        transactions: list[str] = []
        connection = ib.dispatcher.journaling._file._connection
        connection.set_trace_callback(lambda text: transactions.append(text) if text == "COMMIT" else None)
        ib.updateEvent += lambda: written.extend(kinds(path))
        trade = place(ib)
        await settle(ib)
        assert written == [[orders.PlaceOrder, orders.OpenOrder, order_status.OrderStatus]]
        assert transactions == ["COMMIT"], "with the order itself"
        trade.statusEvent += lambda _: written.extend(kinds(path))
        server.send(*shown(trade.order, "Filled"))
        await settle(ib)
        assert written[1][:4] == [*written[0], orders.OpenOrder], "who hears of it finds it written"


async def test_what_a_killed_program_has_not_moved_is_known_to_the_next(path: Path, caplog) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = place(ib)
            await settle(ib)
            trade.order.lmtPrice = 2.0
            ib.placeOrder(AAPL, trade.order)
            untransmitted = place(ib, transmit=False)
            ib.cancelOrder(untransmitted.order)
            ib.client.placeOrder(100, AAPL, LimitOrder("BUY", 1, 1.0))
            ib.client.cancelOrder(100)
            ib.client.cancelOrder(77)
            ib.reqGlobalCancel()
            file = ib.dispatcher.journaling._file
            file.send(1.0, 178, b"no message")
            ib.dispatcher.journaling._sent.clear()  # the end of the program, as far as the journal knows
        async with program(path, server) as ib:
            assert [one.order.orderId for one in ib.trades()] == [trade.order.orderId, untransmitted.order.orderId, 100]
            assert [one.orderStatus.status for one in ib.trades()] == ["ApiCancelled", "Cancelled", "ApiCancelled"]
            assert ib.trades()[0].log[1].message == "Modify"
        assert all(entry.ended is not None for entry in Journal(path).entries())
        sent = [orders.PlaceOrder, order_status.CancelOrder, order_status.ReqGlobalCancel]
        assert [of_one[: len(sent)] for of_one in kinds(path)[1:]] == [sent[:2], sent]
        assert "A message that was sent is not known" in caplog.text


async def test_answers_are_written_before_listeners_are_told(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server, program(path, server) as ib:
        seen: list[Any] = []
        ib.orderStatusEvent += lambda _: seen.append(kinds(path)[0][-1])
        ib.execDetailsEvent += lambda *_: seen.append(kinds(path)[0][-1])
        ib.commissionReportEvent += lambda *_: seen.append(kinds(path)[0][-1])
        trade = place(ib)
        await settle(ib)
        server.send(
            executions.ExecDetails(-1, AAPL, execution(trade, permId=trade.order.permId)),
            executions.CommissionAndFeesReport(CommissionReport(EXEC_ID, 1.0, "USD")),
            connection.Error(trade.order.orderId, 399, "a warning"),
        )
        await settle(ib)
        assert seen == [
            order_status.OrderStatus,
            executions.ExecDetails,
            executions.ExecDetails,  # Filled
            executions.CommissionAndFeesReport,
            connection.Error,
        ]


async def test_the_same_again_is_not_written(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server, program(path, server) as ib:
        trade = place(ib)
        await settle(ib)
        filled = executions.ExecDetails(-1, AAPL, execution(trade, permId=trade.order.permId))
        report = executions.CommissionAndFeesReport(CommissionReport(EXEC_ID, 1.0, "USD"))
        for _ in range(3):
            server.send(*shown(trade.order), filled, report)
        await settle(ib)
        assert kinds(path) == [
            [
                orders.PlaceOrder,
                orders.OpenOrder,
                order_status.OrderStatus,
                executions.ExecDetails,
                executions.CommissionAndFeesReport,
            ]
        ]


async def test_a_stop_that_trails_all_day_does_not_let_the_file_grow(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server, program(path, server) as ib:
        trade = ib.placeOrder(AAPL, Order(action="SELL", totalQuantity=1, orderType="TRAIL", auxPrice=1.0))
        await settle(ib)
        for cents in range(200):
            server.send(shown(trade.order, trailStopPrice=100 + cents / 100)[0])
        await settle(ib)
        told = kinds(path)[0]
        assert told.count(orders.OpenOrder) <= 3
    broker.silent = True
    async with serving(broker.answers()) as server, program(path, server) as ib:
        assert ib.trades()[0].order.trailStopPrice == 101.99


async def test_a_commission_that_comes_first_is_written_with_its_execution(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = place(ib)
            await settle(ib)
            server.send(
                executions.CommissionAndFeesReport(CommissionReport(EXEC_ID, 1.5, "USD")),
                executions.ExecDetails(-1, AAPL, execution(trade, permId=trade.order.permId)),
            )
            await settle(ib)
        async with program(path, server) as ib:
            (fill,) = ib.fills()
            assert fill.commissionReport.commission == 1.5


async def test_what_cannot_be_encoded_is_neither_written_nor_sent(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server, program(path, server) as ib:
        with pytest.raises(ValueError, match="lmtPrice"):
            ib.placeOrder(AAPL, LimitOrder("BUY", 1, "a price"))  # type: ignore[arg-type]
        assert kinds(path) == []
        assert ib.trades() == []


async def test_questions_about_costs_are_no_orders(path: Path) -> None:
    told = OrderState(status="PreSubmitted", initMarginChange="1", commission=1.0)

    def answer(message: orders.PlaceOrder) -> list[Any]:
        message.order.orderId = message.orderId
        return [orders.OpenOrder(AAPL, message.order, told)]

    async with serving({**Broker().answers(), orders.PlaceOrder: answer}) as server, program(path, server) as ib:
        assert (await ib.whatIfOrderAsync(AAPL, LimitOrder("BUY", 1, 1.0))).commission == 1.0
        assert kinds(path) == []


async def test_a_global_cancellation_is_written_for_each_order_that_lives(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server, program(path, server) as ib:
        place(ib)
        place(ib)
        await settle(ib)
        ib.reqGlobalCancel()
        await moved()
        assert [of_one[-1] for of_one in kinds(path)] == [order_status.ReqGlobalCancel] * 2


async def test_orders_that_are_sent_below_an_ib_are_written_too(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            ib.client.placeOrder(50, AAPL, LimitOrder("BUY", 1, 1.0))
            await settle(ib)
            ib.client.cancelOrder(50)
            await moved()
            assert kinds(path) == [
                [orders.PlaceOrder, orders.OpenOrder, order_status.OrderStatus, order_status.CancelOrder]
            ]
        async with program(path, server) as ib:
            assert [trade.order.orderId for trade in ib.trades()] == [50]


async def test_orders_of_before_the_journal_are_written_as_the_server_shows_them(path: Path) -> None:
    broker = Broker()
    broker.open = shown(LimitOrder("BUY", 5, 1.0), orderId=7, clientId=OURS)
    foreign = shown(LimitOrder("BUY", 5, 1.0), orderId=8, clientId=OURS + 1, permId=4)
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            server.send(*foreign)
            (trade, other) = ib.trades() if len(ib.trades()) > 1 else (*ib.trades(), None)
            await settle(ib)
            assert kinds(path)[0][0] is orders.OpenOrder
            assert len(kinds(path)) == 1
            trade.order.lmtPrice = 2.0
            ib.placeOrder(AAPL, trade.order)
            await moved()
            assert orders.PlaceOrder in kinds(path)[0]
            assert other is None
        broker.open = []
        async with program(path, server) as ib:
            assert [trade.order.orderId for trade in ib.trades()] == [7]


# --- a new program --------------------------------------------------------------------------------------------------


async def test_a_new_program_has_the_trades_as_they_were(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            first = place(ib, orderRef="ref", tif="GTC")
            await settle(ib)
            first.order.lmtPrice = 2.0
            ib.placeOrder(AAPL, first.order)
            filled = execution(first, permId=first.order.permId, shares=40.0)
            server.send(executions.ExecDetails(-1, AAPL, filled))
            server.send(connection.Error(first.order.orderId, 399, "a warning"))
            await settle(ib)
            before = (first.order.dict(), first.orderStatus, first.fills, [one.message for one in first.warnings])
            log = list(first.log)
        broker.open = shown(first.order)
        async with program(path, server) as ib:
            (again,) = ib.trades()
            assert again is not first
            assert type(again.contract) is Stock
            assert again.order.dict() == before[0]
            assert again.orderStatus == before[1]
            assert [fill[:3] for fill in again.fills] == [fill[:3] for fill in before[2]]
            assert again.fills == ib.fills()
            assert [one.message for one in again.warnings][: len(before[3])] == before[3]
            assert [(one.status, one.message) for one in again.log][: len(log)] == [
                (one.status, one.message) for one in log
            ]
            assert not again.isUncertain()
            assert len(server.of(orders.PlaceOrder)) == 2, "nothing was sent again"
            again.order.lmtPrice = 3.0
            assert ib.placeOrder(AAPL, again.order) is again
            ib.cancelOrder(again.order)


async def test_an_order_that_was_never_acknowledged_is_found_by_its_id(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = place(ib)
        broker.open = shown(trade.order)
        async with program(path, server) as ib:
            (again,) = ib.trades()
            assert (again.order.permId, again.orderStatus.status) == (PERM_ID + trade.order.orderId, "Submitted")
            assert again.log[-1].message in ("Acknowledged", "The order lives", "")
            assert not again.isUncertain()


async def test_an_order_that_never_arrived_is_gone_for_all_programs_that_follow(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            place(ib)
        for _ in range(2):
            async with program(path, server) as ib:
                (again,) = ib.trades()
                assert (again.orderStatus.status, again.isUncertain()) == ("ApiCancelled", False)
                assert "The server does not know the order" in [entry.message for entry in again.log]
        assert kinds(path)[0][-1] is Kind.UNKNOWN


async def test_what_was_filled_meanwhile_is_told_once_and_kept(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = place(ib)
            await settle(ib)
        broker.executed = [execution(trade, permId=trade.order.permId)]
        ib, told = IB(journal=path), []
        ib.execDetailsEvent += lambda trade, fill: told.append((trade, fill.recovered))
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        (again,) = ib.trades()
        assert told == [(again, True)]
        assert (again.orderStatus.status, again.filled()) == ("Filled", 100.0)
        ib.disconnect()
        ib = IB(journal=path)
        ib.execDetailsEvent += lambda trade, fill: told.append((trade, fill.recovered))
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        assert len(told) == 1
        assert ib.trades()[0].filled() == 100.0
        ib.disconnect()


@pytest.mark.parametrize("version", [199, V.PARAMETRIZED_DAYS_OF_EXECUTIONS])
async def test_executions_of_all_days_that_were_missed_are_asked_for_where_the_server_can_tell_them(
    path: Path, version: int
) -> None:
    broker = Broker()
    async with serving(broker.answers(), version) as server:
        async with program(path, server) as ib:
            place(ib)
            await settle(ib)
            now = ib.dispatcher.state.now
        ib = IB(journal=path)
        ib.dispatcher.state.now = lambda: now() + timedelta(days=3)  # type: ignore[method-assign]
        server.received.clear()
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        days = [message.executionFilter.lastNDays for message in server.of(executions.ReqExecutions)]
        assert (4 in days) == (version >= V.PARAMETRIZED_DAYS_OF_EXECUTIONS)
        ib.disconnect()


async def test_orders_that_ended_long_ago_are_not_brought_back(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = place(ib)
            await settle(ib)
            server.send(*shown(trade.order, "Cancelled"))
            await settle(ib)
            now = ib.dispatcher.state.now
        async with program(path, server) as ib:
            assert len(ib.trades()) == 1
        ib = IB(journal=path)
        ib.dispatcher.state.now = lambda: now() + timedelta(days=2)  # type: ignore[method-assign]
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        assert ib.trades() == []
        ib.disconnect()


async def test_ids_are_not_used_again_although_the_server_has_forgotten_them(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            place(ib, orderId=500)
        async with program(path, server) as ib:
            assert ib.client.getReqId() > 500
        async with program(path, server, clientId=2) as ib:
            assert ib.client.getReqId() < 500


async def test_the_same_ib_connects_again_and_has_each_trade_once(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        ib = IB(journal=path)
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        trade = place(ib)
        await settle(ib)
        broker.open = shown(trade.order)
        await cut(ib, server)
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        assert ib.trades() == [trade]
        assert Kind.BEGUN in kinds(path)[0]
        ib.disconnect()


async def test_a_change_that_was_lost_with_its_program_is_known_as_lost_for_ever(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = place(ib)
            await settle(ib)
            broker.open, broker.silent = shown(trade.order), True
            trade.order.lmtPrice = 2.0
            ib.placeOrder(AAPL, trade.order)
        for _ in range(2):
            async with program(path, server) as ib:
                (again,) = ib.trades()
                assert again.order.lmtPrice == 1.0
                assert "The modification did not reach the server" in [one.message for one in again.warnings]


# --- refusals ---------------------------------------------------------------------------------------------------------


async def test_two_programs_with_one_client_id_are_refused_and_with_two_are_not(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server, program(path, server):
        second = IB(journal=path)
        with pytest.raises(JournalError, match="another program uses it with client id 1"):
            await second.connectAsync("127.0.0.1", server.port, clientId=OURS)
        assert len(server.of(connection.StartApi)) == 1, "it has not even connected"
        async with serving(broker.answers()) as other:
            await second.connectAsync("127.0.0.1", other.port, clientId=2)
            second.disconnect()


async def can_be_claimed(path: Path, server: Server) -> bool:
    """Whether another program gets the journal."""
    other = IB(journal=path)
    try:
        await other.connectAsync("127.0.0.1", server.port, clientId=OURS)
    except JournalError:
        return False
    finally:
        other.disconnect()
    return True


@pytest.mark.parametrize("end", ["disconnect", "client.disconnect", "limit", "collected"])
async def test_the_journal_is_kept_as_long_as_the_connection_is_to_be_made_again(end: str, path: Path) -> None:
    """Else another program takes it in a pause, and reconnecting ends with an error."""
    broker = Broker()
    async with serving(broker.answers()) as server, serving(broker.answers()) as elsewhere:
        ib = IB(journal=path, reconnect=Reconnect(first=10, longest=10, jitter=0, attempts=3))
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        trade = place(ib)
        await settle(ib)
        for _ in range(2):
            await cut(ib, server)
            await asyncio.sleep(9)
            assert not ib.isConnected()
            assert not await can_be_claimed(path, elsewhere)
            broker.open = shown(trade.order)
            await ib.connected()
            assert not trade.isUncertain()
        server.answers[connection.StartApi] = lambda _: [CLOSE]
        await cut(ib, server)
        await asyncio.sleep(15)
        assert not await can_be_claimed(path, elsewhere)
        match end:
            case "disconnect":
                ib.disconnect()
            case "client.disconnect":
                ib.client.disconnect()
            case "limit":
                await ib.reconnectFailedEvent
            case "collected":
                ib.connector.abandon()
        assert await can_be_claimed(path, elsewhere)


@pytest.mark.parametrize("reconnect", [True, False])
async def test_a_connection_that_ends_below_leaves_the_journal(reconnect: bool, path: Path) -> None:
    async with serving(Broker().answers()) as server:
        ib = IB(journal=path, reconnect=reconnect)
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        ib.client.disconnect()
        assert await can_be_claimed(path, server)


async def test_a_connection_that_is_lost_for_good_leaves_the_journal(path: Path) -> None:
    async with serving(Broker().answers()) as server:
        ib = IB(journal=path)
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        await cut(ib, server)
        assert await can_be_claimed(path, server)


async def test_the_journal_of_another_login_is_refused(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            place(ib)
        broker.accounts = "U7"
        ib = IB(journal=path)
        with pytest.raises(JournalError, match="it belongs to account DU1, and this login has U7"):
            await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        assert not ib.isConnected()
        assert ib.trades() == []


async def test_an_order_that_cannot_be_written_is_not_sent_and_the_program_goes_on(path: Path, caplog) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server, program(path, server) as ib:
        living = place(ib)
        await settle(ib)
        file = ib.dispatcher.journaling._file
        file._connection.execute("PRAGMA query_only = ON")
        with caplog.at_level(logging.ERROR):
            server.send(connection.Error(living.order.orderId, 399, "a warning"))
            await settle(ib)
        assert living.warnings, "the program goes on"
        order = LimitOrder("BUY", 1, 1.0)
        for send in (lambda: ib.placeOrder(AAPL, order), lambda: ib.client.placeOrder(90, AAPL, order)):
            with pytest.raises(JournalError, match="it cannot be written to") as caught:
                send()
            assert caught.value.path == str(path)
        assert (order.orderId, ib.trades()) == (0, [living])
        with pytest.raises(JournalError):
            ib.cancelOrder(living.order)
        assert living.orderStatus.status == "Submitted"
        server.send(*shown(living.order, "Filled"))
        await settle(ib)
        assert living.orderStatus.status == "Filled"
        assert len(server.of(orders.PlaceOrder)) == 1
        assert len(server.of(order_status.CancelOrder)) == 0
        file._connection.execute("PRAGMA query_only = OFF")
        ib.placeOrder(AAPL, order)
        assert Journal(path).entries()[0].ended is not None


async def test_a_full_disk_stops_the_order(path: Path, monkeypatch) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server, program(path, server) as ib:
        monkeypatch.setattr(outbox, "_SIZE", 0)
        box = ib.dispatcher.journaling._file._outbox
        monkeypatch.setattr(box, "_map", box._map[:10])
        monkeypatch.setattr(box, "_grown", lambda _: (_ for _ in ()).throw(OSError("No space left on device")))
        with pytest.raises(JournalError, match="No space left on device"):
            place(ib)
        assert ib.trades() == []
        monkeypatch.undo()
        place(ib)
        await settle(ib)
        assert len(server.of(orders.PlaceOrder)) == 1


def test_a_file_that_cannot_be_used_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="No such file or directory"):
        IB(journal=tmp_path / "no folder" / "orders.db")


def test_without_a_journal_there_is_none(path: Path) -> None:
    assert IB().journal is None
    own = Journal(path)
    assert IB(journal=own).journal is own


async def test_a_message_that_cannot_be_read_is_left_out_and_logged(path: Path, caplog) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = place(ib)
            await settle(ib)
            ib.dispatcher.journaling._file.told(1, Kind.TOLD, 1.0, 178, b"3\0no number\0")
            place(ib)
            await settle(ib)
            ib.dispatcher.journaling._file._connection.execute("UPDATE orders SET payload = x'30' WHERE number = 2")
        broker.open = shown(trade.order)
        async with program(path, server) as ib:
            assert [one.order.orderId for one in ib.trades()] == [trade.order.orderId]
        assert "Order 1 of the journal: OrderStatus v178" in caplog.text
        assert "Order 2 of the journal" in caplog.text
