"""The module `ibdesk.extras.ibcontroller` under the name that it has in ib_async."""

import sys as _sys

from ibdesk.extras import ibcontroller as _ibcontroller
from ibdesk.extras.ibcontroller import *  # noqa: F403  # for type checkers, which do not see the line below

_sys.modules[__name__] = _ibcontroller
