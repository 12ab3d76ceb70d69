"""`ib.wrapper`: what an `IB` knows, under the names that it has in ib_async.

The messages that arrive change the `ClientState` of the `IB`. This shows it to programs that read `ib.wrapper`.
"""

import datetime as dt
import weakref
from collections import defaultdict
from dataclasses import replace
from typing import Any, Protocol, TypeVar, cast

from ibdesk.client.dispatcher import Dispatcher
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.state.trade import Trade
from ibdesk.client.subscriptions import Kind
from ibdesk.logs import logger
from ibdesk.model.accounts import AccountValue, PnL, PnLSingle, PortfolioItem, Position
from ibdesk.model.contract import Contract
from ibdesk.model.executions import Fill
from ibdesk.model.quotes import IBDefaults
from ibdesk.model.reference import NewsBulletin, NewsTick
from ibdesk.model.unset import EPOCH
from ibdesk.wire.messages.fundamentals import ReqWshEventData, ReqWshMetaData


class Owner(Protocol):
    """What a `Wrapper` needs of the `IB` that it belongs to."""

    @property
    def dispatcher(self) -> Dispatcher:
        """The dispatcher, which has the state and the subscriptions."""
        ...

    def setTimeout(self, timeout: float) -> None:
        """Watch for silence."""
        ...


T = TypeVar("T")


