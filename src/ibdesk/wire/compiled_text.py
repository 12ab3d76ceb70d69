"""The text codec as generated source: `text.decode` and `text.encode` of one layout, unrolled; not who calls it.

Fields whose place is known beforehand are unpacked together; from the first item on whose length depends on a value,
a variable keeps the place. `text` is the definition, and `compiled` says what comes after an exception.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from typing import Any

from ibdesk.model.contract import TagValue
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import scalars
from ibdesk.wire.catalogue import Description
from ibdesk.wire.compiled import Source, branches, dotted, fields_too_many, new, refuse_later, takes_its_fields
from ibdesk.wire.layout import ByHand, Field, Fixed, Given, Layout, Many, Maybe, Path, TagValues, Variants, blank, paths
from ibdesk.wire.scalars import INT, TEXT, Scalar
from ibdesk.wire.text import Fields

Decoder = Callable[[list[str], Counter[str]], Any]
"""The message of a list of fields. Counts what is too much; may change the list. Raises anything at a fault."""

Encoder = Callable[[Any], bytes]
"""The payload of a message. Raises anything at a fault."""

# The unset price is everywhere, and reading or writing its seventeen digits takes ten times as long as another's.
_UNSET_PRICE = str(UNSET_DOUBLE)
_UNSET_PRICES = frozenset({"", _UNSET_PRICE, "1.7976931348623157E308"})

# How each scalar is read and written, as an expression: {0} is the text, or the value at its first mention and `v`
# from then on; {1} is the scalar's own function, for what is rare.

_INT = "int({0}) if {0} else 0"  # 5.0 for 5 is left to the reference
_OPTIONAL_INT = "int({0}) if {0} else UNSET_INTEGER"
_FLOAT = "float({0}) if {0} else 0.0"
_OPTIONAL_FLOAT = "UNSET_DOUBLE if {0} in UNSET_PRICES else float({0})"
_BOOL = "{0} == '1' or ({0} != '0' and {0} != '' and {1}({0}))"

_READ: dict[type[Scalar], str] = {
    scalars.Int: _INT,
    scalars.IntText: _INT,
    scalars.OptionalInt: _OPTIONAL_INT,
    scalars.ShownInt: _OPTIONAL_INT,
    scalars.Float: _FLOAT,
    scalars.Strike: _FLOAT,
    scalars.Decimals: _FLOAT,
    scalars.OptionalFloat: _OPTIONAL_FLOAT,
    scalars.ShownFloat: _OPTIONAL_FLOAT,
    scalars.Size: "UNSET_DOUBLE if {0} in UNSET_SIZES else float({0})",
    scalars.Bool: _BOOL,
    scalars.ExplicitBool: _BOOL,
    scalars.OptionalBool: "True if {0} == '1' else False if {0} == '0' else {1}({0})",
    scalars.Text: "{0}",
    scalars.NumberText: "{0}",
}

_PLAIN_INT = "v if type({0}) is int else {1}(v)"
_PLAIN_FLOAT = "v if type({0}) is float and v - v == 0.0 else {1}(v)"  # neither nan nor infinite
_PLAIN_TEXT = "v if type({0}) is str else {1}(v)"

_WRITE: dict[type[Scalar], str] = {
    scalars.Int: _PLAIN_INT,
    scalars.IntText: _PLAIN_INT,
    scalars.OptionalInt: "'' if {0} == UNSET_INTEGER else v if type(v) is int else {1}(v)",
    scalars.ShownInt: _PLAIN_INT,
    scalars.Float: _PLAIN_FLOAT,
    scalars.Decimals: _PLAIN_FLOAT,
    scalars.ShownFloat: f"UNSET_PRICE if {{0}} == UNSET_DOUBLE else {_PLAIN_FLOAT.replace('{0}', 'v')}",
    scalars.OptionalFloat: f"'' if {{0}} == UNSET_DOUBLE else {_PLAIN_FLOAT.replace('{0}', 'v')}",
    scalars.Size: "'' if {0} == UNSET_DOUBLE else int(v) if type(v) is float and v.is_integer() else {1}(v)",
    scalars.Bool: "'1' if {0} else '0'",
    scalars.ExplicitBool: "'1' if {0} else '0'",
    scalars.Text: _PLAIN_TEXT,
    scalars.NumberText: _PLAIN_TEXT,
}

_WORLD = {
    "Fields": Fields,
    "TagValue": TagValue,
    "UNSET_DOUBLE": UNSET_DOUBLE,
    "UNSET_INTEGER": UNSET_INTEGER,
    "UNSET_PRICE": _UNSET_PRICE,
    "UNSET_PRICES": _UNSET_PRICES,
    "UNSET_SIZES": scalars.UNSET_SIZES,
    "fields_too_many": fields_too_many,
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
        _Writing(source, description.layout(version)).write(head)
    return source.function("encode")


class _Scope:
    """What the paths of a layout start from: the message or an element, in the variable `root`."""

    def __init__(self, source: Source, root: str, layout: Layout) -> None:
        self.source, self.root = source, root
        replaced = {item.path[0] for item in layout if isinstance(item, Maybe) and len(item.path) == 1}
        self._parts = sorted({path[0] for path in paths(layout) if len(path) > 1} - replaced)

    def take_parts(self) -> None:
        """Write the assignment of a variable to each part with several fields, which saves a look-up a field."""
        for name in self._parts:
            self.source.line(f"{self.root}_{name} = {self.root}.{name}")

    def place(self, path: Path) -> str:
        """The expression for a place."""
        if path[0] in self._parts:
            return dotted(f"{self.root}_{path[0]}", path[1:])
        return dotted(self.root, path)


def _test(scope: _Scope, item: Given) -> str:
    """The condition of a `Given`, on what its path holds by now."""
    value = scope.place(item.path)
    if item.test == "one_of":
        return f"{value} in ({''.join(scope.source.literal(one) + ', ' for one in item.values)})"
    if item.test == "positive":
        return f"(v := {value}) is not None and v != '' and v != UNSET_DOUBLE and v > 0"
    return value


def _expression(source: Source, table: Mapping[type[Scalar], str], scalar: Scalar, value: str) -> str:
    form = table.get(type(scalar), "{1}({0})")
    slow = f"{source.name(type(scalar).__name__, scalar)}.{'decode_text' if table is _READ else 'encode_text'}"
    return form.format(value if table is _READ else f"(v := {value})", slow)


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

    def write(self, start: int) -> None:
        """Write the whole body; the fields start at `start`."""
        line, name = self._source.line, self._description.name
        if all(isinstance(item, Fixed) or (isinstance(item, Field) and len(item.path) == 1) for item in self._layout):
            number = start + len(self._layout)
            line(f"extra = len(f) - {number}")
            with self._source.block("if extra > 0"):
                line(f"del f[{number}:]")
            targets = ["_"] * start + self._targets(self._layout)
            line(f"({', '.join(targets)},) = f" if targets else "() = f")
            line(f"m = {self._call(blank(self._description.cls), self._layout)}")
        else:
            scope = _Scope(self._source, "m", self._layout)
            line(f"m = {new(self._source, blank(self._description.cls))}")
            scope.take_parts()
            self._offset = start
            self._items(scope, self._layout)
            line(f"extra = len(f) - ({self._place})")
        with self._source.block("if extra"):
            line(f"oddities[fields_too_many({name!r}, {self._version}, extra)] += 1")
        line("return m")

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
        return _expression(self._source, _READ, scalar, value)

    def _call(self, sample: Any, items: Layout) -> str:
        """A call of the class of `sample` with what the fields hold, and with its defaults for the rest."""
        values = {
            item.path[0]: self._read(item.scalar, f"v{number}")
            for number, item in enumerate(items)
            if isinstance(item, Field)
        }
        cls = type(sample)
        arguments = (values.get(name) or new(self._source, getattr(sample, name)) for name in cls.__match_args__)
        return f"{self._source.name(cls.__name__, cls)}({', '.join(arguments)})"

    def _items(self, scope: _Scope, layout: Layout) -> None:
        for plain, group in groupby(layout, _is_plain):
            if plain:
                self._fields(scope, tuple(group))
                continue
            for item in group:
                self._settle()
                self._item(scope, item)

    def _fields(self, scope: _Scope, items: Layout) -> None:
        first = self._place
        self._offset += len(items)
        if len(items) == 1:
            self._source.line(f"{self._targets(items)[0]} = f[{first}]")
        else:
            self._source.line(f"({', '.join(self._targets(items))}) = f[{first} : {self._place}]")
        for number, item in enumerate(items):
            if isinstance(item, Field):
                self._source.line(f"{scope.place(item.path)} = {self._read(item.scalar, f'v{number}')}")

    def _item(self, scope: _Scope, item: Any) -> None:
        line, block = self._source.line, self._source.block
        match item:
            case Given(items=items):
                with block(f"if {_test(scope, item)}"):
                    self._items(scope, items)
                    self._settle()
            case Many(path, element, items):
                line(f"{scope.place(path)} = {self._list(element, items)}")
            case Maybe(path, element, items):
                number = self._count()
                with block(f"if {number}"):
                    line(f"{scope.place(path)} = {new(self._source, blank(element))}")
                    self._items(scope, items)
                    self._settle()
                with block("else"):
                    line(f"{scope.place(path)} = None")
            case Variants(path, _, cases):
                line(f"{scope.place(path)} = {self._variants(cases)}")
            case TagValues(path):
                line(f"{scope.place(path)} = [TagValue(tag, value) for tag, value in {self._rows(self._count(), 2)}]")
            case ByHand(read):
                name, by_hand = self._description.name, self._source.name("by_hand", read)
                line(f"fields = Fields(f, {name!r}, {self._version}, i)")
                line(f"{by_hand}(fields, {scope.root})")
                line("i = fields.index")
                scope.take_parts()

    # --- lists ---

    def _count(self) -> str:
        """Write the reading of a length, and return the variable that has it."""
        number = self._unique("n")
        self._source.line("v = f[i]")
        self._source.line("i += 1")
        self._source.line(f"{number} = {self._read(INT, 'v')}")
        with self._source.block(f"if not 0 <= {number} <= len(f) - i"):
            self._source.line("raise ValueError")
        return number

    def _rows(self, number: str, width: int) -> str:
        """Write the cutting out of rows of `width` fields, and return what runs through them."""
        self._source.line(f"rows = f[i : i + {number} * {width}]")
        with self._source.block(f"if len(rows) != {number} * {width}"):
            self._source.line("raise ValueError")
        self._source.line("i += len(rows)")
        self._source.line("rows = iter(rows)")
        return f"zip({', '.join(['rows'] * width)})"

    def _list(self, element: type | Scalar, items: Layout) -> str:
        """Write the reading of a list, and return the expression that makes it."""
        number = self._count()
        if isinstance(element, Scalar):
            return f"[{self._read(element, 'v0')} for (v0,) in {self._rows(number, 1)}]"
        is_flat = all(isinstance(item, Fixed) or (isinstance(item, Field) and len(item.path) == 1) for item in items)
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
        scope = _Scope(self._source, one, items)
        self._source.line(f"{one} = {new(self._source, blank(cls))}")
        scope.take_parts()
        self._items(scope, items)
        self._settle()
        self._source.line(f"{out}.append({one})")

    def _variants(self, cases: Mapping[int, tuple[type, Layout]]) -> str:
        number, out, kind = self._count(), self._unique("list"), self._unique("kind")
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
    """Writes the body of an encoder: `text` grows, and `n` counts its fields where that depends on values."""

    def __init__(self, source: Source, layout: Layout) -> None:
        self._source, self._layout = source, layout
        self._is_dynamic = not all(map(_is_plain, layout))
        self._holds_texts = False
        self._numbers = 0

    def write(self, head: bytes) -> None:
        """Write the whole body."""
        line = self._source.line
        line("text = ''")
        if self._is_dynamic:
            line("n = 0")
        scope = _Scope(self._source, "m", self._layout)
        scope.take_parts()
        self._items(scope, self._layout)
        if self._holds_texts:
            number = "n" if self._is_dynamic else str(len(self._layout))
            with self._source.block(f"if text.count('\\0') != {number}"):
                line("raise ValueError")
        line(f"return {head!r} + text.encode()")

    def _items(self, scope: _Scope, layout: Layout) -> None:
        for plain, group in groupby(layout, _is_plain):
            if plain:
                self._add([self._field(scope, item) for item in group])
            else:
                for item in group:
                    self._item(scope, item)

    def _add(self, fields: list[str]) -> None:
        """Add the fields that f-strings give."""
        line = self._source.line
        line("text += (")
        for field in fields:
            line(f'    f"{field}\\0"')
        line(")")
        if self._is_dynamic:
            line(f"n += {len(fields)}")

    def _field(self, scope: _Scope, item: Field | Fixed) -> str:
        if isinstance(item, Fixed):
            return "{" + self._source.literal(str(item.value)) + "}" if item.value != "" else ""
        return self._value(item.scalar, scope.place(item.path))

    def _value(self, scalar: Scalar, value: str) -> str:
        self._holds_texts |= isinstance(scalar, scalars.Text)
        return "{" + _expression(self._source, _WRITE, scalar, value) + "}"

    def _item(self, scope: _Scope, item: Any) -> None:
        block = self._source.block
        match item:
            case Given(items=items):
                with block(f"if {_test(scope, item)}"):
                    self._items(scope, items)
            case Many(path, Scalar() as scalar):
                with self._loop(scope.place(path)) as one:
                    self._add([self._value(scalar, one)])
            case Many(path, _, items):
                with self._loop(scope.place(path)) as one:
                    self._element(one, items)
            case Maybe(path, items=items):
                with block(f"if {scope.place(path)} is not None"):
                    self._add(["1"])
                    self._items(scope, items)
                with block("else"):
                    self._add(["0"])
            case Variants(path, kind, cases):
                with self._loop(scope.place(path)) as one:
                    self._variants(f"{one}.{kind}", one, cases)
            case TagValues(path):
                with self._loop(scope.place(path)) as one:
                    self._add([self._value(TEXT, f"{one}.tag"), self._value(TEXT, f"{one}.value")])
            case ByHand(write=write):
                with block(f"for v in {self._source.name('by_hand', write)}({scope.root})"):
                    self._add(["{v}"])

    @contextmanager
    def _loop(self, value: str) -> Iterator[str]:
        """Write the length of a list, and open the loop through its elements, in the variable that is given."""
        self._numbers += 1
        elements, one = f"list{self._numbers}", f"one{self._numbers}"
        self._source.line(f"{elements} = {value} or ()")
        self._add([f"{{len({elements})}}"])
        with self._source.block(f"for {one} in {elements}"):
            yield one

    def _element(self, one: str, items: Layout) -> None:
        scope = _Scope(self._source, one, items)
        scope.take_parts()
        self._items(scope, items)

    def _variants(self, kind: str, one: str, cases: Mapping[int, tuple[type, Layout]]) -> None:
        self._add([f"{{{kind}}}"])
        for word, (value, (_, items)) in zip(branches(), cases.items(), strict=False):
            with self._source.block(f"{word} {kind} == {value}"):
                self._element(one, items)
        with self._source.block("else"):
            self._source.line("raise ValueError")
