"""Every public name of every module of ib_async 2.1.0 is there, with its parameters, defaults and class attributes.

Found by introspection, so nothing can be forgotten. Three differences are rules: parameters may follow theirs, if they
have defaults; a parameter that ib_async demands may be left out; and where a default of theirs is a list that all
calls share, it is None. Any other is in `DIFFERENCES` or `MISSING_GROUPS`, with its reason, and must really be one.
"""

import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

import pytest
from oracles import ib_async

import ibdesk

MODULES = "client connection contract decoder flexreport ib ibcontroller objects order ticker util version wrapper"

DIFFERENCES = {
    "client.Client.MaxClientVersion": "newer servers are spoken to",
    "client.Client.send": "takes messages, or fields as ib_async does",
    "ibcontroller.Watchdog": "each has a `probeContract` of its own",
    "order.BracketOrder": "made of its orders, or of prices, as the reference shows",
    "wrapper.Wrapper": "two of its parameters are a logger and a timer of its own",
    "ticker.TickerUpdateEvent": "ib_async shows the fields of a data class that eventkit's event is by mistake",
}

MISSING_GROUPS = {
    r"decoder\.Decoder\.\w+": "one table says how a message is read, and no method each",
    r"wrapper\.Wrapper\.\w+": "what arrives goes to reducers; who wants callbacks gives `Client` an `EWrapper`",
    r"wrapper\.[A-Z_]+_TICK_MAP": "the tables of tick types are those of the reducers",
    r"client\.UNSET_\w+": "only imported there",
    r"(objects|ticker)\.nan": "only imported there, from math",
}
"""Names that are missing, as patterns, each for one reason."""

MISSING = "(missing)"
Parameter = tuple[str, str, str]


