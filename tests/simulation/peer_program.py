"""Programs of a simulated day on ib_async 2.1.0, which stay connected as its documentation and its users advise.

`ib_async` has to be first on the path: `tests/fetch_oracles.py` places it, and `tests/simulated_peer_days.py` finds it.

ib_async does not connect again by itself, and leaves it to the program to subscribe again. `WatchdogProgram` uses its
own `Watchdog`, as its documentation shows it. `CarefulProgram` adds what its source and the answers of its maintainers
teach; with it everything is done that a program can do that uses what ib_async offers.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Any

import ib_async

from ibdesk.paper.clock import NEW_YORK

from .trading_day import APPLE, MICROSOFT, NVIDIA, TRADER, Program, Wish

RETRY, LONGEST_PAUSE = 2.0, 30.0
"""The first pause between two attempts to connect, which is the Watchdog's, and the longest, in seconds."""

SILENCE, PROBE = 20.0, 4.0
"""After how much silence TWS is asked for bars, and how long it has to answer: the Watchdog's defaults, in seconds."""

CONNECT = 10.0
"""How long a connection, and each part of the account, may take, in seconds."""

PATIENCE = 90.0
"""How long the program awaits anything, in seconds: ib_async's requests have no limit."""

RENEWING = frozenset({100, 1100, 1101})
"""The codes after which the careful program makes the connection anew; the Watchdog does so after the first two."""


class ErrorCount(logging.Handler):
    """Keeps the exceptions that ib_async meets in itself, and only logs."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.texts = texts

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what a record tells of an exception."""
        if record.exc_info and record.exc_info[1] is not None:
            self.texts.append(f"{record.getMessage()[:80]} {record.exc_info[1]!r}")


