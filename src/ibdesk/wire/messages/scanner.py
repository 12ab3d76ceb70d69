"""Messages of market scanners: their parameters, a scan, and the rows that it finds."""

from dataclasses import dataclass, field

from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.reference import ScannerSubscription
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, many, pairs, record, refs, repeat, spelled
from ibdesk.wire.messages.contracts import CONTRACT
from ibdesk.wire.scalars import OPTIONAL_INT, OPTIONS


@dataclass
class ScannerQuery(ScannerSubscription):
    """What a market scanner looks for, together with the options that a request for it has beside that.

    `scannerSubscriptionFilterOptions` are filters that `ScannerParameters` lists, such as `priceAbove`.
    """

    scannerSubscriptionFilterOptions: list[TagValue] = field(default_factory=list)
    scannerSubscriptionOptions: list[TagValue] = field(default_factory=list)


@dataclass(slots=True)
class ScannerRow:
    """One row of a scan. The best row has rank 0.

    The meaning of `distance`, `benchmark` and `projection` depends on the scan.
    """

    rank: int = 0
    contract: Contract = field(default_factory=Contract)
    marketName: str = ""
    distance: str = ""
    benchmark: str = ""
    projection: str = ""
    legsStr: str = ""


_query, subscription = refs(ScannerQuery), refs(ScannerQuery, "subscription")
_row = refs(ScannerRow)


@from_client(24, version=1, protobuf=V.PROTOBUF_SCAN_DATA)
class ReqScannerParameters:
    """Ask what market scanners can look for."""


@from_server(19, answers=ReqScannerParameters, version=1, protobuf=V.PROTOBUF_SCAN_DATA)
class ScannerParameters:
    """What market scanners can look for: instruments, locations, scan codes and filters, as two megabytes of XML."""

    xml: str


QUERY = record(
    ScannerQuery,
    {
        1: spelled(OPTIONAL_INT, _query.numberOfRows),
        2: _query.instrument,
        3: _query.locationCode,
        4: _query.scanCode,
        5: _query.abovePrice,
        6: _query.belowPrice,
        7: _query.aboveVolume,
        8: _query.marketCapAbove,
        9: _query.marketCapBelow,
        10: _query.moodyRatingAbove,
        11: _query.moodyRatingBelow,
        12: _query.spRatingAbove,
        13: _query.spRatingBelow,
        14: _query.maturityDateAbove,
        15: _query.maturityDateBelow,
        16: _query.couponRateAbove,
        17: _query.couponRateBelow,
        18: _query.excludeConvertible,
        19: _query.averageOptionVolumeAbove,
        20: _query.scannerSettingPairs,
        21: _query.stockTypeFilter,
        22: pairs(_query.scannerSubscriptionFilterOptions),
        23: pairs(_query.scannerSubscriptionOptions),
    },
)


@from_client(22, protobuf=V.PROTOBUF_SCAN_DATA, text=(
    "reqId",
    spelled(OPTIONAL_INT, subscription.numberOfRows),
    subscription.instrument,
    subscription.locationCode,
    subscription.scanCode,
    subscription.abovePrice,
    subscription.belowPrice,
    subscription.aboveVolume,
    subscription.marketCapAbove,
    subscription.marketCapBelow,
    subscription.moodyRatingAbove,
    subscription.moodyRatingBelow,
    subscription.spRatingAbove,
    subscription.spRatingBelow,
    subscription.maturityDateAbove,
    subscription.maturityDateBelow,
    subscription.couponRateAbove,
    subscription.couponRateBelow,
    subscription.excludeConvertible,
    subscription.averageOptionVolumeAbove,
    subscription.scannerSettingPairs,
    subscription.stockTypeFilter,
    spelled(OPTIONS, subscription.scannerSubscriptionFilterOptions),
    spelled(OPTIONS, subscription.scannerSubscriptionOptions),
), tags={1: "reqId", 2: embed(subscription, QUERY, when_empty=True)})  # fmt: skip
class ReqScannerSubscription:
    """Subscribe to the rows of a scan. At most ten scans of fifty rows can run at once."""

    reqId: int
    subscription: ScannerQuery


@from_client(23, version=1, protobuf=V.PROTOBUF_SCAN_DATA)
class CancelScannerSubscription:
    """End a subscription to a scan."""

    reqId: int


ROW = record(
    ScannerRow,
    {
        1: _row.rank,
        2: embed(_row.contract, CONTRACT, when_empty=True),
        3: _row.marketName,
        4: _row.distance,
        5: _row.benchmark,
        6: _row.projection,
        7: _row.legsStr,
    },
)


@from_server(20, answers=ReqScannerSubscription, version=3, protobuf=V.PROTOBUF_SCAN_DATA, text=(
    "reqId",
    many(
        "rows",
        ScannerRow,
        _row.rank,
        _row.contract.conId,
        _row.contract.symbol,
        _row.contract.secType,
        _row.contract.lastTradeDateOrContractMonth,
        _row.contract.strike,
        _row.contract.right,
        _row.contract.exchange,
        _row.contract.currency,
        _row.contract.localSymbol,
        _row.marketName,
        _row.contract.tradingClass,
        _row.distance,
        _row.benchmark,
        _row.projection,
        _row.legsStr,
    ),
), tags={1: "reqId", 2: repeat("rows", ROW)})  # fmt: skip
class ScannerData:
    """All rows of a scan as they stand now. Every change sends all of them again, until the scan is cancelled."""

    reqId: int
    rows: list[ScannerRow]
