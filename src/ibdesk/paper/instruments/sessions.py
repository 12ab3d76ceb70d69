"""When each sort of instrument trades, by the calendars of exchanges."""

import warnings
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
_BLOCK = 20


@dataclass(frozen=True, slots=True)
class Hours:
    """The weekly hours of one sort of instrument, in the time of `zone` (an IB name).

    `trading` and `liquid` hold legs (start, end); a leg that starts after it ends begins on the eve of its trading
    day. `calendar` is a code of exchange_calendars, or empty where every weekday trades but Christmas and New
    Year. On a short day nothing liquid lasts beyond the calendar's close, and nothing at all beyond `after` later.
    """

    zone: str
    calendar: str
    trading: tuple[tuple[time, time], ...]
    liquid: tuple[tuple[time, time], ...]
    after: timedelta = timedelta(0)


class MarketSession(NamedTuple):
    """A time of uninterrupted trading. `day` is the trading day to which it belongs. Times have the zone."""

    day: date
    start: datetime
    end: datetime


def _legs(*spans: str) -> tuple[tuple[time, time], ...]:
    return tuple((time.fromisoformat(span[:4]), time.fromisoformat(span[5:])) for span in spans)


def _whole(zone: str, calendar: str, *spans: str) -> Hours:
    return Hours(zone, calendar, _legs(*spans), _legs(*spans))


# Legs as in recorded tradingHours and liquidHours of real contract details.
HOURS = {
    "us_stock": Hours("US/Eastern", "XNYS", _legs("0400-2000"), _legs("0930-1600"), timedelta(hours=4)),
    "us_option": _whole("US/Eastern", "XNYS", "0930-1600"),
    "index_option": _whole("US/Central", "XNYS", "0830-1500"),
    "spx": _whole("US/Central", "XNYS", "0830-1500"),
    "ndx": _whole("US/Eastern", "XNYS", "0930-1600"),
    "vix": Hours(
        "US/Central",
        "XNYS",
        _legs("0215-0815", "0830-1515"),
        _legs("0215-0815", "0830-1515"),
        timedelta(minutes=15),
    ),
    "forex": _whole("US/Eastern", "", "1715-1700"),
    "cme": Hours("US/Central", "CMES", _legs("1700-1600"), _legs("0830-1600")),
    "cbot_bond": Hours("US/Central", "CMES", _legs("1700-1600"), _legs("0720-1400")),
    "nymex": Hours("US/Eastern", "CMES", _legs("1800-1700"), _legs("0930-1700")),
    "swiss": _whole("MET", "XSWX", "0900-1730"),
    "xetra": _whole("MET", "XETR", "0900-1730"),
    "toronto": _whole("US/Eastern", "XTSE", "0930-1600"),
    "sydney": _whole("Australia/NSW", "XASX", "1000-1600"),
    "mexico": _whole("America/Mexico_City", "XMEX", "0830-1500"),
}


@cache
def _closes(calendar: str, block: int) -> dict[date, datetime]:
    """Return the closing time (UTC) of every day on which the exchange opens, for one block of years."""
    # Imported here because it brings pandas, which takes longer than all the rest of the gateway's start. A calendar
    # takes as long to make for one year as for twenty.
    first, last = block * _BLOCK, block * _BLOCK + _BLOCK - 1
    from exchange_calendars import get_calendar

    with warnings.catch_warnings():
        # exchange_calendars 4.13 reads a series of times in a way that pandas 3.1 deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        closes = get_calendar(calendar, start=f"{first}-01-01", end=f"{last}-12-31").closes
    return {day.date(): close.to_pydatetime() for day, close in closes.dt.tz_convert(UTC).items()}


