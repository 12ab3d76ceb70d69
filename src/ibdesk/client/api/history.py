"""How bars are asked for and kept up to date; not what they hold."""

import asyncio
import datetime as dt
import logging

from ibdesk.client.api.group import ApiGroup, on_loop
from ibdesk.client.bar_requests import past_bars
from ibdesk.client.blocking import blocking
from ibdesk.client.mirror.bar_lists import BarDataList, RealTimeBarList
from ibdesk.errors import RequestTimeout
from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire.messages.history import CancelHistoricalData

_log = logging.getLogger("ibdesk.ib")


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
        """Bars of a contract, oldest first, ending at `endDateTime` (empty: now).

        `durationStr` is like `1 D`, `barSizeSetting` like `5 mins`, `whatToShow` one of TRADES, MIDPOINT, BID, ASK,
        BID_ASK ... `formatDate`: 1 in the exchange's time zone, 2 in UTC. With `keepUpToDate` the list goes on
        growing; see its `updateEvent`. The list is empty when the server refuses, or takes more than `timeout` seconds;
        with `IB(strict=True)` both raise.

        Source: TWS API documentation, "Historical Bars".
        """
        bars = BarDataList()
        bars.reqId = self.client.getReqId()
        bars.contract = contract
        bars.endDateTime = endDateTime
        bars.durationStr = durationStr
        bars.barSizeSetting = barSizeSetting
        bars.whatToShow = whatToShow
        bars.useRTH = useRTH
        bars.formatDate = formatDate
        bars.keepUpToDate = keepUpToDate
        bars.chartOptions = chartOptions or []
        request = past_bars(bars)
        self.session.bars[bars.reqId] = bars
        goes_on = False
        try:
            waiting = self.session.ask(request, contract, bars, cancel=CancelHistoricalData(bars.reqId))
            await asyncio.wait_for(waiting, timeout or None)
            goes_on = keepUpToDate
        except TimeoutError:
            if self.strict:
                raise RequestTimeout(repr(request), timeout) from None
            _log.warning("reqHistoricalData: Timeout for %s", contract)
            bars.clear()
        finally:
            if not goes_on:
                self.session.bars.pop(bars.reqId, None)
        return bars

    reqHistoricalData = blocking(reqHistoricalDataAsync)

    @on_loop
    def cancelHistoricalData(self, bars: BarDataList) -> None:
        """End the updates of bars that are kept up to date. Logged, when they are not."""
        if self.session.bars.pop(bars.reqId, None) is None:
            _log.warning("cancelHistoricalData: These bars of %s are not kept up to date", bars.contract)
        else:
            self.client.send(CancelHistoricalData(bars.reqId))

    def realtimeBars(self) -> list[BarDataList | RealTimeBarList]:
        """The bars that are kept up to date now."""
        return list(self.session.bars.values())
