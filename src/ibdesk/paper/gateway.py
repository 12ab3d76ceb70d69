"""The paper gateway as a server: it listens, lets time pass, and keeps its clients apart.

One task looks at the market for all clients together. It sleeps while nobody has subscribed to anything and no order
waits.
"""

import asyncio
import os
import threading
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from ibdesk.logs import logger
from ibdesk.runtime.clocks import clocks_here
from ibdesk.runtime.connections import listen
from ibdesk.session.connection import Connection, Opened
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender

from .arguments import HIGHEST_CLIENT_ID, HIGHEST_PORT, account_code, address, dollars, whole, within_market
from .broker import Broker
from .client import Client
from .clock import NEW_YORK, Clock, RunningClock, aware, start_from
from .market import Market
from .router import Router
from .time_texts import written
from .transport import Link

_log = logger("ibdesk.paper")

PUMP_SECONDS = 0.1
"""How often the market is looked at. It moves four times a second."""

FAREWELL_SECONDS = 1.0
"""How long the clients have to read what was sent to them before the gateway stops."""


class PaperGateway:
    """A broker on a TCP port. Any TWS API client can connect, get quotes, trade, and see its account.

    ::

        async with PaperGateway(port=0) as gateway:
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)

    In plain code, `with PaperGateway(port=0) as gateway:` runs it in a thread of its own.

    `port` 0 takes any free port, which `port` then tells. `seed` decides all prices: the same seed, start and
    requests at the same times give the same answers. permIds and execIds are another matter: no two starts share any,
    unless `clock` shows the same moment. `account` starts with `cash` US dollars. The gateway's clock starts at
    `start_time`, an aware datetime or ISO text (New York time where it names no zone); without one, now when New
    York's market is open, else 10:00 of its last day. `clock` is one to use instead. `max_version` is the newest
    server version to speak; the client with `master_client_id` is told of the orders of all.

    Raises ValueError for an argument that cannot be meant, and names it: `account` is the code of one account, `cash`
    not negative, the start in a year from 1981 to 2099.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 7497,
        *,
        seed: int = 1,
        account: str = "DU1234567",
        cash: float = 1_000_000,
        start_time: datetime | str | None = None,
        max_version: int = V.MAX,
        master_client_id: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        if clock is not None and start_time is not None:
            raise ValueError("a clock tells its own start: give clock or start_time")
        self.host: str = address(host)
        self.port: int = whole("port", port, 0, HIGHEST_PORT)
        self.account: str = account_code(account)
        self.max_version: int = whole("max_version", max_version, V.MIN, V.MAX)
        master = None if master_client_id is None else whole("master_client_id", master_client_id, 0, HIGHEST_CLIENT_ID)
        clocks = clocks_here()
        started = aware(clock.now(), "clock") if clock else clocks.now(NEW_YORK)
        self.start_time: datetime = within_market(started if clock else start_from(start_time, started))
        number, amount = whole("seed", seed), dollars(cash)
        market = Market(number, self.start_time.date())
        broker = Broker(market, seed=number, account=self.account, cash=amount, now=self.start_time, started=started)
        # Made last: the broker takes its time to begin.
        self.clock: Clock = clock or RunningClock(self.start_time, clocks.seconds)
        self._router = Router(broker, master_client_id=master)
        self._links: set[Link] = set()
        self._server: asyncio.Server | None = None
        self._pump: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._deserted = asyncio.Event()
        self._deserted.set()
        self._thread: _LoopThread | None = None

    # Running

    async def start(self) -> None:
        """Begin to listen. Raises OSError if the port is not available."""
        self._server, self.port = await listen(self._new_link, self.host, self.port)
        self._pump = asyncio.create_task(self._run(), name="ibdesk paper gateway")

    async def stop(self) -> None:
        """End all connections and listen no more."""
        if self._server:
            self._server.close()
        if self._pump:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        for link in list(self._links):
            link.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._deserted.wait()
        for link in list(self._links):
            link.abort()
        if self._server:
            await self._server.wait_closed()
        self._pump = self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        self._thread = _LoopThread()
        try:
            self._thread.call(self.start())
        except BaseException:
            self._thread.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        if self._thread.process == os.getpid():  # a fork has no such thread, and leaves the gateway to where it runs
            self._thread.call(self.stop())
            self._thread.close()

    def advance(self) -> None:
        """Let the market go on until the clock's time at once. This is for clocks that are moved by hand."""
        self._router.advance(self.clock.now())
        self._flush()

    async def _run(self) -> None:
        while True:
            if not self._router.is_busy:
                self._wake.clear()
                await self._wake.wait()
            await asyncio.sleep(PUMP_SECONDS)
            try:
                self.advance()
            except Exception:
                # Nobody else is to suffer from a fault in one instrument, say; the next look may go well.
                _log.exception("the market cannot be looked at")

    def _flush(self) -> None:
        for link in list(self._links):
            link.flush()

    # Called by the links

    def _new_link(self) -> Link:
        time = written(self.clock.now(), V.MAX)
        link = Link(Connection(Sender.SERVER, max_version=self.max_version, time=time), self)
        self._links.add(link)
        self._deserted.clear()
        return link

    def on_open(self, link: Link, opened: Opened) -> Client:
        """Make a client of a link whose handshake is done."""
        return self._router.connect(link.send, opened.serverVersion)

    def on_message(self, link: Link, client: Client, message: Any) -> None:
        """Answer a message of a client, which may concern others too."""
        self._router.receive(client, message, self.clock.now())
        self._flush()
        self._wake.set()

    def on_close(self, link: Link, client: Client | None) -> None:
        """Forget a client that is gone."""
        self._links.discard(link)
        if not self._links:
            self._deserted.set()
        if client is not None:
            self._router.disconnect(client)


class _LoopThread:
    """A thread with an event loop, for callers that have none."""

    def __init__(self) -> None:
        self.process: int = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ibdesk paper gateway", daemon=True)
        self._thread.start()

    def call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
