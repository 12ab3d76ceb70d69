"""What the clocks of a simulation show while time passes."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.runtime.simulated_time import SimulatedTime

START = dt.datetime(2026, 11, 1, 5, 59, tzinfo=dt.UTC)
NEW_YORK = ZoneInfo("US/Eastern")


def test_all_clocks_show_the_moment():
    time = SimulatedTime(START)
    time.pass_until(120.0)
    moment = START + dt.timedelta(minutes=2)
    # Summer time has ended meanwhile.
    assert (time.now(NEW_YORK).hour, time.now(NEW_YORK).fold) == (1, 1)
    assert time.now(dt.UTC) == moment
    assert time.now(None) == moment.astimezone().replace(tzinfo=None)
    assert time.timestamp() == moment.timestamp()
    assert 120.0 < time.seconds() < 120.000001


def test_time_does_not_go_back():
    time = SimulatedTime(START)
    time.pass_until(5.0)
    now = time.seconds()
    time.pass_until(4.0)
    assert time.seconds() == now


@given(st.floats(0, 10**8), st.floats(1e-6, 10**6))
def test_when_a_wait_ends_more_than_its_time_has_elapsed(start, wait):
    time = SimulatedTime(START)
    time.pass_until(start)
    start = time.seconds()
    time.pass_until(start + wait)
    assert time.seconds() - start > wait


def test_the_start_has_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        SimulatedTime(dt.datetime(2026, 11, 1))


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1)), st.integers(0, 10**15))
def test_a_timer_finds_the_clocks_at_its_moment(start, microseconds):
    start = start.replace(tzinfo=dt.UTC)
    time = SimulatedTime(start)
    moment = start + dt.timedelta(microseconds=microseconds)
    time.pass_until((moment - start).total_seconds())
    assert time.now(dt.UTC) == moment
