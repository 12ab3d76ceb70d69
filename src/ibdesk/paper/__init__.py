"""The paper gateway: a broker that any TWS API client can trade against; knows nothing of ibdesk's own client.

``PaperGateway`` is imported when it is first asked for, because the rooms behind it bring numpy and exchange calendars.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .gateway import PaperGateway

__all__ = ["PaperGateway"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import gateway

        return getattr(gateway, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
