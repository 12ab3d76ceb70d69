"""The text codec as generated source: `text.decode` and `text.encode` of one layout, unrolled; not who calls it.

Fields whose place is known beforehand are unpacked together; from the first item on whose length depends on a value,
a variable keeps the place. `text` is the definition, and `compiled` says what comes after an exception.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
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
    count_excess,
    cut_excess,
    is_constant,
    is_noun,
    memory,
    new,
    refuse_later,
    takes_its_fields,
)
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
from ibdesk.wire.scalars import INT, MOST_VALUES, PAIR, TEXT, Scalar, join_words, split_words

Decoder = Callable[[list[str], Counter[str]], Any]
"""The message of a payload split at each NUL, so that nothing is left for the last field. Counts what is too much; may
change the list. Raises anything at a fault."""

Encoder = Callable[[Any], bytes]
"""The payload of a message. Raises anything at a fault."""

_UNSET_PRICE = str(UNSET_DOUBLE)

_FIELDS_OF_A_RUN = 8
"""So many fields are looked at together, to write them at once when all are at their defaults."""

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
"""Scalars whose values are looked up by their text. To read a number takes five times as long as to find it again."""

_NEW_EACH_TIME = frozenset({"conId", "orderId", "parentId", "permId"})
"""Whole numbers that are not looked up, because most messages have another."""

# How each scalar is written, as an expression: {0} is the value at its first mention and `v` from then on; {1} is the
# scalar's own function, for what is rare.

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

_WORLD = {
    "TagValue": TagValue,
    "UNSET_DOUBLE": UNSET_DOUBLE,
    "UNSET_INTEGER": UNSET_INTEGER,
    "UNSET_PRICE": _UNSET_PRICE,
    "UNSET_SIZES": scalars.UNSET_SIZES,
    "count_excess": count_excess,
    "cut_excess": cut_excess,
    "join_words": join_words,
    "split_words": split_words,
}


@cache
def decoder(description: Description, version: int, start: int) -> Decoder:
    """The function that decodes a message's fields, of which number `start` is the first one after the id."""
    source = Source(f"{description.name} v{version}, text to message")
    source.names |= _WORLD
    with source.block("def decode(f, oddities)"):
        _Reading(source, description, version).write(start)
    return source.function("decode")


@cache
def encoder(description: Description, version: int, head: bytes) -> Encoder:
    """The function that encodes a message; `head` is what stands before its fields."""
    source = Source(f"{description.name} v{version}, message to text")
    source.names |= _WORLD
    with source.block("def encode(m)"):
        refuse_later(source, description, version)
        _Writing(source, description, version).write(head)
    return source.function("encode")


def _test(scope: Scope, item: Given) -> str:
    """The condition of a `Given`, on what its path holds by now."""
    value = scope.place(item.path)
    if item.test == "one_of":
        return f"{value} in ({''.join(scope.source.literal(one) + ', ' for one in item.values)})"
    if item.test == "positive":
        return f"(v := {value}) is not None and v != '' and v > 0 and float(v) != UNSET_DOUBLE"
    return value


def _is_plain(item: Any) -> bool:
    return isinstance(item, Field | Fixed)


