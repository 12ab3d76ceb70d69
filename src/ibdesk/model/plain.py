"""Decides how an object looks as plain values, which JSON can hold; it must not know any noun.

A value that is not known (NaN, or one of IB's numbers for "unset") is None. Moments are text in ISO 8601. An object
with fields is a dict of them.
"""

import dataclasses
import enum
import math
from collections.abc import Collection, Mapping
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER, UNSET_LONG


def plain(value: Any) -> Any:
    """`value` as dicts, lists, texts, numbers, booleans and None: `json.dumps(util.plain(ib.portfolio()))`.

    Numbers of numpy and pandas become Python's, a duration its seconds. Raises TypeError, naming the type, for what
    has no such form.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, int):
        return None if value in (UNSET_INTEGER, UNSET_LONG) else int(value)
    if isinstance(value, float | Decimal):
        number = float(value)
        return number if math.isfinite(number) and number != UNSET_DOUBLE else None
    if isinstance(value, date | time):
        return None if value != value else value.isoformat()  # what pandas has for no moment equals nothing
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tzinfo):
        return str(value)
    return _of_parts(value)


def _of_parts(value: Any) -> Any:
    fields = parts(value)
    if fields is not None:
        return {name: plain(part) for name, part in fields.items()}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(part) for key, part in value.items()}
    if getattr(value, "shape", None) == ():  # of numpy
        number = plain_number(value)
        return plain(value.item() if number is value else number)
    if isinstance(value, Collection) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(part) for part in value]
    raise TypeError(f"{type(value).__qualname__} has no plain form: {value!r}")


def plain_number(value: Any) -> Any:
    """Python's own number for one of numpy's; anything else as it is.

    A number of fewer bits is the one that its shortest spelling tells: 1.1, and not 1.100000023841858.
    """
    if getattr(value, "shape", None) != () or getattr(getattr(value, "dtype", None), "kind", None) not in _NUMERIC:
        return value
    number = value.item()
    return float(str(value)) if type(number) is float and value.dtype.itemsize < _DOUBLE_BYTES else number


_NUMERIC = frozenset("biuf")
"""What numpy calls flags, whole numbers with and without sign, and floating ones."""
_DOUBLE_BYTES = 8


def parts(value: Any) -> dict[str, Any] | None:
    """The fields of a dataclass, or of what has named fields otherwise, by name; None for anything else."""
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    fields: dict[str, Any] | None = value._asdict() if hasattr(value, "_asdict") else None
    return fields
