"""Decides which names programs find in `ibdesk.decoder`, as in `ib_async.decoder`; must not define any."""

from ibdesk.extras.compat import complete as _complete
from ibdesk.extras.decoder import Decoder as Decoder

_complete(__name__)
