"""The paper gateway: a broker that any TWS API client can trade against.

`PaperGateway` is imported when it is first asked for, because what is behind it needs numpy and exchange calendars,
which not everybody has installed. What is missing is then told at once, and not by the first order for an option.
"""

from typing import TYPE_CHECKING, Any

from ibdesk.optional import require_all

if TYPE_CHECKING:
    from .gateway import PaperGateway

__all__ = ["PaperGateway"]

_NEEDS = ("exchange_calendars", "numpy", "scipy", "sortedcontainers")
"""The libraries of the extra `paper`."""


def __getattr__(name: str) -> Any:
    if name in __all__:
        require_all(_NEEDS, name, "ibdesk[paper]")
        from . import gateway

        return getattr(gateway, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
