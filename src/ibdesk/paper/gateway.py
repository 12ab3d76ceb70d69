"""The paper gateway as a server: it listens, lets time pass, and keeps its clients apart.

It sleeps until something is due or a client asks for something, and wakes for nothing else.
"""

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from os import PathLike
from threading import get_ident
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from ibdesk.logs import logger
from ibdesk.runtime.clocks import clocks_here
from ibdesk.runtime.connections import listen
from ibdesk.runtime.threads import LoopThread
from ibdesk.session.connection import Connection, Opened
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender

from .arguments import (
    HIGHEST_CLIENT_ID,
    HIGHEST_PORT,
    HIGHEST_START,
    account_code,
    address,
    dollars,
    kind_of_account,
    whole,
    within_market,
)
from .broker import Broker
from .client import Client
from .clock import NEW_YORK, Clock, RunningClock, aware, start_from
from .faults import Faults, Scenario, with_faults
from .like import Like
from .market import Market, PriceSource, TapePrices
from .price_files import PriceFiles, prices_of
from .router import Router
from .time_texts import written
from .transport import Link

_log = logger("ibdesk.paper")

AT_ONCE = 1000
"""Changes that are told in one go when the gateway is late. Then it is the turn of the connections, and more follow."""

LISTEN_AGAIN_SECONDS = 1.0
"""How soon a port is tried again that something else has taken."""

FAREWELL_SECONDS = 1.0
"""How long the clients have to read what was sent to them before the gateway stops."""


