"""What the model's dataclasses have in common: their fields as a dict, as a tuple and as a short repr.

The functions have ib_async's names, because programs call them as `util.dataclassAsDict(order)`. `Noun` offers the same
as methods, such as `order.dict()`.

A field may hold anything, such as a numpy number or a pandas column where one number was meant. Some of these compare
element by element, and `pandas.NA` does not compare at all. Nothing here raises for them, because an order has to be
shown above all when something is wrong with it.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from itertools import repeat
from operator import eq, ne
from typing import Any, Self, TypeVar

from .plain import dataclassAsDict as dataclassAsDict
from .plain import field_names as field_names
from .plain import plain as to_plain
from .plain import plain_number as plain_number

Values = dict[str, Any]
Row = tuple[Any, ...]
_Instance = TypeVar("_Instance")


class Noun:
    """A base class that gives a dataclass the methods `dict`, `tuple`, `nonDefaults` and `update`."""

    __slots__ = ()

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, in their order. Values are not copied.

        With `plain` they are turned into what JSON can hold, at any depth: see `util.plain`.
        """
        return to_plain(self) if plain else dataclassAsDict(self)

    def tuple(self) -> Row:
        """Return the values of the fields, in their order."""
        return dataclassAsTuple(self)

    def nonDefaults(self) -> Values:
        """Return the fields whose values differ from their defaults, by name."""
        return dataclassNonDefaults(self)

    def update(self, *srcObjs: object, **kwargs: Any) -> Self:
        """Copy every field of each of `srcObjs`, then set the fields in `kwargs`; return the object itself."""
        return dataclassUpdate(self, *srcObjs, **kwargs)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Tell pydantic, and so FastAPI, to serialize an object of this class as plain values."""
        from pydantic_core import core_schema  # only pydantic asks

        return core_schema.is_instance_schema(
            cls, serialization=core_schema.plain_serializer_function_ser_schema(to_plain)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: object, handler: object) -> Values:
        """Describe the plain values to pydantic, and so on FastAPI's pages: an object with the name of the class."""
        return {"type": "object", "title": cls.__name__}


def _read_defaults(cls: type) -> Values:
    return {
        field.name: field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        for field in dataclasses.fields(cls)
    }


# `cache` is not used as a decorator, because mypy would then refuse a class as an unhashable argument.
field_defaults: Callable[[type], Values] = cache(_read_defaults)
"""The defaults of the fields of a dataclass by name, in their order."""


def named_values(row: Any, plain: bool = False) -> Values:
    """Return what `Noun.dict` returns, for named tuples: they cannot inherit from `Noun`."""
    values: Values = to_plain(row) if plain else row._asdict()
    return values


def dataclassAsTuple(obj: object) -> Row:
    """Return the field values of a dataclass instance.

    Unlike `dataclasses.astuple` it does not descend into values.
    """
    return tuple(map(getattr, repeat(obj), field_names(type(obj))))


def dataclassNonDefaults(obj: object) -> Values:
    """Return the fields of a dataclass instance that differ from their defaults, by name.

    None, NaN and empty lists are left out whatever the default is, since they tell nothing.
    """
    values = dataclassAsDict(obj)
    defaults = field_defaults(type(obj))
    return {name: value for name, value in values.items() if _says_something(value) and not same(value, defaults[name])}


def _says_something(value: Any) -> bool:
    if value is None or (isinstance(value, list | dict) and not value):
        return False
    return _truth(value, ne, value) is not True  # NaN differs from itself


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal. What cannot be compared as a whole, such as a column, equals only itself."""
    if one is other:
        return True
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return _truth(one, eq, other) is True


def _truth(one: Any, compare: Callable[[Any, Any], Any], other: Any) -> bool | None:
    """Return the result of a comparison, or None when the values cannot be compared or compare element by element."""
    try:
        outcome = compare(plain_number(one), plain_number(other))
        # Arrays and columns have a shape; it is empty for the numbers of numpy.
        return None if getattr(outcome, "shape", ()) else bool(outcome)
    except Exception:  # the value in the field is foreign and may raise anything
        return None


def dataclassUpdate(obj: _Instance, *srcObjs: object, **kwargs: Any) -> _Instance:
    """Set every field of each of `srcObjs` on `obj`, then those in `kwargs`; return `obj`."""
    field_names(type(obj))
    for source in (*map(dataclassAsDict, srcObjs), kwargs):
        for name, value in source.items():
            setattr(obj, name, value)
    return obj


def dataclassRepr(obj: object) -> str:
    """Return a repr of a dataclass instance that shows only what differs from the defaults."""
    return call_repr(obj, dataclassNonDefaults(obj))


def call_repr(obj: object, arguments: Values, first: str = "") -> str:
    """Return `Class(name=value, ...)`. `first` is the text of an argument to put in front."""
    named = [f"{name}={shown(value)}" for name, value in arguments.items()]
    return f"{type(obj).__qualname__}({', '.join([first, *named] if first else named)})"


def shown(value: Any) -> str:
    """Return the repr of a value, or a text that says how its repr failed."""
    try:
        return repr(value)
    except Exception as error:
        return f"<a {type(value).__qualname__} whose repr raises {type(error).__name__}>"
