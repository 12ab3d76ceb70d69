"""Methods of `IB` that request reports on companies, and the corporate calendar of Wall Street Horizon (WSH)."""

from typing import Any

from ibdesk.client.api.deadlines import REPORT, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.subscriptions import Kind, Subscription
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
    """Reports on companies, and the calendar of Wall Street Horizon.

    The server accepts one request of each kind for the calendar at a time. The `get...` methods wait for each other.
    """

    async def reqFundamentalDataAsync(
        self, contract: Contract, reportType: str, fundamentalDataOptions: list[TagValue] | None = None
    ) -> str:
        """Return a report on a company, given the `contract` of its stock, as XML. It is empty if the server refuses.

        TWS 10.47 no longer answers this request. `reportType` is one of these:

        * `ReportSnapshot`: an overview of the company
        * `ReportsFinSummary`: a summary of its finances
        * `ReportRatios`: financial ratios
        * `ReportsFinStatements`: financial statements
        * `ReportsOwnership`: its owners, which can be a long report
        * `RESC`: estimates of analysts
        * `CalendarReport`: coming events

        The account must subscribe to the data. Error 430 means that there is no such report. `fundamentalDataOptions`
        are for IBKR's own use. Source: TWS API documentation, "Fundamental Data".
        """
        reqId = self.client.next_id()
        request = fundamentals.ReqFundamentalData(reqId, contract, reportType, fundamentalDataOptions or [])
        cancel = fundamentals.CancelFundamentalData(reqId)
        answer = await in_time(self, request, REPORT, contract=contract, cancel=cancel)
        return answer[0].data if answer else ""

    reqFundamentalData = blocking(reqFundamentalDataAsync)

    @call_on_loop
    def reqWshMetaData(self) -> None:
        """Request the kinds of events and the filters that the calendar has. The answer comes by `wshMetaEvent`."""
        if self._is_free("reqWshMetaData", fundamentals.ReqWshMetaData):
            self._send(fundamentals.ReqWshMetaData(self.client.next_id()))

    @call_on_loop
    def cancelWshMetaData(self) -> None:
        """Cancel the request of `reqWshMetaData`. If there is none, that is logged."""
        if not self._end(fundamentals.ReqWshMetaData):
            _log.warning("reqWshMetaData not active")

    @call_on_loop
    def reqWshEventData(self, data: WshEventData) -> None:
        """Request events in the calendar, after `reqWshMetaData` has been answered. The answer comes by `wshEvent`.

        `data` chooses the events: those of one company by its `conId`, or those that match a `filter`, which is JSON
        with the kinds of events and filters that `reqWshMetaData` has brought.

        Source: TWS API documentation, "Wall Street Horizon".
        """
        if self._is_free("reqWshEventData", fundamentals.ReqWshEventData):
            self._send(fundamentals.ReqWshEventData(self.client.next_id(), data))

    @call_on_loop
    def cancelWshEventData(self) -> None:
        """Cancel the request of `reqWshEventData`. If there is none, that is logged."""
        if not self._end(fundamentals.ReqWshEventData):
            _log.warning("reqWshEventData not active")

    async def getWshMetaDataAsync(self) -> str:
        """Return the kinds of events and the filters that the calendar has, as JSON. Empty if the server refuses.

        The account must subscribe to the calendar. Source: TWS API documentation, "Wall Street Horizon".
        """
        async with self.dispatcher.lock(fundamentals.ReqWshMetaData):
            self._end(fundamentals.ReqWshMetaData)
            return await self._ask(fundamentals.ReqWshMetaData(self.client.next_id()))

    getWshMetaData = blocking(getWshMetaDataAsync)

    async def getWshEventDataAsync(self, data: WshEventData) -> str:
        """Return events in the calendar, at most 100, as JSON. The text is empty if the server refuses.

        `data` chooses the events: those of one company by its `conId`, or those that match a `filter`, which is JSON
        with the kinds of events and filters that `getWshMetaData` returns. TWS requires one call of that before this.
        The account must subscribe to the calendar. Source: TWS API documentation, "Wall Street Horizon".
        """
        async with self.dispatcher.lock(fundamentals.ReqWshEventData):
            self._end(fundamentals.ReqWshEventData)
            json = await self._ask(fundamentals.ReqWshEventData(self.client.next_id(), data))
            self._end(fundamentals.ReqWshEventData)
            return json

    getWshEventData = blocking(getWshEventDataAsync)

    def _is_free(self, name: str, kind: type) -> bool:
        active = bool(self.client.subscriptions.about(Kind.CALENDAR, kind))
        if active:
            _log.warning("%s already active", name)
        return not active

    def _subscription(self, request: Any, restored_by: tuple[Any, ...] = ()) -> Subscription:
        kind: type = type(request)
        cancel = _CANCELS[kind](request.reqId)
        return Subscription(Kind.CALENDAR, request, cancel, subject=kind, restored_by=restored_by)

    def _send(self, request: Any) -> None:
        self.dispatcher.subscribe(self._subscription(request, (request,)))

    def _end(self, kind: type) -> bool:
        """Cancel the active request of a kind, whose caller gets nothing. Returns whether there was one."""
        for subscription in self.client.subscriptions.about(Kind.CALENDAR, kind):
            self.dispatcher.requests.finish(subscription.key)
            self.dispatcher.give_up(subscription)
            return True
        return False

    async def _ask(self, request: Any) -> str:
        """Send a request to the calendar, and return the answer, or an empty text. Without one the request is ended."""
        answer: list[Any] = []
        try:
            answer = await in_time(self, request, REPORT, subscription=self._subscription(request))
        finally:
            if not answer:
                self._end(type(request))
        return answer[0].dataJson if answer else ""
