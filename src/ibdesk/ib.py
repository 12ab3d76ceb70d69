"""Decides which names programs find in `ibdesk.ib`, as in `ib_async.ib`; must not define any."""

from ibdesk.client.ib import IB as IB
from ibdesk.client.ib import StartupFetch as StartupFetch
from ibdesk.client.ib import StartupFetchALL as StartupFetchALL
from ibdesk.client.ib import StartupFetchNONE as StartupFetchNONE
from ibdesk.extras.compat import complete as _complete

_complete(__name__)
