"""Literal messages of ticks of the past, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, STOCK, Vector, raw, tagged, text

from ibdesk.model.contract import TagValue
from ibdesk.model.quotes import TickAttribBidAsk, TickAttribLast
from ibdesk.wire.messages import historical_ticks as history
from ibdesk.wire.messages.historical_ticks import TickBidAsk, TickLast, TickMidPoint

_STOCK = "12 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"
_TIME, _AT_TIME = 1681133400, "08 d8 9e d0 a1 06"
PAST_HIGH, PAST_LOW = TickAttribBidAsk(askPastHigh=True), TickAttribBidAsk(bidPastLow=True)
UNREPORTED = TickAttribLast(unreported=True)

VECTORS = (
    Vector(
        "ask for ticks",
        178,
        CLIENT,
        text("96|7|0|AAPL|STK||0.0|||SMART||USD|||0|20250620 09:30:00||1000|TRADES|1|0||"),
        history.ReqHistoricalTicks(7, STOCK, "20250620 09:30:00", "", 1000, "TRADES", True),
    ),
    Vector(
        "ask for ticks with options",
        202,
        CLIENT,
        raw(96, "7|0|AAPL|STK|||||SMART||USD|||0||20250620 09:30:00|9|BID_ASK|0|1|a=1;b=2;|"),
        history.ReqHistoricalTicks(
            7, STOCK, "", "20250620 09:30:00", 9, "BID_ASK", False, True, [TagValue("a", "1"), TagValue("b", "2")]
        ),
    ),
    Vector(
        "ask for ticks in protobuf",
        208,
        CLIENT,
        tagged(
            96, f"08 07 {_STOCK} 1a 01 61 22 01 62 28 09 32 06 54 52 41 44 45 53 38 01 40 01 4a 06 0a 01 61 12 01 31"
        ),
        history.ReqHistoricalTicks(7, STOCK, "a", "b", 9, "TRADES", True, True, [TagValue("a", "1")]),
    ),
    Vector("end a request for ticks", 215, CLIENT, tagged(107, "08 07"), history.CancelHistoricalTicks(7)),
    Vector(
        "midpoints",
        200,
        SERVER,
        text("96|7|2|1681133400|0|150.25|0|1681133401|0|1.5|0|0|"),
        history.HistoricalTicks(7, [TickMidPoint(_TIME, 150.25, 0.0), TickMidPoint(_TIME + 1, 1.5, 0.0)], False),
    ),
    Vector(
        "midpoints in protobuf",
        208,
        SERVER,
        tagged(96, f"08 07 12 12 {_AT_TIME} 11 00 00 00 00 00 c8 62 40 1a 01 30 18 01"),
        history.HistoricalTicks(7, [TickMidPoint(_TIME, 150.25, 0.0)], True),
    ),
    Vector("no ticks", 178, SERVER, text("96|7|0|1|"), history.HistoricalTicks(7, [], True)),
    Vector(
        "bids and asks: the lower bit is the ask's",
        200,
        SERVER,
        text("97|7|2|1681133400|1|1.5|150.25|100|200|1681133400|2|1.5|150.25|100|200|1|"),
        history.HistoricalTicksBidAsk(
            7,
            [
                TickBidAsk(_TIME, PAST_HIGH, 1.5, 150.25, 100.0, 200.0),
                TickBidAsk(_TIME, PAST_LOW, 1.5, 150.25, 100.0, 200.0),
            ],
            True,
        ),
    ),
    Vector(
        "bids and asks in protobuf: the lower tag is the bid's",
        208,
        SERVER,
        tagged(
            97,
            f"08 07 12 24 {_AT_TIME} 12 02 10 01 19 00 00 00 00 00 00 f8 3f 21 00 00 00 00 00 c8 62 40"
            "2a 01 31 32 03 32 30 30 18 01",
        ),
        history.HistoricalTicksBidAsk(7, [TickBidAsk(_TIME, PAST_HIGH, 1.5, 150.25, 1.0, 200.0)], True),
    ),
    Vector(
        "trades",
        207,
        SERVER,
        raw(98, "7|1|1681133400|2|150.25|0.5|FINRA|   I|1|"),
        history.HistoricalTicksLast(7, [TickLast(_TIME, UNREPORTED, 150.25, 0.5, "FINRA", "   I")], True),
    ),
    Vector(
        "trades in protobuf",
        208,
        SERVER,
        tagged(98, f"08 07 12 1e {_AT_TIME} 12 02 10 01 19 00 00 00 00 00 c8 62 40 22 01 31 2a 03 49 45 58 32 01 49"),
        history.HistoricalTicksLast(7, [TickLast(_TIME, UNREPORTED, 150.25, 1.0, "IEX", "I")], False),
    ),
    Vector(
        "a trade beyond the limits, in protobuf",
        208,
        SERVER,
        tagged(98, f"08 07 12 0a {_AT_TIME} 12 02 08 01"),
        history.HistoricalTicksLast(7, [TickLast(_TIME, TickAttribLast(pastLimit=True))], False),
    ),
)

CAPTURES = (
    Vector(
        "midpoints of April 2023, cut short",
        165,
        SERVER,
        text("96|9000|2|1681133398|0|91.36|0|1681133400|0|91.355|0|1|"),
        history.HistoricalTicks(9000, [TickMidPoint(_TIME - 2, 91.36, 0.0), TickMidPoint(_TIME, 91.355, 0.0)], True),
    ),
    Vector(
        "bids and asks of April 2023, cut short",
        165,
        SERVER,
        text("97|9000|2|1681133399|0|11.63|11.83|2800|100|1681133400|0|11.63|11.72|2800|100|1|"),
        history.HistoricalTicksBidAsk(
            9000,
            [
                TickBidAsk(_TIME - 1, TickAttribBidAsk(), 11.63, 11.83, 2800.0, 100.0),
                TickBidAsk(_TIME, TickAttribBidAsk(), 11.63, 11.72, 2800.0, 100.0),
            ],
            True,
        ),
    ),
    Vector(
        "trades of April 2023, cut short",
        165,
        SERVER,
        text(
            "98|9000|3|1681133400|0|11.63|24547|ISLAND| O X|1681133400|2|11.73|1|DRCTEDGE|   I|"
            "1681133401|0|11.63|179|FINRA||1|"
        ),
        history.HistoricalTicksLast(
            9000,
            [
                TickLast(_TIME, TickAttribLast(), 11.63, 24547.0, "ISLAND", " O X"),
                TickLast(_TIME, UNREPORTED, 11.73, 1.0, "DRCTEDGE", "   I"),
                TickLast(_TIME + 1, TickAttribLast(), 11.63, 179.0, "FINRA"),
            ],
            True,
        ),
    ),
)
