"""A gateway on a real port: starting, serving several clients, letting time pass, stopping."""

import asyncio
import re
import socket
import subprocess
import sys
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from ibdesk import IB
from ibdesk.model.contract import Stock
from ibdesk.model.order import MarketOrder
from ibdesk.paper import PaperGateway
from ibdesk.paper import gateway as gateway_module
from ibdesk.paper.clock import NEW_YORK, HandClock, start_from
from ibdesk.session.connection import Connection
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import CurrentTime, Error, NextValidId, ReqCurrentTime, ReqIds, StartApi
from ibdesk.wire.messages.market_data import ReqMktData, TickPrice, TickSize
from ibdesk.wire.messages.order_status import OrderStatus
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.real_time_bars import ReqRealTimeBars

START = start_from("2026-04-15T10:00", None)
APPLE = Stock("AAPL", "SMART", "USD")
NAN, INF = float("nan"), float("inf")


class PlainClient:
    """A client on a blocking socket, for the side of the tests that has no loop."""

    def __init__(self, port, client_id, version=V.MAX):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.core = Connection(Sender.CLIENT, max_version=version)
        self.socket.sendall(self.core.data_to_send())
        (self.opened,) = self.until(lambda messages: messages)
        self.ask(StartApi(client_id))

    def ask(self, *requests):
        for request in requests:
            self.core.send(request)
        self.socket.sendall(self.core.data_to_send())

    def until(self, enough):
        messages = []
        while not enough(messages):
            data = self.socket.recv(1 << 16)
            if not data:
                return [*messages, "closed"]
            messages += self.core.receive_data(data)
        return messages

    def until_last(self, kind):
        return self.until(lambda messages: any(isinstance(message, kind) for message in messages))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


@pytest.fixture(scope="module")
def gateway():
    with PaperGateway(port=0, start_time=START) as gateway:
        yield gateway


@pytest.mark.parametrize("version", [V.MIN, 178, V.PROTOBUF, V.MAX])
def test_a_client_of_any_version_is_served(gateway, version):
    with PlainClient(gateway.port, 100 + version, version) as client:
        assert client.opened.serverVersion == version
        assert client.opened.time.startswith("20260415 10:")
        assert client.until_last(NextValidId)
        client.ask(ReqMktData(1, APPLE))
        assert client.until_last(TickPrice)
        client.ask(ReqIds())
        number = client.until_last(NextValidId)[-1].orderId
        client.ask(PlaceOrder(number, APPLE, MarketOrder("BUY", 10)))
        assert client.until(lambda ms: any(isinstance(m, OrderStatus) and m.status == "Filled" for m in ms))


def test_quotes_come_as_time_passes(gateway):
    with PlainClient(gateway.port, 1) as client:
        client.ask(ReqMktData(1, APPLE))
        ticks = client.until(lambda ms: sum(isinstance(m, TickPrice | TickSize) for m in ms) > 30)
        assert "closed" not in ticks


def test_a_used_client_id_is_refused_and_hung_up(gateway):
    with PlainClient(gateway.port, 2) as client, PlainClient(gateway.port, 2) as other:
        client.until_last(NextValidId)
        error, closed = other.until(lambda messages: False)
        assert isinstance(error, Error)
        assert (error.errorCode, closed) == (326, "closed")
        client.ask(ReqCurrentTime())
        assert client.until_last(CurrentTime)


async def test_a_clock_can_be_moved_by_hand():
    clock = HandClock(START)
    async with PaperGateway(port=0, clock=clock) as gateway:
        assert gateway.start_time == START
        reader, writer = await asyncio.open_connection(gateway.host, gateway.port)
        core = Connection(Sender.CLIENT)
        writer.write(core.data_to_send())
        core.receive_data(await reader.read(1 << 16))
        clock.advance(3600)
        gateway.advance()
        core.send(StartApi(1))
        core.send(ReqCurrentTime())
        writer.write(core.data_to_send())
        messages = []
        async with asyncio.timeout(20):
            while not any(isinstance(message, CurrentTime) for message in messages):
                messages += core.receive_data(await reader.read(1 << 16))
        assert messages[-1] == CurrentTime(int(START.timestamp()) + 3600)
        writer.close()
        await writer.wait_closed()


