"""Writes the source that decodes records from protobuf, one function for each record.

A peer sends tags in ascending order. So a reader compares the next key with one known key after the other, and starts
again from the first only when keys come out of order. `protobuf.decode` is the definition.

Counting the elements of lists would take a twentieth of the time of reading bars. So only a message that is long enough
for more than `MOST_VALUES` values is looked at before it is read: how often can the keys of its lists occur in it,
whatever else those bytes may be? If that is too often, the reader raises, and the reference codec counts exactly.
"""

import struct
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import fields
from typing import Any

from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import scalars
from ibdesk.wire.compiled import (
    RecordFunctions,
    Scope,
    Source,
    branches,
    build,
    dotted,
    inner_records,
    is_noun,
    memory,
)
from ibdesk.wire.layout import (
    Embed,
    Field,
    Pairs,
    Path,
    Record,
    Repeat,
    RepeatTogether,
    RepeatVariants,
    TwoWords,
    blank,
    fields_of,
    get_path,
    weight,
)
from ibdesk.wire.protobuf import read_pair, read_tags, read_varint
from ibdesk.wire.scalars import (
    BYTES,
    FIXED64,
    MOST_UNKNOWN,
    MOST_VALUES,
    PAIR,
    VARINT,
    Scalar,
    encode_varint,
    split_words,
)

_FIXED32 = 5
_LONG_KEY = 1 << 14  # keys from here on have three bytes and more; no known tag is that high
_LAST_SHORT_TAG = 15  # the highest tag whose key has one byte
_KEYS_OF_A_GROUP = 12  # so many keys are passed over at once when the next key is above them
_SHORTEST_RUN = 3  # so many doubles in a row, or more, are unpacked at once

# The expression for the value of each scalar: {0} is its raw value and {1} the scalar itself, for rare cases.

_READ: dict[type[Scalar], str] = {
    scalars.Int: "{0}",
    scalars.ExplicitInt: "{0}",
    scalars.OptionalInt: "{0}",
    scalars.ShownInt: "{0}",
    scalars.Float: "{0}",
    scalars.OptionalFloat: "{0}",
    scalars.ShownFloat: "{0}",
    scalars.Strike: "{0}",
    scalars.Bool: "{0} != 0",
    scalars.ExplicitBool: "{0} != 0",
    scalars.OptionalBool: "{0} != 0",
    scalars.Conjunction: "'a' if {0} else 'o'",
    scalars.Text: "{0}.decode()",
    scalars.Moment: "{0}.decode()",
    scalars.Escaped: "{0}.decode()",
    scalars.OptionalText: "{0}.decode()",
}

_REMEMBERED = (scalars.Size, scalars.Decimals, scalars.IntText)
"""Scalars whose values are looked up by their raw text."""

_INTS = (scalars.Int, scalars.ExplicitInt, scalars.OptionalInt, scalars.ShownInt)


def _skip(data: bytes, pos: int, key: int, known: Collection[int], unknown: list[int]) -> int:
    """Pass over the field of an unknown key, and return where the next field begins."""
    if key >= _LONG_KEY:
        key, pos = read_varint(data, pos - 2)
    tag, wire_type = key >> 3, key & 7
    if not tag or tag in known or len(unknown) >= MOST_UNKNOWN:
        raise ValueError
    unknown.append(tag)
    if wire_type == VARINT:
        return read_varint(data, pos)[1]
    if wire_type == BYTES:
        length, pos = read_varint(data, pos)
        return pos + length
    return pos + {FIXED64: 8, _FIXED32: 4}[wire_type]


def _large(data: bytes, pos: int) -> tuple[int, int]:
    """Return what `read_varint` returns, faster for a number of three to five bytes: an id, or the length of texts."""
    low, third = data[pos] + (data[pos + 1] << 7) - 0x4080, data[pos + 2]
    if third < 128:
        return low + (third << 14), pos + 3
    fourth = data[pos + 3]
    if fourth < 128:
        return low + (third - 128 << 14) + (fourth << 21), pos + 4
    fifth = data[pos + 4]
    if fifth < 128:
        return low + (third - 128 << 14) + (fourth - 128 << 21) + (fifth << 28), pos + 5
    return read_varint(data, pos)


def _kind_of(raw: bytes, kind: int) -> Any:
    return next((value for tag, _, value in read_tags(raw) if tag == kind), 0)


WORLD = {
    "UNSET_DOUBLE": UNSET_DOUBLE,
    "UNSET_SIZES": frozenset(size.encode() for size in scalars.UNSET_SIZES),
    "kind_of": _kind_of,
    "read_pair": read_pair,
    "large": _large,
    "skip": _skip,
    "split_words": split_words,
    "unpack": struct.Struct("<d").unpack_from,
}
"""The names that the generated source uses."""


