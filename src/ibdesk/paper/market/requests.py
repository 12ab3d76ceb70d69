"""The texts in a request for historical data: what they mean, and which of them are refused as TWS does.

The legal values and the wording of the refusals are those of TWS builds of 2026.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..instruments import Instrument, Invalid, Refusal

TAG = "bM"

_SECONDS = {
    **{f"{n} secs": n for n in (1, 5, 10, 15, 30)},
    "1 min": 60,
    **{f"{n} mins": n * 60 for n in (2, 3, 4, 5, 10, 15, 20, 30)},
    "1 hour": 3600,
    **{f"{n} hours": n * 3600 for n in (2, 3, 4, 8)},
}
_CALENDAR_SIZES = {
    "1 day": "day",
    "1w": "week",
    "1 week": "week",
    "1m": "month",
    "1 month": "month",
    "3 months": "quarter",
    "1 year": "year",
}
_LEGAL_SIZES = (
    "1 secs, 5 secs, 10 secs, 15 secs, 30 secs, 1 min, 2 mins, 3 mins, 5 mins, 10 mins, 15 mins, 20 mins, 30 mins, "
    "1 hour, 2 hours, 3 hours, 4 hours, 8 hours, 1 day, 1W, 1M"
)
_DURATION = re.compile(r"(\d+)(?: ([SDWMY]))?", re.IGNORECASE)
_MOST = {
    "S": (86400, "Historical data request for greater than 86400 seconds rejected."),
    "D": (365, "Historical data requests for durations longer than 365 days must be made in years."),
    "W": (52, "Historical data request for durations longer than 52 weeks must be made in years."),
    "M": (12, "Historical data request for durations longer than 12 months must be made in years."),
}
_MOST_YEARS = 199
# The smallest bars for a duration in each unit, in seconds: IBKR's step table.
_FINEST = {"S": 1, "D": 5, "W": 10, "M": 30, "Y": 60}
_END = re.compile(r"(?:(\d{8})(?P<joint> +|-))?(\d\d:\d\d:\d\d)(?: +(?P<zone>\S+))?")
_OLDEST = 1978
_SHOWN = re.compile(
    "TRADES|MIDPOINT|BID|ASK|BID_ASK|ADJUSTED_LAST|HISTORICAL_VOLATILITY|OPTION_IMPLIED_VOLATILITY|FEE_RATE|YIELD_BID|"
    "YIELD_ASK|YIELD_BID_ASK|YIELD_LAST|SCHEDULE|AGGTRADES|NAV_LAST|YIELD_MARK|INDICATIVE_AUCTION_PRICE_SIZE"
)
_DATA_NAMES = {"TRADES": "Trades", "ADJUSTED_LAST": "Trades", "MIDPOINT": "Midpoint", "BID": "Bid", "ASK": "Ask"}
_SERIES_NAMES = {"TRADES": "Last", "MIDPOINT": "Midpoint", "BID": "Bid", "ASK": "Ask", "BID_ASK": "BidAsk"}
_PERIOD = re.compile(r"(\d+) *(second|minute|hour|day|week|month|year|[SDWMY])s?", re.IGNORECASE)
_PERIOD_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_HISTORY = "Historical Market Data Service error message:"
_MOST_DIGITS = 20  # are read of a number; it is far above every limit then


@dataclass(frozen=True, slots=True)
class Duration:
    """How far back: `count` of `unit` (S, D, W, M or Y)."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class BarSize:
    """A bar's length: `seconds` within a day, or else one `period` of the calendar."""

    seconds: int = 0
    period: str = ""


def parse_duration(text: str) -> Duration:
    """Return the duration that `durationStr` asks for. Raises `Invalid`."""
    if not text:
        raise Invalid(TAG, "Historical data request duration not specified.")
    match = _DURATION.fullmatch(text)
    if not match:
        raise Invalid(
            TAG,
            "When specifying a unit, historical data request duration format is integer{SPACE}unit (S|D|W|M|Y).",
        )
    # Further digits decide nothing, and Python refuses to read thousands of them.
    count, unit = int(match[1][:_MOST_DIGITS]), (match[2] or "S").upper()
    if not count or (unit == "S" and count < 30) or count >= 2**31:
        raise Invalid(TAG, "Historical data requested duration is invalid.")
    if unit == "Y":
        if count > _MOST_YEARS:
            cause = f"Historical data request for {count} year(s) rejected. Max API Backfill Years={_MOST_YEARS}"
            raise Invalid(TAG, cause)
    elif count > _MOST[unit][0]:
        raise Invalid(TAG, _MOST[unit][1])
    return Duration(count, unit)


def parse_bar_size(text: str) -> BarSize:
    """Return the bar length that `barSizeSetting` asks for. Raises `Invalid`."""
    name = text.lower()
    if name in _SECONDS:
        return BarSize(_SECONDS[name])
    if name in _CALENDAR_SIZES:
        return BarSize(period=_CALENDAR_SIZES[name])
    raise Invalid(TAG, f"Historical data bar size setting is invalid. Legal ones are: {_LEGAL_SIZES}")


