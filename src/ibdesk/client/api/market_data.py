"""How quotes are subscribed, asked for once and ended; not what ticks mean."""

from ibdesk.client.api import tickers
from ibdesk.client.api.deadlines import all_of, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.logs import logger
from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire.messages.market_data import CancelMktData, ReqMarketDataType, ReqMktData

_log = logger("ibdesk.ib")

WHOLE_SNAPSHOT = 20.0
"""Seconds for a snapshot: the server itself ends it after eleven."""


class MarketData(ApiGroup):
    """Subscribe to quotes."""

    @call_on_loop
    def reqMktData(
        self,
        contract: Contract,
        genericTickList: str = "",
        snapshot: bool = False,
        regulatorySnapshot: bool = False,
        mktDataOptions: list[TagValue] | None = None,
    ) -> Ticker:
        """Subscribe to the quotes of a contract, or ask for them once with `snapshot`.

        The ticker fills as ticks arrive. The same subscription made twice is one at the server, and ends when it was
        cancelled twice. `status` of the ticker tells whether quotes are live, delayed or denied, and its `errorEvent`
        why; what was refused is asked for anew by the next call. An account has 100 lines of data, unless it buys more.

        `genericTickList` asks for further ticks by number, as `233,236`; `mdoff` in it leaves out bid, ask and last:

        ================== ==========================================================================================
        100, 101           `callVolume`, `putVolume`; `callOpenInterest`, `putOpenInterest` (of an underlying)
        104, 106           `histVolatility`; `impliedVolatility` over 30 days (of an underlying)
        105                `avOptionVolume`
        162                `indexFuturePremium` (of an index)
        165                `low13week`, `high13week`, `low26week`, `high26week`, `low52week`, `high52week`, `avVolume`
        221, 232, 619      `markPrice`; the same; `creditmanSlowMarkPrice`
        225                `auctionVolume`, `auctionPrice`, `auctionImbalance`, `regulatoryImbalance`
        233, 375           each trade: `last`, `lastSize`, `rtTime`, `vwap`, and `rtVolume`; `rtTradeVolume`
        236                `shortable` (over 2.5: 1000 shares or more; over 1.5: if found), `shortableShares`
        258, 456           `fundamentalRatios`; `dividends`
        292                headlines, in `ib.newsTicks()`; `292:BRFG+DJNL` for some providers only
        293, 294, 295      `tradeCount`; `tradeRate`; `volumeRate`
        318                `lastRthTrade`
        411                `rtHistVolatility`
        460                `bondFactorMultiplier`
        577, 614, 623      `etfNavLast`; `etfNavHigh`, `etfNavLow`; `etfFrozenNavLast`
        586                `estimatedIpoMidpoint`, `finalIpoLast`
        588                `futuresOpenInterest`
        595                `volumeRate3Min`, `volumeRate5Min`, `volumeRate10Min`
        787                `oddLotBid`, `oddLotAsk`, `oddLotBidSize`, `oddLotAskSize`, `oddLotBidExchange`,
                           `oddLotAskExchange` (since TWS 10.46)
        ================== ==========================================================================================

        TWS takes 587, too. A snapshot takes none of them, delayed data 101, 106, 165, 221, 232, 236 and 258.
        `regulatorySnapshot` is the best of all exchanges, for a fee of 0.01 USD each. `mktDataOptions`: for IBKR's own
        use. Source: TWS API documentation, "Live Data" and "Generic Tick Types".
        """
        return self._subscribe(contract, genericTickList, snapshot, regulatorySnapshot, mktDataOptions or [])

    def _subscribe(
        self, contract: Contract, generic: str, snapshot: bool, regulatory: bool, options: list[TagValue]
    ) -> Ticker:
        dispatcher, kind = self.dispatcher, Kind.SNAPSHOT if snapshot else Kind.QUOTES
        data_type = dispatcher.state.market_data_type
        terms = (generic, regulatory, options, data_type)
        if not snapshot and (ticker := tickers.shared(dispatcher, kind, contract, terms)):
            return ticker
        reqId = self.client.next_id()
        request, cancel = ReqMktData(reqId, contract, generic, snapshot, regulatory, options), CancelMktData(reqId)
        if snapshot:
            return tickers.subscribe(dispatcher, kind, contract, request, cancel)
        own = dispatcher.state.quotes.own_ticker(contract)
        for other in self.client.subscriptions.about(kind, own) if own else ():
            if other.is_denied:  # it may live at the server nevertheless
                dispatcher.state.quotes.end(other)
                self.client.send_message(other.cancel)
        restored_by = ReqMarketDataType(data_type), request
        ticker = tickers.subscribe(dispatcher, kind, contract, request, cancel, terms, restored_by)
        ticker.genericTickList = generic
        return ticker

    @call_on_loop
    def cancelMktData(self, contract: Contract) -> bool:
        """End a subscription to a contract at its exchange, the newest. False, and logged, when there is none."""
        subscription = self.dispatcher.state.quotes.subscribed(contract, Kind.QUOTES)
        if subscription is None:
            _log.warning("cancelMktData: No reqId found for contract %s", contract)
            return False
        tickers.unsubscribe(self.dispatcher, subscription)
        return True

    async def reqTickersAsync(self, *contracts: Contract, regulatorySnapshot: bool = False) -> list[Ticker]:
        """A snapshot of the quotes of each of the `contracts`, each in a ticker of its own. It can take 11 seconds.

        `status` of a ticker is `denied` or `error` where the server refuses. `regulatorySnapshot` asks for the best of
        all exchanges, for a fee of 0.01 USD each, once a second at most.

        Source: TWS API documentation, "Live Data", "Snapshot".
        """
        return await all_of(self._snapshot(contract, regulatorySnapshot) for contract in contracts)

    reqTickers = blocking(reqTickersAsync)

    async def _snapshot(self, contract: Contract, regulatory: bool) -> Ticker:
        reqId, quotes = self.client.next_id(), self.dispatcher.state.quotes
        request, cancel = ReqMktData(reqId, contract, "", True, regulatory), CancelMktData(reqId)
        ticker = quotes.to_fill(contract, Kind.SNAPSHOT)
        subscription = Subscription(Kind.SNAPSHOT, request, cancel, ticker, ticker)
        self.client.subscriptions.add(subscription)
        try:
            await in_time(self, request, WHOLE_SNAPSHOT, contract=contract, cancel=cancel)
        finally:
            quotes.end_snapshot(reqId)
        return ticker

    @call_on_loop
    def reqMarketDataType(self, marketDataType: int) -> None:
        """Choose what subscriptions that are made from now on bring, by `marketDataType`.

        * 1: live data, which need a subscription to the exchange's data. It is so until something else is chosen.
        * 2: frozen: live, or after the close the last ones before it.
        * 3: delayed: live where the account may have them, else those of 15 to 20 minutes ago, without a fee.
        * 4: delayed and frozen: delayed, or after the close the last ones before it.

        Each ticker tells in `marketDataType` and `status` what it gets. Delayed data come as quotes and bars alone, not
        tick by tick, and neither as market depth. Source: TWS API documentation, "Market Data Type".
        """
        self.client.send_message(ReqMarketDataType(marketDataType))
        self.dispatcher.state.market_data_type = marketDataType

    def ticker(self, contract: Contract) -> Ticker | None:
        """The ticker of a contract that has been subscribed at its exchange, if there is one.

        A contract that names no exchange finds that of any; one that names another, as those of positions do, finds
        the only ticker that there is of it.
        """
        return self.dispatcher.state.quotes.ticker(contract)

    def tickers(self) -> list[Ticker]:
        """The tickers of all contracts that are or were subscribed; not those of snapshots."""
        return list(self.dispatcher.state.quotes.tickers())

    def pendingTickers(self) -> list[Ticker]:
        """The tickers that changed with the newest data."""
        return list(self.dispatcher.state.quotes.pending())
