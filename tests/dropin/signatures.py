"""What a public class or function looks like from outside: parameters, defaults, class attributes. Knows no name."""

import inspect
from typing import Any


def parameters(function: Any) -> list[tuple[str, str, Any]]:
    """Name, kind and default of each parameter."""
    found = inspect.signature(function).parameters.values()
    return [(one.name, one.kind.name, one.default) for one in found]


def methods(cls: type) -> dict[str, list[tuple[str, str, Any]]]:
    """The public methods of a class, with their parameters after the object."""
    return {
        name: parameters(value)[1:]
        for name, value in inspect.getmembers(cls, callable)
        if not name.startswith("_") and not inspect.isclass(value)
    }


def plain_attributes(cls: type) -> dict[str, Any]:
    """The public class attributes that are no functions."""
    return {
        name: value
        for name, value in inspect.getmembers(cls, lambda member: not callable(member))
        if not name.startswith("_")
    }
