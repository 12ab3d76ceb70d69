"""`ib_async.util`: data frames, plots, logs, time ranges and other help for programs.

The names, parameters and defaults are ib_async's. What the client needs as well is only imported here.
"""

import asyncio
import datetime as dt
import logging
import math
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import is_dataclass
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, get_args, get_type_hints, overload

from ibdesk.client.blocking import (
    get_loop,
    globalErrorEvent,
    run,
    sleep,
    start_loop,
    time_range,
    wait_until,
)
from ibdesk.client.blocking import schedule as schedule_once
from ibdesk.model.fields import (
    dataclassAsDict,
    dataclassAsTuple,
    dataclassNonDefaults,
    dataclassRepr,
    dataclassUpdate,
    field_names,
    plain_number,
)
from ibdesk.model.plain import parts, plain
from ibdesk.model.times import formatIBDatetime, parseIBDatetime
from ibdesk.model.unset import EPOCH, UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.optional import require
from ibdesk.runtime.clocks import COMPUTER, clocks_here
from ibdesk.runtime.moments import plain_moment
from ibdesk.runtime.waiting import steps, time_range_async, wait_until_async

from .frames import plain_records

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EPOCH",
    "UNSET_DOUBLE",
    "UNSET_INTEGER",
    "Time_t",
    "allowCtrlC",
    "barplot",
    "dataclassAsDict",
    "dataclassAsTuple",
    "dataclassNonDefaults",
    "dataclassRepr",
    "dataclassUpdate",
    "df",
    "formatIBDatetime",
    "formatSI",
    "getLoop",
    "globalErrorEvent",
    "isNan",
    "isnamedtupleinstance",
    "logToConsole",
    "logToFile",
    "parseIBDatetime",
    "patchAsyncio",
    "plain",
    "run",
    "schedule",
    "sleep",
    "startLoop",
    "timeRange",
    "timeRangeAsync",
    "timeit",
    "tree",
    "useQt",
    "waitUntil",
    "waitUntilAsync",
]

Time_t: TypeAlias = dt.time | dt.datetime

getLoop = get_loop
startLoop = start_loop
patchAsyncio = start_loop
waitUntil = wait_until
waitUntilAsync = wait_until_async


