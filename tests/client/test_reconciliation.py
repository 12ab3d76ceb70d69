"""What differs between client and server is found, told once, and corrected; what goes its ordinary way is not told."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from client.asking import cut, settle
from client.broker import (
    AAPL,
    EXEC_ID,
    LOST,
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

from ibdesk import IB, Difference, LimitOrder, RequestTimeout, Trade
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport
from ibdesk.wire import versions as V
from ibdesk.wire.messages import accounts, connection, executions, order_status

ACCOUNT = "DU1"


def position(size: float, conId: int = AAPL.conId) -> Any:
    return accounts.Position(ACCOUNT, Contract(conId=conId, symbol=AAPL.symbol), size, 1.0)


def told(ib: IB) -> list[Difference]:
    found: list[Difference] = []
    ib.differenceEvent += found.append
    return found


def kinds(differences: list[Difference]) -> list[str]:
    return [one.kind for one in differences]


async def working(ib: IB, server: Any, broker: Broker) -> Trade:
    trade = place(ib, account=ACCOUNT)
    server.send(*shown(trade))
    await settle(ib)
    broker.open = shown(trade)
    return trade


async def test_nothing_differs_on_a_connection_that_lasts() -> None:
    broker = Broker()
    broker.positions = [position(5.0)]
    async with connected(broker) as (ib, server):
        found = told(ib)
        await working(ib, server, broker)
        asked = len(server.received)
        assert await ib.reconcileAsync() == found == []
        assert [type(one) for one in server.received[asked:]] == [
            order_status.ReqOpenOrders,
            executions.ReqExecutions,
            accounts.ReqPositions,
        ]


async def test_what_happened_while_there_was_no_connection_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """One order was filled in part, one completely, one cancelled by hand, and one bought by hand, as before that."""
    broker = Broker()
    broker.positions = [position(5.0)]
    async with connected(broker) as (ib, server):
        part, whole, cancelled = trades = [place(ib, account=ACCOUNT) for _ in range(3)]
        for number, trade in enumerate(trades):
            server.send(*shown(trade, permId=PERM_ID + number))
        await settle(ib)
        found = told(ib)
        await cut(ib, server)
        values = {"acctNumber": ACCOUNT}
        broker.open = shown(part)
        broker.open[1].filled, broker.open[1].remaining = 40.0, 60.0
        by_hand = {**values, "orderId": 0, "clientId": 0, "side": "SLD"}
        now = f"{datetime.now(UTC):%Y%m%d-%H:%M:%S}"
        broker.executed = [
            execution(part, 40.0, **values),
            execution(whole, execId="2.2.2.01", permId=PERM_ID + 1, **values),
            execution(whole, 7.0, execId="3.3.3.01", permId=99, time=now, **by_hand),
            execution(whole, 3.0, execId="4.4.4.01", permId=98, **by_hand),
        ]
        broker.ended = [
            ended("Filled", "Filled Size: 100", permId=PERM_ID + 1),
            ended("Cancelled", "Cancelled by Trader", permId=PERM_ID + 2),
        ]
        broker.positions = [position(5.0 + 40.0 + 100.0 - 7.0)]
        await again(ib, server)
        differences = list(found)
        assert await ib.reconcileAsync() == differences == found
        by_order = {one.trade: one for one in differences if one.kind == "order"}
        assert {trade: (one.ours, one.theirs) for trade, one in by_order.items()} == {
            part: (("Submitted", 0.0), ("Submitted", 40.0)),
            whole: (("Submitted", 0.0), ("Filled", 100.0)),
            cancelled: (("Submitted", 0.0), ("Cancelled", 0.0)),
        }
        assert [one.done for one in by_order.values()][1:] == ["The trade is Filled now", "The trade is Cancelled now"]
        fills = [one for one in differences if one.kind == "execution"]
        assert [(one.trade, one.theirs.execution.shares) for one in fills] == [
            (part, 40.0),
            (whole, 100.0),
            (None, 7.0),
        ]
        assert fills[0].done == "It was added to its trade, and announced as recovered"
        assert fills[2].done == "It is kept; its order is not known"
        assert {one.account for one in differences} == {ACCOUNT}
        assert kinds(differences).count("position") == 0, "the executions explain it"
        assert caplog.text.count("Difference (order)") == 3
        named = [
            re.search(rf"Difference \(order\) BUY 100 .*AAPL.*, permId {PERM_ID + number}", caplog.text)
            for number in range(3)
        ]
        assert all(named), "a line names its order"
        assert await ib.reconcileAsync() == []
        assert len(found) == len(differences)


async def test_a_position_that_no_execution_explains_is_told() -> None:
    """Shares were transferred in, an option was exercised, or fills are too old to be told."""
    broker = Broker()
    broker.positions = [position(5.0), position(3.0, conId=2)]
    async with connected(broker) as (ib, server):
        await cut(ib, server)
        broker.positions = [position(4.0), position(8.0, conId=3)]
        broker.executed = [execution(Trade(order=LimitOrder("BUY", 1, 1)), 1.0, acctNumber=ACCOUNT, clientId=9)]
        await again(ib, server)
        differences = [one for one in await ib.reconcileAsync() if one.kind == "position"]
        told = {one.contract.conId: (one.ours, one.theirs) for one in differences if one.contract}
        assert told == {AAPL.conId: (5.0, 4.0), 2: (3.0, 0.0), 3: (0.0, 8.0)}
        assert [one.done.endswith("No execution that is known explains it") for one in differences] == [True] * 3
        assert {one.contract.conId: one.position for one in ib.positions()} == {AAPL.conId: 4.0, 3: 8.0}
        assert await ib.reconcileAsync() == []


async def test_what_other_clients_trade_on_a_connection_that_lasts_is_no_difference() -> None:
    """Servers tell of it only those who ask, and of the position everybody."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        broker.executed = [execution(trade, 7.0, permId=99, orderId=9, clientId=9, acctNumber=ACCOUNT)]
        broker.positions = [position(7.0)]
        assert await ib.reconcileAsync() == []
        assert [fill.execution.clientId for fill in ib.fills()] == [9]


