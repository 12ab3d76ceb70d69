"""Literal messages of market depth, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, STOCK, Vector, raw, tagged, text

from ibdesk.model.contract import TagValue
from ibdesk.model.reference import DepthMktDataDescription
from ibdesk.wire.messages import depth
from ibdesk.wire.messages.depth import MarketDepthData

_STOCK = "12 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"

VECTORS = (
    Vector(
        "ask for the book of one exchange",
        178,
        CLIENT,
        text("10|5|7|0|AAPL|STK||0.0|||SMART||USD|||5|0||"),
        depth.ReqMktDepth(7, STOCK, 5),
    ),
    Vector(
        "ask for the book of many exchanges",
        202,
        CLIENT,
        raw(10, "5|7|0|AAPL|STK|||||SMART||USD|||5|1|a=1;|"),
        depth.ReqMktDepth(7, STOCK, 5, True, [TagValue("a", "1")]),
    ),
    Vector(
        "ask for a book in protobuf",
        206,
        CLIENT,
        tagged(10, f"08 07 {_STOCK} 18 05 20 01 2a 06 0a 01 61 12 01 31"),
        depth.ReqMktDepth(7, STOCK, 5, True, [TagValue("a", "1")]),
    ),
    Vector("end a book", 178, CLIENT, text("11|1|7|1|"), depth.CancelMktDepth(7, True)),
    Vector("end a book in protobuf", 206, CLIENT, tagged(11, "08 07"), depth.CancelMktDepth(7)),
    Vector(
        "a row of one exchange",
        178,
        SERVER,
        text("12|1|7|0|0|1|150.25|100|"),
        depth.UpdateMktDepth(7, MarketDepthData(0, 0, 1, 150.25, 100.0)),
    ),
    Vector(
        "a row of one exchange in protobuf",
        206,
        SERVER,
        tagged(12, "08 07 12 14 08 02 10 01 18 00 21 00 00 00 00 00 c8 62 40 2a 03 31 30 30"),
        depth.UpdateMktDepth(7, MarketDepthData(2, 1, 0, 150.25, 100.0)),
    ),
    Vector(
        "a row of a market maker",
        201,
        SERVER,
        raw(13, "1|7|3|NSDQ|2|0|150.25|0|0|"),
        depth.UpdateMktDepthL2(7, MarketDepthData(3, 2, 0, 150.25, 0.0, "NSDQ")),
    ),
    Vector(
        "a row of many exchanges in protobuf",
        225,
        SERVER,
        tagged(13, "08 07 12 19 08 00 10 00 18 01 21 00 00 00 00 00 c8 62 40 2a 01 35 32 03 49 45 58 38 01"),
        depth.UpdateMktDepthL2(7, MarketDepthData(0, 0, 1, 150.25, 5.0, "IEX", True)),
    ),
    Vector("ask who has depth", 178, CLIENT, text("82|"), depth.ReqMktDepthExchanges()),
    Vector("ask who has depth, with a binary id", 212, CLIENT, raw(82, ""), depth.ReqMktDepthExchanges()),
    Vector("ask who has depth in protobuf", 213, CLIENT, tagged(82, ""), depth.ReqMktDepthExchanges()),
    Vector(
        "who has depth",
        178,
        SERVER,
        text("80|2|DTB|OPT||Deep|2147483647|IDEALPRO|CASH||Deep|4|"),
        depth.MktDepthExchanges(
            [
                DepthMktDataDescription("DTB", "OPT", "", "Deep"),
                DepthMktDataDescription("IDEALPRO", "CASH", "", "Deep", 4),
            ]
        ),
    ),
    Vector(
        "who has depth in protobuf",
        213,
        SERVER,
        tagged(
            80, "0a 10 0a 03 44 54 42 12 03 4f 50 54 22 04 44 65 65 70 0a 0d 0a 04 41 52 43 41 12 03 53 54 4b 28 02"
        ),
        depth.MktDepthExchanges(
            [DepthMktDataDescription("DTB", "OPT", "", "Deep"), DepthMktDataDescription("ARCA", "STK", "", "", 2)]
        ),
    ),
    Vector("nobody has depth", 178, SERVER, text("80|0|"), depth.MktDepthExchanges([])),
    Vector(
        "quotes are elsewhere", 178, SERVER, text("91|7|265598|SMART|"), depth.RerouteMktDataReq(7, 265598, "SMART")
    ),
    Vector(
        "quotes are elsewhere, in protobuf",
        211,
        SERVER,
        tagged(91, "08 07 10 fe 9a 10 1a 05 53 4d 41 52 54"),
        depth.RerouteMktDataReq(7, 265598, "SMART"),
    ),
    Vector("the book is elsewhere", 210, SERVER, raw(92, "7|265598|IEX|"), depth.RerouteMktDepthReq(7, 265598, "IEX")),
    Vector(
        "the book is elsewhere, in protobuf",
        211,
        SERVER,
        tagged(92, "08 07 10 fe 9a 10 1a 03 49 45 58"),
        depth.RerouteMktDepthReq(7, 265598, "IEX"),
    ),
)

CAPTURES = (
    Vector(
        "a row of many exchanges, 2020",
        157,
        SERVER,
        text("13|1|20000001|0|AMEX|0|1|213.50|1|1|"),
        depth.UpdateMktDepthL2(20000001, MarketDepthData(0, 0, 1, 213.5, 1.0, "AMEX", True)),
    ),
)
