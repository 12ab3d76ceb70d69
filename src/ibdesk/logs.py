"""Decides how what happens gets into the logs: one record, one line; it must not know what happens.

Every logger of ibdesk comes from `logger`. The text of a record is ours, a constant; what comes from outside are its
arguments, and they are made `printable` before any handler sees them. Tracebacks have many lines: these are indented,
so that none of them passes for a record.
"""

import logging
import sys
import traceback
from collections.abc import Mapping
from functools import partial
from numbers import Number
from typing import Any

from ibdesk.printable import printable


def logger(name: str) -> logging.Logger:
    """The logger with this name, with outside text made printable.

    It never raises: what it tells stands between two steps that belong together, such as an error and what that does
    to an order, and a handler or filter of the program may be broken.
    """
    found = logging.getLogger(name)
    found.addFilter(_printing)  # once, however often
    vars(found).setdefault("handle", partial(_handle, found))
    return found


def _handle(found: logging.Logger, record: logging.LogRecord) -> None:
    """Do `Logger.handle`. What a handler raises is printed, as Python's own handlers do with their errors."""
    try:
        type(found).handle(found, record)
    except Exception:
        if logging.raiseExceptions and sys.stderr:
            traceback.print_exc()


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