class Wrapper:
    """What an `IB` knows, under the names of ib_async. It is for reading; only the defaults can be set.

    `accountValues`, `acctSummary`, `portfolio`, `positions`, `newsTicks`, `msgId2NewsBulletin` and `reqId2Ticker` are
    the live collections, which go on changing. Every other collection is made when it is asked for.
    """

    def __init__(self, ib: Owner, defaults: IBDefaults | None = None) -> None:
        """Show the state of an `IB`. `defaults` exists because ib_async has it; the defaults of the `IB` are used."""
        self._ib = weakref.ref(ib)
        self._dispatcher = ib.dispatcher
        self._logger = logger("ibdesk.session")

    @property
    def ib(self) -> Any:  # not `Owner`, since programs use all attributes of an `IB` here
        """The `IB` that this belongs to. Raises ReferenceError if it no longer exists."""
        ib = self._ib()
        if ib is None:
            raise ReferenceError("The IB of this wrapper is gone")
        return ib

    # --- accounts -------------------------------------------------------------------------------------------------

    @property
    def accounts(self) -> list[str]:
        """The accounts of this login."""
        return self._dispatcher.state.managed_accounts

    @property
    def accountValues(self) -> dict[tuple[str, str, str, str], AccountValue]:
        """(account, tag, currency, modelCode) -> value."""
        return self._dispatcher.state.accounts.values_by_key

    @property
    def acctSummary(self) -> dict[tuple[str, str, str], AccountValue]:
        """(account, tag, currency) -> value."""
        return self._dispatcher.state.accounts.summary_by_key

    @property
    def portfolio(self) -> dict[str, dict[int, PortfolioItem]]:
        """Account -> conId -> item."""
        return self._dispatcher.state.accounts.portfolio_by_account

    @property
    def positions(self) -> dict[str, dict[int, Position]]:
        """Account -> conId -> position."""
        return self._dispatcher.state.accounts.positions_by_account

    @property
    def reqId2PnL(self) -> dict[int, PnL]:
        """Request -> profit of an account."""
        return self._targets(PnL)

    @property
    def reqId2PnlSingle(self) -> dict[int, PnLSingle]:
        """Request -> profit of a position."""
        return self._targets(PnLSingle)

    @property
    def pnlKey2ReqId(self) -> dict[tuple[str, str], int]:
        """(account, modelCode) -> request."""
        return {(pnl.account, pnl.modelCode): reqId for reqId, pnl in self.reqId2PnL.items()}

    @property
    def pnlSingleKey2ReqId(self) -> dict[tuple[str, str, int], int]:
        """(account, modelCode, conId) -> request."""
        return {(pnl.account, pnl.modelCode, pnl.conId): reqId for reqId, pnl in self.reqId2PnlSingle.items()}

    def _targets(self, cls: type[T]) -> dict[int, T]:
        """Return the objects of a class that subscriptions keep up to date, by reqId. It follows later changes."""
        # The requests that bring such objects are known by their reqId.
        return cast("dict[int, T]", self._dispatcher.subscriptions.targets(cls))

    # --- orders ---------------------------------------------------------------------------------------------------

    def orderKey(self, clientId: int, orderId: int, permId: int) -> int | tuple[int, int]:
        """Return the key in `trades`: for orders placed by hand the permId, else (clientId, orderId)."""
        return (clientId, orderId) if orderId > 0 else permId

    @property
    def trades(self) -> dict[int | tuple[int, int], Trade]:
        """`orderKey` -> trade. Of two trades with the same key it has the newer one; `ib.trades()` has both."""
        return {
            self.orderKey(trade.order.clientId, trade.order.orderId, trade.order.permId): trade
            for trade in self._dispatcher.state.orders.all()
        }

    @property
    def permId2Trade(self) -> dict[int, Trade]:
        """The trades of orders that have a permId."""
        return {trade.order.permId: trade for trade in self._dispatcher.state.orders.all() if trade.order.permId}

    @property
    def fills(self) -> dict[str, Fill]:
        """The fills by execId."""
        return {fill.execution.execId: fill for fill in self._dispatcher.state.orders.all_fills()}

    # --- market data ----------------------------------------------------------------------------------------------

    @property
    def tickers(self) -> dict[int, Ticker]:
        """Hash of a contract's `key()` -> ticker. Of two that differ only in their exchange it has the newer one."""
        tickers = self._dispatcher.state.quotes.tickers()
        return {hash(ticker.contract.key()): ticker for ticker in tickers if ticker.contract}

    @property
    def pendingTickers(self) -> set[Ticker]:
        """The tickers that changed with the newest data."""
        return set(self._dispatcher.state.quotes.pending())

    @property
    def reqId2Ticker(self) -> dict[int, Ticker]:
        """Request -> ticker, snapshots too."""
        return self._targets(Ticker)

    @property
    def ticker2ReqId(self) -> dict[int | str, dict[Ticker, int]]:
        """Kind of request ("mktData", "mktDepth", "Last", "BidAsk" ...) -> ticker -> its newest request."""
        found: defaultdict[int | str, dict[Ticker, int]] = defaultdict(dict)
        for one in self._dispatcher.subscriptions:
            if isinstance(one.target, Ticker) and one.kind != Kind.SNAPSHOT:
                found[str(one.kind)][one.target] = one.request.reqId
        return found

    @property
    def reqId2Subscriber(self) -> dict[int, Any]:
        """Request -> bars or scan that are kept up to date."""
        subscriptions = self._dispatcher.subscriptions
        return {one.request.reqId: one.target for one in subscriptions.of(Kind.BARS, Kind.LIVE_BARS, Kind.SCAN)}

    @property
    def _reqId2Contract(self) -> dict[int, Contract]:
        """Request -> contract, of what is asked and of what is subscribed."""
        known: dict[Any, Any] = {one.key: one.target for one in self._dispatcher.subscriptions}
        known |= {one.key: one for one in self._dispatcher.requests.all() if isinstance(one.key, int)}
        contracts = {reqId: getattr(one, "contract", None) for reqId, one in known.items()}
        return {reqId: contract for reqId, contract in contracts.items() if contract}

    # --- news and calendar ----------------------------------------------------------------------------------------

    @property
    def newsTicks(self) -> list[NewsTick]:
        """The headlines that came. The list may be emptied."""
        return self._dispatcher.state.news.ticks

    @property
    def msgId2NewsBulletin(self) -> dict[int, NewsBulletin]:
        """Number -> bulletin."""
        return self._dispatcher.state.news.bulletins

    @property
    def wshMetaReqId(self) -> int:
        """The request for Wall Street Horizon's catalogue that is under way, else 0."""
        return self._calendar(ReqWshMetaData)

    @property
    def wshEventReqId(self) -> int:
        """The request for Wall Street Horizon's events that is under way, else 0."""
        return self._calendar(ReqWshEventData)

    def _calendar(self, kind: type) -> int:
        active = self._dispatcher.subscriptions.about(Kind.CALENDAR, kind)
        return active[0].request.reqId if active else 0

    # --- connection -----------------------------------------------------------------------------------------------

    @property
    def clientId(self) -> int:
        """The id of this client, -1 when it is not connected."""
        return self._dispatcher.state.clientId if self._dispatcher.client.isConnected() else -1

    @property
    def lastTime(self) -> dt.datetime:
        """When something arrived last, in UTC; 1970 if nothing has arrived yet."""
        return self._dispatcher.state.quotes._now

    @property
    def time(self) -> float:
        """`lastTime` in seconds since 1970 UTC, -1 if nothing has arrived yet."""
        return -1 if self.lastTime == EPOCH else self.lastTime.timestamp()

    def setTimeout(self, timeout: float) -> None:
        """Watch for silence, as `ib.setTimeout` does."""
        self.ib.setTimeout(timeout)

    @property
    def defaults(self) -> IBDefaults:
        """The values that are used where a server sends none. These and the three properties below may be set."""
        return self._dispatcher.state.defaults

    @defaults.setter
    def defaults(self, defaults: IBDefaults) -> None:
        self._dispatcher.state.set_defaults(defaults)

    @property
    def defaultTimezone(self) -> dt.tzinfo:
        """The time zone of the times of ticks, logs and fills."""
        return self.defaults.timezone

    @defaultTimezone.setter
    def defaultTimezone(self, timezone: dt.tzinfo) -> None:
        self.defaults = replace(self.defaults, timezone=timezone)

    @property
    def defaultEmptyPrice(self) -> Any:
        """The price of a bid, ask or trade that does not exist."""
        return self.defaults.emptyPrice

    @defaultEmptyPrice.setter
    def defaultEmptyPrice(self, price: Any) -> None:
        self.defaults = replace(self.defaults, emptyPrice=price)

    @property
    def defaultEmptySize(self) -> Any:
        """The size of a bid, ask or trade that does not exist."""
        return self.defaults.emptySize

    @defaultEmptySize.setter
    def defaultEmptySize(self, size: Any) -> None:
        self.defaults = replace(self.defaults, emptySize=size)
