"""Which instruments a scan shows, and in which order.

Refusals are worded as IBKR's scanner service words them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire.messages.scanner import ScannerQuery, ScannerRow

from ..instruments import Refusal
from ..market import Market
from .facts import Facts
from .scan_catalogue import IS_HALTED, MOST_ROWS, POOLS, SCANS, STOCK_TYPES, Location, limits, locations

MOST_MONTHS = 4
"""Of a future, the contracts that are looked at: those that expire next. There are dozens of those that come later."""

Test = Callable[[Facts], bool]
Dollars = Callable[[str], float]

_FIELDS = {
    "abovePrice": "priceAbove",
    "belowPrice": "priceBelow",
    "aboveVolume": "volumeAbove",
    "marketCapAbove": "marketCapAbove1e6",
    "marketCapBelow": "marketCapBelow1e6",
    "moodyRatingAbove": "moodyRatingAbove",
    "moodyRatingBelow": "moodyRatingBelow",
    "spRatingAbove": "spRatingAbove",
    "spRatingBelow": "spRatingBelow",
    "maturityDateAbove": "maturityDateAbove",
    "maturityDateBelow": "maturityDateBelow",
    "couponRateAbove": "couponRateAbove",
    "couponRateBelow": "couponRateBelow",
    "excludeConvertible": "excludeConvertible",
    "averageOptionVolumeAbove": "avgOptVolumeAbove",
    "stockTypeFilter": STOCK_TYPES,
}
"""Field of a query -> the filter that it is."""

_NOTHING = (UNSET_DOUBLE, UNSET_INTEGER, "", False, None, "ALL")


def scan(query: ScannerQuery, market: Market, now: datetime, dollars: Dollars) -> list[ScannerRow]:
    """Return the rows of a scan at `now`; none when nothing fits.

    `dollars` tells what a unit of a currency is worth. Raises `Refusal` 162 for a scan, a place or a filter
    that this gateway does not have.
    """
    kind = SCANS.get(query.scanCode)
    if kind is None or query.instrument not in kind.instruments:
        raise _refused(f"Scanner type with code {query.scanCode} is disabled.")
    places = _places(query)
    tests = [_test(code, value) for code, value in _filters(query)]
    if query.scanCode == "HALTED":
        tests.append(_halted)
    found = {facts.instrument.conId: facts for facts in _facts(query.instrument, places, market, now, dollars)}
    ranked = [(kind.fact(facts), facts) for facts in found.values() if all(test(facts) for test in tests)]
    sign = 1 if kind.lowest_first else -1
    # What has no such number is not ranked; what has the same one keeps the order of its conId.
    ranked = sorted(
        (row for row in ranked if row[0] == row[0]), key=lambda row: (sign * row[0], row[1].instrument.conId)
    )
    wanted = query.numberOfRows if 0 < query.numberOfRows < MOST_ROWS else MOST_ROWS
    return [_row(rank, facts) for rank, (_, facts) in enumerate(ranked[:wanted])]


def _refused(cause: str) -> Refusal:
    return Refusal(162, f"Historical Market Data Service error message:{cause}")


def _places(query: ScannerQuery) -> list[Location]:
    places = [locations().get(code.strip()) for code in query.locationCode.split(",")]
    known = [place for place in places if place is not None and place.instrument == query.instrument]
    if len(known) < len(places):
        raise _refused("Error: Market Scanner is not configured for one of the chosen locations.")
    return known


def _facts(instrument: str, places: list[Location], market: Market, now: datetime, dollars: Dollars) -> Iterator[Facts]:
    months: Counter[str] = Counter()
    for sec_type, exchange in POOLS[instrument].searches:
        rows = market.instruments.search(Contract(secType=sec_type, exchange=exchange))
        for details in sorted(rows, key=lambda row: row.realExpirationDate):
            contract = details.contract
            assert contract is not None
            known = market.instruments.by_con_id(contract.conId)
            if known is None or not market.serves(known) or not any(_is_listed(details, place) for place in places):
                continue
            months[contract.symbol] += sec_type == "FUT"
            if months[contract.symbol] <= MOST_MONTHS:
                quote = market.quote(contract.conId, now)
                yield Facts(details, known, quote, dollars(contract.currency), market, now)


def _is_listed(details: ContractDetails, place: Location) -> bool:
    contract = details.contract
    assert contract is not None
    listed = (contract.primaryExchange or contract.exchange) in place.exchanges
    return listed and place.trading_class in ("", contract.tradingClass)


def _filters(query: ScannerQuery) -> Iterator[tuple[str, str]]:
    for name, code in _FIELDS.items():
        value = getattr(query, name)
        if value not in _NOTHING:
            yield code, str(value)
    yield from ((each.tag, each.value) for each in query.scannerSubscriptionFilterOptions)


def _test(code: str, value: str) -> Test:
    if code == STOCK_TYPES:
        return _stock_types(value)
    if code == IS_HALTED:
        wanted = value.strip().lower() in ("1", "true", "y", "yes")
        return lambda facts: _halted(facts) == wanted
    if code not in limits():
        raise _refused(f"Scanner filter {code} is disabled.")
    fact, from_below = limits()[code]
    try:
        limit = float(value)
    except ValueError:
        raise _refused(f"Scanner filter {code} needs a number, not {value!r}.") from None
    return lambda facts: fact(facts) >= limit if from_below else fact(facts) <= limit


def _stock_types(value: str) -> Test:
    """Return the filter for a text, joined by commas: `inc:ETF` or `ETF` includes only ETFs, `exc:ETF` none."""
    words = [word.strip() for word in value.split(",")]
    excluded = {word.removeprefix("exc:") for word in words if word.startswith("exc:")}
    included = {word.removeprefix("inc:") for word in words if not word.startswith("exc:")}
    return lambda facts: not facts.stock_types & excluded and (not included or bool(facts.stock_types & included))


def _halted(facts: Facts) -> bool:
    return facts.quote.halted > 0


def _row(rank: int, facts: Facts) -> ScannerRow:
    assert facts.details.contract is not None
    return ScannerRow(rank, facts.details.contract, facts.details.marketName)
