"""What all groups of handlers have in common: which methods answer which requests, and what the router asks of them."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..broker import Broker
from ..client import Client

Handler = Callable[[Client, Any], None]
"""What answers one request of a client. It raises `Refusal` for one that is to be answered by an error."""

G = TypeVar("G")
R = TypeVar("R")
S = TypeVar("S")


def answers(*requests: type[R]) -> Callable[[Callable[[G, Client, R], None]], Callable[[G, Client, R], None]]:
    """Mark a method of a `HandlerGroup` as the one that answers these kinds of requests."""

    def mark(method: Callable[[G, Client, R], None]) -> Callable[[G, Client, R], None]:
        vars(method)["answers"] = requests
        return method

    return mark


class HandlerGroup:
    """The handlers of one domain, and what they keep of their clients: nothing, unless a group says otherwise."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def handlers(self) -> dict[type, Handler]:
        """Return what answers each kind of request: the methods marked by `answers`."""
        return {
            request: getattr(self, name)
            for name, method in vars(type(self)).items()
            for request in getattr(method, "answers", ())
        }

    @property
    def is_busy(self) -> bool:
        """Whether anybody waits for something that comes with time."""
        return False

    def forget(self, client: Client) -> None:
        """End all that a client has asked for."""

    def advance(self) -> None:
        """Tell clients what has changed by now."""


class SubscriptionHandlers(HandlerGroup, Generic[S]):
    """Handlers of something that clients subscribe to. `_open` has what stands for each subscription.

    Its keys begin with the client, mostly followed by the id of the request.
    """

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self._open: dict[tuple[Any, ...], S] = {}

    @property
    def is_busy(self) -> bool:
        """Whether anybody is subscribed."""
        return bool(self._open)

    def forget(self, client: Client) -> None:
        """End all that a client has subscribed to."""
        self._open = {key: value for key, value in self._open.items() if key[0] is not client}
