"""`Dispatcher`: the hub of an `IB`. It passes messages to their handlers, carries out effects, and makes requests.

::

    messages -> receive() -> the handler of each message -> effects -> carry_out() -> listeners, callers, the server
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from ibdesk.client.blocking import LoopRunner
from ibdesk.client.client import Client
from ibdesk.client.client_state import ClientState
from ibdesk.client.dialect import Dialect
from ibdesk.client.effects import (
    Add,
    Arrived,
    AskAboutOrders,
    AskAgain,
    Emit,
    Fail,
    Finish,
    Late,
    LinkTold,
    Remember,
    Report,
    Reserve,
    Send,
    failure,
)
from ibdesk.client.handlers import Handler, answers
from ibdesk.client.handlers.accounts import AccountHandlers
from ibdesk.client.handlers.connection import ConnectionHandlers
from ibdesk.client.handlers.errors import ErrorHandlers
from ibdesk.client.handlers.market import MarketHandlers
from ibdesk.client.handlers.orders import OrderHandlers
from ibdesk.client.history_limits import HistoryLimits
from ibdesk.client.receiver import Receiver
from ibdesk.client.reconciliation import Reconciliation
from ibdesk.client.recovery import Recovery
from ibdesk.client.requests import Requests
from ibdesk.client.restoring import LIVE, Restorer
from ibdesk.client.silence import SilenceWatch
from ibdesk.client.silent_lines import LineWatch
from ibdesk.client.state.differences import Difference
from ibdesk.client.state.quotes import Quotes
from ibdesk.client.subscriptions import Subscription, Subscriptions
from ibdesk.errors import EncodeError, RequestError
from ibdesk.events import Event
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.health import SocketState
from ibdesk.model.quotes import IBDefaults
from ibdesk.runtime.clocks import clocks_of
from ibdesk.session.conversations import key_of
from ibdesk.wire.catalogue import ib_name
from ibdesk.wire.codec import Takers

if TYPE_CHECKING:
    from ibdesk.client.journaling import Journaling

_log = logger("ibdesk.session")

_DONE_TRADES_KEPT = dt.timedelta(days=1)
"""For how long trades that are done are kept when another connection is made."""


_OF_CONNECTION = (
    "connectedEvent",
    "disconnectedEvent",
    "healthEvent",
    "reconnectingEvent",
    "reconnectedEvent",
    "reconnectFailedEvent",
)
"""The events of an `IB` that are emitted without a connection, too."""


class Dispatcher(Receiver):
    """Connects the methods of one `IB` with its `client` (the connection), its `state`, `requests` and `subscriptions`.

    Messages that arrive change the state and cause effects. The methods of `IB` read the state, and ask the server.
    """

    def __init__(
        self,
        events: Mapping[str, Event[Any]],
        defaults: IBDefaults,
        raises: Callable[[], bool],
        restores: Callable[[], bool],
        zone_name: Callable[[], str],
        runner: LoopRunner,
        dialect: Dialect,
    ) -> None:
        """Make the hub of an `IB`.

        `events` has the events of the `IB` by name, and `defaults` the values that tickers have before the server sends
        any. `raises` returns whether a refused request raises, and `restores` whether subscriptions are restored that
        the server loses while the connection lasts. `zone_name` returns the time zone that the user has set
        for the server, or an empty text. `runner` knows the event loop. `dialect` is how the `IB` differs from
        ib_async, if it does.
        """
        self.events = events
        self.raises: Callable[[], bool] = raises
        self._restores = restores
        self.runner = runner
        self.client: Client = Client(self)
        self.requests: Requests = self.client.requests
        self.subscriptions: Subscriptions = self.client.subscriptions
        self.state: ClientState = ClientState(dialect, defaults, self.requests, self.subscriptions, zone_name)
        self.recovery: Recovery = Recovery(self.state, self)
        self.reconciliation: Reconciliation = Reconciliation(self.state, self, self.recovery)
        self.restorer: Restorer = Restorer(self.state, self, restores)
        self.lines: LineWatch = LineWatch(self.state, self)
        self.keeps_subscriptions = False
        """Whether subscriptions are kept when the server ends the connection, since another one will be made."""
        self.down_state = SocketState.DISCONNECTED
        """The state of the socket while there is no connection."""
        self.is_hushed = False
        """Whether the loss of a connection is not told, since it was not told either that it was made."""
        self.on_lost: Callable[[], object] = lambda: None
        """Called when a connection is lost, before listeners are told."""
        self.silence: SilenceWatch = SilenceWatch(lambda seconds: self.emit("timeoutEvent", seconds))
        self.journaling: Journaling | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self._forgets_at_once = dialect.forgets_at_once
        self._is_disconnected = False
        """Whether the user has disconnected, but can still read what the connection brought."""
        self._interpreters: dict[type, Callable[[Any], object]] = {
            Add: lambda effect: self.requests.add(*effect),
            Finish: lambda effect: self.requests.finish(*effect),
            Fail: lambda effect: self.requests.fail(*effect),
            Late: lambda effect: self.requests.late.update([effect.told_by]),
            Send: lambda effect: self.client.send_message(effect.message),
            Remember: lambda _: self.reconciliation.remember(),
            Report: lambda effect: self._report(effect.difference),
            Reserve: lambda effect: self.client.raise_next_id(effect.lowest),
            AskAboutOrders: lambda effect: self.recovery.ask_about_orders(effect.also_positions),
            LinkTold: lambda effect: self.restorer.link_told(*effect),
            Arrived: lambda effect: self.restorer.arrived(effect.subscription),
            AskAgain: lambda effect: self.restorer.ask_again(*effect),
        }
        self.forget()

    # --- the life of a connection ---------------------------------------------------------------------------------

    def forget(self) -> None:
        """Forget everything that the last connection brought, except for its orders."""
        if not self.client.isConnected():
            self.runner.release()
        self._is_disconnected = False
        self._locks: dict[object, asyncio.Lock] = {}
        self._logged_oddities: set[str] = set()
        self._oddities = 0
        self.silence.stop()
        self.lines.stop()
        self.restorer.end(ConnectionError("Socket disconnect"))
        # The handlers keep mappings of the state, so that a new state needs new handlers.
        state = self.state
        state.forget()
        market = MarketHandlers(state, self._restores)
        self._handlers: dict[type, Handler] = {
            **answers.table(),
            **ConnectionHandlers(state).table(),
            **OrderHandlers(state).table(),
            **AccountHandlers(state).table(),
            **market.table(),
            **ErrorHandlers(state, market).table(),
        }
        if self.journaling is not None:
            self._handlers.update(self.journaling.handlers(self._handlers))

    def keep_journal(self, journaling: "Journaling") -> None:
        """Have a journal kept of all orders, from the next connection on."""
        self.journaling = journaling
        self.client.before_order = journaling.before_sending
        self.events["orderStatusEvent"].connect(journaling.on_status)
        self.forget()

    def leave_journal(self) -> None:
        """Leave the journal, if there is one, to other programs."""
        if self.journaling is not None:
            self.journaling.end()

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        """Have the event loop call a function after so many seconds; never, if there is no loop any more."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_later(seconds, function)

    def begin(self, clientId: int) -> None:
        """Prepare for a connection that is about to be made, on the running loop.

        Raises JournalError if there is a journal, and it cannot be used.
        """
        if self._is_disconnected:
            self.forget()
        if not self.keeps_subscriptions and not any(one.is_suspended for one in self.subscriptions):
            self.state.market_data_type = LIVE
        self.state.clientId = clientId
        self.loop = self.runner.bind()
        self.state.clocks = clocks_of(self.loop)
        self.state.orders.forget_ended(before=self.state.now() - _DONE_TRADES_KEPT)
        if self.journaling is not None:
            self.journaling.begin()
        is_first = self.down_state is SocketState.DISCONNECTED
        self.tell_socket(SocketState.CONNECTING if is_first else self.down_state)

    def opened(self) -> None:
        """Take note that the connection is made. Raises JournalError if the journal cannot be used for this login."""
        self.tell_socket(SocketState.CONNECTED)
        if self.journaling is not None:
            self.journaling.check()

    def tell_socket(self, state: SocketState) -> None:
        """Tell the state of the socket by `IB.health`."""
        self.carry_out(self.state.health.socket(state, self.state.now()))

    def leave(self, is_told: bool) -> None:
        """Forget what the connection brought, as the user has ended it: now or, by dialect, before the next one.

        If it `is_told`, `disconnectedEvent` comes first: its listeners can still read positions and tickers.
        """
        self._is_disconnected = True
        self.leave_journal()
        if is_told:
            self.emit("disconnectedEvent")
            if not self._is_disconnected:  # a listener has connected again, and by that everything was forgotten
                return
        if self._forgets_at_once:
            self.forget()
            return
        self.silence.stop()
        self.lines.stop()
        self.restorer.end(ConnectionError("Socket disconnect"))
        if not self.client.isConnected():
            self.runner.release()

    def finish_closing(self) -> None:
        """Run the loop once if it stands still, as in a script of blocking calls, so that the socket gets closed."""
        loop = self.loop
        if loop is None or loop.is_closed() or loop.is_running() or not self.runner.is_of_this_thread():
            return
        with contextlib.suppress(RuntimeError):  # another loop runs in this thread
            loop.run_until_complete(asyncio.sleep(0))

    def on_connection_lost(self) -> None:
        """End all waits, as the server has ended the connection, and all subscriptions, if they are not to be kept."""
        self.silence.stop()
        self.lines.stop()
        self._suspend_or_end()
        self._locks = {}
        if not self.keeps_subscriptions:  # else another program could take the journal before the next attempt
            self.leave_journal()
        self.on_lost()
        self.tell_socket(self.down_state)
        if not self.is_hushed:
            self.emit("disconnectedEvent")
        if not self.client.isConnected() and not self.keeps_subscriptions:  # a listener may have connected again
            self.runner.release()

    def on_disconnect(self, was_ready: bool) -> None:
        """End all subscriptions and waits, as the client has ended the connection, perhaps to make another one."""
        self._locks = {}
        self.tell_socket(self.down_state)
        if was_ready:
            self._suspend_or_end()

    def _suspend_or_end(self) -> None:
        """End subscriptions and waits, as the connection is gone; or keep them, if it will be made again."""
        error = ConnectionError("Socket disconnect")
        if self.keeps_subscriptions:  # then what is awaited will be emitted on the next connection
            self.restorer.suspend(error)
            self._lose_sight()
        else:
            self.restorer.end(error)
            self.end_waits(error)

    def end_waits(self, error: ConnectionError) -> None:
        """Raise an error wherever an event is awaited that cannot be emitted without a connection.

        Events about the connection itself can still be awaited. The events of what is subscribed are the concern of
        `restorer`.
        """
        self._lose_sight()
        self.recovery.stop_polling()
        of_connection = [self.events[name] for name in _OF_CONNECTION]
        trades = self.state.orders.all()
        known = [*self.events.values(), *(one for trade in trades for one in vars(trade).values())]
        events = [one for one in known if isinstance(one, Event) and one not in of_connection]
        self.carry_out(failure(event, error) for event in events if len(event))

    def _lose_sight(self) -> None:
        """Take note that nothing is heard of orders and positions any more."""
        self.state.accounts.lose_sight()
        self.reconciliation.remember()
        self.carry_out(self.state.orders.lose_sight("The connection was lost", self.state.now()))
        self.recovery.expect_nothing()
        self.recovery.pause_polling()

    # --- messages that arrive -------------------------------------------------------------------------------------

    def receive(self, batch: Iterable[Any]) -> None:
        """Handle the messages of one piece of data, in order, and then emit `updateEvent` and the changed tickers."""
        handlers, events, state = self._handlers, self.events, self.state
        quotes = state.quotes
        quotes.begin(state.now())
        try:
            for message in batch:
                try:
                    for effect in handlers[type(message)](message) or ():
                        # This does what `carry_out` does, but without a call for emissions, as nearly all effects are.
                        if type(effect) is Emit:
                            event, args = effect
                            (events[event] if isinstance(event, str) else event).emit(*args)
                        else:
                            self._interpreters[type(effect)](effect)
                except Exception as error:
                    # The messages that follow must be handled even if this one is broken, or a handler or listener is.
                    self.requests.fail(getattr(message, "reqId", None), error)
                    _log.exception("Error handling %s", message)
        finally:  # the batch itself raises ProtocolError if a fault in the stream follows its messages
            self._end_batch(quotes)

    def takers(self) -> Takers:
        """Return what takes prices and sizes, which are most of all messages."""
        return self.state.quotes.takers()

    def _end_batch(self, quotes: Quotes) -> None:
        if self.silence.limit and self.loop is not None:
            self.silence.arrived = self.loop.time()
        if len(self.client.oddities) + len(quotes.oddities) != self._oddities:
            self._log_oddities()
        if self.journaling is not None:
            self.journaling.write()
        try:
            self.emit("updateEvent")
        finally:
            self.tell_changes()

    def tell_changes(self) -> None:
        """Emit the tickers that have changed."""
        quotes = self.state.quotes
        changed = quotes.flush()
        try:
            if changed:
                awaited = self.subscriptions.awaited
                if awaited and not awaited.keys().isdisjoint(changed):
                    self.restorer.tickers_came(changed)
                for ticker in changed:
                    ticker.updateEvent.emit(ticker)
                self.events["pendingTickersEvent"].emit(quotes.pending())
        finally:
            quotes.is_open = False
            if quotes.waiting:
                quotes.resume()

    def _log_oddities(self) -> None:
        """Log, once each, what the server has sent that ibdesk does not know."""
        oddities = [*self.client.oddities, *self.state.quotes.oddities]
        self._oddities = len(oddities)
        for oddity in oddities:
            if oddity not in self._logged_oddities:
                self._logged_oddities.add(oddity)
                _log.warning("The server sent what is not known here: %s", oddity)

    # --- effects --------------------------------------------------------------------------------------------------

    def carry_out(self, effects: Iterable[Any]) -> None:
        """Carry out effects, in order."""
        for effect in effects:
            if type(effect) is Emit:
                event, args = effect
                (self.events[event] if isinstance(event, str) else event).emit(*args)
            else:
                self._interpreters[type(effect)](effect)

    def is_heard(self, effect: Any) -> bool:
        """Return whether a listener is told something when an effect is carried out, other than the journal."""
        if type(effect) is not Emit:
            return type(effect) is Report
        event = self.events[effect.event] if isinstance(effect.event, str) else effect.event
        listeners = len(event)
        return listeners > 1 or (listeners == 1 and not (self.journaling and self.journaling.on_status in event))

    def _report(self, difference: Difference) -> None:
        told = difference.kind, difference.about, difference.ours, difference.theirs, difference.done
        _log.warning("Difference (%s) %s: %s here, %s at the server. %s", *told)
        self.emit("differenceEvent", difference)

    def emit(self, name: str, *args: Any) -> None:
        """Emit an event of the `IB`."""
        self.events[name].emit(*args)

    # --- requests and subscriptions -------------------------------------------------------------------------------

    def send(self, message: Any) -> None:
        """Send a message as soon as the pacing allows. Raises ConnectionError and EncodeError as `Client.send` does."""
        self.client.send_message(message)

    def new_id(self) -> int:
        """Return a new id for a request or an order. Raises ConnectionError when not connected."""
        return self.client.next_id()

    @property
    def history_limits(self) -> HistoryLimits:
        """What the server's limits for historical data still allow."""
        return self.client.history_limits

    def is_ready(self) -> bool:
        """Return whether the connection is up and running."""
        return self.client.isReady()

    async def ask(
        self,
        message: Any,
        contract: Contract | None = None,
        results: Any = None,
        *,
        key: int | None = None,
        always_raise: bool = False,
        cancel: Any = None,
        subscription: Subscription | None = None,
    ) -> Any:
        """Send a request and wait for the whole answer, which is a list of messages unless a handler made it otherwise.

        If the server refuses, it raises RequestError with `always_raise` or where the user wants that. Otherwise the
        refusal is logged, and what there is of the answer is returned: an empty list, nearly always. Raises
        ConnectionError when the connection ends.

        `contract` is what the log and `errorEvent` name with an error. `results` is a list to which the answer is
        added. `key` identifies the answer if the request itself does not. `cancel` is sent if the caller stops waiting.
        `subscription` is what the request begins; it is taken back if the request fails.
        """
        call = "" if always_raise or self.raises() else ib_name(type(message).__name__)
        request, is_new = self.requests.start(key_of(message) if key is None else key, call, contract, results)
        if is_new:
            try:
                if subscription is not None:
                    self.subscriptions.add(subscription)
                self.client.send_message(message)
            except BaseException:
                self.requests.drop(request)
                self._end(subscription)
                raise
        try:
            return await self.requests.wait(request)
        except RequestError as error:
            self._end(subscription)
            if always_raise or self.raises():
                raise
            if error.reqId != request.key:  # otherwise the log has it already, with the error itself
                _log.warning("%s returns empty: %s", call, error)
            return request.results
        except asyncio.CancelledError:
            if cancel is not None:
                self._end(subscription)
                self.withdraw(cancel)
            raise
        except ConnectionError:
            self._end(subscription)  # the caller knows that it has not begun, so it is not to be restored
            raise

    def subscribe(self, subscription: Subscription) -> None:
        """Register a subscription and send its request.

        Raises ConnectionError and EncodeError as `Client.send` does; then nothing is registered.
        """
        # The answer may come while the request is being sent, and must find the subscription.
        self.subscriptions.add(subscription)
        try:
            self.client.send_message(subscription.request)
        except BaseException:
            self._end(subscription)
            raise

    def unsubscribe(self, subscription: Subscription) -> None:
        """Count one user of a subscription less, and cancel it if that was the last one."""
        if self.subscriptions.leave(subscription):
            self.cancel(subscription)

    def cancel(self, subscription: Subscription) -> None:
        """Send the message that ends a subscription, unless the server does not have it at the moment."""
        if not subscription.is_suspended:
            self.client.send_message(subscription.cancel)

    def give_up(self, subscription: Subscription) -> None:
        """End a subscription, whoever uses it, and have the server end it if it has it and can be told."""
        self.subscriptions.end(subscription.key)
        if not subscription.is_suspended:
            self.withdraw(subscription.cancel)

    def unsubscribe_target(self, target: Any) -> bool:
        """Do `unsubscribe` for the subscription that fills an object with a `reqId`. Return whether there is one."""
        subscription = self.subscriptions.filling(target)
        if subscription is None:
            return False
        self.unsubscribe(subscription)
        return True

    def _end(self, subscription: Subscription | None) -> None:
        if subscription is not None and self.subscriptions.get(subscription.key) is subscription:
            self.subscriptions.end(subscription.key)

    def withdraw(self, cancel: Any) -> None:
        """Send a message that cancels something, unless the connection has ended or the server is too old for it."""
        with contextlib.suppress(ConnectionError, EncodeError):
            self.client.send_message(cancel)

    def lock(self, what: object) -> AbstractAsyncContextManager[Any]:
        """Return the lock under which only one caller at a time does something, to be used with `async with`."""
        return self._locks.setdefault(what, asyncio.Lock())
