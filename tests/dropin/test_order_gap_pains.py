"""What a lost connection, ids and other clients do to the orders of ib_async, and what ibdesk makes of the same frames.

The numbers are those of the list of pains. Both clients are connected to servers that say the same, over sockets.
"""

import asyncio
import logging
from typing import Any

from client.scripted import CLOSE
from dropin.both_sides import Side, sides
from dropin.order_messages import PERM_ID, ended, executed, place, shown, status

from ibdesk.wire.messages import connection, executions, order_status, orders
from ibdesk.wire.messages.connection import Error

logging.getLogger("ib_async").setLevel(logging.CRITICAL)


async def reconnect(one: Side) -> None:
    """Lose the connection, and make it again with the same `IB`."""
    lost = asyncio.Event()
    one.ib.disconnectedEvent += lost.set
    one.server.send(CLOSE)
    await lost.wait()
    await one.ib.connectAsync("127.0.0.1", one.server.port, clientId=1)


def will_tell_executions(one: Side, trade: Any) -> None:
    """From now on the server knows that an order was filled."""

    def all_of_today(message: Any) -> list[Any]:
        fill = executed(trade)
        fill.reqId = message.reqId
        return [fill, executions.ExecDetailsEnd(message.reqId)]

    one.server.answers[executions.ReqExecutions] = all_of_today
    one.server.answers[order_status.ReqCompletedOrders] = lambda _: [
        ended("Filled", "Filled Size: 100"),
        order_status.CompletedOrdersEnd(),
    ]


async def test_6_an_order_with_an_unknown_outcome_says_so_and_finds_out() -> None:
    """It was sent, the connection was lost before any answer, and it was filled."""
    async with sides() as pair:
        trades, said = [], []
        for one in pair:
            trade = place(one)
            await one.server.wait_for(orders.PlaceOrder)
            will_tell_executions(one, trade)
            one.ib.disconnectedEvent += lambda trade=trade: said.append(getattr(trade, "uncertainty", None))
            await reconnect(one)
            trades.append((trade.orderStatus.status, trade.filled(), trade in one.ib.trades()))
            assert len(one.server.of(orders.PlaceOrder)) == 1
        assert trades == [("PendingSubmit", 0.0, False), ("Filled", 100.0, True)]
        assert said == [None, "The connection was lost before the server had confirmed the order"]


async def test_6_the_number_of_a_lost_order_is_not_given_to_another() -> None:
    """The server has not seen it, so it offers the same number again."""
    async with sides() as pair:
        repeats = []
        for one in pair:
            lost = place(one)
            await one.server.wait_for(orders.PlaceOrder)
            number = lost.order.orderId
            await reconnect(one)
            one.ib.client._reqIdSeq = (
                min(one.ib.client._reqIdSeq, number) if one is pair[0] else one.ib.client._reqIdSeq
            )
            repeats.append(place(one).order.orderId <= number)
        assert repeats == [True, False]


async def test_7_what_was_missed_is_asked_for_when_the_link_is_restored() -> None:
    async with sides() as pair:
        told: list[list[Any]] = [[], []]
        asked = []
        for one, seen in zip(pair, told, strict=True):
            trade = place(one)
            await one.tell(shown(trade), status(trade, "Submitted"))
            trade.fillEvent += lambda _, fill, seen=seen: seen.append(getattr(fill, "recovered", None))
            before = len(one.server.of(executions.ReqExecutions))
            will_tell_executions(one, trade)
            for _ in range(2):
                one.server.send(Error(-1, 1102, "Connectivity between IBKR and TWS has been restored"))
                await one.ib.reqCompletedOrdersAsync(False)
            await one.ib.reqExecutionsAsync()
            asked.append(len(one.server.of(executions.ReqExecutions)) - before - 1)
        assert (asked[0], asked[1] > 0) == (0, True)
        assert told == [[], [True]], "told once, and flagged"


async def test_7_what_was_missed_is_told_after_a_new_connection() -> None:
    async with sides() as pair:
        ends = []
        for one in pair:
            trade = place(one)
            await one.tell(shown(trade), status(trade, "Submitted"))
            filled: list[Any] = []
            trade.filledEvent += filled.append
            will_tell_executions(one, trade)
            await reconnect(one)
            ends.append((trade.orderStatus.status, len(filled), len(one.ib.trades())))
        assert ends == [("Submitted", 0, 1), ("Filled", 1, 1)]


async def test_9_after_a_duplicate_id_the_next_order_gets_one_that_is_free() -> None:
    """Someone else has used the numbers up to 500."""
    async with sides() as pair:
        refused = []
        for one in pair:
            codes: list[int] = []
            one.ib.errorEvent += lambda _, code, *rest, codes=codes: codes.append(code)
            one.server.answers[connection.ReqIds] = lambda _: [connection.NextValidId(500)]
            one.server.answers[orders.PlaceOrder] = lambda message: [
                *([Error(message.orderId, 103, "Duplicate order id")] if message.orderId < 500 else [])
            ]
            for _ in range(3):
                place(one)
                await one.tell()
                await one.tell()
            refused.append(codes)
        assert refused == [[103, 103, 103], [103]]


async def test_11_an_order_of_another_client_is_never_mistaken_for_an_own_one() -> None:
    """Both have orderId 5 or so: to cancel the other's is to cancel the own one."""
    async with sides() as pair:
        cancelled = []
        for one in pair:
            own = place(one)
            await one.tell(shown(own), shown(own, clientId=3, permId=PERM_ID + 1))
            other = one.ib.openTrades()[1]
            assert other.order.clientId == 3
            one.ib.cancelOrder(other.order)
            await one.tell()
            cancelled.append(
                [message.orderId == own.order.orderId for message in one.server.of(order_status.CancelOrder)]
            )
        assert cancelled == [[True], []]
        assert "belongs to client 3" in other.warnings[0].message


async def test_11_an_order_of_another_client_does_not_stay_open_for_ever() -> None:
    """It is shown only when it is asked for, and nothing tells that it has ended."""
    async with sides() as pair:
        left = []
        for one in pair:
            theirs = shown(place(one), clientId=3, permId=PERM_ID + 1)
            one.server.answers[order_status.ReqAllOpenOrders] = lambda _, theirs=theirs: [
                theirs,
                order_status.OpenOrderEnd(),
            ]
            await one.ib.reqAllOpenOrdersAsync()
            one.server.answers[order_status.ReqAllOpenOrders] = lambda _: [order_status.OpenOrderEnd()]
            await one.ib.reqAllOpenOrdersAsync()
            await one.tell()
            if one is pair[1]:
                await one.ib.allOpenTradesAsync()
            left.append([trade.order.clientId for trade in one.ib.openTrades() if trade.order.clientId == 3])
        assert left == [[3], []]
