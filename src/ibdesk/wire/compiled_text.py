"""The text codec as generated source: `text.decode` and `text.encode`, unrolled for one layout.

This module writes the functions that decode, `compiled_text_writer` those that encode. Fields whose position is known
beforehand are unpacked together. From the first item on whose length depends on a value, a variable keeps the position.
`text` is the definition, and `compiled` says what happens when a function raises.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from itertools import groupby
from typing import Any

from ibdesk.model.contract import TagValue
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import scalars
from ibdesk.wire.catalogue import Description
from ibdesk.wire.compiled import (
    Scope,
    Source,
    branches,
    build,
    condition,
    count_excess,
    cut_excess,
    is_noun,
    is_plain,
    memory,
    new,
    refuse_later,
    takes_its_fields,
)
from ibdesk.wire.compiled_text_writer import Writing
from ibdesk.wire.layout import (
    Field,
    Fixed,
    Given,
    Layout,
    Many,
    Maybe,
    Path,
    TwoWords,
    Variants,
    blank,
    get_path,
    paths,
    weight,
)
from ibdesk.wire.scalars import INT, MOST_VALUES, PAIR, Scalar, join_words, split_words

Decoder = Callable[[list[str], Counter[str]], Any]
"""A function from the fields of a payload and the counter of oddities to the message.

