"""How a coroutine waits for points in time."""

import asyncio
import datetime as dt
import time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ibdesk.runtime.moments import seconds_between
from ibdesk.runtime.simulated_loop import SimulatedLoop
from ibdesk.runtime.waiting import points, steps, time_range_async, wait_until_async, with_date


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


NEW_YORK = ZoneInfo("America/New_York")
SPRING, AUTUMN = dt.datetime(2026, 3, 8, tzinfo=NEW_YORK), dt.datetime(2026, 11, 1, tzinfo=NEW_YORK)
"""Days on which the clock goes from 02:00 to 03:00, and from 02:00 back to 01:00."""
DAY, HALF = dt.timedelta(days=1), dt.timedelta(minutes=30)


@pytest.fixture
def in_new_york(monkeypatch):
    """The computer's own zone is that of New York."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def told(moments):
    return [f"{moment:%d %H:%M}" for moment in moments]


@pytest.mark.parametrize("zone", [NEW_YORK, None])
@pytest.mark.parametrize(
    ("day", "half_hours"),
    [
        (SPRING, ["01:00", "01:30", "03:00", "03:30", "04:00"]),
        (AUTUMN, ["01:00", "01:30", "01:00", "01:30", "02:00", "02:30"]),
    ],
)
def test_steps_are_as_long_when_summer_time_begins_or_ends(in_new_york, zone, day, half_hours):
    begin, end = day.replace(hour=1), day.replace(hour=4, minute=10)
    found = list(steps(begin.replace(tzinfo=zone), end.replace(tzinfo=zone), HALF))
    assert [f"{moment:%H:%M}" for moment in found][: len(half_hours)] == half_hours
    assert {moment.tzinfo for moment in found} == {zone}
    assert {seconds_between(*pair) for pair in pairwise(found)} == {1800}
    assert seconds_between(found[-1], end) in range(1800)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_steps_of_days_keep_the_time_of_the_clock(day):
    noon = day.replace(hour=12)
    days = [noon - DAY, noon, noon + DAY]
    assert list(steps(noon - DAY, noon + 1.5 * DAY, DAY)) == days
    loop = SimulatedLoop(noon - DAY - HALF)

    async def collect():
        return [
            (moment, loop.clocks.now(NEW_YORK)) async for moment in time_range_async(noon - 9 * DAY, noon + DAY, 86400)
        ]

    assert loop.run_until_complete(collect()) == [(moment, moment) for moment in days]
    loop.close()


def test_a_time_range_leaves_out_what_is_past_when_summer_time_has_ended():
    loop = SimulatedLoop(AUTUMN.replace(hour=1, minute=10, fold=1))

    async def collect():
        return [moment async for moment in time_range_async(AUTUMN, AUTUMN.replace(hour=3), 3600)]

    assert told(loop.run_until_complete(collect())) == ["01 02:00", "01 03:00"]
    assert loop.clocks.now(NEW_YORK) == AUTUMN.replace(hour=3)
    loop.close()


def test_a_time_range_may_have_no_end():
    begin = dt.datetime.now(dt.UTC) + DAY
    for end in (
        None,
        dt.datetime.max,
        dt.datetime.max.replace(tzinfo=dt.UTC),
        dt.datetime.max.replace(tzinfo=NEW_YORK),
    ):
        assert next(points(begin, end, 1)) == begin
