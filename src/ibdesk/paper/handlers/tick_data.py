"""Answers with every tick of an instrument, and with the last ones before.

A subscription remembers the moment up to which all ticks were sent, and is due when the market changes next. The market
can show ticks of the past at any time, so a client that reads slowly gets all of them, only later.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ibdesk import codes
from ibdesk.wire.messages.tick_by_tick import CancelTickByTickData, ReqTickByTickData

from ..client import Client
from ..instruments import Instrument, Invalid, Refusal
from ..time_and_sales import KINDS, live, past, venue
from ..timers import Timer
from .group import SubscriptionHandlers, answers
from .past_data import MOST_TICKS

TAG = "bT"

MOST_CONTRACTS = 5
"""So many contracts can be streamed tick by tick at a time, by all clients: 5 % of 100 lines. (IBKR, Campus.)"""

AT_ONCE = timedelta(minutes=15)
"""The ticks that are told in one go, at most, to a client that did not read for long. It may fail to read again."""

_MICROSECOND = timedelta(microseconds=1)
_SERIES = {"Last": "TRADES", "AllLast": "TRADES", "BidAsk": "BID_ASK", "MidPoint": "MIDPOINT"}
_REFUSED = "Failed to request tick-by-tick data."


@dataclass(eq=False)
class Stream:
    """One subscription. What happened before `told` has been told; trades bear the name `exchange`."""

    client: Client
    request: ReqTickByTickData
    conId: int
    exchange: str
    told: datetime
    timer: Timer

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
            raise Refusal(102, codes.text(102))
        contract, instrument = self._broker.market.resolve(request.contract, TAG)
        if not _has(instrument, request.tickType):
            cause = f"{request.tickType} tick-by-tick requests are not supported for {instrument.localSymbol}"
            raise Refusal(10189, _REFUSED + cause)
        if len({stream.conId for stream in self._open.values()} | {contract.conId}) > MOST_CONTRACTS:
            raise Refusal(10190, codes.text(10190))
        timer, exchange = self._new_timer(lambda: self._tell(stream)), venue(contract, instrument)
        stream = Stream(client, request, contract.conId, exchange, self._broker.moment, timer)
        if request.numberOfTicks > 0:
            self._tell_past(stream)
        self._open[key] = stream
        self._wait_for_tick(stream)

    @answers(CancelTickByTickData)
    def _cancel(self, client: Client, request: CancelTickByTickData) -> None:
        if not self._close((client, request.reqId)):
            raise Refusal(300, codes.text(300, reqId=request.reqId))

    def _tell_past(self, stream: Stream) -> None:
        request, series = stream.request, _SERIES[stream.request.tickType]
        ticks = self._broker.market.last_ticks(
            stream.conId,
            stream.told,
            stream.told,
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
        request, market = stream.request, self._broker.market
        # What happens at this very moment has happened.
        begin, now = market.opening(stream.conId, stream.told), self._broker.moment + _MICROSECOND
        end = min(now, begin.astimezone(UTC) + AT_ONCE)
        if begin < end:
            series, kind = _SERIES[request.tickType], KINDS[request.tickType]
            for tick in market.ticks(stream.conId, begin, end, series, ignore_size=request.ignoreSize):
                stream.client.send(live(request.reqId, kind, tick, stream.exchange))
        stream.told = max(end, begin)
        if end < now:
            stream.timer.set(now)
        else:
            self._wait_for_tick(stream)

    def _wait_for_tick(self, stream: Stream) -> None:
        # The first tick may be one of this very moment.
        stream.timer.set(self._broker.market.next_change(stream.conId, stream.told - _MICROSECOND))


def _has(instrument: Instrument, kind: str) -> bool:
    """Return whether there are ticks: none of options and indices, and no trades in forex.

    Source: TWS API documentation, "Tick-by-Tick Data".
    """
    if instrument.secType == "CASH":
        return _SERIES[kind] != "TRADES"
    return instrument.secType not in ("OPT", "FOP", "IND")
