"""Decides what is said where a library that not everybody has is missing; must not know what it is used for."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def require(module: str, purpose: str, install: str) -> Any:
    """The module. Raises ImportError that says what `purpose` needs and how to `install` it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise missing(module, purpose, install) from error


def require_all(modules: tuple[str, ...], purpose: str, install: str) -> None:
    """Does `require` for several modules without importing them, which may take long."""
    for module in modules:
        try:
            found = find_spec(module) is not None
        except ValueError:  # what stands in its place is no module
            found = False
        if not found:
            raise missing(module, purpose, install)


def missing(module: str, purpose: str, install: str) -> ImportError:
    """An ImportError that says what `purpose` needs and how to `install` it."""
    return ImportError(f"{purpose} needs {module}: pip install '{install}'", name=module.partition(".")[0])
