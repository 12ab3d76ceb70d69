"""`IB`, the drop-in facade: which methods there are and which events; no logic of its own."""

from typing import Any, ClassVar, Self

from ibdesk.client.api.accounts import Accounts
from ibdesk.client.api.advisors import Advisors
from ibdesk.client.api.companies import Companies
from ibdesk.client.api.connecting import Connecting, StartupFetch, StartupFetchALL, StartupFetchNONE
from ibdesk.client.api.contracts import Contracts
from ibdesk.client.api.depth import Depth
from ibdesk.client.api.history import History
from ibdesk.client.api.live_data import LiveData
from ibdesk.client.api.lookups import Lookups
from ibdesk.client.api.market_data import MarketData
from ibdesk.client.api.market_rules import MarketRules
from ibdesk.client.api.news import News
from ibdesk.client.api.options import Options
from ibdesk.client.api.orders import Orders
from ibdesk.client.api.past_data import PastData
from ibdesk.client.api.profit import Profit
from ibdesk.client.api.scanner import Scanner
from ibdesk.client.api.settings import Settings
from ibdesk.client.events import Event
from ibdesk.client.session import Session
from ibdesk.model.quotes import IBDefaults

__all__ = ["IB", "StartupFetch", "StartupFetchALL", "StartupFetchNONE"]


class IB(
    Connecting,
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
    Profit,
    Lookups,
    Scanner,
    News,
    Companies,
    Advisors,
    Settings,
):
    """A connection to TWS or a gateway, with its picture of the account kept up to date.

    Every method `x` that waits has a twin `xAsync` to be awaited. An `IB` belongs to one event loop. Use it as a
    context manager to have it disconnected at the end.

    `RequestTimeout`: how long a blocking call may wait, in seconds; 0 for ever. `RaiseRequestErrors`: raise
    `RequestError` for what the server refuses, instead of returning an empty result.

    Events (`ib.orderStatusEvent += handler`), with their arguments:

    * `connectedEvent` (), `disconnectedEvent` ()
    * `updateEvent` (): something arrived
    * `pendingTickersEvent` (set of Ticker)
    * `barUpdateEvent` (BarDataList, hasNewBar)
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

    TimezoneTWS: str = ""
    """The time zone of the server, for times that it sends without one; empty for this machine's."""

    def __init__(self, defaults: IBDefaults = IBDefaults()) -> None:  # noqa: B008  (immutable)
        for name in self.events:
            setattr(self, name, Event[Any](name))
        self.session = Session(vars(self), defaults, lambda: self.RaiseRequestErrors, lambda: self.TimezoneTWS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    def __repr__(self) -> str:
        client = self.client
        state = f"connected to {client.host}:{client.port} clientId={client.clientId}"
        return f"<{type(self).__qualname__} {state if client.isConnected() else 'not connected'}>"
