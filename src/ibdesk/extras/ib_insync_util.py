"""`ib_insync.util`: what it does otherwise than `ib_async.util`; all else is `ibdesk.extras.util`."""

from typing import Any

from ibdesk.extras import util
from ibdesk.extras.util import __all__ as __all__


def df(objs: Any, labels: Any = None, plain: bool = False) -> Any:
    """Return a pandas DataFrame with a row for each object, or None without objects: programs test for that."""
    frame = util.df(objs, labels, plain)
    return None if frame is None or not len(frame) else frame


def __getattr__(name: str) -> Any:
    return getattr(util, name)
