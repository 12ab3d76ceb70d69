"""How bars of five seconds and tick-by-tick data are subscribed and ended; not what they hold."""

from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.bar_requests import live_bars
from ibdesk.client.mirror.bar_lists import BarDataList, RealTimeBarList
from ibdesk.client.mirror.ticker import Ticker
from ibdesk.logs import logger
from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire.messages.real_time_bars import CancelRealTimeBars
from ibdesk.wire.messages.tick_by_tick import CancelTickByTickData, ReqTickByTickData

_log = logger("ibdesk.ib")

TICK_TYPES = ("Last", "AllLast", "BidAsk", "MidPoint")
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
        self.client.send_message(live_bars(bars))
        self.session.bars[bars.reqId] = bars
        return bars

    @call_on_loop
    def cancelRealTimeBars(self, bars: RealTimeBarList | BarDataList) -> None:
        """End the subscription that `bars` came from. Logged, when it ended before, or when they are other bars."""
        if not isinstance(bars, RealTimeBarList) or self.session.bars.pop(bars.reqId, None) is None:
            _log.warning("cancelRealTimeBars: These bars of %s are not subscribed", bars.contract)
        else:
            self.client.send_message(CancelRealTimeBars(bars.reqId))

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
        quotes = self.session.quotes
        terms = (numberOfTicks, ignoreSize)
        if shared := quotes.join(contract, tickType, terms):
            return shared
        reqId = self.client.next_id()
        self.client.send_message(ReqTickByTickData(reqId, contract, tickType, numberOfTicks, ignoreSize))
        return quotes.start_ticker(reqId, contract, tickType, terms)

    @call_on_loop
    def cancelTickByTickData(self, contract: Contract, tickType: str = "") -> bool:
        """End a subscription to tick-by-tick data of a contract; with an empty `tickType`, one of every type there is.

        False, and logged, when there is none.
        """
        found = False
        for kind in (tickType,) if tickType else TICK_TYPES:
            reqId = self.session.quotes.end_ticker(contract, kind)
            found = found or reqId is not None
            if reqId:
                self.client.send_message(CancelTickByTickData(reqId))
        if not found:
            _log.warning("cancelTickByTickData: No reqId found for contract %s, %s", contract, tickType or "any type")
        return found
