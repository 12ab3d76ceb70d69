"""What a file of prices holds, found by the names of its columns, and its rows as columns of numbers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from ..market.source import MINUTE
from .columns import Floats, Ints
from .faults import Place, first
from .libraries import arrow, compute
from .spellings import NAMELESS, OPTIONAL, REQUIRED, SPELLINGS, plain
from .tables import Page, Table
from .times import Reader, Stamps, reader_of
from .zones import DAY, to_wall

_NO_DAY = np.iinfo(np.int64).min

_PERIODS = {"D": 0, "1D": 0, "DAILY": 0}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one instrument: when each is, its number in the file, and what it tells.

    `times` are microseconds since 1970, or midnights of days as if they were in UTC where the file tells days.
    `values` has a column for each that the kind of file has: `open`, `high`, `low`, `close`, `volume`, `average` and
    `count` of bars, `price` and `size` of trades, `bid`, `bid_size`, `ask` and `ask_size` of quotes.
    """

    times: Ints
    numbers: Ints
    values: dict[str, Floats]

    def part(self, chosen: Any) -> "Rows":
        """Return those of the rows that a slice, a mask or positions choose."""
        values = {name: column[chosen] for name, column in self.values.items()}
        return Rows(self.times[chosen], self.numbers[chosen], values)


class _Group(NamedTuple):
    """The columns that belong together: a file that tells several instruments in a row has several such groups."""

    symbol: str
    columns: dict[str, int]


