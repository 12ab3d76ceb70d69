"""A scenario: which faults come, and the seed that decides what is left to chance. It is written and read as YAML.

::

    seed: 7
    faults:
      - kind: connectivity_lost
        at: 23:45                        # each day at that time of New York
        seconds: 40
      - kind: drop_order
        at: {before: PlaceOrder, number: 3, client: 1}

Of YAML it takes lists, mappings, texts, numbers and true, false and null: no tags, no references, and no key twice. A
time or a date is a text, in quotes or without.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass
from datetime import datetime, time
from os import PathLike, fspath
from typing import Any, Self

from ibdesk.errors import ScenarioError
from ibdesk.optional import require

from ..arguments import whole
from ..clock import NEW_YORK
from .kinds import KINDS, Fault, settings_of
from .triggers import After, At, Before, Byte

MOST_FAULTS = 10_000
"""Faults that a scenario may have."""

MOST_BYTES = 4_000_000
"""Size of the longest file that is read."""

_DEEPEST = 8
_TRIGGERS: Mapping[str, type[Before] | type[After] | type[Byte]] = {"before": Before, "after": After, "byte": Byte}
_TIME_OF_DAY = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Faults, and the `seed` for what is left to chance: the same scenario on the same gateway has the same course.

    Raises ValueError for what is no fault, and for a seed that is no whole number.
    """

    faults: tuple[Fault, ...] = ()
    seed: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "faults", tuple(self.faults))
        object.__setattr__(self, "seed", whole("seed", self.seed))
        if len(self.faults) > MOST_FAULTS:
            raise ValueError(f"a scenario has at most {MOST_FAULTS} faults, not {len(self.faults)}")
        for each in self.faults:
            if not isinstance(each, Fault):
                raise ValueError(f"faults has {each!r}, which is no fault")

    @classmethod
    def read(cls, path: PathLike[str] | str) -> Self:
        """Read a file. Raises ScenarioError if it cannot be read, and for what cannot be meant."""
        name = fspath(path)
        try:
            with open(path, "rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise ScenarioError(name, "", f"it cannot be read: {error.strerror}") from error
        if len(data) > MOST_BYTES:
            raise ScenarioError(name, "", f"it has more than {MOST_BYTES} bytes")
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise ScenarioError(name, "", f"it is no text in UTF-8: {error}") from None
        return cls.from_text(text, name)

    @classmethod
    def from_text(cls, text: str, path: str = "") -> Self:
        """Read a text. Raises ScenarioError for what cannot be meant, which names `path`."""
        told = _load(text, path)
        if not isinstance(told, dict):
            raise ScenarioError(path, "", f"a scenario has the keys seed and faults, and this is {_shown(told)}")
        _only_keys(told, ("seed", "faults"), path, "")
        rows = told.get("faults", [])
        if not isinstance(rows, list):
            raise ScenarioError(path, "", f"faults={_shown(rows)}: it is a list")
        if len(rows) > MOST_FAULTS:
            raise ScenarioError(path, "", f"a scenario has at most {MOST_FAULTS} faults, not {len(rows)}")
        faults = [_fault(row, path, f"faults[{number}]") for number, row in enumerate(rows)]
        try:
            return cls(tuple(faults), told.get("seed", 1))
        except ValueError as error:
            raise ScenarioError(path, "", str(error)) from None

    def check(self, start: datetime) -> None:
        """Raise ValueError, which names it, for a fault that would have to come before the start of a gateway."""
        for number, fault in enumerate(self.faults):
            if isinstance(fault.at, datetime) and fault.at < start:
                told = f"{fault.at.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S}"
                raise ValueError(f"faults[{number}] ({fault.kind}): at={told} is before the start")

    def text(self) -> str:
        """Return the scenario as YAML, from which `from_text` makes an equal one."""
        return _dump({"seed": self.seed, "faults": [_row(each) for each in self.faults]})


def _fault(row: Any, path: str, place: str) -> Fault:
    if not isinstance(row, dict):
        raise ScenarioError(path, place, f"a fault has keys such as kind and at, and this is {_shown(row)}")
    values = dict(row)
    kind = values.pop("kind", None)
    found = KINDS.get(kind) if isinstance(kind, str) else None
    if found is None:
        raise ScenarioError(path, place, f"kind={_shown(kind)}: it is one of {', '.join(KINDS)}")
    place = f"{place} ({kind})"
    _only_keys(values, ("at", *(each.name for each in settings_of(found))), path, place)
    try:
        at = _at(values.pop("at", None))
        return found(at, **values)
    except ValueError as error:
        raise ScenarioError(path, place, str(error)) from None
    except TypeError:
        missing = [each.name for each in settings_of(found) if each.default is MISSING and each.name not in values]
        raise ScenarioError(path, place, f"a fault of this kind needs {', '.join(missing)}") from None


def _at(told: Any) -> At:
    """Return what `at` means. Raises ValueError for what cannot be meant."""
    if isinstance(told, dict):
        return _trigger(told)
    if isinstance(told, str):
        try:
            if _TIME_OF_DAY.fullmatch(told):
                return time.fromisoformat(told)
            moment = datetime.fromisoformat(told)
        except ValueError:
            raise ValueError(f"at={_shown(told)}: it is no time such as 23:45 or 2026-11-02T23:45") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)
    if isinstance(told, int | float) and not isinstance(told, bool):
        return told
    raise ValueError(
        f"at={_shown(told)}: it is a number of seconds after the start, a time, or a message such as "
        "{before: PlaceOrder, number: 3}"
    )


