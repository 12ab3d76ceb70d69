"""A gateway's desk without sockets: the two ends of a connection joined in memory, on a clock moved by hand."""

from datetime import datetime, timedelta

import pytest

from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.desk import Desk
from ibdesk.paper.world import World
from ibdesk.session.connection import Connection
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.frames import frame
from ibdesk.wire.messages.connection import StartApi

WEDNESDAY_AT_TEN = datetime(2026, 4, 15, 10, 0, tzinfo=NEW_YORK)


class Floor:
    """A desk, its world and the time. `connect` makes clients of it."""

    def __init__(self, now=WEDNESDAY_AT_TEN, started=WEDNESDAY_AT_TEN, **kwargs):
        self.now = now
        self.world = World(seed=1, account="DU1234567", cash=1_000_000, now=now, started=started)
        self.desk = Desk(self.world, **kwargs)

    def connect(self, client_id=None, version=V.MAX):
        """A client that has shaken hands, and started when it has an id."""
        client = JoinedClient(self, version)
        if client_id is not None:
            client.ask(StartApi(client_id))
        return client

    def wait(self, seconds):
        """Lets the gateway look at the market once, so much later."""
        self.now += timedelta(seconds=seconds)
        self.desk.advance(self.now)


class JoinedClient:
    """Both ends of one connection. What the desk sends goes through bytes, and is kept in `received`."""

    def __init__(self, floor, version):
        self.floor = floor
        self.mine = Connection(Sender.CLIENT, max_version=version)
        self.theirs = Connection(Sender.SERVER, time="20260415 10:00:00 US/Eastern")
        (opened,) = self.theirs.receive_data(self.mine.data_to_send())
        self.mine.receive_data(self.theirs.data_to_send())
        self.seat = floor.desk.connect(self.theirs.send, opened.serverVersion)
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
            self.floor.desk.receive(self.seat, event, self.floor.now)
        return self.heard()

    def heard(self):
        """What came since the last time."""
        data = self.theirs.data_to_send()
        self.sent += data
        return self.mine.receive_data(data)


@pytest.fixture
def floor():
    """A gateway at 10:00 in New York on an ordinary Wednesday."""
    return Floor()


@pytest.fixture
def make_floor():
    """Makes gateways, with another start or other arguments."""
    return Floor


@pytest.fixture
def client(floor):
    """Client 1 of `floor`, started; what that told it is forgotten."""
    return floor.connect(1)
