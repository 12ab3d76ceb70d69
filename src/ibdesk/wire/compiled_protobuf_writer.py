"""Writes the source that encodes records as protobuf, one function for each record.

`protobuf.encode` is the definition. Most fields of most messages hold their defaults, so several fields are checked
together: when all hold their defaults, the bytes to write are known beforehand. Short messages, such as ticks, are
written all at once, and their numbers are looked up: ids, prices and sizes come again and again.
"""

import struct
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

from ibdesk.model.contract import TagValue
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import scalars
from ibdesk.wire.compiled import RecordFunctions, Scope, branches, dotted, is_constant, written
from ibdesk.wire.layout import (
    Embed,
    Field,
    Path,
    Record,
    Repeat,
    RepeatTogether,
    RepeatVariants,
    TwoWords,
    blank,
    fields_of,
    get_path,
)
from ibdesk.wire.protobuf import side_by_side
from ibdesk.wire.scalars import BYTES, Scalar, encode_bytes, encode_varint, join_words, plain_text

_double = struct.Struct("<d")
_FIELDS_OF_A_RUN = 8
"""How many fields are checked together."""

_MOST_AT_ONCE = 10
"""How many fields a message has at most that is written at once."""

# The expression for what follows the key of each scalar: `v` is the value, and {0} the scalar itself, for rare cases.

_NUMBER = "SMALL.get(v) or type(v) is int and large(v) or {0}.encode_tag(v)"
_DOUBLE = "pack(v) if type(v) is float and v == v else {0}.encode_tag(v)"
_BIT = "b'\\x01' if v else b'\\x00'"

