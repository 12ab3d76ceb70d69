"""Decides what moment one of IBKR's date-time texts means, and how a moment is written; it must not know the clock.

IBKR writes date-times in the time zone of the instrument, of the operator, or in UTC, by the user's settings and by the
version (https://ibkrcampus.com/campus/ibkr-api-page/twsapi-doc/):

====================================  ================================================
``20260402``                          a date
``20260402 09:30:00 US/Eastern``      with a zone, which may be several words
``20200918 08:30 CST``                the same without seconds
``20200427-13:00:03 PST``             the same with a hyphen
``20241111-16:53:00``                 a hyphen and no zone: UTC
``20241111-16:53:00Z``                UTC
``20200415  16:01:00``                no zone: the operator's, which the text can't tell
``2021-02-02 12:14:04.0``             the same, as in news
``1586966460``                        seconds since 1970 UTC
====================================  ================================================

Zones are named by the tz database, by Java (``EST (Eastern Standard Time)``) or by Windows (``Central European Standard
Time``). A name that nobody knows never raises: the text is then read like one without a zone.
"""

import datetime as dt
import re
from functools import cache
from zoneinfo import ZoneInfo

ZONE_ALIASES: dict[str, str] = {
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "AKST": "America/Anchorage",
    "AKDT": "America/Anchorage",
    "HST": "Pacific/Honolulu",
    "AST": "America/Halifax",
    "ADT": "America/Halifax",
    "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires",
    "BST": "Europe/London",
    "CET": "Europe/Paris",
    "CEST": "Europe/Paris",
    "MET": "Europe/Paris",
    "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "EET": "Europe/Helsinki",
    "EEST": "Europe/Helsinki",
    "MSK": "Europe/Moscow",
    "SAST": "Africa/Johannesburg",
    "GST": "Asia/Dubai",
    "IST": "Asia/Kolkata",
    "ICT": "Asia/Bangkok",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "PHT": "Asia/Manila",
    "KST": "Asia/Seoul",
    "JST": "Asia/Tokyo",
    "AWST": "Australia/Perth",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
    "Coordinated Universal Time": "UTC",
    "Greenwich Mean Time": "Europe/London",
    "British Summer Time": "Europe/London",
    "GMT Standard Time": "Europe/London",
    "GMT Daylight Time": "Europe/London",
    "Greenwich Standard Time": "Atlantic/Reykjavik",
    "W. Europe Standard Time": "Europe/Berlin",
    "W. Europe Daylight Time": "Europe/Berlin",
    "Western European Time": "Europe/Lisbon",
    "Western European Standard Time": "Europe/Lisbon",
    "Western European Summer Time": "Europe/Lisbon",
    "Romance Standard Time": "Europe/Paris",
    "Romance Daylight Time": "Europe/Paris",
    "Middle Europe Time": "Europe/Paris",
    "Middle Europe Summer Time": "Europe/Paris",
    "Central European Time": "Europe/Paris",
    "Central European Standard Time": "Europe/Paris",
    "Central European Summer Time": "Europe/Paris",
    "Central European Daylight Time": "Europe/Paris",
    "Central Europe Standard Time": "Europe/Budapest",
    "Central Europe Daylight Time": "Europe/Budapest",
    "Eastern European Time": "Europe/Helsinki",
    "Eastern European Standard Time": "Europe/Helsinki",
    "Eastern European Summer Time": "Europe/Helsinki",
    "FLE Standard Time": "Europe/Helsinki",
    "FLE Daylight Time": "Europe/Helsinki",
    "GTB Standard Time": "Europe/Athens",
    "GTB Daylight Time": "Europe/Athens",
    "E. Europe Standard Time": "Europe/Chisinau",
    "Turkey Standard Time": "Europe/Istanbul",
    "Russian Standard Time": "Europe/Moscow",
    "Moscow Standard Time": "Europe/Moscow",
    "Israel Standard Time": "Asia/Jerusalem",
    "Israel Daylight Time": "Asia/Jerusalem",
    "South Africa Standard Time": "Africa/Johannesburg",
    "Arab Standard Time": "Asia/Riyadh",
    "Arabian Standard Time": "Asia/Dubai",
    "Gulf Standard Time": "Asia/Dubai",
    "India Standard Time": "Asia/Kolkata",
    "SE Asia Standard Time": "Asia/Bangkok",
    "Indochina Time": "Asia/Bangkok",
    "Singapore Standard Time": "Asia/Singapore",
    "China Standard Time": "Asia/Shanghai",
    "中国标准时间": "Asia/Shanghai",
    "Hong Kong Time": "Asia/Hong_Kong",
    "Hong Kong Standard Time": "Asia/Hong_Kong",
    "Taipei Standard Time": "Asia/Taipei",
    "Korea Standard Time": "Asia/Seoul",
    "Korean Standard Time": "Asia/Seoul",
    "Tokyo Standard Time": "Asia/Tokyo",
    "Japan Standard Time": "Asia/Tokyo",
    "Japan Time": "Asia/Tokyo",
    "W. Australia Standard Time": "Australia/Perth",
    "Australian Western Standard Time": "Australia/Perth",
    "E. Australia Standard Time": "Australia/Brisbane",
    "AUS Eastern Standard Time": "Australia/Sydney",
    "AUS Eastern Daylight Time": "Australia/Sydney",
    "Australian Eastern Standard Time": "Australia/Sydney",
    "Australian Eastern Daylight Time": "Australia/Sydney",
    "New Zealand Standard Time": "Pacific/Auckland",
    "New Zealand Daylight Time": "Pacific/Auckland",
    "Eastern Time": "America/New_York",
    "Eastern Standard Time": "America/New_York",
    "Eastern Daylight Time": "America/New_York",
    "US Eastern Standard Time": "America/Indiana/Indianapolis",
    "Central Time": "America/Chicago",
    "Central Standard Time": "America/Chicago",
    "Central Daylight Time": "America/Chicago",
    "Mountain Time": "America/Denver",
    "Mountain Standard Time": "America/Denver",
    "Mountain Daylight Time": "America/Denver",
    "US Mountain Standard Time": "America/Phoenix",
    "Pacific Time": "America/Los_Angeles",
    "Pacific Standard Time": "America/Los_Angeles",
    "Pacific Daylight Time": "America/Los_Angeles",
    "Alaskan Standard Time": "America/Anchorage",
    "Hawaiian Standard Time": "Pacific/Honolulu",
    "Atlantic Standard Time": "America/Halifax",
    "Atlantic Daylight Time": "America/Halifax",
    "Canada Central Standard Time": "America/Regina",
    "SA Pacific Standard Time": "America/Bogota",
    "Argentina Standard Time": "America/Argentina/Buenos_Aires",
    "Argentina Time": "America/Argentina/Buenos_Aires",
    "E. South America Standard Time": "America/Sao_Paulo",
    "Brasilia Time": "America/Sao_Paulo",
    "Brasilia Standard Time": "America/Sao_Paulo",
}
"""Names that are not in the tz database, or that mean there a fixed offset and at IBKR a place (``EST``), to its names.

``CST`` is Chicago, as in IBKR's contract details; a Chinese host may add ``ZONE_ALIASES["CST"] = "Asia/Shanghai"``.
"""

