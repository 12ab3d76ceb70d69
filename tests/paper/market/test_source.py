"""Moments as microseconds, and spans within limits."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.instruments import latest
from ibdesk.paper.market.source import UNLIMITED, Span, micros, moment_of, within

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from([UTC, ZoneInfo("US/Eastern")])
SESSION = latest("us_stock", datetime(2026, 11, 20, 18, tzinfo=UTC))

moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=ZONES)


@given(moments)
def test_no_moment_loses_a_microsecond(moment: datetime) -> None:
    assert micros(moment) == (moment - EPOCH) // timedelta(microseconds=1)
    assert moment_of(micros(moment)) == moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (-UNLIMITED, UNLIMITED, [(10, 20), (30, 40)]),
        (15, UNLIMITED, [(15, 20), (30, 40)]),
        (20, 35, [(30, 35)]),
        (20, 30, []),
        (-UNLIMITED, 10, []),
    ],
)
def test_what_is_not_between_first_and_last_is_left_out(first: int, last: int, expected: list[tuple[int, int]]) -> None:
    spans = [Span(SESSION, 10, 20), Span(SESSION, 30, 40)]
    assert [(span.begin, span.end) for span in within(spans, first, last)] == expected
