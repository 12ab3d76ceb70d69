"""What the tests of faults share: a gateway with a scenario in simulated time, and clients of few words."""

import asyncio
from contextlib import asynccontextmanager, suppress

from ibdesk.paper.faults import Scenario
from ibdesk.runtime.connections import connect_streams
from ibdesk.session.connection import Connection
from ibdesk.simulation import simulation
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import Error, ManagedAccounts, StartApi

START = "2026-11-02T10:00"


class Caller:
    """The client's end of a connection. A task keeps what comes in `heard`, with the second at which it came."""

    def __init__(self, world, reader, writer):
        self.world = world
        self.reader, self.writer = reader, writer
        self.core = Connection(Sender.CLIENT, max_version=V.MAX)
        self.heard = []
        self.data = bytearray()
        self.pieces = []
        self.end = None
        self._begin = world.now
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def call(cls, world, client_id=1, *, starts=True):
        caller = cls(world, *await connect_streams("127.0.0.1", world.port))
        world.callers.append(caller)
        caller.writer.write(caller.core.data_to_send())
        while starts and not caller.heard and caller.end is None:
            await asyncio.sleep(0.001)
        if starts and caller.end is None:
            caller.ask(StartApi(client_id))
        return caller

    @property
    def second(self):
        return (self.world.now - self.world.gateway.start_time).total_seconds()

    async def _read(self):
        with suppress(OSError):
            while data := await self.reader.read(1 << 16):
                self.data += data
                self.pieces.append(len(data))
                self.heard += [(self.second, message) for message in self.core.receive_data(data)]
        self.end = self.second

    def ask(self, *requests):
        for request in requests:
            self.core.send(request)
        self.writer.write(self.core.data_to_send())

    def all(self, *kinds):
        """What came of some classes."""
        return [message for _, message in self.heard if isinstance(message, kinds)]

    def times(self, *kinds):
        """When messages of some classes came, in seconds after the start."""
        return [round(second, 3) for second, message in self.heard if isinstance(message, kinds)]

    def codes(self):
        """The notices that came, with their times."""
        return [(round(second, 3), m.errorCode) for second, m in self.heard if isinstance(m, Error)]

    @property
    def is_served(self):
        return bool(self.all(ManagedAccounts))

    async def leave(self):
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()
        await asyncio.wait([self._reading])


@asynccontextmanager
async def trouble(*faults, seed=1, **settings):
    """A gateway at ten in New York in simulated time, with these faults."""
    async with simulation(START, scenario=Scenario(faults, seed), **settings) as world:
        world.callers = []
        try:
            yield world
        finally:
            for caller in world.callers:
                await caller.leave()