def _keys(tag: int, item: Any) -> tuple[int, ...]:
    """Return the keys with which an item may come. A list of numbers may also be packed behind one key."""
    scalar = item.scalar if isinstance(item, Field) else item.record if isinstance(item, Repeat) else None
    if not isinstance(scalar, Scalar):
        return (tag << 3 | BYTES,)
    key = tag << 3 | scalar.wire_type
    return (key, tag << 3 | BYTES) if isinstance(item, Repeat) and scalar.wire_type != BYTES else (key,)


class _Variables(Scope):
    """Variables for the fields of a row that is not made into an object."""

    def place(self, path: Path) -> str:
        """Return the variable of a field."""
        return f"{self.root}_{path[0]}"


def is_row(record: Record) -> bool:
    """Return whether a record has nothing but fields of its own."""
    return all(type(item) is Field and len(item.path) == 1 for item in record.tags.values())


class Reading(RecordFunctions):
    """Writes the functions that decode: `data` from `pos` to `end` is read into an object `t`."""

    verb = "read"

    def __init__(self, source: Source, record: Record) -> None:
        super().__init__(source)
        self._rows = _rows(record)
        self._scope = Scope(source, "t", ())
        self._ending: tuple[str, ...] = ("return",)

    def decoder(self, record: Record, start: int, ending: str) -> None:
        """Write the function `decode(data, oddities)`, which makes the message itself.

        It reads from `start` on, and runs the line `ending` at the end.
        """
        for inner in inner_records(record):
            self.function(inner)
        with self._source.block("def decode(data, oddities)"):
            self._source.line(f"pos, end, unknown = {start}, len(data), []")
            self._bound(record)
            build(self._source, "t", blank(record.cls))
            self.write_exceptions("t", record)
            self._ending = (ending, "return t")
            self._begin(record)
            self._read_tags("decode", record)

    def taker(self, record: Record, start: int, ending: str) -> None:
        """Write the function `make(take)`, whose result calls `take` with the fields of a row instead of making it."""
        line, sample = self._source.line, blank(record.cls)
        values = {each.name: getattr(sample, each.name) for each in fields(sample)}
        values |= {path[0]: value for path, value in record.exceptions.items()}
        scope = _Variables(self._source, "t", ())
        variables = [scope.place((name,)) for name in values]
        with self._source.block("def make(take)"):
            with self._source.block("def decode(data, oddities)"):
                line(f"pos, end, unknown = {start}, len(data), []")
                for variable, value in zip(variables, values.values(), strict=True):
                    line(f"{variable} = {self._source.literal(value)}")
                self._ending = (ending, f"return take({', '.join(variables)})")
                self._begin(record)
                self._scope = scope
                self._read_tags("decode", record)
            line("return decode")

    def _bound(self, record: Record) -> None:
        """Write the check of a message that is long enough to hold too many values."""
        lists, line = Lists(record), self._source.line
        if lists.values_a_byte:
            bound = self._source.name("most_values", lists.most_values)
            with self._source.block(
                f"if end > {int(MOST_VALUES / lists.values_a_byte)} and {bound}(data) > {MOST_VALUES}"
            ):
                line("raise ValueError")

    def write_exceptions(self, one: str, record: Record) -> None:
        """Write what missing tags stand for in the object `one`, where that is not the default."""
        for path, value in record.exceptions.items():
            self._source.line(f"{dotted(one, path)} = {self._source.literal(value)}")

    def _write(self, name: str, record: Record) -> None:
        with self._source.block(f"def {name}(data, pos, end, t, unknown)"):
            self._ending = ("return",)
            self._begin(record)
            self._scope.take_parts()
            self._read_tags(name, record)

    def _begin(self, record: Record) -> None:
        sample = blank(record.cls)
        places = [path for item in record.tags.values() for path in _places(item)]
        self._scope = Scope(self._source, "t", (path for path in places if is_noun(get_path(sample, path[:-1]))))
        self._is_row = record in self._rows
        self._is_short = max(record.tags, default=0) <= _LAST_SHORT_TAG

    def _read_tags(self, name: str, record: Record) -> None:
        # In the loop, every known key is tried once in ascending order. A known key that is left came out of order, so
        # the loop begins again; any other is unknown. Groups let a reader jump over many keys that did not come.
        line, block = self._source.line, self._source.block
        items = [(key, item) for tag, item in record.tags.items() for key in _keys(tag, item)]
        keys = self._source.name(f"keys_{name}", frozenset(key for key, _ in items))
        tags = self._source.name(f"tags_{name}", frozenset(record.tags))
        runs = _runs(items)
        self._next_key()
        with block("while True"):
            for first in range(0, len(items), _KEYS_OF_A_GROUP):
                group = items[first : first + _KEYS_OF_A_GROUP]
                with block(f"if key <= {group[-1][0]}") if len(items) > _KEYS_OF_A_GROUP else nullcontext():
                    for number, (key, item) in enumerate(group, first):
                        if number in runs:
                            self._run(items[number : runs[number]])
                        self._item(key, item)
            with block(f"if key in {keys}"):
                line("continue")
            if self._is_short:
                self._long_key()
            line(f"pos = skip(data, pos, key, {tags}, unknown)")
            self._next_key()

    def _next_key(self) -> None:
        line, block = self._source.line, self._source.block
        with block("if pos >= end"):
            with block("if pos > end"):
                line("raise ValueError")
            for statement in self._ending:
                line(statement)
        line("key = data[pos]")
        line("pos += 1")
        if not self._is_short:
            self._long_key()

    def _long_key(self) -> None:
        """Write the reading of the second byte of a key, where there is one.

        No key of one byte can be mistaken for the first of two, which is above 127.
        """
        with self._source.block("if key > 127"):
            self._source.line("key += (data[pos] << 7) - 128")
            self._source.line("pos += 1")

    def _number(self, *, is_signed: bool = False) -> None:
        """Write the reading of a number into `v`. Most numbers have one byte, and most others two."""
        line, block = self._source.line, self._source.block
        line("v = data[pos]")
        line("pos += 1")
        with block("if v > 127"):
            with block("if data[pos] < 128"):
                line("v += (data[pos] << 7) - 128")
                line("pos += 1")
            with block("else"):
                line("v, pos = large(data, pos - 1)")
                if is_signed:
                    line("v -= v >> 63 << 64")

    def _run(self, items: list[tuple[int, Any]]) -> None:
        """Write the reading of doubles that follow each other, all at once."""
        line, numbers = self._source.line, range(1, len(items))
        form = struct.Struct("<d" + "Bd" * len(numbers))
        targets = "v0, " + ", ".join(f"key{number}, v{number}" for number in numbers)
        tests = " and ".join(f"key{number} == {items[number][0]}" for number in numbers)
        with self._source.block(f"if key == {items[0][0]} and pos + {form.size} <= end"):
            line(f"{targets} = {self._source.name('unpack_run', form.unpack_from)}(data, pos)")
            with self._source.block(f"if {tests}"):
                for number, (_, item) in enumerate(items):
                    line(f"{self._scope.place(item.path)} = v{number}")
                line(f"pos += {form.size}")
                self._next_key()

    def _item(self, key: int, item: Any) -> None:
        line, place = self._source.line, self._scope.place
        comes_again = isinstance(item, Repeat | RepeatVariants | Pairs)
        with self._source.block(f"{'while' if comes_again else 'if'} key == {key}"):
            match item:
                case TwoWords(path, scalar, second):
                    line(f"{place(path)}, v = split_words({self._scalar(scalar)})")
                    with self._source.block("if v"):
                        line(f"{place(second)} = v")
                case Field(path, scalar):
                    line(f"{place(path)} = {self._scalar(scalar)}")
                case Repeat(path, Scalar() as scalar) if key & 7 == scalar.wire_type:
                    self._append(place(path), self._scalar(scalar))
                case _:
                    self._number()
                    line("stop = pos + v")
                    self._message(item)
                    line("pos = stop")
            self._next_key()

    def _append(self, place: str, value: str) -> None:
        """Write the addition of a value to the list at `place`."""
        self._source.line(f"list_ = {place}")
        with self._source.block("if not list_"):
            self._source.line(f"list_ = {place} = []")
        self._source.line(f"list_.append({value})")

    def _scalar(self, scalar: Scalar) -> str:
        """Write the reading of a raw value, and return the expression for its value."""
        line, kind = self._source.line, type(scalar)
        name = self._source.name(kind.__name__, scalar)
        form = _READ.get(kind, "{1}.decode_tag({0})")
        if scalar.wire_type == FIXED64:
            line("pos += 8")
            return form.format("unpack(data, pos - 8)[0]", name)
        self._number(is_signed=kind in _INTS)
        if scalar.wire_type == VARINT:
            return form.format("v", name)
        line("pos += v")
        if kind is scalars.Size and self._is_row:  # those of bars and ticks rarely repeat, so remembering them costs
            line("raw = data[pos - v : pos]")
            is_set = f"(0 < v < {scalars.SHORTEST_UNSET_SIZE} or raw not in UNSET_SIZES)"
            return f"float(raw) if {is_set} and {ord('_')} not in raw else {name}.decode_tag(raw)"
        if kind in _REMEMBERED:
            return f"{self._source.name(f'KNOWN_{kind.__name__}', memory(scalar.decode_tag))}[data[pos - v : pos]]"
        return form.format("data[pos - v : pos]", name)

    def _message(self, item: Any) -> None:
        """Write the reading of what is between `pos` and `stop`."""
        line, block, place = self._source.line, self._source.block, self._scope.place
        match item:
            case Embed((), inner):
                self._read("t", inner)
            case Embed(path, inner):
                self._embedded(place(path), inner)
            case RepeatTogether(path, Record() as inner, others):
                self._element(inner)
                for at, name in zip((path, *others), fields_of(inner.cls), strict=True):
                    self._append(place(at), f"one.{name}")
            case Repeat(path, Scalar() as scalar):
                with block("while pos < stop"):
                    self._append(place(path), self._scalar(scalar))
                with block("if pos != stop"):
                    line("raise ValueError")
            case Repeat(path, Record() as inner):
                self._element(inner)
                self._append(place(path), "one")
            case RepeatVariants(path, kind, cases):
                line(f"kind = kind_of(data[pos:stop], {kind})")
                for word, (value, case) in zip(branches(), cases.items(), strict=False):
                    with block(f"{word} kind == {value}"):
                        self._element(case)
                        self._append(place(path), "one")
                with block("else"):
                    line("raise ValueError")
            case _:  # Pairs
                self._append(place(item.path), "read_pair(data[pos:stop])")

    def _embedded(self, place: str, inner: Record) -> None:
        self._source.line(f"part = {place}")
        with self._source.block("if part is None"):
            build(self._source, "part", blank(inner.cls))
            self._source.line(f"{place} = part")
        self.write_exceptions("part", inner)
        self._read("part", inner)

    def _element(self, inner: Record) -> None:
        build(self._source, "one", blank(inner.cls))
        self.write_exceptions("one", inner)
        self._read("one", inner)

    def _read(self, target: str, inner: Record) -> None:
        self._source.line(f"{self.function(inner)}(data, pos, stop, {target}, unknown)")


