"""Which futures there are, by the calendar, and when they expire.

A contract whose real conId is not known has one that ibdesk made up, from 2,100,000,000 on: 2,400 for each class, by
months since January 2000. Underlyings without a known conId get 2,140,000,000 and the number of the class.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from .instrument import Instrument, Pricing
from .listings import FutureClass, load
from .sessions import HOURS, Hours, business_day

MONTH_LETTERS = "FGHJKMNQUVXZ"
_FIRST_CON_ID = 2_100_000_000
_FIRST_UNDERLYING = 2_140_000_000
_PER_CLASS = 2_400
_EPOCH_YEAR = 2000
_DAY = timedelta(days=1)
_ROLL = timedelta(days=8)


def third_friday(year: int, month: int) -> date:
    """Return the third Friday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def _index(hours: Hours, year: int, month: int) -> date:
    # Where the Friday is a holiday the contract expires on the trading day before, as in June 2026. That is a holiday
    # of the stocks: Globex itself opens on it.
    return business_day(HOURS["us_stock"], third_friday(year, month), -1)


def _crude_oil(hours: Hours, year: int, month: int) -> date:
    # Three business days before the 25th of the month before, counted from the last business day up to that 25th.
    stocks = HOURS["us_stock"]
    year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    day = business_day(stocks, date(year, month, 25), -1)
    for _ in range(3):
        day = business_day(stocks, day - _DAY, -1)
    return day


def _micro_crude_oil(hours: Hours, year: int, month: int) -> date:
    return business_day(HOURS["us_stock"], _crude_oil(hours, year, month) - _DAY, -1)


def _before_third_wednesday(hours: Hours, year: int, month: int) -> date:
    # Two business days before: the Monday, as a rule.
    day = third_friday(year, month) - 2 * _DAY
    day = day if day.day >= 15 else day + 7 * _DAY
    for _ in range(2):
        day = business_day(HOURS["us_stock"], day - _DAY, -1)
    return day


def _from_the_end(count: int) -> Callable[[Hours, int, int], date]:
    def find(hours: Hours, year: int, month: int) -> date:
        day = date(year + month // 12, month % 12 + 1, 1)
        for _ in range(count):
            day = business_day(HOURS["us_stock"], day - _DAY, -1)
        return day

    return find


_EXPIRY: dict[str, Callable[[Hours, int, int], date]] = {
    "third_friday": _index,
    "crude_oil": _crude_oil,
    "micro_crude_oil": _micro_crude_oil,
    "before_third_wednesday": _before_third_wednesday,
    "last_business_day": _from_the_end(1),
    "third_last_business_day": _from_the_end(3),
    "eighth_last_business_day": _from_the_end(8),
}


def _months_from(klass: FutureClass, first: date) -> Iterator[tuple[int, int]]:
    year, month = first.year, first.month
    while True:
        if MONTH_LETTERS[month - 1] in klass.months:
            yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


@cache
def contract(klass: FutureClass, year: int, month: int) -> Instrument:
    """Return the future of one class and contract month."""
    classes = load().futures
    # The number of the class and that of the month make a conId that is the same in every run.
    number = next(n for n, each in enumerate(classes) if each is klass)
    last_day = _EXPIRY[klass.expires](HOURS[klass.kind.hours], year, month)
    contract_month = f"{year}{month:02}"
    made_up = _FIRST_CON_ID + number * _PER_CLASS + (year - _EPOCH_YEAR) * 12 + month - 1
    spacing = 365 / len(klass.months)
    pricing = Pricing(klass.walk, klass.volatility, klass.anchor, klass.volume, 1.0, klass.carry, last_day, spacing)
    return Instrument(
        conId=klass.known.get(contract_month, made_up),
        symbol=klass.symbol,
        currency="USD",
        kind=klass.kind,
        pricing=pricing,
        localSymbol=f"{klass.tradingClass}{MONTH_LETTERS[month - 1]}{year % 10}",
        tradingClass=klass.tradingClass,
        longName=klass.longName,
        multiplier=klass.multiplier,
        lastTradeDate=f"{last_day:%Y%m%d}",
        realExpirationDate=f"{last_day:%Y%m%d}",
        lastTradeTime=klass.lastTradeTime,
        contractMonth=contract_month,
        underConId=klass.underConId or _FIRST_UNDERLYING + number,
        underSymbol=klass.symbol,
        underSecType="IND",
    )


def listed(klass: FutureClass, today: date) -> list[Instrument]:
    """Return the contracts of a class that trade on `today`, nearest first."""
    found: list[Instrument] = []
    for year, month in _months_from(klass, today.replace(day=1)):
        each = contract(klass, year, month)
        if each.pricing.matures is not None and each.pricing.matures >= today:
            found.append(each)
        if len(found) == klass.listed:
            return found
    raise AssertionError("months never end")


def expired(klass: FutureClass, today: date) -> list[Instrument]:
    """Return the contracts that expired in the two years before `today`: as far back as IB looks."""
    found: list[Instrument] = []
    for year, month in _months_from(klass, date(today.year - 2, today.month, 1)):
        each = contract(klass, year, month)
        if each.pricing.matures is None or each.pricing.matures >= today:
            return found
        found.append(each)
    raise AssertionError("months never end")


def lead(klass: FutureClass, today: date) -> Instrument:
    """Return the contract that stands for the continuous future: the nearest that does not expire within the week."""
    contracts = listed(klass, today)
    return next(c for c in contracts if c.pricing.matures is not None and c.pricing.matures >= today + _ROLL)


def by_con_id(con_id: int) -> Instrument | None:
    """Return the future with a conId, whether real or ours, or None."""
    for klass in load().futures:
        for contract_month, known in klass.known.items():
            if known == con_id:
                return contract(klass, int(contract_month[:4]), int(contract_month[4:]))
    number, months = divmod(con_id - _FIRST_CON_ID, _PER_CLASS)
    if not 0 <= number < len(load().futures):
        return None
    klass, year, month = load().futures[number], _EPOCH_YEAR + months // 12, months % 12 + 1
    if MONTH_LETTERS[month - 1] not in klass.months:
        return None
    found = contract(klass, year, month)
    return found if found.conId == con_id else None
