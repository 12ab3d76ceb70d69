"""Answers with historical bars and schedules, and keeps bars up to date.

An update comes every five seconds of the gateway's time while the market is open: at :00, :05, :10 ... A client that
reads slowly gets every bar as it was complete, only later, and of the last one what is newest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from ibdesk.model.bars import BarData, HistoricalSession
from ibdesk.model.contract_details import ContractDetails
from ibdesk.runtime.moments import moment_after
from ibdesk.wire import versions as V
from ibdesk.wire.messages.history import (
    CancelHistoricalData,
    HistoricalData,
    HistoricalDataEnd,
    HistoricalDataUpdate,
    ReqHistoricalData,
)
from ibdesk.wire.messages.history_summaries import HistoricalSchedule

from ..client import Client
from ..instruments import Instrument, Invalid, Refusal, has_ended, opening
from ..market import Bar, Duration, parse_bar_size, parse_duration, parse_end
from ..time_texts import told_zone, written
from ..timers import EPOCH, Timer, last_beat
from .group import SubscriptionHandlers, answers

TAG = "bM"
STEP = timedelta(seconds=5)
"""The time between two updates."""

AT_ONCE = timedelta(hours=1)
"""The updates that are made in one go, at most, for a client that did not read for long. It may fail to read again."""


_AS_TEXT, _AS_SECONDS, _SHORT = 1, 2, 3
_STREAMED = ("TRADES", "MIDPOINT", "BID", "ASK")
_DAYS = {"D": 1, "W": 7, "M": 30, "Y": 365}


@dataclass(eq=False)
class Query:
    """A request that is kept up to date. `due` is the moment of the next update."""

    client: Client
    request: ReqHistoricalData
    details: ContractDetails
    instrument: Instrument
    due: datetime
    timer: Timer

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class HistoryHandlers(SubscriptionHandlers[Query]):
    """Every request for bars that is kept up to date."""

    @answers(ReqHistoricalData)
    def _answer(self, client: Client, request: ReqHistoricalData) -> None:
        key, now = (client, request.reqId), self._broker.now
        if key in self._open:
            cause = "Duplicate ticker ID for API historical data query"
            raise Refusal(322, f"Error processing request.-'{TAG}' : cause - {cause}")
        _check(request, client.server_version)
        duration = parse_duration(request.durationStr)
        parse_bar_size(request.barSizeSetting)
        end = parse_end(request.endDateTime, now, str(now.tzinfo))
        details = self._broker.market.instruments.resolve(request.contract, TAG)
        assert details.contract is not None
        if details.contract.secType == "CONTFUT" and request.endDateTime:
            raise Refusal(10339, "Setting end date/time for continuous future security type is not allowed.")
        if request.whatToShow.upper() == "SCHEDULE":
            client.send(self._schedule(request, details, min(end, now)))
            return
        bars = self._broker.market.bars(
            details.contract.conId,
            min(end, now),  # the market knows the future, and does not tell it
            request.durationStr,
            request.barSizeSetting,
            request.whatToShow,
            request.useRTH,
            details.contract.exchange,
        )
        zone = _zone(details, client.server_version, now)
        told = [_told(bar, zone, request.formatDate, client.server_version) for bar in bars]
        begin, end = _before(end, duration).astimezone(zone), end.astimezone(zone)
        span = written(begin, client.server_version), written(end, client.server_version)
        client.send(HistoricalData(request.reqId, told, *span))
        if client.server_version >= V.HISTORICAL_DATA_END:
            client.send(HistoricalDataEnd(request.reqId, *span))
        if request.keepUpToDate:
            self._keep_up(key, request, details)

    def _keep_up(self, key: tuple[Client, int], request: ReqHistoricalData, details: ContractDetails) -> None:
        assert details.contract is not None
        instrument = self._broker.market.instruments.by_con_id(details.contract.conId)
        assert instrument is not None, "there are bars of it"
        timer = self._new_timer(lambda: self._tell(query))
        due = _step_after(instrument.kind.hours, self._broker.moment, request.useRTH)
        query = Query(key[0], request, details, instrument, due, timer)
        self._keep(key, query, instrument)
        timer.set(due)

    def _schedule(self, request: ReqHistoricalData, details: ContractDetails, end: datetime) -> HistoricalSchedule:
        assert details.contract is not None
        contract, zone = details.contract, ZoneInfo(details.timeZoneId)
        found = self._broker.market.schedule(
            contract.conId, end, request.durationStr, request.barSizeSetting, request.useRTH, contract.exchange
        )
        told = [
            HistoricalSession(_in_zone(each.start, zone), _in_zone(each.end, zone), f"{each.day:%Y%m%d}")
            for each in found
        ]
        return HistoricalSchedule(request.reqId, told[0].startDateTime, told[-1].endDateTime, details.timeZoneId, told)

    @answers(CancelHistoricalData)
    def _cancel(self, client: Client, request: CancelHistoricalData) -> None:
        if not self._close((client, request.reqId)):
            raise Refusal(366, f"No historical data query found for ticker id:{request.reqId}")
        cause = f"API historical data query cancelled: {request.reqId}"
        raise Refusal(162, f"Historical Market Data Service error message:{cause}")

    def _tell(self, query: Query) -> None:
        """Send the updates that are due: one, unless the client did not read."""
        if query.client.hold_back(query.timer):
            return
        newest, now = None, self._broker.moment
        until = min(now, query.due + AT_ONCE)
        while query.due <= until:
            update = self._update(query)
            if newest and update and newest.bar.date != update.bar.date:
                query.client.send(newest)
            newest = update or newest
            query.due = _step_after(query.instrument.kind.hours, query.due, query.request.useRTH)
        if newest:
            query.client.send(newest)
        if not has_ended(query.instrument, now):
            query.timer.set_later(query.due)

    def _update(self, query: Query) -> HistoricalDataUpdate | None:
        request, details, client = query.request, query.details, query.client
        assert details.contract is not None
        bar = self._broker.market.current_bar(
            details.contract.conId, query.due, request.barSizeSetting, request.whatToShow, request.useRTH
        )
        if bar is None:
            return None
        zone = _zone(details, client.server_version, self._broker.now)
        return HistoricalDataUpdate(request.reqId, _told(bar, zone, request.formatDate, client.server_version))


def _check(request: ReqHistoricalData, server_version: int) -> None:
    """Refuse arguments that are wrong for every contract."""
    if request.whatToShow.upper() == "SCHEDULE" and server_version < V.HISTORICAL_SCHEDULE:
        raise Invalid(TAG, f"What to show value of {request.whatToShow} rejected.")
    if request.formatDate not in (_AS_TEXT, _AS_SECONDS, _SHORT):
        raise Invalid(TAG, f"Date formatting selection of {request.formatDate} rejected.")
    if request.whatToShow.upper() == "ADJUSTED_LAST" and request.endDateTime:
        raise Invalid(TAG, "End date not supported with adjusted last")
    if request.keepUpToDate and request.endDateTime:
        raise Invalid(TAG, "End date not supported with live updates")
    if request.keepUpToDate and request.whatToShow.upper() not in _STREAMED:
        raise Invalid(TAG, "Source price not supported with live updates")


def _told(bar: Bar, zone: tzinfo | None, format_date: int, server_version: int) -> BarData:
    """Return a bar as it goes on the wire, where its date is text: for bars within a day the moment in `zone`."""
    date = f"{bar.date:%Y%m%d}"
    if isinstance(bar.date, datetime):
        moment = bar.date.astimezone(zone)
        if format_date == _AS_SECONDS:
            date = str(int(moment.timestamp()))
        elif format_date == _SHORT:
            date = f"{moment:%m%d %H:%M:%S} {zone}"
        else:
            date = written(moment, server_version)
    values = {**bar._asdict(), "average": round(bar.average, 3), "date": date}
    return BarData(**values)


def _zone(details: ContractDetails, server_version: int, now: datetime) -> tzinfo | None:
    """Return the zone in which a client gets the times of an instrument."""
    return told_zone(ZoneInfo(details.timeZoneId), now.tzinfo, server_version)


def _in_zone(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y%m%d-%H:%M:%S}"


def _before(end: datetime, duration: Duration) -> datetime:
    days = _DAYS.get(duration.unit)
    return moment_after(end, -timedelta(days=days * duration.count) if days else -timedelta(seconds=duration.count))


def _step_after(hours: str, moment: datetime, regular: bool) -> datetime:
    """Return the first moment after `moment` at which something has been traded in the five seconds before."""
    return last_beat(EPOCH, STEP, opening(hours, moment, regular=regular)) + STEP
