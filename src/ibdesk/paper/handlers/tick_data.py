"""Answers with every tick of an instrument, and with the last ones before.

A subscription is due at its next tick. The market can show ticks of the past at any time, so a client that reads slowly
gets all of them, only later.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ibdesk import codes
from ibdesk.wire.messages.tick_by_tick import CancelTickByTickData, ReqTickByTickData

from ..client import Client
from ..instruments import Instrument, Invalid, Refusal, following, opening
from ..market import Tick
from ..time_and_sales import KINDS, live, past, venue
from ..timers import Timer
from .group import SubscriptionHandlers, answers
from .past_data import MOST_TICKS

TAG = "bT"

MOST_CONTRACTS = 5
"""So many contracts can be streamed tick by tick at a time, by all clients: 5 % of 100 lines. (IBKR, Campus.)"""

AT_ONCE = timedelta(minutes=15)
"""The ticks that are told in one go, at most, to a client that did not read for long. It may fail to read again."""

_SERIES = {"Last": "TRADES", "AllLast": "TRADES", "BidAsk": "BID_ASK", "MidPoint": "MIDPOINT"}
_REFUSED = "Failed to request tick-by-tick data."


@dataclass(eq=False)
class Stream:
    """One subscription; trades bear the name `exchange`.

    `ahead` has the ticks of a session that are still to be told, and `coming` is the first of them, with its moment. If
    there is none, those from `begin` on are to follow. The market knows the future; what has not happened yet is told
    to nobody.
    """

    client: Client
    request: ReqTickByTickData
    instrument: Instrument
    exchange: str
    begin: datetime
    timer: Timer
    ahead: Iterator[tuple[datetime, Tick]] = field(default_factory=lambda: iter(()))
    coming: tuple[datetime, Tick] | None = None

    @property
    def due(self) -> datetime:
        """When the next tick happens, or may."""
        return self.coming[0] if self.coming else self.begin

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class TickHandlers(SubscriptionHandlers[Stream]):
    """Every subscription to tick-by-tick data."""

    @answers(ReqTickByTickData)
    def _subscribe(self, client: Client, request: ReqTickByTickData) -> None:
        if request.tickType not in KINDS:
            raise Invalid(TAG, "Tick-by-tick data type is incorrect/not set.")
        if request.contract.secType == "BAG":
            raise Invalid(TAG, "'BAG' security type is not supported in ReqTickByTick(97) request")
        key = client, request.reqId
        if key in self._open:
            raise Refusal(102)
        contract, instrument = self._broker.market.resolve(request.contract, TAG)
        if not _has(instrument, request.tickType):
            cause = f"{request.tickType} tick-by-tick requests are not supported for {instrument.localSymbol}"
            raise Refusal(10189, _REFUSED + cause)
        if len({stream.instrument.conId for stream in self._open.values()} | {contract.conId}) > MOST_CONTRACTS:
            raise Refusal(10190)
        timer, exchange = self._new_timer(lambda: self._tell(stream)), venue(contract, instrument)
        begin = opening(instrument.kind.hours, self._broker.moment).astimezone(UTC)
        stream = Stream(client, request, instrument, exchange, begin, timer)
        if request.numberOfTicks > 0:
            self._tell_past(stream)
        self._keep(key, stream, instrument)
        timer.set(begin)

    @answers(CancelTickByTickData)
    def _cancel(self, client: Client, request: CancelTickByTickData) -> None:
        if not self._close((client, request.reqId)):
            raise Refusal(300, codes.text(300, reqId=request.reqId))

    def _tell_past(self, stream: Stream) -> None:
        request, series = stream.request, _SERIES[stream.request.tickType]
        ticks = self._broker.market.last_ticks(
            stream.instrument.conId,
            self._broker.moment,
            self._broker.moment,
            series,
            min(request.numberOfTicks, MOST_TICKS),
            use_rth=False,
            ignore_size=request.ignoreSize,
        )
        stream.client.send(past(request.reqId, ticks, series, stream.exchange))

    def _tell(self, stream: Stream) -> None:
        """Send every tick that has happened by now."""
        if stream.client.hold_back(stream.timer):
            return
        now, request = self._broker.moment, stream.request
        kind, until = KINDS[request.tickType], min(now, stream.due + AT_ONCE)
        while stream.due <= until:
            if stream.coming:
                stream.client.send(live(request.reqId, kind, stream.coming[1], stream.exchange))
                stream.coming = next(stream.ahead, None)
            else:
                self._look_ahead(stream)
        # If there is more, it is told when the client has had time to read.
        stream.timer.set_later(stream.due)

    def _look_ahead(self, stream: Stream) -> None:
        """Have the ticks of the session come in which the stream begins."""
        request = stream.request
        stream.ahead = self._broker.market.coming_ticks(
            stream.instrument.conId, stream.begin, _SERIES[request.tickType], ignore_size=request.ignoreSize
        )
        stream.coming = next(stream.ahead, None)
        stream.begin = following(stream.instrument.kind.hours, stream.begin).start.astimezone(UTC)


def _has(instrument: Instrument, kind: str) -> bool:
    """Return whether there are ticks: none of options and indices, and no trades in forex.

    Source: TWS API documentation, "Tick-by-Tick Data".
    """
    if instrument.secType == "CASH":
        return _SERIES[kind] != "TRADES"
    return instrument.secType not in ("OPT", "FOP", "IND")
