"""The names of `ib_async.version`, for programs that import them from this module."""

from ibdesk import __version__ as __version__
from ibdesk import __version_info__ as __version_info__
