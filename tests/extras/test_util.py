"""The leftovers of ib_async.util."""

import datetime as dt
import io
import itertools
import json
import logging
import math
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.client import blocking
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList, ScanDataList
from ibdesk.extras import util

pandas = pytest.importorskip("pandas")


@dataclass
class Bar:
    date: dt.datetime | None = None
    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    notes: list[str] = field(default_factory=list)


class Tick(NamedTuple):
    price: float
    size: float


class BarList(list[Bar]):
    pass


class TodaysBars(BarList):
    pass


class Record:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


BARS = [
    Bar(dt.datetime(2026, 4, 2, 13, 30, tzinfo=dt.UTC), 1.0, 2.0, 0.5, 1.5, ["a"]),
    Bar(dt.datetime(2026, 4, 2, 13, 31, tzinfo=dt.UTC), 1.5, 1.5, 1.0, 1.25),
]


def test_every_name_of_ib_async_is_there():
    expected = """EPOCH UNSET_DOUBLE UNSET_INTEGER Time_t allowCtrlC barplot dataclassAsDict dataclassAsTuple
    dataclassNonDefaults dataclassRepr dataclassUpdate df formatIBDatetime formatSI getLoop globalErrorEvent isNan
    isnamedtupleinstance logToConsole logToFile parseIBDatetime patchAsyncio run schedule sleep startLoop timeRange
    timeRangeAsync timeit tree useQt waitUntil waitUntilAsync"""
    assert set(expected.split()) | {"plain"} == set(util.__all__)
    assert all(hasattr(util, name) for name in util.__all__)
    assert util.startLoop is util.patchAsyncio is blocking.start_loop


def test_a_frame_of_dataclasses():
    frame = util.df(BARS)
    assert list(frame.columns) == ["date", "open", "high", "low", "close", "notes"]
    assert list(frame.close) == [1.5, 1.25]
    assert frame.close.dtype == float
    assert str(frame.date.dtype).startswith("datetime64") and "UTC" in str(frame.date.dtype)
    assert list(frame.notes) == [["a"], []]


def test_a_frame_of_named_tuples_and_of_a_generator():
    frame = util.df(Tick(price, 1.0) for price in (3.0, 4.0))
    assert frame.to_dict("list") == {"price": [3.0, 4.0], "size": [1.0, 1.0]}


def test_a_frame_of_records_of_other_kinds():
    assert util.df([Record(a=1, b=2), Record(a=3, b=4)]).to_dict("list") == {"a": [1, 3], "b": [2, 4]}
    assert util.df([{"a": 1}, {"a": 2}]).to_dict("list") == {"a": [1, 2]}
    assert util.df([(1, 2), (3, 4)]).to_numpy().tolist() == [[1, 2], [3, 4]]


def test_labels_keep_columns_in_their_order():
    assert list(util.df(BARS, labels=["close", "open"]).columns) == ["open", "close"]


@pytest.mark.parametrize("empty", [[], (), iter(())])
def test_an_empty_list_gives_an_empty_frame(empty):
    """ib_async gives None, on which `util.df(ib.positions()).to_csv(...)` fails on the day without positions."""
    frame = util.df(empty)
    assert len(frame) == 0
    assert list(frame.columns) == []


def test_an_empty_list_has_the_columns_that_are_asked_for():
    assert list(util.df([], labels=["open", "close"]).columns) == ["open", "close"]


def test_nothing_gives_nothing():
    assert util.df(None) is None
    assert util.df(None, labels=["open"]) is None


@pytest.mark.parametrize("empty", [BarList(), TodaysBars()])
def test_an_empty_list_that_says_what_it_holds_has_columns(empty):
    frame = util.df(empty)
    assert list(frame.columns) == ["date", "open", "high", "low", "close", "notes"]
    assert len(frame) == 0
    assert list(util.df(empty, ["open"]).columns) == ["open"]


def test_an_empty_frame_does_not_change_the_types_of_a_full_one():
    frame = pandas.concat([util.df(BarList()), util.df(BARS)])
    assert frame.close.dtype == float
    assert util.df(BarList()).close.dtype == float


def test_the_lists_of_the_api_say_what_they_hold():
    assert {"open", "high", "low", "close", "volume"} <= set(util.df(BarDataList()).columns)
    assert "open_" in util.df(RealTimeBarList()).columns
    assert "rank" in util.df(ScanDataList()).columns


def test_dynamic_objects_need_not_have_the_same_fields():
    frame = util.df([Record(a=1, b="x"), Record(b="y", c=2.0)])
    assert list(frame.columns) == ["a", "b", "c"]
    assert frame.b.tolist() == ["x", "y"]
    assert frame.a.isna().tolist() == [False, True]


def test_without_pandas_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"util.df needs pandas: pip install 'ibdesk\[pandas\]'"):
        util.df(BARS)


def test_named_tuples_are_told_from_tuples():
    assert util.isnamedtupleinstance(Tick(1, 2))
    assert not util.isnamedtupleinstance((1, 2))
    assert not util.isnamedtupleinstance([1, 2])
    assert not util.isnamedtupleinstance(Bar())


