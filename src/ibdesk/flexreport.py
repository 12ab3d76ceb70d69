"""Decides that `ibdesk.flexreport` is the module `ibdesk.extras.flexreport` itself; must not define a name."""

import sys as _sys

from ibdesk.extras import flexreport as _flexreport
from ibdesk.extras.flexreport import *  # noqa: F403  # what type checkers see of it

_sys.modules[__name__] = _flexreport
