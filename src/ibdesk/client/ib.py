"""`IB`, the drop-in facade: which methods there are and which events; no logic of its own."""

import weakref
from typing import Any, ClassVar, Self

from ibdesk.client.api.accounts import Accounts
from ibdesk.client.api.advisors import Advisors
from ibdesk.client.api.brackets import Brackets
from ibdesk.client.api.connecting import Connecting, StartupFetch, StartupFetchALL, StartupFetchNONE
from ibdesk.client.api.contracts import Contracts
from ibdesk.client.api.depth import Depth
from ibdesk.client.api.flatten import Flatten
from ibdesk.client.api.fundamentals import Fundamentals
from ibdesk.client.api.history import History
from ibdesk.client.api.live_data import LiveData
from ibdesk.client.api.lookups import Lookups
from ibdesk.client.api.market_data import MarketData
from ibdesk.client.api.market_rules import MarketRules
from ibdesk.client.api.news import News
from ibdesk.client.api.options import Options
from ibdesk.client.api.orders import Orders
from ibdesk.client.api.past_data import PastData
from ibdesk.client.api.pnl import ProfitAndLoss
from ibdesk.client.api.scanner import Scanner
from ibdesk.client.api.settings import Settings
from ibdesk.client.blocking import LoopRunner, ThreadRunner
from ibdesk.client.dialect import Dialect
from ibdesk.client.dispatcher import Dispatcher
from ibdesk.client.dropin.wrapper import Wrapper
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList, ScanDataList
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.state.trade import Trade
from ibdesk.events import Event
from ibdesk.model.accounts import AccountValue, PnL, PnLSingle, PortfolioItem, Position
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Fill
from ibdesk.model.quotes import IBDefaults
from ibdesk.model.reference import NewsBulletin, NewsTick

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
    Orders,
    Accounts,
    ProfitAndLoss,
    Lookups,
    Scanner,
    News,
    Fundamentals,
    Advisors,
    Settings,
):
    """A connection to TWS or a gateway, with its picture of the account kept up to date.

    Every method `x` that waits has a twin `xAsync` to be awaited. An `IB` belongs to one event loop: the one in which
    it connects. Use it as a context manager to have it disconnected at the end.

    `IB(thread=True)` has an event loop in a background thread of its own. Its methods work everywhere: in any thread,
    in several at once, and inside any running loop (notebooks without `util.startLoop()`, FastAPI, Streamlit, uvloop,
    Qt); the `...Async` ones can be awaited in any loop. Nothing that the program does holds up what arrives. Its events
    are emitted in that thread: a handler must not make calls that block there, but may be an `async def` and await,
    and what belongs to a window (Qt, Tk) it hands over to the thread of the window.

    `RequestTimeout`: how long a call may wait, in seconds; 0: each kind of request has a time of its own.
    `RaiseRequestErrors`: raise `RequestError` for what the server refuses, instead of returning an empty result.
    `IB(strict=True)` raises for what is ambiguous or late too. What cannot raise, since nobody waits for it, tells:
    `ticker.status` and `ticker.errorEvent`, `trade.rejection`, `errorEvent`; `connect` has `raiseSyncErrors`.

    Events (`ib.orderStatusEvent += handler`), with their arguments:

    * `connectedEvent` (), `disconnectedEvent` ()
    * `updateEvent` (): something arrived
    * `pendingTickersEvent` (set of Ticker)
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

    dialect: ClassVar[Dialect] = Dialect()
    """What is otherwise than in ib_async; for `ibdesk run --as ib_insync`."""

    TimezoneTWS: str = ""
    """The time zone of the server, for times that it sends without one; empty for this machine's."""

    def __init__(
        self,
        defaults: IBDefaults = IBDefaults(),  # noqa: B008  (immutable)
        *,
        strict: bool = False,
        thread: bool = False,
    ) -> None:
        """With `strict`, nothing that was asked for ends empty: it raises `RequestError` or `RequestTimeout`.

        With `thread`, the event loop runs in a background thread of its own, from the first call until nothing is left
        to do after `disconnect`; see above. The connection ends, too, when the program has let go of the `IB`.
        """
        self.strict = strict
        for name in self.events:
            setattr(self, name, Event[Any](name))
        # What runs in the thread must not keep the IB alive.
        me: Any = weakref.proxy(self) if thread else self
        runner = ThreadRunner() if thread else LoopRunner()
        self.dispatcher: Dispatcher = Dispatcher(
            vars(self),
            defaults,
            lambda: me.strict or me.RaiseRequestErrors,
            lambda: me.TimezoneTWS,
            runner,
            self.dialect,
        )
        self.wrapper: Wrapper = Wrapper(self)
        self.dispatcher.client.wrapper = self.wrapper
        if isinstance(runner, ThreadRunner):
            weakref.finalize(self, runner.stop, self.dispatcher.client.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.runner.is_of_this_process():  # in a fork there is nothing to end
            self.disconnect()

    def __repr__(self) -> str:
        client = self.client
        state = f"connected to {client.host}:{client.port} clientId={client.clientId}"
        return f"<{type(self).__qualname__} {state if client.isConnected() else 'not connected'}>"
