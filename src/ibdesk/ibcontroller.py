"""Decides that `ibdesk.ibcontroller` is the module `ibdesk.extras.ibcontroller` itself; must not define a name."""

import sys as _sys

from ibdesk.extras import ibcontroller as _ibcontroller
from ibdesk.extras.ibcontroller import *  # noqa: F403  # what type checkers see of it

_sys.modules[__name__] = _ibcontroller
