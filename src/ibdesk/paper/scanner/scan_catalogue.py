"""What can be scanned: instruments, locations, scan codes and filters.

All codes are IBKR's, and all of them mean here what they mean there: what this gateway cannot tell is not offered.

Source: the answer of a TWS to reqScannerParameters, and TWS API documentation, "Market Scanner".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import attrgetter, methodcaller
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .facts import Facts

MOST_ROWS = 50
"""The rows of a scan."""

Fact = Callable[[Facts], float]

US_EXCHANGES = ("NYSE", "AMEX", "ARCA", "NASDAQ", "BATS")
STOCKS = ("STK", "STOCK.NA", "STOCK.EU", "STOCK.HK")


@dataclass(frozen=True, slots=True)
class Pool:
    """A sort of instruments, and the searches (security type, exchange) that find them."""

    name: str
    searches: tuple[tuple[str, str], ...]


POOLS = {
    "STK": Pool("US Stocks", (("STK", "SMART"),)),
    "FUT.US": Pool("US Futures", (("FUT", "CME"), ("FUT", "CBOT"), ("FUT", "NYMEX"), ("FUT", "COMEX"))),
    "IND.US": Pool("US Indexes", (("IND", "CBOE"), ("IND", "NASDAQ"))),
    "STOCK.NA": Pool("America Non-US Stocks", (("STK", "SMART"), ("STK", "MEXI"))),
    "STOCK.EU": Pool("Europe Stocks", (("STK", "SMART"),)),
    "STOCK.HK": Pool("Asia Stocks", (("STK", "SMART"),)),
}
"""By the code of the instrument."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place: what is listed on its exchanges, in one trading class where it names one."""

    code: str
    name: str
    instrument: str
    exchanges: tuple[str, ...]
    parts: tuple["Location", ...] = ()
    trading_class: str = ""


def _leaf(code: str, name: str, instrument: str, exchange: str, trading_class: str = "") -> Location:
    return Location(code, name, instrument, (exchange,), (), trading_class)


def _around(code: str, name: str, *parts: Location) -> Location:
    exchanges = dict.fromkeys(exchange for part in parts for exchange in part.exchanges)
    return Location(code, name, parts[0].instrument, tuple(exchanges), parts)


_NASDAQ = _around(
    "STK.NASDAQ",
    "NASDAQ",
    _leaf("STK.NASDAQ.NMS", "NMS", "STK", "NASDAQ", "NMS"),
    _leaf("STK.NASDAQ.SCM", "Small Cap", "STK", "NASDAQ", "SCM"),
)

LOCATIONS = (
    _around(
        "STK.US",
        "US Stocks",
        _around(
            "STK.US.MAJOR",
            "Listed/NASDAQ",
            *(_leaf(f"STK.{name}", name, "STK", name) for name in US_EXCHANGES if name != "NASDAQ"),
            _NASDAQ,
        ),
    ),
    _around(
        "FUT.US",
        "US Futures",
        *(_leaf(f"FUT.{name}", name, "FUT.US", name) for name in ("CME", "CBOT", "NYMEX", "COMEX")),
    ),
    Location("IND.US", "US Indexes", "IND.US", ("CBOE", "NASDAQ")),
    _around(
        "STK.NA",
        "America Non-US Stocks",
        _around("STK.NA.CANADA", "Canada", _leaf("STK.NA.TSE", "TSE", "STOCK.NA", "TSE")),
        _leaf("STK.NA.MEXI", "Mexico (MEXI)", "STOCK.NA", "MEXI"),
    ),
    _around(
        "STK.EU",
        "Europe Stocks",
        _around("STK.EU.IBIS", "Germany", _leaf("STK.EU.IBIS-XETRA", "XETRA", "STOCK.EU", "IBIS")),
        _leaf("STK.EU.EBS", "Switzerland (EBS)", "STOCK.EU", "EBS"),
    ),
    _around("STK.HK", "Asia Stocks", _leaf("STK.HK.ASX", "Australia (ASX)", "STOCK.HK", "ASX")),
)


@cache
def locations() -> dict[str, Location]:
    """Return every location by its code."""
    return {place.code: place for root in LOCATIONS for place in _within(root)}


def _within(place: Location) -> Iterator[Location]:
    yield place
    for part in place.parts:
        yield from _within(part)


@dataclass(frozen=True, slots=True)
class Scan:
    """A way to rank `instruments`: by `fact`, the highest first unless `lowest_first`."""

    name: str
    fact: Fact
    lowest_first: bool = False
    instruments: tuple[str, ...] = (*STOCKS, "FUT.US")


def _of(name: str) -> Fact:
    return attrgetter(name)


def _volume_in(minutes: int) -> Fact:
    return methodcaller("volume_in", minutes)


