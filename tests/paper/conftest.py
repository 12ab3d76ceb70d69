"""A gateway without sockets: the two ends of a connection joined in memory, on a clock moved by hand."""

from datetime import datetime, timedelta

import pytest

from ibdesk.paper.broker import Broker
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.market import Market
from ibdesk.paper.router import Router
from ibdesk.session.connection import Connection
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import StartApi

WEDNESDAY_AT_TEN = datetime(2026, 4, 15, 10, 0, tzinfo=NEW_YORK)


class GatewayInMemory:
    """A router, its broker and the time. `connect` makes clients of it."""

    def __init__(
        self, now=WEDNESDAY_AT_TEN, started=WEDNESDAY_AT_TEN, data=None, only_data=False, cash=1_000_000, **kwargs
    ):
        self.now = now
        market = Market(1, now.date(), data, only_data=only_data)
        self.broker = Broker(market, seed=1, account="DU1234567", cash=cash, now=now, started=started)
        self.router = Router(self.broker, **kwargs)

    def connect(self, client_id=None, version=V.MAX):
        """A client that has shaken hands, and started when it has an id."""
        client = JoinedClient(self, version)
        if client_id is not None:
            client.ask(StartApi(client_id))
        return client

    def wait(self, seconds):
        """Lets the gateway look at the market once, so much later."""
        self.now += timedelta(seconds=seconds)
        self.router.advance(self.now)


class JoinedClient:
    """Both ends of one connection. What the gateway sends goes through bytes, and is kept in `received`."""

    def __init__(self, gateway, version):
        self.gateway = gateway
        self.mine = Connection(Sender.CLIENT, max_version=version)
        self.theirs = Connection(Sender.SERVER, time="20260415 10:00:00 US/Eastern")
        (opened,) = self.theirs.receive_data(self.mine.data_to_send())
        self.mine.receive_data(self.theirs.data_to_send())
        self.seat = gateway.router.connect(self.theirs, opened.serverVersion)
        self.sent = b""

    def ask(self, *requests):
        """Sends requests and gives what came back, with all that had come before unasked."""
        for request in requests:
            self.mine.send(request)
        return self.ask_bytes(self.mine.data_to_send())

    def ask_raw(self, payload):
        """The same with a payload that nobody described."""
        return self.ask_bytes(frame(payload))

    def ask_bytes(self, data):
        for event in self.theirs.receive_data(data):
            self.gateway.router.receive(self.seat, event, self.gateway.now)
        return self.heard()

    def heard(self):
        """What came since the last time."""
        data = self.theirs.data_to_send()
        self.sent += data
        return self.mine.receive_data(data)


@pytest.fixture
def gateway():
    """A gateway at 10:00 in New York on an ordinary Wednesday."""
    return GatewayInMemory()


@pytest.fixture(scope="session")
def make_gateway():
    """Makes gateways, with another start or other arguments."""
    return GatewayInMemory


@pytest.fixture
def client(gateway):
    """Client 1 of `gateway`, started; what that told it is forgotten."""
    return gateway.connect(1)