def parse_period(text: str, tag: str) -> Duration:
    """Return the time over which a histogram is asked for: `3 days`, `1 week`. Raises `Invalid`."""
    match = _PERIOD.fullmatch(text)
    count = int(match[1][:_MOST_DIGITS]) if match else 0
    if not match or not count:
        raise Invalid(tag, "Invalid time period")
    unit = match[2].lower()
    if unit in _PERIOD_SECONDS:
        return Duration(count * _PERIOD_SECONDS[unit], "S")
    return Duration(count, unit[0].upper())


def parse_end(text: str, now: datetime, zone: str) -> datetime:
    """Return the moment that `endDateTime` names; `now` when it is empty. A time without a zone is in `zone`.

    Raises `Refusal` 10314 for a text that is no moment since 1978.
    """
    return parse_moment(text, now, zone, "End Date/Time") if text else now


def parse_moment(text: str, now: datetime, zone: str, field: str) -> datetime:
    """Return the moment that the `field` of a request names, as `parse_end` reads it."""
    match = _END.fullmatch(text.removesuffix("Z") if "-" in text else text)
    if not match or (match["joint"] == "-" and match["zone"]):
        raise _bad_moment(field)
    try:
        tz = UTC if match["joint"] == "-" else ZoneInfo(match["zone"] or zone)
        day = match[1] or f"{now.astimezone(tz):%Y%m%d}"
        moment = datetime.strptime(day + match[3], "%Y%m%d%H:%M:%S").replace(tzinfo=tz)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise _bad_moment(field) from None
    if moment.year < _OLDEST:
        raise _bad_moment(field)
    return moment


def _bad_moment(field: str) -> Refusal:
    return Refusal(
        10314,
        f"{field}: The date, time, or time-zone entered is invalid. The correct format is yyyymmdd hh:mm:ss "
        "xx/xxxx where yyyymmdd and xx/xxxx are optional. E.g.: 20031126 15:59:00 US/Eastern  Note that there is a "
        "space between the date and time, and between the time and time-zone.  If no date is specified, current date "
        "is assumed. If no time-zone is specified, local time-zone is assumed(deprecated).  You can also provide "
        "yyyymmddd-hh:mm:ss time is in UTC. Note that there is a dash between the date and time in UTC notation.",
    )


def parse_what(text: str, instrument: Instrument, exchange: str, size: BarSize, tag: str = TAG) -> str:
    """Return the series that `whatToShow` asks for. Raises `Refusal` for one that the instrument has not.

    `tag` names the request in refusals.
    """
    what = text.upper()
    if not _SHOWN.fullmatch(what):
        raise Invalid(tag, f"What to show value of {text} rejected.")
    if what == "ADJUSTED_LAST" and size.period not in ("", "day"):
        raise Invalid(tag, "Multi day bar size not supported with adjusted last")
    if instrument.secType == "CASH" and what in ("TRADES", "ADJUSTED_LAST"):
        raise no_data(instrument, exchange, what)
    quotes = what in ("BID", "ASK", "BID_ASK", "MIDPOINT")
    if (what not in _DATA_NAMES and what != "BID_ASK") or (instrument.secType == "IND" and quotes):
        raise Refusal(162, _HISTORY + no_series(instrument, exchange, what, size.seconds))
    return "TRADES" if what == "ADJUSTED_LAST" else what


def check_schedule(instrument: Instrument, exchange: str, size: BarSize) -> None:
    """Refuse sessions for anything but days, and of options. Raises `Refusal`."""
    if size.period != "day":
        raise Invalid(TAG, "Only daily resolution supported for Schedule requests")
    if instrument.secType in ("OPT", "FOP"):
        raise Refusal(162, _HISTORY + no_series(instrument, exchange, "SCHEDULE"))


def check_step(duration: Duration, size: BarSize) -> None:
    """Refuse bars that are too short for the duration (IBKR's step table). Raises `Refusal`."""
    too_fine = 0 < size.seconds < _FINEST[duration.unit]
    if too_fine or (size.seconds == 1 and duration.count > 2000):
        raise Refusal(162, f"{_HISTORY}Time length exceed max.")


def no_series(instrument: Instrument, exchange: str, what: str, seconds: int = 0) -> str:
    """Return TWS's text for an instrument that does not have the series `what` (in bars of so many `seconds`)."""
    name = _SERIES_NAMES.get(what, what)
    return f"No historical market data for {instrument.symbol}/{instrument.secType}@{exchange} {name} {seconds}"


def no_data(instrument: Instrument, exchange: str, what: str) -> Refusal:
    """Return the refusal of a request that finds no bars."""
    name = _DATA_NAMES.get(what, what)
    return Refusal(162, f"{_HISTORY}HMDS query returned no data: {instrument.localSymbol}@{exchange} {name}")


def first_day(duration: Duration, last: date) -> date:
    """Return the first calendar day of a duration in weeks, months or years that ends with the day `last`."""
    if duration.unit == "W":
        return last - timedelta(days=7 * duration.count - 1)
    months = duration.count * (12 if duration.unit == "Y" else 1)
    year, month = divmod(last.year * 12 + last.month - 1 - months, 12)
    if year < _OLDEST - 1:
        return date(_OLDEST, 1, 1)
    following_month = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    same_day = min(last.day, (following_month - timedelta(days=1)).day)
    return date(year, month + 1, same_day) + timedelta(days=1)