_WRITE: dict[type[Scalar], str] = {
    scalars.Int: _NUMBER,
    scalars.ExplicitInt: _NUMBER,
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

# The same for scalars that have their length before them.

_RAW = "v.encode() if type(v) is str else {0}.encode_text(v).encode()"

_WRITE_RAW: dict[type[Scalar], str] = {
    scalars.Text: _RAW,
    scalars.Moment: _RAW,
    scalars.Escaped: _RAW,
    scalars.OptionalText: _RAW,
    scalars.Size: "b'%d' % v if type(v) is float and v.is_integer() and v != UNSET_DOUBLE "
    "else b'%d' % float(v) if type(v) is int "
    # Python spells these without an exponent.
    "else repr(v).encode() if type(v) is float and 1e-4 <= abs(v) < 1e16 else {0}.encode_text(v).encode()",
}

# The condition under which the value `v` has a tag, as `is_set` of the scalar {0} tells. Empty when it always has one.

_GIVEN_INT = "(v != UNSET_INTEGER if type(v) is int else {0}.is_set(v))"
_GIVEN_FLOAT = "(v != UNSET_DOUBLE if type(v) is float or type(v) is int else {0}.is_set(v))"
_GIVEN_TEXT = "(v if type(v) is str else {0}.is_set(v))"

_IS_SET: dict[type[Scalar], str] = {
    scalars.Int: _GIVEN_INT,
    scalars.ExplicitInt: "",
    scalars.OptionalInt: _GIVEN_INT,
    scalars.ShownInt: _GIVEN_INT,
    scalars.Float: _GIVEN_FLOAT,
    scalars.OptionalFloat: _GIVEN_FLOAT,
    scalars.ShownFloat: _GIVEN_FLOAT,
    scalars.Size: _GIVEN_FLOAT,
    scalars.Strike: "(v != UNSET_DOUBLE and v != 0 if type(v) is float or type(v) is int else {0}.is_set(v))",
    scalars.Decimals: _GIVEN_FLOAT,
    scalars.NumberText: "(v and float(v) != UNSET_DOUBLE if type(v) is str else {0}.is_set(v))",
    scalars.IntText: "v",
    scalars.Bool: "v",
    scalars.ExplicitBool: "",
    scalars.OptionalBool: "v is not None",
    scalars.Text: _GIVEN_TEXT,
    scalars.Moment: _GIVEN_TEXT,
    scalars.OptionalText: "v is not None",
    scalars.Escaped: _GIVEN_TEXT,
}

# The condition under which the value `{0}` is of the usual type. Equal values of such types are written alike, but for
# 0.0 and -0.0.

_IS_INT = "type({0}) is int"
_IS_NUMBER = "(type({0}) is float or type({0}) is int)"
_IS_BOOL = "type({0}) is bool"
_IS_TEXT = "type({0}) is str"

_IS_USUAL: dict[type[Scalar], str] = {
    scalars.Int: _IS_INT,
    scalars.ExplicitInt: _IS_INT,
    scalars.OptionalInt: _IS_INT,
    scalars.ShownInt: _IS_INT,
    scalars.Float: _IS_NUMBER,
    scalars.OptionalFloat: _IS_NUMBER,
    scalars.ShownFloat: _IS_NUMBER,
    scalars.Size: _IS_NUMBER,
    scalars.Bool: _IS_BOOL,
    scalars.ExplicitBool: _IS_BOOL,
    scalars.OptionalBool: _IS_BOOL,
    scalars.Text: _IS_TEXT,
    scalars.OptionalText: _IS_TEXT,
}


def _large(number: int) -> bytes:
    """Return `encode_varint` of a number that takes two to five bytes, or b"" for any other number."""
    if 128 <= number < 1 << 14:
        return bytes((number & 127 | 128, number >> 7))
    if 1 << 14 <= number < 1 << 28:
        low = number & 127 | 128, number >> 7 & 127 | 128
        return bytes((*low, number >> 14) if number < 1 << 21 else (*low, number >> 14 & 127 | 128, number >> 21))
    if 1 << 28 <= number < 1 << 35:
        return bytes(
            (
                number & 127 | 128,
                number >> 7 & 127 | 128,
                number >> 14 & 127 | 128,
                number >> 21 & 127 | 128,
                number >> 28,
            )
        )
    return b""


def _write_pair(pair: TagValue) -> bytes:
    tag, value = plain_text(pair.tag), plain_text(pair.value)
    return b"\x0a" + encode_bytes(tag.encode()) + b"\x12" + encode_bytes(value.encode())


WORLD = {
    "SMALL": {number: encode_varint(number) for number in (-1, *range(128))},
    "UNSET_DOUBLE": UNSET_DOUBLE,
    "UNSET_INTEGER": UNSET_INTEGER,
    "encode_varint": encode_varint,
    "join_words": join_words,
    "large": _large,
    "pack": _double.pack,
    "side_by_side": side_by_side,
    "write_pair": _write_pair,
    "written": written,
}
"""The names that the generated source uses."""


def _key(tag: int, item: Any) -> bytes:
    """Return the key of an item. Everything but a single number has a length before it, a list of numbers too."""
    wire_type = item.scalar.wire_type if isinstance(item, Field) else BYTES
    return encode_varint(tag << 3 | wire_type)


class Writing(RecordFunctions):
    """Writes the functions that encode: each returns the tags of an object `t`."""

    verb = "write"

    def encoder(self, record: Record, head: bytes, check: Callable[[], None]) -> None:
        """Write the function `encode(m)`, which returns `head` and the tags of a message.

        `check` writes what the function does first.
        """
        write, is_short = self.function(record), _is_short(record)
        if is_short:
            self._field_functions(record)
        with self._source.block("def encode(m)"):
            check()
            if is_short:
                self._at_once(record, head)
            self._source.line(f"return {head!r} + {write}(m)")

    def partial_encoder(self, record: Record, head: bytes, given: int) -> None:
        """Write the function `partial(slowly, ...)` of a short record, which takes the first `given` of its fields.

        It returns a function that takes the others, and returns the whole frame: for unusual values what `slowly` makes
        of them.
        """
        line, block = self._source.line, self._source.block
        self._field_functions(record)
        names = [f"v{tag}" for tag in record.tags]
        known, others = (dict(list(record.tags.items())[part]) for part in (slice(given), slice(given, None)))
        with block(f"def partial(slowly, {', '.join(names[:given])})"):
            test, pieces = _usual(known)
            with block(f"if not ({test})"):
                line("return slowly")
            line(f"start = b''.join(({head!r}, {pieces}))")
            line("length = len(start)")
            with block(f"def encode({', '.join(names[given:])})"):
                test, pieces = _usual(others)
                with block(f"if not ({test})"):
                    line(f"return slowly({', '.join(names[given:])})")
                line(f"rest = b''.join(({pieces}))")
                line("return (length + len(rest)).to_bytes(4, 'big') + start + rest")
            line("return encode")

    def _field_functions(self, record: Record) -> None:
        """Write a function for each field that returns its bytes, but for a text those before it, given its length."""
        line, self._record = self._source.line, record
        for tag, item in record.tags.items():
            key, is_usual = _key(tag, item), _IS_USUAL[type(item.scalar)]
            with self._source.block(f"def field_{tag}(v)"):
                if is_usual is _IS_TEXT:
                    is_told = "True" if item.scalar.is_set("") or record.absent[item.path] is True else "v"
                    line(f"return {key!r} + encode_varint(v) if {is_told} else b''")
                else:
                    line("out = bytearray()")
                    self._value(key, item)
                    line("return bytes(out)")
            line(
                f"FIELD_{tag} = written(field_{tag}, {is_usual is not _IS_NUMBER or type(item.scalar) is scalars.Size})"
            )

    def _at_once(self, record: Record, head: bytes) -> None:
        """Write the lines that return a message with usual values."""
        for tag, item in record.tags.items():
            self._source.line(f"v{tag} = {dotted('m', item.path)}")
        test, pieces = _usual(record.tags)
        with self._source.block(f"if {test}"):
            self._source.line(f"return b''.join(({head!r}, {pieces}))")

    def _write(self, name: str, record: Record) -> None:
        self._scope = Scope(self._source, "t", _places(record))
        self._sample, self._record = blank(record.cls), record
        with self._source.block(f"def {name}(t)"):
            self._source.line("out = bytearray()")
            self._scope.take_parts()
            # Collect runs of fields that may all hold their defaults. Any other item ends a run, as tags must ascend.
            run: list[tuple[bytes, Any]] = []
            for tag, item in record.tags.items():
                entry = (_key(tag, item), item)
                if self._default(item) is None:
                    self._items(run)
                    self._item(*entry)
                    run = []
                    continue
                run.append(entry)
                if len(run) == _FIELDS_OF_A_RUN:
                    self._items(run)
                    run = []
            self._items(run)
            self._source.line("return out")

    # --- defaults ---

    def _default(self, item: Any) -> tuple[str, bytes | None] | None:
        """Return the test that a field holds its default, and what follows its key then, which is None for no tag.

        Return None for an item whose default cannot be known by its identity.
        """
        if type(item) is not Field:
            return None
        value, scalar = get_path(self._sample, item.path), item.scalar
        if not is_constant(value):
            return None
        has_tag = scalar.is_set(value) or (self._record.absent[item.path] is True and not value)
        name = repr(value) if value is None or type(value) is bool else self._source.name("DEFAULT", value)
        return f"{self._scope.place(item.path)} is {name}", scalar.encode_tag(value) if has_tag else None

    def _items(self, run: list[tuple[bytes, Any]]) -> None:
        """Write out a run of fields, at once when all hold their defaults."""
        defaults = [self._default(item) for _, item in run]
        tests = [default[0] for default in defaults if default]
        if len(run) < _FIELDS_OF_A_RUN // 2:
            for key, item in run:
                self._item(key, item)
            return
        pieces = zip(run, defaults, strict=True)
        constant = b"".join(key + default[1] for (key, _), default in pieces if default and default[1] is not None)
        with self._source.block(f"if {' and '.join(tests)}"):
            self._source.line(f"out += {constant!r}" if constant else "pass")
        with self._source.block("else"):
            for key, item in run:
                self._item(key, item)

    # --- items ---

    def _item(self, key: bytes, item: Any) -> None:
        line, block, place = self._source.line, self._source.block, self._scope.place
        match item:
            case TwoWords(path, scalar, second):
                line(f"v = join_words({place(path)}, {place(second)})")
                with block("if v"):
                    self._scalar(key, scalar)
            case Field(path):
                line(f"v = {place(path)}")
                self._value(key, item)
            case Embed(path, inner, when_empty):
                line(f"v = {place(path)}")
                with block("if v is not None"):
                    line(f"raw = {self.function(inner)}(v)")
                    with nullcontext() if when_empty else block("if raw"):
                        self._sized(key)
            case RepeatTogether(path, Record() as inner, others):
                lists = ", ".join(map(place, (path, *others)))
                cls = self._source.name(inner.cls.__name__, inner.cls)
                with block(f"for v in side_by_side({cls}, ({lists})) if {place(path)} else ()"):
                    line(f"raw = {self.function(inner)}(v)")
                    self._sized(key)
            case Repeat(path, Scalar() as scalar):
                self._scalars(place(path), key, scalar)
            case Repeat(path, Record() as inner):
                with block(f"for v in {place(path)} or ()"):
                    line(f"raw = {self.function(inner)}(v)")
                    self._sized(key)
            case RepeatVariants(path, kind, cases):
                with block(f"for v in {place(path)} or ()"):
                    self._variants(key, f"v.{'.'.join(next(iter(cases.values())).tags[kind].path)}", cases)
            case _:  # Pairs
                with block(f"for v in {place(item.path)} or ()"):
                    line("raw = write_pair(v)")
                    self._sized(key)

    def _scalars(self, place: str, key: bytes, scalar: Scalar) -> None:
        """Write out a list of scalars: a tag for each text, or one tag for all numbers."""
        if scalar.wire_type == BYTES:
            with self._source.block(f"for v in {place} or ()"):
                self._scalar(key, scalar)
            return
        name = self._source.name(type(scalar).__name__, scalar)
        self._source.line(f"raw = b''.join(map({name}.encode_tag, {place} or ()))")
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
        self._source.line("out += SMALL.get(len(raw)) or large(len(raw)) or encode_varint(len(raw))")
        self._source.line("out += raw")

    def _value(self, key: bytes, item: Field) -> None:
        """Write out the value `v` of a field, unless it is one that has no tag."""
        test = self._has_tag(item.scalar, self._record.absent[item.path])
        with self._source.block(f"if {test}") if test else nullcontext():
            self._scalar(key, item.scalar)

    def _scalar(self, key: bytes, scalar: Scalar) -> None:
        """Write out the value `v`."""
        kind = type(scalar)
        name = self._source.name(kind.__name__, scalar)
        if kind in _WRITE_RAW:
            self._source.line(f"raw = {_WRITE_RAW[kind].format(name)}")
            self._sized(key)
        else:
            self._source.line(f"out += {key!r}")
            self._source.line(f"out += {_WRITE.get(kind, '{0}.encode_tag(v)').format(name)}")

    def _has_tag(self, scalar: Scalar, absent: Any) -> str:
        """Return the condition under which `v` has a tag, or "" if it always has one."""
        is_set = _IS_SET.get(type(scalar), "{0}.is_set(v)").format(self._source.name(type(scalar).__name__, scalar))
        if absent is not True:
            return is_set
        return "" if is_set in ("", "v") else f"{is_set} or not v"


def _is_short(record: Record) -> bool:
    """Return whether the messages of a record are written at once."""
    fields = [item for item in record.tags.values() if type(item) is Field and type(item.scalar) in _IS_USUAL]
    return 0 < len(fields) == len(record.tags) <= _MOST_AT_ONCE


def takes_fields(record: Record) -> bool:
    """Return whether `partial_encoder` can be had: the tags are the fields of a short message, in their order."""
    return _is_short(record) and [item.path for item in record.tags.values()] == [
        (one,) for one in fields_of(record.cls)
    ]


def _usual(tags: Mapping[int, Any]) -> tuple[str, str]:
    """Return the condition under which the values of fields are usual ones, and the items of a tuple of their bytes."""
    tests, pieces = [], []
    for tag, item in tags.items():
        is_usual = _IS_USUAL[type(item.scalar)]
        tests.append(is_usual.format(f"v{tag}"))
        is_text = is_usual is _IS_TEXT
        pieces.append(f"FIELD_{tag}[len(raw := v{tag}.encode())], raw," if is_text else f"FIELD_{tag}[v{tag}],")
    return " and ".join(tests) or "True", " ".join(pieces)


def _places(record: Record) -> list[Path]:
    """Return every place that the items of a record name."""
    items = list(record.tags.values())
    more = [item.second for item in items if isinstance(item, TwoWords)]
    return [item.path for item in items] + more + [one for item in items for one in getattr(item, "others", ())]
