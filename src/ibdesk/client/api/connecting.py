"""Methods of `IB` to connect, to fetch the state of the account, to wait, to record a tape, and to disconnect."""

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
from ibdesk.model.health import Health, SocketState
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
    """What `connect` fetches before it returns. Positions are fetched in any case."""

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
    """If the login has more accounts than this, `connect` does not subscribe to the values of each of them."""

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
        """Connect, and fetch positions, orders, fills and account values. Returns this `IB`.

        * `host` and `port`: where TWS or IB Gateway listens. By default TWS listens at port 7497 for paper trading and
          at 7496 for live trading, and IB Gateway at 4002 and 4001.
        * `clientId`: a number that no other program uses. Client 0 also manages the orders placed by hand.
        * `timeout`: the limit in seconds, for the connection and again for each part that is fetched; 0 or None: none.
        * `readonly`: TWS is set to read-only, so that orders cannot be fetched.
        * `account`: the account whose updates to receive, if the login has several.
        * `raiseSyncErrors`: raise ConnectionError if a part is late or refused. Otherwise that is only logged.
        * `fetchFields`: the parts to fetch. Positions are fetched in any case.

        Raises TimeoutError, OSError or ConnectionError when no connection is made, and ValueError when the login does
        not have the `account`.
        """
        dispatcher = self.dispatcher
        dispatcher.begin(int(clientId))
        dispatcher.recovery.may_ask_for_orders = not readonly
        timeout = timeout or None
        try:
            await self.client.open(host, port, clientId, timeout)
            dispatcher.tell_socket(SocketState.CONNECTED)
            if clientId == 0:
                self.client.send_message(order_status.ReqAutoOpenOrders(True))
            known = self.client.getAccounts()
            _check_account(account, known)
            parts = self._parts(account or (known[0] if len(known) == 1 else ""), readonly, fetchFields)
            errors = await self._fetch(parts, timeout)
            if fetchFields & StartupFetch.EXECUTIONS:
                # After the orders, so that every execution finds its order.
                wanted = dispatcher.recovery.missed_executions()
                ask = dispatcher.ask(executions.ReqExecutions(self.client.next_id(), wanted))
                errors += await self._fetch({"executions": ask}, timeout)
            if dispatcher.state.orders.doubtful():  # orders that were placed on an earlier connection
                errors += await self._fetch({"orders in doubt": dispatcher.recovery.settled()}, timeout)
            if not errors:
                dispatcher.state.orders.in_sight()
                if fetchFields & StartupFetch.EXECUTIONS:  # else they could not explain the positions
                    dispatcher.reconciliation.compare()
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
        """Wait for all parts. Returns what went wrong, in words."""
        waits = [asyncio.wait_for(part, timeout) for part in parts.values()]
        errors = []
        for name, result in zip(parts, await asyncio.gather(*waits, return_exceptions=True), strict=True):
            if isinstance(result, BaseException):
                why = "timed out" if isinstance(result, TimeoutError) else f"failed: {result}"
                errors.append(f"{name} request {why}")
                _log.error("%s", errors[-1])
        return errors

    def disconnect(self) -> str | None:
        """End the connection, and forget positions, account values and tickers. The orders are kept.

        Returns a line of statistics, or None if there was no connection.
        """
        if not self.client.isReady():
            self.client.close()
            self.dispatcher.leave(is_told=False)
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
        self.dispatcher.finish_closing()
        self.dispatcher.leave(is_told=True)
        return status

    def record(self, path: "str | Path", scrub: bool = False) -> "Recorder":
        """Record all connections that are made from now on to a file, the tape, until the recorder is closed.

        ::

            with ib.record("monday.tape", scrub=True):
                ib.connect("127.0.0.1", 7497, clientId=1)

        `ibdesk explain` shows a tape, and `ibdesk replay` and `ibdesk.tape.Replay` play it. With `scrub`, account
        numbers and names are replaced by others of the same length. If the disk fails, the recording ends, but not the
        connection. A tape from an earlier call is closed.

        Raises FileExistsError when the file exists, OSError when it cannot be made, and RuntimeError when the
        connection is made already, since a tape begins with the connection.
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
        """Return whether there is a connection to TWS or IB Gateway, up and running."""
        return self.client.isReady()

    @property
    def health(self) -> Health:
        """How things stand now: the socket, IBKR's own link, each farm. `healthEvent` tells each change.

        Orders go by the socket and the link; a farm that is broken only concerns data.
        """
        return self.dispatcher.state.health.health

    def managedAccounts(self) -> list[str]:
        """Return the accounts of this login."""
        return list(self.dispatcher.state.managed_accounts)

    async def reqCurrentTimeAsync(self) -> dt.datetime:
        """Return the server's time, to the second, in the time zone of `IB(defaults)`: UTC, unless set otherwise."""
        (told,) = await in_time(self, ReqCurrentTime(), LOOKUP, must_answer=True)
        return dt.datetime.fromtimestamp(told.time, self.dispatcher.state.defaults.timezone)

    reqCurrentTime = blocking(reqCurrentTimeAsync)

    # The overloads are repeated here, for type checkers would see only the first one in `staticmethod(run)`.
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
        """Wait for one or more awaitables, or, without any, run the loop until it is stopped. See `util.run`."""
        return run(*awaitables, timeout=timeout)

    async def runAsync(self) -> None:
        """Wait until the connection ends, from whichever side."""
        while self.isConnected():
            await self.dispatcher.events["disconnectedEvent"]

    schedule = staticmethod(schedule)
    sleep = staticmethod(sleep)
    timeRange = staticmethod(time_range)
    timeRangeAsync = staticmethod(time_range_async)
    waitUntil = staticmethod(wait_until)

    @waits
    def waitOnUpdate(self, timeout: float = 0) -> bool:
        """Wait until anything new arrives. Returns False if nothing came within `timeout` seconds (0: no limit).

        A loop that calls this may miss ticks. To get all of them, handle `ticker.updateEvent`.
        """
        try:
            self.runner.run(self._update(), timeout=timeout or None)
        except TimeoutError:
            return False
        return True

    async def _update(self) -> None:
        await self.dispatcher.events["updateEvent"]

    def loopUntil(self, condition: Callable[[], Any] | None = None, timeout: float = 0) -> Iterator[Any]:
        """Wait for updates until `condition()` is true, and yield its value after each of them.

        After `timeout` seconds (0: no limit) it yields False and ends. Without a condition it yields None each time.
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
        """Have `timeoutEvent` emitted, once, as soon as nothing has arrived for `timeout` seconds; 0 turns this off."""
        loop = self.dispatcher.loop
        if loop is not None:
            self.dispatcher.silence.start(loop, timeout)


def _check_account(account: str, known: list[str]) -> None:
    """Raise ValueError when the login has no such account, for TWS would not answer requests about it.

    A login with several accounts may also name all of them by "All", or by an advisor's account number with an A added.
    """
    together = ["All", *(f"{each}A" for each in known)] if len(known) > 1 else []
    if account and account not in (*known, *together):
        told = ", ".join(known[:_TOLD_ACCOUNTS]) + (", ..." if len(known) > _TOLD_ACCOUNTS else "")
        raise ValueError(f"the login has no account {account!r}; it has {told}")


def _si(number: float) -> str:
    """Return a number in three digits with a metric prefix: `18.9 k` for 18937."""
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {prefix}"
    return f"{number:.3g} "
