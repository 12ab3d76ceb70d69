"""What an error from the server leads to, for whatever it names: a request, an order, a subscription or the link."""

import logging

from ibdesk import codes
from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import AskAboutOrders, Effects, Emit, Fail, Send
from ibdesk.client.handlers import Handler
from ibdesk.client.handlers.market import MarketHandlers
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
_LINK_LOST = 1100
_LINK_RESTORED = frozenset({1101, 1102})


class ErrorHandlers:
    """The handler of `Error`, which is also how the server warns and informs."""

    def __init__(self, state: ClientState, market: MarketHandlers) -> None:
        """`market` decides what an error does to subscriptions."""
        self._state = state
        self._market = market

    def table(self) -> dict[type, Handler]:
        """Return the handler of each message."""
        return {connection.Error: self.error}

    def error(self, message: connection.Error) -> Effects:
        """The server refuses, warns or informs."""
        state, reqId, code, text = self._state, message.reqId, message.errorCode, message.errorString
        trade, request = state.orders.find(state.clientId, reqId), state.requests.get(reqId)
        contract = self._contract(reqId, request)
        is_notice = codes.is_warning(code)
        effects: Effects = []
        # What the error changes comes before its text: that may hold what a program has put into its contract.
        if trade is not None:
            effects += state.orders.error(trade, code, text, message.advancedOrderRejectJson, state.now())
        if request is not None and not is_notice:
            effects.insert(0, Fail(reqId, RequestError(reqId, code, text)))
        _tell(message, contract, request, _is_mild(message, request))
        effects += self._about_link(code)
        effects += self._market.error(message, ends=not is_notice)
        if reqId == UNSET_INTEGER and not is_notice:
            effects += _fail_unnamed(RequestError(reqId, code, text))
        effects.append(Emit("errorEvent", (reqId, code, text, contract)))
        return effects

    def _contract(self, reqId: int, request: Request | None) -> Contract | None:
        """The contract of what an error names."""
        state = self._state
        trade, subscription = state.orders.find(state.clientId, reqId), state.subscriptions.get(reqId)
        target = subscription.target if subscription is not None else None
        owner = request or trade or target
        contract: Contract | None = getattr(owner, "contract", None)
        return contract

    def _about_link(self, code: int) -> Effects:
        """What an error tells of the link between the server and IBKR, or of ids."""
        orders = self._state.orders
        effects: Effects = []
        if code == _LINK_LOST or code in _LINK_RESTORED:
            why = "The link between TWS and IBKR was lost"
            effects += orders.lose_sight(why, self._state.now(), is_over=False)
        if code in _LINK_RESTORED:
            orders.link_restored()
            effects.append(AskAboutOrders(also_positions=True))
        elif orders.doubtful():
            effects.append(AskAboutOrders())
        if code == _DUPLICATE_ID:
            effects.append(Send(connection.ReqIds(1)))
        return effects


def _is_mild(message: connection.Error, request: Request | None) -> bool:
    """Is it a mere warning or information?"""
    code, text = message.errorCode, message.errorString
    # That the link to IBKR is lost (1100) ends no request, and yet is nobody's mere warning.
    return (
        (codes.is_warning(code) and code >= 2100)
        or codes.kind(code) in (codes.Kind.WARNING, codes.Kind.ADVISORY)
        # These answer a cancellation.
        or (codes.ends_order(code) and text.rstrip().endswith("reason:"))
        or (request is None and ("data query cancelled" in text or "scanner subscription cancelled" in text))
    )


def _tell(message: connection.Error, contract: Contract | None, request: Request | None, is_mild: bool) -> None:
    """Log an error, with what becomes of the request that it names."""
    suffix = f", contract: {shown(contract)}" if contract is not None else ""
    if request is not None and request.call and not codes.is_warning(message.errorCode):
        suffix += f"; {request.call} returns empty"
    level, what = (logging.INFO, "Warning") if is_mild else (logging.ERROR, "Error")
    where = what, message.errorCode, message.reqId
    _log.log(level, "%s %s, reqId %s: %s%s", *where, message.errorString, suffix)


def _fail_unnamed(error: RequestError) -> Effects:
    """Fail the requests that have no reqId. TWS names none of them; which of them it was is in the text alone."""
    effects: Effects = [Fail((advisors.RequestFA, kind), error) for kind in _ADVISOR_DATA]
    return [*effects, Fail(accounts.ReqAccountUpdates, error)]
