"""Decides what is said where a library that not everybody has is missing; must not know what it is used for."""

from importlib import import_module
from typing import Any


def require(module: str, purpose: str, install: str) -> Any:
    """The module. Raises ImportError that says what ``purpose`` needs and how to ``install`` it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f"{purpose} needs {module}: pip install '{install}'", name=error.name) from error
