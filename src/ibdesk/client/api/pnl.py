"""Methods of `IB` that subscribe to profit and loss, of accounts and of single positions."""

from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.logs import logger
from ibdesk.model.accounts import PnL, PnLSingle
from ibdesk.wire.messages import pnl

_log = logger("ibdesk.ib")


class ProfitAndLoss(ApiGroup):
    """Profit and loss. If the same subscription is made twice, it ends when it has been cancelled twice."""

    def pnl(self, account: str = "", modelCode: str = "") -> list[PnL]:
        """Return the subscribed profits of accounts: those with this `account` and `modelCode`, where given, or all."""
        return [
            one
            for one in self.client.subscriptions.targets(PnL).values()
            if account in ("", one.account) and modelCode in ("", one.modelCode)
        ]

    def pnlSingle(self, account: str = "", modelCode: str = "", conId: int = 0) -> list[PnLSingle]:
        """Return the subscribed profits of positions: with this `account`, `modelCode` and `conId`, where given."""
        return [
            one
            for one in self.client.subscriptions.targets(PnLSingle).values()
            if account in ("", one.account) and modelCode in ("", one.modelCode) and conId in (0, one.conId)
        ]

    @call_on_loop
    def reqPnL(self, account: str, modelCode: str = "") -> PnL:
        """Subscribe to the profit and loss of an account, or of a model in it (`modelCode`).

        The result is updated about once a second; see `pnlEvent`. `pnl()` returns all that are subscribed.

        Source: TWS API documentation, "Profit and Loss".
        """
        subject, subscriptions = (account, modelCode), self.client.subscriptions
        subscription = subscriptions.join(Kind.PNL, subject)
        if subscription is None:
            reqId = self.client.next_id()
            request, cancel = pnl.ReqPnL(reqId, account, modelCode), pnl.CancelPnL(reqId)
            target = PnL(account, modelCode)
            subscription = Subscription(Kind.PNL, request, cancel, target, subject, restored_by=(request,))
            self.dispatcher.subscribe(subscription)
        found: PnL = subscription.target
        return found

    @call_on_loop
    def cancelPnL(self, account: str, modelCode: str = "") -> None:
        """End a subscription to the profit and loss of an account, or of a model in it (`modelCode`).

        If there is none, that is logged.
        """
        for subscription in self.client.subscriptions.about(Kind.PNL, (account, modelCode)):
            self.dispatcher.unsubscribe(subscription)
            return
        _log.warning("cancelPnL: No subscription for account %s, modelCode %s", account, modelCode)

    @call_on_loop
    def reqPnLSingle(self, account: str, modelCode: str, conId: int) -> PnLSingle:
        """Subscribe to the profit and loss of one position: of an `account`, or a model in it, in the contract `conId`.

        The result is updated about once a second; see `pnlSingleEvent`. `pnlSingle()` returns all that are subscribed.
        `modelCode` is empty for the whole account. If there is no such `conId`, the server sends nothing, and the
        numbers stay NaN.

        Source: TWS API documentation, "Profit and Loss".
        """
        subject, subscriptions = (account, modelCode, conId), self.client.subscriptions
        subscription = subscriptions.join(Kind.PNL_SINGLE, subject)
        if subscription is None:
            reqId = self.client.next_id()
            request = pnl.ReqPnLSingle(reqId, account, modelCode, conId)
            target, cancel = PnLSingle(account, modelCode, conId), pnl.CancelPnLSingle(reqId)
            subscription = Subscription(Kind.PNL_SINGLE, request, cancel, target, subject, restored_by=(request,))
            self.dispatcher.subscribe(subscription)
        found: PnLSingle = subscription.target
        return found

    @call_on_loop
    def cancelPnLSingle(self, account: str, modelCode: str, conId: int) -> None:
        """End a subscription to the profit and loss of one position, with the same arguments as in `reqPnLSingle`.

        If there is none with this `account`, `modelCode` and `conId`, that is logged.
        """
        subject = (account, modelCode, conId)
        for subscription in self.client.subscriptions.about(Kind.PNL_SINGLE, subject):
            self.dispatcher.unsubscribe(subscription)
            return
        _log.warning("cancelPnLSingle: No subscription for account %s, modelCode %s, conId %s", *subject)
