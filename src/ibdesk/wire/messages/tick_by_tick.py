"""Messages of tick-by-tick data: the request, and the one message that answers it with any of three kinds of ticks."""

from dataclasses import field

from ibdesk.model.contract import Contract
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, one_of, refs, spelled
from ibdesk.wire.messages.contracts import CONTRACT_OF_REQUEST, REQUESTED_CONTRACT, contract
from ibdesk.wire.messages.historical_ticks import (
    BID_ASK_MASK,
    LAST_MASK,
    TICK_BID_ASK,
    TICK_LAST,
    TICK_MID_POINT,
    TickBidAsk,
    TickLast,
    TickMidPoint,
)


@from_client(97, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId", *CONTRACT_OF_REQUEST, "tickType", "numberOfTicks", "ignoreSize",
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "tickType",
    4: "numberOfTicks",
    5: "ignoreSize",
})  # fmt: skip
class ReqTickByTickData:
    """Subscribe to every trade, every quote or every midpoint. `tickType` is Last, AllLast, BidAsk or MidPoint.

    With `numberOfTicks`, up to 1000 historical ticks come first. `ignoreSize` leaves out bids and asks in which only a
    size changed. Source: TWS API documentation, "Tick-by-Tick Data".
    """

    reqId: int
    contract: Contract
    tickType: str
    numberOfTicks: int = 0
    ignoreSize: bool = False


@from_client(98, protobuf=V.PROTOBUF_HISTORICAL_DATA)
class CancelTickByTickData:
    """End a subscription to tick-by-tick data."""

    reqId: int


ALL_LAST, BID_ASK, MID_POINT = (1, 2), (3,), (4,)
"""The tick types of each of the three kinds: 1 the stream Last, 2 AllLast, 3 BidAsk, 4 MidPoint."""

_last, _bid_ask, _mid_point = refs(TickLast, "last"), refs(TickBidAsk, "bidAsk"), refs(TickMidPoint, "midPoint")


@from_server(99, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    "tickType",
    one_of(
        "tickType",
        ALL_LAST,
        _last.time,
        _last.price,
        _last.size,
        spelled(LAST_MASK, _last.tickAttribLast),
        _last.exchange,
        _last.specialConditions,
    ),
    one_of(
        "tickType",
        BID_ASK,
        _bid_ask.time,
        _bid_ask.priceBid,
        _bid_ask.priceAsk,
        _bid_ask.sizeBid,
        _bid_ask.sizeAsk,
        spelled(BID_ASK_MASK, _bid_ask.tickAttribBidAsk),
    ),
    one_of("tickType", MID_POINT, _mid_point.time, _mid_point.price),
), tags={
    1: "reqId",
    2: "tickType",
    3: embed(_last, TICK_LAST),
    4: embed(_bid_ask, TICK_BID_ASK),
    5: embed(_mid_point, TICK_MID_POINT),
})  # fmt: skip
class TickByTick:
    """One live tick. `tickType` tells which part holds it: 1 and 2 `last`, 3 `bidAsk`, 4 `midPoint`.

    The other two parts are unset. IB's callbacks are `tickByTickAllLast`, `tickByTickBidAsk` and `tickByTickMidPoint`.
    """

    reqId: int
    tickType: int
    last: TickLast = field(default_factory=TickLast)
    bidAsk: TickBidAsk = field(default_factory=TickBidAsk)
    midPoint: TickMidPoint = field(default_factory=TickMidPoint)
