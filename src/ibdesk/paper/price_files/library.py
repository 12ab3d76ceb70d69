"""Opens files of prices: each is read once from beginning to end, checked, and remembered by pages of rows.

What stays in memory is where the pages of each instrument are, and a bounded number of pages that were read last.
"""

import shutil
import tempfile
import weakref
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ibdesk.errors import PriceFileError
from ibdesk.logs import logger

from ..instruments import Instrument
from .bar_sizes import BarSize, one_size
from .checks import SHIFTED_DAYS, Reading, shown, used_of
from .columns import Ints
from .conversion import Conversion, Converted, Facts, converted_path
from .faults import Place
from .hours import zone_of
from .layout import Layout, Rows, layout_of
from .libraries import parquet
from .symbols import symbol_of
from .tables import CSV_ENDINGS, PARQUET_ENDINGS, Page, Table, open_table, pages_of_group

_log = logger("ibdesk.paper")

KEPT_BYTES = 192 << 20
"""How much of what was read is kept."""

_KEPT_CURSORS = 12
_FEW = 0.01

Progress = Callable[[Path, int], None]
"""What is told of each page while files are opened: the file, and how many of its rows were read."""


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is read: itself when it is a Parquet file, or what it was converted to."""

    path: Path
    layout: Layout | Converted
    symbol: str


@dataclass(frozen=True, slots=True)
class Series:
    """All rows of one kind of an instrument. `pages` has a row for each page, in the order of time.

    Its columns are the file, the group of rows, the page within it, the first time and the last one. `size` is that of
    bars in microseconds, 0 where they are of days, and `counted` whether they are counted from where a session begins.
    """

    instrument: Instrument
    symbol: str
    kind: str
    size: int
    counted: bool
    pages: Ints

    @property
    def first(self) -> int:
        """The time of the first row."""
        return int(self.pages[0, 3])

    @property
    def last(self) -> int:
        """The time of the last row."""
        return int(self.pages[-1, 4])


class Library:
    """The files of prices that were given, and what they hold. It is made by `open_library`."""

    def __init__(self) -> None:
        self.series: dict[tuple[int, str], Series] = {}
        """conId and kind -> the series."""
        self.instruments: dict[str, Instrument] = {}
        """What the symbols in the files mean."""
        self.files: list[File] = []
        self._kept: OrderedDict[tuple[int, int, int], dict[int, Rows]] = OrderedDict()
        self.kept_bytes: int = 0
        """How large the pages are that are kept."""
        self._cursors: OrderedDict[tuple[int, int, int], Iterator[Page]] = OrderedDict()

    def rows(self, series: Series, page: int) -> Rows:
        """Return the used rows of one page of a series."""
        file, group, number, _, _ = series.pages[page].tolist()
        return self._page(file, group, number)[series.instrument.conId]

    def find(self, series: Series, time: int) -> int:
        """Return the page in which the last row at or before `time` is; -1 if there is none."""
        return int(np.searchsorted(series.pages[:, 3], time, side="right")) - 1

    def between(self, series: Series, begin: int, end: int) -> Iterator[Rows]:
        """Yield the rows from the time `begin` on and before `end`, page by page."""
        for page in range(max(self.find(series, begin), 0), len(series.pages)):
            if series.pages[page, 3] >= end:
                return
            rows = self.rows(series, page)
            first, last = np.searchsorted(rows.times, (begin, end))
            if first < last:
                yield rows.part(slice(first, last))

    def before(self, series: Series, time: int) -> Rows | None:
        """Return the last row before `time`, if there is one."""
        page = self.find(series, time - 1)
        if page < 0:
            return None
        rows = self.rows(series, page)
        place = int(np.searchsorted(rows.times, time)) - 1
        return rows.part(slice(place, place + 1))

    def _page(self, number: int, group: int, page: int) -> dict[int, Rows]:
        key = (number, group, page)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._read(number, group, page)
            self.kept_bytes += _bytes(found)
            while self.kept_bytes > KEPT_BYTES and len(self._kept) > 1:
                self.kept_bytes -= _bytes(self._kept.popitem(last=False)[1])
        self._kept.move_to_end(key)
        return found

    def _read(self, number: int, group: int, page: int) -> dict[int, Rows]:
        file = self.files[number]
        # Whoever read the page before goes on from there: a page far behind in a group takes long to come to.
        cursor = self._cursors.pop((number, group, page), None)
        if cursor is None:
            opened = parquet().ParquetFile(file.path, memory_map=True)
            cursor = pages_of_group(opened, group, file.layout.wanted, page)
        found = next(cursor)
        self._cursors[number, group, page + 1] = cursor
        while len(self._cursors) > _KEPT_CURSORS:
            self._cursors.popitem(last=False)
        used = {}
        for symbol, rows in file.layout.rows(found, file.symbol).items():
            instrument = self.instruments[symbol]
            if not isinstance(file.layout, Converted):
                mask = used_of(instrument, rows, file.layout.kind, bool(file.layout.daily))
                rows = rows if mask.all() else rows.part(mask)
            used[instrument.conId] = rows
        return used


def _bytes(rows: dict[int, Rows]) -> int:
    return sum((2 + len(each.values)) * each.times.nbytes for each in rows.values())


def files_of(data: Any) -> list[Path]:
    """Return the files that are meant by a folder, a file, or several of these.

    Raises ValueError for anything else, FileNotFoundError for what is not there.
    """
    if isinstance(data, str | PathLike):
        data = [data]
    if not isinstance(data, Iterable) or isinstance(data, bytes):
        raise ValueError(f"data is a folder or a file of prices, or several of these, not {data!r}")
    found: dict[Path, None] = {}
    for each in data:
        if not isinstance(each, str | PathLike) or not str(each):
            raise ValueError(f"data is a folder or a file of prices, or several of these, not {each!r}")
        path = Path(each)
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
            fitting = [one for one in inside if one.name.lower().endswith((*CSV_ENDINGS, *PARQUET_ENDINGS))]
            if not fitting:
                raise PriceFileError(
                    str(path), "", "no file of prices is in this folder (.csv, .csv.gz, .txt, .parquet)"
                )
            found.update(dict.fromkeys(fitting))
        elif not path.exists():
            raise FileNotFoundError(2, "no such file or folder of prices", str(path))
        elif not path.name.lower().endswith((*CSV_ENDINGS, *PARQUET_ENDINGS)):
            raise PriceFileError(str(path), "", "files of prices end in .csv, .csv.gz, .txt or .parquet")
        else:
            found[path] = None
    return list(found)


class Opening:
    """What is known while files are opened, one after the other."""

    def __init__(
        self,
        instrument_of: Callable[[str], Instrument],
        zone: ZoneInfo | None,
        cache: Path | None,
        progress: Progress | None,
    ) -> None:
        self.library: Library = Library()
        self._instrument_of = instrument_of
        self._zone = zone
        self._folder = cache or _temporary_folder(self.library)
        self._progress = progress
        # conId and kind -> the pages as numbers, what was found of each part, and the file and rows of the part
        self.pages: dict[tuple[int, str], array[int]] = {}
        self.parts: dict[tuple[int, str], list[tuple[Reading, int, int]]] = {}

    def read(self, path: Path) -> None:
        """Read a file. Raises `PriceFileError`."""
        if not path.name.lower().endswith(PARQUET_ENDINGS):
            converted = converted_path(path, self._folder, str(self._zone))
            layout = Converted.found(converted)
            if layout is not None:
                self._read_converted(path, layout)
                return
            self._read_file(path, converted)
        else:
            self._read_file(path, None)

    def finish(self) -> Library:
        """Join the parts of each instrument. Raises `PriceFileError` where two files tell of the same time."""
        for (con_id, kind), numbers in self.pages.items():
            pages = np.array(numbers, dtype=np.int64).reshape(-1, 5)
            parts = self.parts[con_id, kind]
            self._check_parts(parts)
            self._warn_of_zone([each for each, _, _ in parts])
            reading = parts[0][0]
            size = one_size([each.size for each, _, _ in parts if each.size])
            pages = pages[np.argsort(pages[:, 3], kind="stable")]
            if kind == "bars" and any((con_id, other) in self.pages for other in ("trades", "quotes")):
                raise reading.place.fault(f"{reading.symbol} is there as bars and as ticks: one of them has to go")
            micros, counted = (size.size, size.is_counted) if size else (0, False)
            self.library.series[con_id, kind] = Series(reading.instrument, reading.symbol, kind, micros, counted, pages)
        return self.library

    @staticmethod
    def _check_parts(parts: list[tuple[Reading, int, int]]) -> None:
        parts.sort(key=lambda part: part[1])
        for (before, _, last), (after, first, _) in pairwise(parts):
            if first <= last:
                text = (
                    f"{after.symbol} is in {before.place.path} until {shown(last)}, and here from {shown(first)}: "
                    "files of one instrument follow each other"
                )
                raise after.place.fault(text)
            if before.daily != after.daily:
                raise after.place.fault(f"bars of {after.symbol} are of another size than in {before.place.path}")

    @staticmethod
    def _warn_of_zone(readings: list[Reading]) -> None:
        """Warn if the days of an instrument look as if the clock of another zone had been read."""
        days, shifted = (sum(getattr(each.shift, name) for each in readings) for name in ("days", "shifted"))
        if days >= SHIFTED_DAYS and shifted > days / 2:
            _log.warning(
                "%s: on %d of %d days the rows of %s are shifted against the regular hours, and end long before these "
                "do or begin long after: the zone may be wrong",
                readings[0].place.path,
                shifted,
                days,
                readings[0].symbol,
            )

    def _read_file(self, path: Path, converted: Path | None) -> None:
        table = open_table(path)
        layout = layout_of(table, self._zone, lambda symbol: zone_of(self.instrument(symbol, table.place)))
        output = Conversion(converted, list(layout.groups[0].columns)) if converted else None
        try:
            reader = _FileReader(self, table, layout, output)
            for page in table.pages(layout.wanted):
                reader.take(page)
                self._tell(path, reader.count)
            left_out = reader.finish()
        except BaseException:
            if output:
                output.abandon()
            raise
        facts = Facts(layout.kind, bool(layout.daily), layout.period, left_out)
        for text in left_out:
            _log.warning("%s: %s", path, text)
        _log.info("%s: %d rows", path, reader.count)
        if output and converted:
            output.finish(facts)
            place = Place(converted)
            self.library.files[reader.number] = File(converted, Converted(place), "")

    def _read_converted(self, path: Path, layout: Converted) -> None:
        table = Table(Place(layout.place.path), [], is_csv=False)
        reader = _FileReader(self, table, layout, None, shown_place=Place(path, "line"))
        for page in table.pages(layout.wanted):
            reader.take(page)
            self._tell(path, reader.count)
        reader.finish()
        for text in layout.left_out:
            _log.warning("%s: %s", path, text)

    def _tell(self, path: Path, count: int) -> None:
        if self._progress:
            self._progress(path, count)

    def instrument(self, symbol: str, place: Place) -> Instrument:
        """Return what a symbol means. Raises `PriceFileError` where it means nothing."""
        found = self.library.instruments.get(symbol)
        if found is None:
            try:
                found = self.library.instruments[symbol] = self._instrument_of(symbol)
            except ValueError as error:
                raise place.fault(str(error)) from error
        return found


class _FileReader:
    """Reads one file for an `Opening`: checks its rows, and remembers where those of each instrument are."""

    def __init__(
        self,
        opening: Opening,
        table: Table,
        layout: Layout | Converted,
        output: Conversion | None,
        shown_place: Place | None = None,
    ) -> None:
        self._opening = opening
        self._layout = layout
        self._output = output
        self._place = shown_place or table.place
        self._symbol = symbol_of(self._place.path)
        self._readings: dict[str, Reading] = {}
        self._spans: dict[str, tuple[int, int]] = {}
        self.count = 0
        """How many rows were read."""
        self._kind = layout.kind
        self.number = len(opening.library.files)
        opening.library.files.append(File(table.place.path, layout, self._symbol))

    def take(self, page: Page) -> None:
        """Read a page."""
        self.count += len(page.rows)
        used = {}
        for symbol, rows in self._layout.rows(page, self._symbol).items():
            reading = self._readings.get(symbol) or self._begin(symbol)
            kept = reading.take(rows)
            if len(kept.times):
                used[symbol] = kept
        groups, number = dict.fromkeys(used, page.group), page.number
        if self._output and used:
            groups, number = self._output.write(used), 0
        for symbol, kept in used.items():
            first, last = int(kept.times[0]), int(kept.times[-1])
            key = (self._readings[symbol].instrument.conId, self._kind)
            self._opening.pages.setdefault(key, array("q")).extend((self.number, groups[symbol], number, first, last))
            self._spans[symbol] = (self._spans.get(symbol, (first, last))[0], last)

    def finish(self) -> list[str]:
        """Look at the whole file, and return what is to be said of rows that are not used."""
        if not self._readings:
            raise self._place.fault("no rows")
        one = one_size([each.size for each in self._readings.values() if each.size])
        for symbol, reading in self._readings.items():
            reading.finish()
            reading.size = one
            if symbol in self._spans:
                key = (reading.instrument.conId, self._kind)
                self._opening.parts.setdefault(key, []).append((reading, *self._spans[symbol]))
        if not self._spans:
            raise self._place.fault("no rows that can be used")
        return [] if isinstance(self._layout, Converted) else list(self._left_out(self._layout.blank))

    def _left_out(self, blank: int) -> Iterator[str]:
        known = list(self._readings.values())
        if blank:
            yield f"{blank} rows without any price are left out"
        if early := sum(each.early for each in known):
            yield f"{early} rows before 1981, where the market begins, are left out"
        outside = [each for each in known if each.outside or each.crossed]
        if outside:
            first = min(outside, key=lambda each: each.first_outside or 0)
            most = max(outside, key=lambda each: each.share_outside)
            share = f", {most.share_outside:.1%} of those of {most.symbol}" if most.share_outside > _FEW else ""
            hint = ": the zone may be wrong" if share and not most.daily else ""
            yield (
                f"{sum(each.outside for each in outside)} rows outside trading hours are left out{share}{hint}"
                + (f", and {crossed} bids that are not below their asks" if (crossed := _crossed(outside)) else "")
                + f"; the first is {first.place.counted} {first.first_outside} ({first.symbol} at {first.shown})"
            )

    def _begin(self, symbol: str) -> Reading:
        instrument = self._opening.instrument(symbol, self._place)
        daily = bool(self._layout.daily)
        reading = Reading(self._place, symbol, instrument, self._kind, daily)
        if self._kind == "bars" and not daily:
            reading.size = BarSize(self._place, self._layout.period)
        for other in self._readings.values():
            if other.instrument.conId == instrument.conId:
                raise self._place.fault(f"{other.symbol} and {symbol} are the same instrument")
        self._readings[symbol] = reading
        return reading


def _crossed(readings: list[Reading]) -> int:
    return sum(each.crossed for each in readings)


def _temporary_folder(owner: Library) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ibdesk-prices-"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder


def open_library(
    data: Any,
    instrument_of: Callable[[str], Instrument],
    *,
    zone: ZoneInfo | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Library:
    """Open files of prices. `instrument_of` tells what a symbol means, and raises ValueError where nothing is meant.

    `zone` is that of times without one. CSV files are converted in the folder `cache`, or else in a temporary one.
    Raises `PriceFileError` for the first row that cannot be meant.
    """
    opening = Opening(instrument_of, zone, cache, progress)
    for path in files_of(data):
        opening.read(path)
    return opening.finish()
