"""Imports of libraries that are not always installed, with errors that say how to install them."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def require(module: str, purpose: str, install: str) -> Any:
    """Import and return the module.

    Raises ImportError when it is missing, which says what `purpose` needs and how to `install` it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise missing(module, purpose, install) from error


def require_all(modules: tuple[str, ...], purpose: str, install: str) -> None:
    """Check that several modules are installed, without importing them, which may take long.

    Raises ImportError like `require` for the first that is missing.
    """
    for module in modules:
        try:
            found = find_spec(module) is not None
        except ValueError:  # sys.modules holds something else than a module under this name
            found = False
        if not found:
            raise missing(module, purpose, install)


def missing(module: str, purpose: str, install: str) -> ImportError:
    """Return an ImportError that says what `purpose` needs and how to `install` it."""
    return ImportError(f"{purpose} needs {module}: pip install '{install}'", name=module.partition(".")[0])
