"""Decides which names programs find in `ibdesk.connection`, as in `ib_async.connection`; must not define any."""

from ibdesk.extras.compat import complete as _complete
from ibdesk.extras.connection import Connection as Connection

_complete(__name__)
