"""How reports on companies and the calendar of Wall Street Horizon are asked for; not what is in them."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

from ibdesk.client.api.deadlines import REPORT, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.logs import logger
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.reference import WshEventData
from ibdesk.wire.messages import fundamentals

_log = logger("ibdesk.ib")

_CANCELS = {
    fundamentals.ReqWshMetaData: fundamentals.CancelWshMetaData,
    fundamentals.ReqWshEventData: fundamentals.CancelWshEventData,
}


class Fundamentals(ApiGroup):
    """Read about companies.

    Of each kind of request to the calendar the server takes one at a time: the `get...` methods wait for their turn.
    """

    async def reqFundamentalDataAsync(
        self, contract: Contract, reportType: str, fundamentalDataOptions: list[TagValue] | None = None
    ) -> str:
        """A report on a company, named by the `contract` of its stock, as XML; empty when the server refuses.

        TWS 10.47 answers it no more. `reportType`:

        * `ReportSnapshot`: overview of the company
        * `ReportsFinSummary`: summary of its finances
        * `ReportRatios`: ratios
        * `ReportsFinStatements`: financial statements
        * `ReportsOwnership`: who owns it; it can be long
        * `RESC`: estimates of analysts
        * `CalendarReport`: events to come

        `fundamentalDataOptions`: for IBKR's own use. It needs a subscription to the data, and 430 tells that there is
        no such report. Source: TWS API documentation, "Fundamental Data".
        """
        reqId = self.client.next_id()
        request = fundamentals.ReqFundamentalData(reqId, contract, reportType, fundamentalDataOptions or [])
        cancel = fundamentals.CancelFundamentalData(reqId)
        xml: str = await in_time(self, request, REPORT, results="", contract=contract, cancel=cancel)
        return xml

    reqFundamentalData = blocking(reqFundamentalDataAsync)

    @call_on_loop
    def reqWshMetaData(self) -> None:
        """Ask which kinds of events and filters the calendar has. See `wshMetaEvent`."""
        if self._is_free("reqWshMetaData", fundamentals.ReqWshMetaData):
            self._send(fundamentals.ReqWshMetaData(self.client.next_id()))

    @call_on_loop
    def cancelWshMetaData(self) -> None:
        """End a request for the kinds of events. It is logged when there is none."""
        if not self._end(fundamentals.ReqWshMetaData):
            _log.warning("reqWshMetaData not active")

    @call_on_loop
    def reqWshEventData(self, data: WshEventData) -> None:
        """Ask for events of companies, after `reqWshMetaData`. See `wshEvent`.

        `data` says which: those of a `conId`, or of the companies that a `filter` names, as JSON made of what
        `reqWshMetaData` tells. Source: TWS API documentation, "Wall Street Horizon".
        """
        if self._is_free("reqWshEventData", fundamentals.ReqWshEventData):
            self._send(fundamentals.ReqWshEventData(self.client.next_id(), data))

    @call_on_loop
    def cancelWshEventData(self) -> None:
        """End a request for events. It is logged when there is none."""
        if not self._end(fundamentals.ReqWshEventData):
            _log.warning("reqWshEventData not active")

    async def getWshMetaDataAsync(self) -> str:
        """The kinds of events and filters that the calendar has, as JSON; empty when the server refuses.

        It needs a subscription to the calendar. Source: TWS API documentation, "Wall Street Horizon".
        """
        async with self._turn(fundamentals.ReqWshMetaData):
            self._end(fundamentals.ReqWshMetaData)
            return await self._ask(fundamentals.ReqWshMetaData(self.client.next_id()))

    getWshMetaData = blocking(getWshMetaDataAsync)

    async def getWshEventDataAsync(self, data: WshEventData) -> str:
        """Events of a company, or of those that a filter names, as JSON; empty when the server refuses.

        `data` says which: those of a `conId`, or of the companies that a `filter` names, as JSON made of what
        `getWshMetaData` tells, which TWS wants to be asked once before. It gives 100 events at most, and needs a
        subscription to the calendar. Source: TWS API documentation, "Wall Street Horizon".
        """
        async with self._turn(fundamentals.ReqWshEventData):
            self._end(fundamentals.ReqWshEventData)
            json = await self._ask(fundamentals.ReqWshEventData(self.client.next_id(), data))
            self._end(fundamentals.ReqWshEventData)
            return json

    getWshEventData = blocking(getWshEventDataAsync)

    def _is_free(self, name: str, kind: type) -> bool:
        active = kind in self.session.followed.calendar
        if active:
            _log.warning("%s already active", name)
        return not active

    def _send(self, request: Any) -> None:
        self.client.send_message(request)
        self.session.followed.calendar[type(request)] = request.reqId

    def _end(self, kind: type) -> bool:
        """Cancel the active request of a kind, if there is one. Who waits for it gets nothing."""
        active = self.session.followed.calendar.pop(kind, None)
        if active is None:
            return False
        self.session.requests.finish(active)
        self.session.withdraw(_CANCELS[kind](active))
        return True

    def _turn(self, kind: type) -> AbstractAsyncContextManager[Any]:
        return self.session.followed.turns.setdefault(kind, asyncio.Lock())

    async def _ask(self, request: Any) -> str:
        json: str = ""
        self.session.followed.calendar[type(request)] = request.reqId
        try:
            json = await in_time(self, request, REPORT, results="")
        finally:
            if not json:
                self._end(type(request))
        return json
