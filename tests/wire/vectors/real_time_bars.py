"""Literal messages of bars as they happen, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, STOCK, Vector, raw, tagged, text

from ibdesk.model.contract import TagValue
from ibdesk.wire.messages import real_time_bars

BAR = real_time_bars.RealtimeBar(7, 1775425765, 100.5, 101.0, 100.25, 100.75, 300.0, 100.5, 12)

VECTORS = (
    Vector(
        "ask for bars",
        178,
        CLIENT,
        text("50|3|7|0|AAPL|STK||0.0|||SMART||USD|||5|TRADES|1||"),
        real_time_bars.ReqRealTimeBars(7, STOCK, 5, "TRADES", True),
    ),
    Vector(
        "ask for bars, with a binary id and options",
        207,
        CLIENT,
        raw(50, "3|7|0|AAPL|STK|||||SMART||USD|||5|MIDPOINT|0|a=1;|"),
        real_time_bars.ReqRealTimeBars(7, STOCK, 5, "MIDPOINT", False, [TagValue("a", "1")]),
    ),
    Vector(
        "ask for bars in protobuf",
        208,
        CLIENT,
        tagged(
            50,
            "08 07 12 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"
            "18 05 22 06 54 52 41 44 45 53 28 01 32 06 0a 01 61 12 01 31",
        ),
        real_time_bars.ReqRealTimeBars(7, STOCK, 5, "TRADES", True, [TagValue("a", "1")]),
    ),
    Vector("end bars", 178, CLIENT, text("51|1|7|"), real_time_bars.CancelRealTimeBars(7)),
    Vector("end bars in protobuf", 208, CLIENT, tagged(51, "08 07"), real_time_bars.CancelRealTimeBars(7)),
    Vector("bar", 178, SERVER, text("50|3|7|1775425765|100.5|101.0|100.25|100.75|300|100.5|12|"), BAR),
    Vector(
        "bar of quotes",
        200,
        SERVER,
        text("50|3|7|1775425765|1.125|1.25|1.0|1.125|-1|-1|-1|"),
        real_time_bars.RealtimeBar(7, 1775425765, 1.125, 1.25, 1.0, 1.125, -1.0, -1.0, -1),
    ),
    Vector(
        "bar in protobuf",
        208,
        SERVER,
        tagged(
            50,
            "08 07 10 e5 b1 cb ce 06 19 00 00 00 00 00 20 59 40 21 00 00 00 00 00 40 59 40 29 00 00 00 00 00 10 59 40"
            "31 00 00 00 00 00 30 59 40 3a 03 33 30 30 42 05 31 30 30 2e 35 48 0c",
        ),
        BAR,
    ),
    Vector(
        "bar without its sizes",
        225,
        SERVER,
        tagged(
            50,
            "08 07 10 e5 b1 cb ce 06 19 00 00 00 00 00 20 59 40 21 00 00 00 00 00 40 59 40 29 00 00 00 00 00 10 59 40"
            "31 00 00 00 00 00 30 59 40 48 00",
        ),
        real_time_bars.RealtimeBar(7, 1775425765, 100.5, 101.0, 100.25, 100.75),
    ),
)
