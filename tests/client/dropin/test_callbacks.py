"""`Client(wrapper)`, by itself: which callbacks come when, and what a wrapper may do without harm."""

import asyncio
import inspect
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from client.asking import VERSIONS
from client.scripted import CLOSE, Server, serving

from ibdesk import IB, EWrapper
from ibdesk.client import Client
from ibdesk.client.dropin.callbacks import Callbacks
from ibdesk.model.contract import Stock
from ibdesk.model.executions import Execution
from ibdesk.model.order import LimitOrder, OrderState
from ibdesk.runtime.loops import get_loop
from ibdesk.wire.codec import Oddities, Unknown
from ibdesk.wire.messages import accounts, connection, executions, historical_ticks, market_data, orders

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


class Diary:
    """A wrapper that keeps the names of its calls; some raise."""

    def __init__(self, *raising: str) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._raising = raising
        self.ended = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("ib", "defaultTimezone", "priceSizeTick"):
            raise AttributeError(name)

        def call(*args: Any) -> None:
            self.calls.append((name, *args))
            if name in ("currentTime", "connectionClosed"):
                self.ended.set()
            if name in self._raising:
                raise ZeroDivisionError(name)

        return call

    def names(self) -> list[str]:
        return [name for name, *_ in self.calls]


async def connected(server: Server, wrapper: Any) -> Client:
    client = Client(wrapper)
    await client.connectAsync("127.0.0.1", server.port, 7)
    return client


@pytest.mark.parametrize("version", VERSIONS)
async def test_callbacks_from_the_beginning_to_the_end(version: int) -> None:
    async with serving({connection.ReqCurrentTime: lambda _: [connection.CurrentTime(9)]}, version) as server:
        diary = Diary()
        client = Client(diary)
        for name in client.events:
            getattr(client, name).connect(lambda *args, name=name: diary.calls.append((name, *args)))
        await client.connectAsync("127.0.0.1", server.port, 7)
        assert (client.serverVersion(), client.isReady(), client.getAccounts()) == (version, True, ["DU1"])
        assert [name for name in diary.names() if "tcpData" not in name] == [
            *("connectAck", "apiStart", "managedAccounts", "nextValidId")
        ]
        assert ("nextValidId", client.getReqId()) in diary.calls
        diary.calls.clear()
        client.reqCurrentTime()
        await diary.ended.wait()
        await asyncio.sleep(0)
        assert diary.calls == [("tcpDataArrived",), ("currentTime", 9), ("tcpDataProcessed",)]
        diary.calls.clear()
        diary.ended.clear()
        server.send(CLOSE)
        await diary.ended.wait()
        assert diary.names() == ["apiError", "connectionClosed", "apiEnd"]
        assert not client.isConnected()