def test_a_tree_can_be_written_as_json():
    result = util.tree({"bars": BARS, "tick": Tick(1.0, 2.0), "day": dt.date(2026, 4, 2), "other": 3 + 4j, "set": {1}})
    assert json.loads(json.dumps(result)) == {
        "bars": [
            {
                "Bar": {
                    "date": "2026-04-02T13:30:00+00:00",
                    "open": 1.0,
                    "high": 2.0,
                    "low": 0.5,
                    "close": 1.5,
                    "notes": ["a"],
                }
            },
            {"Bar": {"date": "2026-04-02T13:31:00+00:00", "open": 1.5, "high": 1.5, "low": 1.0, "close": 1.25}},
        ],
        "tick": {"price": 1.0, "size": 2.0},
        "day": "2026-04-02",
        "other": "(3+4j)",
        "set": [1],
    }


def test_not_a_number():
    assert util.isNan(math.nan)
    assert not util.isNan(1.0)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 "),
        (45, "45 "),
        (-45, "-45 "),
        (1000, "1.00 k"),
        (999.6, "1.00 k"),
        (12345678, "12.3 M"),
        (-0.00123, "-1.23 m"),
        (1.0, "1.00 "),
        (123.456, "123 "),
        (0.0, "0.00 "),
        (-1e-23, "0.00 "),
        (1e-22, "100 y"),
        (9.99e26, "999 Y"),
    ],
)
def test_numbers_with_si_prefixes(number: float, text: str):
    assert util.formatSI(number) == text


@pytest.mark.parametrize("number", [1e27, -1e27, math.inf, math.nan])
def test_numbers_without_si_prefix(number: float):
    with pytest.raises(ValueError):
        util.formatSI(number)


@given(st.floats(1e-21, 9e26))
def test_an_si_number_is_near_the_number(number: float):
    digits, _, prefix = util.formatSI(number).partition(" ")
    exponent = 3 * (util.SI_PREFIXES.index(prefix or " ") - 8)
    assert float(digits) * 10.0**exponent == pytest.approx(number, rel=0.0051)
    assert len(digits.replace(".", "")) == 3


def test_timeit_prints(capsys: pytest.CaptureFixture[str]):
    with util.timeit("Sum"):
        sum(range(10))
    assert capsys.readouterr().out.startswith("Sum took ")


@contextmanager
def bare_root() -> Iterator[logging.Logger]:
    """The root logger without handlers, pytest's neither, and all of it put back afterwards."""
    root, own = logging.getLogger(), logging.getLogger("ibdesk")
    before = root.handlers, root.level, own.level
    root.handlers = []
    try:
        yield root
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers = before[0]
        root.setLevel(before[1])
        own.setLevel(before[2])


def test_the_log_goes_to_the_console_once(monkeypatch: pytest.MonkeyPatch):
    console = io.StringIO()
    monkeypatch.setattr(sys, "stderr", console)
    with bare_root() as root:
        util.logToConsole(logging.DEBUG)
        assert root.level == logging.DEBUG
        util.logToConsole(logging.ERROR)
        assert len(root.handlers) == 1
        assert root.level == logging.DEBUG
        assert logging.getLogger("ibdesk").level == logging.ERROR
        logging.getLogger("ibdesk.events").error("hello")
    assert "ibdesk.events ERROR hello" in console.getvalue()


def test_the_log_goes_to_a_file(tmp_path: Path):
    with bare_root() as root:
        util.logToFile(str(tmp_path / "one.log"))
        util.logToFile(str(tmp_path / "two.log"), level=logging.WARNING)
        assert root.level == logging.INFO
        assert logging.getLogger("ibdesk").level == logging.WARNING
        logging.getLogger("ibdesk").warning("hello")
    for name in ("one.log", "two.log"):
        assert "ibdesk WARNING hello" in (tmp_path / name).read_text()


def test_control_c_can_end_the_program():
    before = signal.getsignal(signal.SIGINT)
    try:
        util.allowCtrlC()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)


def test_barplot_needs_matplotlib(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="pip install 'matplotlib'"):
        util.barplot(BARS)


def test_barplot_draws_a_candle_for_each_bar():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    figures = [util.barplot(bars, title="AAPL") for bars in (BARS, util.df(BARS), [Record(**vars(BARS[0]), open_=1.0)])]
    assert [len(figure.axes[0].patches) for figure in figures] == [2, 2, 1]
    assert figures[0].axes[0].get_title() == "AAPL"
    matplotlib.pyplot.close("all")


def test_a_qt_application_is_served_on_the_loop():
    """One that the program has made already; `end_to_end/test_everywhere.py` has one with windows."""
    core = pytest.importorskip("PySide6.QtCore", reason="there is no Qt here", exc_type=ImportError)
    application = core.QCoreApplication.instance() or core.QCoreApplication([])
    called = []
    core.QTimer.singleShot(1, lambda: called.append(application.applicationPid()))
    util.useQt("PySide6", period=0.001)
    while not called:
        util.sleep(0.001)


