"""Literal messages of market scanners, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.model.contract import Contract, TagValue
from ibdesk.wire.messages import scanner

LARGEST = scanner.ScannerQuery(
    numberOfRows=5,
    instrument="STK",
    locationCode="STK.US",
    scanCode="MOST_ACTIVE",
    abovePrice=5.0,
    aboveVolume=1000,
    stockTypeFilter="ALL",
    scannerSubscriptionFilterOptions=[TagValue("marketCapAbove1e6", "10000")],
    scannerSubscriptionOptions=[TagValue("x", "y")],
)
EVERY_FILTER = scanner.ScannerQuery(
    numberOfRows=-1,
    instrument="BOND",
    abovePrice=1.0,
    belowPrice=2.0,
    aboveVolume=3,
    marketCapAbove=4.0,
    marketCapBelow=8.0,
    moodyRatingAbove="A",
    moodyRatingBelow="B",
    spRatingAbove="C",
    spRatingBelow="D",
    maturityDateAbove="E",
    maturityDateBelow="F",
    couponRateAbove=16.0,
    couponRateBelow=32.0,
    excludeConvertible=True,
    averageOptionVolumeAbove=4,
    scannerSettingPairs="G",
    stockTypeFilter="H",
)
FOUND = scanner.ScannerRow(
    0,
    Contract(conId=265598, symbol="AAPL", secType="STK", exchange="SMART", currency="USD", localSymbol="AAPL"),
    "NMS",
    "d",
    "b",
    "p",
    "l",
)

VECTORS = (
    Vector("ask what there is", 178, CLIENT, text("24|1|"), scanner.ReqScannerParameters()),
    Vector("ask what there is in protobuf", 210, CLIENT, tagged(24, ""), scanner.ReqScannerParameters()),
    Vector("what there is", 178, SERVER, text("19|1|<a/>|"), scanner.ScannerParameters("<a/>")),
    Vector(
        "what there is in protobuf", 210, SERVER, tagged(19, "0a 04 3c 61 2f 3e"), scanner.ScannerParameters("<a/>")
    ),
    Vector(
        "scan",
        178,
        CLIENT,
        text("22|7|5|STK|STK.US|MOST_ACTIVE|5.0||1000|||||||||||0|||ALL|marketCapAbove1e6=10000;|x=y;|"),
        scanner.ReqScannerSubscription(7, LARGEST),
    ),
    Vector(
        "scan with every filter",
        209,
        CLIENT,
        raw(22, "7|-1|BOND|||1.0|2.0|3|4.0|8.0|A|B|C|D|E|F|16.0|32.0|1|4|G|H|||"),
        scanner.ReqScannerSubscription(7, EVERY_FILTER),
    ),
    Vector(
        "scan in protobuf: the options are inside",
        210,
        CLIENT,
        tagged(
            22,
            "08 07 12 54 08 05 12 03 53 54 4b 1a 06 53 54 4b 2e 55 53 22 0b 4d 4f 53 54 5f 41 43 54 49 56 45"
            "29 00 00 00 00 00 00 14 40 38 e8 07 aa 01 03 41 4c 4c"
            "b2 01 1a 0a 11 6d 61 72 6b 65 74 43 61 70 41 62 6f 76 65 31 65 36 12 05 31 30 30 30 30"
            "ba 01 06 0a 01 78 12 01 79",
        ),
        scanner.ReqScannerSubscription(7, LARGEST),
    ),
    Vector(
        "scan with every filter in protobuf",
        210,
        CLIENT,
        tagged(
            22,
            "08 07 12 6b 08 ff ff ff ff ff ff ff ff ff 01 12 04 42 4f 4e 44"
            "29 00 00 00 00 00 00 f0 3f 31 00 00 00 00 00 00 00 40 38 03"
            "41 00 00 00 00 00 00 10 40 49 00 00 00 00 00 00 20 40"
            "52 01 41 5a 01 42 62 01 43 6a 01 44 72 01 45 7a 01 46"
            "81 01 00 00 00 00 00 00 30 40 89 01 00 00 00 00 00 00 40 40"
            "90 01 01 98 01 04 a2 01 01 47 aa 01 01 48",
        ),
        scanner.ReqScannerSubscription(7, EVERY_FILTER),
    ),
    Vector("end a scan", 178, CLIENT, text("23|1|7|"), scanner.CancelScannerSubscription(7)),
    Vector("end a scan in protobuf", 210, CLIENT, tagged(23, "08 07"), scanner.CancelScannerSubscription(7)),
    Vector("nothing found", 178, SERVER, text("20|3|7|0|"), scanner.ScannerData(7, [])),
    Vector(
        "found",
        178,
        SERVER,
        text("20|3|7|1|0|265598|AAPL|STK||0.0||SMART|USD|AAPL|NMS||d|b|p|l|"),
        scanner.ScannerData(7, [FOUND]),
    ),
    Vector(
        "found, in protobuf",
        210,
        SERVER,
        tagged(
            20,
            "08 07 12 36 08 00 12 21 08 fe 9a 10 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54"
            "52 03 55 53 44 5a 04 41 41 50 4c 1a 03 4e 4d 53 22 01 64 2a 01 62 32 01 70 3a 01 6c",
        ),
        scanner.ScannerData(7, [FOUND]),
    ),
)
