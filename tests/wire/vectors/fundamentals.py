"""Literal messages of facts about companies, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, STOCK, Vector, raw, tagged, text

from ibdesk.model.contract import TagValue
from ibdesk.model.reference import WshEventData
from ibdesk.wire.messages import fundamentals

EVENTS = WshEventData(
    conId=8314,
    filter="{}",
    fillWatchlist=True,
    fillCompetitors=True,
    startDate="20260401",
    endDate="20260501",
    totalLimit=100,
)

VECTORS = (
    Vector(
        "ask for a report",
        178,
        CLIENT,
        text("52|2|7|0|AAPL|STK|SMART||USD||RESC|0||"),
        fundamentals.ReqFundamentalData(7, STOCK, "RESC"),
    ),
    Vector(
        "ask for a report with options, whose number stands before them",
        209,
        CLIENT,
        raw(52, "2|7|0|AAPL|STK|SMART||USD||RESC|2|a=1;b=2;|"),
        fundamentals.ReqFundamentalData(7, STOCK, "RESC", [TagValue("a", "1"), TagValue("b", "2")]),
    ),
    Vector(
        "ask for a report in protobuf",
        210,
        CLIENT,
        tagged(
            52,
            "08 07 12 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"
            "1a 04 52 45 53 43 22 06 0a 01 61 12 01 31",
        ),
        fundamentals.ReqFundamentalData(7, STOCK, "RESC", [TagValue("a", "1")]),
    ),
    Vector("end a report", 178, CLIENT, text("53|1|7|"), fundamentals.CancelFundamentalData(7)),
    Vector("end a report in protobuf", 210, CLIENT, tagged(53, "08 07"), fundamentals.CancelFundamentalData(7)),
    Vector("report", 178, SERVER, text("51|1|7|<a/>|"), fundamentals.FundamentalData(7, "<a/>")),
    Vector(
        "report in protobuf",
        210,
        SERVER,
        tagged(51, "08 07 12 04 3c 61 2f 3e"),
        fundamentals.FundamentalData(7, "<a/>"),
    ),
    Vector("ask for kinds of events", 161, CLIENT, text("100|7|"), fundamentals.ReqWshMetaData(7)),
    Vector("ask for kinds of events in protobuf", 209, CLIENT, tagged(100, "08 07"), fundamentals.ReqWshMetaData(7)),
    Vector("end the kinds of events", 161, CLIENT, text("101|7|"), fundamentals.CancelWshMetaData(7)),
    Vector("end the kinds of events in protobuf", 209, CLIENT, tagged(101, "08 07"), fundamentals.CancelWshMetaData(7)),
    Vector("kinds of events", 161, SERVER, text('104|7|{"a":1}|'), fundamentals.WshMetaData(7, '{"a":1}')),
    Vector(
        "kinds of events in protobuf", 209, SERVER, tagged(104, "08 07 12 02 7b 7d"), fundamentals.WshMetaData(7, "{}")
    ),
    Vector(
        "ask for events of a company",
        161,
        CLIENT,
        text("102|7|8314|"),
        fundamentals.ReqWshEventData(7, WshEventData(8314)),
    ),
    Vector(
        "ask for events by a filter",
        171,
        CLIENT,
        text("102|7|2147483647|{}|0|1|0|"),
        fundamentals.ReqWshEventData(7, WshEventData(filter="{}", fillPortfolio=True)),
    ),
    Vector(
        "ask for events without a limit",
        178,
        CLIENT,
        text("102|7|8314||0|0|0|||2147483647|"),
        fundamentals.ReqWshEventData(7, WshEventData(8314)),
    ),
    Vector(
        "ask for events of some days",
        208,
        CLIENT,
        raw(102, "7|8314|{}|1|0|1|20260401|20260501|100|"),
        fundamentals.ReqWshEventData(7, EVENTS),
    ),
    Vector(
        "ask for events in protobuf",
        209,
        CLIENT,
        tagged(
            102,
            "08 07 10 fa 40 1a 02 7b 7d 20 01 30 01 3a 08 32 30 32 36 30 34 30 31 42 08 32 30 32 36 30 35 30 31 48 64",
        ),
        fundamentals.ReqWshEventData(7, EVENTS),
    ),
    Vector(
        "ask for all events in protobuf",
        209,
        CLIENT,
        tagged(102, "08 07"),
        fundamentals.ReqWshEventData(7, WshEventData()),
    ),
    Vector("end events", 161, CLIENT, text("103|7|"), fundamentals.CancelWshEventData(7)),
    Vector("end events in protobuf", 209, CLIENT, tagged(103, "08 07"), fundamentals.CancelWshEventData(7)),
    Vector("events", 161, SERVER, text("105|7|[]|"), fundamentals.WshEventData(7, "[]")),
    Vector("events in protobuf", 209, SERVER, tagged(105, "08 07 12 02 5b 5d"), fundamentals.WshEventData(7, "[]")),
)