@dataclass(slots=True)
class Layout:
    """How the rows of one file are read.

    `kind` is bars, trades or quotes. `daily` is whether the file tells days, which its first page decides; `period` is
    the size of its bars in microseconds, 0 for days, where a column tells it.
    """

    place: Place
    kind: str
    groups: list[_Group]
    wanted: list[int]
    zone: ZoneInfo | None
    zone_of: Callable[[str], ZoneInfo]
    time: int
    clock: int | None = None
    symbols: int | None = None
    period_column: int | None = None
    daily: bool | None = None
    period: int | None = None
    blank: int = 0
    _reader: Reader | None = field(default=None)

    def rows(self, page: Page, symbol: str) -> dict[str, Rows]:
        """Return the rows of a page by symbol. `symbol` is that of files that tell none.

        Rows without any number are left out, and counted in `blank`. Raises `PriceFileError` for what is no time, no
        number, or in no known zone.
        """
        stamps = self._stamps(page)
        if self.period_column is not None:
            self._check_period(page)
        found: dict[str, Rows] = {}
        for group in self.groups:
            values = {name: self._numbers(page, number) for name, number in group.columns.items()}
            told = ~np.all([np.isnan(column) for column in values.values()], axis=0)
            if not group.symbol:
                self.blank += int(np.count_nonzero(~told))
            names = {group.symbol or symbol: told} if self.symbols is None else self._by_symbol(page, told)
            for name, chosen in names.items():
                times = self._times(stamps, page.rows, chosen, name)
                found[name] = Rows(times, page.rows[chosen], {key: each[chosen] for key, each in values.items()})
        return found

    def _stamps(self, page: Page) -> Stamps:
        column = page.columns.column(self.wanted.index(self.time))
        if self.clock is not None:
            column = _joined(column, page.columns.column(self.wanted.index(self.clock)))
        if self._reader is None:
            self._reader = reader_of(column, page.rows, self.zone, self.place)
        return self._reader(column, page.rows)

    def _times(self, stamps: Stamps, numbers: Ints, chosen: Any, symbol: str) -> Ints:
        """Return the times of the `chosen` rows, of one symbol. The first ones decide whether the file tells days."""
        if stamps.is_date:
            self.daily = True
            return np.asarray(stamps.wall()[chosen])
        utc = None if stamps.utc is None else np.asarray(stamps.utc[chosen])
        if self.daily or self.daily is None:
            wall = np.asarray(stamps.wall()[chosen])
            days = _days_of(wall, utc, self.zone_of(symbol))
            if self.daily is None and len(wall):
                # One or two with a time are faults, which are told below.
                self.daily = self.kind == "bars" and bool(np.mean(days != _NO_DAY) > 0.5)
            if self.daily:
                if (wrong := days == _NO_DAY).any():
                    shown = str(np.datetime64(int(wall[first(wrong)]), "us")).removesuffix(".000000")
                    raise self.place.at(wrong, numbers[chosen], f"time {shown} in a file of bars of a day")
                return days
        if utc is None and len(numbers[chosen]):
            shown = str(np.datetime64(int(stamps.wall()[chosen][0]), "us")).removesuffix(".000000")
            text = f"zone unknown: the time {shown} has none; give its clock's as zone, such as America/New_York"
            raise self.place.fault(text, int(numbers[chosen][0]))
        return np.empty(0, dtype=np.int64) if utc is None else utc

    def _by_symbol(self, page: Page, told: Any) -> dict[str, Any]:
        """Return which rows are of which symbol, as slices where they follow each other."""
        assert self.symbols is not None
        column = page.columns.column(self.wanted.index(self.symbols))
        if column.null_count:
            raise self.place.at(np.asarray(column.is_null()), page.rows, "no symbol")
        if not arrow().types.is_dictionary(column.type):
            column = column.dictionary_encode()
        codes = np.asarray(column.indices, dtype=np.int64)
        names = [str(name).strip() for name in column.dictionary.to_pylist()]
        begins = np.flatnonzero(np.diff(codes, prepend=-1))
        ends = np.append(begins[1:], len(codes))
        runs: dict[str, list[slice]] = {}
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            runs.setdefault(names[codes[begin]], []).append(slice(begin, end))
        if told.all():
            whole = {name: parts[0] for name, parts in runs.items() if len(parts) == 1}
            if len(whole) == len(runs):
                return dict(whole)
        places = np.arange(len(codes))
        joined = {name: np.concatenate([places[part] for part in parts]) for name, parts in runs.items()}
        return {name: chosen[told[chosen]] for name, chosen in joined.items()}

    def _numbers(self, page: Page, number: int) -> Floats:
        """Return a column as floats, nan where nothing is told."""
        pa, pc = arrow(), compute()
        column = page.columns.column(self.wanted.index(number))
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.utf8_trim_whitespace(column)
        elif not pa.types.is_primitive(column.type) and not pa.types.is_decimal(column.type):
            raise self.place.fault(f"a column of prices or sizes is of the type {column.type}")
        try:
            floats = column.cast(pa.float64(), safe=False)
        except pa.ArrowInvalid:
            wrong = np.array([not _is_number(value.as_py()) for value in column])
            text = f"{column[first(wrong)].as_py()!r} is no number"
            raise self.place.at(wrong, page.rows, text) from None
        if floats.null_count:
            floats = floats.fill_null(float("nan"))
        return np.asarray(floats.to_numpy(zero_copy_only=False), dtype=np.float64)

    def _check_period(self, page: Page) -> None:
        """Check that all rows are of one size, of those that Stooq has in `<PER>`: D, or minutes."""
        assert self.period_column is not None
        column = page.columns.column(self.wanted.index(self.period_column)).cast(arrow().string())
        for value in compute().unique(column).to_pylist():
            wrong = np.array([each.as_py() == value for each in column])
            period = _PERIODS.get(str(value).upper())
            if period is None:
                if not (str(value).isdecimal() and 0 < int(value) < 1440):
                    raise self.place.at(wrong, page.rows, f"bars of the size {value!r}: known are D, or minutes")
                period = int(value) * MINUTE
            if self.period is not None and period != self.period:
                raise self.place.at(
                    wrong, page.rows, f"a bar of the size {value!r} after others: a file holds one size"
                )
            self.period = period


def _is_number(value: Any) -> bool:
    try:
        return value is None or float(value) is not None
    except ValueError:
        return False


