"""The protobuf codec as generated source: `protobuf.decode` and `protobuf.encode` of one record; not who calls it.

A peer sends tags in ascending order. So a reader asks for one known key after the other, each time with the key that
stands next, and goes through the list again only for keys that come out of order. `protobuf` is the definition, and
`compiled` says what comes after an exception.
"""

import struct
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext
from functools import cache
from typing import Any

from ibdesk.model.contract import TagValue
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import scalars
from ibdesk.wire.catalogue import Description
from ibdesk.wire.compiled import Source, branches, dotted, new, refuse_later, unknown_tag
from ibdesk.wire.layout import (
    Embed,
    Field,
    Pairs,
    Path,
    Record,
    Repeat,
    RepeatVariants,
    TagByHand,
    blank,
)
from ibdesk.wire.protobuf import read_tags, read_varint
from ibdesk.wire.scalars import BYTES, FIXED64, VARINT, Scalar, encode_bytes, encode_varint

Decoder = Callable[[bytes, Counter[str]], Any]
"""The message of a payload. Counts the tags that nobody knows. Raises anything at a fault."""

Encoder = Callable[[Any], bytes]
"""The payload of a message. Raises anything at a fault."""

_FIXED32 = 5
_LONG_KEY = 1 << 14  # of three bytes and more; no known tag is that high
_KEYS_OF_A_GROUP = 12  # are passed over together when the next key is above them

_double = struct.Struct("<d")


# How each scalar is read: an expression of its raw value `v`. {0} is the scalar, for what is rare.

_READ: dict[type[Scalar], str] = {
    scalars.Int: "v",
    scalars.OptionalInt: "v",
    scalars.ShownInt: "v",
    scalars.Float: "v",
    scalars.OptionalFloat: "v",
    scalars.ShownFloat: "v",
    scalars.Strike: "v",
    scalars.Size: "UNSET_DOUBLE if (v := v.decode()) in UNSET_SIZES else float(v)",
    scalars.Decimals: "float(v.decode()) if v else 0.0",
    scalars.Bool: "v != 0",
    scalars.ExplicitBool: "v != 0",
    scalars.OptionalBool: "v != 0",
    scalars.Conjunction: "'a' if v else 'o'",
    scalars.Text: "v.decode('utf-8', 'backslashreplace')",
    scalars.Escaped: "v.decode('utf-8', 'backslashreplace')",
}

_INTS = (scalars.Int, scalars.OptionalInt, scalars.ShownInt)

# How each scalar is written, what follows its key: {0} is the scalar. A `raw` is written with its length before it.

_NUMBER = "SMALL.get(v) or {0}.encode_tag(v)"
_DOUBLE = "pack(v) if type(v) is float and v == v else {0}.encode_tag(v)"
_BIT = "b'\\x01' if v else b'\\x00'"

_WRITE: dict[type[Scalar], str] = {
    scalars.Int: _NUMBER,
    scalars.OptionalInt: _NUMBER,
    scalars.ShownInt: _NUMBER,
    scalars.Float: _DOUBLE,
    scalars.OptionalFloat: _DOUBLE,
    scalars.ShownFloat: _DOUBLE,
    scalars.Strike: _DOUBLE,
    scalars.Bool: _BIT,
    scalars.ExplicitBool: _BIT,
    scalars.OptionalBool: _BIT,
}

_RAW = "v.encode('utf-8', 'backslashreplace') if type(v) is str else {0}.encode_text(v).encode()"

_WRITE_RAW: dict[type[Scalar], str] = {
    scalars.Text: _RAW,
    scalars.Escaped: _RAW,
    scalars.Size: "b'%d' % v if type(v) is float and v.is_integer() and v != UNSET_DOUBLE "
    "else {0}.encode_text(v).encode()",
}

# Whether a value has a tag: `is_set` of the scalar. Nothing where that is always so.

_GIVEN_INT = "v != UNSET_INTEGER and v is not None and v != ''"
_GIVEN_FLOAT = "v != UNSET_DOUBLE and v is not None and v != ''"

_IS_SET: dict[type[Scalar], str] = {
    scalars.Int: "v != UNSET_INTEGER",
    scalars.OptionalInt: _GIVEN_INT,
    scalars.ShownInt: _GIVEN_INT,
    scalars.Float: "v != UNSET_DOUBLE",
    scalars.OptionalFloat: _GIVEN_FLOAT,
    scalars.ShownFloat: _GIVEN_FLOAT,
    scalars.Size: _GIVEN_FLOAT,
    scalars.Decimals: _GIVEN_FLOAT,
    scalars.Bool: "v",
    scalars.ExplicitBool: "",
    scalars.OptionalBool: "v is not None",
    scalars.Text: "v",
    scalars.Escaped: "v",
}