class Bars(list[Any]):
    """The five-second bars of a whole day, over all connections, and between which of them the program was away."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[tuple[datetime, datetime]] = []


class PeerProgram(Program):
    """Trades on ib_async. A subclass says how it stays connected."""

    names = ib_async

    def __init__(self, random: Random, wishes: list[Wish]) -> None:
        super().__init__(ib_async.IB(), random, wishes)
        self.live_bars = Bars()
        self.inside = ErrorCount(self.logged)
        self.whole = asyncio.Event()
        self.keeping: asyncio.Future[None] | None = None
        self._was_away = False

    async def connect(self, port: int) -> None:
        """Connect, and subscribe, and do so again whenever that is needed."""
        self.port = port
        logging.getLogger("ib_async").addHandler(self.inside)
        self.ib.pnlEvent += lambda pnl: self.updates.update(["P&L"])
        self.keeping = asyncio.ensure_future(self.keep())
        await self.connected()

    async def keep(self) -> None:
        """Keep the program connected."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the connection for good."""
        if self.keeping is not None:
            self.keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self.keeping
        self.ib.disconnect()
        logging.getLogger("ib_async").removeHandler(self.inside)

    async def connected(self) -> None:
        """Wait until there is a connection, and everything is subscribed."""
        await self.whole.wait()

    def is_connected(self) -> bool:
        """Return whether there is a connection, and everything is subscribed."""
        return self.whole.is_set()

    def is_linked(self) -> bool:
        """Return whether the link of the gateway is there: where it is not, the program gives up the connection."""
        return self.whole.is_set()

    def complaint(self) -> str:
        """Return what is not well with the connection; nothing if it is well."""
        return "" if self.whole.is_set() else "the connection is not well"

    def has_all(self, bars: Any) -> bool:
        """Return that no bars are missing, since ib_async tells of none."""
        return True

    def gaps_of(self, bars: Any) -> Sequence[tuple[Any, Any]]:
        """Return between which bars the program knows that some are missing, since it was not connected."""
        return bars.gaps if isinstance(bars, Bars) else ()

    def doubt(self, trade: Any) -> str:
        """Return nothing: ib_async never says that it does not know how an order stands."""
        return ""

    def waiting(self) -> list[str]:
        """Return the requests that still wait for their answer."""
        return [str(key) for key, future in self.ib.wrapper._futures.items() if not future.done()]

    async def reconcile(self) -> list[str]:
        """Return nothing: ib_async compares nothing with the server."""
        return []

    async def begin_day(self) -> None:
        """Do nothing: everything is subscribed with the connection."""

    def _lose(self) -> None:
        self.whole.clear()
        self._was_away = True

    async def _subscribe(self) -> None:
        """Ask for all that is to be kept up to date; the lists and tickers are new ones each time."""
        ib = self.ib
        live = ib.reqRealTimeBars(self.contract(NVIDIA), 5, "TRADES", True)
        live.updateEvent += self._on_live_bar
        ticker = ib.reqMktData(self.contract(MICROSOFT))
        ticker.updateEvent += self._on_quotes
        ib.reqPnL(ib.managedAccounts()[0])
        bars = await ib.reqHistoricalDataAsync(
            self.contract(APPLE), "", "1800 S", "1 min", "TRADES", True, keepUpToDate=True
        )
        if not bars:
            raise ConnectionError("no bars")
        self.bars = bars
        bars.updateEvent += lambda bars, new: self.updates.update(["bars"])

    def _on_live_bar(self, bars: Any, new: bool) -> None:
        self.updates["live bars"] += 1
        if self.live_bars and len(bars) == 1:
            self.live_bars.gaps.append((self.live_bars[-1].time, bars[-1].time))
        self.live_bars.append(bars[-1])

    def _on_quotes(self, ticker: Any) -> None:
        if self._was_away:
            self._was_away = False
            self.gaps.append((self.heard, ticker.time))
        super()._on_quotes(ticker)

    async def _persist(self, step: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        began = datetime.now(NEW_YORK)
        try:
            async with asyncio.timeout(PATIENCE) as limit:
                await step()
        except (ConnectionError, TimeoutError):
            if limit.expired():
                self.waited_in_vain.append(f"{step.__name__} since {began:%H:%M:%S}")
            await self.connected()
            return False
        except Exception as error:  # a program that is to live for weeks logs it and goes on
            self.exceptions.append(f"{step.__name__}: {error!r}")
        return True


class Gateway:
    """What a Watchdog starts and ends, where IB Gateway runs elsewhere: it only ends the connection."""

    def __init__(self, ib: Any) -> None:
        self._ib = ib

    async def startAsync(self) -> None:
        """Do nothing: the gateway runs."""

    async def terminateAsync(self) -> None:
        """End the connection, which the end of the gateway would do."""
        self._ib.disconnect()


class WatchdogProgram(PeerProgram):
    """Stays connected by ib_async's own Watchdog with its defaults, and subscribes whenever that has started."""

    async def keep(self) -> None:
        """Let the Watchdog keep the program connected."""
        self.ib.disconnectedEvent += self._lose
        watchdog = ib_async.Watchdog(Gateway(self.ib), self.ib, port=self.port, clientId=TRADER, appStartupTime=0)
        watchdog.startedEvent += self._on_started
        await watchdog.start()

    async def _on_started(self, watchdog: Any) -> None:
        with suppress(ConnectionError):
            await self._subscribe()
        if self.ib.isConnected():
            self.whole.set()


class CarefulProgram(PeerProgram):
    """Stays connected as the Watchdog does, and leaves nothing to chance that ib_async lets a program see.

    - An account that does not come completely is no connection (`raiseSyncErrors=True`), and a connection and a part of
      the account may take ten seconds, not two.
    - After 1101, too, the connection is made anew, and when something cannot be subscribed.
    - What it knows of its orders it takes from `ib.trades()` anew, not from objects that it holds.
    """

    async def keep(self) -> None:
        """Connect and subscribe again and again, until cancelled."""
        self._renew, self._silent = asyncio.Event(), asyncio.Event()
        self.ib.disconnectedEvent += self._renew.set
        self.ib.errorEvent += self._on_error
        self.ib.timeoutEvent += lambda idle: self._silent.set()
        while True:
            await self._connect()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._subscribe()
            except Exception as error:
                self._keep_unexpected(error, "subscribe")
            else:
                self.whole.set()
                await self._watch()
            self._lose()
            self.ib.disconnect()
            await asyncio.sleep(RETRY)

    def _on_error(self, req_id: int, code: int, text: str, contract: Any) -> None:
        if code in RENEWING:
            self._renew.set()

    async def _connect(self) -> None:
        pause = RETRY
        while True:
            self._renew.clear()
            try:
                await self.ib.connectAsync("127.0.0.1", self.port, TRADER, CONNECT, raiseSyncErrors=True)
            except Exception as error:
                self._keep_unexpected(error, "connect")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return

    async def _watch(self) -> None:
        """Return when the connection has to be made anew."""
        renewed = asyncio.create_task(self._renew.wait())
        try:
            while True:
                self._silent.clear()
                self.ib.setTimeout(SILENCE)
                silent = asyncio.create_task(self._silent.wait())
                await asyncio.wait([renewed, silent], return_when=asyncio.FIRST_COMPLETED)
                silent.cancel()
                if renewed.done() or not await self._answers():
                    return
        finally:
            renewed.cancel()

    async def _answers(self) -> bool:
        contract = ib_async.Forex("EURUSD")
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(PROBE):
                return bool(await self.ib.reqHistoricalDataAsync(contract, "", "30 S", "5 secs", "MIDPOINT", False))
        return False

    def _keep_unexpected(self, error: Exception, where: str) -> None:
        if not isinstance(error, ConnectionError | TimeoutError):
            self.exceptions.append(f"{where}: {error!r}")
