"""IBKR's date-time texts against the moments that they mean."""

import contextlib
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.model import times
from ibdesk.model.times import LONGEST, formatIBDatetime, parseIBDatetime, zone_named
from ibdesk.model.zone_names import ZONE_ALIASES

NEW_YORK = ZoneInfo("America/New_York")


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20260402 09:30:00 US/Eastern", utc(2026, 4, 2, 13, 30)),
        ("20260402  09:30:00  US/Eastern", utc(2026, 4, 2, 13, 30)),
        ("20260115 09:30:00 US/Eastern", utc(2026, 1, 15, 14, 30)),
        ("20260405 23:49:26 Central European Standard Time", utc(2026, 4, 5, 21, 49, 26)),
        ("20230405 22:20:39 PST", utc(2023, 4, 6, 5, 20, 39)),
        ("20200427-13:00:03 PST", utc(2020, 4, 27, 20, 0, 3)),
        ("20250620 08:30 US/Central", utc(2025, 6, 20, 13, 30)),
        ("20200918 08:30 CST", utc(2020, 9, 18, 13, 30)),
        ("20200918 08:30:00 CST (Central Standard Time)", utc(2020, 9, 18, 13, 30)),
        ("20200701 09:30:00 EST (Eastern Standard Time)", utc(2020, 7, 1, 13, 30)),
        ("20200701 09:00:00 MET (Middle Europe Time)", utc(2020, 7, 1, 7)),
        ("20200701 09:00:00 MET", utc(2020, 7, 1, 7)),
        ("20200701 09:00:00 British Summer Time", utc(2020, 7, 1, 8)),
        ("20200701 09:00:00 Central Standard Time", utc(2020, 7, 1, 14)),
        ("20200701 09:00:00 Central Standard Time (Mexico)", utc(2020, 7, 1, 14)),
        ("20260701 09:00:00 Central Standard Time (Mexico)", utc(2026, 7, 1, 15)),
        ("20241111-16:53:00", utc(2024, 11, 11, 16, 53)),
        ("20241111-16:53:00Z", utc(2024, 11, 11, 16, 53)),
        ("20241111 16:53:00Z", utc(2024, 11, 11, 16, 53)),
        ("20241111 16:53:00 UTC", utc(2024, 11, 11, 16, 53)),
        ("20241111 16:53:00 GMT", utc(2024, 11, 11, 16, 53)),
        ("20241111-16:53:00.250", utc(2024, 11, 11, 16, 53, 0, 250000)),
        ("1586966460", utc(2020, 4, 15, 16, 1)),
        ("0", utc(1970, 1, 1)),
    ],
)
def test_a_moment(text: str, moment: dt.datetime):
    parsed = parseIBDatetime(text)
    assert isinstance(parsed, dt.datetime)
    assert parsed.tzinfo is not None
    assert parsed == moment


@pytest.mark.parametrize("text", ["20260402", "2026-04-02"])
def test_a_date(text: str):
    assert parseIBDatetime(text) == dt.date(2026, 4, 2)
    assert not isinstance(parseIBDatetime(text), dt.datetime)


@pytest.mark.parametrize(
    ("text", "naive"),
    [
        ("20200415  16:01:00", dt.datetime(2020, 4, 15, 16, 1)),
        ("20260413 15:27:04", dt.datetime(2026, 4, 13, 15, 27, 4)),
        ("2021-02-02 12:14:04.0", dt.datetime(2021, 2, 2, 12, 14, 4)),
        ("20200415 16:01:00 \ufffd\ufffd", dt.datetime(2020, 4, 15, 16, 1)),
        ("20200415 16:01:00 Nowhere (Never)", dt.datetime(2020, 4, 15, 16, 1)),
    ],
)
def test_without_a_known_zone_the_operators_is_taken(text: str, naive: dt.datetime):
    assert parseIBDatetime(text) == naive
    assert parseIBDatetime(text, NEW_YORK) == naive.replace(tzinfo=NEW_YORK)


def test_the_zone_in_the_text_wins():
    assert parseIBDatetime("20260413 15:27:04 UTC", NEW_YORK) == utc(2026, 4, 13, 15, 27, 4)
    assert parseIBDatetime("20260413-15:27:04", NEW_YORK) == utc(2026, 4, 13, 15, 27, 4)


