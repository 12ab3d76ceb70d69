"""Methods of `IB` that subscribe to quotes, or request them once, and that find tickers."""

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
"""Seconds of silence allowed for a snapshot. The server itself ends one after eleven."""


class MarketData(ApiGroup):
    """Quotes: subscriptions, snapshots and tickers."""

    @call_on_loop
    def reqMktData(
        self,
        contract: Contract,
        genericTickList: str = "",
        snapshot: bool = False,
        regulatorySnapshot: bool = False,
        mktDataOptions: list[TagValue] | None = None,
    ) -> Ticker:
        """Subscribe to the quotes of a contract, or request them once with `snapshot`. Returns their ticker.

        The ticker fills as ticks arrive. Its `status` shows whether the quotes are live, delayed or denied, and its
        `errorEvent` why. After a refusal, the next call requests the quotes again. If the same subscription is made
        twice, the server sees one, and it ends when it has been cancelled twice. An account has 100 market data lines,
        one for each subscription, unless it buys more.

        `genericTickList` requests further ticks by their numbers, as in `233,236`. With `mdoff` in it, bid, ask and
        last are left out:

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

        TWS takes 587, too. Snapshots have none of these, and delayed data only 101, 106, 165, 221, 232, 236 and 258.
        `regulatorySnapshot` requests the best bid and ask of all US exchanges, for a fee of 0.01 USD each.
        `mktDataOptions` are for IBKR's own use. Source: TWS API documentation, "Live Data" and "Generic Tick Types".
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
            if other.is_denied:  # the server may keep it nevertheless, and would send delayed quotes, for instance
                dispatcher.state.quotes.end(other)
                dispatcher.cancel(other)
        restored_by = ReqMarketDataType(data_type), request
        ticker = tickers.subscribe(dispatcher, kind, contract, request, cancel, terms, restored_by)
        ticker.genericTickList = generic
        return ticker

    @call_on_loop
    def cancelMktData(self, contract: Contract) -> bool:
        """End the newest subscription to the quotes of a contract at its exchange.

        Returns False, and logs it, if there is none.
        """
        subscription = self.dispatcher.state.quotes.subscribed(contract, Kind.QUOTES)
        if subscription is None:
            _log.warning("cancelMktData: No reqId found for contract %s", contract)
            return False
        tickers.unsubscribe(self.dispatcher, subscription)
        return True

    async def reqTickersAsync(self, *contracts: Contract, regulatorySnapshot: bool = False) -> list[Ticker]:
        """Return a snapshot of the quotes of each of the `contracts`, in tickers of their own. Can take 11 seconds.

        If the server refuses one, the `status` of its ticker is `denied` or `error`. `regulatorySnapshot` requests the
        best bid and ask of all US exchanges, for a fee of 0.01 USD each, at most once a second.

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
        """Choose, by `marketDataType`, the data that subscriptions made from now on bring.

        * 1: live data, for which the account must subscribe to the exchange's data. This is the default.
        * 2: frozen data: live data while the market is open, and the last ones before the close after that.
        * 3: delayed data: live where the account may have them, else those of 15 to 20 minutes ago, which are free.
        * 4: delayed and frozen data: delayed data while the market is open, and the last ones before the close after.

        The `marketDataType` and `status` of a ticker show what it gets. Delayed data come only as quotes and bars, not
        tick by tick and not as market depth. Source: TWS API documentation, "Market Data Type".
        """
        self.client.send_message(ReqMarketDataType(marketDataType))
        self.dispatcher.state.market_data_type = marketDataType

    @call_on_loop
    def watchSubscriptions(self, seconds: float = 60) -> None:
        """Have `silentEvent` emitted when a subscription to market data brings nothing for so many `seconds`.

        It emits (subscription, seconds of silence), once until something comes again, and only while the market of the
        contract is open: in its regular trading hours, which are asked for when it is silent for the first time. A
        contract whose hours are not known counts as always open. Quotes and ticks of one ticker are silent together.

        It holds for all subscriptions, and for later connections, too; 0 turns it off, as it is at first.
        """
        self.dispatcher.lines.start(float(seconds))

    def ticker(self, contract: Contract) -> Ticker | None:
        """Return the ticker of a contract, if its quotes were subscribed at its exchange.

        For a contract without an exchange, a ticker at any exchange is returned. If the contract names another exchange
        than the subscription, as contracts of positions do, the ticker is returned if there is only one.
        """
        return self.dispatcher.state.quotes.ticker(contract)

    def tickers(self) -> list[Ticker]:
        """Return the tickers of all contracts that are or were subscribed, without those of snapshots."""
        return list(self.dispatcher.state.quotes.tickers())

    def pendingTickers(self) -> list[Ticker]:
        """Return the tickers that the newest data have changed."""
        return list(self.dispatcher.state.quotes.pending())
