"""Decides how what happens gets into the logs: one record, one line; it must not know what happens.

Every logger of ibdesk comes from `logger`. The text of a record is ours, a constant; what comes from outside are its
arguments, and they are made `printable` before any handler sees them. Tracebacks have many lines: these are indented,
so that none of them passes for a record.
"""

import logging
import traceback
from collections.abc import Mapping
from numbers import Number
from typing import Any

from ibdesk.printable import printable


def logger(name: str) -> logging.Logger:
    """The logger with this name, with outside text made printable."""
    found = logging.getLogger(name)
    found.addFilter(_printing)  # once, however often
    return found


class _Shown:
    """An argument of a record. Its text is made when it is needed: many records go to no handler."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __str__(self) -> str:
        return printable(str(self._value))

    def __repr__(self) -> str:
        return printable(repr(self._value))


def _shown(value: Any) -> Any:
    return printable(value) if type(value) is str else value if isinstance(value, Number) else _Shown(value)


class _Printing(logging.Filter):
    """Makes what a record shows printable."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, Mapping):
            record.args = {name: _shown(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(map(_shown, record.args))
        if record.exc_info and not record.exc_text:
            lines = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n").split("\n")
            record.exc_text = "\n".join(f"  {printable(line.expandtabs())}" for line in lines)
        return True


_printing = _Printing()
