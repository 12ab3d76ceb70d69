"""The server versions at which the conformance tests compare: every one at which a layout changes; and test ids."""

from typing import Any

from ibdesk.wire import versions as V

VERSIONS = sorted({V.MIN, *(value for name, value in vars(V).items() if name.isupper() and isinstance(value, int))})


def id_of(value: Any) -> str:
    """How pytest shows a parameter."""
    if isinstance(value, type):
        return value.__name__
    return ".".join(value) if isinstance(value, tuple) else str(value)
