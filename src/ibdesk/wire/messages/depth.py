"""Messages of market depth: requests, changes of the order book, and the exchanges that offer it.

Two more tell a client that it has to ask for another contract, because a CFD has no quotes or depth of its own.
"""

from dataclasses import dataclass, field

from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.reference import DepthMktDataDescription
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, many, pairs, record, refs, repeat, shown, spelled, untold
from ibdesk.wire.messages.contracts import CONTRACT_OF_REQUEST, REQUESTED_CONTRACT, contract
from ibdesk.wire.scalars import OPTIONS, Quantity


@from_client(10, version=5, protobuf=V.PROTOBUF_MARKET_DATA, text=(
    "reqId",
    *CONTRACT_OF_REQUEST,
    "numRows",
    "isSmartDepth",
    spelled(OPTIONS, "mktDepthOptions"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "numRows",
    4: "isSmartDepth",
    5: pairs("mktDepthOptions"),
})  # fmt: skip
class ReqMktDepth:
    """Subscribe to the best `numRows` rows of each side of an order book.

    The book is that of one exchange, or with `isSmartDepth` that of many together.
    """

    reqId: int
    contract: Contract
    numRows: int
    isSmartDepth: bool = False
    mktDepthOptions: list[TagValue] = field(default_factory=list)


@from_client(11, version=1, protobuf=V.PROTOBUF_MARKET_DATA)
class CancelMktDepth:
    """End a subscription to market depth. `isSmartDepth` has to be the same as in the request."""

    reqId: int
    isSmartDepth: bool = False


@dataclass(slots=True)
class MarketDepthData:
    """A change of one row of the order book. Row 0 is the best price.

    `operation`: 0 insert, 1 update, 2 delete. `side`: 0 ask, 1 bid. `marketMaker` names the exchange when
    `isSmartDepth` is true. Source: TWS API documentation, "Market Depth (Level II)".
    """

    position: int = 0
    operation: int = 0
    side: int = 0
    price: float = 0.0
    size: Quantity = UNSET_DOUBLE
    marketMaker: str = ""
    isSmartDepth: bool = False


depth, _depth, _description = (
    refs(MarketDepthData, "marketDepthData"),
    refs(MarketDepthData),
    refs(DepthMktDataDescription),
)

MARKET_DEPTH_DATA = record(
    MarketDepthData,
    {
        1: _depth.position,
        2: _depth.operation,
        3: _depth.side,
        4: _depth.price,
        5: _depth.size,
        6: _depth.marketMaker,
        7: _depth.isSmartDepth,
    },
    absent=untold(_depth.price),
)


@from_server(12, version=1, protobuf=V.PROTOBUF_MARKET_DATA, text=(
    "reqId", depth.position, depth.operation, depth.side, depth.price, depth.size,
), tags={1: "reqId", 2: embed(depth, MARKET_DEPTH_DATA, when_empty=True)})  # fmt: skip
class UpdateMktDepth:
    """A change in the order book of an exchange that names no market makers."""

    reqId: int
    marketDepthData: MarketDepthData


@from_server(13, version=1, protobuf=V.PROTOBUF_MARKET_DATA, text=(
    "reqId",
    depth.position,
    depth.marketMaker,
    depth.operation,
    depth.side,
    depth.price,
    depth.size,
    depth.isSmartDepth,
), tags={1: "reqId", 2: embed(depth, MARKET_DEPTH_DATA, when_empty=True)})  # fmt: skip
class UpdateMktDepthL2:
    """A change in an order book whose rows name market makers, or exchanges when the book is that of many."""

    reqId: int
    marketDepthData: MarketDepthData


@from_client(82, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class ReqMktDepthExchanges:
    """Ask which exchanges offer market depth."""


@from_server(80, answers=ReqMktDepthExchanges, protobuf=V.PROTOBUF_REST_MESSAGES_3, text=(
    many(
        "depthMktDataDescriptions",
        DepthMktDataDescription,
        _description.exchange,
        _description.secType,
        _description.listingExch,
        _description.serviceDataType,
        shown(_description.aggGroup),
    ),
), tags={1: repeat("depthMktDataDescriptions", record(DepthMktDataDescription, {
    1: _description.exchange,
    2: _description.secType,
    3: _description.listingExch,
    4: _description.serviceDataType,
    5: _description.aggGroup,
}))})  # fmt: skip
class MktDepthExchanges:
    """The exchanges that offer market depth, once for each security type."""

    depthMktDataDescriptions: list[DepthMktDataDescription]


# These two answer no request of their own whose version would tell when they become protobuf. IBKR's decoders list them
# between the messages of advisors and those of reference data, so the version is that of the former.
@from_server(91, protobuf=V.PROTOBUF_REST_MESSAGES_1)
class RerouteMktDataReq:
    """A CFD has no quotes of its own: ask for those of the contract `conId` at `exchange` instead."""

    reqId: int
    conId: int
    exchange: str


@from_server(92, protobuf=V.PROTOBUF_REST_MESSAGES_1)
class RerouteMktDepthReq:
    """A CFD has no market depth of its own: ask for that of the contract `conId` at `exchange` instead."""

    reqId: int
    conId: int
    exchange: str
