"""How bars of five seconds and tick-by-tick data are subscribed and ended; not what they hold."""

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
    """Subscribe to real-time bars and to every tick."""

    @call_on_loop
    def reqRealTimeBars(
        self,
        contract: Contract,
        barSize: int = 5,
        whatToShow: str = "TRADES",
        useRTH: bool = False,
        realTimeBarsOptions: list[TagValue] | None = None,
    ) -> RealTimeBarList:
        """Subscribe to bars of a contract of five seconds; see the `updateEvent` of the list. `barSize` must be 5.

        `whatToShow` is TRADES, MIDPOINT, BID or ASK. `useRTH` leaves out what is outside regular trading hours.
        `realTimeBarsOptions`: for IBKR's own use. Where there are no trades, as in quotes and forex, the volume is -1.
        A subscription takes one of the account's lines of data, and counts as a request for bars of the past: 60 in
        ten minutes at most.

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
        """End the subscription that `bars` came from. Logged, when it ended before, or when they are other bars."""
        subscription = self.client.subscriptions.get(bars.reqId)
        if subscription is None or subscription.kind is not Kind.LIVE_BARS:
            _log.warning("cancelRealTimeBars: These bars of %s are not subscribed", bars.contract)
        else:
            self.dispatcher.unsubscribe(subscription)

    @call_on_loop
    def reqTickByTickData(
        self, contract: Contract, tickType: str, numberOfTicks: int = 0, ignoreSize: bool = False
    ) -> Ticker:
        """Subscribe to every tick of a contract; they are in `tickByTicks` of the ticker while it emits `updateEvent`.

        * `tickType`, with capitals as here: `Last` trades, `AllLast` also those of combinations and derivatives and at
          average prices, `BidAsk` quotes, `MidPoint` their middle.
        * `numberOfTicks`: so many ticks of the past come first, up to 1000; 0: none.
        * `ignoreSize`: leave out bids and asks in which sizes alone changed.

        There are none of options and combinations, of most indices, nor trades in forex. An account has one such
        subscription for each twenty of its lines of data, 5 mostly, and may make one for the same contract in
        15 seconds. The same subscription made twice is one at the server, and ends when it was cancelled twice.

        Source: TWS API documentation, "Tick-by-Tick Data".
        """
        terms = (numberOfTicks, ignoreSize)
        if ticker := tickers.shared(self.dispatcher, tickType, contract, terms):
            return ticker
        reqId = self.client.next_id()
        request = ReqTickByTickData(reqId, contract, tickType, numberOfTicks, ignoreSize)
        # The ticks of the past came once, and are not asked for again.
        restored_by = ReqTickByTickData(reqId, contract, tickType, 0, ignoreSize)
        cancel = CancelTickByTickData(reqId)
        return tickers.subscribe(self.dispatcher, tickType, contract, request, cancel, terms, (restored_by,))

    @call_on_loop
    def cancelTickByTickData(self, contract: Contract, tickType: str = "") -> bool:
        """End a subscription to tick-by-tick data of a contract; with an empty `tickType`, one of every type there is.

        False, and logged, when there is none.
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
    """Build the request for the bars that the list describes."""
    return ReqRealTimeBars(
        bars.reqId, bars.contract, bars.barSize, bars.whatToShow, bars.useRTH, bars.realTimeBarsOptions
    )
