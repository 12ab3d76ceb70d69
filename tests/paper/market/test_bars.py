"""Bars of bars are bars: whatever size is asked for, they are made of the same prices."""

from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.market.one_market import APPLE, ES, EURO, MARKET, NEW_YORK, PUT, TODAY, few, moments, noon, traded

from ibdesk.paper.market import Bar


def merged(bars: list[Bar]) -> tuple[float, float, float, float, int, int]:
    return (
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        sum(bar.volume for bar in bars),
        sum(bar.barCount for bar in bars),
    )


def whole(bar: Bar) -> tuple[float, float, float, float, int, int]:
    return bar.open, bar.high, bar.low, bar.close, bar.volume, bar.barCount


def begun(bar: Bar) -> datetime:
    assert isinstance(bar.date, datetime)
    return bar.date


@few
@given(traded, moments, st.booleans())
def test_a_day_is_made_of_its_hours_and_they_of_their_minutes(conId: int, end: datetime, regular: bool) -> None:
    [day] = MARKET.bars(conId, end, "1 D", "1 day", "TRADES", regular)
    hours = MARKET.bars(conId, end, "1 D", "1 hour", "TRADES", regular)
    minutes = MARKET.bars(conId, end, "1 D", "1 min", "TRADES", regular)
    assert merged(hours) == merged(minutes) == whole(day)
    for hour, after in zip(hours, [*hours[1:], None], strict=True):
        inside = [m for m in minutes if begun(m) >= begun(hour) and (after is None or begun(m) < begun(after))]
        assert merged(inside) == whole(hour)


@few
@given(st.sampled_from([APPLE, ES, PUT, EURO]), moments, st.sampled_from(["TRADES", "BID", "ASK", "MIDPOINT"]))
def test_a_minute_is_made_of_its_seconds(conId: int, end: datetime, what: str) -> None:
    if conId == EURO and what == "TRADES":
        what = "MIDPOINT"
    end = end.replace(microsecond=0)
    minutes = MARKET.bars(conId, end, "300 S", "1 min", what, False)
    seconds = MARKET.bars(conId, end, "300 S", "5 secs", what, False)
    for minute in minutes[1:]:
        inside = [s for s in seconds if timedelta(0) <= begun(s) - begun(minute) < timedelta(minutes=1)]
        expected, found = whole(minute), merged(inside)
        assert found[:4] == expected[:4]
        if what == "TRADES":
            assert found[4] == expected[4]


@few
@given(st.sampled_from([APPLE, ES, PUT]), moments, st.integers(30, 200))
def test_bars_that_begin_and_end_within_a_minute_tell_nothing_else(conId: int, end: datetime, seconds: int) -> None:
    end = end.replace(microsecond=0)
    bars = MARKET.bars(conId, end, f"{seconds} S", "1 secs", "TRADES", False)
    assert len(bars) == seconds
    assert all(before < after for before, after in pairwise(begun(bar) for bar in bars))
    assert begun(bars[-1]) < end
    [minute] = MARKET.bars(conId, end, "30 S", "1 min", "TRADES", False)[-1:]
    inside = [bar for bar in MARKET.bars(conId, end, "60 S", "1 secs", "TRADES", False) if begun(bar) >= begun(minute)]
    assert merged(inside)[:5] == whole(minute)[:5]


def test_the_first_regular_hour_holds_half_an_hour() -> None:
    bars = MARKET.bars(APPLE, noon(), "1 D", "1 hour", "TRADES", True)
    assert [begun(bar).strftime("%H:%M") for bar in bars] == ["09:30", "10:00", "11:00", "12:00"]
    assert begun(bars[0]).tzname() == "EST"


def test_only_sessions_are_covered() -> None:
    monday = datetime(2026, 11, 23, 10, 0, tzinfo=NEW_YORK)
    bars = MARKET.bars(APPLE, monday, "3600 S", "30 mins", "TRADES", True)
    assert [f"{begun(bar):%d %H:%M}" for bar in bars] == ["20 15:30", "23 09:30"]
    thanksgiving = datetime(2026, 11, 27, 0, 0, tzinfo=NEW_YORK)
    days = MARKET.bars(APPLE, thanksgiving, "3 D", "1 day", "TRADES", True)
    assert [bar.date for bar in days] == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]


def test_days_weeks_and_months_are_made_of_days() -> None:
    days = MARKET.bars(APPLE, noon(), "3 M", "1 day", "TRADES", True)
    weeks = MARKET.bars(APPLE, noon(), "3 M", "1W", "TRADES", True)
    months = MARKET.bars(APPLE, noon(), "3 M", "1M", "TRADES", True)
    assert merged(days) == merged(weeks) == merged(months)
    assert weeks[-1].date == months[-1].date == days[-1].date == TODAY
    assert weeks[-2].date == date(2026, 11, 13)
    assert months[-2].date == date(2026, 10, 30)
    assert merged(days[-5:]) == whole(weeks[-1])


def test_series_without_trades_count_nothing() -> None:
    for what in ("MIDPOINT", "BID", "ASK", "BID_ASK"):
        bars = MARKET.bars(EURO, noon(), "1 D", "1 hour", what, False)
        assert {(bar.volume, bar.average, bar.barCount) for bar in bars} == {(-1, -1.0, -1)}


def test_bid_ask_bars_span_the_lowest_bid_and_the_highest_ask() -> None:
    arguments = (noon(), "1 D", "1 hour")
    both = MARKET.bars(ES, *arguments, "BID_ASK", True)
    bids, asks = MARKET.bars(ES, *arguments, "BID", True), MARKET.bars(ES, *arguments, "ASK", True)
    assert [(bar.low, bar.high) for bar in both] == [(b.low, a.high) for b, a in zip(bids, asks, strict=True)]
    for bar in both:
        assert bar.low <= bar.open < bar.close <= bar.high


@pytest.mark.parametrize("what", ["TRADES", "BID_ASK"])
@pytest.mark.parametrize("regular", [True, False])
def test_long_spans_are_made_of_short_ones(what: str, regular: bool) -> None:
    long = MARKET.bars(APPLE, noon(), "2 Y", "1 day", what, regular)
    assert len(long) == 501
    for end in (20, 181, 342, 501):
        last = long[end - 1].date
        moment = noon() if end == len(long) else datetime(last.year, last.month, last.day, 23, tzinfo=NEW_YORK)
        assert MARKET.bars(APPLE, moment, "20 D", "1 day", what, regular) == long[end - 20 : end]
    months = MARKET.bars(APPLE, noon(), "2 Y", "1 month", what, regular)
    parts = [list(days) for _, days in groupby(long, key=lambda bar: (bar.date.year, bar.date.month))]
    assert [bar.date for bar in months] == [days[-1].date for days in parts]
    if what == "TRADES":
        assert [whole(bar) for bar in months] == [merged(days) for days in parts]
