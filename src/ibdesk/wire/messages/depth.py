"""The messages of market depth: its requests, each change of a book, who offers it; not what a book is made of them.

With them, the two answers that send a request for a CFD on to the contract below it.
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
    """Subscribe to the best `numRows` rows of a side of the book: of one exchange, or of many (`isSmartDepth`)."""

    reqId: int
    contract: Contract
    numRows: int
    isSmartDepth: bool = False
    mktDepthOptions: list[TagValue] = field(default_factory=list)


@from_client(11, version=1, protobuf=V.PROTOBUF_MARKET_DATA)
class CancelMktDepth:
    """End a subscription to market depth. `isSmartDepth` as in its request."""

    reqId: int
    isSmartDepth: bool = False


@dataclass(slots=True)
class MarketDepthData:
    """A change of one row of the book; row 0 is the best.

    `operation`: 0 insert, 1 update, 2 delete. `side`: 0 ask, 1 bid. `marketMaker` is the exchange where
    `isSmartDepth`. (IBKR, "Market Depth (Level II)".)
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
    """A change in the book of an exchange that names no market makers."""

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
    """A change in a book whose rows name a market maker, or an exchange where it is the book of many."""

    reqId: int
    marketDepthData: MarketDepthData


@from_client(82, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class ReqMktDepthExchanges:
    """Ask which exchanges offer market depth."""


@from_server(80, protobuf=V.PROTOBUF_REST_MESSAGES_3, text=(
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
    """Every exchange that offers market depth, once a security type."""

    depthMktDataDescriptions: list[DepthMktDataDescription]


# No request decides when the two below become protobuf. IBKR's decoders have them among the first of the rest, after
# those of advisors and before those of reference data.
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