def test_an_alias_of_the_users_own(monkeypatch: pytest.MonkeyPatch):
    assert zone_named("Desk Time") is None
    monkeypatch.setitem(ZONE_ALIASES, "Desk Time", "Asia/Shanghai")
    assert zone_named("Desk Time") == ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("name", [*ZONE_ALIASES, "US/Eastern", "Hongkong", "Japan", "Israel", "Australia/NSW"])
def test_every_alias_is_a_zone_of_the_database(name: str):
    assert zone_named(name) is not None


@pytest.mark.parametrize(
    ("name", "encoding", "zone"),
    [
        ("中国标准时间", "gb18030", "Asia/Shanghai"),
        ("台北標準時間", "big5", "Asia/Taipei"),
        ("Mitteleuropäische Zeit", "cp1252", "Europe/Berlin"),
    ],
)
def test_a_name_in_the_encoding_of_its_computer(name: str, encoding: str, zone: str):
    """As the handshake brings it."""
    assert zone_named(name) == zone_named(name.encode(encoding).decode("utf-8", "backslashreplace")) == ZoneInfo(zone)


@pytest.mark.parametrize("name", ["", "US", "../etc/passwd", "/etc/passwd", "a\0b", "x" * 5000, "\ud800", "()", "(("])
def test_no_name_is_fatal(name: str):
    assert zone_named(name) is None


@pytest.mark.parametrize(
    "text", ["", "x", "20261301", "20260402 9:30", "0714 09:30:00 US/Eastern", "20260402 25:00:00 UTC", "9" * 30]
)
def test_what_is_no_date_time_is_refused(text: str):
    with pytest.raises(ValueError):
        parseIBDatetime(text)


@pytest.mark.parametrize(
    "text",
    [
        "20260402 09:30:00 " + " " * 16_000 + "x",
        "20260402" + " " * 16_000,
        "20260402 09:30:00 EST " + " " * 100_000 + "(",
        "9" * 100_000,
    ],
)
def test_a_text_that_is_too_long_is_not_looked_at(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(times, "_SPELLING", None)
    with pytest.raises(ValueError, match="200 characters at most") as caught:
        parseIBDatetime(text)
    assert len(str(caught.value)) < 200


def test_the_longest_that_ibkr_sends_are_far_shorter():
    longest = max(ZONE_ALIASES, key=len)
    assert parseIBDatetime(f"20260402 09:30:00.000000 {longest} ({longest})") == dt.datetime(
        2026, 4, 2, 9, 30, tzinfo=zone_named(longest)
    )


def test_names_from_outside_do_not_stay_for_ever():
    for number in range(2000):
        assert zone_named(f"Nowhere/{number}") is None
    assert times._database_zone.cache_info().currsize <= 1000
    assert zone_named("x" * (LONGEST + 1)) is None


@given(st.text("0123456789-: ZUTC.", max_size=24) | st.text(max_size=40))
def test_any_text_gives_a_moment_or_a_value_error(text: str):
    with contextlib.suppress(ValueError):
        parseIBDatetime(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("20260402 09:30:00 US/Eastern", "20260402 09:30:00 US/Eastern"),
        (dt.datetime(2026, 4, 2, 9, 30, tzinfo=NEW_YORK), "20260402 13:30:00 UTC"),
        (dt.datetime(2026, 4, 2, 9, 30, 0, 999999, tzinfo=dt.UTC), "20260402 09:30:00 UTC"),
    ],
)
def test_a_moment_as_text(value: dt.datetime | str | None, text: str):
    assert formatIBDatetime(value) == text


def test_a_date_means_its_end_on_this_computer():
    end = dt.datetime(2026, 4, 2, 23, 59, 59)
    assert formatIBDatetime(dt.date(2026, 4, 2)) == formatIBDatetime(end) == formatIBDatetime(end.astimezone())


@given(st.datetimes(dt.datetime(1980, 1, 1), dt.datetime(2100, 1, 1), timezones=st.timezones()))
def test_what_is_written_is_read_back(moment: dt.datetime):
    assert parseIBDatetime(formatIBDatetime(moment)) == moment.astimezone(dt.UTC).replace(microsecond=0)
