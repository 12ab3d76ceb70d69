"""Methods of `IB` that subscribe to real-time bars, which have five seconds, and to tick-by-tick data."""

from ibdesk.client.api import tickers
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.logs import logger
from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire.messages.real_time_bars import CancelRealTimeBars, ReqRealTimeBars
from ibdesk.wire.messages.tick_by_tick import CancelTickByTickData, ReqTickByTickData

_log = logger("ibdesk.ib")

TICK_TYPES = (Kind.LAST, Kind.ALL_LAST, Kind.BID_ASK, Kind.MID_POINT)
"""The types of tick-by-tick data."""


class LiveData(ApiGroup):
    """Real-time bars and tick-by-tick data."""

    @call_on_loop
    def reqRealTimeBars(
        self,
        contract: Contract,
        barSize: int = 5,
        whatToShow: str = "TRADES",
        useRTH: bool = False,
        realTimeBarsOptions: list[TagValue] | None = None,
    ) -> RealTimeBarList:
        """Subscribe to bars of five seconds of a `contract`. The list that is returned grows; see its `updateEvent`.

        `barSize` must be 5. `whatToShow` is TRADES, MIDPOINT, BID or ASK. `useRTH` leaves out data from outside regular
        trading hours. `realTimeBarsOptions` are for IBKR's own use. The volume is -1 for bars that are not made of
        trades, and for forex. A subscription takes one of the account's market data lines. It also counts as a request
        for historical bars, of which there may be 60 in ten minutes.

        Source: TWS API documentation, "Real Time Bars".
        """
        bars = RealTimeBarList()
        bars.reqId = self.client.next_id()
        bars.contract = contract
        bars.barSize = barSize
        bars.whatToShow = whatToShow
        bars.useRTH = useRTH
        bars.realTimeBarsOptions = realTimeBarsOptions or []
        request = _request(bars)
        self.dispatcher.subscribe(
            Subscription(Kind.LIVE_BARS, request, CancelRealTimeBars(bars.reqId), bars, restored_by=(request,))
        )
        return bars

    @call_on_loop
    def cancelRealTimeBars(self, bars: RealTimeBarList | BarDataList) -> None:
        """End the subscription that returned `bars`. If there is none, or none any more, that is logged."""
        if not self.dispatcher.unsubscribe_target(bars):
            _log.warning("cancelRealTimeBars: These bars of %s are not subscribed", bars.contract)

    @call_on_loop
    def reqTickByTickData(
        self, contract: Contract, tickType: str, numberOfTicks: int = 0, ignoreSize: bool = False
    ) -> Ticker:
        """Subscribe to every tick of a contract. The ticker has new ones in `tickByTicks` while it emits `updateEvent`.

        * `tickType`, with capitals as here: `Last` for trades, `AllLast` for all trades, including those of
          combinations and derivatives and those at average prices, `BidAsk` for quotes, `MidPoint` for their midpoint.
        * `numberOfTicks`: begin with so many past ticks, up to 1000; 0 means none.
        * `ignoreSize`: leave out bids and asks where nothing but a size has changed.

        There are no such data for options, combinations and most indices, and no trades for forex. An account may have
        one such subscription per twenty market data lines, so 5 in most cases, and may subscribe to the same contract
        once in 15 seconds. If the same subscription is made twice, the server sees one, and it ends when it has been
        cancelled twice.

        Source: TWS API documentation, "Tick-by-Tick Data".
        """
        terms = (numberOfTicks, ignoreSize)
        if ticker := tickers.shared(self.dispatcher, tickType, contract, terms):
            return ticker
        reqId = self.client.next_id()
        request = ReqTickByTickData(reqId, contract, tickType, numberOfTicks, ignoreSize)
        # Past ticks are not requested again after the first time.
        restored_by = ReqTickByTickData(reqId, contract, tickType, 0, ignoreSize)
        cancel = CancelTickByTickData(reqId)
        return tickers.subscribe(self.dispatcher, tickType, contract, request, cancel, terms, (restored_by,))

    @call_on_loop
    def cancelTickByTickData(self, contract: Contract, tickType: str = "") -> bool:
        """End a subscription to tick-by-tick data of a contract, or, with an empty `tickType`, one of each type.

        Returns False, and logs it, if there is none.
        """
        found = False
        for kind in (tickType,) if tickType else TICK_TYPES:
            subscription = self.dispatcher.state.quotes.subscribed(contract, kind)
            if subscription is not None:
                found = True
                tickers.unsubscribe(self.dispatcher, subscription)
        if not found:
            _log.warning("cancelTickByTickData: No reqId found for contract %s, %s", contract, tickType or "any type")
        return found


def _request(bars: RealTimeBarList) -> ReqRealTimeBars:
    """Return the request for the bars that the list describes."""
    return ReqRealTimeBars(
        bars.reqId, bars.contract, bars.barSize, bars.whatToShow, bars.useRTH, bars.realTimeBarsOptions
    )
