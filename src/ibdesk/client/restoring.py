"""`Restorer`: asks again for what a client is subscribed to, after the server has lost it.

The objects that the program holds stay the same: a restored subscription fills them on, under a new id.
"""

import asyncio
import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import failure
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList
from ibdesk.client.state.statuses import refused
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.errors import EncodeError, RequestError
from ibdesk.logs import logger
from ibdesk.wire.messages.market_data import ReqMarketDataType

_log = logger("ibdesk.session")

LIVE = 1
"""The market data type with which a connection begins."""


class Restoration(NamedTuple):
    """What has become of the subscriptions that were interrupted."""

    restored: list[Subscription]
    """Those that the server has taken, or has not refused so far."""
    refused: list[tuple[Subscription, Exception]]
    """Those that it has refused now, each with the reason. Most are asked for again later."""
    waiting: list[Subscription]
    """Those that are not asked for yet, or not answered, because the server limits requests for bars."""


class Link(Protocol):
    """What `Restorer` needs of the connection. `Dispatcher` has it."""

    loop: asyncio.AbstractEventLoop | None

    def is_ready(self) -> bool:
        """Return whether the connection is up and running."""
        ...

    def new_id(self) -> int:
        """Return a new id for a request."""
        ...

    def send(self, message: Any) -> None:
        """Send a message as soon as the pacing allows."""
        ...

    def withdraw(self, cancel: Any) -> None:
        """Send a message that cancels something, if it can be sent."""
        ...

    async def ask(self, message: Any, *, always_raise: bool) -> Any:
        """Send a request and wait for the whole answer."""
        ...

    def carry_out(self, effects: Iterable[Any]) -> None:
        """Carry out the effects of a change of the state."""
        ...

    def tell_changes(self) -> None:
        """Emit the tickers that have changed."""
        ...

    def emit(self, name: str, *args: Any) -> None:
        """Emit an event of the `IB`."""
        ...


class Restorer:
    """Restores the subscriptions of one `IB`.

    When the connection is lost and will be made anew, `suspend` keeps them. Once it is made, and the account, positions
    and orders are fetched, `restore` asks for them again. `end` gives them up.
    """

    def __init__(self, state: ClientState, link: Link) -> None:
        self._state = state
        self._link = link
        self._subscriptions = state.subscriptions
        self._refusals: dict[Subscription, Exception] = {}

    # --- the connection -------------------------------------------------------------------------------------------

    def suspend(self, error: Exception) -> None:
        """Keep the subscriptions, because the connection is lost and will be made anew.

        What cannot be restored ends: with `error`, wherever its `updateEvent` is awaited.
        """
        self._stop()
        now = self._state.now()
        self._state.quotes.begin(now)
        for one in self._subscriptions:
            if one.restored_by:
                self._interrupt(one, now)
            else:
                self._end(one, error)
        self._link.tell_changes()

    async def restore(self) -> Restoration:
        """Ask for everything again that was suspended, on a new connection, and return what has become of it.

        Raises ConnectionError when the connection is lost again; then everything is suspended as before.
        """
        self._refusals.clear()
        wanted = [one for one in self._subscriptions if one.is_suspended and not self._is_begun(one)]
        self._send_all((one for one in wanted if one.kind != Kind.POSITIONS), LIVE)
        for one in wanted:
            if one.kind == Kind.POSITIONS:
                # Those that were closed meanwhile are missing from the answer, so it must be seen as a whole.
                self._subscriptions.resume(one, None)
                await self._link.ask(one.request, always_raise=True)
        return self._result(wanted)

    def end(self, error: Exception) -> None:
        """Give up all subscriptions: the connection is lost for good, or ended by the user."""
        self._stop()
        self._link.carry_out(self._state.quotes.end_all(error))
        for one in self._subscriptions.end_all():
            self._fail(one, error)

    def _stop(self) -> None:
        self._refusals.clear()

    def _is_begun(self, one: Subscription) -> bool:
        """Return whether the start of the connection has begun the same, which then takes the place of this one."""
        for other in self._subscriptions.about(one.kind, one.subject):
            if not other.is_suspended and one.kind in (Kind.POSITIONS, Kind.ACCOUNT, Kind.ACCOUNT_MULTI):
                other.users = max(other.users, one.users)
                self._subscriptions.end(one.key)
                return True
        return False

    def _result(self, wanted: list[Subscription]) -> Restoration:
        refusals = [(one, self._refusals[one]) for one in wanted if one in self._refusals]
        left = [one for one in wanted if one not in self._refusals and self._subscriptions.get(one.key) is one]
        waiting = [one for one in left if one.is_suspended]
        return Restoration([one for one in left if not one.is_suspended], refusals, waiting)

    # --- one subscription -----------------------------------------------------------------------------------------

    def _interrupt(self, one: Subscription, since: dt.datetime) -> None:
        self._subscriptions.suspend(one, since)
        if isinstance(one.target, Ticker):
            self._state.quotes.interrupt(one)
        elif isinstance(one.target, BarDataList | RealTimeBarList):
            one.target.isComplete = False

    def _send_all(self, wanted: Iterable[Subscription], data_type: int) -> None:
        """Ask for suspended subscriptions again. `data_type` is the market data type that the server has.

        It is the one that the user has chosen in the end.
        """
        # All is sent without waiting in between, so that nobody can ask for quotes while the type is another one. The
        # pacing holds back what is too much, and lets orders pass.
        chosen = self._state.market_data_type
        for one in [*wanted]:
            reqId = self._link.new_id() if hasattr(one.restored_by[-1], "reqId") else None
            self._subscriptions.resume(one, reqId)
            if isinstance(one.target, Ticker):
                self._state.quotes.resumed(one)
            try:
                for message in one.restored_by:
                    if not isinstance(message, ReqMarketDataType):
                        self._link.send(message)
                    elif message.marketDataType != data_type:
                        self._link.send(message)
                        data_type = message.marketDataType
            except EncodeError as error:  # the server may be an older one now
                self._give_up(one, error)
        if data_type != chosen:
            self._link.send(ReqMarketDataType(chosen))

    def _give_up(self, one: Subscription, error: Exception) -> None:
        self._refusals[one] = error
        _log.error("The subscription %s is not restored: %s", one.request, error)
        self._end(one, error)
        self._link.emit("subscriptionLostEvent", one, error)

    def _end(self, one: Subscription, error: Exception) -> None:
        if isinstance(one.target, Ticker):
            self._state.quotes.end(one, refused(error.code) if isinstance(error, RequestError) else "ended")
        else:
            self._subscriptions.end(one.key)
        self._fail(one, error)

    def _fail(self, one: Subscription, error: Exception) -> None:
        if hasattr(one.target, "updateEvent"):
            self._link.carry_out([failure(one.target.updateEvent, error)])

    # --- what arrives ---------------------------------------------------------------------------------------------

    def arrived(self, one: Subscription, message: Any) -> None:
        """Take note that something has come for a subscription that was asked for again. `message` brings it."""
        del self._subscriptions.awaited[one.key]
        since, one.since, one.attempts = one.since, None, 0
        if since is not None:
            self._link.emit("gapEvent", one, since, self._state.quotes.now)