def test_an_unknown_qt_is_refused():
    with pytest.raises(RuntimeError, match="Unknown Qt library: Qt7"):
        util.useQt("Qt7")


def test_schedule_calls_once_at_a_time():
    called: list[int] = []
    util.schedule(dt.datetime.now() + dt.timedelta(milliseconds=5), called.append, 1)
    handle = util.schedule(dt.datetime.now() + dt.timedelta(milliseconds=5), called.append, 2)
    handle.cancel()
    while not called:
        util.sleep(0.001)
    util.sleep(0.01)
    assert called == [1]


@pytest.mark.parametrize("seconds", [0.002, dt.timedelta(milliseconds=2)])
def test_schedule_calls_again_and_again(seconds: float | dt.timedelta):
    """As the reference shows it: `handle = util.schedule(60, callback)` for every 60 seconds."""
    called: list[str] = []
    handle = util.schedule(seconds, called.append, "x")
    due = handle.when()
    while len(called) < 3:
        util.sleep(0.001)
    assert handle.when() >= due + 3 * 0.002 - 1e-9
    assert not handle.cancelled()
    handle.cancel()
    assert handle.cancelled()
    calls = len(called)
    util.sleep(0.01)
    assert len(called) == calls


def test_a_call_that_raises_does_not_end_the_others(caplog: pytest.LogCaptureFixture):
    called: list[int] = []

    def fail() -> None:
        called.append(1)
        raise ValueError("not this time")

    handle = util.schedule(0.001, fail)
    while len(called) < 2:
        util.sleep(0.001)
    handle.cancel()
    assert "not this time" in caplog.text


def test_a_call_may_end_its_own_repetition():
    called: list[int] = []

    def once() -> None:
        called.append(1)
        handle.cancel()

    handle = util.schedule(0.001, once)
    while not called:
        util.sleep(0.001)
    util.sleep(0.01)
    assert called == [1]


@pytest.mark.parametrize("seconds", [0, -1, math.nan])
def test_no_call_is_repeated_without_a_pause(seconds: float):
    with pytest.raises(ValueError, match="must be positive"):
        util.schedule(seconds, print)


def test_a_range_of_days_in_text():
    """As the reference shows it. ib_async refuses text."""
    days = list(util.timeRange(start="20240101", end="20240131", step="1 day"))
    assert days == [dt.datetime(2024, 1, day) for day in range(1, 32)]


async def test_a_range_in_text_by_awaiting():
    found = [moment async for moment in util.timeRangeAsync("20240101 10:00:00 UTC", "20240101 12:00:00 UTC", 3600)]
    assert found == [dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC) for hour in (10, 11, 12)]


async def test_a_range_in_text_waits_for_what_is_to_come():
    begin = dt.datetime.now()
    seen = []
    async for moment in util.timeRangeAsync(begin, begin + dt.timedelta(milliseconds=30), "0.01 secs"):
        seen.append(dt.datetime.now() - moment)
    assert len(seen) == 4
    assert all(late >= dt.timedelta(milliseconds=-2) for late in seen)  # clocks of two kinds


def test_a_range_of_times_leaves_out_what_is_past():
    now = dt.datetime.now()
    found = list(util.timeRange(now - dt.timedelta(seconds=1), now + dt.timedelta(seconds=0.5), 0.25))
    assert all(moment >= now for moment in found)
    assert found


async def test_a_range_of_times_by_awaiting():
    now = dt.datetime.now()
    found = [moment async for moment in util.timeRangeAsync(now, now + dt.timedelta(seconds=0.5), 0.25)]
    assert found[-1] == now + dt.timedelta(seconds=0.5)


@pytest.mark.parametrize(
    ("text", "delta"),
    [
        ("30 secs", dt.timedelta(seconds=30)),
        ("5 mins", dt.timedelta(minutes=5)),
        ("1 hour", dt.timedelta(hours=1)),
        ("1.5 hours", dt.timedelta(hours=1.5)),
        ("1 day", dt.timedelta(days=1)),
        ("2 weeks", dt.timedelta(weeks=2)),
        (90, dt.timedelta(seconds=90)),
    ],
)
def test_steps_in_text(text: str | float, delta: dt.timedelta):
    first, second = itertools.islice(util.timeRange("20240101", "20250101", text), 2)
    assert second - first == delta


@pytest.mark.parametrize("step", ["1 month", "day", "1", "", "x days", "1 s", "0 days", "-1 day"])
def test_steps_that_are_none(step: str):
    with pytest.raises(ValueError, match=r"is no step|could not convert|must be positive"):
        next(util.timeRange("20240101", "20250101", step))


def test_a_range_from_a_time_of_today_in_text():
    (only,) = util.timeRange(dt.time(0), dt.datetime.combine(dt.date.today(), dt.time(1)), "2 hours")
    assert only == dt.datetime.combine(dt.date.today(), dt.time(0))
