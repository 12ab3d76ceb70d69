"""How reports on fundamentals and the calendar of Wall Street Horizon are asked for; not what is in them."""

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
    """Read about fundamentals.

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
        answer = await in_time(self, request, REPORT, contract=contract, cancel=cancel)
        return answer[0].data if answer else ""

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
        """Ask for events of fundamentals, after `reqWshMetaData`. See `wshEvent`.

        `data` says which: those of a `conId`, or of the fundamentals that a `filter` names, as JSON made of what
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
        async with self.dispatcher.lock(fundamentals.ReqWshMetaData):
            self._end(fundamentals.ReqWshMetaData)
            return await self._ask(fundamentals.ReqWshMetaData(self.client.next_id()))

    getWshMetaData = blocking(getWshMetaDataAsync)

    async def getWshEventDataAsync(self, data: WshEventData) -> str:
        """Events of a company, or of those that a filter names, as JSON; empty when the server refuses.

        `data` says which: those of a `conId`, or of the fundamentals that a `filter` names, as JSON made of what
        `getWshMetaData` tells, which TWS wants to be asked once before. It gives 100 events at most, and needs a
        subscription to the calendar. Source: TWS API documentation, "Wall Street Horizon".
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

    def _subscription(self, request: Any) -> Subscription:
        kind: type = type(request)
        return Subscription(Kind.CALENDAR, request, _CANCELS[kind](request.reqId), subject=kind)

    def _send(self, request: Any) -> None:
        self.dispatcher.subscribe(self._subscription(request))

    def _end(self, kind: type) -> bool:
        """Cancel the active request of a kind, if there is one. Who waits for it gets nothing."""
        for subscription in self.client.subscriptions.about(Kind.CALENDAR, kind):
            self.client.subscriptions.end(subscription.key)
            self.dispatcher.requests.finish(subscription.key)
            self.dispatcher.withdraw(subscription.cancel)
            return True
        return False

    async def _ask(self, request: Any) -> str:
        """Ask the calendar. One that answers nothing is not left active at the server."""
        answer: list[Any] = []
        try:
            answer = await in_time(self, request, REPORT, subscription=self._subscription(request))
        finally:
            if not answer:
                self._end(type(request))
        return answer[0].dataJson if answer else ""
