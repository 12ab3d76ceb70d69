"""The paper gateway: a broker that any TWS API client can trade against.

Not everybody has the libraries that it needs. What is missing is told at the import, and not by the first order for an
option.
"""

from ibdesk.optional import require_all

_NEEDS = ("exchange_calendars", "numpy", "scipy", "sortedcontainers")
"""The libraries of the extra `paper`."""

require_all(_NEEDS, "PaperGateway", "ibdesk[paper]")

from .gateway import PaperGateway  # noqa: E402 - only now, when its libraries are there

__all__ = ["PaperGateway"]
