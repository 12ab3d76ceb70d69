"""Dates and times: those of pandas and numpy converted to Python's own, and how much time is between two."""

import datetime as dt
from typing import Any

_DAY = dt.timedelta(days=1)


def seconds_between(start: dt.datetime, end: dt.datetime) -> float:
    """Return how many seconds pass from one moment to another, negative if the other one comes first.

    A moment without a zone is of the computer's zone. Python subtracts moments of one zone as if its clock was never
    changed, so both are converted to UTC.
    """
    return (end.astimezone(dt.UTC) - start.astimezone(dt.UTC)).total_seconds()


def moment_after(moment: dt.datetime, duration: dt.timedelta) -> dt.datetime:
    """Return the moment that comes after so much time, or before where `duration` is negative, in the same zone.

    Whole days keep the time of the clock, so that 09:30 stays 09:30 when summer time begins or ends. Any other duration
    is the time that passes: an hour after 01:30 it may be 03:30, or 01:30 again.
    """
    if duration % _DAY == dt.timedelta(0):
        return moment + duration
    later = moment.astimezone(dt.UTC) + duration
    return dt.datetime.fromtimestamp(later.timestamp()) if moment.tzinfo is None else later.astimezone(moment.tzinfo)


def plain_moment(value: Any) -> Any:
    """Return Python's own date or datetime for one of pandas or numpy, and anything else unchanged.

    Neither library is imported. A `numpy.datetime64` that counts days becomes a date. Raises ValueError for NaT, which
    is not a moment.
    """
    dtype = getattr(value, "dtype", None)
    if getattr(value, "shape", None) == () and getattr(dtype, "kind", "") == "M":
        whole = value.item()
        # numpy returns nanoseconds as an int, because Python's datetime is not so fine: convert to microseconds.
        value = value.astype("datetime64[us]").item() if isinstance(whole, int) else whole
        if value is None:
            raise ValueError("NaT is no moment")
    elif isinstance(value, dt.datetime) and (to_python := getattr(value, "to_pydatetime", None)):
        if value != value:  # only NaT differs from itself
            raise ValueError("NaT is no moment")
        value = to_python(warn=False)
    return value
