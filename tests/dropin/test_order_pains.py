"""Faults of ib_async that cost money, shown on the same frames: what ib_async makes of them, and what ibdesk does.

The numbers are those of the list of pains. Both clients are connected to servers that say the same, over sockets.
Not here: pains 6 and 9, of which ib_async has nothing to show; 16 and 17, which ask for new things.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest
from client.scripted import Answer, Server, serving
from oracles import ib_async

import ibdesk
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import LimitOrder, Order, OrderState
from ibdesk.wire.messages import executions, market_data, orders
from ibdesk.wire.messages.connection import Error

CLIENT, PERM_ID = 1, 1426086040
EXEC_ID = "0000e0d5.69dd7411.01.01"
AAPL = Contract(secType="STK", conId=265598, symbol="AAPL", exchange="SMART", currency="USD")

logging.getLogger("ib_async").setLevel(logging.CRITICAL)


class Side(NamedTuple):
    """One client, and the server that it is connected to."""

    lib: Any
    ib: Any
    server: Server

    def place(self) -> Any:
        return self.ib.placeOrder(self.lib.Stock("AAPL", "SMART", "USD"), self.lib.LimitOrder("BUY", 100, 257.95))

    async def tell(self, *messages: Any) -> None:
        """Have the server say something, and wait until it has arrived."""
        self.server.send(*messages)
        await self.ib.reqExecutionsAsync()


@asynccontextmanager
async def side(lib: Any, answers: dict[type, Answer] | None) -> AsyncIterator[Side]:
    async with serving(answers) as server:
        ib = lib.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=CLIENT)
        try:
            yield Side(lib, ib, server)
        finally:
            ib.disconnect()


@asynccontextmanager
async def sides(answers: dict[type, Answer] | None = None) -> AsyncIterator[tuple[Side, Side]]:
    """ib_async and ibdesk."""
    async with side(ib_async(), answers) as theirs, side(ibdesk, answers) as ours:
        yield theirs, ours


def shown(trade: Any, status: str = "Submitted", **fields: Any) -> orders.OpenOrder:
    order = LimitOrder("BUY", 100, 257.95, orderId=trade.order.orderId, clientId=CLIENT, permId=PERM_ID)
    vars(order).update(fields)
    return orders.OpenOrder(AAPL, order, OrderState(status=status))


def status(trade: Any, status: str, filled: float = 0.0, permId: int = PERM_ID) -> executions.OrderStatus:
    price = 257.95 if filled else 0.0
    orderId = trade.order.orderId
    return executions.OrderStatus(orderId, status, filled, 100.0 - filled, price, permId, 0, price, CLIENT)


def executed(trade: Any, shares: float = 100.0, **fields: Any) -> executions.ExecDetails:
    execution = Execution(EXEC_ID, "20260413 15:27:04 US/Eastern", "DU1", "IEX", "BOT", shares, 257.95, PERM_ID)
    execution.clientId, execution.orderId = CLIENT, trade.order.orderId
    execution.cumQty, execution.avgPrice = shares, 257.95
    vars(execution).update(fields)
    return executions.ExecDetails(-1, AAPL, execution)


def cost(execId: str = EXEC_ID, amount: float = 1.0) -> executions.CommissionAndFeesReport:
    return executions.CommissionAndFeesReport(CommissionReport(execId, amount, "USD"))


def ended(status: str, text: str) -> orders.CompletedOrder:
    order = Order(permId=PERM_ID, action="BUY", orderType="LMT", lmtPrice=257.95)
    return orders.CompletedOrder(AAPL, order, OrderState(status=status, completedStatus=text))


async def both(pair: tuple[Side, Side], tell: Any) -> tuple[Any, Any]:
    """The trades of an order that each placed, after each was told what `tell` makes of its trade."""
    trades = []
    for one in pair:
        trade = one.place()
        await one.tell(*tell(trade))
        trades.append(trade)
    return trades[0], trades[1]


async def test_1_a_live_order_is_not_cancelled_by_a_code() -> None:
    def tell(trade: Any) -> list[Any]:
        warning = Error(trade.order.orderId, 10349, "Order TIF was set to DAY based on order preset.")
        return [shown(trade), status(trade, "Submitted"), warning]

    async with sides() as pair:
        theirs, ours = await both(pair, tell)
        assert (theirs.orderStatus.status, theirs.isDone()) == ("Cancelled", True)
        assert (ours.orderStatus.status, ours.isDone()) == ("Submitted", False)


@pytest.mark.parametrize("code", [399, 404, 434, 2109, 110, 321])
async def test_2_a_warning_leaves_the_status_alone(code: int) -> None:
    def tell(trade: Any) -> list[Any]:
        return [shown(trade), status(trade, "Submitted"), Error(trade.order.orderId, code, "mind")]

    async with sides() as pair:
        theirs, ours = await both(pair, tell)
        assert theirs.orderStatus.status == "ValidationError"
        assert ours.orderStatus.status == "Submitted"
        assert [entry.errorCode for entry in ours.warnings] == [code]


@pytest.mark.parametrize("is_error_first", [True, False])
async def test_3_a_rejection_keeps_its_reason(is_error_first: bool) -> None:
    text = "Order rejected - reason:Exchange is closed."

    def tell(trade: Any) -> list[Any]:
        error, inactive = Error(trade.order.orderId, 201, text, "{}"), status(trade, "Inactive")
        return [error, inactive] if is_error_first else [inactive, error]

    async with sides() as pair:
        ends: list[list[Any]] = [[], []]
        trades = [one.place() for one in pair]
        for one, trade, seen in zip(pair, trades, ends, strict=True):
            trade.cancelledEvent += seen.append
            await one.tell(*tell(trade))
        theirs, ours = trades
        assert not hasattr(theirs, "rejection")
        assert len(ends[0]) == is_error_first, "told only when the error comes first"
        assert (ours.orderStatus.status, len(ends[1])) == ("Inactive", 1)
        assert (ours.rejection.code, ours.rejection.text, ours.rejection.advanced) == (201, text, "{}")


async def test_4_a_fill_goes_to_its_own_order() -> None:
    def tell(trade: Any) -> list[Any]:
        return [shown(trade, permId=222), executed(trade, permId=111)]

    async with sides() as pair:
        theirs, ours = await both(pair, tell)
        assert (theirs.order.permId, theirs.filled()) == (222, 100.0)
        assert (ours.order.permId, ours.filled()) == (222, 0.0)


async def test_5_two_live_orders_with_one_orderId_are_two_trades() -> None:
    def tell(trade: Any) -> list[Any]:
        return [shown(trade, permId=111), shown(trade, permId=222), status(trade, "Filled", 100.0, permId=222)]

    async with sides() as (theirs, ours):
        first, trade = await both((theirs, ours), tell)
        assert theirs.ib.trades() == [first]
        assert first.orderStatus.status == "Filled"
        twin = ours.ib.trades()[1]
        assert (trade.order.permId, trade.orderStatus.filled, trade.isDone()) == (111, 0.0, False)
        assert (twin.order.permId, twin.orderStatus.filled) == (222, 100.0)
        assert "permId 222" in trade.warnings[0].message


async def test_7_a_fill_that_was_missed_fills_the_order_when_it_is_asked_for() -> None:
    async with sides() as pair:
        states = []
        for one in pair:
            trade = one.place()

            def all_of_today(message: Any, trade: Any = trade) -> list[Any]:
                fill = executed(trade)
                fill.reqId = message.reqId
                return [fill, executions.ExecDetailsEnd(message.reqId)]

            one.server.answers[executions.ReqExecutions] = all_of_today
            await one.tell(Error(-1, 1102, "Connectivity between IBKR and TWS has been restored"))
            states.append((trade.filled(), trade.orderStatus.status))
        assert states == [(100.0, "PendingSubmit"), (100.0, "Filled")]


async def test_8_a_correction_replaces() -> None:
    def tell(trade: Any) -> list[Any]:
        return [shown(trade), executed(trade), executed(trade, 90.0, execId="0000e0d5.69dd7411.01.02")]

    async with sides() as pair:
        theirs, ours = await both(pair, tell)
        assert (theirs.filled(), len(theirs.fills)) == (190.0, 2)
        assert (ours.filled(), len(ours.fills), ours.orderStatus.filled) == (90.0, 1, 90.0)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (10147, "OrderId 5 that needs to be cancelled is not found."),
        (10148, "OrderId 5 that needs to be cancelled can not be cancelled, state: Filled."),
    ],
)
async def test_10_a_refused_cancellation_is_resolved(code: int, text: str) -> None:
    """The order was filled, and the answer to the cancellation is the first that is heard of it."""
    async with sides({executions.ReqCompletedOrders: _completed_filled}) as pair:
        trades = []
        for one in pair:
            trade = one.place()
            await one.tell(shown(trade), status(trade, "Submitted"))
            one.ib.cancelOrder(trade.order)
            await one.tell(Error(trade.order.orderId, code, text))
            trades.append(trade)
        theirs, ours = trades
        async with asyncio.timeout(10):
            while ours.orderStatus.status == "Submitted":
                await ours.statusEvent
        assert theirs.orderStatus.status == "Cancelled"
        assert ours.orderStatus.status == "Filled"


def _completed_filled(_: Any) -> list[Any]:
    return [ended("Filled", "Filled Size: 100"), executions.CompletedOrdersEnd()]


async def test_11_an_order_of_another_client_is_never_mistaken_for_an_own_one() -> None:
    """Both have orderId 5 or so: to cancel the other's is to cancel the own one."""
    async with sides() as pair:
        cancelled = []
        for one in pair:
            own = one.place()
            await one.tell(shown(own), shown(own, clientId=3, permId=PERM_ID + 1))
            other = one.ib.openTrades()[1]
            assert other.order.clientId == 3
            one.ib.cancelOrder(other.order)
            await one.tell()
            cancelled.append(
                [message.orderId == own.order.orderId for message in one.server.of(executions.CancelOrder)]
            )
        assert cancelled == [[True], []]
        assert "belongs to client 3" in other.warnings[0].message


