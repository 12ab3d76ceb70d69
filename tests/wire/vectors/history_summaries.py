"""Literal messages of what history is beside bars, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, STOCK, Vector, raw, tagged, text

from ibdesk.model.bars import HistoricalSession
from ibdesk.wire.messages import history_summaries as summaries

TRADED = summaries.HistogramData(
    7, [summaries.HistogramDataEntry(100.5, 300.0), summaries.HistogramDataEntry(100.75, 0.5)]
)
OPEN, CLOSE = "20260312-09:30:00", "20260312-16:00:00"
SCHEDULE = summaries.HistoricalSchedule(7, OPEN, CLOSE, "US/Eastern", [HistoricalSession(OPEN, CLOSE, "20260312")])

VECTORS = (
    Vector(
        "ask for the beginning",
        178,
        CLIENT,
        text("87|7|0|AAPL|STK||0.0|||SMART||USD|||0|1|TRADES|2|"),
        summaries.ReqHeadTimeStamp(7, STOCK, "TRADES", True, 2),
    ),
    Vector(
        "ask for the beginning, with a binary id",
        202,
        CLIENT,
        raw(87, "7|0|AAPL|STK|||||SMART||USD|||0|0|BID|1|"),
        summaries.ReqHeadTimeStamp(7, STOCK, "BID", False, 1),
    ),
    Vector(
        "ask for the beginning in protobuf",
        208,
        CLIENT,
        tagged(
            87,
            "08 07 12 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"
            "18 01 22 06 54 52 41 44 45 53 28 02",
        ),
        summaries.ReqHeadTimeStamp(7, STOCK, "TRADES", True, 2),
    ),
    Vector("end that", 178, CLIENT, text("90|7|"), summaries.CancelHeadTimeStamp(7)),
    Vector("end that in protobuf", 208, CLIENT, tagged(90, "08 07"), summaries.CancelHeadTimeStamp(7)),
    Vector(
        "the beginning in protobuf",
        208,
        SERVER,
        tagged(88, "08 07 12 11 31 39 38 30 31 32 31 32 2d 31 34 3a 33 30 3a 30 30"),
        summaries.HeadTimestamp(7, "19801212-14:30:00"),
    ),
    Vector(
        "ask for a histogram",
        178,
        CLIENT,
        text("88|7|0|AAPL|STK||0.0|||SMART||USD|||0|1|3 days|"),
        summaries.ReqHistogramData(7, STOCK, True, "3 days"),
    ),
    Vector(
        "ask for a histogram in protobuf",
        208,
        CLIENT,
        tagged(
            88,
            "08 07 12 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"
            "18 01 22 06 33 20 64 61 79 73",
        ),
        summaries.ReqHistogramData(7, STOCK, True, "3 days"),
    ),
    Vector("end a histogram", 178, CLIENT, text("89|7|"), summaries.CancelHistogramData(7)),
    Vector("end a histogram in protobuf", 208, CLIENT, tagged(89, "08 07"), summaries.CancelHistogramData(7)),
    Vector("histogram", 178, SERVER, text("89|7|2|100.5|300|100.75|0.5|"), TRADED),
    Vector(
        "histogram in protobuf",
        208,
        SERVER,
        tagged(
            89,
            "08 07 12 0e 09 00 00 00 00 00 20 59 40 12 03 33 30 30 12 0e 09 00 00 00 00 00 30 59 40 12 03 30 2e 35",
        ),
        TRADED,
    ),
    Vector(
        "sessions",
        200,
        SERVER,
        text(f"106|7|{OPEN}|{CLOSE}|US/Eastern|1|{OPEN}|{CLOSE}|20260312|"),
        SCHEDULE,
    ),
    Vector(
        "sessions in protobuf",
        208,
        SERVER,
        tagged(
            106,
            "08 07 12 11 32 30 32 36 30 33 31 32 2d 30 39 3a 33 30 3a 30 30"
            "1a 11 32 30 32 36 30 33 31 32 2d 31 36 3a 30 30 3a 30 30 22 0a 55 53 2f 45 61 73 74 65 72 6e"
            "2a 30 0a 11 32 30 32 36 30 33 31 32 2d 30 39 3a 33 30 3a 30 30"
            "12 11 32 30 32 36 30 33 31 32 2d 31 36 3a 30 30 3a 30 30 1a 08 32 30 32 36 30 33 31 32",
        ),
        SCHEDULE,
    ),
)

CAPTURES = (
    Vector(
        "the beginning of AAPL",
        178,
        SERVER,
        text("88|7|19801212-14:30:00|"),
        summaries.HeadTimestamp(7, "19801212-14:30:00"),
    ),
    Vector(
        "the beginning of AAPL, 2020",
        157,
        SERVER,
        text("88|7|19801212  14:30:00|"),
        summaries.HeadTimestamp(7, "19801212  14:30:00"),
    ),
    Vector(
        "the beginning of AAPL, in seconds",
        178,
        SERVER,
        text("88|7|345479400|"),
        summaries.HeadTimestamp(7, "345479400"),
    ),
)
