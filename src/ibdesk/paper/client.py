"""What the gateway keeps of one client, whatever the client asks for."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ibdesk.wire.messages.connection import NO_REQUEST, Error


class Client:
    """One client of the gateway. `send` takes a message for it.

    `client_id` is None until the client has started. `is_closing` says that nothing more is to be read from it and
    the connection is to end; `is_congested`, set from outside, that it does not read what it is sent: quotes are then
    held back, and the next one that it gets is the newest.
    """

    def __init__(self, send: Callable[[Any], None], server_version: int) -> None:
        self.send = send
        self.server_version = server_version
        self.client_id: int | None = None
        self.is_closing = False
        self.is_congested = False
        self.market_data_type = 1

    def tell_error(self, reqId: int, code: int, text: str, now: datetime, advanced_json: str = "") -> None:
        """Send an error, a warning or a notice."""
        self.send(Error(reqId, code, text, advanced_json, int(now.timestamp() * 1000)))

    def tell_notice(self, code: int, text: str, now: datetime) -> None:
        """Send an error, a warning or a notice that belongs to no request."""
        self.tell_error(NO_REQUEST, code, text, now)
