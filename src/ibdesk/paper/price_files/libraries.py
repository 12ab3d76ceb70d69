"""The parts of pyarrow, which is imported when the first file of prices is read."""

from typing import Any

from ibdesk.optional import require

_PURPOSE, _INSTALL = "reading files of prices", "ibdesk[data]"


def arrow() -> Any:
    """Return the module `pyarrow`. Raises ImportError that says how to install it."""
    return require("pyarrow", _PURPOSE, _INSTALL)


def compute() -> Any:
    """Return the module `pyarrow.compute`."""
    return require("pyarrow.compute", _PURPOSE, _INSTALL)


def csv() -> Any:
    """Return the module `pyarrow.csv`."""
    return require("pyarrow.csv", _PURPOSE, _INSTALL)


def parquet() -> Any:
    """Return the module `pyarrow.parquet`."""
    return require("pyarrow.parquet", _PURPOSE, _INSTALL)
