"""Decides that `ibdesk.util` is the module `ibdesk.extras.util` itself; must not define a name."""

import sys as _sys

from ibdesk.extras import util as _util
from ibdesk.extras.util import *  # noqa: F403  # what type checkers see of it

_sys.modules[__name__] = _util