async def test_what_other_clients_had_traded_before_the_link_was_lost_is_no_difference() -> None:
    """The orders of other clients that have ended are told on the next connection, and take their executions."""
    broker = Broker()
    broker.positions = [position(7.0)]
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        ids = {"permId": 99, "orderId": 9, "clientId": 9}
        await cut(ib, server)
        broker.executed = [execution(trade, 7.0, acctNumber=ACCOUNT, **ids)]
        broker.ended = [ended("Filled", "Filled Size: 7", permId=99)]
        await again(ib, server)
        assert await ib.reconcileAsync() == []
        assert [trade.order.permId for trade in ib.trades() if trade.fills] == [99]


async def test_a_correction_explains_a_position() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        server.send(executions.ExecDetails(-1, AAPL, execution(trade, acctNumber=ACCOUNT)), position(100.0))
        await settle(ib)
        await cut(ib, server)
        corrected = execution(trade, 90.0, execId=EXEC_ID[:-1] + "2", acctNumber=ACCOUNT)
        broker.open, broker.executed, broker.positions = [], [corrected], [position(90.0)]
        await again(ib, server)
        assert kinds(await ib.reconcileAsync()) == ["execution"]
        assert trade.filled() == 90.0


async def test_a_position_that_follows_its_execution_late_is_none() -> None:
    """TWS tells of the execution at once and of the position seconds later."""
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        server.send(executions.ExecDetails(-1, AAPL, execution(trade, acctNumber=ACCOUNT)))
        await settle(ib)
        broker.open, broker.positions = [], [position(100.0)]
        assert await ib.reconcileAsync() == []
        assert [one.position for one in ib.positions()] == [100.0]