def _skip(data: bytes, pos: int, key: int, known: Collection[int], unknown: list[int]) -> int:
    """Pass over the field of a key that nobody knows; returns where the next begins."""
    if key >= _LONG_KEY:
        key, pos = read_varint(data, pos - 2)
    tag, wire_type = key >> 3, key & 7
    if not tag or tag in known:
        raise ValueError
    unknown.append(tag)
    if wire_type == VARINT:
        return read_varint(data, pos)[1]
    if wire_type == BYTES:
        length, pos = read_varint(data, pos)
        return pos + length
    return pos + {FIXED64: 8, _FIXED32: 4}[wire_type]


def _kind_of(raw: bytes, kind: int) -> Any:
    return next((value for tag, _, value in read_tags(raw) if tag == kind), 0)


def _read_pair(raw: bytes) -> TagValue:
    pair = {tag: text.decode("utf-8", "backslashreplace") for tag, kind, text in read_tags(raw) if kind == BYTES}
    return TagValue(pair.get(1, ""), pair.get(2, ""))


def _write_pair(pair: TagValue) -> bytes:
    return b"\x0a" + encode_bytes(str(pair.tag).encode()) + b"\x12" + encode_bytes(str(pair.value).encode())


_WORLD = {
    "SMALL": {number: encode_varint(number) for number in (-1, *range(128))},
    "UNSET_DOUBLE": UNSET_DOUBLE,
    "UNSET_INTEGER": UNSET_INTEGER,
    "UNSET_SIZES": scalars.UNSET_SIZES,
    "encode_varint": encode_varint,
    "kind_of": _kind_of,
    "pack": _double.pack,
    "read_pair": _read_pair,
    "read_varint": read_varint,
    "skip": _skip,
    "unknown_tag": unknown_tag,
    "unpack": _double.unpack_from,
    "write_pair": _write_pair,
}


@cache
def decoder(description: Description, version: int, start: int) -> Decoder:
    """The function that decodes a payload, in which the tags begin at `start`."""
    source = Source(f"{description.name} v{version}, protobuf to message")
    source.names |= _WORLD
    record = description.tags(version)
    reading = _Reading(source)
    read = reading.function(record)
    with source.block("def decode(data, oddities)"):
        source.line("unknown = []")
        source.line(f"t = {new(source, blank(record.cls))}")
        reading.write_exceptions("t", record)
        with source.block(f"if {read}(data, {start}, len(data), t, unknown) != len(data)"):
            source.line("raise ValueError")
        with source.block("for tag in unknown"):
            source.line(f"oddities[unknown_tag({description.name!r}, {version}, tag)] += 1")
        source.line("return t")
    return source.function("decode")


@cache
def encoder(description: Description, version: int, head: bytes) -> Encoder:
    """The function that encodes a message; `head` is what stands before its tags."""
    source = Source(f"{description.name} v{version}, message to protobuf")
    source.names |= _WORLD
    write = _Writing(source).function(description.tags(version))
    with source.block("def encode(m)"):
        refuse_later(source, description, version)
        source.line(f"return {head!r} + {write}(m)")
    return source.function("encode")


def _keys(tag: int, item: Any) -> tuple[int, ...]:
    """The keys with which an item may come: a list of numbers may also be packed into one value."""
    scalar = item.scalar if isinstance(item, Field) else item.record if isinstance(item, Repeat) else None
    if not isinstance(scalar, Scalar):
        return (tag << 3 | BYTES,)
    key = tag << 3 | scalar.wire_type
    return (key, tag << 3 | BYTES) if isinstance(item, Repeat) and scalar.wire_type == VARINT else (key,)


def _inner(record: Record) -> Iterator[Record]:
    """The records inside a record."""
    for item in record.tags.values():
        match item:
            case Embed(record=inner) | Repeat(record=Record() as inner):
                yield inner
            case RepeatVariants(cases=cases):
                yield from cases.values()


class _Functions(ABC):
    """Writes a function for a record, after those for the records inside it."""

    verb = ""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._names: dict[Record, str] = {}

    def function(self, record: Record) -> str:
        """Write the function if there is none yet, and return its name."""
        if record not in self._names:
            for inner in _inner(record):
                self.function(inner)
            name = f"{self.verb}_{record.cls.__name__}"
            self._names[record] = name if name not in self._names.values() else f"{name}_{len(self._names)}"
            self._write(self._names[record], record)
        return self._names[record]

    @abstractmethod
    def _write(self, name: str, record: Record) -> None:
        """Write the function."""


