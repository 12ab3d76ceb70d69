"""Decides what users see of an amount that the server does not tell: NaN; not which message it is in.

TWS says "not told" with the largest number that there is, in text, or by leaving out the tag, in protobuf. Messages
hold UNSET_DOUBLE for both. It looks like a price or a profit, and zero would be one. Fields whose default is
UNSET_DOUBLE in ib_async, as most of an order, keep it: users compare with it, and it goes back to the server.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import cache
from math import nan
from typing import Any, TypeVar

from ibdesk.model.unset import UNSET_DOUBLE

T = TypeVar("T")


def known(amount: float) -> float:
    """The amount; NaN where it was not told."""
    return nan if amount == UNSET_DOUBLE else amount


def all_known(noun: T) -> T:
    """A noun from a message, with NaN for what was not told. It is changed, not copied."""
    for name in _amounts(type(noun)):
        if getattr(noun, name) == UNSET_DOUBLE:
            setattr(noun, name, nan)
    return noun


def all_as_default(noun: T) -> T:
    """The same for what may go back to the server, which takes no NaN: what was not told is at its default."""
    values = vars(noun)
    for name, default in _amounts(type(noun)).items():
        if values[name] == UNSET_DOUBLE:
            values[name] = default
    return noun


def _read_amounts(cls: type) -> dict[str, Any]:
    """The fields that hold a float, with their defaults, but for those whose default says "not told" itself."""
    defaults = {field.name: field.default for field in fields(cls)}
    return {name: value for name, value in defaults.items() if value is not MISSING and _is_amount(value)}


def _is_amount(default: Any) -> bool:
    return type(default) in (int, float) and default != UNSET_DOUBLE


# Not as a decorator: mypy does not take a class for hashable.
_amounts: Callable[[type], dict[str, Any]] = cache(_read_amounts)
