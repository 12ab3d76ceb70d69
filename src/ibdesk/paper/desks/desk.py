"""What the desks have in common to the front desk: how they are asked; must not know any of them."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..client import Client

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
