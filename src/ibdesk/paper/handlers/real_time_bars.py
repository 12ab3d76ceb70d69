"""Answers with bars of five seconds, each when it is complete.

Bars begin at :00, :05, :10 ... of the gateway's time, and are sent when they are over. There are none while the market
is closed. A client that reads slowly gets all bars, only later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ibdesk import codes
from ibdesk.wire.messages.real_time_bars import CancelRealTimeBars, RealtimeBar, ReqRealTimeBars

from ..client import Client
from ..instruments import Instrument, Invalid, Refusal
from ..market import Bar, BarSize, no_series
from .group import SubscriptionHandlers, answers

TAG = "bS"
SECONDS = 5
AT_ONCE = timedelta(hours=1)
"""The bars that are told in one go, at most; more follow at the next look."""

_SHOWN = ("TRADES", "MIDPOINT", "BID", "ASK")


@dataclass(eq=False)
class Feed:
    """One subscription. The bars before `told` have been told."""

    client: Client
    request: ReqRealTimeBars
    conId: int
    told: datetime


class RealTimeBarHandlers(SubscriptionHandlers[Feed]):
    """Every subscription to bars of five seconds."""

    def advance(self) -> None:
        """Send the bars that are complete by now."""
        due = _full(self._broker.now)
        for feed in self._open.values():
            if feed.told < due and not feed.client.is_congested:
                self._tell(feed, due)

    @answers(ReqRealTimeBars)
    def _subscribe(self, client: Client, request: ReqRealTimeBars) -> None:
        if request.whatToShow not in _SHOWN:
            raise Invalid(TAG, "What to show field is missing or incorrect.")
        key = client, request.reqId
        if key in self._open:
            raise Refusal(102, codes.text(102))
        contract, instrument = self._broker.market.resolve(request.contract, TAG)
        if not _has(instrument, request.whatToShow):
            cause = no_series(instrument, contract.exchange, request.whatToShow, SECONDS)
            raise Refusal(420, codes.text(420, detail=cause))
        self._open[key] = Feed(client, request, contract.conId, _full(self._broker.now))

    @answers(CancelRealTimeBars)
    def _cancel(self, client: Client, request: CancelRealTimeBars) -> None:
        if self._open.pop((client, request.reqId), None) is None:
            raise Refusal(366, codes.text(366, reqId=request.reqId))
        raise Refusal(162, codes.text(162, detail=f"API historical data query cancelled: {request.reqId}"))

    def _tell(self, feed: Feed, due: datetime) -> None:
        request, market = feed.request, self._broker.market
        begin = market.opening(feed.conId, feed.told)
        until = min(due, begin + AT_ONCE)
        if begin < until:
            for bar in market.bars_between(
                feed.conId, begin, until, BarSize(SECONDS), request.whatToShow, request.useRTH
            ):
                feed.client.send(_told(request.reqId, bar))
        feed.told = until


def _has(instrument: Instrument, what: str) -> bool:
    if what == "TRADES":
        return instrument.secType != "CASH"
    return instrument.secType != "IND"


def _told(reqId: int, bar: Bar) -> RealtimeBar:
    assert isinstance(bar.date, datetime)
    return RealtimeBar(
        reqId,
        int(bar.date.timestamp()),
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        bar.volume,
        round(bar.average, 3),
        bar.barCount,
    )


def _full(now: datetime) -> datetime:
    """Return the last full five seconds."""
    return datetime.fromtimestamp(int(now.timestamp()) // SECONDS * SECONDS, now.tzinfo)
