"""How profit and loss are followed; not how they are worked out."""

from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.logs import logger
from ibdesk.model.accounts import PnL, PnLSingle
from ibdesk.wire.messages import pnl

_log = logger("ibdesk.ib")


class ProfitAndLoss(ApiGroup):
    """Follow profit and loss. Who asks for the same twice shares a subscription, which ends with the last cancel."""

    def pnl(self, account: str = "", modelCode: str = "") -> list[PnL]:
        """The profits of accounts that are subscribed: those of one `account` or `modelCode`, or all."""
        return [
            one
            for one in self.client.subscriptions.targets(PnL).values()
            if account in ("", one.account) and modelCode in ("", one.modelCode)
        ]

    def pnlSingle(self, account: str = "", modelCode: str = "", conId: int = 0) -> list[PnLSingle]:
        """The profits of positions that are subscribed: those of one `account`, `modelCode` or `conId`, or all."""
        return [
            one
            for one in self.client.subscriptions.targets(PnLSingle).values()
            if account in ("", one.account) and modelCode in ("", one.modelCode) and conId in (0, one.conId)
        ]

    @call_on_loop
    def reqPnL(self, account: str, modelCode: str = "") -> PnL:
        """Subscribe to the profit of an account, or of a model in it (`modelCode`).

        The object is kept up to date about once a second; see `pnlEvent`. `pnl()` has all of them.

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
        """End a subscription to the profit of an account, or of its `modelCode`. It is logged when there is none."""
        for subscription in self.client.subscriptions.about(Kind.PNL, (account, modelCode)):
            self.dispatcher.unsubscribe(subscription)
            return
        _log.warning("cancelPnL: No subscription for account %s, modelCode %s", account, modelCode)

    @call_on_loop
    def reqPnLSingle(self, account: str, modelCode: str, conId: int) -> PnLSingle:
        """Subscribe to the profit of one position: of an `account`, or a model in it (`modelCode`), in a `conId`.

        The object is kept up to date about once a second; see `pnlSingleEvent`. `pnlSingle()` has all of them. The
        server is silent about a `conId` that does not exist, and then the numbers stay NaN.

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
        """End a subscription to the profit of one position: of this `account`, `modelCode` and `conId`, as subscribed.

        It is logged when there is none.
        """
        subject = (account, modelCode, conId)
        for subscription in self.client.subscriptions.about(Kind.PNL_SINGLE, subject):
            self.dispatcher.unsubscribe(subscription)
            return
        _log.warning("cancelPnLSingle: No subscription for account %s, modelCode %s, conId %s", *subject)
