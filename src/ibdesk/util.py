"""The module `ibdesk.extras.util` under the name that it has in ib_async."""

import sys as _sys

from ibdesk.extras import util as _util
from ibdesk.extras.util import *  # noqa: F403  # for type checkers, which do not see the line below

_sys.modules[__name__] = _util
