"""How accounts are asked for and shown: values, summary, portfolio, positions; not how they add up."""

from ibdesk.client.api.deadlines import REPORT, in_time
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.blocking import blocking
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
"""What `accountSummary` asks for. Source: TWS API documentation, "Account Summary Tags"."""


class Accounts(ApiGroup):
    """Follow accounts. What the server is silent about for half a minute raises RequestTimeout."""

    def accountValues(self, account: str = "") -> list[AccountValue]:
        """The values of one account, or of all, as the updates have them."""
        return [one for one in self.session.accounts.values() if account in ("", one.account)]

    async def accountSummaryAsync(self, account: str = "") -> list[AccountValue]:
        """The summary of one account, or of all. The first call subscribes to it, which takes a moment."""
        goes_on = self.session.followed.summary or not self.client.isReady()
        if not (goes_on and self.session.accounts.summary()):
            await self.reqAccountSummaryAsync()
        return self.session.accounts.summary(account)

    accountSummary = blocking(accountSummaryAsync)

    async def reqAccountSummaryAsync(
        self, account: str = "All", modelCode: str = "", tags: str = ""
    ) -> list[AccountValue]:
        """Subscribe to the summary of all accounts, and return it; with `tags`, get those without subscribing.

        `account` is All, one account, or a group of accounts of an advisor; `tags` are separated by commas. Raises
        ValueError for a `modelCode`: summaries know no models, `reqAccountUpdatesMulti` does.

        Source: TWS API documentation, "Account Summary Tags".
        """
        if modelCode:
            raise ValueError(f"A summary has no values of the model {modelCode!r}: ask reqAccountUpdatesMulti for them")
        followed, known = self.session.followed, self.session.managed_accounts
        reqId = self.client.next_id()
        cancel = accounts.CancelAccountSummary(reqId)
        group = "All" if account in ("", *known) else account
        if not tags and followed.summary:
            # The server has room for two of them only.
            self.session.withdraw(accounts.CancelAccountSummary(followed.summary))
        request = accounts.ReqAccountSummary(reqId, group, tags or SUMMARY_TAGS)
        await in_time(self, request, REPORT, cancel=cancel, must_answer=True)
        if tags:
            self.session.withdraw(cancel)
        else:
            followed.summary = reqId
        wanted = [tag.strip() for tag in tags.split(",")]
        is_all = not tags or any(tag.startswith("$LEDGER") for tag in wanted)
        found = self.session.accounts.summary(account if account in known else "")
        return [one for one in found if is_all or one.tag in wanted]

    reqAccountSummary = blocking(reqAccountSummaryAsync)

    def portfolio(self, account: str = "") -> list[PortfolioItem]:
        """The portfolio of one account, or of all, with market values and profits."""
        return self.session.accounts.portfolio(account)

    def positions(self, account: str = "") -> list[Position]:
        """The positions of one account, or of all."""
        return self.session.accounts.positions(account)

    async def reqPositionsAsync(self) -> list[Position]:
        """Subscribe to the positions of all accounts, and return them."""
        found: list[Position] = await in_time(self, accounts.ReqPositions(), REPORT, must_answer=True)
        return found

    reqPositions = blocking(reqPositionsAsync)

    async def reqAccountUpdatesAsync(self, account: str = "") -> None:
        """Subscribe to values and portfolio of an account. One account at a time: the last one asked for."""
        await in_time(self, accounts.ReqAccountUpdates(True, account), REPORT, must_answer=True)

    reqAccountUpdates = blocking(reqAccountUpdatesAsync)

    async def reqAccountUpdatesMultiAsync(self, account: str = "", modelCode: str = "") -> None:
        """Subscribe to the values of an account, or of a model of it (`modelCode`). `accountValues()` has them."""
        reqId = self.client.next_id()
        request = accounts.ReqAccountUpdatesMulti(reqId, account, modelCode, False)
        await in_time(self, request, REPORT, cancel=accounts.CancelAccountUpdatesMulti(reqId), must_answer=True)

    reqAccountUpdatesMulti = blocking(reqAccountUpdatesMultiAsync)
