"""Methods of `IB` that request historical bars, and keep them up to date."""

import asyncio
import datetime as dt

from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.errors import RequestTimeout
from ibdesk.logs import logger
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.times import formatIBDatetime
from ibdesk.wire.messages.history import CancelHistoricalData, ReqHistoricalData

_log = logger("ibdesk.ib")


class History(ApiGroup):
    """Historical bars."""

    async def reqHistoricalDataAsync(
        self,
        contract: Contract,
        endDateTime: dt.datetime | dt.date | str | None = "",
        durationStr: str = "1 D",
        barSizeSetting: str = "1 hour",
        whatToShow: str = "TRADES",
        useRTH: bool = True,
        formatDate: int = 1,
        keepUpToDate: bool = False,
        chartOptions: list[TagValue] | None = None,
        timeout: float = 60,
    ) -> BarDataList:
        """Return bars of a contract, oldest first.

        * `endDateTime`: where the bars end. It is a datetime (if naive, in the time zone of this computer), a date (the
          end of that day), or a text: `20260402-19:30:00` in UTC, or `20260402 15:30:00 US/Eastern`. Empty means now,
          which is required for `keepUpToDate`, ADJUSTED_LAST and continuous futures.
        * `durationStr`: the time that the bars cover, as a number, a blank and a unit: `S` seconds (30 to 86400), `D`
          days (to 365), `W` weeks (to 52), `M` months (to 12), `Y` years.
        * `barSizeSetting`: the length of a bar: 1 secs, 5 secs, 10 secs, 15 secs, 30 secs, 1 min, 2 mins, 3 mins,
          4 mins (since TWS 10.44), 5 mins, 10 mins, 15 mins, 20 mins, 30 mins, 1 hour, 2 hours, 3 hours, 4 hours,
          8 hours, 1 day, 1 week, 1 month, 3 months or 1 year. The shortest are 1 secs for a duration in S (and up to
          2000 S), 5 secs in D, 10 secs in W, 30 secs in M and 1 min in Y.
        * `whatToShow`: what the bars are made of. It is TRADES (adjusted for splits; not for forex), ADJUSTED_LAST
          (adjusted for dividends, too; only for bars up to days), AGGTRADES (for crypto, in place of TRADES), BID, ASK,
          MIDPOINT (these not for indices), BID_ASK (the open is the average bid, the close the average ask, the high
          the highest ask and the low the lowest bid), HISTORICAL_VOLATILITY and OPTION_IMPLIED_VOLATILITY (for stocks
          and indices), FEE_RATE (for borrowing a stock), YIELD_BID, YIELD_ASK, YIELD_BID_ASK, YIELD_LAST and YIELD_MARK
          (for bonds), NAV_LAST or INDICATIVE_AUCTION_PRICE_SIZE. SCHEDULE is for `reqHistoricalSchedule`. TWS refuses
          REBATE_RATE, which older documentation lists.
        * `useRTH`: leave out data from outside regular trading hours.
        * `formatDate`: 1 for times in the exchange's time zone, 2 for UTC. Bars of a day and longer have dates.
        * `keepUpToDate`: the list is kept up to date, with a change every 5 seconds; see its `updateEvent`. This works
          for TRADES, MIDPOINT, BID and ASK, but not for combinations.
        * `chartOptions`: for IBKR's own use.
        * `timeout`: how many seconds to wait for the answer; 0 means no limit.

        The list is empty if the server refuses or the time runs out. With `IB(strict=True)` both raise.

        For bars up to 30 secs the server limits requests (error 162): no two that are the same within 15 seconds, fewer
        than six for one contract within 2 seconds, and at most 60 in ten minutes, where BID_ASK counts twice. At most
        50 requests may be open. There are no bars up to 30 secs older than six months, no bars of expired options, and
        no bars of futures that expired more than two years ago.

        Source: TWS API documentation, "Historical Bars" and "Historical Data Limitations".
        """
        bars = BarDataList()
        bars.reqId = self.client.next_id()
        bars.contract = contract
        bars.endDateTime = endDateTime
        bars.durationStr = durationStr
        bars.barSizeSetting = barSizeSetting
        bars.whatToShow = whatToShow
        bars.useRTH = useRTH
        bars.formatDate = formatDate
        bars.keepUpToDate = keepUpToDate
        bars.chartOptions = chartOptions or []
        return await self._fill(bars, timeout)

    async def _fill(self, bars: BarDataList, timeout: float) -> BarDataList:
        """Request the bars that the list describes, and wait until they are in it."""
        # It is a subscription even if the list is not kept up to date: so the handler finds the list by the reqId.
        request, cancel = _request(bars), CancelHistoricalData(bars.reqId)
        restored_by = (request,) if bars.keepUpToDate else ()
        subscription = Subscription(Kind.BARS, request, cancel, bars, restored_by=restored_by)
        goes_on = False
        try:
            waiting = self.dispatcher.ask(request, bars.contract, bars, cancel=cancel, subscription=subscription)
            await asyncio.wait_for(waiting, timeout or None)
            goes_on = bars.keepUpToDate
        except TimeoutError:
            if self.strict:
                raise RequestTimeout(repr(request), timeout) from None
            bars.clear()
            _log.warning("reqHistoricalData: Timeout for %s", bars.contract)
        finally:
            if not goes_on:
                self.client.subscriptions.end(subscription.key)
        return bars

    reqHistoricalData = blocking(reqHistoricalDataAsync)

    @call_on_loop
    def cancelHistoricalData(self, bars: BarDataList) -> None:
        """End the updates of `bars` that `reqHistoricalData` keeps up to date. If they are not, that is logged."""
        if not self.dispatcher.unsubscribe_target(bars):
            _log.warning("cancelHistoricalData: These bars of %s are not kept up to date", bars.contract)

    def realtimeBars(self) -> list[BarDataList | RealTimeBarList]:
        """Return the lists of bars that are being kept up to date: historical and real-time bars."""
        return [one.target for one in self.client.subscriptions.of(Kind.BARS, Kind.LIVE_BARS)]


def _request(bars: BarDataList) -> ReqHistoricalData:
    """Return the request for the bars that the list describes."""
    return ReqHistoricalData(
        bars.reqId,
        bars.contract,
        formatIBDatetime(bars.endDateTime),
        bars.durationStr,
        bars.barSizeSetting,
        bars.whatToShow,
        bars.useRTH,
        bars.formatDate,
        bars.keepUpToDate,
        bars.chartOptions,
    )