SCANS = {
    "TOP_PERC_GAIN": Scan("Top % Gainers", _of("change"), instruments=tuple(POOLS)),
    "TOP_PERC_LOSE": Scan("Top % Losers", _of("change"), lowest_first=True, instruments=tuple(POOLS)),
    "MOST_ACTIVE": Scan("Most Active", _of("volume")),
    "MOST_ACTIVE_USD": Scan("Most Active ($)", _of("traded_dollars")),
    "TOP_TRADE_COUNT": Scan("Top Trade Count", _of("trades")),
    "TOP_VOLUME_RATE": Scan("Top Volume Rate", _volume_in(1)),
    "HIGH_STVOLUME_3MIN": Scan("High 3min Volume", _volume_in(3)),
    "HIGH_STVOLUME_5MIN": Scan("High 5min Volume", _volume_in(5)),
    "HIGH_STVOLUME_10MIN": Scan("High 10min Volume", _volume_in(10)),
    "HALTED": Scan("Halted", _of("quote.halted")),
    "HOT_BY_PRICE": Scan("Hot Contracts by Price", _of("unusual_change")),
    "HOT_BY_VOLUME": Scan("Hot Contracts by Volume", _of("unusual_volume"), instruments=STOCKS),
    "TOP_PRICE_RANGE": Scan("Top Price Range", _of("price_range"), instruments=("STK", "FUT.US")),
    "HOT_BY_PRICE_RANGE": Scan("Hot By Price Range", _of("unusual_range")),
    "TOP_OPEN_PERC_GAIN": Scan("Top % Gainers Since Open", _of("change_since_open")),
    "TOP_OPEN_PERC_LOSE": Scan("Top % Losers Since Open", _of("change_since_open"), lowest_first=True),
    "HIGH_OPEN_GAP": Scan("Top Close-to-Open % Gainers", _of("open_gap")),
    "LOW_OPEN_GAP": Scan("Top Close-to-Open % Losers", _of("open_gap"), lowest_first=True),
    "HIGH_OPT_IMP_VOLAT": Scan("Highest Option Imp Vol", _of("volatility"), instruments=(*STOCKS, "IND.US")),
    "LOW_OPT_IMP_VOLAT": Scan("Lowest Option Imp Vol", _of("volatility"), True, (*STOCKS, "IND.US")),
}
"""By the code of the scan."""

STOCK_TYPES, IS_HALTED = "stkTypes", "haltedIs"


@dataclass(frozen=True, slots=True)
class Range:
    """A filter by a number: at least what `above` says, at most what `below` says."""

    category: str
    fact: Fact
    above: str
    below: str = ""


RANGES = {
    "PRICE": Range("Prices", _of("price"), "priceAbove", "priceBelow"),
    "PRICE_USD": Range("Prices", _of("price_in_dollars"), "usdPriceAbove", "usdPriceBelow"),
    "CHANGEPERC": Range("Prices", _of("change"), "changePercAbove", "changePercBelow"),
    "CHANGEOPENPERC": Range("Prices", _of("change_since_open"), "changeOpenPercAbove", "changeOpenPercBelow"),
    "OPENGAPPERC": Range("Prices", _of("open_gap"), "openGapPercAbove", "openGapPercBelow"),
    "PRICERANGE": Range("Prices", _of("price_range"), "priceRangeAbove", "priceRangeBelow"),
    "VOLUME": Range("High/Low/Volume", _of("volume"), "volumeAbove"),
    "VOLUME_USD": Range("High/Low/Volume", _of("traded_dollars"), "usdVolumeAbove", "usdVolumeBelow"),
    "AVGVOLUME": Range("High/Low/Volume", _of("usual_volume"), "avgVolumeAbove", "avgVolumeBelow"),
    "VOLUMERATE": Range("General", _volume_in(1), "volumeRateAbove", "volumeRateBelow"),
    "STVOLUME_3MIN": Range("General", _volume_in(3), "stVolume3minAbove", "stVolume3minBelow"),
    "STVOLUME_5MIN": Range("General", _volume_in(5), "stVolume5minAbove", "stVolume5minBelow"),
    "STVOLUME_10MIN": Range("General", _volume_in(10), "stVolume10minAbove", "stVolume10minBelow"),
    "TRADECOUNT": Range("General", _of("trades"), "tradeCountAbove", "tradeCountBelow"),
}
"""By the id of the filter."""


@cache
def limits() -> dict[str, tuple[Fact, bool]]:
    """Return code of a limit -> the number that it limits, and whether from below."""
    rows = {one.above: (one.fact, True) for one in RANGES.values()}
    return rows | {one.below: (one.fact, False) for one in RANGES.values() if one.below}


@cache
def parameters() -> str:
    """Return the answer to reqScannerParameters: those elements of TWS's answer that programs read, with our rows."""
    root = Element("ScanParameterResponse")
    instruments = SubElement(root, "InstrumentList", varName="instrumentList")
    filters = ",".join([*RANGES, "HALTED", "STKTYPE"])
    for code, pool in POOLS.items():
        row = {"name": pool.name, "type": code, "secType": pool.searches[0][0], "filters": filters}
        _add(SubElement(instruments, "Instrument"), row)
    _add_places(root, LOCATIONS)
    scans = SubElement(root, "ScanTypeList", varName="scanTypeList")
    for code, scan in SCANS.items():
        row = {"displayName": scan.name, "scanCode": code, "instruments": ",".join(scan.instruments)}
        _add(SubElement(scans, "ScanType"), {**row, "access": "allowed"})
    _add_filters(SubElement(root, "FilterList", varName="filterList"))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _add(parent: Element, row: dict[str, str]) -> None:
    for name, text in row.items():
        SubElement(parent, name).text = text


def _add_places(parent: Element, places: tuple[Location, ...]) -> None:
    tree = SubElement(parent, "LocationTree", varName="locationTree")
    for place in places:
        element = SubElement(tree, "Location")
        _add(element, {"displayName": place.name, "locationCode": place.code, "instruments": place.instrument})
        _add(element, {"access": "allowed"})
        if place.parts:
            _add_places(element, place.parts)


def _add_filters(parent: Element) -> None:
    rows = [(name, one.category, [code for code in (one.above, one.below) if code]) for name, one in RANGES.items()]
    rows += [("HALTED", "Prices", [IS_HALTED]), ("STKTYPE", "General", [STOCK_TYPES])]
    for name, category, codes in rows:
        element = SubElement(parent, "RangeFilter" if len(codes) > 1 else "SimpleFilter")
        _add(element, {"id": name, "category": category, "access": "allowed"})
        for code in codes:
            _add(SubElement(element, "AbstractField"), {"code": code})
