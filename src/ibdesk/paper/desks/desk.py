"""What the desks have in common to the front desk: how they are asked; must not know any of them."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from ..client import Client
from ..world import World

Handler = Callable[[Client, Any], None]
"""Answers one request of a client. Raises `Refusal` for one that is answered by an error."""


class Desk(Protocol):
    """Answers some kinds of requests."""

    def handlers(self) -> Mapping[type, Handler]:
        """Request -> what answers it."""
        ...


class KeepingDesk(Desk, Protocol):
    """A desk that keeps something of its clients."""

    @property
    def is_busy(self) -> bool:
        """Whether there is anybody whom time may bring something."""
        ...

    def forget(self, client: Client) -> None:
        """Ends all that a client has asked for."""
        ...


class LastingDesk(KeepingDesk, Protocol):
    """A desk that may tell its clients more as time passes."""

    def advance(self) -> None:
        """Tells what has changed by now."""
        ...


S = TypeVar("S")


class SubscriptionDesk(Generic[S]):
    """A desk that clients subscribe to something at. `_open` has what stands for each subscription.

    Its keys begin with the client, mostly followed by the id of the request.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[tuple[Any, ...], S] = {}

    @property
    def is_busy(self) -> bool:
        """Whether anybody is subscribed."""
        return bool(self._open)

    def forget(self, client: Client) -> None:
        """Ends all that a client has subscribed to."""
        self._open = {key: value for key, value in self._open.items() if key[0] is not client}