async def test_an_exception_in_a_callback_is_logged_and_that_is_all(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as server:
        diary = Diary("tcpDataArrived", "nextValidId", "error", "currentTime", "connectionClosed")
        client = await connected(server, diary)
        server.send(connection.Error(3, 200, "No security definition"), connection.CurrentTime(9))
        await diary.ended.wait()
        assert client.isReady()
        server.send(CLOSE)
        diary.ended.clear()
        await diary.ended.wait()
        assert diary.names().count("tcpDataProcessed") == diary.names().count("tcpDataArrived")
    told = [one.getMessage() for one in caplog.records if one.exc_info]
    assert "Error in the callback error(3, 200, 'No security definition', '')" in told
    assert {text.split("(")[0].split()[-1] for text in told} == set(diary._raising)


async def test_a_wrapper_needs_no_callback() -> None:
    async with serving() as server:
        wrapper = object()
        client = await connected(server, wrapper)
        assert client.wrapper is wrapper
        server.send(connection.Error(3, 200, "No security definition"), market_data.TickPrice(1, 1, 2.0, 3.0, 0))
        client.reqIds(1)
        await server.wait_for(connection.ReqIds)
        assert client.isReady()
        client.disconnect()


async def test_a_refusal_is_told_and_raised() -> None:
    refusal = connection.Error(-1, 326, "Unable to connect as the client id is already in use.")
    async with serving({connection.StartApi: lambda _: [refusal, CLOSE]}) as server:
        diary = Diary()
        client = Client(diary)
        with pytest.raises(ConnectionError, match="326"):
            await client.connectAsync("127.0.0.1", server.port, 7)
        assert ("error", -1, 326, refusal.errorString, "") in diary.calls
        assert "connectionClosed" not in diary.names()


async def test_unreadable_and_unknown_messages_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as server:
        diary = Diary()
        client = await connected(server, diary)
        server.send(b"9\x001\x00what\x00", b"999\x001\x00", b"999\x002\x00", connection.CurrentTime(9))
        await diary.ended.wait()
        client.disconnect()
    told = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(told) == 2
    assert "NextValidId" in told[0]
    assert told[1].endswith("message 999")


def test_a_server_cannot_make_the_log_of_unknown_messages_grow_without_bounds(caplog: pytest.LogCaptureFixture) -> None:
    Callbacks(Diary()).receive([Unknown(id, b"") for id in range(1000, 4000)])
    assert len(caplog.records) == Oddities.MOST


def test_values_out_of_range_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    diary = Diary()
    ticks = [historical_ticks.TickMidPoint(10**15, 1.0, 2.0)]
    Callbacks(diary).receive([historical_ticks.HistoricalTicks(1, ticks, True), connection.CurrentTime(9)])
    assert diary.names() == ["tcpDataArrived", "currentTime", "tcpDataProcessed"]
    assert "Error handling HistoricalTicks(reqId=1" in caplog.text


async def test_who_disconnects_hears_no_more() -> None:
    async with serving() as server:
        heard: list[int] = []

        class Wrapper:
            def currentTime(self, time: int) -> None:
                heard.append(time)
                client.disconnect()

        client = await connected(server, Wrapper())
        server.send(connection.CurrentTime(1), connection.CurrentTime(2))
        assert server._writer is not None
        await server._writer.wait_closed()
        await asyncio.sleep(0)
        assert heard == [1]
        await client.connectAsync("127.0.0.1", server.port, 7)
        assert client.isReady()
        client.disconnect()


class Quotes(EWrapper):
    """Wants what IBKR's own client tells."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def tickPrice(self, *args: Any) -> None:
        super().tickPrice(*args)
        self.calls.append(("tickPrice", *args))

    def tickSize(self, *args: Any) -> None:
        self.calls.append(("tickSize", *args))


class QuotesInOne(Quotes):
    """Wants price and size in one."""

    def priceSizeTick(self, *args: Any) -> None:
        self.calls.append(("priceSizeTick", *args))


def test_a_price_and_its_size_come_in_one_for_who_wants_that() -> None:
    ticks = [market_data.TickPrice(1, 2, 10.5, 300.0, 5), market_data.TickPrice(1, 6, 11.0), market_data.TickSize(1, 8)]
    apart, joined = Quotes(), QuotesInOne()
    for wrapper in (apart, joined):
        Callbacks(wrapper).receive(ticks)
    assert [(name, *(str(arg) for arg in args)) for name, *args in apart.calls] == [
        ("tickPrice", "1", "2", "10.5", "TickAttrib(canAutoExecute=True, pastLimit=False, preOpen=True)"),
        ("tickSize", "1", "3", "300.0"),
        ("tickPrice", "1", "6", "11.0", "TickAttrib(canAutoExecute=False, pastLimit=False, preOpen=False)"),
        ("tickSize", "1", "8", "0.0"),
    ]
    assert joined.calls == [
        ("priceSizeTick", 1, 2, 10.5, 300.0),
        ("priceSizeTick", 1, 6, 11.0, 0.0),
        ("tickSize", 1, 8, 0.0),
    ]


def test_the_base_class_tells_what_its_callbacks_mean() -> None:
    assert inspect.getdoc(EWrapper.tickSize) == inspect.getdoc(market_data.TickSize)
    assert EWrapper.tickSize.__qualname__ == "EWrapper.tickSize"  # type: ignore[attr-defined]
    assert all(callback.__doc__ for name, callback in vars(EWrapper).items() if not name.startswith("_"))


class App(EWrapper, Client):
    """Both in one, as programs for IBKR's client are written."""

    def __init__(self) -> None:
        Client.__init__(self, self)
        self.states: list[tuple[int, str]] = []
        self.done = asyncio.Event()

    def openOrder(self, orderId: int, contract: Any, order: Any, orderState: OrderState) -> None:
        self.states.append((orderId, orderState.status))
        self.done.set()


async def test_wrapper_and_client_may_be_one_object() -> None:
    def accept(m: orders.PlaceOrder) -> Iterator[Any]:
        m.order.orderId = m.orderId
        yield orders.OpenOrder(m.contract, m.order, OrderState(status="Submitted"))

    async with serving({orders.PlaceOrder: accept}) as server:
        app = App()
        await app.connectAsync("127.0.0.1", server.port, 7)
        app.placeOrder(app.getReqId(), AAPL, LimitOrder("BUY", 1, 2.0))
        await app.done.wait()
        assert app.states == [(1, "Submitted")]
        app.disconnect()
    assert not {name for name in vars(EWrapper) if not name.startswith("_")} & set(dir(Client))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("20260415 10:00:00 US/Eastern", datetime(2026, 4, 15, 14, tzinfo=UTC)),
        ("20260415  10:00:00", datetime(2026, 4, 15, 15, tzinfo=UTC)),  # the server's clock is in Chicago
        ("20260415", "20260415"),
        ("soon", "soon"),
    ],
)
async def test_an_execution_is_told_whatever_its_time_looks_like(text: str, read: object) -> None:
    diary = Diary()
    callbacks = Callbacks(diary)
    callbacks._clock = "20260415 09:00:00 US/Central"
    callbacks.take(executions.ExecDetails(1, AAPL, Execution("e.1", text)))  # type: ignore[arg-type]
    assert diary.calls[0][3].time == read