async def test_what_happens_while_it_is_asked_is_no_difference() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        cost = executions.CommissionAndFeesReport(CommissionReport(EXEC_ID, 1.0, "USD"))
        listed = broker.answers()[order_status.ReqOpenOrders]

        def filled(message: Any) -> Iterator[Any]:
            yield executions.ExecDetails(-1, AAPL, execution(trade, acctNumber=ACCOUNT))
            yield cost
            broker.open, broker.executed = [], [execution(trade, acctNumber=ACCOUNT)]
            broker.positions = [position(100.0)]
            yield from listed(message)

        server.answers[order_status.ReqOpenOrders] = filled
        assert await ib.reconcileAsync() == []
        assert (trade.orderStatus.status, len(trade.fills)) == ("Filled", 1)


@pytest.mark.parametrize("how", ["Filled", "Cancelled", "nowhere"])
async def test_an_order_whose_end_was_not_told_is_looked_for(how: str) -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        broker.open = []
        if how != "nowhere":
            broker.ended = [ended(how, f"{how} Size: 100" if how == "Filled" else "Cancelled by Trader")]
        [difference] = await ib.reconcileAsync()
        expected = how if how != "nowhere" else "ApiCancelled"
        assert (difference.ours, difference.theirs) == (("Submitted", 0.0), (expected, 0.0))
        assert (difference.trade, trade.orderStatus.status) == (trade, expected)
        assert await ib.reconcileAsync() == []


async def test_an_order_that_stays_uncertain_is_told_once() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        await cut(ib, server)
        broker.open = []
        await again(ib, server)
        [difference] = await ib.reconcileAsync()
        assert (difference.kind, difference.theirs, difference.done) == ("order", None, trade.uncertainty)
        assert trade.isUncertain()
        assert await ib.reconcileAsync() == []


async def test_an_order_that_seemed_to_have_ended_lives() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        ended: list[Any] = []
        trade.cancelledEvent += ended.append
        server.send(*shown(trade, "Cancelled")[1:])
        await until(trade, trade.isDone)
        [difference] = await ib.reconcileAsync()
        assert (difference.ours, difference.theirs) == (("Cancelled", 0.0), ("Submitted", 0.0))
        assert (trade.isActive(), trade.log[-1].message, ib.openTrades()) == (True, "The order lives", [trade])
        server.send(*shown(trade, "Cancelled")[1:])
        await until(trade, trade.isDone)
        assert len(ended) == 2


async def test_what_is_on_its_way_or_not_transmitted_is_not_missing() -> None:
    async with connected(Broker()) as (ib, _):
        sent, kept = place(ib), place(ib, transmit=False)
        assert await ib.reconcileAsync() == []
        assert [one.orderStatus.status for one in (sent, kept)] == ["PendingSubmit", "PendingSubmit"]
        assert not (sent.isUncertain() or kept.isUncertain())


async def test_orders_of_others_are_asked_for_if_any_are_known() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        broker.open = [*shown(trade), *shown(trade, clientId=3, permId=PERM_ID + 1)]
        _, other = await ib.reqAllOpenOrdersAsync()
        broker.open = shown(trade)
        broker.ended = [ended("Filled", "Filled Size: 100", permId=PERM_ID + 1)]
        [difference] = await ib.reconcileAsync()
        assert (difference.trade, difference.theirs) == (other, ("Filled", 0.0))


async def test_a_read_only_connection_is_asked_for_no_orders() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        await ib.connectAsync("127.0.0.1", server.port, clientId=1, readonly=True)
        asked = len(server.of(order_status.ReqOpenOrders))
        assert await ib.reconcileAsync() == []
        assert len(server.of(order_status.ReqOpenOrders)) == asked


