"""From when until when a simulation runs."""

from datetime import date, datetime, time, timedelta

from ibdesk.paper.arguments import within_market
from ibdesk.paper.clock import NEW_YORK
from ibdesk.runtime.moments import plain_moment, seconds_between

Moment = date | datetime | str
"""A day, or a moment; a text in ISO 8601 is either. What names no time zone is of New York."""

MORNING = time(9)
"""When a simulation begins that is given a day: half an hour before New York's stock market opens."""


def first_moment(start: Moment, name: str = "start") -> datetime:
    """Return when a simulation begins: on a day at 09:00 in New York. Errors call it by `name`.

    Raises ValueError for what is no moment, or not in the years of the market.
    """
    moment = _moment(name, start)
    return within_market(moment if isinstance(moment, datetime) else datetime.combine(moment, MORNING, NEW_YORK))


def last_moment(end: Moment, start: datetime) -> datetime:
    """Return when a simulation ends: on a day at its end, midnight in New York.

    Raises ValueError for what is no moment, not in the years of the market, or not after the start.
    """
    moment = _moment("end", end)
    if isinstance(moment, datetime):
        within_market(moment)
    else:
        moment = within_market(datetime.combine(moment, time(), NEW_YORK)) + timedelta(days=1)
    if seconds_between(start, moment) <= 0:
        raise ValueError(f"end has to be after the start, {start:%Y-%m-%d %H:%M}, not {end}")
    return moment


def _moment(name: str, value: Moment) -> date | datetime:
    """Return a date, or a datetime in New York's zone."""
    error = ValueError(f"{name} has to be a day such as 2026-11-02 or a moment such as 2026-11-02T10:30, not {value!r}")
    try:
        given = _of_text(value) if isinstance(value, str) else plain_moment(value)
        if not isinstance(given, datetime):
            if not isinstance(given, date):
                raise error
            return given
        return given.replace(tzinfo=NEW_YORK) if given.tzinfo is None else given.astimezone(NEW_YORK)
    except (ValueError, OverflowError):
        raise error from None


def _of_text(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)