class PaperGateway:
    """A broker on a TCP port. Any TWS API client can connect, get quotes, trade, and see its account.

    ::

        async with PaperGateway(port=0) as gateway:
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)

    In plain code, `with PaperGateway(port=0) as gateway:` runs it in a thread of its own; in a simulation, beside the
    program.

    `port` 0 takes any free port, which `port` then tells. `seed` decides all prices: the same seed, start and
    requests at the same times give the same answers. permIds and execIds are another matter: no two starts share any,
    unless `clock` shows the same moment. With a `start_number` they follow from that and the seed: the same number has
    the same ids again, the next one has others. `account` starts with `cash` US dollars. The gateway's clock starts at
    `start_time`, an aware datetime or ISO text (New York time where it names no zone); without one, now when New
    York's market is open, else 10:00 of its last day. `clock` is one to use instead (see `Clock`). `max_version` is the
    newest server version to speak; the client with `master_client_id` is told of the orders of all.

    `data` is where the prices of some instruments come from: a folder or a file of prices or several of these, whose
    columns, units and zones `docs/reference/price_files.md` tells; a tape, whose quotes are quoted again
    (`docs/reference/tapes.md`); or a `PriceSource`. Options and futures follow their underlyings. The others have
    prices by the seed, or with `only_data` none: requests and orders for them are refused. `zone` is that of times in
    files which tell none. CSV files are converted in the folder `data_cache`, where that is not to be done again the
    next time, or in a temporary one. Without a `start_time` the clock starts in the first regular hours in which all of
    the files have prices, or with the first quote of the tape.

    `scenario` tells what goes wrong (see `docs/reference/faults.md`), or the file in which it stands. `faults` has what
    did; it is None where nothing does.

    `like` is the kind of account whose gateway is imitated: "paper", or "live". IBKR's servers for paper accounts
    refuse some orders that those for live ones take: `docs/reference/orders.md` tells which.

    `broker` is what the gateway serves: the market, the exchange and the account. Whoever looks at it only reads.

    Raises ValueError for an argument that cannot be meant, and names it: `account` is the code of one account, `cash`
    not negative, the start in a year from 1981 to 2099. A file of prices that cannot be meant raises PriceFileError,
    which names the row, and a scenario ScenarioError, which names the fault.
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
        data: PriceSource | PathLike[str] | str | Iterable[PathLike[str] | str] | None = None,
        only_data: bool = False,
        zone: ZoneInfo | str | None = None,
        data_cache: PathLike[str] | str | None = None,
        scenario: Scenario | PathLike[str] | str | None = None,
        like: str = Like.PAPER,
        start_number: int | None = None,
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
        start = within_market(started if clock else start_from(start_time, started))
        number, amount = whole("seed", seed), dollars(cash)
        prices = prices_of(data, number, start.date(), only_data=only_data, zone=zone, cache=data_cache)
        if isinstance(prices, PriceFiles | TapePrices) and not (clock or start_time):
            start = within_market(prices.opening.astimezone(NEW_YORK))
        self.start_time: datetime = start
        plan = scenario if isinstance(scenario, Scenario | None) else Scenario.read(scenario)
        shown = with_faults(prices, plan, start=start, seed=number, only_data=only_data) if plan else prices
        market = Market(number, self.start_time.date(), shown, only_data=only_data, like=kind_of_account(like))
        for each in prices.instruments if isinstance(prices, PriceFiles | TapePrices) else ():
            market.instruments.add(each)
        begun = started if start_number is None else whole("start_number", start_number, 0, HIGHEST_START)
        self.broker: Broker = Broker(market, seed=number, account=self.account, cash=amount, now=start, started=begun)
        # Made last: the broker takes its time to begin.
        self.clock: Clock = clock or RunningClock(self.start_time, clocks.seconds)
        self._router = Router(self.broker, master_client_id=master)
        self.faults: Faults | None = None
        if plan is not None:
            self.faults = Faults(plan, start=self.start_time, now=self.clock.now, router=self._router, doors=self)
        self._links: dict[Link, None] = {}  # in the order in which they came, unlike a set
        self._servers: list[asyncio.Server] = []
        self._ports: list[int] = []
        self._opening: asyncio.Task[None] | None = None
        self._is_shut = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_due: datetime | None = None
        self._deserted = asyncio.Event()
        self._deserted.set()
        self._thread: LoopThread | None = None
        self._process = 0

    # Running

    async def start(self) -> None:
        """Begin to listen. Raises OSError if the port is not available."""
        self.port = await self.listen(self.port)
        self._loop = asyncio.get_running_loop()
        self._set_alarm()

    async def listen(self, port: int) -> int:
        """Listen on one more port, or on any free one with 0, and return it. Raises OSError if it is not available."""
        port = await self._listen(port)
        self._ports.append(port)
        if self._is_shut:  # since its very start
            self.close_doors()
        return port

    async def _listen(self, port: int) -> int:
        server, port = await listen(self._new_link, self.host, port)
        self._servers.append(server)
        return port

    async def stop(self) -> None:
        """End all connections and listen no more."""
        if self._opening:
            self._opening.cancel()
        for server in self._servers:
            server.close()
        self._loop = None
        self._set_alarm()
        for link in list(self._links):
            link.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._deserted.wait()
        for link in list(self._links):
            link.abort()
        for server in self._servers:
            await server.wait_closed()
        self._servers, self._ports = [], []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        self._thread, self._process = LoopThread("ibdesk paper gateway", is_lent=False), os.getpid()
        try:
            self._thread.run(self.start())
        except BaseException:
            self._thread.end()
            self._thread = None
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        if self._process == os.getpid():  # a fork has no such thread, and leaves the gateway to where it runs
            self._thread.run(self.stop())
            self._thread.end()
            self._thread = None

    def advance(self) -> None:
        """Let the market go on until the clock's time at once. This is for clocks that are moved by hand.

        In plain code it may be called from any thread: it returns when the gateway's own has done it.
        """
        if self._thread and self._thread.ident != get_ident():
            self._thread.run(self._advance())
        else:
            self._go_on()

    async def _advance(self) -> None:
        self._go_on()

    def _set_alarm(self) -> None:
        """Have the event loop wake the gateway when something is due."""
        due = self._router.next_due if self._loop else None
        if due is self._alarm_due:
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm, self._alarm_due = None, due
        if self._loop and due is not None:
            seconds = self.clock.seconds_until(due)
            if seconds is not None or due <= self.clock.now():
                self._alarm = self._loop.call_at(self._loop.time() + max(0.0, seconds or 0.0), self._wake)

    def _wake(self) -> None:
        self._alarm = self._alarm_due = None
        self._go_on(AT_ONCE)

    def _go_on(self, most: int | None = None) -> None:
        try:
            self._router.advance(self.clock.now(), most)
        finally:
            self._flush()
            self._set_alarm()

    def _flush(self) -> None:
        for link in list(self._links):
            link.flush()

    # Called by the faults

    def close_doors(self) -> None:
        """Listen no more, for a while."""
        self._is_shut = True
        for server in self._servers:
            server.close()
        self._servers = []

    def open_doors(self) -> None:
        """Listen again on the same ports."""
        self._is_shut = False
        if self._loop:
            again = self._listen_again(self._opening)
            self._opening = self._loop.create_task(again, name="ibdesk paper gateway: listening again")

    async def _listen_again(self, earlier: asyncio.Task[None] | None) -> None:
        """Listen on all ports, after an earlier task of this kind; what is begun is not broken off."""
        if earlier:
            await asyncio.wait([earlier])
        for port in self._ports:
            known = {sock.getsockname()[1] for server in self._servers for sock in server.sockets}
            while port not in known and not self._is_shut:
                try:
                    await self._listen(port)
                    break
                except OSError as error:
                    _log.error("the gateway cannot listen on port %s again yet: %s", port, error)
                    await asyncio.sleep(LISTEN_AGAIN_SECONDS)
        if self._is_shut:
            self.close_doors()  # also what has been opened since

    # Called by the links

    def _new_link(self) -> Link:
        time = written(self.clock.now(), V.MAX)
        connection = Connection(Sender.SERVER, max_version=self.max_version, time=time)
        link = self.faults.new_link(connection, self) if self.faults else Link(connection, self)
        self._links[link] = None
        self._deserted.clear()
        return link

    def on_open(self, link: Link, opened: Opened) -> Client:
        """Make a client of a link whose handshake is done."""
        return self._router.connect(link, opened.serverVersion)

    def on_message(self, link: Link, client: Client, message: Any) -> None:
        """Answer a message of a client, which may concern others too."""
        self._router.receive(client, message, self.clock.now())
        self._flush()
        self._set_alarm()

    def on_ready(self) -> None:
        """Tell a client that reads again what was held back, as soon as its connection has finished with this."""
        self._set_alarm()

    def on_close(self, link: Link, client: Client | None) -> None:
        """Forget a client that is gone."""
        self._links.pop(link, None)
        if not self._links:
            self._deserted.set()
        if client is not None:
            self._router.disconnect(client)
            self._set_alarm()
