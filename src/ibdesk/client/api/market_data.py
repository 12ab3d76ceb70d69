"""How quotes are subscribed, asked for once and ended; not what ticks mean."""

import logging

from ibdesk.client.api.deadlines import all_of, in_time
from ibdesk.client.api.group import ApiGroup, on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.mirror.quotes import QUOTES, SNAPSHOT
from ibdesk.client.mirror.ticker import Ticker
from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire.messages.market_data import CancelMktData, ReqMarketDataType, ReqMktData

_log = logging.getLogger("ibdesk.ib")

WHOLE_SNAPSHOT = 20.0
"""Seconds for a snapshot: the server itself ends it after eleven."""


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
        The same subscription made twice is one at the server, and ends when it was cancelled twice. `status` of the
        ticker tells whether quotes are live, delayed or denied, and its `errorEvent` why; what was refused is asked for
        anew by the next call.

        Source: TWS API documentation, "Live Data" and "Generic Tick Types".
        """
        quotes, options = self.session.quotes, mktDataOptions or []
        terms = (genericTickList, regulatorySnapshot, options, self.session.market_data_type)
        if not snapshot and (shared := quotes.join(contract, QUOTES, terms)):
            return shared
        reqId = self.client.getReqId()
        for denied in () if snapshot else quotes.drop_denied(contract, QUOTES):
            self.client.send(CancelMktData(denied))
        self.client.send(ReqMktData(reqId, contract, genericTickList, snapshot, regulatorySnapshot, options))
        ticker = quotes.start_ticker(reqId, contract, SNAPSHOT if snapshot else QUOTES, terms)
        ticker.genericTickList = genericTickList
        return ticker

    @on_loop
    def cancelMktData(self, contract: Contract) -> bool:
        """End a subscription to a contract at its exchange, the newest. False, and logged, when there is none."""
        reqId = self.session.quotes.end_ticker(contract, QUOTES)
        if reqId is None:
            _log.warning("cancelMktData: No reqId found for contract %s", contract)
        elif reqId:
            self.client.send(CancelMktData(reqId))
        return reqId is not None

    async def reqTickersAsync(self, *contracts: Contract, regulatorySnapshot: bool = False) -> list[Ticker]:
        """A snapshot of each contract's quotes, each in a ticker of its own. It can take 11 seconds.

        `status` of a ticker is `denied` or `error` where the server refuses.
        """
        return await all_of(self._snapshot(contract, regulatorySnapshot) for contract in contracts)

    reqTickers = blocking(reqTickersAsync)

    async def _snapshot(self, contract: Contract, regulatory: bool) -> Ticker:
        reqId, quotes = self.client.getReqId(), self.session.quotes
        ticker = quotes.start_ticker(reqId, contract, SNAPSHOT)
        request = ReqMktData(reqId, contract, "", True, regulatory)
        try:
            await in_time(self, request, WHOLE_SNAPSHOT, contract=contract, cancel=CancelMktData(reqId))
        finally:
            quotes.end_snapshot(reqId)
        return ticker

    @on_loop
    def reqMarketDataType(self, marketDataType: int) -> None:
        """Choose what subscriptions bring: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""
        self.client.send(ReqMarketDataType(marketDataType))
        self.session.market_data_type = marketDataType

    def ticker(self, contract: Contract) -> Ticker | None:
        """The ticker of a contract that has been subscribed at its exchange, if there is one.

        A contract that names no exchange, like those of positions, finds that of any.
        """
        return self.session.quotes.ticker(contract)

    def tickers(self) -> list[Ticker]:
        """All tickers."""
        return list(self.session.quotes.tickers())

    def pendingTickers(self) -> list[Ticker]:
        """The tickers that changed with the newest data."""
        return list(self.session.quotes.pending())
