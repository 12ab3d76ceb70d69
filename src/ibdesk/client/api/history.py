"""How bars are asked for and kept up to date; not what they hold."""

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
    """Ask for bars."""

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
        """Bars of a contract, oldest first.

        * `endDateTime`: a datetime (naive: of this computer), a date (its end), or text: `20260402-19:30:00` in UTC, or
          `20260402 15:30:00 US/Eastern`. Empty is now; so it must be for `keepUpToDate`, ADJUSTED_LAST and
          continuous futures.
        * `durationStr`: a number, a blank and a unit: `S` seconds (30 to 86400), `D` days (to 365), `W` weeks (to 52),
          `M` months (to 12), `Y` years.
        * `barSizeSetting`: 1 secs, 5 secs, 10 secs, 15 secs, 30 secs, 1 min, 2 mins, 3 mins, 4 mins (since TWS 10.44),
          5 mins, 10 mins, 15 mins, 20 mins, 30 mins, 1 hour, 2 hours, 3 hours, 4 hours, 8 hours, 1 day, 1 week,
          1 month, 3 months or 1 year. The shortest are 1 secs for a duration in S (and up to 2000 S), 5 secs in D,
          10 secs in W, 30 secs in M and 1 min in Y.
        * `whatToShow`: TRADES (adjusted for splits; not of forex), ADJUSTED_LAST (for dividends too; up to days),
          AGGTRADES (of crypto, in place of TRADES), BID, ASK, MIDPOINT (not of indices), BID_ASK (opens with the mean
          bid, closes with the mean ask, from the lowest bid to the highest ask), HISTORICAL_VOLATILITY and
          OPTION_IMPLIED_VOLATILITY (stocks, indices), FEE_RATE (to borrow a stock), YIELD_BID, YIELD_ASK,
          YIELD_BID_ASK, YIELD_LAST and YIELD_MARK (bonds), NAV_LAST or INDICATIVE_AUCTION_PRICE_SIZE. SCHEDULE is for
          `reqHistoricalSchedule`. TWS refuses REBATE_RATE, which older documentation has.
        * `useRTH`: leave out what is outside regular trading hours.
        * `formatDate`: times are in the exchange's zone (1) or in UTC (2). Bars of a day and longer have dates.
        * `keepUpToDate`: the list goes on growing, a change every 5 seconds; see its `updateEvent`. For TRADES,
          MIDPOINT, BID and ASK, and no combinations.
        * `chartOptions`: for IBKR's own use.

        The list is empty when the server refuses, or has not answered in `timeout` seconds (0: no limit); with
        `IB(strict=True)` both raise.

        Of bars up to 30 secs the same request within 15 seconds, six of one contract within 2, or over 60 in ten
        minutes are too many (162); BID_ASK counts twice. 50 requests may be open. There are no bars up to 30 secs
        older than six months, none of expired options, and none of futures that expired over two years ago.

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
        """Ask for the bars that the list describes."""
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
                self.client.subscriptions.end(bars.reqId)
        return bars

    reqHistoricalData = blocking(reqHistoricalDataAsync)

    @call_on_loop
    def cancelHistoricalData(self, bars: BarDataList) -> None:
        """End the updates of `bars` that `reqHistoricalData` keeps up to date. Logged, when it does not."""
        subscription = self.client.subscriptions.get(bars.reqId)
        if subscription is None or subscription.kind not in (Kind.BARS, Kind.LIVE_BARS):
            _log.warning("cancelHistoricalData: These bars of %s are not kept up to date", bars.contract)
        else:
            self.dispatcher.unsubscribe(subscription)

    def realtimeBars(self) -> list[BarDataList | RealTimeBarList]:
        """The bars that are kept up to date now."""
        return [one.target for one in self.client.subscriptions.of(Kind.BARS, Kind.LIVE_BARS)]


def _request(bars: BarDataList) -> ReqHistoricalData:
    """Build the request for the bars that the list describes."""
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
