"""What the texts of a historical data request mean, and which are refused, by TWS's words."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ibdesk.paper.instruments import Instruments, Refusal
from ibdesk.paper.market.requests import (
    BarSize,
    Duration,
    check_step,
    first_day,
    parse_bar_size,
    parse_duration,
    parse_end,
    parse_period,
    parse_what,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ZONE = "US/Eastern"
NEW_YORK = ZoneInfo(ZONE)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("60 S", Duration(60, "S")),
        ("1 d", Duration(1, "D")),
        ("2 W", Duration(2, "W")),
        ("12 M", Duration(12, "M")),
        ("10 Y", Duration(10, "Y")),
        ("3600", Duration(3600, "S")),
    ],
)
def test_durations(text: str, meaning: Duration) -> None:
    assert parse_duration(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("3 days", Duration(3, "D")),
        ("1 week", Duration(1, "W")),
        ("1 weeks", Duration(1, "W")),
        ("2 Months", Duration(2, "M")),
        ("1 year", Duration(1, "Y")),
        ("5 D", Duration(5, "D")),
        ("90 S", Duration(90, "S")),
        ("20 minutes", Duration(1200, "S")),
        ("2 hours", Duration(7200, "S")),
    ],
)
def test_periods_of_histograms(text: str, meaning: Duration) -> None:
    assert parse_period(text, "bO") == meaning


@pytest.mark.parametrize(
    "text", ["", "days", "0 days", "3 fortnights", "-1 day", "1.5 days", "9" * 5000 + "x", "0" * 5000 + "1 day"]
)
def test_periods_that_are_refused(text: str) -> None:
    with pytest.raises(Refusal, match="'bO' : cause - Invalid time period"):
        parse_period(text, "bO")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "Historical data request duration not specified."),
        ("1D", "When specifying a unit"),
        ("1  D", "When specifying a unit"),
        ("1 day", "When specifying a unit"),
        ("0 D", "Historical data requested duration is invalid."),
        ("29 S", "Historical data requested duration is invalid."),
        ("99999999999 D", "Historical data requested duration is invalid."),
        (f"{'9' * 5000} D", "Historical data requested duration is invalid."),
        ("86401 S", "Historical data request for greater than 86400 seconds rejected."),
        ("366 D", "Historical data requests for durations longer than 365 days must be made in years."),
        ("53 W", "Historical data request for durations longer than 52 weeks must be made in years."),
        ("13 M", "Historical data request for durations longer than 12 months must be made in years."),
        ("200 Y", "Historical data request for 200 year(s) rejected. Max API Backfill Years=199"),
    ],
)
def test_durations_that_are_refused(text: str, cause: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_duration(text)
    assert caught.value.code == 321
    assert caught.value.text.startswith(f"Error validating request.-'bM' : cause - {cause}")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1 secs", BarSize(1)),
        ("30 SECS", BarSize(30)),
        ("1 min", BarSize(60)),
        ("20 mins", BarSize(1200)),
        ("1 hour", BarSize(3600)),
        ("8 hours", BarSize(28800)),
        ("1 day", BarSize(period="day")),
        ("1W", BarSize(period="week")),
        ("1 week", BarSize(period="week")),
        ("1M", BarSize(period="month")),
    ],
)
def test_bar_sizes(text: str, meaning: BarSize) -> None:
    assert parse_bar_size(text) == meaning


@pytest.mark.parametrize("text", ["1 sec", "1 mins", "1min", "7 mins", ""])
def test_bar_sizes_that_are_refused(text: str) -> None:
    with pytest.raises(Refusal, match=r"bar size setting is invalid\. Legal ones are: 1 secs, 5 secs, .*, 1W, 1M$"):
        parse_bar_size(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", NOW),
        ("20261119 16:00:00", datetime(2026, 11, 19, 16, tzinfo=NEW_YORK)),
        ("20261119 16:00:00 Europe/London", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("20261119  16:00:00", datetime(2026, 11, 19, 16, tzinfo=NEW_YORK)),
        ("20261119-16:00:00", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("20261119-16:00:00Z", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("09:45:00", datetime(2026, 11, 20, 9, 45, tzinfo=NEW_YORK)),
    ],
)
def test_ends(text: str, moment: datetime) -> None:
    assert parse_end(text, NOW, ZONE) == moment


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "20261119",
        "20261319 16:00:00",
        "20261119 25:00:00",
        "19771231 16:00:00",
        "20261119 16:00:00 Nowhere",
        "20261119-16:00:00 US/Eastern",
        "20261119 16:00:00 ../etc",
    ],
)
def test_ends_that_are_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_end(text, NOW, ZONE)
    assert caught.value.code == 10314


APPLE, EURO, SPX = 265598, 12087792, 416904


@pytest.mark.parametrize(
    ("conId", "text", "size", "code", "words"),
    [
        (APPLE, "YIELD", "1 min", 321, "What to show value of YIELD rejected."),
        (APPLE, "ADJUSTED_LAST", "1W", 321, "Multi day bar size not supported with adjusted last"),
        (APPLE, "YIELD_BID", "30 mins", 162, "No historical market data for AAPL/STK@SMART YIELD_BID 1800"),
        (SPX, "BID", "30 mins", 162, "No historical market data for SPX/IND@SMART Bid 1800"),
        (EURO, "TRADES", "1 min", 162, "HMDS query returned no data: EUR.USD@SMART Trades"),
    ],
)
def test_series_that_are_refused(conId: int, text: str, size: str, code: int, words: str) -> None:
    instrument = Instruments(date(2026, 11, 20), lambda each: each.pricing.anchor).by_con_id(conId)
    assert instrument is not None
    with pytest.raises(Refusal) as caught:
        parse_what(text, instrument, "SMART", parse_bar_size(size))
    assert (caught.value.code, caught.value.text.endswith(words)) == (code, True)


@pytest.mark.parametrize(("duration", "size"), [("3600 S", "1 secs"), ("1 D", "1 secs"), ("1 W", "5 secs")])
def test_bars_that_are_too_short_for_the_duration_are_refused(duration: str, size: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_step(parse_duration(duration), parse_bar_size(size))
    assert caught.value.code == 162


@pytest.mark.parametrize(
    ("duration", "last", "first"),
    [
        ("1 W", date(2026, 11, 20), date(2026, 11, 14)),
        ("1 M", date(2026, 11, 20), date(2026, 10, 21)),
        ("1 M", date(2026, 3, 31), date(2026, 3, 1)),
        ("11 M", date(2026, 11, 20), date(2025, 12, 21)),
        ("1 Y", date(2026, 1, 15), date(2025, 1, 16)),
        ("199 Y", date(2026, 1, 15), date(1978, 1, 1)),
    ],
)
def test_the_first_day_of_a_duration(duration: str, last: date, first: date) -> None:
    assert first_day(parse_duration(duration), last) == first
