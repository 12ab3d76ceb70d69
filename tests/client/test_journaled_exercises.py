"""Instructions to exercise options in the journal: written before they are sent, known to the next program."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from client.asking import sent, settle
from client.broker import OURS, PERM_ID
from client.journaled import Broker, program
from client.scripted import Server, serving

from ibdesk import IB, JournalError, Option, Trade
from ibdesk.journal import Journal
from ibdesk.model.order import Order, OrderState
from ibdesk.wire.messages import options, order_status, orders
from ibdesk.wire.messages.connection import Error

CALL = Option("AAPL", "20260619", 250.0, "C", "SMART", conId=494194134)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


def exercise(ib: IB) -> int:
    return ib.exerciseOptions(CALL, 1, 2, "DU1", 0)


def as_order(orderId: int, status: str = "PreSubmitted") -> list[Any]:
    """What a server shows of an instruction: an order that buys at 0."""
    order = Order(orderId, OURS, PERM_ID, action="BUY", totalQuantity=2, orderType="LMT", lmtPrice=0.0, account="DU1")
    told = order_status.OrderStatus(orderId, status, 0.0, 2.0, 0.0, PERM_ID, 0, 0.0, OURS)
    return [orders.OpenOrder(CALL, order, OrderState(status=status)), told]


@asynccontextmanager
async def next_program(path: Path, server: Server) -> AsyncIterator[Trade]:
    """The trade of the only instruction, as the next program finds it."""
    async with program(path, server) as ib:
        await settle(ib)
        (trade,) = ib.trades()
        assert ib.client.next_id() > trade.order.orderId, "its id is not used again"
        yield trade


async def test_it_is_written_before_it_is_sent_and_nothing_is_sent_that_cannot_be_written(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        orderId = exercise(ib)
        ((client, written),) = Journal(path).waiting()
        assert (client, bool(written.payload)) == (OURS, True)
        await asyncio.sleep(0.1)  # what waits is moved into the database after 50 ms of simulated time
        (entry,) = Journal(path).entries()
        assert (entry.orderId, entry.permId, entry.ended) == (orderId, 0, None)

        def full(*_: Any) -> None:
            raise JournalError(str(path), "the disk is full")

        ib.client.before_order = full
        with pytest.raises(JournalError, match="disk is full"):
            exercise(ib)
        await settle(ib)
        assert len(server.of(options.ExerciseOptions)) == 1


async def test_the_next_program_knows_it_and_finds_it_at_the_server(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            orderId = exercise(ib)
            await settle(ib)
        broker.open = as_order(orderId)
        async with next_program(path, server) as trade:
            assert (trade.contract.conId, trade.order.totalQuantity, trade.order.account) == (CALL.conId, 2, "DU1")
            assert (trade.orderStatus.status, trade.order.permId) == ("PreSubmitted", PERM_ID)
            assert len(server.of(options.ExerciseOptions)) == 1, "it is never sent again"


async def test_one_that_the_server_has_shown_is_the_same_trade_for_the_next_program(path: Path) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            orderId = exercise(ib)
            await sent(ib, server, *as_order(orderId))
            (shown,) = ib.trades()
            assert shown.order.orderId == orderId
        broker.open = as_order(orderId)
        async with next_program(path, server) as trade:
            assert (trade.order.permId, trade.isUncertain()) == (PERM_ID, False)
            assert len(Journal(path).entries()) == 1


async def test_one_that_the_server_tells_of_nowhere_may_have_been_carried_out(path: Path) -> None:
    """An order of which nothing was ever heard has not arrived. Not every server may show instructions."""
    async with serving(Broker().answers()) as server:
        async with program(path, server) as ib:
            exercise(ib)
            await settle(ib)
        async with next_program(path, server) as trade:
            assert not trade.isDone()
            assert trade.uncertainty.endswith("it may have been filled")


async def test_the_refusal_of_one_is_known_to_the_next_program(path: Path) -> None:
    async with serving(Broker().answers()) as server:
        async with program(path, server) as ib:
            orderId = exercise(ib)
            await sent(ib, server, Error(orderId, 201, "Order rejected - reason:no position"))
        async with next_program(path, server) as trade:
            assert (trade.orderStatus.status, trade.isUncertain()) == ("Inactive", False)
            assert trade.rejection is not None
            assert trade.rejection.text == "Order rejected - reason:no position"


async def test_one_that_was_about_to_be_sent_as_the_program_was_killed_is_known(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        assert ib.dispatcher.journaling is not None
        ib.dispatcher.journaling._later = lambda *_: None  # it is killed before the loop has time to move it
        orderId = exercise(ib)
        file = ib.dispatcher.journaling._file
        assert file is not None
        file._closing()
        ib.dispatcher.journaling._file = None
        async with next_program(path, server) as trade:
            assert trade.order.orderId == orderId