class Lists:
    """The lists in a message, at any depth, and how many values they can hold in a number of bytes."""

    def __init__(self, record: Record) -> None:
        self._weights: dict[bytes, int] = {}
        self._width = 0.0
        """How many values of packed numbers one byte can hold."""
        self._collect(record)
        # An element has a key and a length, of one byte each at least.
        self.values_a_byte: float = max([self._width, *(each / 2 for each in self._weights.values())])

    def _collect(self, record: Record) -> None:
        for tag, item in record.tags.items():
            match item:
                case Repeat(record=Scalar() as scalar) if scalar.wire_type != BYTES:
                    self._width = max(self._width, 1.0 if scalar.wire_type == VARINT else 1 / 8)
                    self._enter(_keys(tag, item)[0], weight(scalar))
                case Repeat(record=Scalar() as scalar):
                    self._enter(tag << 3 | BYTES, weight(scalar))
                case Repeat(record=Record() as inner):
                    self._enter(tag << 3 | BYTES, weight(inner.cls))
                case RepeatVariants(cases=cases):
                    self._enter(tag << 3 | BYTES, max(weight(inner.cls) for inner in cases.values()))
                case Pairs():
                    self._enter(tag << 3 | BYTES, PAIR)
        for inner in inner_records(record):
            self._collect(inner)

    def _enter(self, key: int, values: int) -> None:
        """Note a key in both of its spellings: readers accept a key of one byte in two bytes as well."""
        for spelling in {encode_varint(key), bytes((key & 127 | 128, key >> 7))}:
            self._weights[spelling] = max(values, self._weights.get(spelling, 0))

    def most_values(self, data: bytes) -> float:
        """Return how many values a message can hold at most."""
        return len(data) * self._width + sum(data.count(key) * values for key, values in self._weights.items())


def _places(item: Any) -> list[Path]:
    """Return the places that an item fills in."""
    more = (item.second,) if isinstance(item, TwoWords) else getattr(item, "others", ())
    return [path for path in (item.path, *more) if path]


def _rows(record: Record) -> set[Record]:
    """Return the records inside this one, at any depth, that are elements of lists."""
    rows = {
        item.record for item in record.tags.values() if isinstance(item, Repeat) and isinstance(item.record, Record)
    }
    return rows.union(*map(_rows, inner_records(record)))


def _runs(items: list[tuple[int, Any]]) -> dict[int, int]:
    """Return where doubles with keys of one byte follow each other: number of the first -> number after the last."""
    runs: dict[int, int] = {}
    first = 0
    for number in range(len(items) + 1):
        if number < len(items) and _is_double(*items[number]):
            continue
        if number - first >= _SHORTEST_RUN:
            runs[first] = number
        first = number + 1
    return runs


def _is_double(key: int, item: Any) -> bool:
    return key < 128 and type(item) is Field and _READ.get(type(item.scalar)) == "{0}" and key & 7 == FIXED64
