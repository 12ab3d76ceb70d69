"""Literal messages of options, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.model.contract import Contract, DeltaNeutralContract, TagValue
from ibdesk.wire.messages import options

CALL = Contract(
    secType="OPT",
    conId=7,
    symbol="SPX",
    lastTradeDateOrContractMonth="20250620",
    strike=1.5,
    right="C",
    multiplier="100",
    exchange="SMART",
    primaryExchange="CBOE",
    currency="USD",
)
EXERCISED = Contract(
    secType="OPT",
    conId=7,
    symbol="SPX",
    lastTradeDateOrContractMonth="20250620",
    strike=1.5,
    right="C",
    multiplier="100",
    exchange="SMART",
    currency="USD",
)
_CALL = (
    "12 3d 08 07 12 03 53 50 58 1a 03 4f 50 54 22 08 32 30 32 35 30 36 32 30 29 00 00 00 00 00 00 f8 3f 32 01 43"
    "39 00 00 00 00 00 00 59 40 42 05 53 4d 41 52 54 4a 04 43 42 4f 45 52 03 55 53 44"
)
_PRICE, _HALF = "00 00 00 00 00 c8 62 40", "00 00 00 00 00 00 e0 3f"

VECTORS = (
    Vector(
        "ask for a volatility",
        178,
        CLIENT,
        text("54|3|9|7|SPX|OPT|20250620|1.5|C|100|SMART|CBOE|USD|||0.5|150.25||"),
        options.CalculateImpliedVolatility(9, CALL, 0.5, 150.25),
    ),
    Vector(
        "ask for a volatility in protobuf",
        211,
        CLIENT,
        tagged(54, f"08 09 {_CALL} 19 {_HALF} 21 {_PRICE} 2a 06 0a 01 61 12 01 31"),
        options.CalculateImpliedVolatility(9, CALL, 0.5, 150.25, [TagValue("a", "1")]),
    ),
    Vector("end a volatility", 178, CLIENT, text("56|1|9|"), options.CancelCalculateImpliedVolatility(9)),
    Vector(
        "end a volatility in protobuf", 211, CLIENT, tagged(56, "08 09"), options.CancelCalculateImpliedVolatility(9)
    ),
    Vector(
        "ask for a price",
        210,
        CLIENT,
        raw(55, "3|9|7|SPX|OPT|20250620|1.5|C|100|SMART|CBOE|USD|||0.5|150.25|a=1;|"),
        options.CalculateOptionPrice(9, CALL, 0.5, 150.25, [TagValue("a", "1")]),
    ),
    Vector(
        "ask for a price in protobuf",
        211,
        CLIENT,
        tagged(55, f"08 09 {_CALL} 19 {_HALF} 21 {_PRICE}"),
        options.CalculateOptionPrice(9, CALL, 0.5, 150.25),
    ),
    Vector("end a price", 178, CLIENT, text("57|1|9|"), options.CancelCalculateOptionPrice(9)),
    Vector("end a price in protobuf", 211, CLIENT, tagged(57, "08 09"), options.CancelCalculateOptionPrice(9)),
    Vector(
        "exercise: no primary exchange",
        178,
        CLIENT,
        text("21|2|9|7|SPX|OPT|20250620|1.5|C|100|SMART|USD|||1|3|DU1|0|"),
        options.ExerciseOptions(9, EXERCISED, 1, 3, "DU1", False),
    ),
    Vector(
        "let lapse, at a time",
        180,
        CLIENT,
        text("21|2|9|7|SPX|OPT|20250620|1.5|C|100|SMART|USD|||2|3|DU1|1|20250620|"),
        options.ExerciseOptions(9, EXERCISED, 2, 3, "DU1", True, "20250620"),
    ),
    Vector(
        "exercise for a customer",
        183,
        CLIENT,
        text("21|2|9|7|SPX|OPT|20250620|1.5|C|100|SMART|USD|||1|3|DU1|0||me|"),
        options.ExerciseOptions(9, EXERCISED, 1, 3, "DU1", False, "", "me"),
    ),
    Vector(
        "exercise for a professional customer",
        201,
        CLIENT,
        raw(21, "2|9|7|SPX|OPT|20250620|1.5|C|100|SMART|USD|||1|3|DU1|0||me|1|"),
        options.ExerciseOptions(9, EXERCISED, 1, 3, "DU1", False, "", "me", True),
    ),
    Vector(
        "exercise in protobuf",
        211,
        CLIENT,
        tagged(21, f"08 09 {_CALL} 18 01 20 03 2a 03 44 55 31 30 01 3a 01 74 42 02 6d 65 48 01"),
        options.ExerciseOptions(9, CALL, 1, 3, "DU1", True, "t", "me", True),
    ),
    Vector(
        "greeks",
        178,
        SERVER,
        text("21|9|13|0|0.5|-0.5|1.5|0.0|0.25|2.0|-1.0|150.25|"),
        options.TickOptionComputation(9, 13, 0, 0.5, -0.5, 1.5, 0.0, 0.25, 2.0, -1.0, 150.25),
    ),
    Vector(
        "greeks that have not been computed",
        205,
        SERVER,
        raw(21, "9|10|1|-1.0|-2.0|-1.0|-1.0|-2.0|-2.0|-2.0|-1.0|"),
        options.TickOptionComputation(9, 10, 1),
    ),
    Vector(
        "greeks in protobuf",
        206,
        SERVER,
        tagged(
            21,
            f"08 09 10 0d 18 01 21 {_HALF} 29 00 00 00 00 00 00 e0 bf 31 00 00 00 00 00 00 f8 3f"
            "39 00 00 00 00 00 00 00 00 41 00 00 00 00 00 00 d0 3f 49 00 00 00 00 00 00 00 40"
            f"51 00 00 00 00 00 00 f0 bf 59 {_PRICE}",
        ),
        options.TickOptionComputation(9, 13, 1, 0.5, -0.5, 1.5, 0.0, 0.25, 2.0, -1.0, 150.25),
    ),
    Vector(
        "ask for chains",
        178,
        CLIENT,
        text("78|9|SPX||IND|416904|"),
        options.ReqSecDefOptParams(9, "SPX", "", "IND", 416904),
    ),
    Vector(
        "ask for chains in protobuf",
        212,
        CLIENT,
        tagged(78, "08 09 12 02 45 53 1a 03 43 4d 45 22 03 46 55 54 28 07"),
        options.ReqSecDefOptParams(9, "ES", "CME", "FUT", 7),
    ),
    Vector(
        "a chain",
        178,
        SERVER,
        text("75|9|CBOE|416904|SPXW|100|2|20250620|20250627|2|1.5|150.25|"),
        options.SecurityDefinitionOptionParameter(
            9, "CBOE", 416904, "SPXW", "100", ["20250620", "20250627"], [1.5, 150.25]
        ),
    ),
    Vector(
        "an empty chain",
        211,
        SERVER,
        raw(75, "9|CBOE|7|SPX|100|0|0|"),
        options.SecurityDefinitionOptionParameter(9, "CBOE", 7, "SPX", "100", [], []),
    ),
    Vector(
        "a chain in protobuf: a packed list",
        212,
        SERVER,
        tagged(
            75,
            "08 09 12 04 43 42 4f 45 18 07 22 03 53 50 58 2a 03 31 30 30 32 08 32 30 32 35 30 36 32 30"
            f"32 06 32 30 32 35 30 37 3a 10 00 00 00 00 00 00 f8 3f {_PRICE}",
        ),
        options.SecurityDefinitionOptionParameter(9, "CBOE", 7, "SPX", "100", ["20250620", "202507"], [1.5, 150.25]),
    ),
    Vector("end of the chains", 178, SERVER, text("76|9|"), options.SecurityDefinitionOptionParameterEnd(9)),
    Vector(
        "end of the chains in protobuf",
        212,
        SERVER,
        tagged(76, "08 09"),
        options.SecurityDefinitionOptionParameterEnd(9),
    ),
    Vector(
        "a delta-neutral contract",
        178,
        SERVER,
        text("56|1|9|265598|0.5|150.25|"),
        options.DeltaNeutralValidation(9, DeltaNeutralContract(265598, 0.5, 150.25)),
    ),
    Vector(
        "a delta-neutral contract: never protobuf",
        225,
        SERVER,
        raw(56, "1|9|265598|0.5|150.25|"),
        options.DeltaNeutralValidation(9, DeltaNeutralContract(265598, 0.5, 150.25)),
    ),
    Vector(
        "an exchange for physical",
        178,
        SERVER,
        text("47|6|9|38|2.5|+2.50|150.25|30|20250620|0.5|0.25|"),
        options.TickEFP(9, 38, 2.5, "+2.50", 150.25, 30, "20250620", 0.5, 0.25),
    ),
    Vector(
        "an exchange for physical: never protobuf",
        225,
        SERVER,
        raw(47, "6|9|38|2.5|+2.50|150.25|30|20250620|0.5|0.25|"),
        options.TickEFP(9, 38, 2.5, "+2.50", 150.25, 30, "20250620", 0.5, 0.25),
    ),
)
