"""Reads IBKR's date-time texts, and writes moments as IBKR's requests take them.

IBKR writes date-times in the time zone of the instrument, of the operator or in UTC, depending on the user's settings
and on the server version (https://ibkrcampus.com/campus/ibkr-api-page/twsapi-doc/):

====================================  ================================================
`20260402`                            a date
`20260402 09:30:00 US/Eastern`        with a zone, which may be several words
`20200918 08:30 CST`                  the same without seconds
`20200427-13:00:03 PST`               the same with a hyphen
`20241111-16:53:00`                   a hyphen and no zone: UTC
`20241111-16:53:00Z`                  UTC
`20200415  16:01:00`                  no zone: the operator's, which the text does not tell
`2021-02-02 12:14:04.0`               the same, as in news
`1586966460`                          seconds since 1970 UTC
====================================  ================================================

Zones have the names of the tz database, of Java (`EST (Eastern Standard Time)`) or of Windows (`Central European
Standard Time`). An unknown name does not raise: the text is then read like one without a zone.

Because the texts come from outside, a text longer than any of IBKR's is refused unread, and reading takes a time in
proportion to its length.
"""

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from ibdesk.model.zone_names import ZONE_ALIASES
from ibdesk.runtime.moments import plain_moment

_SPELLING = re.compile(
    r"(?P<date>\d{4}-?\d\d-?\d\d)"
    r"(?:(?P<gap>-| +)(?P<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?P<utc>Z)?(?: +(?P<zone>\S.*))?)?"
)

LONGEST = 200
"""The longest date-time or zone name that is read, in characters. The longest that IBKR sends have about 80."""

_MOST_NAMES = 1000
"""How many zone names are remembered. The tz database has about 600."""


def zone_named(name: str) -> dt.tzinfo | None:
    """Return the time zone that IBKR means by a name, or None for an unknown name. See `ZONE_ALIASES`."""
    if len(name) > LONGEST:
        return None
    name = name.strip()
    zone = _database_zone(ZONE_ALIASES.get(name, name))
    if zone is None and name.endswith(")"):  # Java's form: EST (Eastern Standard Time)
        short, opening, long = name[:-1].partition("(")
        return zone_named(short) or zone_named(long) if opening else None
    return zone


@lru_cache(_MOST_NAMES)
def _database_zone(name: str) -> dt.tzinfo | None:
    if name in ("UTC", "Z"):
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found; not a legal name; a directory of the tz database
        return None


def parseIBDatetime(s: str, zone: dt.tzinfo | None = None) -> dt.date | dt.datetime:
    """Return the date or datetime that a text of IBKR's means: a date when it has no time of day.

    A text without a time zone, or with an unknown one, is taken in `zone`, which is the operator's; without `zone` it
    gives a naive datetime. The hour that comes twice in autumn is read as the first one. Raises ValueError for anything
    that is not a date-time.
    """
    if len(s) > LONGEST:
        raise ValueError(f"Not a date or time of IBKR's, which have {LONGEST} characters at most: {s[:60]!r}...")
    if s.isdecimal() and len(s) != len("yyyymmdd"):  # eight digits are a date, any other number counts seconds
        return _since_epoch(int(s))
    spelling = _SPELLING.fullmatch(s.rstrip(" "))
    if spelling is None:
        raise ValueError(f"Not a date or time of IBKR's: {s!r}")
    date, gap, time, utc, name = spelling.groups()
    if time is None:
        return dt.date.fromisoformat(date)
    moment = dt.datetime.fromisoformat(f"{date} {time}")
    if name is None:
        name = "UTC" if utc or gap == "-" else ""  # a hyphen without a zone is how IBKR writes UTC
    return moment.replace(tzinfo=zone_named(name) or zone)


def _since_epoch(seconds: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds} seconds since 1970 is out of range") from error


def formatIBDatetime(t: dt.date | dt.datetime | str | None) -> str:
    """Return a moment as IBKR's requests take it, in UTC: `20260402 13:30:00 UTC`.

    As in ib_async, a naive datetime is taken in this computer's time zone, and a date means the end of that day in it.
    Moments of pandas and numpy are accepted. Text is returned as it is, and None gives "", which means now. Raises
    ValueError for NaT, and TypeError for anything else.
    """
    if t is None or isinstance(t, str):
        return t or ""
    t = plain_moment(t)
    if not isinstance(t, dt.date):
        raise TypeError(f"a moment is a datetime, a date or text, not {t!r}")
    if not isinstance(t, dt.datetime):
        t = dt.datetime(t.year, t.month, t.day, 23, 59, 59)
    return t.astimezone(dt.UTC).strftime("%Y%m%d %H:%M:%S UTC")
