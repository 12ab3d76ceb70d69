"""Messages of historical bars."""

from dataclasses import field

from ibdesk.model.bars import BarData
from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, many, pairs, record, refs, repeat, size, spelled, until, untold
from ibdesk.wire.messages.contracts import CONTRACT_OF_REQUEST, LEGS_OF_REQUEST, REQUESTED_CONTRACT, contract
from ibdesk.wire.scalars import OPTIONS, TEXT, MomentText

bar, _bar = refs(BarData, "bar"), refs(BarData)


@from_client(20, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    *CONTRACT_OF_REQUEST,
    contract.includeExpired,
    "endDateTime",
    "barSizeSetting",
    "durationStr",
    "useRTH",
    "whatToShow",
    "formatDate",
    LEGS_OF_REQUEST,
    "keepUpToDate",
    spelled(OPTIONS, "chartOptions"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "endDateTime",
    4: "barSizeSetting",
    5: "durationStr",
    6: "useRTH",
    7: "whatToShow",
    8: "formatDate",
    9: "keepUpToDate",
    10: pairs("chartOptions"),
})  # fmt: skip
class ReqHistoricalData:
    """Ask for historical bars. With `keepUpToDate` new bars follow as they form.

    `formatDate` 1 gives dates and times as text, 2 as seconds since 1970.
    """

    reqId: int
    contract: Contract
    endDateTime: MomentText
    durationStr: str
    barSizeSetting: str
    whatToShow: str
    useRTH: bool
    formatDate: int = 1
    keepUpToDate: bool = False
    chartOptions: list[TagValue] = field(default_factory=list)


@from_client(25, version=1, protobuf=V.PROTOBUF_HISTORICAL_DATA)
class CancelHistoricalData:
    """Cancel a request for historical bars."""

    reqId: int


BAR = record(
    BarData,
    {
        1: spelled(TEXT, _bar.date),
        2: _bar.open,
        3: _bar.high,
        4: _bar.low,
        5: _bar.close,
        6: size(_bar.volume),
        7: size(_bar.average),
        8: _bar.barCount,
    },
    absent=untold(_bar.open, _bar.high, _bar.low, _bar.close, _bar.volume, _bar.average),
)


@from_server(17, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    until(V.HISTORICAL_DATA_END, "startDateStr", "endDateStr"),
    many(
        "bars",
        BarData,
        spelled(TEXT, _bar.date),
        _bar.open,
        _bar.high,
        _bar.low,
        _bar.close,
        size(_bar.volume),
        size(_bar.average),
        _bar.barCount,
    ),
), tags={1: "reqId", 2: repeat("bars", BAR)})  # fmt: skip
class HistoricalData:
    """The historical bars that were asked for. Their dates are still texts here.

    Below server version 196 this is the whole answer. From 196 on `HistoricalDataEnd` follows it and has the dates of
    start and end.
    """

    reqId: int
    bars: list[BarData]
    startDateStr: str = ""
    endDateStr: str = ""


@from_server(108, ends=ReqHistoricalData, protobuf=V.PROTOBUF_HISTORICAL_DATA, first=V.HISTORICAL_DATA_END)
class HistoricalDataEnd:
    """All historical bars of a request have been sent, from `startDateStr` to `endDateStr`."""

    reqId: int
    startDateStr: str
    endDateStr: str


@from_server(90, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    bar.barCount,
    spelled(TEXT, bar.date),
    bar.open,
    bar.close,
    bar.high,
    bar.low,
    size(bar.average),
    size(bar.volume),
), tags={1: "reqId", 2: embed(bar, BAR, when_empty=True)})  # fmt: skip
class HistoricalDataUpdate:
    """The newest bar of a request with `keepUpToDate`, as it stands now."""

    reqId: int
    bar: BarData
