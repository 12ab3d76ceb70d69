"""Loggers that keep each record on one line, whatever text from outside it holds.

Every logger of ibdesk comes from `logger`. The text of a record is a constant of ours; what comes from outside is
passed as arguments, which are made `printable` before any handler sees them. The lines of a traceback are indented, so
that none of them looks like a record.
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
    """Return the logger with this name, which makes text from outside printable.

    Logging through it never raises. A record is often written between two steps that belong together, such as an error
    and its effect on an order, and a broken handler or filter of the program must not separate them.
    """
    found = logging.getLogger(name)
    found.addFilter(_printing)  # adding the same filter again does nothing
    vars(found).setdefault("handle", partial(_handle, found))
    return found


def _handle(found: logging.Logger, record: logging.LogRecord) -> None:
    """Call `Logger.handle`, and print what a handler raises, as Python's own handlers do with their errors."""
    try:
        type(found).handle(found, record)
    except Exception:
        if logging.raiseExceptions and sys.stderr:
            traceback.print_exc()


class _Shown:
    """An argument of a record. It makes its text only when asked, because many records reach no handler."""

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
    """A filter that makes everything a record shows printable."""

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
