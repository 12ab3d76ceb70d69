"""Writes the source that encodes messages as text, one function for each layout. `text.encode` is the definition.

Fields are written several at once where all of them hold their defaults, as most fields of an order do.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from ibdesk.wire import scalars
from ibdesk.wire.catalogue import Description
from ibdesk.wire.compiled import Scope, Source, branches, condition, is_constant, is_plain
from ibdesk.wire.layout import Field, Fixed, Given, Layout, Many, Maybe, TwoWords, Variants, blank, get_path, paths
from ibdesk.wire.scalars import TEXT, Scalar

_FIELDS_OF_A_RUN = 8
"""How many fields are checked together, to write them at once when all hold their defaults."""

# The expression for the text of each scalar: {0} is the value where it is first mentioned, and `v` from then on. {1} is
# the scalar's own function, for rare cases.

_PLAIN_INT = "v if type({0}) is int else {1}(v)"
_PLAIN_FLOAT = "repr(v) if type({0}) is float and v - v == 0.0 else {1}(v)"  # neither nan nor infinite
_PLAIN_TEXT = "v if type({0}) is str else {1}(v)"

_WRITE: dict[type[Scalar], str] = {
    scalars.Int: _PLAIN_INT,
    scalars.IntText: _PLAIN_INT,
    scalars.ExplicitInt: _PLAIN_INT,
    scalars.OptionalInt: "{1}(v) if type({0}) is not int else v if v != UNSET_INTEGER else ''",
    scalars.ShownInt: _PLAIN_INT,
    scalars.Float: _PLAIN_FLOAT,
    scalars.Decimals: _PLAIN_FLOAT,
    scalars.ShownFloat: f"UNSET_PRICE if {{0}} is UNSET_DOUBLE else {_PLAIN_FLOAT.replace('{0}', 'v')}",
    scalars.OptionalFloat: "repr(v) if type({0}) is float and v - v == 0.0 and v != UNSET_DOUBLE else {1}(v)",
    scalars.Size: "int(v) if type({0}) is float and v.is_integer() and v != UNSET_DOUBLE else {1}(v)",
    scalars.Bool: "'1' if {0} else '0'",
    scalars.ExplicitBool: "'1' if {0} else '0'",
    scalars.Text: _PLAIN_TEXT,
    scalars.Moment: _PLAIN_TEXT,
    scalars.NumberText: _PLAIN_TEXT,
    scalars.OptionalText: _PLAIN_TEXT,
    scalars.Options: "{1}(v) if {0} else ''",
}


class Writing:
    """Writes the body of an encoder.

    In it `text` grows, and `n` counts those of its fields that depend on values.
    """

    def __init__(self, source: Source, description: Description, version: int) -> None:
        self._source, self._layout = source, description.layout(version)
        self._samples = {"m": blank(description.cls)}  # by variable: what its object holds by default
        self._always = 0
        self._depth = 0
        self._holds_texts = False
        self._numbers = 0

    def write(self, head: bytes) -> None:
        """Write the whole body."""
        line = self._source.line
        line("text = ''")
        line("n = 0")
        scope = Scope(self._source, "m", paths(self._layout))
        scope.take_parts()
        self._items(scope, self._layout)
        if self._holds_texts:  # a text with a NUL would look like two fields
            with self._source.block(f"if text.count('\\0') != n + {self._always}"):
                line("raise ValueError")
        line(f"return {head!r} + text.encode()")

    def _items(self, scope: Scope, layout: Layout) -> None:
        for plain, group in groupby(layout, is_plain):
            if plain:
                self._fields(scope, list(group))
            else:
                for item in group:
                    self._item(scope, item)

    def _fields(self, scope: Scope, items: list[Any]) -> None:
        """Write fields out, several at once where all hold their defaults."""
        # A run has its fields and the texts of their defaults; a field without such a default is a run of its own.
        runs: list[tuple[list[Any], list[str]]] = []
        for item in items:
            default = self._default_text(scope, item)
            if default is None:
                runs.append(([item], []))
            elif runs and runs[-1][1] and len(runs[-1][0]) < _FIELDS_OF_A_RUN:
                runs[-1][0].append(item)
                runs[-1][1].append(default)
            else:
                runs.append(([item], [default]))
        for run, defaults in runs:
            fields = [self._field(scope, item) for item in run]
            tests = [self._is_default(scope, item) for item in run if defaults and isinstance(item, Field)]
            if len(run) < _FIELDS_OF_A_RUN // 2 or not tests:
                self._add(fields)
                continue
            with self._source.block(f"if {' and '.join(tests)}"):
                self._source.line(f"text += {''.join(f'{text}{chr(0)}' for text in defaults)!r}")
            with self._source.block("else"):
                self._append(fields)
            self._count(len(fields))

    def _default_text(self, scope: Scope, item: Field | Fixed) -> str | None:
        """Return the text of a field that holds its default, or None when no default is known by its identity."""
        if isinstance(item, Fixed):
            return str(item.value)
        try:
            default = get_path(self._samples[scope.root], item.path)
            return item.scalar.encode_text(default) if type(item) is Field and is_constant(default) else None
        except (AttributeError, ValueError, TypeError):
            return None

    def _is_default(self, scope: Scope, item: Field) -> str:
        default = get_path(self._samples[scope.root], item.path)
        name = repr(default) if default is None or type(default) is bool else self._source.name("DEFAULT", default)
        return f"{scope.place(item.path)} is {name}"

    def _add(self, fields: list[str]) -> None:
        """Add fields, which are given as the inside of f-strings, and count them."""
        self._append(fields)
        self._count(len(fields))

    def _append(self, fields: list[str]) -> None:
        self._source.line("text += (")
        for field in fields:
            self._source.line(f'    f"{field}\\0"')
        self._source.line(")")

    def _count(self, number: int) -> None:
        if self._depth:
            self._source.line(f"n += {number}")
        else:
            self._always += number

    @contextmanager
    def _block(self, head: str) -> Iterator[None]:
        """Open a block that may be skipped or repeated."""
        with self._source.block(head):
            self._depth += 1
            yield
            self._depth -= 1

    def _field(self, scope: Scope, item: Field | Fixed) -> str:
        if isinstance(item, Fixed):
            return "{" + self._source.literal(str(item.value)) + "}" if item.value != "" else ""
        if isinstance(item, TwoWords):
            return self._value(item.scalar, f"join_words({scope.place(item.path)}, {scope.place(item.second)})")
        return self._value(item.scalar, scope.place(item.path))

    def _value(self, scalar: Scalar, value: str) -> str:
        self._holds_texts |= isinstance(scalar, scalars.Text)
        slow = f"{self._source.name(type(scalar).__name__, scalar)}.encode_text"
        return "{" + _WRITE.get(type(scalar), "{1}({0})").format(f"(v := {value})", slow) + "}"

    def _item(self, scope: Scope, item: Any) -> None:
        match item:
            case Given(items=items):
                with self._block(f"if {condition(scope, item)}"):
                    self._items(scope, items)
            case Many(path, Scalar() as scalar):
                with self._loop(scope.place(path)) as one:
                    self._add([self._value(scalar, one)])
            case Many(path, type() as element, items):
                with self._loop(scope.place(path)) as one:
                    self._element(one, element, items)
            case Maybe(path, items=items):
                with self._block(f"if {scope.place(path)} is not None"):
                    self._add(["1"])
                    self._items(scope, items)
                with self._block("else"):
                    self._add(["0"])
            case Variants(path, kind, cases):
                with self._loop(scope.place(path)) as one:
                    self._variants(f"{one}.{kind}", one, cases)
            case _:  # TagValues
                with self._loop(scope.place(item.path)) as one:
                    self._add([self._value(TEXT, f"{one}.tag"), self._value(TEXT, f"{one}.value")])

    @contextmanager
    def _loop(self, value: str) -> Iterator[str]:
        """Write the length of a list, and open a loop over its elements. Yields the variable of the element."""
        self._numbers += 1
        elements, one = f"list{self._numbers}", f"one{self._numbers}"
        self._source.line(f"{elements} = {value} or ()")
        self._add([f"{{len({elements})}}"])
        with self._block(f"for {one} in {elements}"):
            yield one

    def _element(self, one: str, cls: type, items: Layout) -> None:
        self._samples[one] = blank(cls)
        scope = Scope(self._source, one, paths(items))
        scope.take_parts()
        self._items(scope, items)

    def _variants(self, kind: str, one: str, cases: Mapping[int, tuple[type, Layout]]) -> None:
        self._add([f"{{{kind}}}"])
        for word, (value, (cls, items)) in zip(branches(), cases.items(), strict=False):
            with self._block(f"{word} {kind} == {value}"):
                self._element(one, cls, items)
        with self._block("else"):
            self._source.line("raise ValueError")
