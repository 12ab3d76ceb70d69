"""Turns objects that hold other objects into records of plain values, for data frames."""

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

from ibdesk.model.contract import Contract
from ibdesk.model.fields import field_names
from ibdesk.model.plain import parts, plain
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER, UNSET_LONG

_UNSET = (UNSET_DOUBLE, UNSET_INTEGER, UNSET_LONG)
_CELLS = (str, int, float, dt.date, dt.time, dt.timedelta)


def plain_records(objs: Iterable[Any]) -> list[dict[str, Any]]:
    """Return a record of numbers, texts, moments and lists for each object.

    The fields of a contract keep their names (`symbol`, `secType` ...), and only those are there that have a value in
    some contract. The fields of any other object within the object get both names: `orderStatus.status`. An unset
    number is NaN.
    """
    records = [_record(obj) for obj in objs]
    told = {name for record in records for name, value in record.items() if _says_something(value)}
    quiet = set(field_names(Contract)) - told
    own = {name for obj in objs for name in ([] if isinstance(obj, Contract) else parts(obj) or [])}
    return [{name: value for name, value in record.items() if name not in quiet - own} for record in records]


def _record(obj: Any) -> dict[str, Any]:
    fields = parts(obj) or {}
    record: dict[str, Any] = {}
    for name, value in fields.items():
        inner = parts(value)
        if inner is None:
            record[name] = _cell(value)
        elif isinstance(value, Contract):
            record |= {f"{name}.{part}" if part in fields else part: cell for part, cell in _record(value).items()}
        else:
            record |= {f"{name}.{part}": cell for part, cell in _record(value).items()}
    return record


def _cell(value: Any) -> Any:
    if isinstance(value, float | int) and value in _UNSET:
        return math.nan
    # Pandas reads these best as they are; a list of objects is one value.
    return value if value is None or isinstance(value, _CELLS) else plain(value)


def _says_something(value: Any) -> bool:
    return value is not None and value == value and value not in ("", 0, False, [])
