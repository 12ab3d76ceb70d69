"""Bars: their dates, and lists that are kept up to date."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ibdesk.client.effects import Emit
from ibdesk.client.state.bar_lists import BarDataList
from ibdesk.client.state.history import catch_up, duration_since, historical_data, historical_data_update
from ibdesk.model.bars import BarData
from ibdesk.wire.messages.history import HistoricalData, HistoricalDataUpdate

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")


def bar(text: Any, close: float = 1.0) -> BarData:
    return BarData(text, close=close)


DATES = [
    ("20260402", date(2026, 4, 2)),
    ("20260402 09:30:00 America/New_York", datetime(2026, 4, 2, 9, 30, tzinfo=NEW_YORK)),
    ("20260402 09:30:05 America/New_York", datetime(2026, 4, 2, 9, 30, 5, tzinfo=NEW_YORK)),
    ("20260402 15:30:00 MET", datetime(2026, 4, 2, 15, 30, tzinfo=ZoneInfo("Europe/Paris"))),
    ("20260402 15:30:00 Nowhere/Land", datetime(2026, 4, 2, 15, 30, tzinfo=BERLIN)),
    ("20260402-13:30:00", datetime(2026, 4, 2, 13, 30, tzinfo=UTC)),
    ("20260402  15:30:00", datetime(2026, 4, 2, 15, 30, tzinfo=BERLIN)),
    ("1775136600", datetime(2026, 4, 2, 13, 30, tzinfo=UTC)),
]


def test_dates():
    message = HistoricalData(1, [bar(text) for text, _ in DATES])
    bars = historical_data(message, zone=BERLIN)
    assert [(bar.date, getattr(bar.date, "tzinfo", None)) for bar in bars] == [
        (moment, getattr(moment, "tzinfo", None)) for _, moment in DATES
    ]


def test_a_date_that_cannot_be_read():
    for text in ("", "20260402 25:00:00 US/Eastern", "yesterday"):
        with pytest.raises(ValueError):
            historical_data(HistoricalData(1, [bar(text)]))


def update(bars: BarDataList, text: str, close: float = 1.0) -> list[Emit]:
    return historical_data_update(HistoricalDataUpdate(1, bar(text, close)), bars)


def test_updates():
    bars = BarDataList()
    assert update(bars, "20260402 09:30:00 US/Eastern") == [
        Emit("barUpdateEvent", (bars, True)),
        Emit(bars.updateEvent, (bars, True)),
    ]
    assert update(bars, "20260402 09:30:00 US/Eastern") == []
    emissions = update(bars, "20260402 09:30:00 US/Eastern", close=2.0)
    assert [args for _, args in emissions] == [(bars, False)] * 2
    assert update(bars, "20260402 09:29:00 US/Eastern", close=3.0) == []
    assert update(bars, "20260402 09:31:00 US/Eastern")[0].args == (bars, True)
    assert [(bar.date.minute, bar.close) for bar in bars] == [(30, 2.0), (31, 1.0)]


def test_updates_of_days():
    bars = BarDataList(historical_data(HistoricalData(1, [bar("20260402")])))
    assert update(bars, "20260402", close=2.0)[0].args == (bars, False)
    assert update(bars, "20260402 00:00:00 US/Eastern", close=3.0)[0].args == (bars, False)
    assert update(bars, "20260403")[0].args == (bars, True)
    assert [(bar.date, bar.close) for bar in bars] == [(date(2026, 4, 2), 3.0), (date(2026, 4, 3), 1.0)]


NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "asked", "duration"),
    [
        (NOON - timedelta(minutes=30), "3600 S", "3600 S"),
        (NOON - timedelta(minutes=30), "3600", "3600"),
        (NOON - timedelta(hours=2, seconds=0.5), "3600 S", "7201 S"),
        (NOON - timedelta(days=3), "3600 S", "3 D"),
        (NOON - timedelta(hours=2), "1 D", "1 D"),
        (NOON - timedelta(hours=20), "1 D", "2 D"),
        (NOON - timedelta(hours=20), "2 d", "2 d"),
        (NOON - timedelta(days=6), "1 W", "1 W"),
        (NOON - timedelta(days=7), "1 W", "8 D"),
        (NOON - timedelta(days=400), "1 M", "2 Y"),
        (date(2026, 4, 1), "1 Y", "1 Y"),
        (date(2026, 3, 1), "5 D", "34 D"),
        (datetime(2026, 4, 2, 11), "1800 S", "3600 S"),
        (NOON - timedelta(minutes=30), "?", "1800 S"),
    ],
)
def test_the_duration_that_covers_what_is_missing(last: date, asked: str, duration: str) -> None:
    assert duration_since(last, NOON, asked) == duration


def test_a_list_that_had_no_bar_gets_all() -> None:
    bars = BarDataList()
    bars.isInterrupted = True
    told = [BarData(NOON, close=1.0), BarData(NOON + timedelta(minutes=1), close=2.0)]
    assert [effect.args for effect in catch_up(told, bars)] == [(bars, True)] * 4
    assert list(bars) == told and bars.isComplete


def test_an_answer_without_bars_changes_nothing() -> None:
    bars = BarDataList([BarData(NOON, close=1.0)])
    assert list(catch_up([], bars)) == []
    assert len(bars) == 1
