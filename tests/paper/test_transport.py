"""That what one connection does, no other notices."""

import asyncio
import contextlib
import logging
import socket

import pytest

from ibdesk.model.contract import Stock
from ibdesk.paper import PaperGateway, transport
from ibdesk.session.connection import Connection
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import CurrentTime, ReqCurrentTime, StartApi
from ibdesk.wire.messages.history import HistoricalData, ReqHistoricalData
from ibdesk.wire.messages.market_data import ReqMktData

START = "2026-04-15T10:00"
APPLE = Stock("AAPL", "SMART", "USD")


@pytest.fixture
async def gateway():
    async with PaperGateway(port=0, start_time=START) as gateway:
        yield gateway


class Caller:
    """A client of few words: the client's end of a connection on a socket."""

    def __init__(self, reader, writer, version):
        self.reader, self.writer = reader, writer
        self.core = Connection(Sender.CLIENT, max_version=version)
        self.messages = []

    @classmethod
    async def call(cls, gateway, client_id, version=V.MAX, receive_buffer=None):
        if receive_buffer is None:
            caller = cls(*await asyncio.open_connection(gateway.host, gateway.port), version)
        else:
            link = socket.socket()
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            link.setblocking(False)
            await asyncio.get_running_loop().sock_connect(link, (gateway.host, gateway.port))
            caller = cls(*await asyncio.open_connection(sock=link), version)
        caller.write(caller.core.data_to_send())
        await caller.until(lambda messages: messages)
        if client_id is not None:
            caller.ask(StartApi(client_id))
        return caller

    def write(self, data):
        self.writer.write(data)

    def ask(self, *requests):
        for request in requests:
            self.core.send(request)
        self.write(self.core.data_to_send())

    async def until(self, enough):
        """Reads until that is so; gives all that came."""
        async with asyncio.timeout(20):
            while not enough(self.messages):
                data = await self.reader.read(1 << 16)
                if not data:
                    raise ConnectionError("the gateway has hung up")
                self.messages += self.core.receive_data(data)
        return self.messages

    async def is_answered(self):
        self.messages.clear()
        self.ask(ReqCurrentTime())
        await self.until(lambda messages: any(isinstance(m, CurrentTime) for m in messages))
        return True

    async def is_hung_up(self):
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionResetError):
                while await self.reader.read(1 << 16):
                    pass
        return True

    async def leave(self):
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"API\0" + frame(b"version 7"),
        b"API\0" + frame(b"v1..100"),
        b"API\0" + frame(b"v226..300"),
        b"API\0\xff\xff\xff\xff",
        b"API\0" + frame(b"v157..225") + b"\x7f\xff\xff\xff",
    ],
)
async def test_what_is_no_protocol_ends_its_connection_only(gateway, data):
    good = await Caller.call(gateway, 1)
    bad = Caller(*await asyncio.open_connection(gateway.host, gateway.port), V.MAX)
    bad.write(data)
    assert await bad.is_hung_up()
    assert await good.is_answered()
    await bad.leave()
    await good.leave()


async def test_damage_in_the_middle_ends_the_connection_and_frees_its_id(gateway):
    bad = await Caller.call(gateway, 1)
    await bad.until(lambda messages: len(messages) == 6)
    bad.write(b"\x7f\xff\xff\xff")
    assert await bad.is_hung_up()
    again = await Caller.call(gateway, 1)
    await again.until(lambda messages: len(messages) == 6)
    assert await again.is_answered()
    await bad.leave()
    await again.leave()


async def test_a_connection_that_says_nothing_is_ended():
    async with PaperGateway(port=0, start_time=START) as gateway:
        silent = Caller(*await asyncio.open_connection(gateway.host, gateway.port), V.MAX)
        silent.write(b"API")
        good = await Caller.call(gateway, None)  # and does not start yet
        assert await silent.is_hung_up()
        good.ask(StartApi(1))
        assert await good.is_answered()
        await silent.leave()
        await good.leave()


async def test_messages_may_come_in_any_pieces(gateway):
    caller = Caller(*await asyncio.open_connection(gateway.host, gateway.port), V.MAX)
    for byte in caller.core.data_to_send():
        caller.write(bytes((byte,)))
        await caller.writer.drain()
    await caller.until(lambda messages: messages)
    caller.core.send(StartApi(1))
    for byte in caller.core.data_to_send():
        caller.write(bytes((byte,)))
        await caller.writer.drain()
    await caller.until(lambda messages: len(messages) == 6)
    await caller.leave()


