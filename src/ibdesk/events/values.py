"""The arguments of an emit as one value."""

from typing import Any, Final


class _NoValue:
    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "<NoValue>"

    def __reduce__(self) -> str:
        return "NO_VALUE"  # a copy is the same object


NO_VALUE: Final = _NoValue()
"""The value of an event that has not emitted yet, or that emits without arguments."""


def one_value(args: tuple[Any, ...]) -> Any:
    """Return the arguments of an emit as one value: the only one, a tuple of several, or `NO_VALUE`."""
    if len(args) == 1:
        return args[0]
    return args or NO_VALUE
