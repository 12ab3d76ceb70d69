"""Answers with historical bars and schedules, and keeps bars up to date.

An update comes every five seconds of the gateway's time: at :00, :05, :10 ...
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from ibdesk.model.bars import BarData, HistoricalSession
from ibdesk.model.contract_details import ContractDetails
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
from ..instruments import Invalid, Refusal
from ..market import Bar, Duration, parse_bar_size, parse_duration, parse_end
from ..time_texts import told_zone, written
from .group import SubscriptionHandlers, answers

TAG = "bM"
STEP = 5
"""Seconds between two updates."""

_AS_TEXT, _AS_SECONDS, _SHORT = 1, 2, 3
_STREAMED = ("TRADES", "MIDPOINT", "BID", "ASK")
_DAYS = {"D": 1, "W": 7, "M": 30, "Y": 365}


@dataclass(eq=False)
class Query:
    """A request that is kept up to date. `due` is when the next update is."""

    client: Client
    request: ReqHistoricalData
    details: ContractDetails
    due: datetime


class HistoryHandlers(SubscriptionHandlers[Query]):
    """Every request for bars that is kept up to date."""

    def advance(self) -> None:
        """Send the updates that are due."""
        for query in self._open.values():
            while query.due <= self._broker.now:
                if not query.client.is_congested:
                    self._update(query)
                query.due += timedelta(seconds=STEP)

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
            self._open[key] = Query(client, request, details, _next_step(now))

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
        if self._open.pop((client, request.reqId), None) is None:
            raise Refusal(366, f"No historical data query found for ticker id:{request.reqId}")
        cause = f"API historical data query cancelled: {request.reqId}"
        raise Refusal(162, f"Historical Market Data Service error message:{cause}")

    def _update(self, query: Query) -> None:
        request, details, client = query.request, query.details, query.client
        assert details.contract is not None
        bar = self._broker.market.current_bar(
            details.contract.conId, query.due, request.barSizeSetting, request.whatToShow, request.useRTH
        )
        if bar is not None:
            zone = _zone(details, client.server_version, query.due)
            told = _told(bar, zone, request.formatDate, client.server_version)
            client.send(HistoricalDataUpdate(request.reqId, told))


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
    return end - (timedelta(days=days * duration.count) if days else timedelta(seconds=duration.count))


def _next_step(now: datetime) -> datetime:
    seconds = int(now.timestamp()) // STEP * STEP + STEP
    return datetime.fromtimestamp(seconds, now.tzinfo)