def test_requests_from_other_threads_are_handed_over() -> None:
    """And when it is disconnected, the next connection may belong to another loop."""
    client = Client(Diary())
    threads: list[int] = []

    async def talk() -> None:
        async with serving() as server:
            await client.connectAsync("127.0.0.1", server.port, 7)
            transport = client._transport
            assert transport is not None
            send = transport.send
            transport.send = lambda *args: (threads.append(threading.get_ident()), send(*args))  # type: ignore[method-assign,func-returns-value]
            await asyncio.to_thread(client.reqIds, 1)
            await server.wait_for(connection.ReqIds)
            client.disconnect()
            await asyncio.sleep(0)

    asyncio.run(talk())
    asyncio.run(talk())
    assert threads == [threading.get_ident()] * 2


@pytest.mark.real_time
async def test_a_script_blocks_in_connect_and_runs() -> None:
    async with serving({accounts.ReqPositions: lambda _: [accounts.PositionEnd()]}) as server:

        def program() -> list[str]:
            heard = []

            class Wrapper:
                def positionEnd(self) -> None:
                    heard.append("positionEnd")
                    client.disconnect()
                    get_loop().stop()

            client = Client(Wrapper())
            client.connect("127.0.0.1", server.port, 1)
            client.reqPositions()
            client.run()
            get_loop().run_until_complete(asyncio.sleep(0))  # the socket closes
            get_loop().close()
            return heard

        assert await asyncio.to_thread(program) == ["positionEnd"]


async def test_the_client_of_an_ib_has_its_wrapper() -> None:
    ib = IB()
    assert ib.client.wrapper is ib.wrapper
    assert isinstance(ib.client, Client)
    Callbacks(ib.wrapper).take(Unknown(999, b""))
