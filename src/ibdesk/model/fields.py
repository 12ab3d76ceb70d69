"""Decides what the dataclasses of the model have in common: a view of their fields as dict, tuple and short repr.

It must not know any noun. The functions bear ib_async's names, because programs call them as
``util.dataclassAsDict(order)``; the same as methods (``order.dict()``) come from :class:`Noun`.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any, Self, TypeVar

from .plain import plain as to_plain

Values = dict[str, Any]
Row = tuple[Any, ...]
_Instance = TypeVar("_Instance")


class Noun:
    """Gives a dataclass the methods ``dict``, ``tuple``, ``nonDefaults`` and ``update``."""

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
        """Takes over every field of each of ``srcObjs``, then ``kwargs``; returns the object itself."""
        return dataclassUpdate(self, *srcObjs, **kwargs)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Tells pydantic, and so FastAPI, that an object of this class goes out as plain values."""
        from pydantic_core import core_schema  # only pydantic asks

        return core_schema.is_instance_schema(
            cls, serialization=core_schema.plain_serializer_function_ser_schema(to_plain)
        )


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
    """The fields of a dataclass instance by name. Unlike ``dataclasses.asdict`` it does not descend into values."""
    return {name: getattr(obj, name) for name in field_names(type(obj))}


def named_values(row: Any, plain: bool = False) -> Values:
    """What `Noun.dict` does, for named tuples: they cannot inherit from it."""
    values: Values = to_plain(row) if plain else row._asdict()
    return values


def dataclassAsTuple(obj: object) -> Row:
    """The field values of a dataclass instance. Unlike ``dataclasses.astuple`` it does not descend into values."""
    return tuple(getattr(obj, name) for name in field_names(type(obj)))


def dataclassNonDefaults(obj: object) -> Values:
    """The fields of a dataclass instance that differ from their defaults; None, NaN and empty lists say nothing."""
    values = dataclassAsDict(obj)
    defaults = _defaults(type(obj))
    return {name: value for name, value in values.items() if value != defaults[name] and _says_something(value)}


def _says_something(value: Any) -> bool:
    is_nan = value != value
    return value is not None and not is_nan and value != [] and value != {}


def dataclassUpdate(obj: _Instance, *srcObjs: object, **kwargs: Any) -> _Instance:
    """Sets every field of each of ``srcObjs`` on ``obj``, then ``kwargs``; returns ``obj``."""
    field_names(type(obj))
    for source in (*map(dataclassAsDict, srcObjs), kwargs):
        for name, value in source.items():
            setattr(obj, name, value)
    return obj


def dataclassRepr(obj: object) -> str:
    """A repr of a dataclass instance that shows only what differs from the defaults."""
    return call_repr(obj, dataclassNonDefaults(obj))


def call_repr(obj: object, arguments: Values, first: str = "") -> str:
    """``Class(name=value, ...)``; ``first`` is an argument that is spelled by the caller and stands in front."""
    named = [f"{name}={value!r}" for name, value in arguments.items()]
    return f"{type(obj).__qualname__}({', '.join([first, *named] if first else named)})"
