"""Messages of bars of five seconds, sent as they form."""

from dataclasses import field

from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, pairs, spelled, untold
from ibdesk.wire.messages.contracts import CONTRACT_OF_REQUEST, REQUESTED_CONTRACT, contract
from ibdesk.wire.scalars import OPTIONS, Long, Quantity


@from_client(50, version=3, protobuf=V.PROTOBUF_HISTORICAL_DATA, text=(
    "reqId",
    *CONTRACT_OF_REQUEST,
    "barSize",
    "whatToShow",
    "useRTH",
    spelled(OPTIONS, "realTimeBarsOptions"),
), tags={
    1: "reqId",
    2: embed(contract, REQUESTED_CONTRACT, when_empty=True),
    3: "barSize",
    4: "whatToShow",
    5: "useRTH",
    6: pairs("realTimeBarsOptions"),
})  # fmt: skip
class ReqRealTimeBars:
    """Subscribe to bars of five seconds. Servers ignore `barSize`, which is in seconds.

    `whatToShow` is TRADES, MIDPOINT, BID or ASK. `useRTH` leaves out everything outside regular trading hours.
    """

    reqId: int
    contract: Contract
    barSize: int
    whatToShow: str
    useRTH: bool
    realTimeBarsOptions: list[TagValue] = field(default_factory=list)


@from_client(51, version=1, protobuf=V.PROTOBUF_HISTORICAL_DATA)
class CancelRealTimeBars:
    """End a subscription to bars of five seconds."""

    reqId: int


@from_server(
    50, version=3, protobuf=V.PROTOBUF_HISTORICAL_DATA, absent=untold("open_", "high", "low", "close")
)  # fmt: skip
class RealtimeBar:
    """A bar of five seconds that starts at `time`, in seconds since 1970.

    `wap` is the volume-weighted average price and `count` the number of trades. These two and `volume` are -1 where the
    bar is not made of trades.
    """

    reqId: int
    time: Long
    open_: float
    high: float
    low: float
    close: float
    volume: Quantity = UNSET_DOUBLE
    wap: Quantity = UNSET_DOUBLE
    count: int = 0
