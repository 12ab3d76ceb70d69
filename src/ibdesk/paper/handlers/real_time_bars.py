"""Answers with bars of five seconds, each when it is complete.

Bars begin at :00, :05, :10 ... of the gateway's time, and are sent when they are over. There are none while the market
is closed. A client that reads slowly gets all bars, only later.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ibdesk import codes
from ibdesk.wire.messages.real_time_bars import CancelRealTimeBars, RealtimeBar, ReqRealTimeBars

from ..client import Client
from ..instruments import Instrument, Invalid, Refusal, has_ended, opening
from ..market import Bar, BarSize, no_series
from ..timers import EPOCH, Timer, last_beat, next_beat
from .group import SubscriptionHandlers, answers

TAG = "bS"
SECONDS = 5
STEP = timedelta(seconds=SECONDS)

AHEAD = timedelta(minutes=1)
"""The bars that are made in one go. The market knows the future; what is not over yet is told to nobody."""

AT_ONCE = 720
"""The bars that are told in one go, at most, to a client that did not read for long. It may fail to read again."""

_SHOWN = ("TRADES", "MIDPOINT", "BID", "ASK")


@dataclass(eq=False)
class Feed:
    """One subscription. `ahead` has the bars that follow, up to those that begin at `made`."""

    client: Client
    request: ReqRealTimeBars
    instrument: Instrument
    made: datetime
    timer: Timer
    ahead: deque[Bar] = field(default_factory=deque)

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class RealTimeBarHandlers(SubscriptionHandlers[Feed]):
    """Every subscription to bars of five seconds."""

    @answers(ReqRealTimeBars)
    def _subscribe(self, client: Client, request: ReqRealTimeBars) -> None:
        if request.whatToShow not in _SHOWN:
            raise Invalid(TAG, "What to show field is missing or incorrect.")
        key = client, request.reqId
        if key in self._open:
            raise Refusal(102)
        contract, instrument = self._broker.market.resolve(request.contract, TAG)
        if not _has(instrument, request.whatToShow):
            cause = no_series(instrument, contract.exchange, request.whatToShow, SECONDS)
            raise Refusal(420, codes.text(420, detail=cause))
        begin = last_beat(EPOCH, STEP, self._broker.moment)
        feed = Feed(client, request, instrument, begin, self._new_timer(lambda: self._tell(feed)))
        self._keep(key, feed, instrument)
        feed.timer.set(self._next_due(feed))

    @answers(CancelRealTimeBars)
    def _cancel(self, client: Client, request: CancelRealTimeBars) -> None:
        if not self._close((client, request.reqId)):
            raise Refusal(366, codes.text(366, reqId=request.reqId))
        raise Refusal(162, codes.text(162, detail=f"API historical data query cancelled: {request.reqId}"))

    def _tell(self, feed: Feed) -> None:
        """Send the bars that are complete by now."""
        if feed.client.hold_back(feed.timer):
            return
        now, left = self._broker.moment, AT_ONCE
        while (due := self._next_due(feed)) <= now and left:
            if feed.ahead:
                feed.client.send(_told(feed.request.reqId, feed.ahead.popleft()))
                left -= 1
            else:
                self._make(feed)
        if feed.ahead or not has_ended(feed.instrument, now):
            feed.timer.set_later(due)

    def _next_due(self, feed: Feed) -> datetime:
        """Return when the next bar is complete. If that is not known, it is when the next one may begin."""
        if not feed.ahead:
            return opening(feed.instrument.kind.hours, feed.made, regular=feed.request.useRTH)
        begin = feed.ahead[0].date
        assert isinstance(begin, datetime)
        return begin.astimezone(UTC) + STEP

    def _make(self, feed: Feed) -> None:
        """Make the bars of the next minute in which the market is open."""
        request = feed.request
        begin = opening(feed.instrument.kind.hours, feed.made, regular=request.useRTH)
        feed.made = next_beat(EPOCH, AHEAD, begin + STEP)
        feed.ahead += self._broker.market.bars_between(
            feed.instrument.conId, begin, feed.made, BarSize(SECONDS), request.whatToShow, request.useRTH
        )


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
