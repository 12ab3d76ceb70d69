"""`IB`, the class that users hold: it gathers the groups of methods in `ibdesk.client.api`, and declares the events."""

import datetime as dt
import weakref
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ibdesk.client.api.accounts import Accounts
from ibdesk.client.api.advisors import Advisors
from ibdesk.client.api.brackets import Brackets
from ibdesk.client.api.connecting import Connecting, StartupFetch, StartupFetchALL, StartupFetchNONE
from ibdesk.client.api.contracts import Contracts
from ibdesk.client.api.depth import Depth
from ibdesk.client.api.flatten import Flatten
from ibdesk.client.api.fundamentals import Fundamentals
from ibdesk.client.api.history import History
from ibdesk.client.api.journal import JournaledOrders
from ibdesk.client.api.live_data import LiveData
from ibdesk.client.api.lookups import Lookups
from ibdesk.client.api.market_data import MarketData
from ibdesk.client.api.market_rules import MarketRules
from ibdesk.client.api.news import News
from ibdesk.client.api.options import Options
from ibdesk.client.api.past_data import PastData
from ibdesk.client.api.pnl import ProfitAndLoss
from ibdesk.client.api.scanner import Scanner
from ibdesk.client.api.settings import Settings
from ibdesk.client.blocking import LoopRunner, ThreadRunner
from ibdesk.client.connector import Connector
from ibdesk.client.dialect import Dialect
from ibdesk.client.dispatcher import Dispatcher
from ibdesk.client.dropin.wrapper import Wrapper
from ibdesk.client.reconnection import Reconnect, ReconnectAttempt, ReconnectReport, policy_of
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList, ScanDataList
from ibdesk.client.state.differences import Difference
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.state.trade import Trade
from ibdesk.client.subscriptions import Subscription
from ibdesk.events import Event
from ibdesk.model.accounts import AccountValue, PnL, PnLSingle, PortfolioItem, Position
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Fill
from ibdesk.model.health import Health
from ibdesk.model.quotes import IBDefaults
from ibdesk.model.reference import NewsBulletin, NewsTick
from ibdesk.model.startup import StartupReport

if TYPE_CHECKING:
    from pathlib import Path

    from ibdesk.journal import Journal

__all__ = ["IB", "StartupFetch", "StartupFetchALL", "StartupFetchNONE"]


