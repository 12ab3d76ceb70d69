"""A check that the fields of an order and of its contract hold values that such fields can have at all.

A number is finite, a whole number has 32 bits as everywhere at IBKR (permIds have 64), and a text has no NUL, which
ends a field on the wire. Anything else could not be told to every client: the order would live and be in no list.
A field that holds its default is right, and most do.
"""

from math import inf, isfinite
from typing import Any

from ibdesk.model.contract import TagValue
from ibdesk.model.fields import Noun

from .order_fields import said

_BITS = {"permId": 64, "parentPermId": 64}
_NUMBERS_IN_TEXT = frozenset({"faPercentage", "hedgeParam"})
_PEG_BEST = ("PEG BEST", "PEGBEST")


def misfit(noun: Noun, path: str = "") -> str:
    """Return the first field with a value that it cannot have, and what is wrong with it; "" when all are right."""
    for name, value in said(noun).items():
        # These are nearly all that there are, and right.
        kind = type(value)
        if (kind is float and isfinite(value)) or (kind is str and "\0" not in value and name not in _NUMBERS_IN_TEXT):
            continue
        if isinstance(value, list):
            found = (_in_list(each, f"{path}{name}[{place}]") for place, each in enumerate(value))
            fault = next(filter(None, found), "")
        elif isinstance(value, Noun):
            fault = misfit(value, f"{path}{name}.")
        else:
            fault = _value(name, value)
            if fault and _is_up_to_mid(noun, name, value):
                continue
            fault = fault and f"{path}{name} {fault}"
        if fault:
            return fault
    return ""


def _in_list(element: Any, path: str) -> str:
    if isinstance(element, TagValue):
        if fault := _text(element.tag):
            return f"{path}.tag {fault}"
        fault = _text(element.value, may_be_number=True)
        return fault and f"{path}.value {fault}"
    return misfit(element, f"{path}.")


def _value(name: str, value: Any) -> str:
    if isinstance(value, str):
        return _text(value, may_be_number=name in _NUMBERS_IN_TEXT)
    if isinstance(value, float):
        return "" if isfinite(value) else f"is {value}, which is not a finite number"
    if isinstance(value, int):
        bits = _BITS.get(name, 32)
        return "" if -(1 << bits - 1) <= value < 1 << bits - 1 else f"is {value}, which has more than {bits} bits"
    return ""


def _text(value: str, *, may_be_number: bool = False) -> str:
    if "\0" in value:
        return "holds a NUL character"
    if may_be_number:
        try:
            return "" if isfinite(float(value)) else f"is {value}, which is not a finite number"
        except ValueError:
            pass
    return ""


def _is_up_to_mid(noun: Noun, name: str, value: Any) -> bool:
    """Return whether this is the one infinity that means something: how IBKR's clients say "up to the middle"."""
    return name == "competeAgainstBestOffset" and value == inf and getattr(noun, "orderType", "") in _PEG_BEST