class _Reading(_Functions):
    """Writes readers: `data` from `pos` on goes into `t`; each returns where it stopped, which `end` has to be."""

    verb = "read"

    def write_exceptions(self, one: str, record: Record) -> None:
        """Write what missing tags mean in the object `one` where that is not the default."""
        for path, value in record.exceptions.items():
            self._source.line(f"{dotted(one, path)} = {self._source.literal(value)}")

    def _write(self, name: str, record: Record) -> None:
        line, block = self._source.line, self._source.block
        items = [(key, item) for tag, item in record.tags.items() for key in _keys(tag, item)]
        keys = self._source.name(f"keys_{name}", frozenset(key for key, _ in items))
        tags = self._source.name(f"tags_{name}", frozenset(record.tags))
        with block(f"def {name}(data, pos, end, t, unknown)"):
            self._next_key()
            with block("while True"):
                for first in range(0, len(items), _KEYS_OF_A_GROUP):
                    group = items[first : first + _KEYS_OF_A_GROUP]
                    with block(f"if key <= {group[-1][0]}"):
                        for key, item in group:
                            self._item(key, item)
                with block(f"if key in {keys}"):
                    line("continue")
                line(f"pos = skip(data, pos, key, {tags}, unknown)")
                self._next_key()

    def _next_key(self) -> None:
        line, block = self._source.line, self._source.block
        with block("if pos >= end"):
            line("return pos")
        line("key = data[pos]")
        line("pos += 1")
        with block("if key > 127"):
            line("key += (data[pos] << 7) - 128")
            line("pos += 1")

    def _number(self, *, is_signed: bool = False) -> None:
        """Write the reading of a number into `v`; most have one byte, and most others two."""
        line, block = self._source.line, self._source.block
        line("v = data[pos]")
        line("pos += 1")
        with block("if v > 127"):
            with block("if data[pos] < 128"):
                line("v += (data[pos] << 7) - 128")
                line("pos += 1")
            with block("else"):
                line("v, pos = read_varint(data, pos - 1)")
                if is_signed:
                    line("v -= v >> 63 << 64")

    def _item(self, key: int, item: Any) -> None:
        line = self._source.line
        comes_again = isinstance(item, Repeat | RepeatVariants | Pairs)
        with self._source.block(f"{'while' if comes_again else 'if'} key == {key}"):
            match item:
                case Field(path, scalar):
                    line(f"{dotted('t', path)} = {self._scalar(scalar)}")
                case Repeat(path, Scalar() as scalar) if key & 7 == scalar.wire_type:
                    self._append(path, self._scalar(scalar))
                case _:
                    self._number()
                    line("stop = pos + v")
                    self._message(item)
                    line("pos = stop")
            self._next_key()

    def _append(self, path: Path, value: str) -> None:
        """Write the addition of a value to the list at `path`."""
        self._source.line(f"list_ = {dotted('t', path)}")
        with self._source.block("if not list_"):
            self._source.line(f"list_ = {dotted('t', path)} = []")
        self._source.line(f"list_.append({value})")

    def _scalar(self, scalar: Scalar) -> str:
        """Write the reading of a raw value, and return the expression of what it means."""
        line, kind = self._source.line, type(scalar)
        if scalar.wire_type == FIXED64:
            line("(v,) = unpack(data, pos)")
            line("pos += 8")
        else:
            self._number(is_signed=kind in _INTS)
        if scalar.wire_type == BYTES:
            line("pos += v")
            line("v = data[pos - v : pos]")
        return _READ.get(kind, "{0}.decode_tag(v)").format(self._source.name(kind.__name__, scalar))

    def _message(self, item: Any) -> None:
        """Write the reading of what stands from `pos` to `stop`."""
        line, block = self._source.line, self._source.block
        match item:
            case Embed(path, inner):
                self._embedded(path, inner)
            case Repeat(path, Scalar() as scalar):
                with block("while pos < stop"):
                    self._append(path, self._scalar(scalar))
                with block("if pos != stop"):
                    line("raise ValueError")
            case Repeat(path, Record() as inner):
                self._element(path, inner)
            case RepeatVariants(path, kind, cases):
                line(f"kind = kind_of(data[pos:stop], {kind})")
                for word, (value, case) in zip(branches(), cases.items(), strict=False):
                    with block(f"{word} kind == {value}"):
                        self._element(path, case)
                with block("else"):
                    line("raise ValueError")
            case Pairs(path):
                self._append(path, "read_pair(data[pos:stop])")
            case TagByHand(read):
                line(f"{self._source.name('by_hand', read)}(data[pos:stop], t)")

    def _embedded(self, path: Path, inner: Record) -> None:
        line, block = self._source.line, self._source.block
        line(f"part = {dotted('t', path)}")
        with block("if part is None"):
            line(f"part = {dotted('t', path)} = {new(self._source, blank(inner.cls))}")
        self.write_exceptions("part", inner)
        self._read("part", inner)

    def _element(self, path: Path, inner: Record) -> None:
        self._source.line(f"one = {new(self._source, blank(inner.cls))}")
        self.write_exceptions("one", inner)
        self._read("one", inner)
        self._append(path, "one")

    def _read(self, target: str, inner: Record) -> None:
        with self._source.block(f"if {self.function(inner)}(data, pos, stop, {target}, unknown) != stop"):
            self._source.line("raise ValueError")


