"""The handlers of messages about the connection itself: its accounts, the next order id, and unreadable messages."""

from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import Effects, Fail, Reserve
from ibdesk.client.handlers import Handler
from ibdesk.logs import logger
from ibdesk.session.connection import Opened, Undecodable
from ibdesk.session.conversations import ENDS, WHOLE
from ibdesk.wire.codec import Unknown
from ibdesk.wire.messages import connection, verification

_log = logger("ibdesk.session")

_NOT_ANNOUNCED = "is sent only to a client that announced in its handshake that it proves who made it; an IB does not"

IGNORED: dict[type, str] = {
    verification.VerifyMessageAPI: _NOT_ANNOUNCED,
    verification.VerifyCompleted: _NOT_ANNOUNCED,
    verification.VerifyAndAuthMessageAPI: _NOT_ANNOUNCED,
    verification.VerifyAndAuthCompleted: _NOT_ANNOUNCED,
    Unknown: "is counted by the client, and logged once",
}
"""The messages that change nothing, each with the reason. Everything else that a server can send has a handler."""


class ConnectionHandlers:
    """The handlers of messages about the connection."""

    def __init__(self, state: ClientState) -> None:
        self._state = state

    def table(self) -> dict[type, Handler]:
        """Return the handler for each class of message."""
        return {
            Opened: self.opened,
            Undecodable: self.undecodable,
            connection.ManagedAccounts: self.managed_accounts,
            connection.NextValidId: self.next_valid_id,
            **dict.fromkeys(IGNORED, _ignore),
        }

    def opened(self, event: Opened) -> Effects:
        """Keep the server's version and time, as the handshake is done."""
        self._state.opened(event.serverVersion, event.time)
        return self._state.health.opened(self._state.now())

    def managed_accounts(self, message: connection.ManagedAccounts) -> None:
        """Keep the accounts of this login."""
        self._state.logged_in(message.accounts)

    def next_valid_id(self, message: connection.NextValidId) -> Effects:
        """Have ids for new orders begin with the one that the server has sent."""
        # The server does not know of orders that never reached it, but their ids must not be used again either.
        return [Reserve(max(message.orderId, self._state.orders.free_id(self._state.clientId)))]

    def undecodable(self, event: Undecodable) -> Effects:
        """Log that a message could not be read, and raise the error wherever it was waited for."""
        _log.error("%s", event.error)
        if event.reqId is not None:
            return [Fail(event.reqId, event.error)]
        asked_by = {**WHOLE, **ENDS}.get(event.message, ()) if event.message else ()
        return [Fail(key, event.error) for request in asked_by for key in self._state.requests.keyed_by(request)]


def _ignore(message: object) -> None:
    """Do nothing, for a message in `IGNORED`."""
