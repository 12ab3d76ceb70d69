"""How accounts are asked for and shown: values, summary, portfolio, positions; not how they add up."""

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
    """Follow accounts."""

    def accountValues(self, account: str = "") -> list[AccountValue]:
        """The values of one account, or of all, as the updates have them."""
        return [one for one in self.session.accounts.values() if account in ("", one.account)]

    async def accountSummaryAsync(self, account: str = "") -> list[AccountValue]:
        """The summary of one account, or of all. The first call subscribes to it, which takes a moment."""
        if not self.session.accounts.summary():
            await self.reqAccountSummaryAsync()
        return [one for one in self.session.accounts.summary() if account in ("", one.account)]

    accountSummary = blocking(accountSummaryAsync)

    async def reqAccountSummaryAsync(self) -> None:
        """Subscribe to the summary of all accounts."""
        await self.session.ask(accounts.ReqAccountSummary(self.client.getReqId(), "All", SUMMARY_TAGS))

    reqAccountSummary = blocking(reqAccountSummaryAsync)

    def portfolio(self, account: str = "") -> list[PortfolioItem]:
        """The portfolio of one account, or of all, with market values and profits."""
        return self.session.accounts.portfolio(account)

    def positions(self, account: str = "") -> list[Position]:
        """The positions of one account, or of all."""
        return self.session.accounts.positions(account)

    async def reqPositionsAsync(self) -> list[Position]:
        """Subscribe to the positions of all accounts, and return them."""
        found: list[Position] = await self.session.ask(accounts.ReqPositions())
        return found

    reqPositions = blocking(reqPositionsAsync)

    async def reqAccountUpdatesAsync(self, account: str = "") -> None:
        """Subscribe to values and portfolio of an account. One account at a time: the last one asked for."""
        await self.session.ask(accounts.ReqAccountUpdates(True, account))

    reqAccountUpdates = blocking(reqAccountUpdatesAsync)

    async def reqAccountUpdatesMultiAsync(self, account: str = "", modelCode: str = "") -> None:
        """Subscribe to the values of an account, or of a model of it."""
        await self.session.ask(accounts.ReqAccountUpdatesMulti(self.client.getReqId(), account, modelCode, False))

    reqAccountUpdatesMulti = blocking(reqAccountUpdatesMultiAsync)
