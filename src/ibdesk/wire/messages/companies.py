"""The messages of facts about companies: fundamental reports, Wall Street Horizon's events; not what is in them."""

from dataclasses import field
from typing import Any

from ibdesk.model import reference
from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, pairs, refs, shown, since, spelled
from ibdesk.wire.messages.contracts import REQUESTED_CONTRACT, contract
from ibdesk.wire.scalars import OPTIONS, Options

wshEventData = refs(reference.WshEventData, "wshEventData")


class _Number(Options):
    """How many tag-value pairs there are: a field of its own before them, which is not looked at."""

    def decode_text(self, text: str) -> Any:
        return []

    def encode_text(self, value: Any) -> str:
        return str(len(value or ()))


@from_client(52, version=2, protobuf=V.PROTOBUF_SCAN_DATA, text=(
    "reqId",
    contract.conId,
    contract.symbol,
    contract.secType,
    contract.exchange,
    contract.primaryExchange,
    contract.currency,
    contract.localSymbol,
    "reportType",
    spelled(_Number(), "fundamentalDataOptions"),
    spelled(OPTIONS, "fundamentalDataOptions"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "reportType",
    4: pairs("fundamentalDataOptions"),
})  # fmt: skip
class ReqFundamentalData:
    """Ask for a report on a stock: `ReportSnapshot`, `ReportsFinSummary`, `ReportRatios`, `ReportsFinStatements`,
    `RESC` (estimates of analysts) or `CalendarReport`. TWS 10.47 answers it no more.
    """

    reqId: int
    contract: Contract
    reportType: str
    fundamentalDataOptions: list[TagValue] = field(default_factory=list)


@from_client(53, version=1, protobuf=V.PROTOBUF_SCAN_DATA)
class CancelFundamentalData:
    """End a request for a report."""

    reqId: int


@from_server(51, version=1, protobuf=V.PROTOBUF_SCAN_DATA)
class FundamentalData:
    """The report that was asked for, as XML."""

    reqId: int
    data: str


@from_client(100, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class ReqWshMetaData:
    """Ask which kinds of events and filters there are; TWS wants this once before any `ReqWshEventData`."""

    reqId: int


@from_client(101, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class CancelWshMetaData:
    """End a request for the kinds of events."""

    reqId: int


@from_server(104, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class WshMetaData:
    """The kinds of events and filters, as JSON."""

    reqId: int
    dataJson: str


@from_client(102, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR, text=(
    "reqId",
    shown(wshEventData.conId),
    since(
        V.WSH_EVENT_DATA_FILTERS,
        wshEventData.filter,
        wshEventData.fillWatchlist,
        wshEventData.fillPortfolio,
        wshEventData.fillCompetitors,
    ),
    since(
        V.WSH_EVENT_DATA_FILTERS_DATE,
        wshEventData.startDate,
        wshEventData.endDate,
        shown(wshEventData.totalLimit),
    ),
), tags={
    1: "reqId",
    2: wshEventData.conId,
    3: wshEventData.filter,
    4: wshEventData.fillWatchlist,
    5: wshEventData.fillPortfolio,
    6: wshEventData.fillCompetitors,
    7: wshEventData.startDate,
    8: wshEventData.endDate,
    9: wshEventData.totalLimit,
})  # fmt: skip
class ReqWshEventData:
    """Ask for events of a company (`conId`), or of those that a JSON `filter` names; at most 100."""

    reqId: int
    wshEventData: reference.WshEventData


@from_client(103, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class CancelWshEventData:
    """End a request for events."""

    reqId: int


@from_server(105, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class WshEventData:
    """The events that were asked for, as JSON."""

    reqId: int
    dataJson: str
