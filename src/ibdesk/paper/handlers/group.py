"""What all groups of handlers have in common: which methods answer which requests, and what the router asks of them."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from ..broker import Broker
from ..client import Client
from ..timers import Timer

Handler = Callable[[Client, Any], None]
"""What answers one request of a client. It raises `Refusal` for one that is to be answered by an error."""

NewTimer = Callable[[Callable[[], None]], Timer]
"""What makes the timers of a group: each calls a function when it is due."""

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


class Subscription(Protocol):
    """What a client has subscribed to."""

    def end(self) -> None:
        """Tell the client nothing more."""
        ...


S = TypeVar("S", bound=Subscription)


class SubscriptionHandlers(HandlerGroup, Generic[S]):
    """Handlers of something that clients subscribe to. `_open` has what stands for each subscription.

    Its keys begin with the client, mostly followed by the id of the request.
    """

    def __init__(self, broker: Broker, new_timer: NewTimer) -> None:
        super().__init__(broker, new_timer)
        self._open: dict[tuple[Any, ...], S] = {}

    def forget(self, client: Client) -> None:
        """End all that a client has subscribed to."""
        for key in [key for key in self._open if key[0] is client]:
            self._close(key)

    def _close(self, key: tuple[Any, ...]) -> bool:
        """End a subscription. Return whether there was one."""
        found = self._open.pop(key, None)
        if found is None:
            return False
        found.end()
        return True
