"""Decides what the dataclasses of the model have in common: a view of their fields as dict, tuple and short repr.

It must not know any noun. The functions bear ib_async's names, because programs call them as
`util.dataclassAsDict(order)`; the same as methods (`order.dict()`) come from `Noun`.

A field may hold anything, such as a number of numpy or a column of pandas where one number was meant. Some of these
compare element by element, or not at all (`pandas.NA`). Nothing here raises for that, for an order has to be shown
above all when there is something wrong with it.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from operator import eq, ne
from typing import Any, Self, TypeVar

from .plain import plain as to_plain
from .plain import plain_number as plain_number

Values = dict[str, Any]
Row = tuple[Any, ...]
_Instance = TypeVar("_Instance")


class Noun:
    """Gives a dataclass the methods `dict`, `tuple`, `nonDefaults` and `update`."""

    __slots__ = ()

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, in their order. Values are not copied.

        With `plain` they are what JSON can hold, all the way down: see `util.plain`.
        """
        return to_plain(self) if plain else dataclassAsDict(self)

    def tuple(self) -> Row:
        """The values of the fields, in their order."""
        return dataclassAsTuple(self)

    def nonDefaults(self) -> Values:
        """The fields that were given a value of their own."""
        return dataclassNonDefaults(self)

    def update(self, *srcObjs: object, **kwargs: Any) -> Self:
        """Takes over every field of each of `srcObjs`, then `kwargs`; returns the object itself."""
        return dataclassUpdate(self, *srcObjs, **kwargs)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Tells pydantic, and so FastAPI, that an object of this class goes out as plain values."""
        from pydantic_core import core_schema  # only pydantic asks

        return core_schema.is_instance_schema(
            cls, serialization=core_schema.plain_serializer_function_ser_schema(to_plain)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: object, handler: object) -> Values:
        """What pydantic, and so the pages of FastAPI, tell of the plain values: an object of this name."""
        return {"type": "object", "title": cls.__name__}


def _read_names(cls: type) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__qualname__} is not a dataclass")
    return tuple(field.name for field in dataclasses.fields(cls))


def _read_defaults(cls: type) -> Values:
    return {
        field.name: field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        for field in dataclasses.fields(cls)
    }


# Not as decorators: mypy does not take a class for hashable.
field_names: Callable[[type], tuple[str, ...]] = cache(_read_names)
"""The names of the fields of a dataclass, in their order. Raises TypeError for any other class."""
_defaults: Callable[[type], Values] = cache(_read_defaults)


def dataclassAsDict(obj: object) -> Values:
    """The fields of a dataclass instance by name. Unlike `dataclasses.asdict` it does not descend into values."""
    return {name: getattr(obj, name) for name in field_names(type(obj))}


def named_values(row: Any, plain: bool = False) -> Values:
    """What `Noun.dict` does, for named tuples: they cannot inherit from it."""
    values: Values = to_plain(row) if plain else row._asdict()
    return values


def dataclassAsTuple(obj: object) -> Row:
    """The field values of a dataclass instance. Unlike `dataclasses.astuple` it does not descend into values."""
    return tuple(getattr(obj, name) for name in field_names(type(obj)))


def dataclassNonDefaults(obj: object) -> Values:
    """The fields of a dataclass instance that differ from their defaults; None, NaN and empty lists say nothing."""
    values = dataclassAsDict(obj)
    defaults = _defaults(type(obj))
    return {name: value for name, value in values.items() if _says_something(value) and not same(value, defaults[name])}


def _says_something(value: Any) -> bool:
    if value is None or (isinstance(value, list | dict) and not value):
        return False
    return _truth(value, ne, value) is not True  # NaN


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal. What cannot be compared as a whole, such as a column, equals only itself."""
    if one is other:
        return True
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return _truth(one, eq, other) is True


def _truth(one: Any, compare: Callable[[Any, Any], Any], other: Any) -> bool | None:
    """What a comparison says; None where it says nothing, or something of each element."""
    try:
        outcome = compare(plain_number(one), plain_number(other))
        # Arrays and columns have a shape; it is empty for the numbers of numpy.
        return None if getattr(outcome, "shape", ()) else bool(outcome)
    except Exception:  # whatever stands in the field decides how it fails
        return None


def dataclassUpdate(obj: _Instance, *srcObjs: object, **kwargs: Any) -> _Instance:
    """Sets every field of each of `srcObjs` on `obj`, then `kwargs`; returns `obj`."""
    field_names(type(obj))
    for source in (*map(dataclassAsDict, srcObjs), kwargs):
        for name, value in source.items():
            setattr(obj, name, value)
    return obj


def dataclassRepr(obj: object) -> str:
    """A repr of a dataclass instance that shows only what differs from the defaults."""
    return call_repr(obj, dataclassNonDefaults(obj))


def call_repr(obj: object, arguments: Values, first: str = "") -> str:
    """`Class(name=value, ...)`; `first` is an argument that is spelled by the caller and stands in front."""
    named = [f"{name}={shown(value)}" for name, value in arguments.items()]
    return f"{type(obj).__qualname__}({', '.join([first, *named] if first else named)})"


def shown(value: Any) -> str:
    """The repr of a value, or what there is to say of one whose repr fails."""
    try:
        return repr(value)
    except Exception as error:
        return f"<a {type(value).__qualname__} whose repr raises {type(error).__name__}>"
