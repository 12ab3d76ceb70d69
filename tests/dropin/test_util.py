"""util gives the same results as ib_async's where they are right."""

import datetime as dt
import json

import pytest
from oracles import ib_async

import ibdesk
from ibdesk import util

pytest.importorskip("pandas")

theirs = ib_async().util


@pytest.mark.parametrize("number", [0, 45, 999, 1000, 12345678, 0.0, 123.4, 0.001234, -1.5e9, 1e-22])
def test_numbers_with_prefixes(number: float):
    assert util.formatSI(number) == theirs.formatSI(number)


@pytest.mark.parametrize(
    "time",
    [dt.datetime(2026, 4, 2, 13, 30, tzinfo=dt.UTC), dt.datetime(2026, 4, 2, 13, 30), "20260402 13:30:00", "", None],
)
def test_times_for_ib(time: dt.datetime | str | None):
    assert util.formatIBDatetime(time) == theirs.formatIBDatetime(time)


def nouns(package: object) -> list[object]:
    bar = package.BarData(dt.date(2026, 4, 2), 1.0, 2.0, 0.5, 1.5, 100, 1.2, 7)  # type: ignore[attr-defined]
    stock = package.Stock("AAPL", "SMART", "USD")  # type: ignore[attr-defined]
    return [bar, stock, package.PnL("DU1", "", 1.0), package.TagValue("a", "b")]  # type: ignore[attr-defined]


def test_frames_of_objects():
    for ours, their in zip(nouns(ibdesk), nouns(ib_async()), strict=True):
        frame, expected = util.df([ours, ours]), theirs.df([their, their])
        assert frame is not None
        shared = [name for name in expected.columns if name in frame.columns]
        assert shared == list(expected.columns)
        assert frame[shared].astype(str).equals(expected.astype(str))


def test_trees_of_objects():
    assert json.dumps(util.tree(nouns(ibdesk))) == json.dumps(theirs.tree(nouns(ib_async())))


def test_an_empty_list():
    """Pain 60."""
    assert theirs.df([]) is None
    assert theirs.df(ib_async().BarDataList()) is None
    frame = util.df(ibdesk.BarDataList())
    assert frame is not None
    assert list(frame.columns) == list(theirs.df(nouns(ib_async())[:1]).columns)