def _joined(days: Any, clocks: Any) -> Any:
    """Return the texts of moments of which the day and the time stand in two columns."""
    pa, pc = arrow(), compute()
    days, clocks = days.cast(pa.string()), clocks.cast(pa.string())
    days = pc.replace_substring_regex(days, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")
    digits = pc.match_substring_regex(clocks, r"^\d{1,6}$")
    padded = pc.if_else(digits, pc.utf8_lpad(clocks, 6, "0"), clocks)
    padded = pc.replace_substring_regex(padded, r"^(\d\d)(\d\d)(\d\d)$", r"\1:\2:\3")
    return pc.binary_join_element_wise(days, padded, " ")


def _days_of(wall: Ints, utc: Ints | None, zone: ZoneInfo) -> Ints:
    """Return the midnights that times mean, as told or in the exchange's `zone`; `_NO_DAY` for what is no midnight."""
    days = np.where(wall % DAY == 0, wall, _NO_DAY)
    if utc is not None and (days == _NO_DAY).any():
        there = to_wall(utc, zone)
        days = np.where((days == _NO_DAY) & (there % DAY == 0), there, days)
    return np.asarray(days)


def layout_of(table: Table, zone: ZoneInfo | None, zone_of: Callable[[str], ZoneInfo]) -> Layout:
    """Return the layout of a file. `zone` is that of times without one, `zone_of` tells that of a symbol's exchange.

    Raises `PriceFileError` when columns are missing.
    """
    symbols = list(dict.fromkeys(symbol for _, symbol in table.names if symbol))
    groups = [_Group(symbol, _columns(table, symbol)) for symbol in symbols or [""]]
    kind = _kind(groups[0].columns, table)
    shared = groups[0].columns if not symbols else _columns(table, "")
    time = shared.get("time")
    if time is None:
        time = next((n for n, (name, _) in enumerate(table.names) if plain(name) in NAMELESS), None)
    if time is None:
        raise table.place.fault(f"missing column: the time; there are {_told(table)}")
    clock = None
    plains = [plain(name) for name, symbol in table.names if not symbol]
    if plain(table.names[time][0]) == "date" and "time" in plains:
        clock = [plain(name) for name, _ in table.names].index("time")
    own = (*REQUIRED[kind], *OPTIONAL[kind])
    groups = [
        _Group(each.symbol, {name: each.columns[name] for name in own if name in each.columns}) for each in groups
    ]
    for each in groups:
        _check_columns(each.columns, kind, table, each.symbol)
    extra = [time, clock, shared.get("symbol"), shared.get("period")]
    wanted = sorted({n for n in extra if n is not None} | {n for each in groups for n in each.columns.values()})
    return Layout(
        table.place, kind, groups, wanted, zone, zone_of, time, clock, shared.get("symbol"), shared.get("period")
    )


def _columns(table: Table, symbol: str) -> dict[str, int]:
    """Return where each column stands that is known by its name. Of several names the best one counts."""
    places: dict[str, int] = {}
    for number, (name, of) in enumerate(table.names):
        if of == symbol:
            places.setdefault(plain(name), number)
    found = {}
    for meaning, names in SPELLINGS.items():
        known = [places[name] for name in names if name in places]
        found.update({meaning: known[0]} if known else {})
    return found


def _kind(columns: dict[str, int], table: Table) -> str:
    kinds = [kind for kind, names in REQUIRED.items() if all(name in columns for name in names)]
    if "bars" in kinds:
        return "bars"
    if len(kinds) > 1:
        raise table.place.fault("trades and quotes in one row: they belong in a file each")
    if kinds:
        return kinds[0]
    # The kind of which most columns are there is the one that is meant.
    most = max(REQUIRED, key=lambda kind: sum(name in columns for name in REQUIRED[kind]))
    _check_columns(columns, most, table, "")
    raise AssertionError(most)


def _check_columns(columns: dict[str, int], kind: str, table: Table, symbol: str) -> None:
    missing = [name for name in REQUIRED[kind] if name not in columns]
    if missing:
        of = f" of {symbol}" if symbol else ""
        raise table.place.fault(f"missing columns{of}: {', '.join(missing)}; there are {_told(table)}")


def _told(table: Table) -> str:
    return ", ".join(dict.fromkeys(repr(name) for name, _ in table.names))
