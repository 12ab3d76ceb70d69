"""Messages of historical ticks, and the wire forms of single ticks, which live ticks have too.

Times are seconds since 1970 here. The classes of `ibdesk.model.bars` have them as datetimes.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.quotes import TickAttribBidAsk, TickAttribLast
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import Fixed, embed, many, pairs, record, refs, repeat, spelled
from ibdesk.wire.messages.contracts import CONTRACT_OF_REQUEST, REQUESTED_CONTRACT, contract
from ibdesk.wire.scalars import INT, OPTIONS, VARINT, MomentText, Quantity, Scalar


class Mask(Scalar):
    """The attributes of a tick. In text they are the bits of a number, in protobuf a message."""

    name, wire_type = "a bit mask", VARINT
    part: ClassVar[type[TickAttribLast | TickAttribBidAsk]]
    bits: ClassVar[tuple[int, int]] = (1, 2)
    """The bit of the first attribute and that of the second."""

    def decode_text(self, text: str) -> Any:
        mask = INT.decode_text(text)
        first, second = self.bits
        return self.part(mask & first != 0, mask & second != 0)

    def encode_text(self, value: Any) -> str:
        if not isinstance(value, self.part):
            raise ValueError(f"{value!r} is no {self.part.__name__}")
        return str(sum(bit for bit, is_on in zip(self.bits, value.tuple(), strict=True) if is_on))


class LastMask(Mask):
    """The attributes of a trade."""

    part = TickAttribLast


class BidAskMask(Mask):
    """The attributes of a live bid and ask."""

    part = TickAttribBidAsk


class HistoricalBidAskMask(BidAskMask):
    """The attributes of a historical bid and ask. The two bits are swapped against those of a live one."""

    bits = (2, 1)


LAST_MASK, BID_ASK_MASK, HISTORICAL_BID_ASK_MASK = LastMask(), BidAskMask(), HistoricalBidAskMask()


# Defaults are "unset", which protobuf does not send: a live tick has a part of each class below, but sends only one.


@dataclass(slots=True)
class TickMidPoint:
    """A midpoint. `time` is in seconds since 1970; `size` has no meaning."""

    time: int = UNSET_INTEGER
    price: float = UNSET_DOUBLE
    size: Quantity = UNSET_DOUBLE


@dataclass(slots=True)
class TickBidAsk:
    """A best bid and ask. `time` is in seconds since 1970."""

    time: int = UNSET_INTEGER
    tickAttribBidAsk: TickAttribBidAsk = field(default_factory=TickAttribBidAsk)
    priceBid: float = UNSET_DOUBLE
    priceAsk: float = UNSET_DOUBLE
    sizeBid: Quantity = UNSET_DOUBLE
    sizeAsk: Quantity = UNSET_DOUBLE


@dataclass(slots=True)
class TickLast:
    """A trade. `time` is in seconds since 1970; `specialConditions` are codes of its exchange."""

    time: int = UNSET_INTEGER
    tickAttribLast: TickAttribLast = field(default_factory=TickAttribLast)
    price: float = UNSET_DOUBLE
    size: Quantity = UNSET_DOUBLE
    exchange: str = ""
    specialConditions: str = ""


_mid_point, _bid_ask, _last = refs(TickMidPoint), refs(TickBidAsk), refs(TickLast)
_of_last, _of_bid_ask = refs(TickAttribLast), refs(TickAttribBidAsk)

TICK_MID_POINT = record(TickMidPoint, {1: _mid_point.time, 2: _mid_point.price, 3: _mid_point.size})

TICK_BID_ASK = record(
    TickBidAsk,
    {
        1: _bid_ask.time,
        2: embed(
            _bid_ask.tickAttribBidAsk,
            record(TickAttribBidAsk, {1: _of_bid_ask.bidPastLow, 2: _of_bid_ask.askPastHigh}),
        ),
        3: _bid_ask.priceBid,
        4: _bid_ask.priceAsk,
        5: _bid_ask.sizeBid,
        6: _bid_ask.sizeAsk,
    },
)

TICK_LAST = record(
    TickLast,
    {
        1: _last.time,
        2: embed(_last.tickAttribLast, record(TickAttribLast, {1: _of_last.pastLimit, 2: _of_last.unreported})),
        3: _last.price,
        4: _last.size,
        5: _last.exchange,
        6: _last.specialConditions,
    },
)


@from_client(96, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    *CONTRACT_OF_REQUEST,
    contract.includeExpired,
    "startDateTime",
    "endDateTime",
    "numberOfTicks",
    "whatToShow",
    "useRTH",
    "ignoreSize",
    spelled(OPTIONS, "miscOptions"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "startDateTime",
    4: "endDateTime",
    5: "numberOfTicks",
    6: "whatToShow",
    7: "useRTH",
    8: "ignoreSize",
    9: pairs("miscOptions"),
})  # fmt: skip
class ReqHistoricalTicks:
    """Ask for up to 1000 ticks after `startDateTime` or before `endDateTime`, of which one must be empty.

    `whatToShow` is TRADES, BID_ASK or MIDPOINT and decides which message answers. More ticks than asked for may come,
    to complete the last second. `ignoreSize` leaves out bids and asks in which only a size changed. Source: TWS API
    documentation, "Historical Time & Sales".
    """

    reqId: int
    contract: Contract
    startDateTime: MomentText
    endDateTime: MomentText
    numberOfTicks: int
    whatToShow: str
    useRTH: bool
    ignoreSize: bool = False
    miscOptions: list[TagValue] = field(default_factory=list)


@from_client(107, protobuf=V.PROTOBUF_HISTORICAL_DATA, first=V.CANCEL_CONTRACT_DATA)
class CancelHistoricalTicks:
    """Cancel a request for historical ticks."""

    reqId: int


@from_server(96, part_of=ReqHistoricalTicks, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    many("ticks", TickMidPoint, _mid_point.time, Fixed(0), _mid_point.price, _mid_point.size),
    "done",
), tags={1: "reqId", 2: repeat("ticks", TICK_MID_POINT), 3: "done"})  # fmt: skip
class HistoricalTicks:
    """Historical midpoints. `done` is true in the last message of an answer."""

    reqId: int
    ticks: list[TickMidPoint]
    done: bool


@from_server(97, part_of=ReqHistoricalTicks, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    many(
        "ticks",
        TickBidAsk,
        _bid_ask.time,
        spelled(HISTORICAL_BID_ASK_MASK, _bid_ask.tickAttribBidAsk),
        _bid_ask.priceBid,
        _bid_ask.priceAsk,
        _bid_ask.sizeBid,
        _bid_ask.sizeAsk,
    ),
    "done",
), tags={1: "reqId", 2: repeat("ticks", TICK_BID_ASK), 3: "done"})  # fmt: skip
class HistoricalTicksBidAsk:
    """Historical bids and asks. `done` is true in the last message of an answer."""

    reqId: int
    ticks: list[TickBidAsk]
    done: bool


@from_server(98, part_of=ReqHistoricalTicks, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    many(
        "ticks",
        TickLast,
        _last.time,
        spelled(LAST_MASK, _last.tickAttribLast),
        _last.price,
        _last.size,
        _last.exchange,
        _last.specialConditions,
    ),
    "done",
), tags={1: "reqId", 2: repeat("ticks", TICK_LAST), 3: "done"})  # fmt: skip
class HistoricalTicksLast:
    """Historical trades. `done` is true in the last message of an answer."""

    reqId: int
    ticks: list[TickLast]
    done: bool
