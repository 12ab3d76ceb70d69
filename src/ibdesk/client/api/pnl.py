"""How profit and loss are followed; not how they are worked out."""

from ibdesk.client.api.group import ApiGroup, call_on_loop
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
            for one in self.session.followed.pnl
            if account in ("", one.account) and modelCode in ("", one.modelCode)
        ]

    def pnlSingle(self, account: str = "", modelCode: str = "", conId: int = 0) -> list[PnLSingle]:
        """The profits of positions that are subscribed: those of one `account`, `modelCode` or `conId`, or all."""
        return [
            one
            for one in self.session.followed.pnl_single
            if account in ("", one.account) and modelCode in ("", one.modelCode) and conId in (0, one.conId)
        ]

    @call_on_loop
    def reqPnL(self, account: str, modelCode: str = "") -> PnL:
        """Subscribe to the profit of an account, or of a model in it (`modelCode`).

        The object is kept up to date about once a second; see `pnlEvent`. `pnl()` has all of them.

        Source: TWS API documentation, "Profit and Loss".
        """
        followed, key = self.session.followed.pnl, (account, modelCode)
        found = followed.join(key)
        if found is None:
            reqId = self.client.next_id()
            self.client.send_message(pnl.ReqPnL(reqId, account, modelCode))
            found = followed.begin(key, reqId, PnL(account, modelCode))
        return found

    @call_on_loop
    def cancelPnL(self, account: str, modelCode: str = "") -> None:
        """End a subscription to the profit of an account, or of its `modelCode`. It is logged when there is none."""
        try:
            reqId = self.session.followed.pnl.leave((account, modelCode))
        except KeyError:
            _log.warning("cancelPnL: No subscription for account %s, modelCode %s", account, modelCode)
            return
        if reqId is not None:
            self.client.send_message(pnl.CancelPnL(reqId))

    @call_on_loop
    def reqPnLSingle(self, account: str, modelCode: str, conId: int) -> PnLSingle:
        """Subscribe to the profit of one position: of an `account`, or a model in it (`modelCode`), in a `conId`.

        The object is kept up to date about once a second; see `pnlSingleEvent`. `pnlSingle()` has all of them. The
        server is silent about a `conId` that does not exist, and then the numbers stay NaN.

        Source: TWS API documentation, "Profit and Loss".
        """
        followed, key = self.session.followed.pnl_single, (account, modelCode, conId)
        found = followed.join(key)
        if found is None:
            reqId = self.client.next_id()
            self.client.send_message(pnl.ReqPnLSingle(reqId, account, modelCode, conId))
            found = followed.begin(key, reqId, PnLSingle(account, modelCode, conId))
        return found

    @call_on_loop
    def cancelPnLSingle(self, account: str, modelCode: str, conId: int) -> None:
        """End a subscription to the profit of one position: of this `account`, `modelCode` and `conId`, as subscribed.

        It is logged when there is none.
        """
        try:
            reqId = self.session.followed.pnl_single.leave((account, modelCode, conId))
        except KeyError:
            what = (account, modelCode, conId)
            _log.warning("cancelPnLSingle: No subscription for account %s, modelCode %s, conId %s", *what)
            return
        if reqId is not None:
            self.client.send_message(pnl.CancelPnLSingle(reqId))
