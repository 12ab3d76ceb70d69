"""What time it is at the gateway."""

from datetime import UTC, datetime, timedelta

import pytest

from ibdesk.paper.clock import NEW_YORK, HandClock, RunningClock, start_from

START = datetime(2026, 4, 15, 10, 0, tzinfo=NEW_YORK)


def test_a_running_clock_follows_the_counter():
    seconds = iter([1000.0, 1000.0, 1001.5, 4600.0])
    clock = RunningClock(START, lambda: next(seconds))
    assert [clock.now() - START for _ in range(3)] == [timedelta(0), timedelta(seconds=1.5), timedelta(hours=1)]
    assert str(START.tzinfo) == "US/Eastern"


def test_a_running_clock_tells_how_long_something_takes():
    seconds = iter([1000.0, 1010.0, 1010.0])
    clock = RunningClock(START, lambda: next(seconds))
    assert clock.seconds_until(START + timedelta(seconds=12.5)) == 2.5
    assert clock.seconds_until(START + timedelta(seconds=9)) == -1.0


def test_a_clock_that_is_moved_by_hand_never_gets_anywhere_by_itself():
    assert HandClock(START).seconds_until(START + timedelta(seconds=1)) is None


def test_an_hour_is_an_hour_when_summer_time_begins():
    clock = HandClock(datetime(2026, 3, 8, 1, 30, tzinfo=NEW_YORK))
    clock.advance(3600)
    assert clock.now().replace(tzinfo=None) == datetime(2026, 3, 8, 3, 30)


def test_time_does_not_go_back():
    clock = HandClock(START)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)
    assert clock.now() == START


@pytest.mark.parametrize(
    ("given", "now", "start"),
    [
        ("2026-04-15T10:00", START, START),
        ("2026-04-15 14:00+00:00", START, START),
        (datetime(2026, 4, 15, 14, 0, tzinfo=UTC), START, START),
        (None, START.replace(hour=15, minute=59), START.replace(hour=15, minute=59)),
        (None, START.replace(hour=16), START),
        (None, START.replace(hour=9), datetime(2026, 4, 14, 10, 0, tzinfo=NEW_YORK)),
        (None, START.replace(day=19), datetime(2026, 4, 17, 10, 0, tzinfo=NEW_YORK)),
    ],
)
def test_where_the_clock_starts(given, now, start):
    begun = start_from(given, now)
    assert begun == start
    assert str(begun.tzinfo) == "US/Eastern"


@pytest.mark.parametrize("given", ["", "soon", datetime(2026, 4, 15, 10, 0)])
def test_what_is_no_start(given):
    with pytest.raises(ValueError):
        start_from(given, START)
