"""`placeOnce`: with the same key an order is sent once, whatever happens in between."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from client.asking import settle
from client.broker import AAPL, OURS, PERM_ID, execution
from client.journaled import Broker, program, shown
from client.scripted import serving

from ibdesk import IB, LimitOrder, Order, Stock, Trade
from ibdesk.client.api import journal as api
from ibdesk.journal import Journal
from ibdesk.model.order import OrderState
from ibdesk.wire.messages import connection, executions, order_status, orders


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


def order(**fields: Any) -> Order:
    return LimitOrder("BUY", 100, 1.0, **fields)


async def test_the_same_key_gives_the_same_trade(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        trade = await ib.placeOnceAsync("a key", AAPL, order())
        assert await ib.placeOnceAsync("a key", AAPL, order()) is trade, "before any answer"
        await settle(ib)
        assert await ib.placeOnceAsync("a key", AAPL, trade.order) is trade
        other = await ib.placeOnceAsync("another", AAPL, order())
        server.send(*shown(trade.order, "Filled"))
        await settle(ib)
        assert trade.isDone()
        assert await ib.placeOnceAsync("a key", AAPL, order()) is trade
        assert other is not trade
        assert [message.order.orderRef for message in server.of(orders.PlaceOrder)] == ["a key", "another"]


async def test_calls_at_once_send_once(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        trades = await asyncio.gather(*(ib.placeOnceAsync("a key", AAPL, order()) for _ in range(5)))
        await settle(ib)
        assert len(set(trades)) == len(server.of(orders.PlaceOrder)) == 1


@pytest.mark.parametrize("outcome", ["lives", "filled", "cancelled"])
@pytest.mark.parametrize("is_acknowledged", [True, False])
async def test_a_new_program_gets_the_trade_however_it_went_on(path: Path, outcome: str, is_acknowledged: bool) -> None:
    broker = Broker()
    broker.silent = not is_acknowledged
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = await ib.placeOnceAsync("a key", AAPL, order(orderRef="mine"))
            await settle(ib)
        sent = server.of(orders.PlaceOrder)[0]
        permId = PERM_ID + sent.orderId
        match outcome:
            case "lives":
                broker.open = shown(sent.order, orderId=sent.orderId, clientId=OURS)
            case "filled":
                broker.executed = [execution(trade, permId=permId, orderRef="mine#a key")]
            case "cancelled":
                ended = LimitOrder("BUY", 0, 1.0, permId=permId, orderRef="mine#a key")
                state = OrderState(status="Cancelled", completedStatus="Cancelled by Trader")
                broker.ended = [orders.CompletedOrder(AAPL, ended, state)]
        for _ in range(2):
            async with program(path, server) as ib:
                again = await ib.placeOnceAsync("a key", AAPL, order(orderRef="mine"))
                assert again.orderStatus.status == {"lives": "Submitted", "filled": "Filled"}.get(outcome, "Cancelled")
                assert (again.order.permId, again.order.orderRef) == (permId, "mine#a key")
                assert again.order.orderId == trade.order.orderId
        assert len(server.of(orders.PlaceOrder)) == 1


async def test_an_order_that_certainly_never_arrived_is_sent_once_more(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            first = await ib.placeOnceAsync("a key", AAPL, order())
            await settle(ib)
        async with program(path, server) as ib:
            broker.silent = False
            second = await ib.placeOnceAsync("a key", AAPL, order())
            assert await ib.placeOnceAsync("a key", AAPL, order()) is second
            await settle(ib)
            assert second.order.orderId > first.order.orderId
            assert second.orderStatus.status == "Submitted"
            broker.open = shown(second.order)
        async with program(path, server) as ib:
            assert (await ib.placeOnceAsync("a key", AAPL, order())).order.orderId == second.order.orderId
        assert len(server.of(orders.PlaceOrder)) == 2


async def test_the_same_object_is_sent_once_more_under_a_new_id(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server:
        ib, own = IB(journal=path), order(orderRef="mine")
        for _ in range(2):
            await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
            await ib.placeOnceAsync("a key", AAPL, own)
            await settle(ib)
            ib.disconnect()
        first, second = server.of(orders.PlaceOrder)
        assert second.orderId > first.orderId
        assert first.order.orderRef == second.order.orderRef == "mine#a key"


async def test_an_order_that_was_cancelled_and_never_arrived_is_not_sent_again(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = await ib.placeOnceAsync("a key", AAPL, order())
            ib.cancelOrder(trade.order)
            await settle(ib)
        async with program(path, server) as ib:
            assert (await ib.placeOnceAsync("a key", AAPL, order())).orderStatus.status == "ApiCancelled"
        assert len(server.of(orders.PlaceOrder)) == 1


async def test_it_waits_until_the_fate_of_the_first_is_known(path: Path) -> None:
    broker = Broker()
    broker.silent = True
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            await ib.placeOnceAsync("a key", AAPL, order())
            await settle(ib)
        sent = server.of(orders.PlaceOrder)[0]
        asked = asyncio.Event()
        server.answers[order_status.ReqOpenOrders] = lambda _: asked.set() or []  # type: ignore[func-returns-value]
        ib = IB(journal=path)
        connecting = asyncio.ensure_future(ib.connectAsync("127.0.0.1", server.port, clientId=OURS, timeout=None))
        await asked.wait()
        calling = asyncio.ensure_future(ib.placeOnceAsync("a key", AAPL, order()))
        await asyncio.sleep(0)
        assert not calling.done()
        living = shown(sent.order, orderId=sent.orderId, clientId=OURS)
        server.answers[order_status.ReqOpenOrders] = lambda _: [*living, order_status.OpenOrderEnd()]
        server.send(*living, order_status.OpenOrderEnd())
        assert (await calling).orderStatus.status == "Submitted"
        await connecting
        ib.disconnect()
        assert len(server.of(orders.PlaceOrder)) == 1


async def test_what_the_server_does_not_tell_raises_and_sends_nothing(path: Path, monkeypatch) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            await ib.placeOnceAsync("a key", AAPL, order())
            await settle(ib)
        async with program(path, server) as ib:  # neither open, nor ended, nor executed, but the server once had it
            with pytest.raises(ConnectionError, match=r"the order with key 'a key': .*may have been filled"):
                await ib.placeOnceAsync("a key", AAPL, order())
        assert len(server.of(orders.PlaceOrder)) == 1


@pytest.mark.parametrize(
    ("contract", "fields", "text"),
    [
        (AAPL, {"lmtPrice": 1.5}, "lmtPrice was 1.0 and is 1.5"),
        (AAPL, {"action": "SELL", "tif": "GTC"}, "action was 'BUY' and is 'SELL', tif was '' and is 'GTC'"),
        (AAPL, {"orderRef": "mine"}, "orderRef was 'a key' and is 'mine#a key'"),
        (Stock("MSFT", "SMART", "USD"), {}, "symbol was 'AAPL' and is 'MSFT'"),
        (Stock("AAPL", "SMART", "USD", conId=7), {}, "conId was 265598 and is 7"),
    ],
)
async def test_another_order_with_the_same_key_is_refused(path: Path, contract: Any, fields: Any, text: str) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        await ib.placeOnceAsync("a key", AAPL, order())
        other = order()
        other.update(**fields)
        with pytest.raises(ValueError, match=f"^the key 'a key' belongs to another order: {text}$"):
            await ib.placeOnceAsync("a key", contract, other)
        assert other.orderRef == fields.get("orderRef", "")
        assert len(server.of(orders.PlaceOrder)) <= 1


async def test_a_contract_may_be_qualified_meanwhile(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        trade = await ib.placeOnceAsync("a key", Stock("AAPL", "SMART", "USD"), order())
        full = Stock("AAPL", "SMART", "USD", conId=265598, primaryExchange="NASDAQ", localSymbol="AAPL")
        assert await ib.placeOnceAsync("a key", full, order()) is trade


async def test_a_change_of_the_order_does_not_change_what_was_asked_for(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        trade = await ib.placeOnceAsync("a key", AAPL, order())
        await settle(ib)
        trade.order.lmtPrice = 2.0
        ib.placeOrder(AAPL, trade.order)
        assert await ib.placeOnceAsync("a key", AAPL, order()) is trade
        with pytest.raises(ValueError, match=r"lmtPrice was 1.0 and is 2.0"):
            await ib.placeOnceAsync("a key", AAPL, LimitOrder("BUY", 100, 2.0))


# --- a journal that has lost its end --------------------------------------------------------------------------------


def forget(path: Path) -> None:
    """What a power failure does to a journal without fsync."""
    for file in path.parent.iterdir():
        file.unlink()


@pytest.mark.parametrize("is_open", [True, False])
async def test_an_order_that_the_journal_has_lost_is_recognised_at_the_server(path: Path, is_open: bool) -> None:
    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = await ib.placeOnceAsync("a key", AAPL, order())
            await settle(ib)
        forget(path)
        if is_open:
            broker.open = shown(trade.order)
        else:
            ended = LimitOrder("BUY", 0, 1.0, permId=trade.order.permId, orderRef="a key")
            state = OrderState(status="Filled", completedStatus="Filled Size: 100")
            broker.ended = [orders.CompletedOrder(AAPL, ended, state)]
        for _ in range(2):
            async with program(path, server) as ib:
                again = await ib.placeOnceAsync("a key", AAPL, order())
                assert again.order.permId == trade.order.permId
                assert again.orderStatus.status == ("Submitted" if is_open else "Filled")
        assert Journal(path).entries()[0].key == "a key"
        assert len(server.of(orders.PlaceOrder)) == 1


async def test_an_execution_alone_is_enough_not_to_send_the_order(path: Path) -> None:
    broker = Broker()
    broker.executed = [execution(Trade(order=Order(orderId=1)), orderRef="a key")]
    async with serving(broker.answers()) as server, program(path, server) as ib:
        with pytest.raises(ValueError, match="an order with orderRef 'a key' was executed, but the journal does not"):
            await ib.placeOnceAsync("a key", AAPL, order())
        assert server.of(orders.PlaceOrder) == []


# --- refusals ---------------------------------------------------------------------------------------------------------


async def test_it_needs_a_journal_and_a_connection(path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"placeOnce\(\) needs a journal.*IB\(journal='orders.db'\)"):
        await IB().placeOnceAsync("a key", AAPL, order())
    with pytest.raises(ConnectionError, match="Not connected"):
        await IB(journal=path).placeOnceAsync("a key", AAPL, order())


@pytest.mark.parametrize("key", ["", " a", "a\n", "a\0b", "a\x1b[2J"])
async def test_what_cannot_be_a_key_is_refused(path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="a key is a text without line ends, or blanks around it, and not empty"):
        await IB(journal=path).placeOnceAsync(key, AAPL, order())


async def test_reference_and_key_have_a_limit(path: Path) -> None:
    own = order(orderRef="r" * 40)
    with pytest.raises(ValueError, match=f"would have 65 characters, and {api.LONGEST_REFERENCE} are the most"):
        await IB(journal=path).placeOnceAsync("k" * 24, AAPL, own)
    assert own.orderRef == "r" * 40


async def test_a_key_of_another_client_is_refused(path: Path) -> None:
    async with serving(Broker().answers()) as server:
        async with program(path, server) as ib:
            await ib.placeOnceAsync("a key", AAPL, order())
        async with program(path, server, clientId=2) as ib:
            with pytest.raises(ValueError, match="the key 'a key' belongs to an order of client 1, and this is 2"):
                await ib.placeOnceAsync("a key", AAPL, order())


async def test_a_key_of_a_pruned_order_is_refused(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        trade = await ib.placeOnceAsync("a key", AAPL, order())
        await settle(ib)
        server.send(*shown(trade.order, "Filled"))
        await settle(ib)
        ib.placeOrder(AAPL, order())
        assert ib.journal is not None
        assert ib.journal.prune(datetime(2100, 1, 1, tzinfo=UTC)) == 1
        with pytest.raises(ValueError, match="the key 'a key' belongs to an order that ended long ago and was pruned"):
            await ib.placeOnceAsync("a key", AAPL, order())


async def test_an_id_of_another_order_is_refused(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        trade = ib.placeOrder(AAPL, order())
        with pytest.raises(ValueError, match=f"orderId {trade.order.orderId} belongs to an order that was placed wit"):
            await ib.placeOnceAsync("a key", AAPL, order(orderId=trade.order.orderId))


async def test_an_order_that_cannot_be_sent_leaves_no_trace(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        own = LimitOrder("BUY", 1, "much")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="lmtPrice"):
            await ib.placeOnceAsync("a key", AAPL, own)
        assert (own.orderId, own.orderRef, ib.trades()) == (0, "", [])
        trade = await ib.placeOnceAsync("a key", AAPL, order())
        assert isinstance(trade, Trade)


async def test_the_key_of_an_order_that_cannot_be_sent_is_left_to_no_other_order(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        with pytest.raises(ValueError, match="lmtPrice"):
            await ib.placeOnceAsync("a key", AAPL, LimitOrder("BUY", 1, "much", orderId=50))  # type: ignore[arg-type]
        other = ib.placeOrder(AAPL, LimitOrder("SELL", 7, 500.0, orderId=50))
        trade = await ib.placeOnceAsync("a key", AAPL, order())
        assert trade is not other
        assert await ib.placeOnceAsync("a key", AAPL, order()) is trade


async def test_a_question_what_if_has_no_key(path: Path) -> None:
    async with serving(Broker().answers()) as server, program(path, server) as ib:
        with pytest.raises(ValueError, match="whatIf"):
            await ib.placeOnceAsync("a key", AAPL, order(whatIf=True))
        trade = await ib.placeOnceAsync("a key", AAPL, order())
        await settle(ib)
        assert [message.order.whatIf for message in server.of(orders.PlaceOrder)] == [False]
        assert isinstance(trade, Trade)


async def test_an_order_that_ended_days_ago_is_brought_back_for_its_key(path: Path) -> None:
    from datetime import timedelta

    broker = Broker()
    async with serving(broker.answers()) as server:
        async with program(path, server) as ib:
            trade = await ib.placeOnceAsync("a key", AAPL, order())
            await settle(ib)
            server.send(executions.ExecDetails(-1, AAPL, execution(trade, permId=trade.order.permId)))
            await settle(ib)
            now = ib.dispatcher.state.now
        ib = IB(journal=path)
        ib.dispatcher.state.now = lambda: now() + timedelta(days=5)  # type: ignore[method-assign]
        await ib.connectAsync("127.0.0.1", server.port, clientId=OURS)
        assert ib.trades() == []
        again = await ib.placeOnceAsync("a key", AAPL, order())
        assert (again.orderStatus.status, again.filled()) == ("Filled", 100.0)
        assert ib.trades() == [again]
        ib.disconnect()
    assert len(server.of(connection.StartApi)) == 2
