"""The names of `ib_async.wrapper`, for programs that import them from this module."""

from ibdesk.client.dropin.wrapper import Wrapper as Wrapper
from ibdesk.errors import RequestError as RequestError
from ibdesk.extras.compat import complete as _complete

_complete(__name__)
