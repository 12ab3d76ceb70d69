"""The names of `ib_async.connection`, for programs that import them from this module."""

from ibdesk.extras.compat import complete as _complete
from ibdesk.extras.connection import Connection as Connection

_complete(__name__)
