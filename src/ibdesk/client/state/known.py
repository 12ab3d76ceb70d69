"""Amounts that the server leaves out: programs see them as NaN.

TWS leaves an amount out by sending the largest number that there is (text messages), or by not sending its tag
(protobuf). Messages hold UNSET_DOUBLE for both. A program could take that for a price or a profit, and zero as well, so
it gets NaN. Fields whose default in ib_async is UNSET_DOUBLE, such as most of an order, keep it, because programs
compare with it, and because it goes back to the server.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import cache
from math import nan
from typing import Any, TypeVar

from ibdesk.model.unset import UNSET_DOUBLE

T = TypeVar("T")


def known(amount: float) -> float:
    """Return the amount, or NaN if it was left out."""
    return nan if amount == UNSET_DOUBLE else amount


def all_known(noun: T) -> T:
    """Set every amount of an object that the message left out to NaN, and return the object."""
    for name in _amounts(type(noun)):
        if getattr(noun, name) == UNSET_DOUBLE:
            setattr(noun, name, nan)
    return noun


def all_as_default(noun: T) -> T:
    """Set every amount of an object that the message left out to its default, and return the object.

    This is for objects that may go back to the server, which does not accept NaN.
    """
    values, amounts = vars(noun), _amounts(type(noun))
    if UNSET_DOUBLE not in map(values.__getitem__, amounts):  # as nearly always
        return noun
    for name, default in amounts.items():
        if values[name] == UNSET_DOUBLE:
            values[name] = default
    return noun


def _read_amounts(cls: type) -> dict[str, Any]:
    """Return the fields that hold an amount, with their defaults. Those whose default is UNSET_DOUBLE are left out."""
    defaults = {field.name: field.default for field in fields(cls)}
    return {name: value for name, value in defaults.items() if value is not MISSING and _is_amount(value)}


def _is_amount(default: Any) -> bool:
    return type(default) in (int, float) and default != UNSET_DOUBLE


# Not as a decorator, because mypy does not consider a class hashable.
_amounts: Callable[[type], dict[str, Any]] = cache(_read_amounts)
