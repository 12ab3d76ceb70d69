"""Lets ibdesk be imported under the names `ib_async`, `ib_insync` and `eventkit`.

A program that imports `ib_async` gets ibdesk when `install` was called before, and so do the packages that it
imports. `python -m ibdesk run --as ib_async program.py` does that for a program that is left as it is::

    from ibdesk import compat

    compat.install("ib_async")
    from ib_async import IB, util

What is found in `ib_async.contract`, `ib_async.order` and the like is what `ibdesk.contract` and `ibdesk.order`
have, so that `ib_async` can be replaced by `ibdesk` everywhere in a program as well.
"""

import importlib
import logging
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from ibdesk.logs import logger

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
    from importlib.metadata import Distribution, DistributionFinder
else:
    Loader = MetaPathFinder = object  # they take long to import, and Python asks for their methods only

__all__ = ["STANDS_IN_FOR", "install"]

STANDS_IN_FOR: Final = {"ib_async": "2.1.0", "ib_insync": "0.9.86"}
"""The packages whose place ibdesk can take, with the version that it says it is."""

MODULES: Final = (
    *("client", "connection", "contract", "decoder", "flexreport", "ib", "ibcontroller"),
    *("objects", "order", "ticker", "util", "version", "wrapper"),
)
"""The modules of ib_async. ibdesk has each of them, with the public names that it has there."""

# Modules that are one of ours, whole.
_WHOLE = {part: f"ibdesk.{part}" for part in ("flexreport", "ibcontroller", "util")}
# Where every public name is. Few programs ask for one of the last, which take long to import.
_HOMES = ("ibdesk", *(f"ibdesk.{part}" for part in MODULES if part != "client"), "ibdesk.client.dropin.callbacks")

# The modules of what a package does otherwise than ib_async, and its own modules that are one of ours.
_DIALECTS = {"ib_insync": "ibdesk.extras.ib_insync"}
_WHOLE_OF_DIALECTS = {"ib_insync.util": "ibdesk.extras.ib_insync_util"}

_EVENTKIT = {"": "ibdesk.extras.eventkit", "event": "ibdesk.events.event", "ops": "ibdesk.extras.eventkit"}


def install(name: str = "ib_async") -> None:
    """Have `import ib_async` (or `ib_insync`) give ibdesk from now on, and `import eventkit` its events.

    The version that the package tells, to `importlib.metadata` as well, is the one in `STANDS_IN_FOR`, and its
    loggers are those of ibdesk.

    Raises ValueError for another name, and ImportError when the package itself was imported before.
    """
    if name not in STANDS_IN_FOR:
        raise ValueError(f"ibdesk can stand in for {' and '.join(STANDS_IN_FOR)}, not for {name!r}")
    if name in _stand_in.roots:
        return
    if name in sys.modules:
        raise ImportError(f"{name} is imported already: call ibdesk.compat.install({name!r}) before it", name=name)
    _share_loggers(name)
    _stand_in.roots.add(name)
    if "eventkit" not in sys.modules:
        _stand_in.roots.add("eventkit")
    if _stand_in not in sys.meta_path:
        # First of all: it comes before a package of that name that is installed.
        sys.meta_path.insert(0, _stand_in)


def complete(name: str) -> None:
    """Have a module of ours give every public name of ibdesk, beside its own names.

    Programs import from a module of ib_async what that module has itself only imported. Type checkers do not see these
    names, and so complain about them.
    """
    namespace = vars(sys.modules[name])
    namespace["__getattr__"] = _Attributes(name)
    namespace["__dir__"] = lambda: sorted({*namespace, *namespace.get("__all__", ())})


