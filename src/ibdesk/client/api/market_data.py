"""How quotes are subscribed, asked for once and ended; not what ticks mean."""

import asyncio
import logging

from ibdesk.client.api.group import ApiGroup, on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.mirror.ticker import Ticker
from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire.messages.market_data import CancelMktData, ReqMarketDataType, ReqMktData

_log = logging.getLogger("ibdesk.ib")


class MarketData(ApiGroup):
    """Subscribe to quotes."""

    @on_loop
    def reqMktData(
        self,
        contract: Contract,
        genericTickList: str = "",
        snapshot: bool = False,
        regulatorySnapshot: bool = False,
        mktDataOptions: list[TagValue] | None = None,
    ) -> Ticker:
        """Subscribe to the quotes of a contract, or ask for them once with `snapshot`.

        The ticker fills as ticks arrive. `genericTickList` names further ticks by their numbers, such as `233,236`.

        Source: TWS API documentation, "Live Data" and "Generic Tick Types".
        """
        reqId = self.client.getReqId()
        request = ReqMktData(reqId, contract, genericTickList, snapshot, regulatorySnapshot, mktDataOptions or [])
        ticker = self.session.quotes.start_ticker(reqId, contract, "snapshot" if snapshot else "mktData")
        self.client.send(request)
        return ticker

    @on_loop
    def cancelMktData(self, contract: Contract) -> bool:
        """End the subscription to a contract. False, and logged, when there is none."""
        reqIds = self.session.quotes.end_ticker(contract, "mktData")
        if not reqIds:
            _log.error("cancelMktData: No reqId found for contract %s", contract)
        for reqId in reqIds:
            self.client.send(CancelMktData(reqId))
        return bool(reqIds)

    async def reqTickersAsync(self, *contracts: Contract, regulatorySnapshot: bool = False) -> list[Ticker]:
        """A snapshot of each contract's quotes, each in a ticker of its own. It can take 11 seconds."""
        quotes, tickers, waits = self.session.quotes, [], []
        for contract in contracts:
            reqId = self.client.getReqId()
            tickers.append(quotes.start_ticker(reqId, contract, "snapshot"))
            waits.append(self.session.ask(ReqMktData(reqId, contract, "", True, regulatorySnapshot), contract))
        await asyncio.gather(*waits)
        return tickers

    reqTickers = blocking(reqTickersAsync)

    @on_loop
    def reqMarketDataType(self, marketDataType: int) -> None:
        """Choose what subscriptions bring: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""
        self.client.send(ReqMarketDataType(marketDataType))

    def ticker(self, contract: Contract) -> Ticker | None:
        """The ticker of a contract that has been subscribed, if there is one."""
        return self.session.quotes.ticker(contract)

    def tickers(self) -> list[Ticker]:
        """All tickers."""
        return list(self.session.quotes.tickers())

    def pendingTickers(self) -> list[Ticker]:
        """The tickers that changed with the newest data."""
        return list(self.session.quotes.pending())
