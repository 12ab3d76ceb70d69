"""`Receiver`: what a `Client` calls with what arrives, and when its connection ends."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from ibdesk.client.blocking import LoopRunner


class Receiver(ABC):
    """Takes what arrives on a connection. `runner` tells on which loop its owner works."""

    runner: LoopRunner

    @abstractmethod
    def receive(self, batch: Iterable[Any]) -> None:
        """The messages of one piece of data, in order, with `Opened` and `Undecodable` among them."""

    @abstractmethod
    def on_connection_lost(self) -> None:
        """The peer ended the connection, that was up and running."""

    def on_disconnect(self) -> None:  # noqa: B027  (most need not know)
        """This end ended the connection."""