_SPELLING = re.compile(
    r"(?P<date>\d{4}-?\d\d-?\d\d)"
    r"(?:(?P<gap>-| +)(?P<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?P<utc>Z)?(?: +(?P<zone>.*\S))?)? *"
)
_JAVA_NAME = re.compile(r"(?P<short>[^(]*?) *\((?P<long>[^)]*)\)")


def zone_named(name: str) -> dt.tzinfo | None:
    """The time zone that IBKR means by a name, or None for a name that nobody knows. See ``ZONE_ALIASES``."""
    name = name.strip()
    zone = _database_zone(ZONE_ALIASES.get(name, name))
    if zone is None and (java := _JAVA_NAME.fullmatch(name)):
        return zone_named(java["short"]) or zone_named(java["long"])
    return zone


@cache
def _database_zone(name: str) -> dt.tzinfo | None:
    if name in ("UTC", "Z"):
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, not a legal name, a directory of the database
        return None


def parseIBDatetime(s: str, zone: dt.tzinfo | None = None) -> dt.date | dt.datetime:
    """The moment that a text of IBKR's means: a date for a date alone, else a datetime.

    A text without a zone, or with an unknown one, is taken in ``zone``: the operator's, where the caller knows it. It
    gives a naive datetime when there is none. The hour that comes twice in autumn is read as the first.
    Raises ValueError for anything that is not a date-time.
    """
    if s.isdecimal() and len(s) != len("yyyymmdd"):
        return _since_epoch(int(s))
    spelling = _SPELLING.fullmatch(s)
    if spelling is None:
        raise ValueError(f"Not a date or time of IBKR's: {s!r}")
    date, gap, time, utc, name = spelling.groups()
    if time is None:
        return dt.date.fromisoformat(date)
    moment = dt.datetime.fromisoformat(f"{date} {time}")
    if name is None:
        name = "UTC" if utc or gap == "-" else ""
    return moment.replace(tzinfo=zone_named(name) or zone)


def _since_epoch(seconds: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds} seconds since 1970 is out of range") from error


def formatIBDatetime(t: dt.date | dt.datetime | str | None) -> str:
    """A moment as IBKR's requests take it, in UTC: ``20260402 13:30:00 UTC``.

    A naive datetime is taken in the zone of this computer, and a date means its end there, as in ib_async. Text goes
    through as it is; None gives "", which means now.
    """
    if not t:
        return ""
    if isinstance(t, str):
        return t
    if not isinstance(t, dt.datetime):
        t = dt.datetime(t.year, t.month, t.day, 23, 59, 59)
    return t.astimezone(dt.UTC).strftime("%Y%m%d %H:%M:%S UTC")
