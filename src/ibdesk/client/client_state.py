"""`ClientState`: all that an `IB` knows, such as orders, tickers, accounts and news, and facts about its connection."""

import contextlib
import datetime as dt
from collections.abc import Callable

from ibdesk.client.dialect import Dialect
from ibdesk.client.health import HealthWatch
from ibdesk.client.requests import Requests
from ibdesk.client.state.accounts import Accounts
from ibdesk.client.state.news import News
from ibdesk.client.state.orders import Orders
from ibdesk.client.state.quotes import Quotes
from ibdesk.client.subscriptions import Subscriptions
from ibdesk.logs import logger
from ibdesk.model.quotes import IBDefaults
from ibdesk.model.times import parseIBDatetime, zone_named
from ibdesk.runtime.clocks import COMPUTER, local_zone

_log = logger("ibdesk.session")

_CLOCK = "20260402 09:30:00"
"""How a server writes its time, which a space and the name of its time zone follow."""


class ClientState:
    """What the handlers of messages read and change. It sends nothing and calls no listeners."""

    def __init__(
        self,
        dialect: Dialect,
        defaults: IBDefaults,
        requests: Requests,
        subscriptions: Subscriptions,
        zone_name: Callable[[], str],
    ) -> None:
        """Make the state of an `IB` that has not connected yet.

        `requests` and `subscriptions` are those of its connection. `zone_name` returns the name of the operator's time
        zone if the user has set it (`IB.TimezoneTWS`), else an empty text.
        """
        self.dialect = dialect
        self.defaults: IBDefaults = defaults
        self.requests = requests
        self.subscriptions = subscriptions
        self.clocks = COMPUTER
        """The clocks of the event loop on which the connection is."""
        self._zone_name = zone_name
        self._unknown_zones: set[str] = set()
        self.clientId = -1
        self.server_version: int = 0
        self.moved_to: int | None = None
        """The port on which the server will listen from now on, if it has said so on this connection (1300)."""
        self.server_time: str = ""
        """The server's time when the connection was made, as the server wrote it: with its time zone."""
        self.health: HealthWatch = HealthWatch()
        self._login: frozenset[str] = frozenset()
        self.orders: Orders = dialect.orders(lambda: self.zone)
        self.forget()

    def forget(self) -> None:
        """Forget everything but the orders, which are kept when a connection ends."""
        self.subscriptions.end_all()
        self.quotes: Quotes = self.dialect.quotes(self.defaults, self.subscriptions, lambda: self.clocks.timestamp())
        self.accounts: Accounts = Accounts()
        self.news: News = News()
        self.market_data_type = 1
        self.managed_accounts: list[str] = []

    def now(self) -> dt.datetime:
        """Return the current time, in the time zone of the user's defaults."""
        return self.clocks.now(self.defaults.timezone)

    @property
    def zone(self) -> dt.tzinfo:
        """The time zone in which old servers write times: what the user has set, else the one the server has named."""
        name = str(self._zone_name() or "")
        if name and zone_named(name) is None and name not in self._unknown_zones:
            self._unknown_zones.add(name)
            _log.error("TimezoneTWS=%r is no time zone that is known: the server's own is taken", name)
        return zone_of(self.server_time, name)

    def set_defaults(self, defaults: IBDefaults) -> None:
        """Use these defaults for values that the server does not send, in existing tickers, too."""
        self.defaults = defaults
        self.quotes.set_defaults(defaults)

    def opened(self, version: int, time: str) -> None:
        """Keep the version of the server and its time, as it wrote that, when a connection is made."""
        self.moved_to = None
        self.server_version, self.server_time = version, time
        with contextlib.suppress(ValueError):
            told = parseIBDatetime(time[: len(_CLOCK)], self.zone)
            if isinstance(told, dt.datetime):
                self.orders.set_server_clock(told - self.now(), zone_named(time[len(_CLOCK) :]) is not None)

    def logged_in(self, managed_accounts: list[str]) -> None:
        """Keep the accounts of this login. If the last login had none of them, its orders are forgotten."""
        self.managed_accounts = managed_accounts
        if self._login and self._login.isdisjoint(managed_accounts):
            self.orders = self.dialect.orders(lambda: self.zone)
            self.opened(self.server_version, self.server_time)
        self._login = frozenset(managed_accounts)


def zone_of(clock: str, name: str = "") -> dt.tzinfo:
    """Return the operator's time zone, in which old servers write: the one with this name, else the server clock's.

    It is that of this machine when neither tells.
    """
    named = (zone_named(name) if name else None) or zone_named(clock[len(_CLOCK) :])
    return named or local_zone()