def test_a_clock_can_be_moved_from_another_thread():
    clock = HandClock(START)
    with PaperGateway(port=0, clock=clock) as gateway, PlainClient(gateway.port, 1) as client:
        client.until_last(NextValidId)
        client.ask(ReqRealTimeBars(1, APPLE, 5, "TRADES", False), ReqCurrentTime())
        client.until_last(CurrentTime)
        clock.advance(10)
        gateway.advance()
        client.ask(ReqCurrentTime())
        first, second, now = client.until_last(CurrentTime)
        assert (now.time, second.time, first.time) == tuple(int(START.timestamp()) + each for each in (10, 5, 0))


async def test_a_gateway_that_nobody_uses_sleeps():
    async with PaperGateway(port=0, start_time=START) as gateway:
        assert gateway._alarm is None


async def test_a_fault_of_the_market_is_logged_and_the_gateway_goes_on(monkeypatch, caplog):
    async with PaperGateway(port=0, start_time=START) as gateway:
        market, broken = gateway._router._broker.market, asyncio.Event()

        def fail(con_id, when):
            broken.set()
            raise RuntimeError("broken")

        ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
        ticker = ib.reqMktData(APPLE)
        await asyncio.wait_for(ticker.updateEvent, 20)
        with monkeypatch.context() as patch:
            patch.setattr(market, "quote_until", fail)
            await asyncio.wait_for(broken.wait(), 20)
        assert "what is due cannot be done" in caplog.text
        await asyncio.wait_for(ticker.updateEvent, 20)
        ib.disconnect()


class FastClock:
    """A clock that is a thousand times as fast as its loop."""

    def __init__(self):
        self.loop, self.asked = asyncio.get_running_loop(), 0
        self.began = self.loop.time()

    def now(self):
        return START + timedelta(seconds=1000 * (self.loop.time() - self.began))

    def seconds_until(self, moment):
        self.asked += 1
        return (moment - self.now()).total_seconds() / 1000


async def test_a_clock_may_be_faster_than_its_loop():
    async with PaperGateway(port=0, clock=FastClock()) as gateway:
        ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
        bars, complete = ib.reqRealTimeBars(APPLE, 5, "TRADES", False), asyncio.Event()
        bars.updateEvent += lambda bars, _: len(bars) == 100 and complete.set()
        await asyncio.wait_for(complete.wait(), 20)
        assert [after.time - before.time for before, after in pairwise(bars)] == [timedelta(seconds=5)] * (
            len(bars) - 1
        )
        ib.disconnect()


async def test_the_gateway_wakes_when_something_is_due_and_not_before(monkeypatch):
    """With a subscription to bars, it wakes once for each of them."""
    async with PaperGateway(port=0, clock=FastClock()) as gateway:
        ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
        looks, advance = [], gateway._router.advance
        monkeypatch.setattr(gateway._router, "advance", lambda now, most=None: looks.append(now) or advance(now, most))
        bars, complete = ib.reqRealTimeBars(APPLE, 5, "TRADES", False), asyncio.Event()
        bars.updateEvent += lambda bars, _: len(bars) == 50 and complete.set()
        await asyncio.wait_for(complete.wait(), 20)
        assert len(looks) <= len(bars) + 4, "beside the request itself"
        ib.disconnect()


async def test_a_gateway_that_is_late_gives_its_connections_a_turn(monkeypatch):
    monkeypatch.setattr(gateway_module, "AT_ONCE", 10)
    clock = HandClock(START)
    async with PaperGateway(port=0, clock=clock) as gateway:
        ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
        bars = ib.reqRealTimeBars(APPLE, 5, "TRADES", False)
        await ib.reqCurrentTimeAsync()
        clock.advance(150)
        gateway._wake()
        assert gateway._router.next_due == START + timedelta(seconds=55)
        async with asyncio.timeout(20):
            while len(bars) < 30:
                await bars.updateEvent
        ib.disconnect()


async def test_who_reads_again_gets_the_newest_quote_though_no_time_passes():
    clock = HandClock(START)
    async with PaperGateway(port=0, clock=clock) as gateway:
        ib = await IB().connectAsync("127.0.0.1", gateway.port, clientId=1)
        ticker = ib.reqMktData(APPLE)
        await asyncio.wait_for(ticker.updateEvent, 20)
        (link,) = gateway._links
        link.pause_writing()
        for _ in range(3):
            clock.advance(10)
            gateway.advance()
        await asyncio.sleep(0)
        link.resume_writing()
        async with asyncio.timeout(20):
            while ticker.volume != gateway._router._broker.market.quote(265598, clock.now()).volume:
                await ticker.updateEvent
        ib.disconnect()


