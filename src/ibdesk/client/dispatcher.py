"""The hub of an `IB`: it gives each message to its handler, carries out the effects, and asks the server for callers.

::

    what arrives -> receive() -> the handler of its class -> effects -> carry_out() -> events, callers, the server
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from ibdesk.client.blocking import LoopRunner
from ibdesk.client.client import Client
from ibdesk.client.client_state import ClientState
from ibdesk.client.dialect import Dialect
from ibdesk.client.effects import Add, AskAboutOrders, Emit, Fail, Finish, Late, Reserve, Send, failure
from ibdesk.client.handlers import Handler, answers
from ibdesk.client.handlers.accounts import AccountHandlers
from ibdesk.client.handlers.connection import ConnectionHandlers
from ibdesk.client.handlers.errors import ErrorHandlers
from ibdesk.client.handlers.market import MarketHandlers
from ibdesk.client.handlers.orders import OrderHandlers
from ibdesk.client.receiver import Receiver
from ibdesk.client.recovery import Recovery
from ibdesk.client.requests import Requests
from ibdesk.client.silence import SilenceWatch
from ibdesk.client.subscriptions import Subscription, Subscriptions
from ibdesk.errors import EncodeError, RequestError
from ibdesk.events import Event
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.quotes import IBDefaults
from ibdesk.runtime.clocks import clocks_of
from ibdesk.session.conversations import key_of
from ibdesk.wire.catalogue import ib_name

_log = logger("ibdesk.session")

_KEPT = dt.timedelta(days=1)
"""For how long a trade that is done outlives its connection."""


class Dispatcher(Receiver):
    """What stands between the connection and the methods of one `IB`: `client`, `state`, and who waits for what."""

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
        self.runner = runner
        self.client: Client = Client(self)
        self.requests: Requests = self.client.requests
        self.subscriptions: Subscriptions = self.client.subscriptions
        self.state: ClientState = ClientState(dialect, defaults, self.requests, self.subscriptions, zone_name)
        self.recovery: Recovery = Recovery(self.state, self)
        self.silence: SilenceWatch = SilenceWatch(lambda seconds: self.emit("timeoutEvent", seconds))
        self.loop: asyncio.AbstractEventLoop | None = None
        self._forgets_at_once = dialect.forgets_at_once
        self._is_left = False
        """Whether the user ended the connection, and what it told is still shown."""
        self._interpreters: dict[type, Callable[[Any], object]] = {
            Add: lambda effect: self.requests.add(*effect),
            Finish: lambda effect: self.requests.finish(*effect),
            Fail: lambda effect: self.requests.fail(*effect),
            Late: lambda effect: self.requests.late.update([effect.told_by]),
            Send: lambda effect: self.client.send_message(effect.message),
            Reserve: lambda effect: self.client.raise_next_id(effect.lowest),
            AskAboutOrders: lambda effect: self.recovery.ask_about_orders(effect.also_positions),
        }
        self.forget()

    # --- the life of a connection ---------------------------------------------------------------------------------

    def forget(self) -> None:
        """Forget what the last connection told, but for its orders."""
        if not self.client.isConnected():
            self.runner.release()
        self._is_left = False
        self._turns: dict[object, asyncio.Lock] = {}
        self._told: set[str] = set()
        self._oddities = 0
        self.silence.stop()
        state = self.state
        state.forget()
        market = MarketHandlers(state)
        self._handlers: dict[type, Handler] = {
            **answers.table(),
            **ConnectionHandlers(state).table(),
            **OrderHandlers(state).table(),
            **AccountHandlers(state).table(),
            **market.table(),
            **ErrorHandlers(state, market).table(),
        }

    def begin(self, clientId: int) -> None:
        """Prepare for a connection that is about to be made, on the running loop."""
        if self._is_left:
            self.forget()
        self.state.clientId = clientId
        self.loop = self.runner.bind()
        self.state.clocks = clocks_of(self.loop)
        self.state.orders.forget_ended(before=self.state.now() - _KEPT)

    def leave(self) -> None:
        """Take it that the user has ended the connection: what it told is forgotten, now or with the next one."""
        if self._forgets_at_once:
            self.forget()
            return
        self._is_left = True
        self.silence.stop()
        if not self.client.isConnected():
            self.runner.release()

    def let_go(self) -> None:
        """Have the socket closed now, in a script whose loop does not run by itself."""
        loop = self.loop
        if loop is None or loop.is_closed() or loop.is_running() or not self.runner.is_of_this_thread():
            return
        with contextlib.suppress(RuntimeError):  # another loop runs in this thread
            loop.run_until_complete(asyncio.sleep(0))

    def on_connection_lost(self) -> None:
        """The peer ended the connection, and with it all subscriptions."""
        self.silence.stop()
        self.end_waits(ConnectionError("Socket disconnect"))
        self._turns = {}
        self.emit("disconnectedEvent")
        if not self.client.isConnected():  # a listener may have connected again
            self.runner.release()

    def end_waits(self, error: ConnectionError) -> None:
        """Give an error to whoever awaits an event that cannot come any more. Those of the connection itself go on."""
        state = self.state
        self.carry_out(state.orders.lose_sight("The connection was lost", state.now()))
        self.recovery.stop_polling()
        of_connection = (self.events["connectedEvent"], self.events["disconnectedEvent"])
        known = [*self.events.values(), *(one for trade in state.orders.all() for one in vars(trade).values())]
        events = [one for one in known if isinstance(one, Event) and one not in of_connection]
        self.carry_out(state.quotes.end_all(error))
        targets = [one.target for one in self.subscriptions.end_all()]
        events += [one.updateEvent for one in targets if hasattr(one, "updateEvent")]
        self.carry_out(failure(event, error) for event in events if len(event))

    # --- what arrives ---------------------------------------------------------------------------------------------

    def receive(self, batch: Iterable[Any]) -> None:
        """Handle the messages of one piece of data, in order."""
        handlers, events, quotes = self._handlers, self.events, self.state.quotes
        quotes.begin(self.state.now())
        for message in batch:
            try:
                for effect in handlers[type(message)](message) or ():
                    # What `carry_out` does. Nearly all effects are emissions, and these come by the hundred.
                    if type(effect) is Emit:
                        event, args = effect
                        (events[event] if isinstance(event, str) else event).emit(*args)
                    else:
                        self._interpreters[type(effect)](effect)
            except Exception as error:
                # One bad message, or a listener's fault, is not to cost the messages behind it.
                self.requests.fail(getattr(message, "reqId", None), error)
                _log.exception("Error handling %s", message)
        if self.silence.limit and self.loop is not None:
            self.silence.arrived = self.loop.time()
        if len(self.client.oddities) + len(quotes.oddities) != self._oddities:
            self._tell_oddities()
        self.emit("updateEvent")
        changed = quotes.flush()
        if changed:
            for ticker in changed:
                ticker.updateEvent.emit(ticker)
            self.emit("pendingTickersEvent", changed)

    def _tell_oddities(self) -> None:
        """Log each thing that is not known here, once."""
        oddities = [*self.client.oddities, *self.state.quotes.oddities]
        self._oddities = len(oddities)
        for oddity in oddities:
            if oddity not in self._told:
                self._told.add(oddity)
                _log.warning("The server sent what is not known here: %s", oddity)

    # --- effects --------------------------------------------------------------------------------------------------

    def carry_out(self, effects: Iterable[Any]) -> None:
        """Do what handlers want done, in order."""
        for effect in effects:
            if type(effect) is Emit:
                event, args = effect
                (self.events[event] if isinstance(event, str) else event).emit(*args)
            else:
                self._interpreters[type(effect)](effect)

    def emit(self, name: str, *args: Any) -> None:
        """Emit an event of the `IB`."""
        self.events[name].emit(*args)

    # --- requests and subscriptions -------------------------------------------------------------------------------

    def new_id(self) -> int:
        """Return a number for a request or an order. Raises ConnectionError when not connected."""
        return self.client.next_id()

    def is_ready(self) -> bool:
        """Is the connection up and running?"""
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
        """Send a request and wait for the whole answer: mostly a list of messages, one where that is all of it.

        What the server refuses raises RequestError, with `always_raise` or where the `IB` wants it; else it is logged,
        and the answer is what there is of it, mostly an empty list. Raises ConnectionError when the connection is lost.

        `cancel` is sent when the caller stops waiting. `subscription` is what the request begins when it is answered;
        it ends again when it is not.
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
            if error.reqId != request.key:  # else the line of the error says it
                _log.warning("%s returns empty: %s", call, error)
            return request.results
        except asyncio.CancelledError:
            if cancel is not None:
                self._end(subscription)
                self.withdraw(cancel)
            raise

    def subscribe(self, subscription: Subscription) -> None:
        """Ask for a subscription. It is known before it is sent, for a link may answer at once.

        Raises ConnectionError and EncodeError as `Client.send` does; then it is forgotten.
        """
        self.subscriptions.add(subscription)
        try:
            self.client.send_message(subscription.request)
        except BaseException:
            self._end(subscription)
            raise

    def unsubscribe(self, subscription: Subscription) -> None:
        """Take one user off a subscription, and cancel it when that was the last one."""
        if self.subscriptions.leave(subscription):
            self.client.send_message(subscription.cancel)

    def _end(self, subscription: Subscription | None) -> None:
        if subscription is not None and self.subscriptions.get(subscription.key) is subscription:
            self.subscriptions.end(subscription.key)

    def withdraw(self, cancel: Any) -> None:
        """Send a cancel, unless the connection is lost or the server too old for it."""
        with contextlib.suppress(ConnectionError, EncodeError):
            self.client.send_message(cancel)

    def turn(self, what: object) -> AbstractAsyncContextManager[Any]:
        """Return the lock that lets one caller at a time do something."""
        return self._turns.setdefault(what, asyncio.Lock())
