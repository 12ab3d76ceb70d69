"""Messages of quotes: the request for them, and every kind of tick that answers it."""

from dataclasses import field

from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, pairs, since, size, spelled, untold
from ibdesk.wire.messages.contracts import (
    CONTRACT_OF_REQUEST,
    DELTA_NEUTRAL,
    LEGS_OF_REQUEST,
    REQUESTED_CONTRACT,
    contract,
)
from ibdesk.wire.scalars import DECIMALS, OPTIONS, DecimalNumber, Quantity


@from_client(1, version=11, protobuf=V.PROTOBUF_MARKET_DATA, text=(
    "reqId",
    *CONTRACT_OF_REQUEST,
    LEGS_OF_REQUEST,
    DELTA_NEUTRAL,
    "genericTickList",
    "snapshot",
    "regulatorySnapshot",
    spelled(OPTIONS, "mktDataOptions"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "genericTickList",
    4: "snapshot",
    5: "regulatorySnapshot",
    6: pairs("mktDataOptions"),
})  # fmt: skip
class ReqMktData:
    """Subscribe to the quotes of a contract, or ask for them once (`snapshot`)."""

    reqId: int
    contract: Contract
    genericTickList: str = ""
    snapshot: bool = False
    regulatorySnapshot: bool = False
    mktDataOptions: list[TagValue] = field(default_factory=list)


@from_client(2, version=2, protobuf=V.PROTOBUF_MARKET_DATA)
class CancelMktData:
    """End a subscription to quotes."""

    reqId: int


@from_client(59, version=1, protobuf=V.PROTOBUF_MARKET_DATA)
class ReqMarketDataType:
    """Choose which quotes to get: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""

    marketDataType: int


@from_server(58, version=1, protobuf=V.PROTOBUF_MARKET_DATA)
class MarketDataType:
    """The kind of quotes that a subscription gets from now on: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""

    reqId: int
    marketDataType: int


@from_server(1, version=6, protobuf=V.PROTOBUF_MARKET_DATA, absent=untold("price"))
class TickPrice:
    """A price of a quote has changed. `size` is the size at this price.

    `attrMask` adds up 1 when it can be executed automatically, 2 when it is beyond the price limit of the day, and 4
    when it is from before the opening.
    """

    reqId: int
    tickType: int
    price: float
    size: Quantity = UNSET_DOUBLE
    attrMask: int = 0


@from_server(2, version=6, protobuf=V.PROTOBUF_MARKET_DATA)
class TickSize:
    """A size of a quote has changed."""

    reqId: int
    tickType: int
    size: Quantity = UNSET_DOUBLE


@from_server(45, version=6, protobuf=V.PROTOBUF_MARKET_DATA, absent=untold("value"))
class TickGeneric:
    """A number of a quote has changed, such as a volatility, or whether trading is halted."""

    reqId: int
    tickType: int
    value: float


@from_server(46, version=6, protobuf=V.PROTOBUF_MARKET_DATA)
class TickString:
    """A text of a quote has changed, such as the time of the last trade, or dividends."""

    reqId: int
    tickType: int
    value: str


@from_server(81, protobuf=V.PROTOBUF_MARKET_DATA, text=(
    "reqId", spelled(DECIMALS, "minTick"), "bboExchange", "snapshotPermissions",
), tags={
    1: "reqId",
    2: spelled(DECIMALS, "minTick"),
    3: "bboExchange",
    4: "snapshotPermissions",
    5: since(V.USE_PRECISION_FROM_SEC_DEF, size("lastPricePrecision")),
    6: since(V.USE_PRECISION_FROM_SEC_DEF, size("lastSizePrecision")),
}, absent=untold("minTick"))  # fmt: skip
class TickReqParams:
    """The properties of a subscription to quotes.

    `minTick` is the price step, `bboExchange` a code for the exchanges behind the best bid and offer (see
    `ReqSmartComponents`), and `snapshotPermissions` the account's rights to snapshots.
    """

    reqId: int
    minTick: DecimalNumber
    bboExchange: str
    snapshotPermissions: int
    lastPricePrecision: float = UNSET_DOUBLE
    lastSizePrecision: float = UNSET_DOUBLE


@from_server(57, ends=ReqMktData, version=1, protobuf=V.PROTOBUF_MARKET_DATA)
class TickSnapshotEnd:
    """All ticks of a snapshot have been sent."""

    reqId: int
