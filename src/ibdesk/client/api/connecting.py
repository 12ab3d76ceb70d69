"""How an `IB` connects, fills its picture of the account, waits and disconnects; not what the picture shows."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from enum import Flag, auto
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from ibdesk.client.api.accounts import positions_of_all, updates_of, updates_of_model
from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import (
    blocking,
    run,
    schedule,
    sleep,
    time_range,
    wait_until,
    waits,
)
from ibdesk.client.subscriptions import Subscription
from ibdesk.logs import logger
from ibdesk.model.executions import ExecutionFilter
from ibdesk.runtime.waiting import time_range_async
from ibdesk.wire.messages import executions, order_status
from ibdesk.wire.messages.connection import ReqCurrentTime

if TYPE_CHECKING:
    from pathlib import Path

    from ibdesk.tape.recorder import Recorder

T = TypeVar("T")

_log = logger("ibdesk.ib")

_TOLD_ACCOUNTS = 20


class StartupFetch(Flag):
    """What `connect` asks for before it returns. Positions are always asked for."""

    POSITIONS = auto()
    ORDERS_OPEN = auto()
    ORDERS_COMPLETE = auto()
    ACCOUNT_UPDATES = auto()
    SUB_ACCOUNT_UPDATES = auto()
    EXECUTIONS = auto()


StartupFetchNONE: StartupFetch = StartupFetch(0)
StartupFetchALL: StartupFetch = (
    StartupFetch.POSITIONS
    | StartupFetch.ORDERS_OPEN
    | StartupFetch.ORDERS_COMPLETE
    | StartupFetch.ACCOUNT_UPDATES
    | StartupFetch.SUB_ACCOUNT_UPDATES
    | StartupFetch.EXECUTIONS
)


class Connecting(ApiGroup):
    """Connect, wait, disconnect."""

    MaxSyncedSubAccounts: int = 50
    """With more accounts than this, `connect` does not ask for the values of each."""

    async def connectAsync(
        self,
        host: str = "127.0.0.1",
        port: int = 7497,
        clientId: int = 1,
        timeout: float | None = 4,
        readonly: bool = False,
        account: str = "",
        raiseSyncErrors: bool = False,
        fetchFields: StartupFetch = StartupFetchALL,
    ) -> Self:
        """Connect, and fill this object with positions, orders, fills and account values.

        `host` and `port`: where TWS listens, by itself at 7497 for paper trading and 7496 for live, and IB Gateway at
        4002 and 4001. `clientId`: a number that no other program uses; client 0 also manages the orders placed by hand.
        `fetchFields`: which of it all to ask for; positions are always.

        `timeout` counts for the connection and again for each part of the filling, in seconds. `readonly`: the server
        is set to read-only, so orders are not asked for. `account`: whose updates to receive, when there are
        several. A part that is late is logged, and raises ConnectionError with `raiseSyncErrors`.

        Raises TimeoutError, OSError or ConnectionError when there is no connection, and ValueError when the login does
        not have the `account`.
        """
        dispatcher = self.dispatcher
        dispatcher.begin(int(clientId))
        dispatcher.recovery.may_ask_for_orders = not readonly
        timeout = timeout or None
        try:
            await self.client.open(host, port, clientId, timeout)
            if clientId == 0:
                self.client.send_message(order_status.ReqAutoOpenOrders(True))
            known = self.client.getAccounts()
            _check_account(account, known)
            parts = self._parts(account or (known[0] if len(known) == 1 else ""), readonly, fetchFields)
            errors = await self._fetch(parts, timeout)
            if fetchFields & StartupFetch.EXECUTIONS:
                # After the orders, so that every execution finds its order.
                ask = dispatcher.ask(executions.ReqExecutions(self.client.next_id(), ExecutionFilter()))
                errors += await self._fetch({"executions": ask}, timeout)
            if dispatcher.state.orders.doubtful():  # of the connection before
                errors += await self._fetch({"orders in doubt": dispatcher.recovery.settled()}, timeout)
            if not errors:
                dispatcher.state.orders.in_sight()
            if raiseSyncErrors and errors:
                raise ConnectionError(errors)
            if not self.client.isReady():
                raise ConnectionError("Socket connection broken while connecting")
        except BaseException:
            self.disconnect()
            raise
        _log.info("Synchronization complete")
        dispatcher.emit("connectedEvent")
        return self

    connect = blocking(connectAsync)

    def _parts(self, account: str, readonly: bool, fetch: StartupFetch) -> dict[str, Awaitable[Any]]:
        ask, known = self.dispatcher.ask, self.client.getAccounts()

        def begin(subscription: Subscription) -> Awaitable[Any]:
            return ask(subscription.request, subscription=subscription)

        parts: dict[str, Awaitable[Any]] = {"positions": begin(positions_of_all())}
        if not readonly and fetch & StartupFetch.ORDERS_OPEN:
            parts["open orders"] = ask(order_status.ReqOpenOrders())
        if not readonly and fetch & StartupFetch.ORDERS_COMPLETE:
            parts["completed orders"] = ask(order_status.ReqCompletedOrders(False))
        if account and fetch & StartupFetch.ACCOUNT_UPDATES:
            parts["account updates"] = begin(updates_of(account))
        if len(known) <= self.MaxSyncedSubAccounts and fetch & StartupFetch.SUB_ACCOUNT_UPDATES:
            for one in known:
                parts[f"account updates for {one}"] = begin(updates_of_model(self.client.next_id(), one, ""))
        return parts

    async def _fetch(self, parts: dict[str, Awaitable[Any]], timeout: float | None) -> list[str]:
        """Wait for all parts; what went wrong, in words."""
        waits = [asyncio.wait_for(part, timeout) for part in parts.values()]
        errors = []
        for name, result in zip(parts, await asyncio.gather(*waits, return_exceptions=True), strict=True):
            if isinstance(result, BaseException):
                why = "timed out" if isinstance(result, TimeoutError) else f"failed: {result}"
                errors.append(f"{name} request {why}")
                _log.error("%s", errors[-1])
        return errors

    def disconnect(self) -> str | None:
        """End the connection and forget what it told. Returns a line of statistics, or None when there was none."""
        if not self.client.isReady():
            self.client.close()
            self.dispatcher.leave()
            return None
        stats = self.client.connectionStats()
        status = (
            f"Disconnecting from {self.client.host}:{self.client.port}, "
            f"{_si(stats.numBytesSent)}B sent in {stats.numMsgSent} messages, "
            f"{_si(stats.numBytesRecv)}B received in {stats.numMsgRecv} messages, "
            f"session time {_si(stats.duration)}s."
        )
        _log.info("%s", status)
        self.client.close()
        self.dispatcher.end_waits(ConnectionError("Socket disconnect"))
        self.dispatcher.finish_closing()
        self.dispatcher.emit("disconnectedEvent")
        self.dispatcher.leave()
        return status

    def record(self, path: "str | Path", scrub: bool = False) -> "Recorder":
        """Record the connections that are made from now on to a tape, until its `close`.

        ::

            with ib.record("monday.tape", scrub=True):
                ib.connect("127.0.0.1", 7497, clientId=1)

        The tape holds every connection, also those made after one was lost. `ibdesk explain` shows it and
        `ibdesk replay` plays it, as does `ibdesk.tape.Replay`. With `scrub`, stand-ins of the same length take the
        place of account numbers and names. A disk that fails ends the recording, never the connection. What `record`
        was called for before is closed.

        Raises FileExistsError when there is such a file, OSError when it cannot be made, and RuntimeError when the
        connection is there already: a tape begins with the connection.
        """
        from ibdesk.tape.recorder import Recorder  # few programs record, and it takes a while to import

        if self.client.connState != self.client.DISCONNECTED:
            raise RuntimeError("record() comes before connect(): a tape begins with the connection")
        recorder = Recorder(path, clock=self.dispatcher.state.now, scrub=scrub)
        if self.client.recorder is not None:
            self.client.recorder.close()
        self.client.recorder = recorder
        return recorder

    def isConnected(self) -> bool:
        """Is there an API connection to TWS or a gateway?"""
        return self.client.isReady()

    def managedAccounts(self) -> list[str]:
        """The accounts of this login."""
        return list(self.dispatcher.state.managed_accounts)

    async def reqCurrentTimeAsync(self) -> dt.datetime:
        """The server's clock to the second, in the time zone of the `IB`'s defaults: UTC, unless told otherwise."""
        (told,) = await in_time(self, ReqCurrentTime(), LOOKUP, must_answer=True)
        return dt.datetime.fromtimestamp(told.time, self.dispatcher.state.defaults.timezone)

    reqCurrentTime = blocking(reqCurrentTimeAsync)

    # Written out: as staticmethod(run) it would have its first form only, for type checkers.
    @overload
    @staticmethod
    def run(*, timeout: float | None = None) -> None: ...
    @overload
    @staticmethod
    def run(awaitable: Awaitable[T], /, *, timeout: float | None = None) -> T: ...
    @overload
    @staticmethod
    def run(
        first: Awaitable[Any], second: Awaitable[Any], /, *more: Awaitable[Any], timeout: float | None = None
    ) -> list[Any]: ...
    @staticmethod
    def run(*awaitables: Awaitable[Any], timeout: float | None = None) -> Any:
        """Wait for one awaitable, or for several, or run the event loop until it is stopped. See `util.run`."""
        return run(*awaitables, timeout=timeout)

    async def runAsync(self) -> None:
        """Wait until the connection ends, whichever side ends it."""
        while self.isConnected():
            await self.dispatcher.events["disconnectedEvent"]

    schedule = staticmethod(schedule)
    sleep = staticmethod(sleep)
    timeRange = staticmethod(time_range)
    timeRangeAsync = staticmethod(time_range_async)
    waitUntil = staticmethod(wait_until)

    @waits
    def waitOnUpdate(self, timeout: float = 0) -> bool:
        """Wait until anything new arrives. False when `timeout` seconds (0: no limit) passed first.

        Ticks can go by unseen in a loop of these; handle `ticker.updateEvent` to see them all.
        """
        try:
            self.runner.run(self._update(), timeout=timeout or None)
        except TimeoutError:
            return False
        return True

    async def _update(self) -> None:
        await self.dispatcher.events["updateEvent"]

    def loopUntil(self, condition: Callable[[], Any] | None = None, timeout: float = 0) -> Iterator[Any]:
        """Wait for updates until `condition()` is true, yielding its value each time.

        After `timeout` seconds (0: no limit) it yields False and ends.
        """
        seconds = self.dispatcher.state.clocks.seconds
        end = seconds() + timeout
        while True:
            value = condition and condition()
            if value:
                yield value
                return
            if timeout and seconds() > end:
                yield False
                return
            yield value
            self.waitOnUpdate(max(end - seconds(), 0.001) if timeout else 0)

    def setTimeout(self, timeout: float = 60) -> None:
        """Have `timeoutEvent` emitted, once, when nothing has arrived for `timeout` seconds."""
        loop = self.dispatcher.loop
        if loop is not None:
            self.dispatcher.silence.start(loop, timeout)


def _check_account(account: str, known: list[str]) -> None:
    """Raises ValueError when the login has no such account.

    TWS would not answer for it. Who has several may also name all of them, or the sum of an advisor's: its code with A.
    """
    together = ["All", *(f"{each}A" for each in known)] if len(known) > 1 else []
    if account and account not in (*known, *together):
        told = ", ".join(known[:_TOLD_ACCOUNTS]) + (", ..." if len(known) > _TOLD_ACCOUNTS else "")
        raise ValueError(f"the login has no account {account!r}; it has {told}")


def _si(number: float) -> str:
    """A number in three digits, with a metric prefix: 18937 is `18.9 k`."""
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {prefix}"
    return f"{number:.3g} "