The fields are the payload split at each NUL, so the last is an empty text. The function may change the list, counts
extra fields, and may raise anything.
"""

Taker = Callable[[Callable[..., None]], Decoder]
"""A function from one that takes the fields of a message to a decoder that gives them to it, and returns None."""

Encoder = Callable[[Any], bytes]
"""A function from a message to its payload, which may raise anything."""

_AS_IT_IS = (scalars.Text, scalars.Moment, scalars.NumberText, scalars.OptionalText)
"""Scalars whose text is the value."""

_REMEMBERED = (
    scalars.Int,
    scalars.IntText,
    scalars.ExplicitInt,
    scalars.OptionalInt,
    scalars.ShownInt,
    scalars.Float,
    scalars.OptionalFloat,
    scalars.ShownFloat,
    scalars.Strike,
    scalars.Size,
    scalars.Decimals,
    scalars.Bool,
    scalars.ExplicitBool,
    scalars.OptionalBool,
    scalars.Conjunction,
)
"""Scalars whose values are looked up by their text. Reading a number takes five times as long as looking it up."""

_NEW_EACH_TIME = frozenset({"conId", "orderId", "parentId", "permId"})
"""Whole numbers that are not looked up, because they differ in most messages."""

_WORLD = {
    "TagValue": TagValue,
    "UNSET_DOUBLE": UNSET_DOUBLE,
    "UNSET_INTEGER": UNSET_INTEGER,
    "UNSET_PRICE": str(UNSET_DOUBLE),
    "UNSET_SIZES": scalars.UNSET_SIZES,
    "count_excess": count_excess,
    "cut_excess": cut_excess,
    "join_words": join_words,
    "split_words": split_words,
}


@cache
def decoder(description: Description, version: int, start: int) -> Decoder:
    """Return the function that decodes a message. The first of its fields after the id has the number `start`."""
    source = Source(f"{description.name} v{version}, text to message")
    source.names |= _WORLD
    with source.block("def decode(f, oddities)"):
        _Reading(source, description, version).write(start)
    return source.function("decode")


@cache
def taker(description: Description, version: int, start: int) -> Taker | None:
    """Return what makes a decoder that passes the fields on without a message; None for what is no row of fields."""
    layout = description.layout(version)
    if not all((type(item) is Field and len(item.path) == 1) or isinstance(item, Fixed) for item in layout):
        return None
    source = Source(f"{description.name} v{version}, text to a call")
    source.names |= _WORLD
    with source.block("def make(take)"):
        with source.block("def decode(f, oddities)"):
            _Reading(source, description, version).write_call(start)
        source.line("return decode")
    return source.function("make")


def reader(description: Description, version: int, start: int, take: Callable[..., None] | None) -> Decoder:
    """Return the function that decodes a message or, if there is a `take`, passes its fields to that."""
    if take is not None and (make := taker(description, version, start)) is not None:
        return make(take)
    return decoder(description, version, start)


@cache
def encoder(description: Description, version: int, head: bytes) -> Encoder:
    """Return the function that encodes a message. `head` is what the payload has before its fields."""
    source = Source(f"{description.name} v{version}, message to text")
    source.names |= _WORLD
    with source.block("def encode(m)"):
        refuse_later(source, description, version)
        Writing(source, description, version).write(head)
    return source.function("encode")


class _Reading:
    """Writes the body of a decoder.

    In it `f` holds the fields, and `i` the position in them where it is not known beforehand.
    """

    def __init__(self, source: Source, description: Description, version: int) -> None:
        self._source, self._description, self._version = source, description, version
        self._layout = description.layout(version)
        self._variable = ""
        self._offset = 0
        self._numbers: Counter[str] = Counter()
        self._samples: dict[str, Any] = {}  # by variable: what its object holds before it is filled in
        self._written: set[str] = set()

    def write(self, start: int) -> None:
        """Write the whole body. The fields begin at `start` and end with the empty text after the last terminator."""
        line, layout, sample = self._source.line, self._layout, blank(self._description.cls)
        self._samples["m"] = sample
        if all(map(is_plain, layout)):  # three messages in four: unpack all fields in one statement
            self._unpack(start)
            missing = {item.path[0] for item in layout if isinstance(item, Field) and len(item.path) == 1}
            build(self._source, "m", sample, missing)
            self._values(self._scope("m", layout), layout, missing)
        else:
            build(self._source, "m", sample)
            self._offset = start
            self._items(self._scope("m", layout), layout)
            with self._source.block(f"if len(f) - 1 != {self._place}"):
                line(f"cut_excess(f, {self._place} + 1)")
            line("rest = f[-1]")
        self._count_excess()
        line("return m")

    def write_call(self, start: int) -> None:
        """Write a body that calls `take` with the fields of a row, in the order of those of the message."""
        self._unpack(start)
        self._count_excess()
        values = {
            item.path[0]: self._read_field(item, f"v{number}")
            for number, item in enumerate(self._layout)
            if isinstance(item, Field)
        }
        sample: Any = blank(self._description.cls)
        names = [each.name for each in fields(sample)]
        given = (values.get(name) or self._source.literal(getattr(sample, name)) for name in names)
        self._source.line(f"take({', '.join(given)})")

    def _unpack(self, start: int) -> None:
        number = start + len(self._layout) + 1
        with self._source.block(f"if len(f) != {number}"):
            self._source.line(f"cut_excess(f, {number})")
        self._source.line(f"({', '.join(['_'] * start + self._targets(self._layout) + ['rest'])},) = f")

    def _count_excess(self) -> None:
        with self._source.block("if rest"):
            self._source.line(f"count_excess(rest, oddities, {self._description.name!r}, {self._version})")

    def _scope(self, root: str, layout: Layout) -> Scope:
        """Return the scope of an object that `build` has made, with variables for its parts."""
        sample = self._samples[root]
        return Scope(self._source, root, (path for path in paths(layout) if is_noun(get_path(sample, path[:-1]))))

    # --- where we are ---

    @property
    def _place(self) -> str:
        if not self._variable:
            return str(self._offset)
        return f"{self._variable} + {self._offset}" if self._offset else self._variable

    def _settle(self) -> None:
        """Put the position into `i`, so that it has the same form before and after a branch or a loop."""
        if not self._variable or self._offset:
            self._source.line(f"i = {self._place}")
        self._variable, self._offset = "i", 0

    def _unique(self, name: str) -> str:
        self._numbers[name] += 1
        return f"{name}{self._numbers[name]}"

    # --- items ---

    @staticmethod
    def _targets(items: Iterable[Any]) -> list[str]:
        return ["_" if isinstance(item, Fixed) else f"v{number}" for number, item in enumerate(items)]

    def _read(self, scalar: Scalar, value: str) -> str:
        """Return the expression for the value of the text in the variable `value`."""
        if type(scalar) in _AS_IT_IS:
            return value
        name = type(scalar).__name__
        if type(scalar) is scalars.Escaped:
            return f"{value} if '\\\\' not in {value} else {self._source.name(name, scalar)}.decode_text({value})"
        if type(scalar) in _REMEMBERED:
            return f"{self._source.name(f'KNOWN_{name}', memory(scalar.decode_text))}[{value}]"
        return f"{self._source.name(name, scalar)}.decode_text({value})"

    def _call(self, sample: Any, items: Layout) -> str:
        """Return a call of the class of `sample` with the values of the fields, and its defaults for the rest."""
        values = {
            item.path[0]: self._read_once(item.scalar, f"v{number}")
            for number, item in enumerate(items)
            if isinstance(item, Field)
        }
        cls = type(sample)
        arguments = (values.get(name) or new(self._source, getattr(sample, name)) for name in cls.__match_args__)
        return f"{self._source.name(cls.__name__, cls)}({', '.join(arguments)})"

    def _read_once(self, scalar: Scalar, value: str) -> str:
        """Return what `_read` returns, for the rows of a list, whose sizes and averages rarely repeat."""
        if type(scalar) is scalars.Size:
            is_number = f"{value} not in UNSET_SIZES and '_' not in {value}"
            return f"float({value}) if {is_number} else {self._read(scalar, value)}"
        return self._read(scalar, value)

    def _items(self, scope: Scope, layout: Layout) -> None:
        for plain, group in groupby(layout, is_plain):
            if plain:
                self._fields(scope, tuple(group))
                continue
            for item in group:
                self._settle()
                self._item(scope, item)

    def _fields(self, scope: Scope, items: Layout) -> None:
        first = self._place
        self._offset += len(items)
        if len(items) == 1:
            self._source.line(f"{self._targets(items)[0]} = f[{first}]")
        else:
            self._source.line(f"({', '.join(self._targets(items))}) = f[{first} : {self._place}]")
        self._values(scope, items)

    def _values(self, scope: Scope, items: Layout, missing: Collection[str] = ()) -> None:
        """Write the assignment of fields that are in variables.

        An empty field is skipped where the default means the same.
        """
        for number, item in enumerate(items):
            if not isinstance(item, Field):
                continue
            place, value = scope.place(item.path), f"v{number}"
            if isinstance(item, TwoWords):
                self._source.line(f"{place} = {value}")
                with self._source.block(f"if {value} and not {value}.isdigit()"):
                    self._source.line(f"{place}, rest = split_words({value})")
                    with self._source.block("if rest"):
                        self._source.line(f"{scope.place(item.second)} = rest")
                continue
            if item.path[0] in missing:  # the object was made without this attribute, so it must be set
                self._source.line(f"{place} = {self._read_field(item, value)}")
                continue
            test = " and ".join(f"{value} != {text!r}" for text in ("0", "") if self._is_default(scope, item, text))
            statement = f"{place} = {self._read_field(item, value)}"
            self._source.line(f"if {test}: {statement}" if test else statement)
            self._written.add(place)

    def _read_field(self, item: Field, value: str) -> str:
        """Return what `_read` returns, for a field of the message itself."""
        if item.path[-1] in _NEW_EACH_TIME and isinstance(item.scalar, scalars.Int):
            return f"int({value}) if {value}.isdigit() else {self._read(item.scalar, value)}"
        return self._read(item.scalar, value)

    def _is_default(self, scope: Scope, item: Field, text: str) -> bool:
        """Return whether the place already holds the value of a field with this text."""
        if type(item.scalar) in _AS_IT_IS or scope.place(item.path) in self._written:
            return False
        try:
            default = get_path(self._samples[scope.root], item.path)
            return repr(default) == repr(item.scalar.decode_text(text))
        except (AttributeError, ValueError):
            return False

    def _item(self, scope: Scope, item: Any) -> None:
        line, block = self._source.line, self._source.block
        match item:
            case Given(items=items):
                with block(f"if {condition(scope, item)}"):
                    self._items(scope, items)
                    self._settle()
            case Many(path, element, items):
                with self._elements(scope, path, "[]", weight(element)) as (place, number):
                    line(f"{place} = {self._list(number, element, items)}")
            case Maybe(path, element, items):
                with self._elements(scope, path, "None", 1) as (place, number), block(f"if {number}"):
                    line(f"{place} = {new(self._source, blank(element))}")
                    self._items(scope, items)
                    self._settle()
            case Variants(path, _, cases):
                values = max(weight(cls) for cls, _ in cases.values())
                with self._elements(scope, path, "[]", values) as (place, number):
                    line(f"{place} = {self._variants(number, cases)}")
            case _:  # TagValues
                with self._elements(scope, item.path, "[]", PAIR) as (place, number):
                    line(f"{place} = [TagValue(tag, value) for tag, value in {self._rows(number, 2)}]")

    # --- lists ---

    @contextmanager
    def _elements(self, scope: Scope, path: Path, nothing: str, values: int) -> Iterator[tuple[str, str]]:
        """Write the reading of a list's length, and open a block for when it is not 0. In most messages it is 0.

        Yields the expression of the place and the variable of the length. `nothing` is what an empty list leaves there,
        and an element consists of `values` values.
        """
        place, number = scope.place(path), self._unique("n")
        line, block = self._source.line, self._source.block
        line("v = f[i]")
        line("i += 1")
        if place in self._written or repr(get_path(self._samples[scope.root], path)) != nothing:
            line(f"{place} = {nothing}")
        self._written.add(place)
        with block("if v != '0'"):
            line(f"{number} = {self._read(INT, 'v')}")
            with block(f"if not 0 <= {number} < len(f) - i or {number} > {MOST_VALUES // values}"):
                line("raise ValueError")
            yield place, number

    def _rows(self, number: str, width: int) -> str:
        """Write the cutting out of rows of `width` fields, and return the expression that iterates over them."""
        self._source.line(f"rows = f[i : i + {number} * {width}]")
        self._source.line("i += len(rows)")
        with self._source.block(f"if len(rows) != {number} * {width} or i == len(f)"):
            self._source.line("raise ValueError")
        self._source.line("rows = iter(rows)")
        return f"zip({', '.join(['rows'] * width)})"

    def _list(self, number: str, element: type | Scalar, items: Layout) -> str:
        """Write the reading of a list, and return the expression that makes it."""
        if isinstance(element, Scalar):
            return f"[{self._read(element, 'v0')} for (v0,) in {self._rows(number, 1)}]"
        is_flat = all(isinstance(item, Fixed) or (type(item) is Field and len(item.path) == 1) for item in items)
        if items and is_flat and takes_its_fields(element):
            call = self._call(blank(element), items)
            return f"[{call} for ({', '.join(self._targets(items))},) in {self._rows(number, len(items))}]"
        out = self._unique("list")
        self._source.line(f"{out} = []")
        with self._source.block(f"for _ in range({number})"):
            self._element(out, element, items)
        return out

    def _element(self, out: str, cls: type, items: Layout) -> None:
        one = self._unique("one")
        self._samples[one] = blank(cls)
        build(self._source, one, self._samples[one])
        scope = self._scope(one, items)
        self._items(scope, items)
        self._settle()
        self._source.line(f"{out}.append({one})")

    def _variants(self, number: str, cases: Mapping[int, tuple[type, Layout]]) -> str:
        out, kind = self._unique("list"), self._unique("kind")
        self._source.line(f"{out} = []")
        with self._source.block(f"for _ in range({number})"):
            self._source.line("v = f[i]")
            self._source.line("i += 1")
            self._source.line(f"{kind} = {self._read(INT, 'v')}")
            for word, (value, (cls, items)) in zip(branches(), cases.items(), strict=False):
                with self._source.block(f"{word} {kind} == {value}"):
                    self._element(out, cls, items)
            with self._source.block("else"):
                self._source.line("raise ValueError")
        return out