async def test_who_asks_a_lot_at_once_waits_between_the_others(gateway):
    greedy, modest = await Caller.call(gateway, 1), await Caller.call(gateway, 2)
    await greedy.until(lambda messages: len(messages) == 6)
    await modest.until(lambda messages: len(messages) == 6)
    many = 3000
    greedy.messages.clear()
    greedy.ask(*[ReqCurrentTime()] * many)
    assert await modest.is_answered()
    await greedy.until(lambda messages: len(messages) == many)
    await greedy.leave()
    await modest.leave()


LONG = ("", "10 D", "1 min", "TRADES", True)
ENOUGH = 4  # long answers, to fill the buffers of the kernel too, which are small here


@pytest.fixture
def held(monkeypatch):
    """An event: some client is held because it does not read."""
    event = asyncio.Event()
    make, pause = transport.Link.connection_made, transport.Link.pause_writing

    def make_small(link, socket_transport):
        socket_transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        make(link, socket_transport)

    def pause_and_tell(link):
        pause(link)
        event.set()

    monkeypatch.setattr(transport.Link, "connection_made", make_small)
    monkeypatch.setattr(transport.Link, "pause_writing", pause_and_tell)
    monkeypatch.setattr(transport, "HIGH_WATER", 1024)
    return event


@pytest.mark.real_time
async def test_who_does_not_read_is_held_and_goes_on_when_he_does(gateway, held):
    slow, good = await Caller.call(gateway, 1, receive_buffer=4096), await Caller.call(gateway, 2)
    slow.ask(ReqMktData(1, APPLE))
    slow.ask(*(ReqHistoricalData(100 + number, APPLE, *LONG) for number in range(ENOUGH)))
    await asyncio.wait_for(held.wait(), 20)
    assert await good.is_answered()
    await slow.until(lambda messages: sum(isinstance(m, HistoricalData) for m in messages) == ENOUGH)
    assert await slow.is_answered()
    await slow.leave()
    await good.leave()


@pytest.mark.real_time
async def test_who_lets_too_much_wait_is_given_up(gateway, held, monkeypatch, caplog):
    monkeypatch.setattr(transport, "GIVE_UP", 4096)
    slow, good = await Caller.call(gateway, 1, receive_buffer=4096), await Caller.call(gateway, 2)
    with caplog.at_level(logging.INFO, "ibdesk.paper"):
        slow.ask(*(ReqHistoricalData(100 + number, APPLE, *LONG) for number in range(ENOUGH)))
        await asyncio.wait_for(held.wait(), 20)
        assert await slow.is_hung_up()
    assert "it does not read what it is sent" in caplog.text
    assert await good.is_answered()
    await slow.leave()
    await good.leave()


@pytest.mark.real_time
async def test_a_gateway_stops_though_a_client_does_not_read(held):
    async with PaperGateway(port=0, start_time=START) as gateway:
        slow = await Caller.call(gateway, 1, receive_buffer=4096)
        slow.ask(*(ReqHistoricalData(100 + number, APPLE, *LONG) for number in range(ENOUGH)))
        await asyncio.wait_for(held.wait(), 20)
    assert await slow.is_hung_up()
    await slow.leave()


async def test_what_cannot_be_written_is_not_sent_and_told_in_the_log(gateway, caplog):
    caller = await Caller.call(gateway, 1)
    await caller.until(lambda messages: len(messages) == 6)
    (link,) = gateway._links
    link.send(CurrentTime("noon"))
    assert "cannot be written" in caplog.text
    assert await caller.is_answered()
    await caller.leave()


async def test_what_cannot_be_written_does_not_keep_back_what_is_sent_with_it(gateway, caplog):
    caller = await Caller.call(gateway, 1)
    await caller.until(lambda messages: len(messages) == 6)
    (link,) = gateway._links
    link.send_all([CurrentTime(1), CurrentTime("noon"), CurrentTime(2), CurrentTime("one"), CurrentTime(3)])
    link.flush()
    assert caplog.text.count("a message that cannot be written") == 2
    heard = await caller.until(lambda messages: CurrentTime(3) in messages)
    assert [message for message in heard if isinstance(message, CurrentTime)] == [
        CurrentTime(1),
        CurrentTime(2),
        CurrentTime(3),
    ]
    await caller.leave()