class IB(
    Connecting,
    Flatten,
    Brackets,
    Contracts,
    MarketRules,
    MarketData,
    LiveData,
    Depth,
    History,
    PastData,
    Options,
    JournaledOrders,
    Accounts,
    ProfitAndLoss,
    Lookups,
    Scanner,
    News,
    Fundamentals,
    Advisors,
    Settings,
):
    """A connection to TWS or IB Gateway that keeps orders, positions, account values and quotes up to date.

    For every method `x` that waits for an answer there is a coroutine method `xAsync`. An `IB` belongs to the event
    loop on which it connects. Used as a context manager, it disconnects at the end.

    `IB(thread=True)` has an event loop of its own in a background thread. Its methods can be called anywhere: in any
    thread, in several at once, and while any other loop runs (in notebooks without `util.startLoop()`, FastAPI,
    Streamlit, uvloop, Qt); the `...Async` methods can be awaited on any loop. Messages are handled even while the
    program is busy. Events are emitted in the background thread: there a handler must not make blocking calls, but it
    may be an `async def` that awaits. What concerns a window (Qt, Tk), a handler has to pass to the window's thread.

    `RequestTimeout` is the longest time that a call waits, in seconds; with 0, each kind of request has its own limit.
    With `RaiseRequestErrors`, a request that the server refuses raises `RequestError` instead of returning an empty
    result. `IB(strict=True)` raises for late answers and ambiguous contracts, too. Subscriptions and orders do not
    wait, so their failures are shown by `ticker.status`, `ticker.errorEvent`, `trade.rejection` and `errorEvent`. For
    `connect` see its argument `raiseSyncErrors`.

    Events (`ib.orderStatusEvent += handler`), with the arguments that handlers get:

    * `connectedEvent` (), `disconnectedEvent` ()
    * `updateEvent` (): messages have arrived and been handled
    * `pendingTickersEvent` (set of Ticker): the tickers that have changed
    * `barUpdateEvent` (BarDataList or RealTimeBarList, hasNewBar)
    * `newOrderEvent`, `orderModifyEvent`, `cancelOrderEvent`, `openOrderEvent`, `orderStatusEvent` (Trade)
    * `execDetailsEvent` (Trade, Fill), `commissionReportEvent` (Trade, Fill, CommissionReport)
    * `updatePortfolioEvent` (PortfolioItem), `positionEvent` (Position)
    * `accountValueEvent`, `accountSummaryEvent` (AccountValue)
    * `pnlEvent` (PnL), `pnlSingleEvent` (PnLSingle)
    * `scannerDataEvent` (ScanDataList), `tickNewsEvent` (NewsTick), `newsBulletinEvent` (NewsBulletin)
    * `wshMetaEvent`, `wshEvent` (JSON text)
    * `errorEvent` (reqId, errorCode, errorString, Contract or None)
    * `timeoutEvent` (seconds of silence)
    * `startupEvent` (StartupReport): what a connection began with is there, or late parts of it have come
    * `reconnectingEvent` (ReconnectAttempt): a lost connection will be made again, after a pause
    * `reconnectedEvent` (ReconnectReport): it is whole again
    * `reconnectFailedEvent` (ConnectionError): no further attempt is made
    * `healthEvent` (Health): the socket, IBKR's link or a farm has changed; see `health`
    * `gapEvent` (Subscription, since, until): what the server has lost comes again; between these moments nothing came
    * `subscriptionLostEvent` (Subscription, Exception): the server does not give again what it has lost
    * `silentEvent` (Subscription, seconds): nothing comes for it though its market is open; see `watchSubscriptions`
    * `differenceEvent` (Difference): this client and the server did not agree; see `reconcile`
    """

    events: ClassVar[tuple[str, ...]] = (
        "connectedEvent",
        "disconnectedEvent",
        "updateEvent",
        "pendingTickersEvent",
        "barUpdateEvent",
        "newOrderEvent",
        "orderModifyEvent",
        "cancelOrderEvent",
        "openOrderEvent",
        "orderStatusEvent",
        "execDetailsEvent",
        "commissionReportEvent",
        "updatePortfolioEvent",
        "positionEvent",
        "accountValueEvent",
        "accountSummaryEvent",
        "pnlEvent",
        "pnlSingleEvent",
        "scannerDataEvent",
        "tickNewsEvent",
        "newsBulletinEvent",
        "wshMetaEvent",
        "wshEvent",
        "errorEvent",
        "timeoutEvent",
    )

    added_events: ClassVar[tuple[str, ...]] = (
        "healthEvent",
        "gapEvent",
        "subscriptionLostEvent",
        "silentEvent",
        "differenceEvent",
        "startupEvent",
        "reconnectingEvent",
        "reconnectedEvent",
        "reconnectFailedEvent",
    )
    """The events that ib_async does not have. `events` is as it is there."""

    connectedEvent: Event[()]
    disconnectedEvent: Event[()]
    updateEvent: Event[()]
    pendingTickersEvent: Event[set[Ticker]]
    barUpdateEvent: Event[BarDataList | RealTimeBarList, bool]
    newOrderEvent: Event[Trade]
    orderModifyEvent: Event[Trade]
    cancelOrderEvent: Event[Trade]
    openOrderEvent: Event[Trade]
    orderStatusEvent: Event[Trade]
    execDetailsEvent: Event[Trade, Fill]
    commissionReportEvent: Event[Trade, Fill, CommissionReport]
    updatePortfolioEvent: Event[PortfolioItem]
    positionEvent: Event[Position]
    accountValueEvent: Event[AccountValue]
    accountSummaryEvent: Event[AccountValue]
    pnlEvent: Event[PnL]
    pnlSingleEvent: Event[PnLSingle]
    scannerDataEvent: Event[ScanDataList]
    tickNewsEvent: Event[NewsTick]
    newsBulletinEvent: Event[NewsBulletin]
    wshMetaEvent: Event[str]
    wshEvent: Event[str]
    errorEvent: Event[int, int, str, Contract | None]
    timeoutEvent: Event[float]
    healthEvent: Event[Health]
    gapEvent: Event[Subscription, dt.datetime, dt.datetime]
    subscriptionLostEvent: Event[Subscription, Exception]
    silentEvent: Event[Subscription, float]
    differenceEvent: Event[Difference]
    startupEvent: Event[StartupReport]
    reconnectingEvent: Event[ReconnectAttempt]
    reconnectedEvent: Event[ReconnectReport]
    reconnectFailedEvent: Event[ConnectionError]

    dialect: ClassVar[Dialect] = Dialect()
    """How this class differs from that of ib_async. `ibdesk run --as ib_insync` sets it."""

    RestoreSubscriptions: bool = True
    """Ask again for subscriptions that the server has lost while the connection lasts.

    The objects that they fill stay the same. If it is False, they end (code 1101), or stay silent (lost farms), and the
    program has to ask again, as with ib_async.
    """

    TimezoneTWS: str = ""
    """The server's time zone, for times that it sends without one.

    If empty, it is the zone that the server named when the connection was made, else that of this machine.
    """

    def __init__(
        self,
        defaults: IBDefaults = IBDefaults(),  # noqa: B008  (immutable)
        *,
        strict: bool = False,
        thread: bool = False,
        reconnect: Reconnect | bool = False,
        heartbeat: float | None = None,
        journal: "str | Path | Journal | None" = None,
    ) -> None:
        """Make an `IB` that is not connected yet.

        `defaults` are the values that tickers and the like have before the server sends any. With `strict`, a request
        without a result raises `RequestError` or `RequestTimeout` instead of returning an empty one. With `thread`, the
        event loop runs in a background thread, from the first call until nothing is left to do after `disconnect`. Then
        the connection also ends when the program no longer refers to the `IB`.

        With `reconnect` (True, or a `Reconnect` with times and limits), a connection that is lost is made again, and
        subscriptions are restored. `heartbeat` is the number of seconds without any data after which the server is
        asked whether it is there; if it does not answer, the connection counts as lost. 0 is never; without it, the
        connection is watched if it is made again when it is lost.

        `journal` is a file, or a `Journal`, in which orders are kept for the time after a crash: each is written before
        it is sent, and all that the server tells of it. A new program with the same journal and client id has the
        orders of the earlier one in `trades()`, and they are settled with the server as after a reconnection. Raises
        JournalError if the file cannot be used.
        """
        self._reconnect = policy_of(reconnect)
        if heartbeat is not None and not heartbeat >= 0:
            raise ValueError(f"IB: heartbeat={heartbeat!r} cannot be meant")
        self._heartbeat = heartbeat
        self.strict = strict
        for name in (*self.events, *self.added_events):
            setattr(self, name, Event[Any](name))
        # The background thread must not keep the IB alive, for the connection is to end with it.
        me: Any = weakref.proxy(self) if thread else self
        runner = ThreadRunner() if thread else LoopRunner()
        self.dispatcher: Dispatcher = Dispatcher(
            vars(self),
            defaults,
            lambda: me.strict or me.RaiseRequestErrors,
            lambda: me.RestoreSubscriptions,
            lambda: me.TimezoneTWS,
            runner,
            self.dialect,
        )
        self.connector: Connector = Connector(self.dispatcher)
        if journal is not None:
            self._keep_journal(journal)
        self.wrapper: Wrapper = Wrapper(self)
        self.dispatcher.client.wrapper = self.wrapper
        if isinstance(runner, ThreadRunner):
            weakref.finalize(self, runner.stop, self.connector.abandon)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.runner.is_of_this_process():  # after a fork, the connection belongs to the other process
            self.disconnect()

    def __repr__(self) -> str:
        client = self.client
        state = f"connected to {client.host}:{client.port} clientId={client.clientId}"
        return f"<{type(self).__qualname__} {state if client.isConnected() else 'not connected'}>"
