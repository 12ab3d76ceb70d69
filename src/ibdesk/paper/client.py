"""What the gateway keeps of one client, whatever the client asks for."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from ibdesk.wire.messages.connection import NO_REQUEST, Error

from .timers import Timer


class Sender(Protocol):
    """What takes the messages for a client.

    `takes_encoded` tells whether it takes them as bytes, too.
    """

    takes_encoded: bool

    def send(self, message: Any) -> None:
        """Send a message."""
        ...

    def send_all(self, messages: Iterable[Any]) -> None:
        """Send messages."""
        ...

    def partial_encoder(self, cls: type, *given: Any) -> Callable[..., bytes]:
        """Return what encodes messages for `send_encoded`: see `Codec.partial_encoder`."""
        ...

    def send_encoded(self, data: bytes) -> None:
        """Send messages that were encoded before."""
        ...


class Client:
    """One client of the gateway. `send` takes a message for it, and `send_all` several, in less time.

    What is known to be sent next may be encoded ahead, by what `partial_encoder` returns, if the client `takes_encoded`
    messages; `send_encoded` takes these.

    `client_id` is None until the client has started. `is_closing` says that nothing more is to be read from it and
    the connection is to end.
    """

    def __init__(self, sender: Sender, server_version: int) -> None:
        self.send: Callable[[Any], None] = sender.send
        self.send_all: Callable[[Iterable[Any]], None] = sender.send_all
        self.partial_encoder: Callable[..., Callable[..., bytes]] = sender.partial_encoder
        self.send_encoded: Callable[[bytes], None] = sender.send_encoded
        self.takes_encoded: bool = sender.takes_encoded
        self.server_version = server_version
        self.client_id: int | None = None
        self.is_closing = False
        self.market_data_type = 1
        self._is_congested = False
        self._held_back: dict[Timer, None] = {}

    @property
    def is_congested(self) -> bool:
        """Whether the client does not read what it is sent, which is set from outside.

        What changes by itself is then held back. It is due when the client reads again, and the quote that the client
        gets is the newest.
        """
        return self._is_congested

    @is_congested.setter
    def is_congested(self, value: bool) -> None:
        self._is_congested = value
        if not value:
            for timer in self._held_back:
                timer.set_to_now()
            self._held_back.clear()

    def hold_back(self, timer: Timer) -> bool:
        """Return whether the client is congested. If it is, a timer becomes due when the client reads again."""
        if self._is_congested:
            self._held_back[timer] = None
        return self._is_congested

    def tell_error(self, reqId: int, code: int, text: str, now: datetime, advanced_json: str = "") -> None:
        """Send an error, a warning or a notice."""
        self.send(error_message(reqId, code, text, now, advanced_json))

    def tell_notice(self, code: int, text: str, now: datetime) -> None:
        """Send an error, a warning or a notice that belongs to no request."""
        self.tell_error(NO_REQUEST, code, text, now)


def error_message(reqId: int, code: int, text: str, now: datetime, advanced_json: str = "") -> Error:
    """Return an error, a warning or a notice as it goes on the wire."""
    return Error(reqId, code, text, advanced_json, int(now.timestamp() * 1000))
