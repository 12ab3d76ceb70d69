"""How ticks, histograms, sessions and the beginning of history are asked for, and given up; not what they hold."""

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
    """Ask for history other than bars.

    Who stops waiting, by a timeout for instance, has the server stop as well where it can.
    """

    async def reqHeadTimeStampAsync(
        self, contract: Contract, whatToShow: str = "TRADES", useRTH: bool = True, formatDate: int = 1
    ) -> dt.date | dt.datetime | None:
        """When the data of a contract begins, in UTC; None when the server refuses.

        `whatToShow` is TRADES, MIDPOINT, BID, ASK ..., as for `reqHistoricalData`; `useRTH`: within regular trading
        hours. `formatDate` changes nothing. It counts as a request for bars: 60 in ten minutes at most.

        Source: TWS API documentation, "Finding Earliest Data".
        """
        reqId = self.client.next_id()
        request, cancel = ReqHeadTimeStamp(reqId, contract, whatToShow, useRTH, formatDate), CancelHeadTimeStamp(reqId)
        answer = await in_time(self, request, HISTORY, contract=contract, cancel=cancel)
        if not answer:
            return None
        self.dispatcher.withdraw(cancel)  # an answer does not end it at the server, which allows but few at a time
        return parseIBDatetime(answer[0].headTimestamp, dt.UTC)

    reqHeadTimeStamp = blocking(reqHeadTimeStampAsync)

    async def reqHistogramDataAsync(self, contract: Contract, useRTH: bool, period: str) -> list[HistogramData]:
        """How much of a contract was traded at each price over the last time; an empty list when the server refuses.

        `period` is a number with a unit, such as `3 days` or `1 week`. `useRTH` leaves out what was traded
        outside regular trading hours. Source: TWS API documentation, "Histogram Data".
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
        """Ticks of a contract in the past, of one trading session, to the second; empty when the server refuses.

        * `startDateTime` from which on, or `endDateTime` up to which; the other is empty. A datetime (naive: of this
          computer), a date (its end), or text: `20260402-13:30:00` in UTC, or `20260402 09:30:00 US/Eastern`.
        * `numberOfTicks`: at most 1000. More come, to complete the last second.
        * `whatToShow`: TRADES, BID_ASK or MIDPOINT. Forex has no trades, and gives its midpoints.
        * `useRth`: leave out what is outside regular trading hours.
        * `ignoreSize`: leave out bids and asks in which sizes alone changed.
        * `miscOptions`: for IBKR's own use.

        The server goes back three years at most, and has none of combinations.

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
        """The trading sessions of a contract in the last `numDays` days; None when the server refuses.

        `endDateTime` is that of `reqHistoricalData`; empty: now. `useRTH`: regular trading hours, else extended ones.
        There are none of options. Source: TWS API documentation, "Historical Schedule".
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
        """Give up `reqHeadTimeStamp`. Who waits for it gets CancelledError; so it is with the three below."""
        self._give_up(CancelHeadTimeStamp(reqId))

    @call_on_loop
    def cancelHistogramData(self, reqId: int) -> None:
        """Give up `reqHistogramData`."""
        self._give_up(CancelHistogramData(reqId))

    @call_on_loop
    def cancelHistoricalTicks(self, reqId: int) -> None:
        """Give up `reqHistoricalTicks`. A server that is older than such cancels goes on in vain."""
        self._give_up(CancelHistoricalTicks(reqId))

    @call_on_loop
    def cancelContractDetails(self, reqId: int) -> None:
        """Give up `reqContractDetails`. A server that is older than such cancels goes on in vain."""
        self._give_up(CancelContractData(reqId))

    def _give_up(self, cancel: Any) -> None:
        request = self.dispatcher.requests.get(cancel.reqId)
        if request is None:
            self.dispatcher.withdraw(cancel)
        else:
            request.future.cancel()  # whoever waits then sends the cancel
