"""Checks of the values in a fault.

Each returns the value in the form in which it is kept, or raises ValueError, which names the field and shows the value.
"""

from collections.abc import Callable, Mapping
from functools import cache
from math import nan
from numbers import Integral, Real
from typing import Any, Final

from ibdesk.wire.catalogue import Sender, messages

from ..arguments import HIGHEST_CLIENT_ID

LONGEST: Final = 366 * 86400.0
"""The most seconds that a fault may last, or wait for."""

_MOST = 10**9

Check = Callable[[str, Any], Any]
"""What checks the value of a field, whose name is given."""


def number(name: str, value: Any, low: float, high: float, unit: str = "number") -> float:
    """Return a number between two others."""
    known = nan if isinstance(value, bool) or not isinstance(value, Real) else float(value)
    if not low <= known <= high:
        raise ValueError(f"{name}={value!r}: it is a {unit} from {low:.10g} to {high:.10g}")
    return known


def _whole(value: Any) -> int | None:
    """Return a whole number, NumPy's too; None for anything else."""
    if isinstance(value, bool):
        return None
    return int(value) if isinstance(value, Integral) else None


def count(name: str, value: Any) -> int:
    """Return a whole number from 1 on."""
    known = _whole(value)
    if known is None or not 1 <= known <= _MOST:
        raise ValueError(f"{name}={value!r}: it is a whole number from 1 to {_MOST}")
    return known


def position(name: str, value: Any) -> int:
    """Return a whole number from 0 on."""
    return 0 if _whole(value) == 0 else count(name, value)


def duration(name: str, value: Any) -> float:
    """Return a length of time."""
    return number(name, value, 0.0, LONGEST, "number of seconds")


def maybe_duration(name: str, value: Any) -> float | None:
    """Return a length of time; None stands for one without end."""
    return None if value is None else duration(name, value)


def share(name: str, value: Any) -> float:
    """Return a part of a whole."""
    return number(name, value, 0.0, 1.0)


def percent(name: str, value: Any) -> float:
    """Return a change of a price in percent. A price stays positive, and in the range of prices."""
    return number(name, value, -95.0, 1000.0, "number of percent")


def flag(name: str, value: Any) -> bool:
    """Return a yes or no."""
    if not isinstance(value, bool):
        raise ValueError(f"{name}={value!r}: it is true or false")
    return value


def client_id(name: str, value: Any) -> int | None:
    """Return a client id; None stands for every client."""
    known = _whole(value)
    if value is not None and (known is None or not 0 <= known <= HIGHEST_CLIENT_ID):
        raise ValueError(f"{name}={value!r}: it is a client id, from 0 to {HIGHEST_CLIENT_ID}")
    return known


def some_client(name: str, value: Any) -> int | None:
    """Return the id of a client that has to be named."""
    if value is None:
        raise ValueError(f"{name}={value!r}: it is a client id, from 0 to {HIGHEST_CLIENT_ID}")
    return client_id(name, value)


def message_name(name: str, value: Any) -> str:
    """Return the name of a message."""
    if not isinstance(value, str) or value not in classes():
        raise ValueError(
            f"{name}={value!r}: it is the name of a message, such as PlaceOrder; `ibdesk messages` lists them"
        )
    return value


def maybe_message(name: str, value: Any) -> str | None:
    """Return the name of a message, or None for any."""
    return None if value is None else message_name(name, value)


def instrument(name: str, value: Any) -> int | str:
    """Return the symbol or the conId of an instrument."""
    known = _whole(value)
    if known is not None and 0 < known < 2**31:
        return known
    if isinstance(value, str) and 0 < len(value.strip()) <= 40:
        return value.strip()
    raise ValueError(f"{name}={value!r}: it is a symbol such as AAPL or EUR.USD, or a conId")


def one_of(*choices: Any) -> Check:
    """Return what checks that a value is one of several."""

    def check(name: str, value: Any) -> Any:
        if isinstance(value, bool) or value not in choices:
            raise ValueError(f"{name}={value!r}: it is one of {', '.join(map(str, choices))}")
        return value

    return check


@cache
def classes() -> Mapping[str, type]:
    """Return the classes of all messages by their names."""
    return {each.name: each.cls for each in messages()}


@cache
def senders() -> Mapping[type, Sender]:
    """Return who sends each class of messages."""
    return {each.cls: each.sender for each in messages()}