def _trigger(told: Mapping[Any, Any]) -> Before | After | Byte:
    names = [name for name in _TRIGGERS if name in told]
    if len(names) != 1:
        raise ValueError(f"at={_shown(told)}: it has one of the keys {', '.join(_TRIGGERS)}")
    values = dict(told)
    kind = _TRIGGERS[names[0]]
    first, *others = kind.__dataclass_fields__
    unknown = set(values) - {names[0], *others}
    if unknown:
        raise ValueError(
            f"at has the key {_shown(unknown.pop())}, and it may be one of {', '.join([names[0], *others])}"
        )
    return kind(**{first: values.pop(names[0])}, **values)


def _row(fault: Fault) -> dict[str, Any]:
    values = {each.name: getattr(fault, each.name) for each in settings_of(type(fault))}
    defaults = {each.name: each.default for each in settings_of(type(fault))}
    changed = {name: value for name, value in values.items() if value != defaults[name]}
    return {"kind": fault.kind, "at": _written(fault.at), **changed}


def _written(at: At) -> Any:
    match at:
        case datetime():
            return at.astimezone(NEW_YORK).isoformat()
        case time():
            return at.isoformat()
        case Before() | After() | Byte():
            name = next(name for name, kind in _TRIGGERS.items() if isinstance(at, kind))
            first, *others = type(at).__dataclass_fields__.values()
            more = {each.name: getattr(at, each.name) for each in others if getattr(at, each.name) != each.default}
            return {name: getattr(at, first.name), **more}
        case _:
            return at


def _only_keys(told: Mapping[Any, Any], known: Iterable[str], path: str, place: str) -> None:
    unknown = [key for key in told if key not in known]
    if unknown:
        raise ScenarioError(path, place, f"unknown key {_shown(unknown[0])}: there are {', '.join(known)}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


# YAML. The texts of version 1.1 mean what nobody expects: 23:45 is the number 1425 there, and `no` is false.

_SCALARS = (
    ("tag:yaml.org,2002:null", r"null|~|", "n~\0"),
    ("tag:yaml.org,2002:bool", r"true|false", "tf"),
    ("tag:yaml.org,2002:int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"[-+]?(([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)",
        "-+.0123456789",
    ),
)
"""What is no text: the tag, its form, and how it begins."""


def _yaml() -> Any:
    return require("yaml", "A scenario in a file or a text", "ibdesk[paper]")


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, form, beginnings in _SCALARS:
        for one in beginnings.replace("\0", ""):
            found.setdefault(one, []).append((tag, re.compile(rf"(?:{form})\Z")))
        if "\0" in beginnings:
            found.setdefault("", []).append((tag, re.compile(rf"(?:{form})\Z")))
    return found


def _load(text: str, path: str) -> Any:
    yaml = _yaml()

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        yaml_implicit_resolvers = _resolvers()
        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise yaml.composer.ComposerError(None, None, "references are not read", event.start_mark)
            if getattr(event, "tag", None) is not None:
                raise yaml.composer.ComposerError(None, None, "tags are not read", event.start_mark)
            self.depth += 1
            if self.depth > _DEEPEST:
                raise yaml.composer.ComposerError(None, None, "it is nested too deeply", event.start_mark)
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [self.construct_object(key, deep=True) for key, _ in node.value]
            for number, key in enumerate(keys):
                if not isinstance(key, str):
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {_shown(key)} is no text", node.start_mark
                    )
                if key in keys[:number]:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {_shown(key)} stands there twice", node.value[number][0].start_mark
                    )
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        raise ScenarioError(path, place, getattr(error, "problem", None) or str(error)) from None
    except ValueError as error:  # a number of too many digits
        raise ScenarioError(path, "", str(error)) from None


def _dump(told: Any) -> str:
    yaml = _yaml()

    class Dumper(yaml.SafeDumper):  # type: ignore[misc, name-defined]
        yaml_implicit_resolvers = _resolvers()

        def ignore_aliases(self, data: Any) -> bool:
            return True

    text: str = yaml.dump(told, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text
