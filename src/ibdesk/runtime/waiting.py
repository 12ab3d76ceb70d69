"""Waiting for points in time.

A point in time is a datetime, or a time without a date, which means today. Both may be of pandas or numpy.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from itertools import count

from .clocks import clocks_here
from .moments import moment_after, plain_moment, seconds_between

Time = dt.time | dt.datetime
"""A point in time. A time without a date means today."""


async def wait_until_async(t: Time) -> bool:
    """Wait until the time `t`, a datetime or a time of today. Returns True."""
    await asyncio.sleep(seconds_until(t))
    return True


async def time_range_async(start: Time, end: Time | None, step: float) -> AsyncIterator[dt.datetime]:
    """Wait for each of the points in time from `start` to `end`, `step` seconds apart, and yield it.

    Points that are past already are left out. Steps of whole days keep the time of the clock when summer time begins or
    ends; any other step is the time that passes. Raises ValueError if `step` is not positive.
    """
    for moment in points(start, end, step):
        await wait_until_async(moment)
        yield moment


def points(start: Time, end: Time | None, step: float) -> Iterator[dt.datetime]:
    """Yield the points in time from `start` to `end`, `step` seconds apart, from the first that is not past.

    Without an end they go on for ever.
    """
    begin, last = with_date(start), None if end is None else with_date(end)
    late = seconds_between(begin, clocks_here().now(dt.UTC))
    for moment in steps(begin, last, dt.timedelta(seconds=step), skip=late):
        if seconds_between(begin, moment) >= late:
            yield moment


def steps(begin: dt.datetime, last: dt.datetime | None, step: dt.timedelta, skip: float = 0.0) -> Iterator[dt.datetime]:
    """Yield moments from `begin` to `last`, a step apart as `moment_after` counts it.

    Those that come more than a step earlier than `skip` seconds after the first one are left out. Raises ValueError if
    the step is not positive.
    """
    if step <= dt.timedelta(0):
        raise ValueError(f"The step must be positive: {step.total_seconds()}")
    # One more than it seems, since a day has 25 hours when summer time ends.
    for number in count(max(0, int(skip // step.total_seconds()) - 1)):
        moment = moment_after(begin, number * step)
        if last is not None and _is_after(moment, last):
            return
        yield moment


def _is_after(moment: dt.datetime, last: dt.datetime) -> bool:
    try:
        return seconds_between(last, moment) > 0
    except (OverflowError, ValueError):  # the end of all datetimes is beyond it in some zones
        return moment.replace(tzinfo=None) > last.replace(tzinfo=None)


def with_date(time: Time) -> dt.datetime:
    """Return a point in time as a datetime. A time without a date means today in its time zone."""
    moment: dt.time | dt.datetime = plain_moment(time)
    if isinstance(moment, dt.datetime):
        return moment
    return dt.datetime.combine(clocks_here().now(moment.tzinfo), moment)


def seconds_until(time: Time) -> float:
    """Return the seconds from now to a point in time, negative if it is past."""
    return seconds_between(clocks_here().now(dt.UTC), with_date(time))
