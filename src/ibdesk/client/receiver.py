"""`Receiver`: what a `Client` calls with what arrives, and when its connection ends."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from ibdesk.client.blocking import LoopRunner
from ibdesk.model.times import zone_named
from ibdesk.runtime.clocks import local_zone


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


def zone_of(clock: str, name: str = "") -> dt.tzinfo:
    """The operator's time zone, in which old servers write: the one with this name, else that of the server's clock.

    That of this machine when neither tells.
    """
    named = (zone_named(name) if name else None) or zone_named(clock[len("20260402 09:30:00") :])
    return named or local_zone()
