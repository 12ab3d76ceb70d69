"""Messages about companies: fundamental reports, and events from Wall Street Horizon (WSH)."""

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
    """The number of tag-value pairs, which is a field before the pairs themselves. It is ignored when it is read."""

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
    """Ask for a fundamental report on a stock.

    `reportType` is `ReportSnapshot`, `ReportsFinSummary`, `ReportRatios`, `ReportsFinStatements`, `RESC` (analysts'
    estimates) or `CalendarReport`. TWS 10.47 no longer answers this request.
    """

    reqId: int
    contract: Contract
    reportType: str
    fundamentalDataOptions: list[TagValue] = field(default_factory=list)


@from_client(53, version=1, protobuf=V.PROTOBUF_SCAN_DATA)
class CancelFundamentalData:
    """Cancel a request for a fundamental report."""

    reqId: int


@from_server(51, answers=ReqFundamentalData, version=1, protobuf=V.PROTOBUF_SCAN_DATA)
class FundamentalData:
    """The fundamental report that was asked for, as XML."""

    reqId: int
    data: str


@from_client(100, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class ReqWshMetaData:
    """Ask which kinds of company events and filters there are. TWS wants this once before any `ReqWshEventData`."""

    reqId: int


@from_client(101, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class CancelWshMetaData:
    """Cancel a request for the kinds of company events."""

    reqId: int


@from_server(104, answers=ReqWshMetaData, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class WshMetaData:
    """The kinds of company events and their filters, as JSON."""

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
    """Ask for the events of a company (`conId`), or for those that match a JSON `filter`: at most 100."""

    reqId: int
    wshEventData: reference.WshEventData


@from_client(103, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class CancelWshEventData:
    """Cancel a request for company events."""

    reqId: int


@from_server(105, answers=ReqWshEventData, protobuf=V.PROTOBUF_NEWS_DATA, first=V.WSHE_CALENDAR)
class WshEventData:
    """The company events that were asked for, as JSON."""

    reqId: int
    dataJson: str
