"""Columns of times, in the many ways in which files tell them, as moments.

A column tells days (`2026-01-02`), moments (with a zone, or counted from 1970), or what a clock showed (without a
zone). Which of these it is, the first row decides for all: one that is told otherwise is an error.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ..market.source import SECOND
from .columns import Ints
from .faults import Place, first
from .libraries import arrow, compute
from .zones import DAY, to_utc, to_wall

_UNITS = {9: SECOND, 10: SECOND, 12: 1000, 13: 1000, 15: 1, 16: 1}
"""The digits of a number of seconds, milliseconds or microseconds since 1970 -> how many microseconds one is."""

_BETWEEN = (100_000_000 * SECOND, 4_102_444_800 * SECOND)
"""Between what moments are: of 1973, of which seconds have nine digits, to 2099."""

_ISO = r"\d{4}-\d\d-\d\d"
_CLOCK = r"[ T]+\d\d:\d\d(:\d\d([.]\d{1,9})?)?"
_OFFSET = r" ?(Z|[+-]\d\d:?\d\d)"
_TEXTS = {
    "day": re.compile(_ISO),
    "digits of a day": re.compile(r"\d{8}"),
    "clock": re.compile(_ISO + _CLOCK),
    "moment": re.compile(_ISO + _CLOCK + _OFFSET),
    # As IB writes them, with the zone that TWS was told, or in UTC.
    "IB's clock": re.compile(r"\d{8} +\d\d:\d\d:\d\d"),
    "IB's moment": re.compile(r"\d{8} +\d\d:\d\d:\d\d +[A-Za-z_/+-]+\d*"),
    "IB's UTC": re.compile(r"\d{8}-\d\d:\d\d:\d\d"),
    "number": re.compile(r"\d{9,19}([.]\d+)?"),
}


@dataclass(frozen=True, slots=True)
class Stamps:
    """Times as they are told, in microseconds since 1970: as moments in `utc`, where those are known.

    `wall` makes what clocks showed, which takes long and is needed for days only. `is_date` is whether only days are
    told.
    """

    wall: Callable[[], Ints]
    utc: Ints | None
    is_date: bool = False


Reader = Callable[[Any, Ints], Stamps]
"""What makes stamps of a column, whose rows have these numbers."""


def reader_of(column: Any, numbers: Ints, zone: ZoneInfo | None, place: Place) -> Reader:
    """Return what reads a column of times like this one. `zone` is that of clocks of which no zone is told.

    Raises `PriceFileError` for a column that holds no times.
    """
    pa = arrow()
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _of_timestamps(ZoneInfo(kind.tz) if kind.tz else None, zone, place)
    if pa.types.is_date(kind):
        return lambda column, numbers: _days(_integers(column.cast(pa.date32()), numbers, place))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        value = _sample(column)
        if value is not None and re.fullmatch(r"[12]\d{7}", f"{value:.0f}"):
            return _of_texts(f"{value:.0f}", zone, place)
        return _of_numbers(value, place)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        value = _sample(column)
        return _of_texts("" if value is None else value.strip(), zone, place)
    raise place.fault(f"the times are of the type {kind}")


def _sample(column: Any) -> Any:
    return next((value.as_py() for value in column if value.is_valid), None)


def _integers(column: Any, numbers: Ints, place: Place) -> Ints:
    """Return a column of whole numbers, days, or times as such. Raises `PriceFileError` for a row without one."""
    pa = arrow()
    if column.null_count:
        raise place.at(np.asarray(column.is_null()), numbers, "no time")
    return np.asarray(column.cast(pa.int64() if not pa.types.is_date32(column.type) else pa.int32()), dtype=np.int64)


def _days(days: Ints) -> Stamps:
    return Stamps(lambda: days * DAY, None, is_date=True)


def _of_timestamps(told: ZoneInfo | None, zone: ZoneInfo | None, place: Place) -> Reader:
    pa = arrow()
    per_unit = {"s": (SECOND, 1), "ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}

    def read(column: Any, numbers: Ints) -> Stamps:
        times, over = per_unit[column.type.unit]
        micros = _integers(column.cast(pa.timestamp(column.type.unit)), numbers, place) * times // over
        return (
            _of_clock(micros, zone, numbers, place) if told is None else Stamps(partial(to_wall, micros, told), micros)
        )

    return read


def _of_clock(wall: Ints, zone: ZoneInfo | None, numbers: Ints, place: Place) -> Stamps:
    if zone is None:
        return Stamps(lambda: wall, None)
    utc, unclear = to_utc(wall, zone)
    if unclear.any():
        shown = np.datetime64(int(wall[first(unclear)]), "us").astype("datetime64[s]")
        raise place.at(unclear, numbers, f"clocks of {zone} show {shown} twice or never: tell times in UTC")
    return Stamps(lambda: wall, utc)


def _of_numbers(value: Any, place: Place) -> Reader:
    digits = len(f"{value or 0:.0f}")
    if digits not in _UNITS and digits not in (18, 19):
        raise place.fault(f"time {value} is no number of seconds, milli-, micro- or nanoseconds since 1970")

    def read(column: Any, numbers: Ints) -> Stamps:
        pa = arrow()
        if column.null_count:
            raise place.at(np.asarray(column.is_null()), numbers, "no time")
        if pa.types.is_integer(column.type):
            counted = np.asarray(column.cast(pa.int64()), dtype=np.int64)
            micros = counted * _UNITS[digits] if digits in _UNITS else counted // 1000
        else:
            counted = np.asarray(column, dtype=np.float64)
            micros = np.round(counted * (_UNITS.get(digits) or 0.001)).astype(np.int64)
        wrong = (micros < _BETWEEN[0]) | (micros >= _BETWEEN[1])
        if wrong.any():
            raise place.at(wrong, numbers, f"time {counted[first(wrong)]} is not counted like those before it")
        return Stamps(lambda: micros, micros)

    return read


def _of_texts(sample: str, zone: ZoneInfo | None, place: Place) -> Reader:
    spelling = next((name for name, pattern in _TEXTS.items() if pattern.fullmatch(sample)), None)
    if spelling is None:
        raise place.fault(f"time {sample!r} is in no spelling that is known")
    pattern, told = _TEXTS[spelling].pattern, None
    if spelling == "IB's moment":
        name = sample.split()[-1]
        pattern, told = _TEXTS["IB's clock"].pattern + " +" + re.escape(name), _zone(name, place)

    def read(column: Any, numbers: Ints) -> Stamps:
        pc, pa = compute(), arrow()
        texts = column.cast(pa.string())
        if texts.null_count:
            raise place.at(np.asarray(texts.is_null()), numbers, "no time")
        if spelling in ("clock", "moment") and (micros := _quickly(texts, spelling)) is not None:
            if spelling == "clock":
                return _of_clock(micros, zone, numbers, place)
            return Stamps(lambda: micros + _offsets(texts), micros)
        texts = pc.utf8_trim_whitespace(texts)
        # Every text has the spelling of the first, so that nothing is read as what it is not.
        other = ~np.asarray(pc.match_substring_regex(texts, f"^(?:{pattern})$"), dtype=bool)
        if other.any():
            raise place.at(other, numbers, f"time {texts[first(other)].as_py()!r} is not told like {sample!r}")
        if spelling == "number":
            return _of_numbers(float(sample), place)(_counted(texts), numbers)
        if spelling in ("digits of a day", "IB's clock", "IB's moment", "IB's UTC"):
            texts = pc.replace_substring_regex(texts, r"^(\d{4})(\d\d)(\d\d)", r"\1-\2-\3")
            texts = pc.replace_substring_regex(texts, r"^(\S{10})[ -]+(\d\d:\d\d:\d\d)( .*)?$", r"\1 \2")
        return _read_iso(texts, spelling, (told, zone), numbers, place)

    return read


def _quickly(texts: Any, spelling: str) -> Ints | None:
    """Return texts as microseconds if they are all in the most usual form, which is read at once; else None."""
    pa, pc = arrow(), compute()
    shortest, longest = pc.min_max(pc.binary_length(texts)).values()
    if shortest.as_py() < 16 or (spelling == "clock" and longest.as_py() > 26):
        return None
    try:
        micros = texts.cast(pa.timestamp("us", tz="UTC" if spelling == "moment" else None))
    except pa.ArrowInvalid:
        return None
    return np.asarray(micros.cast(pa.int64()), dtype=np.int64)


def _read_iso(texts: Any, spelling: str, zones: tuple[Any, ZoneInfo | None], numbers: Ints, place: Place) -> Stamps:
    """Return the stamps of ISO texts. `zones` are the one that the texts told, and the one for those without."""
    told, zone = zones
    if spelling == "moment":
        wall = _cast(compute().replace_substring_regex(texts, rf"{_OFFSET}$", ""), numbers, place)
        return Stamps(lambda: wall, wall - _offsets(texts))
    wall = _cast(texts, numbers, place)
    if spelling in ("day", "digits of a day"):
        return Stamps(lambda: wall, None, is_date=True)
    if spelling == "IB's UTC":
        return Stamps(lambda: wall, wall)
    return _of_clock(wall, told or zone, numbers, place)


def _offsets(texts: Any) -> Ints:
    """Return how far each text is before UTC, in microseconds."""
    encoded = compute().replace_substring_regex(texts, rf"^.*?({_OFFSET})$", r"\1").dictionary_encode()
    known = np.array([_offset(text) for text in encoded.dictionary.to_pylist()], dtype=np.int64)
    return np.asarray(known[np.asarray(encoded.indices)])


def _cast(texts: Any, numbers: Ints, place: Place) -> Ints:
    pa = arrow()
    pc = compute()
    # What is finer than a microsecond is cut off.
    texts = pc.replace_substring_regex(texts, r"([.]\d{6})\d+$", r"\1")
    try:
        return np.asarray(texts.cast(pa.timestamp("us")).cast(pa.int64()), dtype=np.int64)
    except pa.ArrowInvalid:
        for number, text in zip(numbers.tolist(), texts, strict=True):
            try:
                text.cast(pa.timestamp("us"))
            except pa.ArrowInvalid:
                raise place.fault(f"time {text.as_py()!r} does not exist", number) from None
        raise


def _counted(texts: Any) -> Any:
    pa = arrow()
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts.cast(pa.float64())


def _offset(text: str) -> int:
    text = text.strip().replace(":", "")
    if text == "Z":
        return 0
    return (int(text[1:3]) * 60 + int(text[3:5])) * 60 * SECOND * (-1 if text[0] == "-" else 1)


def _zone(name: str, place: Place) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise place.fault(f"zone {name!r} is not known") from error
