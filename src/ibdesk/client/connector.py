"""`Connector`: makes the connection of an `IB`, watches it, makes it again when it is lost, and ends it.

A connection is whole when the account has been fetched and the subscriptions are restored. A lost one goes this way::

    lost -> disconnectedEvent -> reconnectingEvent, pause, attempt, again and again -> connected -> account fetched
         -> subscriptions restored -> connectedEvent -> reconnectedEvent

`disconnect` ends it at any point of the way, and so does a new `connect`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ibdesk.client.api.startup import Startup, StartupFetch
from ibdesk.client.client import NOT_CONNECTED
from ibdesk.client.dispatcher import Dispatcher
from ibdesk.client.heartbeat import Heartbeat
from ibdesk.client.reconnection import Attempts, Reconnect, ReconnectReport
from ibdesk.client.state.differences import Difference
from ibdesk.errors import JournalError
from ibdesk.logs import logger
from ibdesk.model.health import LinkState, SocketState
from ibdesk.model.startup import StartupReport
from ibdesk.printable import printable
from ibdesk.wire.messages import order_status
from ibdesk.wire.messages.connection import ReqCurrentTime

T = TypeVar("T")

_log = logger("ibdesk.ib")

_ID_IN_USE = 326

_ATTEMPT_SECONDS = 30.0
"""How long an attempt to reconnect may take when `connect` was called without a limit."""

_TOLD_ACCOUNTS = 20
"""How many accounts are named where the wanted one is not among them."""

_OVERTAKEN = "disconnect() or another connect() came while the connection was being made"

MOST_WAITING = 1000
"""How many calls may wait for the connection at once."""


@dataclass(frozen=True)
class Target:
    """What to connect to, and what to fetch: the arguments of `connect`."""

    host: str
    port: int
    clientId: int
    timeout: float | None
    readonly: bool
    account: str
    raiseSyncErrors: bool
    fetchFields: StartupFetch
    most_accounts: int


class Connector:
    """The life of the connections of one `IB`."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._client = dispatcher.client
        self._health = dispatcher.state.health
        self.startup: Startup = Startup(dispatcher)
        self.heartbeat: Heartbeat = Heartbeat(lambda: self._client.bytes_received, self._ask, self._client.drop)
        self._target: Target | None = None
        self._policy: Reconnect | None = None
        self._beat = (0.0, 0.0)
        """After how many seconds of silence the server is asked, and how many it has to answer."""
        self._session: object = None
        """What the latest call of `connect` or `disconnect` made. Whoever finds another one has been overtaken."""
        self._connecting = 0
        """How many calls of `connect` are under way."""
        self._task: asyncio.Task[Any] | None = None
        """Makes a lost connection again."""
        self._is_whole = False
        self._waiting = 0
        self._change: asyncio.Future[None] | None = None
        """Done with the next change of what `is_whole` and `is_coming` tell. Shared by all who wait."""
        self._health.changed += self._wake
        dispatcher.on_lost = self._on_lost
        self._client.before_disconnect = self._end

    # --- connect and disconnect -----------------------------------------------------------------------------------

    async def connect(self, target: Target, policy: Reconnect | None, heartbeat: float | None) -> None:
        """Connect, in place of any connection or attempt that there is, and fetch the account.

        With a `policy`, the connection is made again from then on when it is lost. `heartbeat` is the silence after
        which the server is asked; None leaves that to the policy.
        """
        self._overtake()
        session = self._session
        self._target, self._policy = target, policy
        silence = heartbeat if heartbeat is not None else policy.heartbeat if policy else 0.0
        self._beat = silence, (policy or Reconnect()).answer
        self._connecting += 1
        try:
            await self._establish_at_first(target, policy)
            if self._session is not session:
                raise ConnectionError(_OVERTAKEN)
        except BaseException as error:
            if self._session is session:
                self.disconnect()
            elif isinstance(error, OSError):
                raise ConnectionError(_OVERTAKEN) from error
            raise
        finally:
            self._connecting -= 1
            self._wake()
        self._dispatcher.keeps_subscriptions = policy is not None
        self._become_whole()

    async def _establish_at_first(self, target: Target, policy: Reconnect | None) -> None:
        session = self._session
        try:
            await self._establish(target)
        except OSError as error:
            if policy is None or not policy.from_start or self._session is not session:
                raise
            # In a task, so that `disconnect` can end it, but not its caller.
            self._task = asyncio.ensure_future(self._establish_in_the_end(self._attempts(policy, error)))
            try:
                await self._task
            except asyncio.CancelledError:
                caller = asyncio.current_task()
                if caller is not None and caller.cancelling():
                    raise
                raise ConnectionError(_OVERTAKEN) from None
            self._task = None

    def disconnect(self) -> str | None:
        """End the connection, and whatever is being done to make one. See `IB.disconnect`."""
        status, is_told = self._farewell()
        self._client.close()
        self._leave(is_told)
        return status

    async def disconnect_both_sides(self) -> str | None:
        """Do what `disconnect` does, and wait until the server has ended its side. See `IB.disconnectAsync`."""
        status, is_told = self._farewell()
        self._client.close(lingers=True)
        self._leave(is_told)
        await self._client.gone()
        return status

    def _farewell(self) -> tuple[str | None, bool]:
        """Give up what is under way. Return a line of statistics, and whether listeners are told of the end.

        The line is None if there is no connection. One that was not told is one that was being made again.
        """
        client, is_told = self._client, not self._dispatcher.is_hushed
        self._overtake()
        if not client.isReady():
            return None, False
        stats = client.connectionStats()
        status = (
            f"Disconnecting from {client.host}:{client.port}, "
            f"{_si(stats.numBytesSent)}B sent in {stats.numMsgSent} messages, "
            f"{_si(stats.numBytesRecv)}B received in {stats.numMsgRecv} messages, "
            f"session time {_si(stats.duration)}s."
        )
        _log.info("%s", status)
        return status, is_told

    def _leave(self, is_told: bool) -> None:
        self._dispatcher.finish_closing()
        self._dispatcher.leave(is_told)

    def abandon(self) -> None:
        """End whatever is under way, and close the connection."""
        self._end()
        self._client.close()

    def _end(self) -> None:
        self._overtake()
        self._dispatcher.leave_journal()

    def _overtake(self, error: ConnectionError | None = None) -> None:
        """Give up attempts to reconnect, and what was kept for the time afterwards.

        `error` is what the waits for events end with if the attempts have ended by themselves.
        """
        self._session = object()
        self._policy, self._is_whole = None, False
        dispatcher = self._dispatcher
        dispatcher.keeps_subscriptions = dispatcher.is_hushed = False
        dispatcher.down_state = SocketState.DISCONNECTED
        self._client.absence = NOT_CONNECTED
        self.heartbeat.stop()
        self.startup.stop()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            error = ConnectionError("Socket disconnect")
        if error is not None:
            dispatcher.restorer.end(error)
            dispatcher.end_waits(error)

    # --- one connection -------------------------------------------------------------------------------------------

    async def _establish(self, target: Target, *, is_again: bool = False) -> StartupReport:
        """Open a connection and fetch the account. What it has opened is left to the caller to close if it raises."""
        dispatcher, client = self._dispatcher, self._client
        dispatcher.begin(target.clientId)
        dispatcher.recovery.may_ask_for_orders = not target.readonly
        await client.open(target.host, target.port, target.clientId, target.timeout, is_again=is_again)
        dispatcher.opened()
        self.heartbeat.start(*self._beat)
        if target.clientId == 0:
            client.send_message(order_status.ReqAutoOpenOrders(True))
        _check_account(target.account, client.getAccounts())
        report = await self.startup.fetch(
            target.account, target.readonly, target.fetchFields, target.most_accounts, target.timeout
        )
        if target.raiseSyncErrors and report.errors:
            raise ConnectionError(report.errors)
        if not client.isReady():
            raise ConnectionError("Socket connection broken while connecting")
        return report

    def _become_whole(self) -> None:
        self._is_whole = True
        self._wake()
        self._dispatcher.emit("connectedEvent")

    async def _ask(self) -> None:
        """Ask the server for its time, for the heartbeat. Users may be asking, too, and then share the answer."""
        if ReqCurrentTime in self._dispatcher.requests:  # perhaps in vain, for a long time already
            self._client.send_message(ReqCurrentTime())
        else:
            await self._dispatcher.ask(ReqCurrentTime(), always_raise=True)

    # --- again ----------------------------------------------------------------------------------------------------

    def _on_lost(self) -> None:
        """Begin to make a lost connection again, if that is wanted. If it is under way, it goes on."""
        self._is_whole = False
        self.heartbeat.stop()
        self.startup.stop()
        policy, dispatcher = self._policy, self._dispatcher
        if policy is None or not dispatcher.keeps_subscriptions or self._task is not None:
            return
        dispatcher.down_state = SocketState.RECONNECTING
        port = dispatcher.state.moved_to
        if port is not None and self._target is not None and port < 1 << 16:
            self._target = replace(self._target, port=port)
        cause = self._client.ended_by or ConnectionError("Socket disconnect")
        attempts = self._attempts(policy, cause)
        self._client.absence = f"{NOT_CONNECTED}: {attempts.progress}"
        self._task = asyncio.ensure_future(self._reconnect(attempts))

    def _attempts(self, policy: Reconnect, cause: Exception) -> Attempts:
        target = self._target
        assert target is not None
        return Attempts(policy, cause, self._dispatcher.state.now(), f"{target.host}:{target.port}:{target.clientId}")

    async def _reconnect(self, attempts: Attempts) -> None:
        dispatcher, session = self._dispatcher, self._session
        dispatcher.is_hushed = True
        differences: list[Difference] = []
        dispatcher.events["differenceEvent"].connect(differences.append)
        try:
            startup, subscriptions = await self._establish_in_the_end(attempts)
        except (ConnectionError, WrongLoginError, JournalError) as error:
            self._give_up(error)
            return
        except asyncio.CancelledError:
            if self._session is session:  # not by `disconnect`, but with all tasks, as at the end of asyncio.run
                self._give_up(ConnectionError(f"{NOT_CONNECTED}: reconnecting was cancelled"))
            raise
        finally:
            dispatcher.events["differenceEvent"].disconnect(differences.append)
        dispatcher.is_hushed, dispatcher.down_state = False, SocketState.DISCONNECTED
        self._task = None
        dispatcher.recovery.resume_polling()
        report = ReconnectReport(
            attempts.since,
            dispatcher.state.now(),
            attempts.number,
            attempts.first_cause,
            startup,
            subscriptions,
            tuple(differences),
        )
        _log.info("Connected again after %.1f s and %d attempts", report.duration.total_seconds(), report.attempts)
        self._become_whole()
        if self._session is session and self._is_whole:  # a listener may have disconnected
            dispatcher.emit("reconnectedEvent", report)

    async def _establish_in_the_end(self, attempts: Attempts) -> tuple[StartupReport, Any]:
        """Make attempts until there is a connection. Raises ConnectionError if there is no further attempt."""
        dispatcher, client, target = self._dispatcher, self._client, self._target
        assert target is not None
        target = replace(target, timeout=target.timeout or _ATTEMPT_SECONDS)
        seconds = asyncio.get_running_loop().time
        self._close()
        while (attempt := attempts.next(dispatcher.state.now())) is not None:
            client.absence = f"{NOT_CONNECTED}: {attempts.progress}"
            _log.warning(
                "No connection (%s). Attempt %d comes in %.1f s",
                printable(str(attempt.cause) or repr(attempt.cause)),
                attempt.number,
                attempt.pause,
            )
            dispatcher.emit("reconnectingEvent", attempt)
            await asyncio.sleep(attempt.pause)
            began = seconds()
            try:
                startup = await self._establish(target, is_again=True)
                restored = await dispatcher.restorer.restore()
                if client.isReady():
                    return startup, restored
                raise client.ended_by or ConnectionError("Socket disconnect")
            except (WrongLoginError, JournalError):
                raise
            except Exception as error:
                if not isinstance(error, OSError):
                    _log.exception("An attempt to connect again has failed")
                attempts.failed(error, seconds() - began, is_busy=client.refused_code == _ID_IN_USE)
                self._close()
        raise ConnectionError(f"{NOT_CONNECTED}: {attempts.given_up}")

    def _close(self) -> None:
        """Close what an attempt may have opened."""
        self.heartbeat.stop()
        self.startup.stop()
        self._client.close()

    def _give_up(self, error: Exception) -> None:
        """Take the loss of the connection as final."""
        dispatcher = self._dispatcher
        lost = error if isinstance(error, ConnectionError) else ConnectionError(f"{NOT_CONNECTED}: {error}")
        _log.error("%s", printable(str(lost)))
        self._task = None  # it is this one, and ends now
        self._overtake(lost)
        self._client.close()
        dispatcher.leave_journal()
        self._client.absence = str(lost)
        dispatcher.emit("reconnectFailedEvent", lost)
        if not self._client.isConnected():  # a listener may have connected again
            dispatcher.runner.release()

    # --- waiting --------------------------------------------------------------------------------------------------

    @property
    def is_whole(self) -> bool:
        """Whether the connection is whole, and IBKR's own link is not broken."""
        return self._is_whole and self._health.health.link is not LinkState.BROKEN

    @property
    def is_coming(self) -> bool:
        """Whether there is a connection, or one is being made."""
        return self._task is not None or bool(self._connecting) or self._client.isReady()

    async def whole(self) -> None:
        """Wait until the connection is whole. Raises ConnectionError if none is being made, or no longer."""
        while not self.is_whole:
            if not self.is_coming:
                raise ConnectionError(self._client.absence)
            await self._changed()

    def _wake(self) -> None:
        """Have those who wait look again."""
        change, self._change = self._change, None
        if change is not None and not change.get_loop().is_closed():
            change.set_result(None)

    async def _changed(self) -> None:
        loop = asyncio.get_running_loop()
        if self._change is None or self._change.get_loop() is not loop:
            self._change = loop.create_future()
        await asyncio.shield(self._change)

    async def made_again(self) -> None:
        """Wait until a lost connection is made again, or given up. If that is not under way, do not wait."""
        while self._task is not None:
            await self._changed()

    async def when_whole(self, function: Callable[[], Awaitable[T]], *, repeat: bool) -> T:
        """Call a function once the connection is whole, and await what it returns. See `IB.whenConnected`."""
        while True:
            if not self.is_whole:
                if self._waiting >= MOST_WAITING:
                    raise ConnectionError(f"{self._client.absence}, and {self._waiting} calls wait for it already")
                self._waiting += 1
                try:
                    await self.whole()
                finally:
                    self._waiting -= 1
            try:
                return await function()
            except ConnectionError:
                if not repeat or self.is_whole:
                    raise


class WrongLoginError(ValueError):
    """The login does not have the account that the program is for."""


def _check_account(account: str, known: list[str]) -> None:
    """Raise ValueError when the login has no such account, for TWS would not answer requests about it.

    A login with several accounts may also name all of them by "All", or by an advisor's account number with an A added.
    """
    together = ["All", *(f"{each}A" for each in known)] if len(known) > 1 else []
    if account and account not in (*known, *together):
        told = ", ".join(known[:_TOLD_ACCOUNTS]) + (", ..." if len(known) > _TOLD_ACCOUNTS else "")
        raise WrongLoginError(f"the login has no account {account!r}; it has {told}")


def _si(number: float) -> str:
    """Return a number in three digits with a metric prefix: `18.9 k` for 18937."""
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {prefix}"
    return f"{number:.3g} "
