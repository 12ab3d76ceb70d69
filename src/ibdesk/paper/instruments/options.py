"""Which options there are, by the calendar and the price of their underlying.

Their conIds are ours, from 1,000,000,000 to 2,073,741,823, and hold the whole contract: the number of the class (4
bits), days from 2020 to the expiry (13), the strike in steps (12) and the right (1). So an option can be found by
its conId alone, long after it left the list of those that are offered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil, floor

from .futures import third_friday
from .instrument import Instrument, OptionTerms, Pricing
from .listings import OptionClass, load
from .sessions import HOURS, business_day, is_trading_day

_FIRST_CON_ID = 1_000_000_000
_EPOCH = date(2020, 1, 1)
_EXPIRY_BITS, _STRIKE_BITS = 13, 12
_DAYS, _WEEKS, _MONTHS, _YEARS = 10, 6, 12, 2


def _closest(day: date) -> date:
    return business_day(HOURS["us_option"], day, -1)


def _months(today: date, count: int) -> list[date]:
    later = ((today.year + (today.month - 1 + n) // 12, (today.month - 1 + n) % 12 + 1) for n in range(count + 1))
    days = (_closest(third_friday(year, month)) for year, month in later)
    return [day for day in days if day >= today][:count]


def _weekly(today: date) -> list[date]:
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    fridays = (_closest(friday + timedelta(weeks=n)) for n in range(_WEEKS))
    januaries = (_closest(third_friday(today.year + n, 1)) for n in range(1, _YEARS + 1))
    return sorted({*(day for day in fridays if day >= today), *_months(today, _MONTHS), *januaries})


def _daily(today: date) -> list[date]:
    days = (today + timedelta(days=n) for n in range(2 * _DAYS))
    trading = [day for day in days if is_trading_day(HOURS["us_option"], day)]
    return sorted({*trading[:_DAYS], *_weekly(today)})


def _monthly_morning(today: date) -> list[date]:
    # They settle on the opening of the third Friday, so Thursday is the last day of trading.
    days = (_closest(day - timedelta(days=1)) for day in _months(today, _MONTHS + 1))
    return [day for day in days if day >= today][:_MONTHS]


_EXPIRIES: dict[str, Callable[[date], list[date]]] = {
    "daily": _daily,
    "weekly": _weekly,
    "monthly_morning": _monthly_morning,
}


@dataclass(frozen=True, slots=True)
class Chain:
    """The options of one class that are offered: every strike with every expiry, as puts and as calls."""

    klass: OptionClass
    expiries: tuple[date, ...]
    strikes: tuple[float, ...]


def chain(klass: OptionClass, today: date, price: float) -> Chain:
    """Return what is offered of a class on `today` when the underlying stands at `price`."""
    strikes: set[float] = set()
    for step, width in klass.strikes:
        lowest, highest = ceil(price * (1 - width) / step), floor(price * (1 + width) / step)
        strikes.update(n * step for n in range(max(lowest, 1), highest + 1))
    return Chain(klass, tuple(_EXPIRIES[klass.expiries](today)), tuple(sorted(strikes)))


@lru_cache(maxsize=20_000)
def contract(klass: OptionClass, expiry: date, strike: float, right: str) -> Instrument:
    """Return one option of a class. `expiry` is its last day of trading; `right` is C or P."""
    # All terms are packed into the conId, from which `by_con_id` reads them again.
    number = next(n for n, each in enumerate(load().options) if each is klass)
    packed = number << _EXPIRY_BITS | (expiry - _EPOCH).days
    packed = (packed << _STRIKE_BITS | round(strike / klass.step)) << 1 | (right == "P")
    # What is settled at opening prices is settled on the day after its last day of trading.
    settles = expiry + timedelta(days=1) if klass.expiries == "monthly_morning" else expiry
    under = klass.underlying
    pricing = Pricing(
        under.pricing.walk, under.pricing.volatility, under.pricing.anchor, klass.volume, under.pricing.beta
    )
    return Instrument(
        conId=_FIRST_CON_ID + packed,
        symbol=under.symbol,
        currency=under.currency,
        kind=klass.kind,
        pricing=pricing,
        localSymbol=f"{klass.tradingClass:6}{settles:%y%m%d}{right}{round(strike * 1000):08}",
        tradingClass=klass.tradingClass,
        longName=under.longName,
        industry=under.industry,
        category=under.category,
        subcategory=under.subcategory,
        multiplier="100",
        lastTradeDate=f"{expiry:%Y%m%d}",
        realExpirationDate=f"{settles:%Y%m%d}",
        lastTradeTime="16:00:00" if klass.kind.hours == "us_option" else "15:00:00",
        contractMonth=f"{expiry:%Y%m}",
        underConId=under.conId,
        underSymbol=under.symbol,
        underSecType=under.secType,
        option=OptionTerms(under, strike, right, expiry),
    )


def by_con_id(con_id: int) -> Instrument | None:
    """Return the option whose terms a conId of ours holds, or None."""
    rest, is_put = divmod(con_id - _FIRST_CON_ID, 2)
    rest, steps = divmod(rest, 1 << _STRIKE_BITS)
    number, days = divmod(rest, 1 << _EXPIRY_BITS)
    classes = load().options
    if not 0 <= number < len(classes) or not steps:
        return None
    klass = classes[number]
    return contract(klass, _EPOCH + timedelta(days=days), steps * klass.step, "P" if is_put else "C")


def by_terms(symbol: str, trading_class: str, expiry: str, strike: float, right: str) -> Instrument | None:
    """Return the option with these terms, or None. If no class is named, it is of the first one that has them."""
    try:
        day = datetime.strptime(expiry, "%Y%m%d").date()
    except ValueError:
        return None
    for klass in load().options:
        steps = strike / klass.step
        is_class = klass.underlying.symbol == symbol and trading_class in ("", klass.tradingClass)
        # What a conId cannot hold is no option either.
        if not is_class or right not in ("C", "P") or not 0 <= (day - _EPOCH).days < 1 << _EXPIRY_BITS:
            continue
        if 0 < steps < 1 << _STRIKE_BITS and steps == round(steps):
            return contract(klass, day, strike, right)
    return None


def by_local_symbol(local_symbol: str) -> tuple[OptionClass, Instrument] | None:
    """Return the option with an OCC symbol such as `SPY   261120C00600000` and its class, or None."""
    root, date_text, right, strike = (
        local_symbol[:6].strip(),
        local_symbol[6:12],
        local_symbol[12:13],
        local_symbol[13:],
    )
    klass = next((each for each in load().options if each.tradingClass == root), None)
    if klass is None or right not in ("C", "P") or not (date_text + strike).isdigit() or len(strike) != 8:
        return None
    try:
        settles = date(2000 + int(date_text[:2]), int(date_text[2:4]), int(date_text[4:]))
    except ValueError:
        return None
    expiry = settles - timedelta(days=1) if klass.expiries == "monthly_morning" else settles
    steps = int(strike) / 1000 / klass.step
    return (klass, contract(klass, expiry, steps * klass.step, right)) if steps == round(steps) else None
