"""Answers with history other than bars: where it begins, its ticks, its volume at each price.

Everything is answered at once, so that there is nothing left to cancel.
"""

from datetime import UTC, datetime

from ibdesk import codes
from ibdesk.wire import versions as V
from ibdesk.wire.messages.historical_ticks import CancelHistoricalTicks, ReqHistoricalTicks
from ibdesk.wire.messages.history_summaries import (
    CancelHeadTimeStamp,
    CancelHistogramData,
    HeadTimestamp,
    HistogramData,
    HistogramDataEntry,
    ReqHeadTimeStamp,
    ReqHistogramData,
)

from ..client import Client
from ..instruments import Invalid, Refusal
from ..market import BarSize, no_series, parse_moment, parse_period, parse_what
from ..refusals import NoPrices
from ..time_and_sales import past, venue
from .group import HandlerGroup, answers

MOST_TICKS = 1000
"""That many ticks are told at most, and what completes a second. (IBKR, "Historical Time & Sales".)"""

_HEAD, _HISTOGRAM, _TICKS = "bN", "bO", "bP"
_IN_SECONDS = 2
_EARLIEST = datetime(1978, 1, 1, tzinfo=UTC)
_LONGEST = {"S": 86400, "D": 365, "W": 52, "M": 12, "Y": 1}


class PastDataHandlers(HandlerGroup):
    """What is known of the past, beside bars."""

    @answers(CancelHeadTimeStamp, CancelHistogramData, CancelHistoricalTicks)
    def _forget(self, client: Client, request: object) -> None:
        """Do nothing: what was asked for was answered already."""

    @answers(ReqHeadTimeStamp)
    def _tell_head(self, client: Client, request: ReqHeadTimeStamp) -> None:
        contract, instrument = self._broker.market.resolve(request.contract, _HEAD, NoPrices.HISTORY)
        try:
            parse_what(request.whatToShow, instrument, contract.exchange, BarSize(period="day"), _HEAD)
        except Invalid:
            raise
        except Refusal as refusal:
            raise Refusal(162, codes.text(162, detail="No head time stamp")) from refusal
        head = self._broker.market.head(instrument.conId, request.useRTH).astimezone(UTC)
        joint = "-" if client.server_version >= V.INSTRUMENT_TIMEZONE else "  "
        text = str(int(head.timestamp())) if request.formatDate == _IN_SECONDS else f"{head:%Y%m%d{joint}%H:%M:%S}"
        client.send(HeadTimestamp(request.reqId, text))

    @answers(ReqHistogramData)
    def _tell_histogram(self, client: Client, request: ReqHistogramData) -> None:
        period = parse_period(request.timePeriod, _HISTOGRAM)
        contract, instrument = self._broker.market.resolve(request.contract, _HISTOGRAM, NoPrices.HISTORY)
        if period.count > _LONGEST[period.unit]:
            raise Refusal(10188, codes.text(10188, detail="Time length exceed max."))
        levels = self._broker.market.histogram(instrument.conId, self._broker.now, period, request.useRTH)
        if not levels:
            cause = no_series(instrument, contract.exchange, "TRADES")
            raise Refusal(10188, codes.text(10188, detail=cause))
        client.send(HistogramData(request.reqId, [HistogramDataEntry(*level) for level in levels]))

    @answers(ReqHistoricalTicks)
    def _tell_ticks(self, client: Client, request: ReqHistoricalTicks) -> None:
        start = self._moment(request.startDateTime, "Start Date/Time")
        end = self._moment(request.endDateTime, "End Date/Time")
        _check(request)
        contract, instrument = self._broker.market.resolve(request.contract, _TICKS, NoPrices.HISTORY)
        what = request.whatToShow.upper()
        if what == "TRADES" and instrument.secType == "CASH":
            what = "MIDPOINT"
        if what != "TRADES" and instrument.secType == "IND":
            raise Refusal(10187, codes.text(10187, detail=no_series(instrument, contract.exchange, what)))
        market, now = self._broker.market, self._broker.now
        count = min(request.numberOfTicks, MOST_TICKS)
        # As TWS: a start rules, and without either of them ticks are told from the beginning of all data.
        tell, moment = (market.first_ticks, start or _EARLIEST) if start or not end else (market.last_ticks, end)
        ticks = tell(instrument.conId, moment, now, what, count, use_rth=request.useRTH, ignore_size=request.ignoreSize)
        client.send(past(request.reqId, ticks, what, venue(contract, instrument)))

    def _moment(self, text: str, field: str) -> datetime | None:
        now = self._broker.now
        return parse_moment(text, now, str(now.tzinfo), field) if text else None


def _check(request: ReqHistoricalTicks) -> None:
    """Refuse arguments that are wrong for every instrument."""
    if request.contract.secType == "BAG":
        raise Invalid(_TICKS, "Combo types are not supported")
    if request.numberOfTicks <= 0:
        raise Invalid(_TICKS, "Number of ticks must be > 0")
    if not request.whatToShow:
        raise Invalid(_TICKS, "Source price must not be empty")
    what = request.whatToShow.upper()
    if what == "AGGTRADES":
        raise Refusal(10299, codes.text(10299, expected="TRADES", given=what))
    if what not in ("TRADES", "BID_ASK", "MIDPOINT"):
        raise Invalid(_TICKS, "Invalid source price")
