"""How one of our nouns becomes the official client's object; knows attribute names and no messages.

Every attribute of the official object is taken from ours of the same name, so that attributes unknown to that version
are left out. A value that equals the official default leaves that default as it is spelled there (`0` for a
`discretionaryAmt` of 0.0), as in the hands of that client's own users, because its text encoder writes what it finds.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from types import ModuleType
from typing import Any

from .compare import SPELLINGS, is_unset

_PARTS = {
    "deltaNeutralContract": "DeltaNeutralContract",
    "softDollarTier": "SoftDollarTier",
    "comboLegs": "ComboLeg",
    "orderComboLegs": "OrderComboLeg",
    "algoParams": "TagValue",
    "smartComboRoutingParams": "TagValue",
    "orderMiscOptions": "TagValue",
    "secIdList": "TagValue",
}
"""Attributes that hold an object, or a list of objects, of another official class."""

FindClass = Callable[[str], Callable[[], Any]]


def build(find_class: FindClass, class_name: str, ours: object) -> Any:
    """Make an official `class_name` with the attributes of `ours`."""
    return _fill(find_class, find_class(class_name)(), ours)


def override(theirs: Any, overrides: dict[str, Any]) -> Any:
    """Set attributes of an official object by hand. Raises AttributeError for one that this version lacks."""
    for name, value in overrides.items():
        if name not in vars(theirs):
            raise AttributeError(f"{type(theirs).__name__} has no attribute {name}")
        setattr(theirs, name, value)
    return theirs


def build_condition(find_class: FindClass, order_condition: ModuleType, ours: Any) -> Any:
    """Make the official condition of the same `condType`."""
    theirs = _fill(find_class, order_condition.Create(ours.condType), ours)
    theirs.isConjunctionConnection = ours.conjunction != "o"
    return theirs


def build_tag_values(find_class: FindClass, ours: Iterable[Any]) -> list[Any]:
    """Make a list of official tag and value pairs, as options and algorithm parameters are passed."""
    return [build(find_class, "TagValue", pair) for pair in ours]


def _fill(find_class: FindClass, theirs: Any, ours: object) -> Any:
    spellings = SPELLINGS.get(type(theirs).__name__, {})
    for name, default in vars(theirs).items():
        value = getattr(ours, spellings.get(name, name), default)
        setattr(theirs, name, _fit(find_class, name, value, default))
    return theirs


def _fit(find_class: FindClass, name: str, value: Any, default: Any) -> Any:
    if is_unset(value):
        return default if value is None or is_unset(default) else value
    if name in _PARTS:
        if not value and not default:
            return default
        if isinstance(value, list | tuple):
            return [build(find_class, _PARTS[name], item) for item in value]
        return build(find_class, _PARTS[name], value)
    if isinstance(default, Decimal):
        return _decimal(value)
    return default if value == default else value


def _decimal(value: float | int | str | Decimal) -> Decimal:
    if isinstance(value, float):
        return Decimal(int(value)) if value.is_integer() else Decimal(repr(value))
    return Decimal(value)
