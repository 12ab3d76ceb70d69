"""A bar of five seconds answers to the names of a bar of a history."""

import datetime as dt

from ibdesk.model.bars import BarData, RealTimeBar

NOON = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)


def test_one_listener_serves_both_kinds_of_bars() -> None:
    live = RealTimeBar(NOON, -1, open_=1.0, high=4.0, low=0.5, close=2.0, volume=300.0, wap=1.5, count=7)
    past = BarData(NOON, open=1.0, high=4.0, low=0.5, close=2.0, volume=300.0, average=1.5, barCount=7)
    assert {name: getattr(live, name) for name in past.dict()} == past.dict()
