"""`Receiver`: the interface through which a `Client` passes on what arrives and says that its connection has ended."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from ibdesk.client.blocking import LoopRunner


class Receiver(ABC):
    """Takes the messages that arrive on a connection. `runner` knows on which event loop that happens."""

    runner: LoopRunner

    @abstractmethod
    def receive(self, batch: Iterable[Any]) -> None:
        """Handle the messages of one piece of data, in order.

        `Opened` and `Undecodable` may be among them: they stand for the handshake, and for what could not be read.
        """

    @abstractmethod
    def on_connection_lost(self) -> None:
        """Take note that the server has ended a connection that was up and running."""

    @abstractmethod
    def on_disconnect(self, was_ready: bool) -> None:
        """Take note that the client itself has ended the connection. `was_ready` says that it was up and running."""
