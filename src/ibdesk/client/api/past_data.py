"""Methods of `IB` that request historical data other than bars: ticks, histograms, trading sessions, earliest data."""

import datetime as dt
from typing import Any

from ibdesk.client.api.deadlines import HISTORY, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.past_ticks import PastTick, histogram, past_ticks
from ibdesk.model.bars import HistogramData, HistoricalSchedule
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.times import formatIBDatetime, parseIBDatetime
from ibdesk.wire.messages.bonds import CancelContractData
from ibdesk.wire.messages.historical_ticks import CancelHistoricalTicks, ReqHistoricalTicks
from ibdesk.wire.messages.history import CancelHistoricalData, ReqHistoricalData
from ibdesk.wire.messages.history_summaries import (
    CancelHeadTimeStamp,
    CancelHistogramData,
    ReqHeadTimeStamp,
    ReqHistogramData,
)


class PastData(ApiGroup):
    """Historical data other than bars.

    When a call stops waiting, because of a timeout for instance, the request is cancelled at the server where possible.
    """

    async def reqHeadTimeStampAsync(
        self, contract: Contract, whatToShow: str = "TRADES", useRTH: bool = True, formatDate: int = 1
    ) -> dt.date | dt.datetime | None:
        """Return when the historical data of a contract begins, in UTC, or None if the server refuses.

        `whatToShow` is TRADES, MIDPOINT, BID, ASK ..., as for `reqHistoricalData`. With `useRTH`, only data from
        regular trading hours count. `formatDate` has no effect. The request counts as one for bars, of which there may
        be 60 in ten minutes.

        Source: TWS API documentation, "Finding Earliest Data".
        """
        reqId = self.client.next_id()
        request, cancel = ReqHeadTimeStamp(reqId, contract, whatToShow, useRTH, formatDate), CancelHeadTimeStamp(reqId)
        answer = await in_time(self, request, HISTORY, contract=contract, cancel=cancel)
        if not answer:
            return None
        self.dispatcher.withdraw(cancel)  # the server does not end it after the answer, and allows only a few at a time
        return parseIBDatetime(answer[0].headTimestamp, dt.UTC)

    reqHeadTimeStamp = blocking(reqHeadTimeStampAsync)

    async def reqHistogramDataAsync(self, contract: Contract, useRTH: bool, period: str) -> list[HistogramData]:
        """Return how much of a contract was traded at each price recently. The list is empty if the server refuses.

        `period` is the time up to now, as a number and a unit: `3 days` or `1 week`. `useRTH` leaves out what was
        traded outside regular trading hours. Source: TWS API documentation, "Histogram Data".
        """
        reqId = self.client.next_id()
        request, cancel = ReqHistogramData(reqId, contract, useRTH, period), CancelHistogramData(reqId)
        answer = await in_time(self, request, HISTORY, contract=contract, cancel=cancel)
        return histogram(entry for message in answer for entry in message.items)

    reqHistogramData = blocking(reqHistogramDataAsync)

    async def reqHistoricalTicksAsync(
        self,
        contract: Contract,
        startDateTime: str | dt.date,
        endDateTime: str | dt.date,
        numberOfTicks: int = 1000,
        whatToShow: str = "TRADES",
        useRth: bool = True,
        ignoreSize: bool = False,
        miscOptions: list[TagValue] | None = None,
    ) -> list[PastTick]:
        """Return past ticks of a contract, of one trading session, with times in whole seconds.

        * `startDateTime` or `endDateTime`: the time of the first tick, or of the last one; leave the other empty. It is
          a datetime (if naive, in the time zone of this computer), a date (the end of that day), or a text:
          `20260402-13:30:00` in UTC, or `20260402 09:30:00 US/Eastern`.
        * `numberOfTicks`: at most 1000. The server adds more if that is needed to complete the last second.
        * `whatToShow`: TRADES, BID_ASK or MIDPOINT. Forex has no trades, and gives midpoints in their place.
        * `useRth`: leave out ticks from outside regular trading hours.
        * `ignoreSize`: leave out bids and asks where nothing but a size has changed.
        * `miscOptions`: for IBKR's own use.

        The list is empty if the server refuses. There are ticks of the last three years at most, and none of
        combinations.

        Source: TWS API documentation, "Historical Time & Sales".
        """
        reqId = self.client.next_id()
        request = ReqHistoricalTicks(
            reqId,
            contract,
            formatIBDatetime(startDateTime),
            formatIBDatetime(endDateTime),
            numberOfTicks,
            whatToShow,
            useRth,
            ignoreSize,
            miscOptions or [],
        )
        cancel = CancelHistoricalTicks(reqId)
        answer = await in_time(self, request, HISTORY, contract=contract, cancel=cancel)
        zone = self.dispatcher.state.defaults.timezone
        return [tick for message in answer for tick in past_ticks(message, zone)]

    reqHistoricalTicks = blocking(reqHistoricalTicksAsync)

    async def reqHistoricalScheduleAsync(
        self,
        contract: Contract,
        numDays: int = 1,
        endDateTime: dt.datetime | dt.date | str | None = "",
        useRTH: bool = True,
    ) -> HistoricalSchedule | None:
        """Return the trading sessions of a contract in the last `numDays` days, or None if the server refuses.

        `endDateTime` is given as in `reqHistoricalData`; empty means now. The sessions are the regular trading hours,
        or with `useRTH=False` the extended ones. There are none for options.

        Source: TWS API documentation, "Historical Schedule".
        """
        reqId = self.client.next_id()
        end = formatIBDatetime(endDateTime)
        request = ReqHistoricalData(reqId, contract, end, f"{numDays} D", "1 day", "SCHEDULE", useRTH)
        for told in await in_time(self, request, HISTORY, contract=contract, cancel=CancelHistoricalData(reqId)):
            return HistoricalSchedule(told.startDateTime, told.endDateTime, told.timeZone, told.sessions)
        return None

    reqHistoricalSchedule = blocking(reqHistoricalScheduleAsync)

    @call_on_loop
    def cancelHeadTimeStamp(self, reqId: int) -> None:
        """Cancel the request of `reqHeadTimeStamp` with this `reqId`. The call that waits raises CancelledError."""
        self._cancel(CancelHeadTimeStamp(reqId))

    @call_on_loop
    def cancelHistogramData(self, reqId: int) -> None:
        """Cancel the request of `reqHistogramData` with this `reqId`. The call that waits raises CancelledError."""
        self._cancel(CancelHistogramData(reqId))

    @call_on_loop
    def cancelHistoricalTicks(self, reqId: int) -> None:
        """Cancel the request of `reqHistoricalTicks` with this `reqId`. The call that waits raises CancelledError.

        A server that is too old for such a message is not told, and sends its answer in vain.
        """
        self._cancel(CancelHistoricalTicks(reqId))

    @call_on_loop
    def cancelContractDetails(self, reqId: int) -> None:
        """Cancel the request of `reqContractDetails` with this `reqId`. The call that waits raises CancelledError.

        A server that is too old for such a message is not told, and sends its answer in vain.
        """
        self._cancel(CancelContractData(reqId))

    def _cancel(self, cancel: Any) -> None:
        request = self.dispatcher.requests.get(cancel.reqId)
        if request is None:
            self.dispatcher.withdraw(cancel)
        else:
            request.future.cancel()  # the call that waits for it then sends the message
