"""The names of `ib_async.ib`, for programs that import them from this module."""

from ibdesk.client.ib import IB as IB
from ibdesk.client.ib import StartupFetch as StartupFetch
from ibdesk.client.ib import StartupFetchALL as StartupFetchALL
from ibdesk.client.ib import StartupFetchNONE as StartupFetchNONE
from ibdesk.extras.compat import complete as _complete

_complete(__name__)
