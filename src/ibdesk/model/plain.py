"""Turns objects into plain values that JSON can hold.

An unknown value (NaN, or one of IB's numbers for "unset") becomes None, a moment becomes text in ISO 8601, and an
object with fields becomes a dict.
"""

import dataclasses
import enum
import math
from collections.abc import Callable, Collection, Mapping
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from typing import Any

from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER, UNSET_LONG


def plain(value: Any) -> Any:
    """Return `value` as dicts, lists, texts, numbers, booleans and None.

    `json.dumps(util.plain(ib.portfolio()))` is an example. Numbers of numpy and pandas become Python's own, and a
    duration becomes its seconds. Raises TypeError, which names the type, for what has no plain form, and ValueError for
    what contains itself.
    """
    try:
        return _plain(value)
    except RecursionError:
        kind = type(value).__qualname__
        raise ValueError(f"{kind} has no plain form: it holds itself, or too many things one in another") from None


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if isinstance(value, int):
        return None if value in (UNSET_INTEGER, UNSET_LONG) else int(value)
    if isinstance(value, float | Decimal):
        number = float(value)
        return number if math.isfinite(number) and number != UNSET_DOUBLE else None
    if isinstance(value, date | time):
        return None if value != value else value.isoformat()  # pandas.NaT is a datetime that does not equal itself
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tzinfo):
        return str(value)
    return _of_parts(value)


def _of_parts(value: Any) -> Any:
    fields = parts(value)
    if fields is not None:
        return {name: _plain(part) for name, part in fields.items()}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(part) for key, part in value.items()}
    if getattr(value, "shape", None) == ():  # of numpy
        number = plain_number(value)
        return _plain(value.item() if number is value else number)
    if isinstance(value, Collection) and not isinstance(value, bytes | bytearray | memoryview):
        return [_plain(part) for part in value]
    raise TypeError(f"{type(value).__qualname__} has no plain form: {value!r}")


def plain_number(value: Any) -> Any:
    """Return Python's own number for a numpy number, and anything else unchanged.

    A float of fewer than 64 bits becomes the number that its shortest spelling names: 1.1 instead of 1.100000023841858.
    """
    if getattr(value, "shape", None) != () or getattr(getattr(value, "dtype", None), "kind", None) not in _NUMERIC:
        return value
    number = value.item()
    return float(str(value)) if type(number) is float and value.dtype.itemsize < _DOUBLE_BYTES else number


_NUMERIC = frozenset("biuf")
"""The kinds of numpy numbers: flags, signed and unsigned whole numbers, floats."""
_DOUBLE_BYTES = 8


def parts(value: Any) -> dict[str, Any] | None:
    """Return the fields of a dataclass or another object with named fields, by name; None for anything else."""
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        return dataclassAsDict(value)
    fields: dict[str, Any] | None = value._asdict() if hasattr(value, "_asdict") else None
    return fields


def dataclassAsDict(obj: object) -> dict[str, Any]:
    """Return the fields of a dataclass instance by name. Unlike in `dataclasses.asdict`, values are not copied."""
    return {name: getattr(obj, name) for name in field_names(type(obj))}


def _read_names(cls: type) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__qualname__} is not a dataclass")
    return tuple(field.name for field in dataclasses.fields(cls))


# `cache` is not used as a decorator, because mypy would then refuse a class as an unhashable argument.
field_names: Callable[[type], tuple[str, ...]] = cache(_read_names)
"""The names of the fields of a dataclass, in their order. Raises TypeError for any other class."""
