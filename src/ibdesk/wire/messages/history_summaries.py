"""Messages of other historical data than bars and ticks: where it begins, volume by price, trading sessions."""

from dataclasses import dataclass

from ibdesk.model.bars import HistoricalSession
from ibdesk.model.contract import Contract
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, many, record, refs, repeat
from ibdesk.wire.messages.contracts import CONTRACT_OF_REQUEST, REQUESTED_CONTRACT, contract
from ibdesk.wire.messages.history import ReqHistoricalData
from ibdesk.wire.scalars import Quantity


@dataclass(slots=True)
class HistogramDataEntry:
    """How much was traded at one price."""

    price: float = 0.0
    size: Quantity = UNSET_DOUBLE


_entry, _session = refs(HistogramDataEntry), refs(HistoricalSession)


@from_client(87, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId", *CONTRACT_OF_REQUEST, contract.includeExpired, "useRTH", "whatToShow", "formatDate",
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "useRTH",
    4: "whatToShow",
    5: "formatDate",
})  # fmt: skip
class ReqHeadTimeStamp:
    """Ask when the historical data of a contract begins.

    `formatDate` 1 gives a text in UTC, 2 seconds since 1970. The request counts as open until it is cancelled.
    """

    reqId: int
    contract: Contract
    whatToShow: str
    useRTH: bool
    formatDate: int


@from_client(90, protobuf=V.PROTOBUF_HISTORICAL_DATA)
class CancelHeadTimeStamp:
    """Cancel a request for the beginning of historical data, answered or not."""

    reqId: int


@from_server(88, answers=ReqHeadTimeStamp, protobuf=V.PROTOBUF_HISTORICAL_DATA)
class HeadTimestamp:
    """When the historical data of a contract begins: `19801212-14:30:00` in UTC, or seconds since 1970 as text."""

    reqId: int
    headTimestamp: str


@from_client(88, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId", *CONTRACT_OF_REQUEST, contract.includeExpired, "useRTH", "timePeriod",
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "useRTH",
    4: "timePeriod",
})  # fmt: skip
class ReqHistogramData:
    """Ask how much was traded at each price over a period such as `3 days`."""

    reqId: int
    contract: Contract
    useRTH: bool
    timePeriod: str


@from_client(89, protobuf=V.PROTOBUF_HISTORICAL_DATA)
class CancelHistogramData:
    """Cancel a request for a histogram."""

    reqId: int


@from_server(89, answers=ReqHistogramData, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId", many("items", HistogramDataEntry, _entry.price, _entry.size),
), tags={1: "reqId", 2: repeat("items", record(HistogramDataEntry, {1: _entry.price, 2: _entry.size}))})  # fmt: skip
class HistogramData:
    """How much was traded at each price."""

    reqId: int
    items: list[HistogramDataEntry]


@from_server(106, answers=ReqHistoricalData, protobuf=V.PROTOBUF_HISTORICAL_DATA, first=V.HISTORICAL_SCHEDULE, text=(
    "reqId",
    "startDateTime",
    "endDateTime",
    "timeZone",
    many("sessions", HistoricalSession, _session.startDateTime, _session.endDateTime, _session.refDate),
), tags={
    1: "reqId",
    2: "startDateTime",
    3: "endDateTime",
    4: "timeZone",
    5: repeat(
        "sessions",
        record(HistoricalSession, {1: _session.startDateTime, 2: _session.endDateTime, 3: _session.refDate}),
    ),
})  # fmt: skip
class HistoricalSchedule:
    """The trading sessions in a span of time, in answer to `ReqHistoricalData` with `whatToShow` SCHEDULE.

    Times are in the form `20260312-09:30:00`, in the zone `timeZone`. `refDate` is the trading day of a session,
    `20260312`.
    """

    reqId: int
    startDateTime: str
    endDateTime: str
    timeZone: str
    sessions: list[HistoricalSession]
