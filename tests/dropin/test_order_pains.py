"""Faults of ib_async that cost money, shown on the same frames: what ib_async makes of them, and what ibdesk does.

The numbers are those of the list of pains. Both clients are connected to servers that say the same, over sockets. What
a lost connection and other clients do to orders is in `test_order_gap_pains`, what has to be built in
`test_order_tool_pains`.
"""

import asyncio
import logging
from typing import Any

import pytest
from client.scripted import Answer
from dropin.both_sides import sides
from dropin.order_messages import EXEC_ID, both, cost, ended, executed, place, shown, status

import ibdesk
from ibdesk.wire.messages import order_status, orders
from ibdesk.wire.messages.connection import Error

logging.getLogger("ib_async").setLevel(logging.CRITICAL)


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
        trades = [place(one) for one in pair]
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
        assert "permIds 111, 222" in trade.warnings[0].message
        assert trade.incarnations == [twin]


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
    async with sides({order_status.ReqCompletedOrders: _completed_filled}) as pair:
        trades = []
        for one in pair:
            trade = place(one)
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
    return [ended("Filled", "Filled Size: 100"), order_status.CompletedOrdersEnd()]


@pytest.mark.parametrize("text", ["Cancelled by Trader", "Expired"])
async def test_12_a_completed_order_is_no_ghost(text: str) -> None:
    """Its status may be that which it had before its end."""
    complete: Answer = lambda _: [ended("PreSubmitted", text), order_status.CompletedOrdersEnd()]  # noqa: E731
    async with sides({order_status.ReqCompletedOrders: complete}) as (theirs, ours):
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
            trade = place(one)
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
