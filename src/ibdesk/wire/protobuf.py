"""The reference codec for protobuf: it reads and writes the tags of a record.

TWS uses three wire types of protobuf (varint, 64-bit, length-delimited) and no groups. Parsing these needs little code,
and saves the package a dependency on a protobuf runtime. Damaged data raises `DecodeError`.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.model.contract import TagValue
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
    set_path,
    weight,
)
from ibdesk.wire.scalars import (
    BYTES,
    FIXED64,
    MOST_UNKNOWN,
    MOST_VALUES,
    PAIR,
    TEXT,
    VARINT,
    Scalar,
    encode_bytes,
    encode_varint,
    join_words,
    split_words,
)

_double = struct.Struct("<d")
_FIXED32 = 5
_LONGEST_VARINT = 10


class Reading:
    """The message being read: its name for errors, how many values its lists have so far, and its unknown tags."""

    __slots__ = ("message", "unknown", "values", "version")

    def __init__(self, message: str, version: int) -> None:
        self.message, self.version = message, version
        self.unknown: list[int] = []
        self.values = 0

    def count(self, values: int, path: Path, tag: int) -> None:
        """Count one more element of a list, made of `values` values. Raises `DecodeError` above `MOST_VALUES`."""
        self.values += values
        if self.values > MOST_VALUES:
            raise self.error(path, f"is one too many: more than {MOST_VALUES:,} values in one message", tag)

    def pass_over(self, tag: int) -> None:
        """Remember an unknown tag. Raises `DecodeError` above `MOST_UNKNOWN`."""
        if len(self.unknown) >= MOST_UNKNOWN:
            raise self.error((), f"has more than {MOST_UNKNOWN:,} values that are not known")
        self.unknown.append(tag)

    def error(self, path: Path, text: str, tag: int | None = None) -> DecodeError:
        """Return a DecodeError at this place."""
        return DecodeError(self.message, self.version, ".".join(path), tag, text)


def read_varint(data: bytes, start: int) -> tuple[int, int]:
    """Return the number at `start` and where it ends. Raises ValueError when it is cut short or longer than 64 bits."""
    value = shift = 0
    for position in range(start, min(start + _LONGEST_VARINT, len(data))):
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position + 1
        shift += 7
    raise ValueError("a number is cut short or too long")


def read_tags(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """Yield (tag, wire type, raw value) of each field in turn. Raises ValueError where the data is damaged."""
    position, end = 0, len(data)
    while position < end:
        key, position = read_varint(data, position)
        tag, wire_type = key >> 3, key & 7
        if tag == 0:
            raise ValueError("a tag is 0")
        raw: Any
        if wire_type == VARINT:
            raw, position = read_varint(data, position)
        elif wire_type == BYTES:
            length, position = read_varint(data, position)
            if length > end - position:
                raise ValueError(f"tag {tag} announces {length} bytes, {end - position} are left")
            raw, position = data[position : position + length], position + length
        elif wire_type in (FIXED64, _FIXED32):  # no known field has 32 bits, but an unknown one may
            length = 8 if wire_type == FIXED64 else 4
            if length > end - position:
                raise ValueError(f"tag {tag} is cut short")
            piece = data[position : position + length]
            raw, position = _double.unpack(piece)[0] if length == 8 else piece, position + length
        else:
            raise ValueError(f"tag {tag} has wire type {wire_type}, which is not in use")
        yield tag, wire_type, raw


def decode(record: Record, data: bytes, reading: Reading, target: Any = None) -> Any:
    """Return the object that a protobuf message describes, by a resolved record.

    With `target` it fills in that object: values that other tags have put into it stay.
    """
    if target is None:
        target = blank(record.cls)
    for path, value in record.exceptions.items():
        set_path(target, path, value)
    tags = record.tags
    try:
        for tag, wire_type, raw in read_tags(data):
            item = tags.get(tag)
            if item is None:
                reading.pass_over(tag)
            else:
                _decode_item(item, tag, wire_type, raw, target, reading)
    except DecodeError:  # it is a ValueError, and names its field already
        raise
    except ValueError as error:
        raise reading.error((), str(error)) from None
    return target


def _decode_item(item: Any, tag: int, wire_type: int, raw: Any, target: Any, reading: Reading) -> None:
    scalar = item.scalar if isinstance(item, Field) else item.record if isinstance(item, Repeat) else None
    expected = scalar.wire_type if isinstance(scalar, Scalar) else BYTES
    if isinstance(item, Repeat) and expected != BYTES and wire_type == BYTES:
        try:
            for number in read_packed(raw, expected):
                _decode_item(item, tag, expected, number, target, reading)
        except DecodeError:
            raise
        except ValueError as error:
            raise reading.error(item.path, f"is damaged: {error}", tag) from None
        return
    if wire_type != expected:
        raise reading.error(item.path, f"has wire type {wire_type}, not {expected}", tag)
    match item:
        case TwoWords(path, scalar, second):
            first, rest = split_words(_decode_scalar(scalar, raw, path, tag, reading))
            set_path(target, path, first)
            if rest:
                set_path(target, second, rest)
        case Field(path, scalar):
            set_path(target, path, _decode_scalar(scalar, raw, path, tag, reading))
        case Embed(path, record):
            part = get_path(target, path)
            decoded = _decode_part(record, raw, path, reading, part)
            if part is None:
                set_path(target, path, decoded)
        case RepeatTogether(path, Record() as record, others):
            reading.count(weight(record.cls), path, tag)
            one = _decode_part(record, raw, path, reading)
            for place, name in zip((path, *others), fields_of(record.cls), strict=True):
                _grow(target, place).append(getattr(one, name))
        case Repeat(path, Scalar() as scalar):
            reading.count(weight(scalar), path, tag)
            _grow(target, path).append(_decode_scalar(scalar, raw, path, tag, reading))
        case Repeat(path, Record() as record):
            reading.count(weight(record.cls), path, tag)
            _grow(target, path).append(_decode_part(record, raw, path, reading))
        case RepeatVariants(path, kind, cases):
            number = next((value for at, _, value in read_tags(raw) if at == kind), 0)
            if number not in cases:
                raise reading.error(path, f"is of kind {number}; known are {sorted(cases)}", tag)
            reading.count(weight(cases[number].cls), path, tag)
            _grow(target, path).append(_decode_part(cases[number], raw, path, reading))
        case _:  # Pairs
            reading.count(PAIR, item.path, tag)
            _grow(target, item.path).append(read_pair(raw))


def _decode_part(record: Record, raw: bytes, path: Path, reading: Reading, target: Any = None) -> Any:
    try:
        return decode(record, raw, reading, target)
    except DecodeError as error:
        raise reading.error((*path, *filter(None, [error.path])), error.text, error.index) from None


def read_pair(raw: bytes) -> TagValue:
    """Return a pair of a map. Raises ValueError where the data is damaged."""
    pair = ["", ""]
    for tag, wire_type, text in read_tags(raw):
        if tag in (1, 2) and wire_type == BYTES:
            pair[tag - 1] = text.decode("utf-8", "backslashreplace")
    return TagValue(*pair)


def read_packed(data: bytes, wire_type: int) -> Iterator[Any]:
    """Yield the numbers of a packed list. Raises ValueError where the data is damaged."""
    position = 0
    if wire_type == FIXED64:
        if len(data) % _double.size:
            raise ValueError("a packed list is cut short")
        yield from (number for (number,) in _double.iter_unpack(data))
        return
    while position < len(data):
        number, position = read_varint(data, position)
        yield number


def _decode_scalar(scalar: Scalar, raw: Any, path: Path, tag: int, reading: Reading) -> Any:
    try:
        return scalar.decode_tag(raw)
    except (ValueError, OverflowError):
        shown = raw[:60] if isinstance(raw, bytes) else raw
        raise reading.error(path, f"is {shown!r}, not {scalar.name}", tag) from None


def _grow(target: Any, path: Path) -> list[Any]:
    """Return the list at `path`, made anew where the object holds None or an empty list."""
    found = get_path(target, path)
    if not found:
        found = []
        set_path(target, path, found)
    return found  # type: ignore[no-any-return]


def encode(record: Record, source: Any, message: str, version: int) -> bytes:
    """Return the tags of `source` in ascending order. Raises `EncodeError` that names the field and its value."""
    out = bytearray()
    for tag, item in record.tags.items():
        for wire_type, data in _encode_item(item, record.absent, source, message, version):
            out += encode_varint(tag << 3 | wire_type)
            out += data
    return bytes(out)


def _encode_item(
    item: Any, absent: Mapping[Path, Any], source: Any, message: str, version: int
) -> Iterator[tuple[int, bytes]]:
    try:
        value = get_path(source, item.path)
    except AttributeError as error:
        raise EncodeError(message, version, ".".join(item.path), None, str(error)) from None
    match item:
        case TwoWords(path, scalar, second):
            rest = get_path(source, second)
            for place, word in ((path, value), (second, rest)):
                _encode_scalar(scalar, word, place, message, version)  # so that an error names the right field
            if whole := join_words(value, rest):
                yield scalar.wire_type, _encode_scalar(scalar, whole, path, message, version)
        case Field(path, scalar):
            if _has_tag(scalar, value, absent[path], path, message, version):
                yield scalar.wire_type, _encode_scalar(scalar, value, path, message, version)
        case Embed(record=record, when_empty=when_empty):
            if value is not None and ((data := _encode_part(record, value, item.path, message, version)) or when_empty):
                yield BYTES, encode_bytes(data)
        case Repeat(path, Scalar() as scalar):
            pieces = [_encode_scalar(scalar, one, path, message, version) for one in value or ()]
            if scalar.wire_type == BYTES:
                yield from ((BYTES, piece) for piece in pieces)
            elif pieces:
                yield BYTES, encode_bytes(b"".join(pieces))
        case RepeatTogether(record=Record() as record, others=others):
            for whole in side_by_side(record.cls, [value, *(get_path(source, other) for other in others)]):
                yield BYTES, encode_bytes(_encode_part(record, whole, item.path, message, version))
        case Repeat(record=Record() as record):
            for one in value or ():
                yield BYTES, encode_bytes(_encode_part(record, one, item.path, message, version))
        case RepeatVariants(_, kind, cases):
            for one in value or ():
                number = get_path(one, next(iter(cases.values())).tags[kind].path)
                if number not in cases:
                    raise EncodeError(message, version, ".".join(item.path), number, "no such kind is known")
                yield BYTES, encode_bytes(_encode_part(cases[number], one, item.path, message, version))
        case _:  # Pairs
            for pair in value or ():
                key, text = (_encode_scalar(TEXT, one, item.path, message, version) for one in (pair.tag, pair.value))
                yield BYTES, encode_bytes(b"\x0a" + key + b"\x12" + text)


def side_by_side(cls: type, lists: Iterable[list[Any] | None]) -> Iterator[Any]:
    """Yield objects of `cls`, each with one element of every list.

    The first list decides how many there are. Where another list is shorter, its elements are made anew.
    """
    columns = tuple(lists)
    for index in range(len(columns[0] or ())):
        whole = blank(cls)
        for name, elements in zip(fields_of(cls), columns, strict=True):
            if elements and index < len(elements):
                setattr(whole, name, elements[index])
        yield whole


def _encode_part(record: Record, part: Any, path: Path, message: str, version: int) -> bytes:
    try:
        return encode(record, part, message, version)
    except EncodeError as error:
        raise EncodeError(message, version, ".".join((*path, error.path)), error.value, error.text) from None


def _has_tag(scalar: Scalar, value: Any, absent: Any, path: Path, message: str, version: int) -> bool:
    try:
        return scalar.is_set(value) or (absent is True and not value)
    except (ValueError, TypeError) as error:  # such as a pandas column, which is neither true nor false
        raise EncodeError(message, version, ".".join(path), value, str(error)) from None


def _encode_scalar(scalar: Scalar, value: Any, path: Path, message: str, version: int) -> bytes:
    try:
        return scalar.encode_tag(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise EncodeError(message, version, ".".join(path), value, str(error)) from None
