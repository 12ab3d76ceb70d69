"""The router, which takes each request of a client to the handler that answers it.

What a client asks before `StartApi` has given it a name is not answered. Every other request gets an answer, or an
error. Time is an argument wherever it matters. What changes by itself is due at its own moment: `next_due` tells the
first, and `advance` does what is due.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from ibdesk import codes
from ibdesk.logs import logger
from ibdesk.session.connection import Undecodable
from ibdesk.wire.codec import Oddities
from ibdesk.wire.messages.connection import NO_REQUEST, StartApi

from .broker import Broker
from .client import Client, Sender
from .handlers import GROUPS, AccountHandlers, Concerns, Handler, HandlerGroup, OrderHandlers, SettingsHandlers
from .instruments import Instrument, Instruments, Refusal
from .reads import only_reads
from .timers import Timer, Timers
from .unsupported import name_of, needs_answer, order_of

_log = logger("ibdesk.paper")

FARMS = ((2104, "usfarm"), (2106, "ushmds"), (2158, "secdefnj"))
"""The notices at the start of a client: code and data farm."""


def _all(instrument: Instrument | None) -> bool:
    return True


class Router:
    """All that the gateway does for its clients."""

    def __init__(self, broker: Broker, *, master_client_id: int | None = None) -> None:
        self._broker = broker
        self._started: dict[int, Client] = {}
        self._timers = Timers(broker.moment)
        # Of what is due at one moment, orders come first, then the account, and then the groups in their order.
        self._orders = OrderHandlers(broker, partial(self._timers.new, 0), master_client_id)
        self._accounts = AccountHandlers(broker, partial(self._timers.new, 1))
        self._groups: tuple[HandlerGroup, ...] = (
            self._orders,
            self._accounts,
            SettingsHandlers(broker, partial(self._timers.new, 2), master_client_id),
            *(group(broker, partial(self._timers.new, rank)) for rank, group in enumerate(GROUPS, 3)),
        )
        self._handlers: dict[type, Handler] = {}
        self._group_of: dict[type, HandlerGroup] = {}
        for each in self._groups:
            self._handlers.update(each.handlers())
            self._group_of.update(dict.fromkeys(each.handlers(), each))
        self.unsupported: Counter[str] = Oddities()
        """What was asked for and is not served, with how often."""

    @property
    def next_due(self) -> datetime | None:
        """The moment (in UTC) at which `advance` has something to do next; None if that is never."""
        return self._timers.next_due

    @property
    def now(self) -> datetime:
        """The time that answers show, in the zone of the gateway."""
        return self._broker.now

    @property
    def instruments(self) -> Instruments:
        """The contract database."""
        return self._broker.market.instruments

    def serves(self, request: type) -> bool:
        """Return whether this kind of request has an answer of its own."""
        return request in self._handlers or request is StartApi

    def connect(self, sender: Sender, server_version: int) -> Client:
        """Return a new client, which has shaken hands. `sender` takes the messages for it."""
        return Client(sender, server_version)

    def disconnect(self, client: Client) -> None:
        """Forget a client that is gone. Its orders live on."""
        for group in self._groups:
            group.forget(client)
        if client.client_id is not None and self._started.get(client.client_id) is client:
            del self._started[client.client_id]

    def advance(self, now: datetime, most: int | None = None) -> None:
        """Let the market and the exchange go on until `now` and tell every client what that changes for it.

        If `most` is given, it is the number of changes after which the rest is left for the next time.
        """
        self._timers.run(now, self._orders.advance_to, most)
        if self._broker.moment != self._timers.reached:
            self._orders.advance_to(self._timers.reached)

    def receive(self, client: Client, message: Any, now: datetime) -> None:
        """Answer one message, or something that could not be read as one."""
        if client.is_closing:
            return
        if client.client_id is not None and only_reads(message):
            self._broker.set_time(now)
            self.answer(client, message)
            return
        self.advance(now)
        if isinstance(message, StartApi):
            self._start(client, message)
        elif client.client_id is not None:
            self.answer(client, message)
        # What the request has changed is told to all whom it concerns.
        self.advance(now)

    # For faults

    def new_timer(self, act: Callable[[], None]) -> Timer:
        """Return a timer that is not set yet. Of what is due at one moment, it comes first."""
        return self._timers.new(-1, act)

    def instrument_of(self, client: Client, request: type, reqId: int) -> Instrument | None:
        """Return the instrument of which a client has subscribed to data by this kind of request."""
        return self._group_of[request].instrument_of(client, reqId)

    def subscribed(self, request: type) -> list[tuple[Client, int]]:
        """Return the clients that have subscribed by this kind of request, with the ids of the requests."""
        return self._group_of[request].subscribed(request)

    def forget_subscriptions(self) -> None:
        """End all that clients have subscribed to, without a word. Their orders are told on."""
        for client in self._started.values():
            for group in self._groups:
                if group is not self._orders:
                    group.forget(client)

    def end_subscriptions(self, requests: Iterable[type], concerns: Concerns = _all) -> None:
        """End what clients have subscribed to by some kinds of requests, without a word."""
        for request in requests:
            self._group_of[request].end(request, concerns)

    def renew(self, requests: Iterable[type] | None = None, concerns: Concerns = _all) -> None:
        """Tell clients anew how things stand that they have subscribed to; `requests` are the kinds that are meant."""
        wanted = self._groups if requests is None else [self._group_of[request] for request in requests]
        for group in dict.fromkeys(wanted):
            group.renew(concerns)

    def forget_untransmitted(self) -> None:
        """Drop the orders that IB does not know."""
        self._broker.exchange.forget_untransmitted()

    # Requests

    def _start(self, client: Client, request: StartApi) -> None:
        if client.client_id is not None:
            return
        if request.clientId in self._started:
            client.tell_notice(326, codes.text(326), self._broker.now)
            client.is_closing = True
            return
        client.client_id = request.clientId
        self._started[request.clientId] = client
        self._orders.welcome(client)
        self._accounts.tell_accounts(client)
        self._orders.tell_next_id(client)
        for code, farm in FARMS:
            client.tell_notice(code, codes.text(code, farm=farm), self._broker.now)

    def answer(self, client: Client, message: Any) -> None:
        """Answer a request as of the moment that has been reached."""
        handler = self._handlers.get(type(message))
        if handler is None:
            self._refuse(client, message)
            return
        try:
            handler(client, message)
        except Refusal as refusal:
            client.tell_error(_id_of(message), refusal.code, refusal.text, self._broker.now)
            self._broker.note_refusal(name_of(message, client.server_version), refusal.code, refusal.text)
        except Exception:
            # A fault of the gateway's own must neither end it nor leave the client waiting.
            name = name_of(message, client.server_version)
            _log.exception("%s of client %s failed", name, client.client_id)
            text = codes.text(322, tag=name, cause="internal error of the gateway")
            client.tell_error(_id_of(message), 322, text, self._broker.now)

    def _refuse(self, client: Client, message: Any) -> None:
        now, version = self._broker.now, client.server_version
        if isinstance(message, Undecodable):
            reqId = order_of(message, version) if message.reqId is None else message.reqId
            _log.warning("client %s: %s", client.client_id, message.error)
            text = codes.text(320, detail=f" {message.error}")
            client.tell_error(reqId, 320, text, now)
            self._broker.note_refusal("unreadable request", 320, text)
            return
        name = name_of(message, version)
        self.unsupported[name] += 1
        if self.unsupported[name] == 1:
            _log.warning("client %s asks for %s, which this gateway does not serve", client.client_id, name)
        if needs_answer(name):
            text = codes.text(322, tag=name, cause="not supported by this gateway")
            client.tell_error(_id_of(message), 322, text, now)
            self._broker.note_refusal(name, 322, text)


def _id_of(message: Any) -> int:
    found: int = getattr(message, "reqId", getattr(message, "orderId", NO_REQUEST))
    return found
