"""Methods of `IB` to connect, to fetch the state of the account, to wait, to record a tape, and to disconnect."""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.api.startup import StartupFetch, StartupFetchALL, StartupFetchNONE
from ibdesk.client.blocking import (
    blocking,
    run,
    schedule,
    sleep,
    time_range,
    wait_until,
    waits,
)
from ibdesk.client.connector import Connector, Target
from ibdesk.client.reconnection import Reconnect, policy_of
from ibdesk.model.health import Health
from ibdesk.model.startup import StartupReport
from ibdesk.runtime.waiting import time_range_async
from ibdesk.wire.messages.connection import ReqCurrentTime

if TYPE_CHECKING:
    from pathlib import Path

    from ibdesk.tape.recorder import Recorder

__all__ = ["Connecting", "StartupFetch", "StartupFetchALL", "StartupFetchNONE"]

T = TypeVar("T")


class Connecting(ApiGroup):
    """Connect, wait, disconnect."""

    connector: Connector
    _reconnect: Reconnect | None
    _heartbeat: float | None

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
        *,
        reconnect: Reconnect | bool | None = None,
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
        * `reconnect`: make the connection again when it is lost: True, or a `Reconnect` with times and limits; False is
          not to. Without it, it is as the `IB` was made: `IB(reconnect=...)`.

        Raises TimeoutError, OSError or ConnectionError when no connection is made, ValueError when the login does not
        have the `account`, and JournalError when another program uses the journal with this client id, or it belongs to
        another login. `startup` tells afterwards which parts have come; those that are late are asked for again in the
        background.
        """
        policy = self._reconnect if reconnect is None else policy_of(reconnect)
        target = Target(
            host,
            int(port),
            int(clientId),
            timeout or None,
            readonly,
            account,
            raiseSyncErrors,
            fetchFields,
            self.MaxSyncedSubAccounts,
        )
        await self.connector.connect(target, policy, self._heartbeat)
        return self

    connect = blocking(connectAsync)

    def disconnect(self) -> str | None:
        """End the connection, and forget positions, account values and tickers. The orders are kept.

        It also ends attempts to connect, and to connect again: calls that wait for these raise ConnectionError.

        Returns a line of statistics, or None if there was no connection.
        """
        return self.connector.disconnect()

    async def disconnectAsync(self) -> str | None:
        """Do what `disconnect` does, and wait until the server has ended its side, for two seconds at most.

        Then the client id is free, so that the next `connect` is not refused because of this connection (326).
        """
        return await self.connector.disconnect_both_sides()

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

    @property
    def reconnects(self) -> bool:
        """Whether this `IB` was made to connect again when a connection is lost: `IB(reconnect=...)`."""
        return self._reconnect is not None

    def isConnected(self) -> bool:
        """Return whether there is a connection to TWS or IB Gateway, up and running."""
        return self.client.isReady()

    @property
    def health(self) -> Health:
        """How things stand now: the socket, IBKR's own link, each farm. `healthEvent` tells each change.

        Orders go by the socket and the link; a farm that is broken only concerns data.
        """
        return self.dispatcher.state.health.health

    @property
    def startup(self) -> StartupReport:
        """What the connection began with: which parts of the account have come, and which are missing.

        `startupEvent` tells it when `connect` is done, and again when late parts have come.
        """
        return self.connector.startup.report

    async def connected(self) -> None:
        """Wait until the connection is whole: made, the account fetched, and the subscriptions restored.

        It also waits for IBKR's own link (1100). Raises ConnectionError when there is no connection and none is being
        made, or no longer: after `disconnect`, or when reconnecting was given up.
        """
        await self.connector.whole()

    @waits
    def waitOnConnection(self, timeout: float = 0) -> bool:
        """Wait as `connected` does. Returns False if that took more than `timeout` seconds (0: no limit)."""
        try:
            self.runner.run(self.connected(), timeout=timeout or None)
        except TimeoutError:
            return False
        return True

    async def whenConnected(self, function: Callable[[], Awaitable[T]], *, repeat: bool = False) -> T:
        """Wait as `connected` does, then call a function, await what it returns, and return the result of that.

        ::

            details = await ib.whenConnected(lambda: ib.reqContractDetailsAsync(contract), repeat=True)

        With `repeat` it is called again after each loss of the connection, until there is a result. That is for
        requests that only read: an order might be placed twice.

        Raises ConnectionError as `connected` does, and when very many calls wait already.
        """
        return await self.connector.when_whole(function, repeat=repeat)

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
        """Wait until the connection ends, from whichever side. One that is made again goes on."""
        while self.isConnected():
            await self.dispatcher.events["disconnectedEvent"]
            await self.connector.made_again()

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
