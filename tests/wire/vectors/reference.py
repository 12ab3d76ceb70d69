"""Literal messages of what is looked up beside contracts, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.model.components import SoftDollarTier
from ibdesk.model.contract import Contract
from ibdesk.wire.messages import reference

TIERS = reference.SoftDollarTiers(7, [SoftDollarTier("Tier", "10", "Tier 10")])
FAMILIES = reference.FamilyCodes([reference.FamilyCode("U1234567", "F445566A"), reference.FamilyCode("U7654321")])
EXCHANGES = reference.SmartComponents(
    7, [reference.SmartComponent(0, "AMEX", "A"), reference.SmartComponent(8, "ARCA", "P")]
)
RULE = reference.MarketRule(110, [reference.PriceIncrement(0.0, 0.05), reference.PriceIncrement(3.0, 0.1)])
APPLE = Contract(secType="STK", conId=265598, symbol="AAPL", primaryExchange="NASDAQ", currency="USD")
DESCRIBED = Contract(
    secType="STK", conId=265598, symbol="AAPL", primaryExchange="NASDAQ", currency="USD", description="Apple Inc"
)
BONDS = Contract(secType="BOND", conId=-1, issuerId="e1453318")
SAMPLES = reference.SymbolSamples(
    7, [reference.ContractDescription(DESCRIBED, ["OPT"]), reference.ContractDescription(BONDS)]
)

VECTORS = (
    Vector("ask for tiers", 178, CLIENT, text("79|7|"), reference.ReqSoftDollarTiers(7)),
    Vector("ask for tiers in protobuf", 212, CLIENT, tagged(79, "08 07"), reference.ReqSoftDollarTiers(7)),
    Vector("tiers", 178, SERVER, text("77|7|1|Tier|10|Tier 10|"), TIERS),
    Vector("no tiers", 200, SERVER, text("77|7|0|"), reference.SoftDollarTiers(7, [])),
    Vector(
        "tiers in protobuf",
        212,
        SERVER,
        tagged(77, "08 07 12 13 0a 04 54 69 65 72 12 02 31 30 1a 07 54 69 65 72 20 31 30"),
        TIERS,
    ),
    Vector("ask for families", 178, CLIENT, text("80|"), reference.ReqFamilyCodes()),
    Vector("ask for families, with a binary id", 211, CLIENT, raw(80, ""), reference.ReqFamilyCodes()),
    Vector("ask for families in protobuf", 212, CLIENT, tagged(80, ""), reference.ReqFamilyCodes()),
    Vector("families", 178, SERVER, text("78|2|U1234567|F445566A|U7654321||"), FAMILIES),
    Vector(
        "families in protobuf",
        212,
        SERVER,
        tagged(
            78,
            "0a 14 0a 08 55 31 32 33 34 35 36 37 12 08 46 34 34 35 35 36 36 41 0a 0a 0a 08 55 37 36 35 34 33 32 31",
        ),
        FAMILIES,
    ),
    Vector("search a symbol", 178, CLIENT, text("81|7|App|"), reference.ReqMatchingSymbols(7, "App")),
    Vector(
        "search a symbol in protobuf",
        212,
        CLIENT,
        tagged(81, "08 07 12 03 41 70 70"),
        reference.ReqMatchingSymbols(7, "App"),
    ),
    Vector(
        "what was found",
        175,
        SERVER,
        text("79|7|1|265598|AAPL|STK|NASDAQ|USD|2|CFD|OPT|"),
        reference.SymbolSamples(7, [reference.ContractDescription(APPLE, ["CFD", "OPT"])]),
    ),
    Vector(
        "what was found, with descriptions and the issuer of bonds",
        176,
        SERVER,
        text("79|7|2|265598|AAPL|STK|NASDAQ|USD|1|OPT|Apple Inc||-1||BOND|||0||e1453318|"),
        SAMPLES,
    ),
    Vector(
        "what was found, in protobuf",
        212,
        SERVER,
        tagged(
            79,
            "08 07"
            "12 2e 0a 27 08 fe 9a 10 12 04 41 41 50 4c 1a 03 53 54 4b"
            "4a 06 4e 41 53 44 41 51 52 03 55 53 44 7a 09 41 70 70 6c 65 20 49 6e 63 12 03 4f 50 54"
            "12 1e 0a 1c 08 ff ff ff ff ff ff ff ff ff 01 1a 04 42 4f 4e 44 82 01 08 65 31 34 35 33 33 31 38",
        ),
        SAMPLES,
    ),
    Vector("ask for exchanges", 178, CLIENT, text("83|7|a60001|"), reference.ReqSmartComponents(7, "a60001")),
    Vector(
        "ask for exchanges in protobuf",
        212,
        CLIENT,
        tagged(83, "08 07 12 06 61 36 30 30 30 31"),
        reference.ReqSmartComponents(7, "a60001"),
    ),
    Vector("exchanges", 178, SERVER, text("82|7|2|0|AMEX|A|8|ARCA|P|"), EXCHANGES),
    Vector(
        "exchanges in protobuf",
        212,
        SERVER,
        tagged(82, "08 07 12 0b 08 00 12 04 41 4d 45 58 1a 01 41 12 0b 08 08 12 04 41 52 43 41 1a 01 50"),
        EXCHANGES,
    ),
    Vector("ask for price steps", 178, CLIENT, text("91|26|"), reference.ReqMarketRule(26)),
    Vector("ask for price steps in protobuf", 212, CLIENT, tagged(91, "08 1a"), reference.ReqMarketRule(26)),
    Vector("price steps", 178, SERVER, text("93|110|2|0.0|0.05|3.0|0.1|"), RULE),
    Vector(
        "price steps in protobuf",
        212,
        SERVER,
        tagged(
            93,
            "08 6e 12 12 09 00 00 00 00 00 00 00 00 11 9a 99 99 99 99 99 a9 3f"
            "12 12 09 00 00 00 00 00 00 08 40 11 9a 99 99 99 99 99 b9 3f",
        ),
        RULE,
    ),
)
