"""Where each message goes: to the mirror that it changes, to the caller that waits for it, to the events of the `IB`.

It must not know how a message travels, nor what a user's method is called.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from ibdesk import codes
from ibdesk.client.blocking import LoopRunner
from ibdesk.client.client import Client
from ibdesk.client.dialect import Dialect
from ibdesk.client.mirror import history, what_if
from ibdesk.client.mirror.accounts import Accounts
from ibdesk.client.mirror.bar_lists import BarDataList, RealTimeBarList
from ibdesk.client.mirror.emission import Emission, Emissions, failure
from ibdesk.client.mirror.followed import Followed
from ibdesk.client.mirror.known import all_known
from ibdesk.client.mirror.news import News
from ibdesk.client.mirror.orders import Orders
from ibdesk.client.mirror.quotes import Quotes
from ibdesk.client.receiver import Receiver, zone_of
from ibdesk.client.recovery import Recovery
from ibdesk.client.requests import Requests
from ibdesk.client.routes import market, reference
from ibdesk.errors import EncodeError, RequestError
from ibdesk.events import Event
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.fields import shown
from ibdesk.model.quotes import IBDefaults
from ibdesk.model.times import zone_named
from ibdesk.session.connection import Opened, Undecodable
from ibdesk.session.conversations import ENDS, Key, key_of
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import ib_name
from ibdesk.wire.codec import Unknown
from ibdesk.wire.messages import (
    accounts,
    bonds,
    connection,
    contracts,
    executions,
    market_data,
    order_status,
    orders,
    verification,
)
from ibdesk.wire.messages import history as bars

_log = logger("ibdesk.session")

_ASKING_FOR_OPEN = (order_status.ReqOpenOrders, order_status.ReqAllOpenOrders)
_KEPT = dt.timedelta(days=1)
"""For how long a trade that is done outlives its connection."""

_ROUTES = (market, reference)
"""Where the messages of a domain go, and what its errors do."""

_NOT_ANNOUNCED = "is sent only to a client that announced in its handshake that it proves who made it; an IB does not"

IGNORED: dict[type, str] = {
    verification.VerifyMessageAPI: _NOT_ANNOUNCED,
    verification.VerifyCompleted: _NOT_ANNOUNCED,
    verification.VerifyAndAuthMessageAPI: _NOT_ANNOUNCED,
    verification.VerifyAndAuthCompleted: _NOT_ANNOUNCED,
    Unknown: "is counted by the client, and logged once",
}
"""What arrives and changes nothing -> why. All else that a server can send has a handler."""


class Session(Receiver):
    """All that belongs to one `IB`: its connection, the mirrors of the broker's state, and who waits for what."""

    def __init__(
        self,
        events: Mapping[str, Event[Any]],
        defaults: IBDefaults,
        raises: Callable[[], bool],
        zone_name: Callable[[], str],
        runner: LoopRunner,
        dialect: Dialect,
    ) -> None:
        """`events`: the events of the `IB`, by name. `raises`: shall a refused request raise?

        `zone_name`: the operator's time zone where the user tells it, else empty. `runner`: on which loop it works.
        `dialect`: what is otherwise than usual.
        """
        self.events = events
        self.raises: Callable[[], bool] = raises
        self.zone_name: Callable[[], str] = zone_name
        self.defaults: IBDefaults = defaults
        self.runner = runner
        self.dialect = dialect
        self.client: Client = Client(self)
        self.requests: Requests = self.client.requests
        self.loop: asyncio.AbstractEventLoop | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._idle_limit = 0.0
        self._arrived = 0.0
        self.clientId: int = -1
        self._clock = ""
        self._unknown_zones: set[str] = set()
        self.orders: Orders = dialect.orders(lambda: self.zone)
        self.recovery: Recovery = Recovery(self)
        self._login: frozenset[str] = frozenset()
        self._is_left = False
        """Whether the user ended the connection, and what it told is still shown."""
        self.forget()

    def forget(self) -> None:
        """Begin with empty mirrors, on whatever loop."""
        if not self.client.isConnected():
            self.runner.release()
        self._is_left = False
        self.quotes: Quotes = self.dialect.quotes(self.defaults)
        self.accounts: Accounts = Accounts()
        self.news: News = News()
        self.followed: Followed = Followed()
        self.bars: dict[int, BarDataList | RealTimeBarList] = {}
        self.market_data_type = 1
        self.managed_accounts: list[str] = []
        self._told: set[str] = set()
        self._oddities = 0
        self._stop_watching()
        self._handlers: dict[type, Callable[[Any], None]] = {
            connection.Error: self._error,
            connection.CurrentTime: self._current_time,
            connection.ManagedAccounts: self._accounts_named,
            connection.NextValidId: self._next_id,
            contracts.ContractData: lambda m: self.add(m, all_known(m.contractDetails)),
            bonds.BondContractData: lambda m: self.add(m, all_known(bonds.with_maturity(m.contractDetails))),
            market_data.TickSnapshotEnd: self._snapshot_end,
            bars.HistoricalData: self._bars,
            bars.HistoricalDataUpdate: self._bar_update,
            orders.OpenOrder: self._open_order,
            orders.CompletedOrder: self._completed_order,
            order_status.OpenOrderEnd: self._open_orders_end,
            order_status.OrderBound: lambda m: self.orders.order_bound(m),
            order_status.OrderStatus: lambda m: self.emit_all(self.orders.order_status(m, self.now())),
            executions.ExecDetails: self._exec_details,
            executions.CommissionAndFeesReport: lambda m: self.emit_all(self.orders.commission_report(m)),
            accounts.Position: self._position,
            accounts.PositionEnd: self._positions_end,
            accounts.UpdateAccountValue: lambda m: self.emit_all(self.accounts.account_value(m)),
            accounts.UpdatePortfolio: lambda m: self.emit_all(self.accounts.portfolio_item(m)),
            accounts.UpdateAccountTime: lambda m: self.emit_all(self.accounts.account_time(m)),
            accounts.AccountUpdateMulti: lambda m: self.emit_all(self.accounts.account_value_multi(m)),
            accounts.AccountSummary: lambda m: self.emit_all(self.accounts.account_summary(m)),
            Opened: self._opened,
            Undecodable: self._undecodable,
            **dict.fromkeys(IGNORED, _ignore),
        }
        for end, requests in ENDS.items():
            self._handlers.setdefault(end, partial(self._end, requests=requests))
        self._handlers.update(self.quotes.handlers)
        for routes in _ROUTES:
            self._handlers.update(routes.handlers(self))

    def leave(self) -> None:
        """The user has ended the connection: what it told is forgotten, now or with the next one."""
        if self.dialect.forgets_at_once:
            self.forget()
            return
        self._is_left = True
        self._stop_watching()
        if not self.client.isConnected():
            self.runner.release()

    def begin(self, clientId: int) -> None:
        """A connection is about to be made, on the running loop."""
        if self._is_left:
            self.forget()
        self.clientId = clientId
        self.loop = self.runner.bind()
        self.orders.forget_ended(before=self.now() - _KEPT)

    def let_go(self) -> None:
        """Have the socket closed now, in a script whose loop does not run by itself."""
        loop = self.loop
        if loop is None or loop.is_closed() or loop.is_running() or not self.runner.is_of_this_thread():
            return
        with contextlib.suppress(RuntimeError):  # another loop runs in this thread
            loop.run_until_complete(asyncio.sleep(0))

    def now(self) -> dt.datetime:
        """The time, in the zone that the user wants."""
        return dt.datetime.now(self.defaults.timezone)

    @property
    def zone(self) -> dt.tzinfo:
        """The operator's time zone, in which old servers write: the one that the user names now, else the server's."""
        name = str(self.zone_name() or "")
        if name and zone_named(name) is None and name not in self._unknown_zones:
            self._unknown_zones.add(name)
            _log.error("TimezoneTWS=%r is no time zone that is known: the server's own is taken", name)
        return zone_of(self._clock, name)

    def set_defaults(self, defaults: IBDefaults) -> None:
        """What a server leaves out is this from now on, in the tickers that are there, too."""
        self.defaults = defaults
        self.quotes.set_defaults(defaults)

    # --- events ---------------------------------------------------------------------------------------------------

    def emit(self, name: str, *args: Any) -> None:
        """Emit an event of the `IB`."""
        self.events[name].emit(*args)

    def emit_all(self, emissions: Iterable[Emission]) -> None:
        """Emit what a mirror wants emitted."""
        for event, args in emissions:
            target: Event[Any] = self.events[event] if isinstance(event, str) else event
            target.emit(*args)

    # --- requests -------------------------------------------------------------------------------------------------

    async def ask(
        self,
        message: Any,
        contract: Contract | None = None,
        results: Any = None,
        *,
        key: int | None = None,
        always_raise: bool = False,
        cancel: Any = None,
    ) -> Any:
        """Send a request and wait for the whole answer.

        What the server refuses raises RequestError, with `always_raise` or where the `IB` wants it; else it is logged,
        and the answer is what there is of it, mostly an empty list. Raises ConnectionError when the connection is lost.

        `cancel` is sent when the caller stops waiting.
        """
        call = "" if always_raise or self.raises() else ib_name(type(message).__name__)
        request, is_new = self.requests.start(key_of(message) if key is None else key, call, contract, results)
        if is_new:
            try:
                self.client.send_message(message)
            except BaseException:
                self.requests.drop(request)
                raise
        try:
            return await self.requests.wait(request)
        except RequestError as error:
            if always_raise or self.raises():
                raise
            if error.reqId != request.key:  # else the line of the error says it
                _log.warning("%s returns empty: %s", call, error)
            return request.results
        except asyncio.CancelledError:
            if cancel is not None:
                self.withdraw(cancel)
            raise

    def withdraw(self, cancel: Any) -> None:
        """Send a cancel, unless the connection is lost or the server too old for it."""
        with contextlib.suppress(ConnectionError, EncodeError):
            self.client.send_message(cancel)

    def add(self, message: Any, *results: Any) -> None:
        """What a message has to add to the answer to its request; more of them may follow."""
        for result in results:
            self.requests.add(message.reqId, result, type(message).__name__)

    def complete(self, message: Any, result: Any, key: Key | None = None) -> None:
        """A message is the whole answer to the request with its `reqId`, or this key."""
        answered: Key = message.reqId if key is None else key
        if answered in self.requests:
            self.requests.finish(answered, result)
        else:
            self.requests.late[type(message).__name__] += 1

    def _end(self, message: Any, requests: tuple[type, ...]) -> None:
        reqId = getattr(message, "reqId", None)
        for key in (reqId,) if reqId is not None else requests:
            self.requests.finish(key)

    # --- what arrives ---------------------------------------------------------------------------------------------

    def receive(self, batch: Iterable[Any]) -> None:
        """The messages of one piece of data, in order."""
        handlers = self._handlers
        self.quotes.begin(self.now())
        for message in batch:
            try:
                handlers[type(message)](message)
            except Exception as error:
                self.requests.fail(getattr(message, "reqId", None), error)
                _log.exception("Error handling %s", message)
        if self._idle_limit and self.loop is not None:
            self._arrived = self.loop.time()
        number = len(oddities := self.client.oddities) + len(self.quotes.oddities)
        if number != self._oddities:
            self._oddities = number
            for oddity in (*oddities, *self.quotes.oddities):
                if oddity not in self._told:
                    self._told.add(oddity)
                    _log.warning("The server sent what is not known here: %s", oddity)
        self.emit("updateEvent")
        changed = self.quotes.flush()
        if changed:
            for ticker in changed:
                ticker.updateEvent.emit(ticker)
            self.emit("pendingTickersEvent", changed)

    def lost(self) -> None:
        """The peer ended the connection, and with it all subscriptions."""
        self._stop_watching()
        self.end_waits(ConnectionError("Socket disconnect"))
        self.followed = Followed()
        self.bars.clear()
        self.emit("disconnectedEvent")
        if not self.client.isConnected():  # a listener may have connected again
            self.runner.release()

    def end_waits(self, error: ConnectionError) -> None:
        """Who awaits an event that cannot come any more gets an error. Those of the connection itself go on."""
        self.emit_all(self.orders.lose_sight("The connection was lost", self.now()))
        self.recovery.stop_polling()
        of_connection = (self.events["connectedEvent"], self.events["disconnectedEvent"])
        known = [*self.events.values(), *(one for trade in self.orders.all() for one in vars(trade).values())]
        events = [one for one in known if isinstance(one, Event) and one not in of_connection]
        lists = [*self.bars.values(), *self.followed.scans.values(), *self.followed.groups.values()]
        self.emit_all(self.quotes.end_all(error))
        self.emit_all(failure(event, error) for event in (*events, *(one.updateEvent for one in lists)) if len(event))

    def _undecodable(self, event: Undecodable) -> None:
        if event.reqId is not None:
            self.requests.fail(event.reqId, event.error)
        elif event.message in ENDS:
            for request in ENDS[event.message]:
                for key in self.requests.keyed_by(request):
                    self.requests.fail(key, event.error)
        _log.error("%s", event.error)

    def _opened(self, event: Opened) -> None:
        self._clock = event.time

    def _accounts_named(self, message: connection.ManagedAccounts) -> None:
        self.managed_accounts = message.accounts
        if self._login and self._login.isdisjoint(self.managed_accounts):
            self.orders = self.dialect.orders(lambda: self.zone)
        self._login = frozenset(self.managed_accounts)

    def _next_id(self, message: connection.NextValidId) -> None:
        # The server does not know of orders that did not reach it, and their ids must not come again.
        self.client.raise_next_id(max(message.orderId, self.orders.free_id(self.clientId)))

    def _current_time(self, message: connection.CurrentTime) -> None:
        self.requests.add(connection.ReqCurrentTime, message.time, "CurrentTime")
        self.requests.finish(connection.ReqCurrentTime)

    def _snapshot_end(self, message: market_data.TickSnapshotEnd) -> None:
        self.quotes.tick_snapshot_end(message)
        self.requests.finish(message.reqId)

    def _bars(self, message: bars.HistoricalData) -> None:
        target = self.bars.get(message.reqId)
        if not isinstance(target, BarDataList):
            self.requests.late["HistoricalData"] += 1
            return
        if message.reqId not in self.requests:  # they have been asked for again
            target.clear()
        target.extend(history.historical_data(message, zone=self.zone))
        if self.client.serverVersion() < V.HISTORICAL_DATA_END:
            self.requests.finish(message.reqId)

    def _bar_update(self, message: bars.HistoricalDataUpdate) -> None:
        target = self.bars.get(message.reqId)
        if isinstance(target, BarDataList):
            self.emit_all(history.historical_data_update(message, target, zone=self.zone))

    # --- orders ---------------------------------------------------------------------------------------------------

    def _open_order(self, message: orders.OpenOrder) -> None:
        if message.order.whatIf:
            self._what_if(message)
            return
        asking = self.requests.oldest(*_ASKING_FOR_OPEN)
        trade, emissions = self.orders.open_order(message, self.now(), asked=asking is not None)
        if asking is not None:
            asking.results.append(trade)
        if trade is not None and trade.order.clientId == self.clientId:
            self.client.raise_next_id(trade.order.orderId + 1)
        self.emit_all(emissions)

    def _what_if(self, message: orders.OpenOrder) -> None:
        asking = self.requests.get(message.order.orderId)
        if asking is None:
            self.requests.late["OpenOrder"] += 1
            return
        asking.results.append(message.orderState)
        if what_if.tells_margins(message.orderState):
            self.requests.finish(asking.key, what_if.whole(asking.results))

    def _open_orders_end(self, _: order_status.OpenOrderEnd) -> None:
        asking = self.requests.oldest(*_ASKING_FOR_OPEN)
        if asking is None:
            return
        asking.results[:] = dict.fromkeys(asking.results)  # an order that changes while it is asked for comes twice
        if asking.key is order_status.ReqAllOpenOrders:
            self.recovery.list_is_whole(asking.results)
        self.requests.finish(asking.key)

    def _completed_order(self, message: orders.CompletedOrder) -> None:
        trade, emissions = self.orders.completed_order(message, self.now())
        self.requests.add(order_status.ReqCompletedOrders, trade, "CompletedOrder")
        self.emit_all(emissions)

    def _exec_details(self, message: executions.ExecDetails) -> None:
        fill, emissions = self.orders.exec_details(message, self.now())
        if message.reqId in self.requests:
            self.requests.add(message.reqId, fill, "ExecDetails")
        self.emit_all(emissions)

    def _position(self, message: accounts.Position) -> None:
        position, emissions = self.accounts.position(message)
        if accounts.ReqPositions in self.requests:
            self.requests.add(accounts.ReqPositions, position, "Position")
        self.emit_all(emissions)

    def _positions_end(self, _: accounts.PositionEnd) -> None:
        asking = self.requests.get(accounts.ReqPositions)
        if asking is not None:
            self.emit_all(self.accounts.positions_told(asking.results))
            self.requests.finish(asking.key)

    # --- errors ---------------------------------------------------------------------------------------------------

    def _error(self, message: connection.Error) -> None:
        reqId, code, text = message.reqId, message.errorCode, message.errorString
        trade = self.orders.find(self.clientId, reqId)
        request = self.requests.get(reqId)
        owner = request or trade or self.bars.get(reqId)
        contract = owner.contract if owner is not None else self.quotes.contract(reqId)
        notice = codes.is_warning(code)
        # That the link to IBKR is lost (1100) ends no request, and yet is nobody's mere warning.
        is_mild = (
            (notice and code >= 2100)
            or codes.kind(code) in (codes.Kind.WARNING, codes.Kind.ADVISORY)
            # These answer a cancellation.
            or (codes.ends_order(code) and text.rstrip().endswith("reason:"))
            or (request is None and ("data query cancelled" in text or "scanner subscription cancelled" in text))
        )
        # What the error changes comes before its text: that may hold what a program has put into its contract.
        changes: Emissions = []
        if trade is not None:
            changes = self.orders.error(trade, code, text, message.advancedOrderRejectJson, self.now())
        suffix = f", contract: {shown(contract)}" if contract is not None else ""
        if request is not None and not notice:
            self.requests.fail(reqId, RequestError(reqId, code, text))
            if request.call:
                suffix += f"; {request.call} returns empty"
        what = "Warning" if is_mild else "Error"
        _log.log(logging.INFO if is_mild else logging.ERROR, "%s %s, reqId %s: %s%s", what, code, reqId, text, suffix)
        self.emit_all(changes)
        self.recovery.notice(message)
        for routes in _ROUTES:
            routes.error(self, message, ends=not notice)
        self.emit("errorEvent", reqId, code, text, contract)

    # --- silence --------------------------------------------------------------------------------------------------

    def watch_idle(self, limit: float) -> None:
        """Emit `timeoutEvent` once when nothing has arrived for `limit` seconds."""
        self._stop_watching()
        if limit and self.loop is not None:
            self._idle_limit, self._arrived = limit, self.loop.time()
            self._idle_timer = self.loop.call_later(limit, self._check_idle)

    def _check_idle(self) -> None:
        assert self.loop is not None
        silent = self.loop.time() - self._arrived
        if silent < self._idle_limit:
            self._idle_timer = self.loop.call_later(self._idle_limit - silent, self._check_idle)
        else:
            _log.debug("Timeout: nothing arrived for %s s", silent)
            self._stop_watching()
            self.emit("timeoutEvent", silent)

    def _stop_watching(self) -> None:
        timer, self._idle_timer, self._idle_limit = self._idle_timer, None, 0.0
        if timer is not None:
            timer.cancel()


def _ignore(message: Any) -> None:
    """Take what is in `IGNORED`."""