@overload
def schedule(time: Time_t, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle: ...
@overload
def schedule(time: dt.timedelta | float, callback: Callable[..., object], *args: Any) -> "Repetition": ...
def schedule(
    time: Time_t | dt.timedelta | float, callback: Callable[..., object], *args: Any
) -> "asyncio.TimerHandle | Repetition":
    """Have the loop of this thread call `callback(*args)` at a point in time, or again and again.

    Args:
        time: A time of today, or a datetime: the call is made once. Seconds, or a timedelta: it is made again and again
            at this interval, until the returned handle is cancelled.

    Raises ValueError for seconds that are not positive.
    """
    time = plain_moment(time)
    if isinstance(time, dt.time | dt.datetime):
        return schedule_once(time, callback, *args)
    return Repetition(time.total_seconds() if isinstance(time, dt.timedelta) else time, callback, args)


class Repetition:
    """A call that is made every `seconds`, until `cancel`. A call that raises is logged, and others follow."""

    def __init__(self, seconds: float, callback: Callable[..., object], args: tuple[Any, ...] = ()) -> None:
        if not seconds > 0:
            raise ValueError(f"The seconds must be positive: {seconds}")
        self._seconds, self._callback, self._args = seconds, callback, args
        self._loop = get_loop()
        self._handle = self._loop.call_at(self._loop.time() + seconds, self._call)

    def _call(self) -> None:
        # From the last moment, not from now: they do not drift.
        self._handle = self._loop.call_at(max(self._handle.when() + self._seconds, self._loop.time()), self._call)
        self._callback(*self._args)

    def cancel(self) -> None:
        """Make no more calls."""
        self._handle.cancel()

    def cancelled(self) -> bool:
        """Tell whether no more calls will come."""
        return self._handle.cancelled()

    def when(self) -> float:
        """Return when the next call is due, on the clock of the loop."""
        return self._handle.when()


def timeRange(start: Time_t | str, end: Time_t | str, step: float | str) -> Iterator[dt.datetime]:
    """Wait for each of the points in time from `start` to `end`, `step` apart, and yield it.

    Points in the past are left out, except in a range given as text, such as `("20240101", "20240131", "1 day")`: such
    a range yields all of its points, and waits only for those in the future.

    Args:
        start, end: A time of today, a datetime, or text in one of IB's formats.
        step: Seconds, or text such as `30 secs`, `5 mins`, `1 hour`, `1 day`, `2 weeks`. Whole days keep the time of
            the clock when summer time begins or ends; any other step is the time that passes.

    Raises ValueError for text that is no time, and for a step that is not positive.
    """
    if not _in_text(start, end, step):
        yield from time_range(start, end, step)  # type: ignore[arg-type]
        return
    for moment in _points(start, end, step):
        wait_until(moment)
        yield moment


async def timeRangeAsync(start: Time_t | str, end: Time_t | str, step: float | str) -> AsyncIterator[dt.datetime]:
    """Await each of the points in time from `start` to `end`, and yield it. See `timeRange`."""
    if not _in_text(start, end, step):
        async for moment in time_range_async(start, end, step):  # type: ignore[arg-type]
            yield moment
        return
    for moment in _points(start, end, step):
        await wait_until_async(moment)
        yield moment


def _in_text(*parts: object) -> bool:
    return any(isinstance(part, str) for part in parts)


def _points(start: Time_t | str, end: Time_t | str, step: float | str) -> Iterator[dt.datetime]:
    yield from steps(_moment(start), _moment(end), _delta(step))


def _moment(time: Time_t | str) -> dt.datetime:
    read = parseIBDatetime(time) if isinstance(time, str) else plain_moment(time)
    match read:
        case dt.datetime():
            return read
        case dt.date():
            return dt.datetime.combine(read, dt.time())
        case _:
            return dt.datetime.combine(clocks_here().now(read.tzinfo), read)


def _delta(step: float | str) -> dt.timedelta:
    if not isinstance(step, str):
        return dt.timedelta(seconds=step)
    number, _, unit = step.partition(" ")
    for name in ("seconds", "minutes", "hours", "days", "weeks"):
        # "secs" and "mins" as in the sizes of bars; a month is a minute to nobody.
        if unit and name.startswith(unit.rstrip("s")) and len(unit) > 2:
            return dt.timedelta(**{name: float(number)})
    raise ValueError(f"{step!r} is no step: expected such as '30 secs', '5 mins', '1 hour', '1 day'")


@overload
def df(objs: None, labels: Sequence[str] | None = None, plain: bool = False) -> None: ...
@overload
def df(objs: Iterable[Any], labels: Sequence[str] | None = None, plain: bool = False) -> "pd.DataFrame": ...
def df(objs: Iterable[Any] | None, labels: Sequence[str] | None = None, plain: bool = False) -> "pd.DataFrame | None":
    """Return a pandas DataFrame with a row for each object and a column for each of its fields.

    The objects are all of one type: dataclasses, named tuples, dynamic objects, or anything that pandas reads as
    records. An empty list gives an empty frame, with the columns of what the list is declared to hold, as `BarDataList`
    is, or else with those of `labels`. None gives None.

    Args:
        labels: Keep only these columns.
        plain: Make columns of the objects within the objects, for people to read and for what draws tables or writes
            files (Streamlit, Arrow, Parquet). A contract becomes `symbol`, `secType` and its other fields that have a
            value, any other object `orderStatus.status` and the like. Without it a cell holds the object itself, as in
            ib_async.

    Raises ImportError if pandas is not installed.
    """
    pandas = require("pandas", "util.df", "ibdesk[pandas]")
    if objs is None:
        return None
    rows = list(objs)
    frame: pd.DataFrame
    # Dataclasses and named tuples are read column by column, others row by row, as pandas itself would read them.
    if not rows:
        frame = pandas.DataFrame(_no_rows(_held_by(type(objs)), labels or ()))
    elif plain and parts(rows[0]) is not None:
        frame = pandas.DataFrame(_records(plain_records(rows)))
    elif names := _columns(type(rows[0])):
        frame = pandas.DataFrame({name: _column(list(map(attrgetter(name), rows))) for name in names}, copy=False)
    elif hasattr(rows[0], "__dict__"):
        frame = pandas.DataFrame(_records([vars(row) for row in rows]))
    else:
        frame = pandas.DataFrame.from_records(rows)
    return frame if labels is None else frame[[label for label in frame.columns if label in labels]]


def _column(values: list[Any]) -> Any:
    """Return the values, or for numbers and moments the column that pandas would make of them, found faster."""
    kind = type(values[0])
    if kind is float or kind is int:
        array = require("numpy", "util.df", "ibdesk[pandas]").array(values)
        return array if array.dtype == kind else values
    if kind is dt.datetime and values[0].tzinfo is not None:
        return _moments(values)
    return values


def _moments(values: list[dt.datetime]) -> Any:
    """Return aware moments as a column.

    Pandas would ask the time zone for the offset of each of them, which is slow. So it is given their local times, and
    finds the offsets of all at once.
    """
    pandas = require("pandas", "util.df", "ibdesk[pandas]")
    bare = dt.datetime(2000, 1, 1)
    start = bare.replace(tzinfo=values[0].tzinfo)
    try:
        if set(map(attrgetter("tzinfo"), values)) != {start.tzinfo}:
            return values
        # Python subtracts the local times where the zone is the same. `replace` would take ten times as long.
        local = pandas.DatetimeIndex([bare + (value - start) for value in values])
        numpy = require("numpy", "util.df", "ibdesk[pandas]")
        is_first = numpy.array(list(map(attrgetter("fold"), values))) == 0
        index = local.tz_localize(start.tzinfo, ambiguous=is_first)
    except (AttributeError, ValueError):  # some value is no moment, or one that does not exist in the zone
        return values
    return index.astype(pandas.DatetimeIndex(values[:1]).dtype)


def _columns(kind: type) -> tuple[str, ...]:
    if is_dataclass(kind):
        return field_names(kind)
    return getattr(kind, "_fields", ()) if issubclass(kind, tuple) else ()


def _records(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return the columns of records that need not have the same fields; what a record lacks is NaN."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name, math.nan) for row in rows] for name in names}


def _no_rows(kind: type | None, labels: Iterable[str]) -> dict[str, Any]:
    """Return columns without values, of the types that the values would have."""
    pandas = require("pandas", "util.df", "ibdesk[pandas]")
    types = get_type_hints(kind) if kind is not None else {}
    names = _columns(kind) if kind is not None else labels
    return {name: pandas.Series(dtype=_DTYPES.get(types.get(name, object), "object")) for name in names}


_DTYPES: dict[Any, str] = {float: "float64", int: "int64", bool: "bool"}


def _held_by(container: type) -> type | None:
    """Return what a list class is declared to hold: `BarData` for `class BarDataList(list[BarData])`."""
    for cls in container.__mro__:
        for base in getattr(cls, "__orig_bases__", ()):
            for held in get_args(base):
                if isinstance(held, type) and _columns(held):
                    return held
    return None


def isnamedtupleinstance(x: object) -> TypeGuard[tuple[Any, ...]]:
    """Tell whether `x` is an instance of a named tuple."""
    fields = getattr(type(x), "_fields", None)
    is_record = isinstance(x, tuple) or hasattr(type(x), "_asdict")
    return is_record and isinstance(fields, tuple) and all(isinstance(name, str) for name in fields)


def tree(obj: object) -> Any:
    """Return `obj` as nested lists, dicts and plain values, which can be written as JSON.

    A dataclass becomes `{class name: {field: value}}` with the fields that differ from their defaults, and anything
    unknown becomes its `str`.
    """
    obj = plain_number(obj)
    # The order of the cases counts: a named tuple is a tuple too, and a record of ib_insync is a dataclass as well.
    match obj:
        case bool() | int() | float() | str() | bytes():
            return obj
        case dt.date() | dt.time():
            return obj.isoformat()
        case dict():
            return {key: tree(value) for key, value in obj.items()}
        case _ if isnamedtupleinstance(obj):
            return dict(zip(getattr(obj, "_fields", ()), map(tree, obj), strict=True))
        case list() | tuple() | set():
            return [tree(item) for item in obj]
        case _ if is_dataclass(obj):
            return {type(obj).__qualname__: tree(dataclassNonDefaults(obj))}
        case _:
            return str(obj)


def barplot(bars: Any, title: str = "", upColor: str = "blue", downColor: str = "red") -> Any:
    """Draw bars as candlesticks, and return the matplotlib figure.

    Args:
        bars: A list of bars, or a DataFrame with the columns open (or open_), high, low and close.

    Raises ImportError if matplotlib is not installed.
    """
    plt = require("matplotlib.pyplot", "util.barplot", "matplotlib")
    prices = [_ohlc(bar) for bar in (bars.itertuples() if hasattr(bars, "itertuples") else bars)]
    figure, axes = plt.subplots(figsize=(10, 6))
    axes.set_title(title)
    axes.grid(True)
    # A candle is a body from open to close, and two thin lines from there to the high and the low. They are drawn at
    # 0, 1, 2 ... and not at their times, so that nights and weekends leave no gaps.
    for place, (open_, high, low, close) in enumerate(prices):
        color = upColor if close >= open_ else downColor
        bottom, top = sorted((open_, close))
        axes.vlines([place, place], [low, top], [bottom, high], colors=color, linewidth=1)
        axes.bar(place, top - bottom, width=0.6, bottom=bottom, color=color, edgecolor=color, alpha=0.4)
    axes.autoscale_view()
    return figure


def _ohlc(bar: Any) -> tuple[float, float, float, float]:
    return (bar.open_ if hasattr(bar, "open_") else bar.open), bar.high, bar.low, bar.close


def allowCtrlC() -> None:
    """Let Ctrl-C end the program at once, without a KeyboardInterrupt."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def logToFile(path: str, level: int = logging.INFO) -> None:
    """Write the log to a file as well."""
    _set_level(level, only_ibdesk=bool(logging.getLogger().handlers))
    _add_handler(logging.FileHandler(path))


def logToConsole(level: int = logging.INFO) -> None:
    """Write the log to the standard error stream.

    If the root logger writes there already, set only the level of `ibdesk`.
    """
    has_console = any(
        type(handler) is logging.StreamHandler and handler.stream is sys.stderr
        for handler in logging.getLogger().handlers
    )
    _set_level(level, only_ibdesk=has_console)
    if not has_console:
        _add_handler(logging.StreamHandler())


def _set_level(level: int, only_ibdesk: bool) -> None:
    logging.getLogger("ibdesk" if only_ibdesk else None).setLevel(level)


def _add_handler(handler: logging.Handler) -> None:
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)


def isNan(x: float) -> bool:
    """Tell whether `x` is NaN."""
    return x != x


SI_PREFIXES = "yzafpnum kMGTPEZY"


def formatSI(n: float) -> str:
    """Return `n` with 3 significant digits and an SI prefix: `1.23 k`, and `45 ` for a small integer.

    Raises ValueError for what has no prefix: from 1e27 on, infinite, or not a number.
    """
    sign, n = ("-", -n) if n < 0 else ("", n)
    if isinstance(n, int) and n < 1000:
        return f"{sign}{n} "
    if n < 1e-22:
        return "0.00 "
    if not n < 999.5e24:
        raise ValueError(f"No SI prefix for {n}")
    # Rounding comes first, because it may carry over: 999.6 is 1.00 k.
    digits, exponent = f"{n:.2e}".split("e")
    thousands, places = divmod(int(exponent), 3)
    number = f"{float(digits) * 10**places:.{2 - places}f}"
    return f"{sign}{number} {SI_PREFIXES[thousands + 8].strip()}"


class timeit:
    """Prints how long the block of a `with` statement took."""

    def __init__(self, title: str = "Run") -> None:
        self.title = title

    def __enter__(self) -> None:
        self.t0: float = COMPUTER.seconds()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        print(f"{self.title} took {formatSI(COMPUTER.seconds() - self.t0)}s")


def useQt(qtLib: str = "PyQt5", period: float = 0.01) -> None:
    """Have the event loop of this thread serve the windows of a Qt application as well.

    Args:
        qtLib: PyQt5, PyQt6, PySide2 or PySide6.
        period: Seconds between two looks at Qt's events.

    Raises RuntimeError for another library, ImportError for one that is not installed.
    """
    # Only one of two event loops can wait. This one does, and looks after Qt's events every `period` seconds.
    if qtLib not in ("PyQt5", "PyQt6", "PySide2", "PySide6"):
        raise RuntimeError(f"Unknown Qt library: {qtLib}")
    application = require(f"{qtLib}.QtCore", "util.useQt", qtLib).QCoreApplication.instance()
    if application is None:
        application = require(f"{qtLib}.QtWidgets", "util.useQt", qtLib).QApplication(sys.argv)
    loop = get_loop()

    def step() -> None:
        loop.call_later(period, step)
        application.processEvents()

    step()