def close_of(hours: Hours, day: date) -> datetime | None:
    """Return when the exchange closes on `day`, None if it does not open."""
    if hours.calendar:
        return _closes(hours.calendar, day.year // _BLOCK).get(day)
    if day.weekday() >= 5 or (day.month, day.day) in ((12, 25), (1, 1)):
        return None
    return datetime.combine(day, time(23, 59), ZoneInfo(hours.zone))


def is_trading_day(hours: Hours, day: date) -> bool:
    """Return whether `day` is a trading day."""
    return close_of(hours, day) is not None


def business_day(hours: Hours, day: date, step: int) -> date:
    """Return `day` if the exchange opens on it, else the next trading day in the direction of `step` (1 or -1)."""
    while not is_trading_day(hours, day):
        day += step * DAY
    return day


def _sessions_of(hours: Hours, day: date, regular: bool) -> Iterable[MarketSession]:
    close = close_of(hours, day)
    if close is None:
        return
    zone = ZoneInfo(hours.zone)
    limit = close if regular else close + hours.after
    for opens, closes in hours.liquid if regular else hours.trading:
        start = datetime.combine(day - DAY if opens > closes else day, opens, zone)
        end = min(datetime.combine(day, closes, zone), limit.astimezone(zone))
        if start < end:
            yield MarketSession(day, start, end)


class _Timeline(NamedTuple):
    sessions: tuple[MarketSession, ...]
    starts: list[float]


@lru_cache(maxsize=256)
def _year(name: str, regular: bool, year: int) -> tuple[MarketSession, ...]:
    hours, first = HOURS[name], date(year, 1, 1)
    days = (first + n * DAY for n in range(366))
    return tuple(s for day in days if day.year == year for s in _sessions_of(hours, day, regular))


@lru_cache(maxsize=256)
def _around(name: str, regular: bool, year: int) -> _Timeline:
    sessions = tuple(s for y in (year - 1, year, year + 1) for s in _year(name, regular, y))
    return _Timeline(sessions, [s.start.timestamp() for s in sessions])


def sessions(name: str, first: date, last: date, *, regular: bool = False) -> list[MarketSession]:
    """Return the sessions (the liquid ones if `regular`) of the trading days `first` to `last`, both included."""
    return [
        s for year in range(first.year, last.year + 1) for s in _year(name, regular, year) if first <= s.day <= last
    ]


def latest(name: str, when: datetime, *, regular: bool = False) -> MarketSession:
    """Return the session that is on at `when`, or else the last one before it."""
    timeline = _around(name, regular, when.year)
    return timeline.sessions[bisect_right(timeline.starts, when.timestamp()) - 1]


def following(name: str, when: datetime, *, regular: bool = False) -> MarketSession:
    """Return the first session that starts after `when`."""
    timeline = _around(name, regular, when.year)
    return timeline.sessions[bisect_right(timeline.starts, when.timestamp())]


def is_open(name: str, when: datetime, *, regular: bool = False) -> bool:
    """Return whether instruments with the hours `name` trade at `when` (liquidly, if `regular`)."""
    return when < latest(name, when, regular=regular).end


def opening(name: str, when: datetime, *, regular: bool = False) -> datetime:
    """Return `when` if instruments with the hours `name` trade then, else the moment at which they do next."""
    return when if is_open(name, when, regular=regular) else following(name, when, regular=regular).start


def trading_day(name: str, when: datetime) -> date:
    """Return the trading day of the session that is on at `when`, or of the next one."""
    session = latest(name, when)
    return session.day if when < session.end else following(name, when).day


@lru_cache(maxsize=128)
def hours_text(name: str, today: date, *, regular: bool = False, entries: int = 6) -> str:
    """Return IB's `tradingHours` (`liquidHours` if `regular`) as of `today`: six entries, as in current builds.

    A date on which nothing starts and to which no session belongs is an entry `yyyymmdd:CLOSED`.
    """
    last = today + 2 * entries * DAY
    known = sessions(name, today, last, regular=regular)
    busy = {s.day for s in known} | {s.start.date() for s in known}
    rows = [(s.start.date(), f"{s.start:%Y%m%d:%H%M}-{s.end:%Y%m%d:%H%M}") for s in known]
    shut = (day for n in range(2 * entries) if (day := today + n * DAY) not in busy)
    rows += [(day, f"{day:%Y%m%d}:CLOSED") for day in shut]
    return ";".join(text for _, text in islice(sorted(rows), entries))