@pytest.mark.parametrize("text", ["Cancelled by Trader", "Expired"])
async def test_12_a_completed_order_is_no_ghost(text: str) -> None:
    """Its status may be that which it had before its end."""
    complete: Answer = lambda _: [ended("PreSubmitted", text), executions.CompletedOrdersEnd()]  # noqa: E731
    async with sides({executions.ReqCompletedOrders: complete}) as (theirs, ours):
        assert [trade.orderStatus.status for trade in theirs.ib.openTrades()] == ["PreSubmitted"]
        assert ours.ib.openTrades() == []
        assert [trade.orderStatus.status for trade in ours.ib.trades()] == ["Cancelled"]


async def test_13_a_commission_before_its_fill_is_held() -> None:
    async with sides() as pair:
        theirs, ours = await both(pair, lambda trade: [shown(trade), cost(), executed(trade)])
        assert (theirs.fills[0].commissionReport.execId, theirs.fills[0].commissionReport.commission) == ("", 0.0)
        assert (ours.fills[0].commissionReport.execId, ours.fills[0].commissionReport.commission) == (EXEC_ID, 1.0)


async def test_14_an_execution_fills_the_order_without_a_status() -> None:
    async with sides() as pair:
        theirs, ours = await both(pair, lambda trade: [shown(trade), executed(trade)])
        states = [(one.filled(), one.orderStatus.filled, one.orderStatus.status) for one in (theirs, ours)]
        assert states == [(100.0, 0.0, "PendingSubmit"), (100.0, 100.0, "Filled")]


