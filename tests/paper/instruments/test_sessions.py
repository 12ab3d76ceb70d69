"""The hours of each sort of instrument, against recorded hours and known holidays."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.instruments import HOURS, following, hours_text, is_open, latest, sessions, trading_day

NEW_YORK = ZoneInfo("US/Eastern")
CHICAGO = ZoneInfo("US/Central")


# Texts of real replies: (hours, day of the reply, regular, text).
RECORDED = [
    (
        "us_stock",
        date(2026, 4, 5),
        False,
        "20260405:CLOSED;20260406:0400-20260406:2000;20260407:0400-20260407:2000;20260408:0400-20260408:2000;"
        "20260409:0400-20260409:2000;20260410:0400-20260410:2000",
    ),
    (
        "us_stock",
        date(2026, 4, 5),
        True,
        "20260405:CLOSED;20260406:0930-20260406:1600;20260407:0930-20260407:1600;20260408:0930-20260408:1600;"
        "20260409:0930-20260409:1600;20260410:0930-20260410:1600",
    ),
    (
        "cme",
        date(2025, 5, 22),
        False,
        "20250521:1700-20250522:1600;20250522:1700-20250523:1600;20250524:CLOSED;20250525:1700-20250526:1200;"
        "20250526:1700-20250527:1600;20250527:1700-20250528:1600",
    ),
    (
        "spx",
        date(2026, 1, 31),
        False,
        "20260131:CLOSED;20260201:CLOSED;20260202:0830-20260202:1500;20260203:0830-20260203:1500;"
        "20260204:0830-20260204:1500;20260205:0830-20260205:1500",
    ),
    (
        "forex",
        date(2022, 12, 6),
        False,
        "20221205:1715-20221206:1700;20221206:1715-20221207:1700;20221207:1715-20221208:1700;"
        "20221208:1715-20221209:1700;20221210:CLOSED;20221211:1715-20221212:1700",
    ),
    (
        "nymex",
        date(2022, 12, 7),
        False,
        "20221206:1800-20221207:1700;20221207:1800-20221208:1700;20221208:1800-20221209:1700;20221210:CLOSED;"
        "20221211:1800-20221212:1700;20221212:1800-20221213:1700",
    ),
    (
        "us_option",
        date(2022, 12, 7),
        False,
        "20221207:0930-20221207:1600;20221208:0930-20221208:1600;20221209:0930-20221209:1600;20221210:CLOSED;"
        "20221211:CLOSED;20221212:0930-20221212:1600",
    ),
]


@pytest.mark.parametrize(("name", "today", "regular", "text"), RECORDED)
def test_hours_read_as_ib_writes_them(name: str, today: date, regular: bool, text: str) -> None:
    assert hours_text(name, today, regular=regular) == text


def test_a_short_day_ends_early_in_regular_and_in_extended_hours() -> None:
    friday = date(2026, 11, 27)
    [regular] = sessions("us_stock", friday, friday, regular=True)
    [whole] = sessions("us_stock", friday, friday)
    assert regular.end == datetime(2026, 11, 27, 13, tzinfo=NEW_YORK)
    assert whole.end == datetime(2026, 11, 27, 17, tzinfo=NEW_YORK)
    [spx] = sessions("spx", friday, friday)
    assert spx.end == datetime(2026, 11, 27, 12, tzinfo=CHICAGO)


def test_globex_trades_until_noon_on_thanksgiving_and_stocks_do_not() -> None:
    thanksgiving = date(2026, 11, 26)
    [session] = sessions("cme", thanksgiving, thanksgiving)
    assert (session.start, session.end) == (
        datetime(2026, 11, 25, 17, tzinfo=CHICAGO),
        datetime(2026, 11, 26, 12, tzinfo=CHICAGO),
    )
    assert sessions("us_stock", thanksgiving, thanksgiving) == []


def test_forex_rests_at_weekends_and_on_christmas() -> None:
    assert not is_open("forex", datetime(2026, 11, 21, 12, tzinfo=NEW_YORK))
    assert is_open("forex", datetime(2026, 11, 22, 17, 15, tzinfo=NEW_YORK))
    assert not is_open("forex", datetime(2026, 12, 25, 12, tzinfo=NEW_YORK))


def test_a_session_is_open_from_its_start_until_before_its_end() -> None:
    opening = datetime(2026, 11, 20, 9, 30, tzinfo=NEW_YORK)
    assert is_open("us_stock", opening, regular=True)
    assert not is_open("us_stock", opening - timedelta(seconds=1), regular=True)
    assert not is_open("us_stock", datetime(2026, 11, 20, 16, tzinfo=NEW_YORK), regular=True)
    assert is_open("us_stock", datetime(2026, 11, 20, 16, tzinfo=NEW_YORK))


def test_the_trading_day_of_an_evening_on_globex_is_the_next() -> None:
    assert trading_day("cme", datetime(2026, 11, 19, 18, tzinfo=CHICAGO)) == date(2026, 11, 20)
    assert trading_day("cme", datetime(2026, 11, 20, 16, 30, tzinfo=CHICAGO)) == date(2026, 11, 23)


@given(
    st.sampled_from(sorted(HOURS)),
    st.datetimes(datetime(2020, 1, 2), datetime(2029, 12, 20), timezones=st.just(ZoneInfo("UTC"))),
    st.booleans(),
)
def test_every_moment_lies_between_two_neighbouring_sessions(name: str, when: datetime, regular: bool) -> None:
    before, after = latest(name, when, regular=regular), following(name, when, regular=regular)
    assert before.start <= when < after.start
    assert before.start < before.end <= after.start
    assert is_open(name, when, regular=regular) == (when < before.end)