class _Writing(_Functions):
    """Writes writers: each returns the tags of `t`."""

    verb = "write"

    def _write(self, name: str, record: Record) -> None:
        with self._source.block(f"def {name}(t)"):
            self._source.line("out = bytearray()")
            for tag, item in record.tags.items():
                self._item(encode_varint(_keys(tag, item)[-1]), item, record)
            self._source.line("return out")

    def _item(self, key: bytes, item: Any, record: Record) -> None:
        line, block = self._source.line, self._source.block
        match item:
            case Field(path, scalar):
                line(f"v = {dotted('t', path)}")
                test = self._has_tag(scalar, record.absent[path])
                with block(f"if {test}") if test else nullcontext():
                    self._scalar(key, scalar)
            case Embed(path, inner, when_empty):
                line(f"v = {dotted('t', path)}")
                with block("if v is not None"):
                    line(f"raw = {self.function(inner)}(v)")
                    with block("if True" if when_empty else "if raw"):
                        self._sized(key)
            case Repeat(path, Scalar() as scalar):
                self._scalars(path, key, scalar)
            case Repeat(path, Record() as inner):
                with block(f"for v in {dotted('t', path)} or ()"):
                    line(f"raw = {self.function(inner)}(v)")
                    self._sized(key)
            case RepeatVariants(path, kind, cases):
                with block(f"for v in {dotted('t', path)} or ()"):
                    self._variants(key, dotted("v", next(iter(cases.values())).tags[kind].path), cases)
            case Pairs(path):
                with block(f"for v in {dotted('t', path)} or ()"):
                    line("raw = write_pair(v)")
                    self._sized(key)
            case TagByHand(write=write):
                with block(f"for raw in {self._source.name('by_hand', write)}(t)"):
                    self._sized(key)

    def _scalars(self, path: Path, key: bytes, scalar: Scalar) -> None:
        """Write out a list: a tag for each text, one tag for all numbers."""
        if scalar.wire_type == BYTES:
            with self._source.block(f"for v in {dotted('t', path)} or ()"):
                self._scalar(key, scalar)
            return
        name = self._source.name(type(scalar).__name__, scalar)
        self._source.line(f"raw = b''.join(map({name}.encode_tag, {dotted('t', path)} or ()))")
        with self._source.block("if raw"):
            self._sized(key)

    def _variants(self, key: bytes, kind: str, cases: Mapping[int, Record]) -> None:
        for word, (value, case) in zip(branches(), cases.items(), strict=False):
            with self._source.block(f"{word} {kind} == {value}"):
                self._source.line(f"raw = {self.function(case)}(v)")
        with self._source.block("else"):
            self._source.line("raise ValueError")
        self._sized(key)

    def _sized(self, key: bytes) -> None:
        """Write out `raw` with its length before it."""
        self._source.line(f"out += {key!r}")
        self._source.line("out += SMALL.get(len(raw)) or encode_varint(len(raw))")
        self._source.line("out += raw")

    def _scalar(self, key: bytes, scalar: Scalar) -> None:
        """Write out `v`."""
        kind = type(scalar)
        name = self._source.name(kind.__name__, scalar)
        if kind in _WRITE_RAW:
            self._source.line(f"raw = {_WRITE_RAW[kind].format(name)}")
            self._sized(key)
        else:
            self._source.line(f"out += {key!r}")
            self._source.line(f"out += {_WRITE.get(kind, '{0}.encode_tag(v)').format(name)}")

    def _has_tag(self, scalar: Scalar, absent: Any) -> str:
        """The condition for a tag, empty if there always is one."""
        is_set = _IS_SET.get(type(scalar), f"{self._source.name(type(scalar).__name__, scalar)}.is_set(v)")
        if absent is not True:
            return is_set
        return "" if is_set in ("", "v") else f"{is_set} or not v"
