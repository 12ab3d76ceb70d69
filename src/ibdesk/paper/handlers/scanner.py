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
from ..timers import Timer, last_beat
from .group import SubscriptionHandlers, answers

INTERVAL = timedelta(seconds=30)
"""The time between two looks at a scan."""

MAX_SCANS = 10
"""The scans that a client may have at a time."""

TAG = "co"
NOT_FOUND, CANCELLED, NOTHING = 365, 162, 165


@dataclass(eq=False)
class Watch:
    """A subscription to a scan, whose rows the timer sends again. They were first sent at `start`."""

    client: Client
    reqId: int
    query: ScannerQuery
    start: datetime
    timer: Timer

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class ScannerHandlers(SubscriptionHandlers[Watch]):
    """Every subscription to a scan."""

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
        timer = self._new_timer(lambda: self._tell_again(watch))
        watch = self._open[key] = Watch(client, request.reqId, request.subscription, self._broker.moment, timer)
        self._tell(watch, rows)

    @answers(CancelScannerSubscription)
    def _cancel(self, client: Client, request: CancelScannerSubscription) -> None:
        if not self._close((client, request.reqId)):
            raise Refusal(NOT_FOUND, codes.text(NOT_FOUND, reqId=request.reqId))
        cause = f"API scanner subscription cancelled: {request.reqId}"
        raise Refusal(CANCELLED, codes.text(CANCELLED, detail=cause))

    def _rows(self, query: ScannerQuery) -> list[ScannerRow]:
        return scan(query, self._broker.market, self._broker.now, self._broker.marked_ledger.rate)

    def _tell_again(self, watch: Watch) -> None:
        is_late = watch.timer.postpone(last_beat(watch.start, INTERVAL, watch.timer.until))
        if not is_late and not watch.client.hold_back(watch.timer):
            self._tell(watch, self._rows(watch.query))

    def _tell(self, watch: Watch, rows: list[ScannerRow]) -> None:
        watch.timer.set(last_beat(watch.start, INTERVAL, self._broker.moment) + INTERVAL)
        if rows:
            watch.client.send(ScannerData(watch.reqId, rows))
        else:
            text = codes.text(NOTHING, detail="no items retrieved")
            watch.client.tell_error(watch.reqId, NOTHING, text, self._broker.now)


def _error(cause: str) -> Refusal:
    return Refusal(322, codes.text(322, tag=TAG, cause=cause))
