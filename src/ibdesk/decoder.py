"""The names of `ib_async.decoder`, for programs that import them from this module."""

from ibdesk.extras.compat import complete as _complete
from ibdesk.extras.decoder import Decoder as Decoder

_complete(__name__)
