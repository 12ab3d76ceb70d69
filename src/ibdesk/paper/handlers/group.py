"""What the groups of handlers have in common: how the router asks them."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from ..broker import Broker
from ..client import Client

Handler = Callable[[Client, Any], None]
"""Answers one request of a client. Raises `Refusal` for one that is answered by an error."""


class Handlers(Protocol):
    """Answers some kinds of requests."""

    def handlers(self) -> Mapping[type, Handler]:
        """Request -> what answers it."""
        ...


class KeepingHandlers(Handlers, Protocol):
    """Handlers that keep something of their clients."""

    @property
    def is_busy(self) -> bool:
        """Whether there is anybody whom time may bring something."""
        ...

    def forget(self, client: Client) -> None:
        """Ends all that a client has asked for."""
        ...


class LastingHandlers(KeepingHandlers, Protocol):
    """Handlers that may tell their clients more as time passes."""

    def advance(self) -> None:
        """Tells what has changed by now."""
        ...


S = TypeVar("S")


class SubscriptionHandlers(Generic[S]):
    """Handlers of something that clients subscribe to. `_open` has what stands for each subscription.

    Its keys begin with the client, mostly followed by the id of the request.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._open: dict[tuple[Any, ...], S] = {}

    @property
    def is_busy(self) -> bool:
        """Whether anybody is subscribed."""
        return bool(self._open)

    def forget(self, client: Client) -> None:
        """Ends all that a client has subscribed to."""
        self._open = {key: value for key, value in self._open.items() if key[0] is not client}