class _Finder(MetaPathFinder):
    """Finds the modules of the packages whose place ibdesk takes (`roots`)."""

    def __init__(self, roots: set[str]) -> None:
        self.roots = roots

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root, _, part = fullname.partition(".")
        if root not in self.roots:
            return None
        parts = _EVENTKIT if root == "eventkit" else ("", *MODULES)
        return spec_from_loader(fullname, _LOADER, is_package=not part) if part in parts else None

    def find_distributions(self, context: "DistributionFinder.Context") -> "Iterable[Distribution]":
        """Find the package under whose name ibdesk is imported, for `importlib.metadata`."""
        from .stand_in import StandIn  # only who asks needs importlib.metadata, which takes long to import

        name = (context.name or "").replace("-", "_").lower()
        if name in self.roots and name in STANDS_IN_FOR:
            yield StandIn(name, STANDS_IN_FOR[name])


class _Loader(Loader):
    """Makes a module under another package's name: one of ours, or one that looks up each name when it is used."""

    def create_module(self, spec: ModuleSpec) -> None:
        """Return None: an ordinary module will do."""

    def exec_module(self, module: ModuleType) -> None:
        root, _, part = module.__name__.partition(".")
        ours = _WHOLE_OF_DIALECTS.get(module.__name__) or (_EVENTKIT if root == "eventkit" else _WHOLE).get(part)
        if ours is not None:
            sys.modules[module.__name__] = importlib.import_module(ours)
            return
        module.__file__ = sys.modules["ibdesk"].__file__  # in the text of an ImportError
        module.__doc__ = f"ibdesk under the name {module.__name__}."
        names = vars(module)
        if part in ("", "version"):
            names["__version__"] = STANDS_IN_FOR.get(root) or sys.modules["ibdesk"].__version__
            names["__version_info__"] = tuple(map(int, names["__version__"].split(".")))
        names["__getattr__"] = _Attributes(module.__name__)
        names["__all__"] = _public(part)
        if root in _DIALECTS:
            dialect = importlib.import_module(_DIALECTS[root])
            names["__all__"] = [name for name in names["__all__"] if name not in dialect.LATER]
            dialect.unpack_records()


_LOADER = _Loader()
_stand_in = _Finder(set())


class _Attributes:
    """The `__getattr__` of a module: gives an object or a module by the name that it has in ib_async."""

    def __init__(self, module: str) -> None:
        self.module = module

    def __call__(self, name: str) -> Any:
        root, _, part = self.module.partition(".")
        if not part and name in MODULES:
            return importlib.import_module(f"{root}.{name}")
        dialect = vars(importlib.import_module(_DIALECTS[root])) if root in _DIALECTS else {}
        found = dialect[name] if name in dialect.get("__all__", ()) else _find(name)
        if found is not None:
            return found
        raise AttributeError(f"module {self.module!r} has no attribute {name!r}")


def _find(name: str) -> Any:
    """Return the public object of this name, or None."""
    if name.startswith("_"):
        return None
    for home in _HOMES:
        module = importlib.import_module(home)
        if name in vars(module):
            return vars(module)[name]
    return None


def _public(part: str) -> list[str]:
    """Return the names that `from ... import *` takes from a module.

    From the package itself it takes only those that are public in ibdesk as well.
    """
    if not part:
        return sorted({"Event", "util"}.union(*map(_public, MODULES)).intersection(sys.modules["ibdesk"].__all__))
    names = vars(importlib.import_module(f"ibdesk.{part}"))
    return names.get("__all__") or [name for name in names if not name.startswith("_")]


def _share_loggers(name: str) -> None:
    """Have `logging.getLogger("ib_async.wrapper")` and the like give the loggers of ibdesk.

    Programs set the levels of these loggers, and add handlers to them.
    """
    known = logging.Logger.manager.loggerDict
    for theirs, ours in {
        "": "",
        ".ib": ".ib",
        ".client": ".client",
        ".wrapper": ".session",
        ".flexreport": ".flexreport",
        ".IBC": ".IBC",
        ".Watchdog": ".Watchdog",
    }.items():
        if not isinstance(known.get(name + theirs), logging.Logger):
            known[name + theirs] = logger("ibdesk" + ours)
