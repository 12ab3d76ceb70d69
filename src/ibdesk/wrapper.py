"""Decides which names programs find in `ibdesk.wrapper`, as in `ib_async.wrapper`; must not define any."""

from ibdesk.client.wrapper import Wrapper as Wrapper
from ibdesk.errors import RequestError as RequestError
from ibdesk.extras.compat import complete as _complete

_complete(__name__)
