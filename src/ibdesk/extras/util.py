"""Decides what ``ib_async.util`` has that is no part of the API: data frames, plots, logs; the client must not know it.

The names, parameters and defaults are ib_async's. What the client itself needs is only handed on from where it lives.
"""

import datetime as dt
import logging
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import is_dataclass
from importlib import import_module
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, get_args

from ibdesk.client.blocking import (
    get_loop,
    globalErrorEvent,
    run,
    schedule,
    sleep,
    start_loop,
    time_range,
    time_range_async,
    wait_until,
    wait_until_async,
)
from ibdesk.model.fields import (
    dataclassAsDict,
    dataclassAsTuple,
    dataclassNonDefaults,
    dataclassRepr,
    dataclassUpdate,
    field_names,
)
from ibdesk.model.times import formatIBDatetime, parseIBDatetime
from ibdesk.model.unset import EPOCH, UNSET_DOUBLE, UNSET_INTEGER

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
timeRange = time_range
timeRangeAsync = time_range_async
waitUntil = wait_until
waitUntilAsync = wait_until_async


def df(objs: Iterable[Any] | None, labels: Sequence[str] | None = None) -> "pd.DataFrame | None":
    """A pandas DataFrame with a row for each object and a column for each of its fields.

    The objects are all of one type: dataclasses, named tuples, or anything that pandas reads as records. A list
    class that declares what it holds, such as ``BarDataList``, gives a frame with its columns even when it is empty;
    nothing is known of other empty lists, so they give None.

    Args:
        labels: Keep only these columns.

    Raises ImportError if pandas is not installed.
    """
    frame = _frame(objs)
    if frame is None or labels is None:
        return frame
    return frame[[label for label in frame.columns if label in labels]]


def _frame(objs: Iterable[Any] | None) -> "pd.DataFrame | None":
    pandas = _require("pandas", "util.df", "ibdesk[pandas]")
    rows = [] if objs is None else list(objs)
    kind = type(rows[0]) if rows else _held_by(type(objs))
    if kind is None:
        return None
    frame: pd.DataFrame
    if names := _columns(kind):
        frame = pandas.DataFrame({name: list(map(attrgetter(name), rows)) for name in names})
    elif hasattr(rows[0], "__dict__"):
        frame = pandas.DataFrame.from_records([vars(row) for row in rows])
    else:
        frame = pandas.DataFrame.from_records(rows)
    return frame


def _columns(kind: type) -> tuple[str, ...]:
    if is_dataclass(kind):
        return field_names(kind)
    return getattr(kind, "_fields", ()) if issubclass(kind, tuple) else ()


def _held_by(container: type) -> type | None:
    """What a list class says that it holds: ``BarData`` for ``class BarDataList(list[BarData])``."""
    for cls in container.__mro__:
        for base in getattr(cls, "__orig_bases__", ()):
            for held in get_args(base):
                if isinstance(held, type) and _columns(held):
                    return held
    return None


def _require(module: str, purpose: str, install: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f"{purpose} needs {module}: pip install '{install}'", name=error.name) from error


def isnamedtupleinstance(x: object) -> TypeGuard[tuple[Any, ...]]:
    """Whether ``x`` is an instance of a named tuple."""
    fields = getattr(type(x), "_fields", None)
    return isinstance(x, tuple) and isinstance(fields, tuple) and all(isinstance(name, str) for name in fields)


def tree(obj: object) -> Any:
    """``obj`` as nested lists, dicts and plain values, which can be written as JSON.

    A dataclass becomes ``{class name: {field: value}}`` with the fields that differ from their defaults, and anything
    unknown becomes its ``str``.
    """
    match obj:
        case bool() | int() | float() | str() | bytes():
            return obj
        case dt.date() | dt.time():
            return obj.isoformat()
        case dict():
            return {key: tree(value) for key, value in obj.items()}
        case tuple() if isnamedtupleinstance(obj):
            return dict(zip(getattr(obj, "_fields", ()), map(tree, obj), strict=True))
        case list() | tuple() | set():
            return [tree(item) for item in obj]
        case _ if is_dataclass(obj):
            return {type(obj).__qualname__: tree(dataclassNonDefaults(obj))}
        case _:
            return str(obj)


def barplot(bars: Any, title: str = "", upColor: str = "blue", downColor: str = "red") -> Any:
    """Draws bars as candlesticks and returns the matplotlib figure.

    Args:
        bars: A list of bars, or a DataFrame with the columns open (or open_), high, low and close.

    Raises ImportError if matplotlib is not installed.
    """
    plt = _require("matplotlib.pyplot", "util.barplot", "matplotlib")
    prices = [_ohlc(bar) for bar in (bars.itertuples() if hasattr(bars, "itertuples") else bars)]
    figure, axes = plt.subplots(figsize=(10, 6))
    axes.set_title(title)
    axes.grid(True)
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
    """Lets Ctrl-C end the program at once, without a KeyboardInterrupt."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def logToFile(path: str, level: int = logging.INFO) -> None:
    """Writes the log to a file, besides where it goes already."""
    _set_level(level, only_ibdesk=bool(logging.getLogger().handlers))
    _add_handler(logging.FileHandler(path))


def logToConsole(level: int = logging.INFO) -> None:
    """Writes the log to the standard error stream.

    If the root logger writes there already, only the level of ``ibdesk`` is set.
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
    """Whether ``x`` is not a number."""
    return x != x


SI_PREFIXES = "yzafpnum kMGTPEZY"


def formatSI(n: float) -> str:
    """``n`` with 3 significant digits and an SI prefix: ``1.23 k``, and ``45 `` for a small integer.

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
    """Prints how long the block of a ``with`` statement took."""

    def __init__(self, title: str = "Run") -> None:
        self.title = title

    def __enter__(self) -> None:
        self.t0 = time.perf_counter()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        print(f"{self.title} took {formatSI(time.perf_counter() - self.t0)}s")


def useQt(qtLib: str = "PyQt5", period: float = 0.01) -> None:
    """Has the event loop of this thread serve the windows of a Qt application as well.

    Args:
        qtLib: PyQt5, PyQt6, PySide2 or PySide6.
        period: Seconds between two looks at Qt's events.

    Raises RuntimeError for another library, ImportError for one that is not installed.
    """
    if qtLib not in ("PyQt5", "PyQt6", "PySide2", "PySide6"):
        raise RuntimeError(f"Unknown Qt library: {qtLib}")
    widgets = _require(f"{qtLib}.QtWidgets", "util.useQt", qtLib)
    application = widgets.QApplication.instance() or widgets.QApplication(sys.argv)
    loop = get_loop()

    def step() -> None:
        loop.call_later(period, step)
        application.processEvents()

    step()