class _Reading:
    """Writes the body of a decoder: `f` holds the fields, `i` the place in them where it is not known beforehand."""

    def __init__(self, source: Source, description: Description, version: int) -> None:
        self._source, self._description, self._version = source, description, version
        self._layout = description.layout(version)
        self._variable = ""
        self._offset = 0
        self._numbers: Counter[str] = Counter()
        self._samples: dict[str, Any] = {}  # by variable: what its object holds before it is filled in
        self._written: set[str] = set()

    def write(self, start: int) -> None:
        """Write the whole body; the fields start at `start`, and end with the nothing after the last terminator."""
        line, layout, sample = self._source.line, self._layout, blank(self._description.cls)
        self._samples["m"] = sample
        if all(map(_is_plain, layout)):
            number = start + len(layout) + 1
            with self._source.block(f"if len(f) != {number}"):
                line(f"cut_excess(f, {number})")
            line(f"({', '.join(['_'] * start + self._targets(layout) + ['rest'])},) = f")
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
        with self._source.block("if rest"):
            line(f"count_excess(rest, oddities, {self._description.name!r}, {self._version})")
        line("return m")

    def _scope(self, root: str, layout: Layout) -> Scope:
        """The scope of an object that `build` has made, with the variables of its parts."""
        sample = self._samples[root]
        return Scope(self._source, root, (path for path in paths(layout) if is_noun(get_path(sample, path[:-1]))))

    # --- where we are ---

    @property
    def _place(self) -> str:
        if not self._variable:
            return str(self._offset)
        return f"{self._variable} + {self._offset}" if self._offset else self._variable

    def _settle(self) -> None:
        """Put the place into `i`, so that a branch or a loop leaves it in the same form as it came."""
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
        """The expression of what the text in the variable `value` means."""
        if type(scalar) in _AS_IT_IS:
            return value
        name = type(scalar).__name__
        if type(scalar) is scalars.Escaped:
            return f"{value} if '\\\\' not in {value} else {self._source.name(name, scalar)}.decode_text({value})"
        if type(scalar) in _REMEMBERED:
            return f"{self._source.name(f'KNOWN_{name}', memory(scalar.decode_text))}[{value}]"
        return f"{self._source.name(name, scalar)}.decode_text({value})"

    def _call(self, sample: Any, items: Layout) -> str:
        """A call of the class of `sample` with what the fields hold, and with its defaults for the rest."""
        values = {
            item.path[0]: self._read_once(item.scalar, f"v{number}")
            for number, item in enumerate(items)
            if isinstance(item, Field)
        }
        cls = type(sample)
        arguments = (values.get(name) or new(self._source, getattr(sample, name)) for name in cls.__match_args__)
        return f"{self._source.name(cls.__name__, cls)}({', '.join(arguments)})"

    def _read_once(self, scalar: Scalar, value: str) -> str:
        """The same for the rows of a list, where sizes and averages are others each time."""
        if type(scalar) is scalars.Size:
            is_number = f"{value} not in UNSET_SIZES and '_' not in {value}"
            return f"float({value}) if {is_number} else {self._read(scalar, value)}"
        return self._read(scalar, value)

    def _items(self, scope: Scope, layout: Layout) -> None:
        for plain, group in groupby(layout, _is_plain):
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
        """Write the assignment of fields that are in variables. An empty one leaves a default that means the same."""
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
            if item.path[0] in missing:
                self._source.line(f"{place} = {self._read_field(item, value)}")
                continue
            test = " and ".join(f"{value} != {text!r}" for text in ("0", "") if self._is_default(scope, item, text))
            statement = f"{place} = {self._read_field(item, value)}"
            self._source.line(f"if {test}: {statement}" if test else statement)
            self._written.add(place)

    def _read_field(self, item: Field, value: str) -> str:
        """The same for a field of the message itself, not of a list."""
        if item.path[-1] in _NEW_EACH_TIME and isinstance(item.scalar, scalars.Int):
            return f"int({value}) if {value}.isdigit() else {self._read(item.scalar, value)}"
        return self._read(item.scalar, value)

    def _is_default(self, scope: Scope, item: Field, text: str) -> bool:
        """Does the place hold already what a field with this text means?"""
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
                with block(f"if {_test(scope, item)}"):
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
        """Write the reading of a length, and open a block for when it is not 0: for most messages it is.

        Gives the expression of the place and the variable with the length. `nothing` is what an empty list leaves, and
        an element is so many `values`.
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
        """Write the cutting out of rows of `width` fields, and return what runs through them."""
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


class _Writing:
    """Writes the body of an encoder: `text` grows, and `n` counts those of its fields that depend on values."""

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
        if self._holds_texts:
            with self._source.block(f"if text.count('\\0') != n + {self._always}"):
                line("raise ValueError")
        line(f"return {head!r} + text.encode()")

    def _items(self, scope: Scope, layout: Layout) -> None:
        for plain, group in groupby(layout, _is_plain):
            if plain:
                self._fields(scope, list(group))
            else:
                for item in group:
                    self._item(scope, item)

    def _fields(self, scope: Scope, items: list[Any]) -> None:
        """Write fields out, several at once where all are at their defaults."""
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
        """How a field is written whose value is the default, if it has one that can be known by its identity."""
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
        """Add the fields that f-strings give."""
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
        """A block that may be left out, or come more than once."""
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
                with self._block(f"if {_test(scope, item)}"):
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
        """Write the length of a list, and open the loop through its elements, in the variable that is given."""
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