async def test_another_login_has_no_differences() -> None:
    broker = Broker()
    broker.positions = [position(5.0)]
    async with connected(broker) as (ib, server):
        await working(ib, server, broker)
        await cut(ib, server)
        broker.open, broker.positions = [], []
        server.answers[connection.StartApi] = lambda _: [connection.ManagedAccounts("U2"), connection.NextValidId(1)]
        await again(ib, server)
        assert await ib.reconcileAsync() == []


async def test_two_at_once_tell_each_difference_once() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        await working(ib, server, broker)
        await cut(ib, server)
        await again(ib, server)
        broker.open, broker.positions = [], [position(9.0)]
        found = await asyncio.gather(ib.reconcileAsync(), ib.reconcileAsync())
        assert [kinds(one) for one in found] == [["order", "position"], []]


async def test_what_was_lost_before_the_answer_is_told_by_the_next_one() -> None:
    broker = Broker()
    broker.positions = [position(5.0)]
    async with connected(broker) as (ib, server):
        await cut(ib, server)
        with pytest.raises(ConnectionError):
            await ib.reconcileAsync()
        broker.positions = []
        await again(ib, server)
        server.answers[accounts.ReqPositions] = lambda _: []
        waiting = asyncio.ensure_future(ib.reconcileAsync())
        await server.wait_for(accounts.ReqPositions, 3)
        await cut(ib, server)
        with pytest.raises(ConnectionError):
            await waiting
        server.answers[accounts.ReqPositions] = broker.answers()[accounts.ReqPositions]
        await again(ib, server)
        assert [(one.ours, one.theirs) for one in await ib.reconcileAsync()] == [(5.0, 0.0)]


async def test_silence_ends_it() -> None:
    async with connected(Broker()) as (ib, server):
        server.answers[accounts.ReqPositions] = lambda _: []
        ib.RequestTimeout = 0.05
        with pytest.raises(RequestTimeout, match=r"no answer to reconcile\(\)"):
            await ib.reconcileAsync()


@pytest.mark.parametrize("days", [0, 2, 30])
@pytest.mark.parametrize("version", [V.PARAMETRIZED_DAYS_OF_EXECUTIONS - 1, V.PARAMETRIZED_DAYS_OF_EXECUTIONS])
async def test_executions_are_asked_for_since_the_link_was_lost(days: int, version: int) -> None:
    """A gateway that is down over the weekend."""
    broker = Broker()
    async with connected(broker, version=version) as (ib, server):
        trade = await working(ib, server, broker)
        await cut(ib, server)
        orders_ = ib.dispatcher.state.orders
        assert orders_._out_of_sight_since is not None
        orders_._out_of_sight_since = orders_._out_of_sight_since.replace(hour=12)
        orders_._out_of_sight_since -= timedelta(days=days) if days else timedelta(0)
        await again(ib, server)
        asked = [one.executionFilter.lastNDays for one in server.of(executions.ReqExecutions)]
        is_older = bool(days) and version >= V.PARAMETRIZED_DAYS_OF_EXECUTIONS
        assert asked[-1] == ({2: 3, 30: 7}[days] if is_older else 2147483647)
        assert trade.orderStatus.status == "Submitted"


async def test_the_link_of_the_server_is_compared_too() -> None:
    broker = Broker()
    async with connected(broker) as (ib, server):
        trade = await working(ib, server, broker)
        server.send(LOST)
        await until(trade, trade.isUncertain)
        broker.open, broker.ended = [], [ended("Filled", "Filled Size: 100")]
        broker.executed = [execution(trade, acctNumber=ACCOUNT)]
        broker.positions = [position(100.0)]
        server.send(RESTORED)
        await until(trade, trade.isDone)
        await ib.dispatcher.recovery.settled()
        assert kinds(await ib.reconcileAsync()) == ["order", "execution"]
        assert await ib.reconcileAsync() == []


def test_the_blocking_twin_raises_without_a_connection() -> None:
    with pytest.raises(ConnectionError, match="Not connected"):
        IB().reconcile()
