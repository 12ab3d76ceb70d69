"""What rows must be like, so that no wrong price is served: an error names the first one that is not.

Rows outside the hours of an instrument are left out, and counted: many vendors have some. So are bids and asks that
cross or meet, which no order could be matched with.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..instruments import Instrument
from .bar_sizes import BarSize
from .columns import Flags, Floats, Ints
from .faults import Place, first
from .hours import FIRST_YEAR, LAST_YEAR, begins_of, has_long_day, sessions_of
from .layout import Rows
from .shifts import Shift
from .zones import DAY

_PRICES = ("open", "high", "low", "close")
_LONGEST_GAP = 5 * DAY
_NEARLY_ALL, _SOME = 0.9, 0.05

SHIFTED_DAYS = 3
"""How many days have to look as if their clock was another before anything is said of it."""

_BEGIN, _END = (int(np.datetime64(f"{year}", "us").astype(int)) for year in (FIRST_YEAR, LAST_YEAR + 1))


@dataclass(slots=True)
class Reading:
    """What is known of one instrument while a file is read.

    `early` counts its rows before the first year of the market, `outside` those outside trading hours, `crossed` its
    bids that are not below their asks, `first_outside` is the number of the first of the last two, and `shown` its
    time; `inside` counts the rows that are used, and `shift` their days.
    """

    place: Place
    symbol: str
    instrument: Instrument
    kind: str
    daily: bool = False
    size: BarSize | None = None
    early: int = 0
    outside: int = 0
    crossed: int = 0
    inside: int = 0
    first_outside: int | None = None
    shown: str = ""
    shift: Shift = field(init=False)
    _last: int | None = None
    _closest: int = _LONGEST_GAP
    _seen: int = 0

    def __post_init__(self) -> None:
        self.shift = Shift(self.instrument)

    @property
    def share_outside(self) -> float:
        """Which share of the rows is outside the trading hours."""
        return self.outside / max(self.outside + self.inside, 1)

    def take(self, rows: Rows) -> Rows:
        """Check the next rows, and return those that are used. Raises `PriceFileError`."""
        if not len(rows.times):
            return rows
        self._check_order(rows)
        {"bars": check_bars, "trades": check_trades, "quotes": check_quotes}[self.kind](self.place, rows)
        if rows.times[0] < _BEGIN:
            late = rows.times >= _BEGIN
            self.early += int(np.count_nonzero(~late))
            rows = rows.part(late)
        mask = used_of(self.instrument, rows, self.kind, self.daily)
        self._count(rows, mask)
        used = rows if mask.all() else rows.part(mask)
        self.inside += len(used.times)
        if not self.daily:
            self.shift.feed(used.times, self._closest)
        if self.size is not None and len(used.times):
            self.size.feed(used.times, *begins_of(self.instrument, used.times), used.numbers)
        return used

    def finish(self) -> None:
        """Look at the whole. Raises `PriceFileError` when too many rows are outside the hours, or days are far apart.

        Most are too many, or a few where the others are shifted against the regular hours.
        """
        self.shift.finish()
        is_shifted = self.shift.days >= SHIFTED_DAYS and self.shift.shifted > _NEARLY_ALL * self.shift.days
        if self.share_outside > 0.5 or (is_shifted and self.share_outside > _SOME):
            what = "are no trading days" if self.daily else "are outside the trading hours"
            hint = "" if self.daily else ": the zone is probably wrong"
            text = (
                f"{self.outside} of {self.outside + self.inside} rows of {self.symbol} {what} "
                f"({self.instrument.kind.hours}), the first at {self.shown}{hint}"
            )
            raise self.place.fault(text, self.first_outside)
        if self.daily and self._seen >= 3 and self._closest >= _LONGEST_GAP:
            raise self.place.fault(
                f"the rows of {self.symbol} are at least {self._closest // DAY} days apart: bars of 1 second to 1 day "
                "are known"
            )

    def _check_order(self, rows: Rows) -> None:
        times = rows.times
        if (wrong := times >= _END).any():
            raise self.place.at(wrong, rows.numbers, f"time {shown(times[first(wrong)])} is after {LAST_YEAR}")
        before = times[0] - 1 if self._last is None else self._last
        distances = np.diff(times, prepend=before)
        if (wrong := distances < 0).any():
            at = first(wrong)
            earlier = times[at - 1] if at else before
            text = f"time {shown(times[at])} goes back: {shown(earlier)} is before it"
            raise self.place.at(wrong, rows.numbers, text)
        if self.kind == "bars" and (wrong := distances == 0).any():
            raise self.place.at(wrong, rows.numbers, f"time {shown(times[first(wrong)])} twice")
        known = distances[1:] if self._last is None else distances
        self._closest = min(self._closest, int(known.min(initial=_LONGEST_GAP)))
        self._seen += len(times)
        self._last = int(times[-1])

    def _count(self, rows: Rows, used: Flags) -> None:
        if used.all():
            return
        crossed = _is_crossed(rows) & inside(self.instrument, rows.times, self.daily)
        self.crossed += int(np.count_nonzero(crossed))
        self.outside += int(np.count_nonzero(~used & ~crossed))
        if self.first_outside is None:
            at = first(~used)
            self.first_outside, self.shown = int(rows.numbers[at]), shown(rows.times[at])


def shown(time: Any) -> str:
    """Return a time in microseconds as text, as a day where it is one."""
    text = str(np.datetime64(int(time), "us")).removesuffix(".000000")
    return text.removesuffix("T00:00:00") if int(time) % DAY == 0 else f"{text}Z"


def inside(instrument: Instrument, times: Ints, daily: bool) -> Flags:
    """Return which of `times`, which ascend, are in the hours of an instrument, or which days are its trading days."""
    if not len(times):
        return np.empty(0, dtype=bool)
    if daily:
        return sessions_of(instrument, times, regular=not has_long_day(instrument)).of_days(times)[1]
    return sessions_of(instrument, times).at(times)[1]


def used_of(instrument: Instrument, rows: Rows, kind: str, daily: bool) -> Flags:
    """Return which rows are used: those within trading hours, and of bids and asks those that do not cross."""
    if not len(rows.times):
        return np.empty(0, dtype=bool)
    used = inside(instrument, rows.times, daily) & (rows.times >= _BEGIN)
    return used & ~_is_crossed(rows) if kind == "quotes" else used


def check_bars(place: Place, rows: Rows) -> None:
    """Raise `PriceFileError` for the first row that is no bar."""
    values = rows.values
    opens, highs, lows, closes = (values[name] for name in _PRICES)
    for name in _PRICES:
        if (wrong := ~((values[name] > 0) & (values[name] < np.inf))).any():
            raise place.at(wrong, rows.numbers, f"{name} {_value(values[name], wrong)} is no price")
    if (wrong := highs < lows).any():
        text = f"high {_value(highs, wrong)} is below low {_value(lows, wrong)}"
        raise place.at(wrong, rows.numbers, text)
    for name, column in (("open", opens), ("close", closes)):
        if (wrong := (column > highs) | (column < lows)).any():
            low, high = _value(lows, wrong), _value(highs, wrong)
            text = f"{name} {_value(column, wrong)} is not between low {low} and high {high}"
            raise place.at(wrong, rows.numbers, text)
    for name in ("volume", "count"):
        # IB tells -1 where a bar is not made of trades.
        if name in values and (wrong := ~((values[name] >= 0) | (values[name] == -1))).any():
            raise place.at(wrong, rows.numbers, f"{name} {_value(values[name], wrong)} is no number of units")


def check_trades(place: Place, rows: Rows) -> None:
    """Raise `PriceFileError` for the first row that is no trade."""
    price, size = rows.values["price"], rows.values["size"]
    if (wrong := ~((price > 0) & (price < np.inf))).any():
        raise place.at(wrong, rows.numbers, f"price {_value(price, wrong)} is no price")
    if (wrong := ~((size >= 0) & (size < np.inf))).any():
        raise place.at(wrong, rows.numbers, f"size {_value(size, wrong)} is no size")


def check_quotes(place: Place, rows: Rows) -> None:
    """Raise `PriceFileError` for the first row that is no bid and ask. 0 and -1 stand for a side without one."""
    for name, column in rows.values.items():
        if (wrong := ~(((column >= 0) | (column == -1)) & (column < np.inf))).any():
            what = "size" if name.endswith("size") else "price"
            raise place.at(wrong, rows.numbers, f"{name} {_value(column, wrong)} is no {what}")


def _is_crossed(rows: Rows) -> Flags:
    if "bid" not in rows.values:
        return np.zeros(len(rows.times), dtype=bool)
    bids, asks = rows.values["bid"], rows.values["ask"]
    return np.asarray((bids > 0) & (asks > 0) & (asks <= bids))


def _value(column: Floats, wrong: Flags) -> str:
    return f"{column[first(wrong)]:.15g}"
