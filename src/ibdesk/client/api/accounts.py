"""Methods of `IB` about accounts: values, summary, portfolio and positions."""

from ibdesk.client.api.deadlines import REPORT, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import blocking
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.model.accounts import AccountValue, PortfolioItem, Position
from ibdesk.wire.messages import accounts

SUMMARY_TAGS = (
    "AccountType,NetLiquidation,TotalCashValue,SettledCash,AccruedCash,BuyingPower,EquityWithLoanValue,"
    "PreviousDayEquityWithLoanValue,GrossPositionValue,RegTEquity,RegTMargin,SMA,InitMarginReq,MaintMarginReq,"
    "AvailableFunds,ExcessLiquidity,Cushion,FullInitMarginReq,FullMaintMarginReq,FullAvailableFunds,"
    "FullExcessLiquidity,LookAheadNextChange,LookAheadInitMarginReq,LookAheadMaintMarginReq,"
    "LookAheadAvailableFunds,LookAheadExcessLiquidity,HighestSeverity,DayTradesRemaining,DayTradesRemainingT+1,"
    "DayTradesRemainingT+2,DayTradesRemainingT+3,DayTradesRemainingT+4,Leverage,$LEDGER:ALL"
)
"""The tags that `accountSummary` requests. Source: TWS API documentation, "Account Summary Tags"."""


class Accounts(ApiGroup):
    """Values, summary, portfolio and positions of accounts.

    If the server does not answer a request for half a minute, it raises RequestTimeout.
    """

    def accountValues(self, account: str = "") -> list[AccountValue]:
        """Return the values of one account, or of all, as the subscribed account updates bring them."""
        return [one for one in self.dispatcher.state.accounts.values() if account in ("", one.account)]

    async def accountSummaryAsync(self, account: str = "") -> list[AccountValue]:
        """Return the summary of one account, or of all. The first call subscribes to it, which takes a moment."""
        async with self.dispatcher.lock(Kind.SUMMARY):
            goes_on = self.client.subscriptions.of(Kind.SUMMARY) or not self.client.isReady()
            if not (goes_on and self.dispatcher.state.accounts.summary()):
                await self._summarize("All", "")
        return self.dispatcher.state.accounts.summary(account)

    accountSummary = blocking(accountSummaryAsync)

    async def reqAccountSummaryAsync(
        self, account: str = "All", modelCode: str = "", tags: str = ""
    ) -> list[AccountValue]:
        """Subscribe to the summary of accounts, and return it. With `tags`, fetch only these values, once.

        `account` is `All`, one account, or an advisor's group of accounts. `tags` are separated by commas. Raises
        ValueError for a `modelCode`, as there is no summary of a model; use `reqAccountUpdatesMulti` for that.

        Source: TWS API documentation, "Account Summary Tags".
        """
        if modelCode:
            raise ValueError(f"A summary has no values of the model {modelCode!r}: ask reqAccountUpdatesMulti for them")
        # The server allows two such requests at once, and a new subscription replaces the last one. So they take turns.
        async with self.dispatcher.lock(Kind.SUMMARY):
            return await self._summarize(account, tags)

    reqAccountSummary = blocking(reqAccountSummaryAsync)

    async def _summarize(self, account: str, tags: str) -> list[AccountValue]:
        subscriptions, known = self.client.subscriptions, self.dispatcher.state.managed_accounts
        reqId = self.client.next_id()
        cancel = accounts.CancelAccountSummary(reqId)
        group = "All" if account in ("", *known) else account
        for other in () if tags else subscriptions.of(Kind.SUMMARY):
            self.dispatcher.give_up(other)
        request = accounts.ReqAccountSummary(reqId, group, tags or SUMMARY_TAGS)
        begun = None if tags else Subscription(Kind.SUMMARY, request, cancel, restored_by=(request,))
        await in_time(self, request, REPORT, cancel=cancel, must_answer=True, subscription=begun)
        if tags:
            self.dispatcher.withdraw(cancel)
        wanted = [tag.strip() for tag in tags.split(",")]
        is_all = not tags or any(tag.startswith("$LEDGER") for tag in wanted)
        found = self.dispatcher.state.accounts.summary(account if account in known else "")
        return [one for one in found if is_all or one.tag in wanted]

    def portfolio(self, account: str = "") -> list[PortfolioItem]:
        """Return the portfolio of one account, or of all: positions with their market values and profits."""
        return self.dispatcher.state.accounts.portfolio(account)

    def positions(self, account: str = "") -> list[Position]:
        """Return the positions of one account, or of all."""
        return self.dispatcher.state.accounts.positions(account)

    async def reqPositionsAsync(self) -> list[Position]:
        """Subscribe to the positions of all accounts, and return them."""
        begun = positions_of_all()
        found: list[Position] = await in_time(self, begun.request, REPORT, must_answer=True, subscription=begun)
        return found

    reqPositions = blocking(reqPositionsAsync)

    async def reqAccountUpdatesAsync(self, account: str = "") -> None:
        """Subscribe to the values and the portfolio of an account, in place of the account subscribed before."""
        begun = updates_of(account)
        await in_time(self, begun.request, REPORT, must_answer=True, subscription=begun)

    reqAccountUpdates = blocking(reqAccountUpdatesAsync)

    async def reqAccountUpdatesMultiAsync(self, account: str = "", modelCode: str = "") -> None:
        """Subscribe to the values of an account, or of a model in it (`modelCode`). `accountValues()` returns them."""
        begun = updates_of_model(self.client.next_id(), account, modelCode)
        await in_time(self, begun.request, REPORT, cancel=begun.cancel, must_answer=True, subscription=begun)

    reqAccountUpdatesMulti = blocking(reqAccountUpdatesMultiAsync)


def positions_of_all() -> Subscription:
    """Return the subscription to the positions of all accounts, which is still to be sent."""
    request = accounts.ReqPositions()
    return Subscription(Kind.POSITIONS, request, accounts.CancelPositions(), restored_by=(request,))


def updates_of(account: str) -> Subscription:
    """Return the subscription to the values and the portfolio of an account, which is still to be sent."""
    request, cancel = accounts.ReqAccountUpdates(True, account), accounts.ReqAccountUpdates(False, account)
    return Subscription(Kind.ACCOUNT, request, cancel, subject=account, restored_by=(request,))


def updates_of_model(reqId: int, account: str, modelCode: str) -> Subscription:
    """Return the subscription to the values of an account, or of a model in it, which is still to be sent."""
    request = accounts.ReqAccountUpdatesMulti(reqId, account, modelCode, False)
    cancel, subject = accounts.CancelAccountUpdatesMulti(reqId), (account, modelCode)
    return Subscription(Kind.ACCOUNT_MULTI, request, cancel, subject=subject, restored_by=(request,))