async def test_14_an_old_status_does_not_bring_an_order_back() -> None:
    def tell(trade: Any) -> list[Any]:
        return [status(trade, "Filled", 100.0), status(trade, "Submitted", 40.0), status(trade, "Filled", 100.0)]

    async with sides() as pair:
        counts = []
        for one in pair:
            trade = one.place()
            filled: list[Any] = []
            trade.filledEvent += filled.append
            await one.tell(*tell(trade))
            counts.append(len(filled))
        assert counts == [2, 1]


async def test_15_a_refused_what_if_raises() -> None:
    refuse: Answer = lambda message: [Error(message.orderId, 201, "Order rejected")]  # noqa: E731
    async with sides({orders.PlaceOrder: refuse}) as (theirs, ours):
        contract, order = theirs.lib.Stock("AAPL", "SMART", "USD"), theirs.lib.LimitOrder("BUY", 1, 1.0)
        assert await theirs.ib.whatIfOrderAsync(contract, order) == []
        with pytest.raises(ibdesk.RequestError):
            await ours.ib.whatIfOrderAsync(ours.lib.Stock("AAPL", "SMART", "USD"), ours.lib.LimitOrder("BUY", 1, 1.0))


async def test_15_a_what_if_on_a_read_only_gateway_ends() -> None:
    refuse: Answer = lambda message: [Error(message.orderId, 321, "The API interface is in Read-Only mode.")]  # noqa: E731
    async with sides({orders.PlaceOrder: refuse}) as (theirs, ours):
        contract, order = theirs.lib.Stock("AAPL", "SMART", "USD"), theirs.lib.LimitOrder("BUY", 1, 1.0)
        answer = theirs.ib.whatIfOrderAsync(contract, order)
        await theirs.tell()
        assert not answer.done()
        with pytest.raises(ibdesk.RequestError):
            await ours.ib.whatIfOrderAsync(ours.lib.Stock("AAPL", "SMART", "USD"), ours.lib.LimitOrder("BUY", 1, 1.0))


async def test_18_a_cancellation_overtakes_requests_for_data() -> None:
    """No more than 45 messages may go out in a second."""
    waiting = []
    async with sides() as pair:
        for one in pair:
            trade = one.place()
            for number in range(60):
                contract = one.lib.Stock(f"S{number}", "SMART", "USD", conId=number + 1)
                one.ib.reqMktData(contract)
            one.ib.cancelOrder(trade.order)
            await one.server.wait_for(executions.CancelOrder)
            waiting.append(60 - len(one.server.of(market_data.ReqMktData)))
    assert waiting[0] == 0, "behind all of them"
    assert waiting[1] > 0
