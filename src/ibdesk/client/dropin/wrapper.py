"""`ib.wrapper`: what an `IB` knows, under the names that it has in ib_async.

What arrives goes to the mirrors, by way of `Session`; programs that read `ib.wrapper` look at these mirrors here.
"""

import datetime as dt
import weakref
from collections import defaultdict
from dataclasses import replace
from typing import Any, Protocol

from ibdesk.client.mirror.ticker import Ticker
from ibdesk.client.mirror.trade import Trade
from ibdesk.client.session import Session
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
    def session(self) -> Session:
        """What arrives, and what is known."""
        ...

    def setTimeout(self, timeout: float) -> None:
        """Watch for silence."""
        ...


class Wrapper:
    """What an `IB` knows, under ib_async's names. It is for reading; only the defaults can be set.

    `accountValues`, `acctSummary`, `portfolio`, `positions`, `newsTicks`, `msgId2NewsBulletin` and `reqId2Ticker` are
    the collections themselves, which go on changing. Every other collection is made when it is asked for.
    """

    def __init__(self, ib: Owner, defaults: IBDefaults | None = None) -> None:
        """Look at an `IB`. `defaults` is there because ib_async has it: those of the `IB` count."""
        self._ib = weakref.ref(ib)
        self._session = ib.session
        self._logger = logger("ibdesk.session")

    @property
    def ib(self) -> Any:  # to type checkers no more than that, since programs ask it for all that an `IB` has
        """The `IB` that it belongs to. Raises ReferenceError when that is gone."""
        ib = self._ib()
        if ib is None:
            raise ReferenceError("The IB of this wrapper is gone")
        return ib

    # --- accounts -------------------------------------------------------------------------------------------------

    @property
    def accounts(self) -> list[str]:
        """The accounts of this login."""
        return self._session.managed_accounts

    @property
    def accountValues(self) -> dict[tuple[str, str, str, str], AccountValue]:
        """(account, tag, currency, modelCode) -> value."""
        return self._session.accounts.values_by_key

    @property
    def acctSummary(self) -> dict[tuple[str, str, str], AccountValue]:
        """(account, tag, currency) -> value."""
        return self._session.accounts.summary_by_key

    @property
    def portfolio(self) -> dict[str, dict[int, PortfolioItem]]:
        """Account -> conId -> item."""
        return self._session.accounts.portfolio_by_account

    @property
    def positions(self) -> dict[str, dict[int, Position]]:
        """Account -> conId -> position."""
        return self._session.accounts.positions_by_account

    @property
    def reqId2PnL(self) -> dict[int, PnL]:
        """Request -> profit of an account."""
        return {shared.reqId: shared.value for shared in self._session.followed.pnl._open.values()}

    @property
    def reqId2PnlSingle(self) -> dict[int, PnLSingle]:
        """Request -> profit of a position."""
        return {shared.reqId: shared.value for shared in self._session.followed.pnl_single._open.values()}

    @property
    def pnlKey2ReqId(self) -> dict[tuple[str, str], int]:
        """(account, modelCode) -> request."""
        return {key: shared.reqId for key, shared in self._session.followed.pnl._open.items()}

    @property
    def pnlSingleKey2ReqId(self) -> dict[tuple[str, str, int], int]:
        """(account, modelCode, conId) -> request."""
        return {key: shared.reqId for key, shared in self._session.followed.pnl_single._open.items()}

    # --- orders ---------------------------------------------------------------------------------------------------

    def orderKey(self, clientId: int, orderId: int, permId: int) -> int | tuple[int, int]:
        """Return the key in `trades`: for orders placed by hand the permId, else (clientId, orderId)."""
        return (clientId, orderId) if orderId > 0 else permId

    @property
    def trades(self) -> dict[int | tuple[int, int], Trade]:
        """`orderKey` -> trade. Of two trades with one key it has the newer; `ib.trades()` has both."""
        return {
            self.orderKey(trade.order.clientId, trade.order.orderId, trade.order.permId): trade
            for trade in self._session.orders.all()
        }

    @property
    def permId2Trade(self) -> dict[int, Trade]:
        """The trades of orders that have a permId."""
        return {trade.order.permId: trade for trade in self._session.orders.all() if trade.order.permId}

    @property
    def fills(self) -> dict[str, Fill]:
        """The fills by execId."""
        return {fill.execution.execId: fill for fill in self._session.orders.all_fills()}

    # --- market data ----------------------------------------------------------------------------------------------

    @property
    def tickers(self) -> dict[int, Ticker]:
        """Hash of a contract's `key()` -> ticker. Of two that differ in their exchange it has the newer one."""
        return {hash(ticker.contract.key()): ticker for ticker in self._session.quotes.tickers() if ticker.contract}

    @property
    def pendingTickers(self) -> set[Ticker]:
        """The tickers that changed with the newest data."""
        return set(self._session.quotes.pending())

    @property
    def reqId2Ticker(self) -> dict[int, Ticker]:
        """Request -> ticker, snapshots too."""
        return self._session.quotes._by_request

    @property
    def ticker2ReqId(self) -> dict[int | str, dict[Ticker, int]]:
        """Kind of request ("mktData", "mktDepth", "Last", "BidAsk" ...) -> ticker -> its newest request."""
        found: defaultdict[int | str, dict[Ticker, int]] = defaultdict(dict)
        for (ticker, kind), lines in self._session.quotes._lines.items():
            if lines:
                found[kind][ticker] = lines[-1].reqId
        return found

    @property
    def reqId2Subscriber(self) -> dict[int, Any]:
        """Request -> the bars or scan that it keeps up to date."""
        return {**self._session.bars, **self._session.followed.scans}

    @property
    def _reqId2Contract(self) -> dict[int, Contract]:
        """Request -> contract, of all requests and subscriptions."""
        session = self._session
        known: dict[int, Any] = {**self.reqId2Ticker, **session.bars}
        known |= {one.key: one for one in session.requests.all() if isinstance(one.key, int)}
        return {reqId: one.contract for reqId, one in known.items() if one.contract}

    # --- news and calendar ----------------------------------------------------------------------------------------

    @property
    def newsTicks(self) -> list[NewsTick]:
        """The headlines that came. The list may be emptied."""
        return self._session.news.ticks

    @property
    def msgId2NewsBulletin(self) -> dict[int, NewsBulletin]:
        """Number -> bulletin."""
        return self._session.news.bulletins

    @property
    def wshMetaReqId(self) -> int:
        """The request for Wall Street Horizon's catalogue that is under way, else 0."""
        return self._session.followed.calendar.get(ReqWshMetaData, 0)

    @property
    def wshEventReqId(self) -> int:
        """The request for Wall Street Horizon's events that is under way, else 0."""
        return self._session.followed.calendar.get(ReqWshEventData, 0)

    # --- connection -----------------------------------------------------------------------------------------------

    @property
    def clientId(self) -> int:
        """The id of this client, -1 when it is not connected."""
        return self._session.clientId if self._session.client.isConnected() else -1

    @property
    def lastTime(self) -> dt.datetime:
        """When something arrived last, in UTC; 1970 when nothing has yet."""
        return self._session.quotes._now

    @property
    def time(self) -> float:
        """The same in seconds since 1970, -1 when nothing has arrived yet."""
        return -1 if self.lastTime == EPOCH else self.lastTime.timestamp()

    def setTimeout(self, timeout: float) -> None:
        """Watch for silence, as `ib.setTimeout` does."""
        self.ib.setTimeout(timeout)

    @property
    def defaults(self) -> IBDefaults:
        """The values that stand for what a server leaves out. They may be set, as the three that follow may."""
        return self._session.defaults

    @defaults.setter
    def defaults(self, defaults: IBDefaults) -> None:
        self._session.set_defaults(defaults)

    @property
    def defaultTimezone(self) -> dt.tzinfo:
        """The time zone of the times of ticks, logs and fills."""
        return self.defaults.timezone

    @defaultTimezone.setter
    def defaultTimezone(self, timezone: dt.tzinfo) -> None:
        self.defaults = replace(self.defaults, timezone=timezone)

    @property
    def defaultEmptyPrice(self) -> Any:
        """The price where there is none."""
        return self.defaults.emptyPrice

    @defaultEmptyPrice.setter
    def defaultEmptyPrice(self, price: Any) -> None:
        self.defaults = replace(self.defaults, emptyPrice=price)

    @property
    def defaultEmptySize(self) -> Any:
        """The size where there is none."""
        return self.defaults.emptySize

    @defaultEmptySize.setter
    def defaultEmptySize(self, size: Any) -> None:
        self.defaults = replace(self.defaults, emptySize=size)
