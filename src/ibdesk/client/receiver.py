"""`Receiver`: the interface through which a `Client` passes on what arrives and says that its connection has ended."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from ibdesk.client.blocking import LoopRunner
from ibdesk.wire.codec import Takers


class Receiver(ABC):
    """Takes the messages that arrive on a connection. `runner` knows on which event loop that happens."""

    runner: LoopRunner

    @abstractmethod
    def receive(self, batch: Iterable[Any]) -> None:
        """Handle the messages of one piece of data, in order.

        `Opened` and `Undecodable` may be among them: they stand for the handshake, and for what could not be read.
        """

    def takers(self) -> Takers:
        """Return functions for the fields of messages of some classes, which are then not made and do not come.

        They are called while `receive` reads its batch. A function that raises an exception must have changed nothing
        before: the message comes after all.
        """
        return {}

    @abstractmethod
    def on_connection_lost(self) -> None:
        """Take note that the server has ended a connection that was up and running."""

    @abstractmethod
    def on_disconnect(self, was_ready: bool) -> None:
        """Take note that the client itself has ended the connection. `was_ready` says that it was up and running."""
