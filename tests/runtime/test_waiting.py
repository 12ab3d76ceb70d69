"""How a coroutine waits for points in time."""

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ibdesk.runtime.simulated_loop import SimulatedLoop
from ibdesk.runtime.waiting import points, time_range_async, wait_until_async, with_date


def test_a_point_that_is_past_is_not_waited_for():
    assert asyncio.run(wait_until_async(dt.datetime.now() - dt.timedelta(hours=1))) is True


@pytest.mark.parametrize("zone", [None, dt.UTC])
def test_a_time_without_a_date_is_today(zone):
    moment = with_date(dt.time(12, 30, tzinfo=zone))
    assert moment == dt.datetime.combine(dt.datetime.now(zone).date(), dt.time(12, 30, tzinfo=zone))


@pytest.mark.parametrize("zone", [None, dt.UTC])
def test_a_time_range_leaves_out_what_is_past(zone: dt.tzinfo | None):
    hour = dt.timedelta(hours=1)
    start = dt.datetime.now(zone) - 10.5 * hour
    assert list(points(start, start + 12.5 * hour, 3600)) == [start + 11 * hour, start + 12 * hour]
    assert list(points(start, start + 10 * hour, 3600)) == []


def test_time_range_async_and_its_step():
    async def collect(step: float) -> list[dt.timedelta]:
        start = dt.datetime.now() + dt.timedelta(milliseconds=300)
        return [moment - start async for moment in time_range_async(start, start + delta * 2, step)]

    delta = dt.timedelta(milliseconds=5)
    assert asyncio.run(collect(0.005)) == [delta * 0, delta, delta * 2]
    with pytest.raises(ValueError, match="positive"):
        asyncio.run(collect(0))


def test_one_waits_for_a_moment_after_the_clock_is_changed():
    zone = ZoneInfo("America/New_York")
    loop = SimulatedLoop(dt.datetime(2026, 10, 30, 16, tzinfo=zone))
    moment = dt.datetime(2026, 11, 2, 9, 30, tzinfo=zone)
    loop.run_until_complete(wait_until_async(moment))
    assert loop.clocks.now(zone) == moment
    loop.close()