async def test_a_gateway_can_stop_and_start_again_on_its_port():
    gateway = PaperGateway(port=0, start_time=START)
    await gateway.start()
    port = gateway.port
    reader, writer = await asyncio.open_connection(gateway.host, port)
    await gateway.stop()
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    await writer.wait_closed()
    async with gateway:
        assert gateway.port == port
    await gateway.stop()


async def test_a_gateway_can_listen_on_several_ports():
    async with PaperGateway(port=0, start_time=START) as gateway:
        ports = {gateway.port, await gateway.listen(0)}
        assert len(ports) == 2
        for number, port in enumerate(ports, start=1):
            assert await asyncio.to_thread(client_id_is_taken, port, number)
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


def client_id_is_taken(port, client_id):
    with PlainClient(port, client_id) as client:
        return bool(client.until_last(NextValidId))


async def test_two_gateways_do_not_share_a_port():
    async with PaperGateway(port=0, start_time=START) as first:
        with pytest.raises(OSError):
            await PaperGateway(port=first.port, start_time=START).start()


def test_a_gateway_in_a_thread_that_cannot_listen_leaves_nothing(gateway):
    with pytest.raises(OSError), PaperGateway(port=gateway.port, start_time=START):
        pass


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("host", ["", " ", None, 5]),
        ("port", [-1, 65536, 1.5, "7497", True, None]),
        ("seed", [1.5, "1", True, None, NAN]),
        ("account", ["", "DU1,DU2", " ", "DU 1", "All", "all", "DU1\0", "DU1\n", "\N{SNOWMAN}", "D" * 21, None, 5]),
        ("cash", [-5, -0.01, NAN, INF, 1e16, "1", None, True]),
        ("start_time", ["soon", "", "2026-04-15T25:00", 5, date(2026, 4, 15), START.replace(tzinfo=None)]),
        ("max_version", [156, 226, 178.5, "178", None]),
        ("master_client_id", [-1, 2**31, 1.5, "1", True]),
    ],
)
def test_an_argument_that_cannot_be_meant_is_named(name, values):
    for value in values:
        with pytest.raises(ValueError, match=rf"^{name} is .*{re.escape(repr(value))}$"):
            PaperGateway(**{name: value})


@pytest.mark.parametrize("year", ["1900", "1980", "2100", "9999"])
def test_the_market_has_its_years(year):
    with pytest.raises(ValueError, match=f"^the market knows the years 1981 to 2099, not {year}$"):
        PaperGateway(start_time=f"{year}-07-01T10:00")


def test_a_clock_is_a_start_of_its_own():
    with pytest.raises(ValueError, match="give clock or start_time"):
        PaperGateway(clock=HandClock(START), start_time=START)
    naive = SimpleNamespace(now=lambda: datetime(2026, 4, 15))
    with pytest.raises(ValueError, match=r"^clock is a moment with a time zone, not datetime\.datetime\(2026, 4, 15"):
        PaperGateway(clock=naive)


@pytest.mark.parametrize(
    "arguments",
    [
        {"account": "U1", "cash": 0, "seed": -(2**70), "port": 65535, "host": "::1", "master_client_id": 0},
        {"account": "F0000001", "cash": 12.34, "seed": np.int64(3), "max_version": 157},
        {"start_time": "1981-01-02T10:00"},
        {"start_time": "2099-12-30T10:00"},
    ],
)
def test_unusual_arguments_that_make_sense(arguments):
    gateway = PaperGateway(**{"port": 0, **arguments})
    broker = gateway._router._broker
    assert broker.market.quote(265598, gateway.start_time).bid > 0
    assert float(broker.ledger.totals().net_liquidation) == arguments.get("cash", 1_000_000)


def test_a_seed_of_numpy_is_the_same_seed():
    one, other = (PaperGateway(port=0, seed=seed, start_time=START)._router._broker for seed in (3, np.int64(3)))
    assert one.market.quote(265598, START) == other.market.quote(265598, START)


def test_without_a_start_time_new_york_is_open():
    start = PaperGateway(port=0).start_time
    assert start.tzinfo == NEW_YORK
    assert start.weekday() < 5
    assert 930 <= start.hour * 100 + start.minute < 1600


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("ibdesk.cli", "pandas exchange_calendars numpy"), ("ibdesk.paper", "pandas exchange_calendars")],
)
def test_what_few_need_is_imported_when_it_is_needed(module, heavy):
    code = f"import sys, {module}; print([name for name in '{heavy}'.split() if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_package_has_nothing_else():
    import ibdesk.paper

    with pytest.raises(AttributeError, match="PaperDesk"):
        _ = ibdesk.paper.PaperDesk
