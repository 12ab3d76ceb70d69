"""The module `ibdesk.extras.flexreport` under the name that it has in ib_async."""

import sys as _sys

from ibdesk.extras import flexreport as _flexreport
from ibdesk.extras.flexreport import *  # noqa: F403  # for type checkers, which do not see the line below

_sys.modules[__name__] = _flexreport
