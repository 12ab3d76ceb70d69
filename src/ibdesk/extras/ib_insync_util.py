"""Decides what `ib_insync.util` does otherwise than `ib_async.util`; all else is `ibdesk.extras.util`."""

from typing import Any

from ibdesk.extras import util
from ibdesk.extras.util import __all__ as __all__


def df(objs: Any, labels: Any = None, plain: bool = False) -> Any:
    """A pandas DataFrame with a row for each object; None where there is none, which programs test for."""
    frame = util.df(objs, labels, plain)
    return None if frame is None or not len(frame) else frame


def __getattr__(name: str) -> Any:
    return getattr(util, name)