def differences() -> Iterator[tuple[str, str]]:
    """Every difference between the two libraries: dotted name, and what it is."""
    package = ib_async()
    for name in package.__all__:
        if _get(ibdesk, name) == MISSING:
            yield name, MISSING
    for module in MODULES.split():
        theirs = importlib.import_module(f"{package.__name__}.{module}")
        try:
            ours = importlib.import_module(f"ibdesk.{module}")
        except ImportError:
            yield module, MISSING
            continue
        for name, value in _public(theirs):
            yield from _compare(f"{module}.{name}", value, _get(ours, name))


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What a module defines, rather than imports."""
    for name, value in vars(module).items():
        defined = getattr(value, "__module__", module.__name__) == module.__name__
        if not name.startswith("_") and not inspect.ismodule(value) and defined:
            yield name, value


def _get(module: ModuleType, name: str) -> Any:
    try:
        return getattr(module, name)
    except (AttributeError, ImportError):
        return MISSING


def _compare(path: str, theirs: Any, ours: Any) -> Iterator[tuple[str, str]]:
    if isinstance(ours, str) and ours == MISSING:
        yield path, MISSING
    elif inspect.isclass(theirs):
        yield from _constructor(path, theirs, ours)
        own = {field.name for field in fields(ours)} if is_dataclass(ours) else set()
        for name in sorted({name for cls in theirs.__mro__ if _is_theirs(cls) for name in vars(cls)} - own):
            if not name.startswith("_"):
                yield from _compare_member(f"{path}.{name}", theirs, ours, name)
    elif inspect.isfunction(theirs):
        yield from _signatures(path, theirs, ours)
    elif _shown(theirs) != _shown(ours):
        yield path, f"{theirs!r} -> {ours!r}"


def _is_theirs(cls: type) -> bool:
    """Not what they inherit from Python or eventkit; events have tests of their own."""
    return cls.__module__.split(".")[0] == "ib_async"


def _shown(value: Any) -> str:
    return repr(sorted(value) if isinstance(value, frozenset) else value)


def _constructor(path: str, theirs: type, ours: type) -> Iterator[tuple[str, str]]:
    try:
        inspect.signature(theirs)
    except (TypeError, ValueError):
        return
    yield from _signatures(path, theirs, ours)


def _compare_member(path: str, theirs: type, ours: type, name: str) -> Iterator[tuple[str, str]]:
    mine = getattr(ours, name, MISSING)
    if isinstance(mine, str) and mine == MISSING:
        yield path, MISSING
        return
    member = inspect.getattr_static(theirs, name)
    is_data = isinstance(member, property) or inspect.ismemberdescriptor(member) or inspect.isgetsetdescriptor(member)
    if callable(getattr(theirs, name)):
        yield from _signatures(path, getattr(theirs, name), mine)
    elif not is_data and _shown(member) != _shown(mine):
        yield path, f"{member!r} -> {mine!r}"


def _signatures(path: str, theirs: Any, ours: Any) -> Iterator[tuple[str, str]]:
    if not callable(ours):
        yield path, f"cannot be called: {ours!r}"
        return
    try:
        expected, found = _parameters(theirs), _parameters(ours)
    except ValueError:
        return
    alike = all(_alike(one, other) for one, other in zip(expected, found, strict=False))
    extra = found[len(expected) :]
    optional = all(default != _EMPTY or kind.startswith("VAR") for _, kind, default in extra)
    if len(found) < len(expected) or not alike or not optional:
        yield path, f"{inspect.signature(theirs)} -> {inspect.signature(ours)}"


_EMPTY = repr(inspect.Parameter.empty)


def _parameters(function: Any) -> list[Parameter]:
    if hasattr(function, "__signature__"):  # what `help` shows spells out the fields that are behind `**kwargs`
        function = function.__init__
    found = list(inspect.signature(function).parameters.values())
    if found and found[0].name in ("self", "obj"):
        found = found[1:]
    return [(one.name, one.kind.name, repr(one.default)) for one in found]


def _alike(theirs: Parameter, ours: Parameter) -> bool:
    same_default = ours[2] == theirs[2] or theirs[2] == _EMPTY or (theirs[2] == "[]" and ours[2] == "None")
    return theirs[:2] == ours[:2] and same_default


FOUND = dict(differences())


def test_everything_is_there() -> None:
    missing = {path for path, what in FOUND.items() if what == MISSING}
    explained = {path for path in missing if re.fullmatch("|".join(MISSING_GROUPS), path)}
    assert {path: what for path, what in FOUND.items() if path not in DIFFERENCES and path not in explained} == {}
    assert {"client.Client", "decoder.Decoder"}.isdisjoint(FOUND)


@pytest.mark.parametrize("group", MISSING_GROUPS)
def test_is_missing(group: str) -> None:
    assert any(re.fullmatch(group, path) for path, what in FOUND.items() if what == MISSING)


@pytest.mark.parametrize("path", DIFFERENCES)
def test_differs(path: str) -> None:
    """What is listed as a difference is one still."""
    assert path in FOUND, "no longer different: take it off the list"


def dataclasses_of(package: ModuleType) -> Iterator[tuple[str, type]]:
    """Its data classes whose instances have a `__dict__`, by dotted name; not an event, which is one by mistake."""
    for module in MODULES.split():
        for name, value in _public(importlib.import_module(f"{package.__name__}.{module}")):
            is_plain = inspect.isclass(value) and is_dataclass(value) and "__slots__" not in vars(value)
            if is_plain and not hasattr(value, "emit"):
                yield f"{module}.{name}", value


@pytest.mark.parametrize(("path", "theirs"), list(dataclasses_of(ib_async())))
def test_vars_shows_all_fields(path: str, theirs: type) -> None:
    """Programs print and store `vars(ticker)` and `order.__dict__`."""
    if path == "wrapper.Wrapper":
        return  # what it shows is made when it is asked for
    module, _, name = path.partition(".")
    ours = getattr(importlib.import_module(f"ibdesk.{module}"), name)
    parameters = [*inspect.signature(theirs).parameters.values()]
    demanded = [one.name for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    given = dict.fromkeys(demanded, 1) if name != "Watchdog" else {"controller": ibdesk.IBC(1030), "ib": ibdesk.IB()}
    shown, expected = (vars(cls(**given)) for cls in (ours, theirs))
    assert {name for name in expected if not name.startswith("_")} <= set(shown)
