"""Literal messages of bonds that are looked up, each with its bytes, as in `wire.vectors`."""

from dataclasses import replace

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.contract_details import ContractDetails
from ibdesk.wire.messages import bonds

NOTE = Contract(
    secType="BOND",
    conId=456467716,
    symbol="912828C57",
    lastTradeDateOrContractMonth="20310215",
    exchange="SMART",
    currency="USD",
)
DETAILS = ContractDetails(contract=NOTE, cusip="912828C57", coupon=4.25, minTick=0.001, callable=True)
WITH_ISIN = replace(DETAILS, secIdList=[TagValue("ISIN", "US912828C575")])

VECTORS = (
    Vector(
        "bond",
        163,
        SERVER,
        text(
            "18|6|7|912828C57|BOND|912828C57|4.25|20310215|||||0|1|0||SMART|USD|||456467716|0.001|1|||||0|||"
            "|0|1|ISIN|US912828C575|0||"
        ),
        bonds.BondContractData(7, WITH_ISIN),
    ),
    Vector(
        "bond with the rules of its sizes",
        178,
        SERVER,
        text(
            "18|7|912828C57|BOND|912828C57|4.25|20310215|||||0|1|0||SMART|USD|||456467716|0.001|||||0|||"
            "|0|1|ISIN|US912828C575|0||1000|1000|1000|"
        ),
        bonds.BondContractData(
            7, replace(WITH_ISIN, minSize=1000.0, sizeIncrement=1000.0, suggestedSizeIncrement=1000.0)
        ),
    ),
    Vector(
        "bond with trading hours",
        201,
        SERVER,
        raw(
            18,
            "7|912828C57|BOND|912828C57|4.25|20310215|||||0|1|0||SMART|USD|||456467716|0.001|||||0|||"
            "US/Eastern|20260312:2000-20260313:1700||"
            "|0|0|0||0|0|0|",
        ),
        bonds.BondContractData(
            7, replace(DETAILS, timeZoneId="US/Eastern", tradingHours="20260312:2000-20260313:1700")
        ),
    ),
    Vector(
        "bond in protobuf",
        205,
        SERVER,
        tagged(
            18,
            "08 07 12 2d 08 84 ca d4 d9 01 12 09 39 31 32 38 32 38 43 35 37 1a 04 42 4f 4e 44"
            "22 08 32 30 33 31 30 32 31 35 42 05 53 4d 41 52 54 52 03 55 53 44"
            "1a 3d 12 05 30 2e 30 30 31 28 00 30 00 81 01 00 00 00 00 00 00 00 00 90 01 00"
            "c2 01 01 30 ca 01 01 30 d2 01 01 30 e2 02 09 39 31 32 38 32 38 43 35 37"
            "81 03 00 00 00 00 00 00 11 40 98 03 01",
        ),
        bonds.BondContractData(7, DETAILS),
    ),
    Vector("end a search for contracts", 215, CLIENT, tagged(106, "08 07"), bonds.CancelContractData(7)),
)
