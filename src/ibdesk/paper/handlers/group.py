"""What all groups of handlers have in common: which methods answer which requests, and what the router asks of them."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from ..broker import Broker
from ..client import Client
from ..instruments import Instrument, NoDefinition, ending_of
from ..timers import Timer

Handler = Callable[[Client, Any], None]
"""What answers one request of a client. It raises `Refusal` for one that is to be answered by an error."""

NewTimer = Callable[[Callable[[], None]], Timer]
"""What makes the timers of a group: each calls a function when it is due."""

Concerns = Callable[[Instrument | None], bool]
"""Whether something is meant that is about an instrument, or about none or several."""

G = TypeVar("G")
R = TypeVar("R")


def answers(*requests: type[R]) -> Callable[[Callable[[G, Client, R], None]], Callable[[G, Client, R], None]]:
    """Mark a method of a `HandlerGroup` as the one that answers these kinds of requests."""

    def mark(method: Callable[[G, Client, R], None]) -> Callable[[G, Client, R], None]:
        vars(method)["answers"] = requests
        return method

    return mark


class HandlerGroup:
    """The handlers of one domain, and what they keep of their clients: nothing, unless a group says otherwise.

    What clients are told as time passes is told by timers from `new_timer`, each at its own moment.
    """

    def __init__(self, broker: Broker, new_timer: NewTimer) -> None:
        self._broker = broker
        self._new_timer = new_timer

    def handlers(self) -> dict[type, Handler]:
        """Return what answers each kind of request: the methods marked by `answers`."""
        return {
            request: getattr(self, name)
            for name, method in vars(type(self)).items()
            for request in getattr(method, "answers", ())
        }

    def forget(self, client: Client) -> None:
        """End all that a client has asked for."""

    def instrument_of(self, client: Client, reqId: int) -> Instrument | None:
        """Return the instrument of which a client has subscribed to data; None if there is none."""
        return None

    def subscribed(self, request: type) -> list[tuple[Client, int]]:
        """Return the clients that have subscribed by this kind of request, with the ids of the requests."""
        return []

    def end(self, request: type, concerns: Concerns) -> None:
        """End what all clients have subscribed to by this kind of request, without a word."""

    def renew(self, concerns: Concerns) -> None:
        """Tell all clients anew how what they have subscribed to stands: what was sent lately may not have arrived."""


class Subscription(Protocol):
    """What a client has subscribed to."""

    def end(self) -> None:
        """Tell the client nothing more."""
        ...


S = TypeVar("S", bound=Subscription)


class SubscriptionHandlers(HandlerGroup, Generic[S]):
    """Handlers of something that clients subscribe to. `_open` has what stands for each subscription.

    Its keys begin with the client, mostly followed by the id of the request. A subscription to an instrument that is
    kept by `_keep` ends when the instrument leaves the contract database.
    """

    def __init__(self, broker: Broker, new_timer: NewTimer) -> None:
        super().__init__(broker, new_timer)
        self._open: dict[tuple[Any, ...], S] = {}
        self._delistings: dict[tuple[Any, ...], Timer] = {}

    def forget(self, client: Client) -> None:
        """End all that a client has subscribed to."""
        for key in [key for key in self._open if key[0] is client]:
            self._close(key)

    def instrument_of(self, client: Client, reqId: int) -> Instrument | None:
        """Return the instrument of which a client has subscribed to data; None if there is none."""
        return getattr(self._open.get((client, reqId)), "instrument", None)

    def subscribed(self, request: type) -> list[tuple[Client, int]]:
        """Return the clients that have subscribed by this kind of request, with the ids of the requests."""
        return [(key[0], key[-1]) for key in self._keys(request)]

    def end(self, request: type, concerns: Concerns) -> None:
        """End what all clients have subscribed to by this kind of request, without a word."""
        for key in self._keys(request):
            if concerns(getattr(self._open[key], "instrument", None)):
                self._close(key)

    def _keys(self, request: type) -> list[tuple[Any, ...]]:
        # A key has the kind of request where the group has subscriptions of several kinds.
        kinds = {key: [part for part in key if isinstance(part, type)] for key in self._open}
        return [key for key, known in kinds.items() if request in (known or [request])]

    def _keep(self, key: tuple[Client, int], subscription: S, instrument: Instrument) -> None:
        """Keep a subscription of a client to an instrument, by the id of its request."""
        self._open[key] = subscription
        if ending := ending_of(instrument):
            timer = self._delistings[key] = self._new_timer(lambda: self._delist(*key))
            timer.set(ending.delisted)

    def _delist(self, client: Client, reqId: int) -> None:
        gone = NoDefinition()
        client.tell_error(reqId, gone.code, gone.text, self._broker.now)
        self._close((client, reqId))

    def _close(self, key: tuple[Any, ...]) -> bool:
        """End a subscription. Return whether there was one."""
        if timer := self._delistings.pop(key, None):
            timer.stop()
        found = self._open.pop(key, None)
        if found is None:
            return False
        found.end()
        return True
