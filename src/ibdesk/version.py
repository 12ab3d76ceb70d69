"""Decides which names programs find in `ibdesk.version`, as in `ib_async.version`; must not define any."""

from ibdesk import __version__ as __version__
from ibdesk import __version_info__ as __version_info__
