"""Answers with the rows of market scans, now and every half minute.

Every answer has all rows, as at TWS. The half minute is one of the gateway's time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ibdesk import codes
from ibdesk.wire.messages.scanner import (
    CancelScannerSubscription,
    ReqScannerParameters,
    ReqScannerSubscription,
    ScannerData,
    ScannerParameters,
    ScannerQuery,
    ScannerRow,
)

from ..client import Client
from ..instruments import Refusal
from ..scanner import parameters, scan
from .group import SubscriptionHandlers, answers

INTERVAL = timedelta(seconds=30)
"""The time between two looks at a scan."""

MAX_SCANS = 10
"""The scans that a client may have at a time."""

TAG = "co"
NOT_FOUND, CANCELLED, NOTHING = 365, 162, 165


@dataclass(eq=False)
class Watch:
    """A subscription to a scan; `due` is when its rows are sent again."""

    client: Client
    reqId: int
    query: ScannerQuery
    due: datetime


class ScannerHandlers(SubscriptionHandlers[Watch]):
    """Every subscription to a scan."""

    def advance(self) -> None:
        """Send the rows that are due."""
        for watch in self._open.values():
            if watch.due <= self._broker.now and not watch.client.is_congested:
                self._tell(watch, self._rows(watch.query))

    @answers(ReqScannerParameters)
    def _parameters(self, client: Client, request: ReqScannerParameters) -> None:
        client.send(ScannerParameters(parameters()))

    @answers(ReqScannerSubscription)
    def _subscribe(self, client: Client, request: ReqScannerSubscription) -> None:
        key = client, request.reqId
        if sum(owner is client for owner, _ in self._open) >= MAX_SCANS:
            raise _error(f"Only {MAX_SCANS} simultaneous API scanner subscriptions are allowed.")
        if key in self._open:
            raise _error("Duplicate ticker ID for API scanner subscription")
        rows = self._rows(request.subscription)
        watch = self._open[key] = Watch(client, request.reqId, request.subscription, self._broker.now)
        self._tell(watch, rows)

    @answers(CancelScannerSubscription)
    def _cancel(self, client: Client, request: CancelScannerSubscription) -> None:
        if self._open.pop((client, request.reqId), None) is None:
            raise Refusal(NOT_FOUND, codes.text(NOT_FOUND, reqId=request.reqId))
        cause = f"API scanner subscription cancelled: {request.reqId}"
        raise Refusal(CANCELLED, codes.text(CANCELLED, detail=cause))

    def _rows(self, query: ScannerQuery) -> list[ScannerRow]:
        return scan(query, self._broker.market, self._broker.now, self._broker.marked_ledger.rate)

    def _tell(self, watch: Watch, rows: list[ScannerRow]) -> None:
        watch.due = self._broker.now + INTERVAL
        if rows:
            watch.client.send(ScannerData(watch.reqId, rows))
        else:
            text = codes.text(NOTHING, detail="no items retrieved")
            watch.client.tell_error(watch.reqId, NOTHING, text, self._broker.now)


def _error(cause: str) -> Refusal:
    return Refusal(322, codes.text(322, tag=TAG, cause=cause))
