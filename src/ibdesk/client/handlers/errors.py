"""The handler of the server's errors, which may be about a request, an order, a subscription or the connection."""

import logging
import re

from ibdesk import codes
from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import AskAboutOrders, Effect, Effects, Emit, Fail, LinkTold, Remember, Send
from ibdesk.client.handlers import Handler
from ibdesk.client.handlers.market import MarketHandlers
from ibdesk.client.health import LINK_LOST, LINK_RESTORED, OF_LINKS
from ibdesk.client.requests import Request
from ibdesk.errors import RequestError
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.fields import shown
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages import accounts, advisors, connection

_log = logger("ibdesk.session")

_ADVISOR_DATA = (1, 2, 3)
_DUPLICATE_ID = 103
_PORT_RESET = 1300
_NEW_PORT = re.compile(r"new port\D{0,9}([1-9]\d{0,4})\b")

_NOT_THERE = frozenset({300, 310, 366})
"""The codes that answer the cancellation of what the server does not have any more."""


class ErrorHandlers:
    """The handler of `Error`. The server uses this message for warnings and information, too."""

    def __init__(self, state: ClientState, market: MarketHandlers) -> None:
        """Make the handler. `market` handles errors that are about subscriptions."""
        self._state = state
        self._market = market

    def table(self) -> dict[type, Handler]:
        """Return the handler for each class of message."""
        return {connection.Error: self.error}

    def error(self, message: connection.Error) -> Effects:
        """Log an error, and pass it on to the request, order or subscription that it is about, and to `errorEvent`."""
        state, reqId, code, text = self._state, message.reqId, message.errorCode, message.errorString
        trade, request = state.orders.find(state.clientId, reqId), state.requests.get(reqId)
        contract = self._contract(reqId, request)
        is_notice = codes.is_warning(code)
        effects: list[Effect] = []
        # The state is changed before the error is logged: writing out the contract, which the user has made, may fail.
        if trade is not None:
            effects += state.orders.error(trade, code, text, message.advancedOrderRejectJson, state.now())
        if request is not None and not is_notice:
            effects.insert(0, Fail(reqId, RequestError(reqId, code, text)))
        _tell(message, contract, request, _is_mild(message, request))
        effects += state.health.notice(code, text, state.now())
        effects += self._about_link(code, text)
        effects += self._market.error(message, ends=not is_notice)
        if reqId == UNSET_INTEGER and not is_notice:
            effects += _fail_unnamed(RequestError(reqId, code, text))
        effects.append(Emit("errorEvent", (reqId, code, text, contract)))
        return effects

    def _contract(self, reqId: int, request: Request | None) -> Contract | None:
        """Return the contract of the request, order or subscription that an error is about, if it has one."""
        state = self._state
        trade, subscription = state.orders.find(state.clientId, reqId), state.subscriptions.get(reqId)
        target = subscription.target if subscription is not None else None
        owner = request or trade or target
        contract: Contract | None = getattr(owner, "contract", None)
        return contract

    def _about_link(self, code: int, text: str) -> Effects:
        """Return the effects of an error about the link to IBKR, the port of TWS, or a used order id."""
        orders = self._state.orders
        effects: list[Effect] = [LinkTold(code, text)] if code in OF_LINKS else []
        if code in LINK_LOST or code in LINK_RESTORED:
            effects.append(Remember())
            why = "The link between TWS and IBKR was lost"
            effects += orders.lose_sight(why, self._state.now(), is_over=False)
        if code in LINK_RESTORED:
            orders.link_restored()
            effects.append(AskAboutOrders(also_positions=True))
        if code == _PORT_RESET and (found := _NEW_PORT.search(text)) is not None:
            self._state.moved_to = int(found[1])
        if code == _DUPLICATE_ID:
            effects.append(Send(connection.ReqIds(1)))
        return effects


def _is_mild(message: connection.Error, request: Request | None) -> bool:
    """Return whether an error is a warning or information only."""
    code, text = message.errorCode, message.errorString
    # 1100, the link between TWS and IBKR is lost, counts as a warning since it ends no request, but it is serious.
    return (
        (codes.is_warning(code) and code >= 2100)
        or codes.kind(code) in (codes.Kind.WARNING, codes.Kind.ADVISORY)
        # An order that ended without a reason, and the three below, were cancelled by the client itself.
        or (codes.ends_order(code) and text.rstrip().endswith("reason:"))
        or (request is None and code in _NOT_THERE)
        or (request is None and ("data query cancelled" in text or "scanner subscription cancelled" in text))
    )


def _tell(message: connection.Error, contract: Contract | None, request: Request | None, is_mild: bool) -> None:
    """Log an error, with its contract, and with the call that returns an empty result because of it."""
    suffix = f", contract: {shown(contract)}" if contract is not None else ""
    if request is not None and request.call and not codes.is_warning(message.errorCode):
        suffix += f"; {request.call} returns empty"
    level, what = (logging.INFO, "Warning") if is_mild else (logging.ERROR, "Error")
    where = what, message.errorCode, message.reqId
    _log.log(level, "%s %s, reqId %s: %s%s", *where, message.errorString, suffix)


def _fail_unnamed(error: RequestError) -> Effects:
    """Return the effects that fail requests without a reqId, since an error without one may be about any of them."""
    effects: list[Effect] = [Fail((advisors.RequestFA, kind), error) for kind in _ADVISOR_DATA]
    return [*effects, Fail(accounts.ReqAccountUpdates, error)]
