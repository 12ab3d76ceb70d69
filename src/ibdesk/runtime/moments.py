"""Decides which of Python's own moments a moment of pandas or numpy is. It imports neither."""

import datetime as dt
from typing import Any


def plain_moment(value: Any) -> Any:
    """Return Python's own date or datetime for a moment of pandas or numpy; anything else as it is.

    A `pandas.Timestamp` is a datetime that can tell a plain one, and a `numpy.datetime64` that
    counts days is a date. Raises ValueError for NaT, which is no moment.
    """
    dtype = getattr(value, "dtype", None)
    if getattr(value, "shape", None) == () and getattr(dtype, "kind", "") == "M":
        whole = value.item()
        # It counts from 1970 in the unit that it is kept in, and nanoseconds are too fine for Python.
        value = value.astype("datetime64[us]").item() if isinstance(whole, int) else whole
        if value is None:
            raise ValueError("NaT is no moment")
    elif isinstance(value, dt.datetime) and (to_python := getattr(value, "to_pydatetime", None)):
        if value != value:
            raise ValueError("NaT is no moment")
        value = to_python(warn=False)
    return value
