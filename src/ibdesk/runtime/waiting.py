"""Waiting for points in time.

A point in time is a datetime, or a time without a date, which means today. Both may be of pandas or numpy.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator

from .clocks import clocks_here
from .moments import plain_moment, seconds_between

Time = dt.time | dt.datetime
"""A point in time. A time without a date means today."""


async def wait_until_async(t: Time) -> bool:
    """Wait until the time `t`, a datetime or a time of today. Returns True."""
    await asyncio.sleep(seconds_until(t))
    return True


async def time_range_async(start: Time, end: Time, step: float) -> AsyncIterator[dt.datetime]:
    """Wait for each of the points in time from `start` to `end`, `step` seconds apart, and yield it.

    Points that are past already are left out. Raises ValueError if `step` is not positive.
    """
    for moment in points(start, end, step):
        await wait_until_async(moment)
        yield moment


def points(start: Time, end: Time, step: float) -> Iterator[dt.datetime]:
    """Yield the points in time from `start` to `end`, `step` seconds apart, from the first that is not past."""
    if step <= 0:
        raise ValueError(f"The step must be positive: {step}")
    delta = dt.timedelta(seconds=step)
    moment, last = with_date(start), with_date(end)
    late = clocks_here().now(moment.tzinfo) - moment
    if late > dt.timedelta(0):
        moment -= -late // delta * delta  # rounded up to a whole number of steps
    while moment <= last:
        yield moment
        moment += delta


def with_date(time: Time) -> dt.datetime:
    """Return a point in time as a datetime. A time without a date means today in its time zone."""
    moment: dt.time | dt.datetime = plain_moment(time)
    if isinstance(moment, dt.datetime):
        return moment
    return dt.datetime.combine(clocks_here().now(moment.tzinfo), moment)


def seconds_until(time: Time) -> float:
    """Return the seconds from now to a point in time, negative if it is past."""
    return seconds_between(clocks_here().now(dt.UTC), with_date(time))
