"""When two values, one of an oracle and one of ours, are the same; knows attribute names, and no bytes.

`plain` takes values apart into dicts, lists and scalars under ib_async's spelling of the attribute names;
`differences` compares two of them.
"""

import dataclasses
import math
import sys
from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

_CONDITION = {"isConjunctionConnection": "conjunction", "exchange": "exch"}

SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "PriceCondition": _CONDITION,
    "TimeCondition": _CONDITION,
    "MarginCondition": _CONDITION,
    "ExecutionCondition": _CONDITION,
    "VolumeCondition": _CONDITION,
    "PercentChangeCondition": _CONDITION,
    "BarData": {"wap": "average"},
    "HistogramData": {"size": "count"},
    "CommissionAndFeesReport": {"commissionAndFees": "commission"},
    "OrderState": {
        "commissionAndFees": "commission",
        "minCommissionAndFees": "minCommission",
        "maxCommissionAndFees": "maxCommission",
        "commissionAndFeesCurrency": "commissionCurrency",
    },
}
"""By class name: the official attribute names that ib_async, and so ibdesk, spells otherwise."""

_SCALARS = {type(None), str, bytes, int, float, bool, Decimal}

_UNSET = (sys.float_info.max, 2**31 - 1, 2**63 - 1, Decimal(2**127 - 1))


def is_unset(value: object) -> bool:
    """Is this None or one of the numbers by which the official client says "no value"?"""
    return value is None or (_is_number(value) and value in _UNSET)


def plain(value: Any) -> Any:
    """Take `value` apart into dicts by attribute name, lists and scalars. Decimals stay; sets become sorted lists.

    An enumeration's member becomes its code on the wire, or None for the member that stands for "none". A protobuf
    message becomes the dict of its present fields.
    """
    kind = type(value)
    # Most values are scalars, lists and dataclasses. The rest of this function is slow, and this is called for each of
    # the 150 fields of an order, for hundreds of orders at each of twenty versions.
    if kind in _SCALARS:
        return value
    if kind is list:
        return [item if type(item) in _SCALARS else plain(item) for item in value]
    if isinstance(value, Enum):
        return _plain_enum(value)
    if value is None or isinstance(value, str | bytes | int | float | Decimal):
        return value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted(plain(item) for item in value)
    if isinstance(value, Sequence) and not hasattr(value, "_fields"):
        return [plain(item) for item in value]
    attributes = _attributes(value)
    if attributes is None:
        return value
    taken = {name: item if type(item) in _SCALARS else plain(item) for name, item in attributes}
    if isinstance(taken.get("conjunction"), bool):
        taken["conjunction"] = "a" if taken["conjunction"] else "o"
    return taken


def differences(
    expected: Any, actual: Any, ignore: frozenset[str] | set[str] = frozenset(), path: str = ""
) -> list[str]:
    """Say where `actual` (ours) differs from `expected` (the oracle's), a line each; none means equal.

    - Numbers are equal across int, float and Decimal, NaN to NaN, and "no value" across all its spellings; None also
      equals an empty text or list.
    - Attributes that only `actual` has are not looked at, for our nouns are newer than most oracles.
    - `ignore` holds attribute names (`"permId"`) or whole paths (`"order.permId"`, `"legs[0].ratio"`).
    """
    return _plain_differences(plain(expected), plain(actual), ignore, path)


def _plain_differences(expected: Any, actual: Any, ignore: frozenset[str] | set[str], path: str) -> list[str]:
    if expected == actual:  # what Python takes for equal, `_same` does too, and it is slower
        return []
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for name, item in expected.items():
            if name in actual and item == actual[name]:
                continue
            below = f"{path}.{name}" if path else str(name)
            if name in ignore or below in ignore:
                continue
            if name in actual:
                found += _plain_differences(item, actual[name], ignore, below)
            else:
                found.append(f"{below}: expected {item!r}, but there is no such attribute")
        return found
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return [f"{path}: expected {len(expected)} items {expected!r}, not {len(actual)}: {actual!r}"]
        return [
            line
            for index, (left, right) in enumerate(zip(expected, actual, strict=True))
            if (below := f"{path}[{index}]") not in ignore
            for line in _plain_differences(left, right, ignore, below)
        ]
    return [] if _same(expected, actual) else [f"{path}: expected {expected!r}, not {actual!r}"]


def _attributes(value: Any) -> Iterable[tuple[str, Any]] | None:
    """The attributes of an object under ib_async's names; None for an object of no known kind."""
    kind = type(value)
    if (names := _fields(kind)) is not None:
        return [(spelled, getattr(value, name)) for name, spelled in names]
    spellings = SPELLINGS.get(kind.__name__, {})
    if hasattr(value, "_asdict"):
        found = value._asdict().items()
    elif hasattr(value, "ListFields"):
        found = [(descriptor.name, item) for descriptor, item in value.ListFields()]
    elif kind.__module__.startswith("ibapi."):
        found = vars(value).items()
    else:
        return None
    return [(spellings.get(name, name), item) for name, item in found] if spellings else found


@cache
def _fields(kind: type) -> tuple[tuple[str, str], ...] | None:
    """The fields of a dataclass and ib_async's names for them; None for any other class."""
    if not dataclasses.is_dataclass(kind):
        return None
    spellings = SPELLINGS.get(kind.__name__, {})
    return tuple((field.name, spellings.get(field.name, field.name)) for field in dataclasses.fields(kind))


def _plain_enum(member: Enum) -> Any:
    code = member.value
    while isinstance(code, tuple):  # official members hold (code, text), one of them by mistake ((code, text),)
        code = code[0]
    return None if member.name == "NoneItem" else code


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal)


def _same(expected: Any, actual: Any) -> bool:
    if expected is None or actual is None:
        other = actual if expected is None else expected
        return is_unset(other) or other in ("", [], {})
    if not (_is_number(expected) and _is_number(actual)):
        return type(expected) is type(actual) and bool(expected == actual)
    if is_unset(expected) or is_unset(actual):
        return is_unset(expected) and is_unset(actual)
    if isinstance(expected, float) or isinstance(actual, float):
        left, right = float(expected), float(actual)
        return left == right or (math.isnan(left) and math.isnan(right))
    return bool(expected == actual)
