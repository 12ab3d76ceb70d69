"""Literal messages of tick-by-tick data, each with its bytes, as in `wire.vectors`."""

from wire.vectors.historical_ticks import PAST_HIGH, PAST_LOW, UNREPORTED
from wire.vectors.vector import CLIENT, SERVER, STOCK, Vector, raw, tagged, text

from ibdesk.model.quotes import TickAttribBidAsk, TickAttribLast
from ibdesk.wire.messages import tick_by_tick as live
from ibdesk.wire.messages.historical_ticks import TickBidAsk, TickLast, TickMidPoint

_STOCK = "12 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"
_TIME, _AT_TIME = 1681133400, "08 d8 9e d0 a1 06"

VECTORS = (
    Vector(
        "ask for trades",
        178,
        CLIENT,
        text("97|7|0|AAPL|STK||0.0|||SMART||USD|||AllLast|0|0|"),
        live.ReqTickByTickData(7, STOCK, "AllLast"),
    ),
    Vector(
        "ask for quotes without changes of sizes",
        207,
        CLIENT,
        raw(97, "7|0|AAPL|STK|||||SMART||USD|||BidAsk|9|1|"),
        live.ReqTickByTickData(7, STOCK, "BidAsk", 9, True),
    ),
    Vector(
        "ask for quotes in protobuf",
        208,
        CLIENT,
        tagged(97, f"08 07 {_STOCK} 1a 06 42 69 64 41 73 6b 20 09 28 01"),
        live.ReqTickByTickData(7, STOCK, "BidAsk", 9, True),
    ),
    Vector("end ticks", 178, CLIENT, text("98|7|"), live.CancelTickByTickData(7)),
    Vector("end ticks in protobuf", 208, CLIENT, tagged(98, "08 07"), live.CancelTickByTickData(7)),
    Vector(
        "a trade",
        178,
        SERVER,
        text("99|7|1|1681133400|150.25|100|2|FINRA|   I|"),
        live.TickByTick(7, 1, last=TickLast(_TIME, UNREPORTED, 150.25, 100.0, "FINRA", "   I")),
    ),
    Vector(
        "a trade of all, beyond the limits",
        207,
        SERVER,
        raw(99, "7|2|1681133400|150.25|0|1|||"),
        live.TickByTick(7, 2, last=TickLast(_TIME, TickAttribLast(pastLimit=True), 150.25, 0.0)),
    ),
    Vector(
        "a trade in protobuf",
        208,
        SERVER,
        tagged(
            99, f"08 07 10 02 1a 1e {_AT_TIME} 12 02 10 01 19 00 00 00 00 00 c8 62 40 22 01 31 2a 03 49 45 58 32 01 49"
        ),
        live.TickByTick(7, 2, last=TickLast(_TIME, UNREPORTED, 150.25, 1.0, "IEX", "I")),
    ),
    Vector(
        "a quote: the lower bit is the bid's, unlike that of the past",
        178,
        SERVER,
        text("99|7|3|1681133400|1.5|150.25|100|200|1|"),
        live.TickByTick(7, 3, bidAsk=TickBidAsk(_TIME, PAST_LOW, 1.5, 150.25, 100.0, 200.0)),
    ),
    Vector(
        "a quote with an ask above the day's high",
        200,
        SERVER,
        text("99|7|3|1681133400|1.5|150.25|100|200|2|"),
        live.TickByTick(7, 3, bidAsk=TickBidAsk(_TIME, PAST_HIGH, 1.5, 150.25, 100.0, 200.0)),
    ),
    Vector(
        "a quote in protobuf",
        208,
        SERVER,
        tagged(
            99,
            f"08 07 10 03 22 24 {_AT_TIME} 12 02 10 01 19 00 00 00 00 00 00 f8 3f 21 00 00 00 00 00 c8 62 40"
            "2a 01 31 32 03 32 30 30",
        ),
        live.TickByTick(7, 3, bidAsk=TickBidAsk(_TIME, PAST_HIGH, 1.5, 150.25, 1.0, 200.0)),
    ),
    Vector(
        "a quote without attributes in protobuf",
        225,
        SERVER,
        tagged(99, f"08 07 10 03 22 0f {_AT_TIME} 19 00 00 00 00 00 00 f8 3f"),
        live.TickByTick(7, 3, bidAsk=TickBidAsk(_TIME, TickAttribBidAsk(), 1.5)),
    ),
    Vector(
        "a midpoint",
        178,
        SERVER,
        text("99|7|4|1681133400|150.25|"),
        live.TickByTick(7, 4, midPoint=TickMidPoint(_TIME, 150.25)),
    ),
    Vector(
        "a midpoint in protobuf",
        208,
        SERVER,
        tagged(99, f"08 07 10 04 2a 0f {_AT_TIME} 11 00 00 00 00 00 c8 62 40"),
        live.TickByTick(7, 4, midPoint=TickMidPoint(_TIME, 150.25)),
    ),
)

CAPTURES = (
    Vector(
        "a trade of March 2023",
        165,
        SERVER,
        text("99|9000|1|1678740829|3895.25|7|2|||"),
        live.TickByTick(9000, 1, last=TickLast(1678740829, UNREPORTED, 3895.25, 7.0)),
    ),
)
