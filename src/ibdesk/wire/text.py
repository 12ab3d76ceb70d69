"""The reference codec for text: it walks a resolved layout over fields that each end with NUL.

It defines the text encoding. `compiled_text` does the same faster, and the tests hold the two equal.
"""

from collections.abc import Iterable
from typing import Any

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.model.contract import TagValue
from ibdesk.wire.layout import (
    Field,
    Fixed,
    Given,
    Layout,
    Many,
    Maybe,
    TwoWords,
    Variants,
    blank,
    get_path,
    set_path,
    weight,
)
from ibdesk.wire.scalars import INT, MOST_VALUES, PAIR, TEXT, Scalar, join_words, split_words


def split(text: bytes) -> list[str]:
    r"""Return the fields of a text payload. Bytes that are not UTF-8 (old TWS on Windows) are escaped as `\xNN`.

    Raises `DecodeError` when the last field has no terminator.
    """
    *fields, rest = text.decode("utf-8", "backslashreplace").split("\0")
    if rest:
        raise DecodeError("a text message", text=f"its last field, {rest[:40]!r}, does not end with NUL")
    return fields


def join(fields: Iterable[str]) -> bytes:
    """Return the text payload of these fields."""
    return "".join([f"{field}\0" for field in fields]).encode("utf-8", "backslashreplace")


class Fields:
    """The fields of one message, taken one by one. It remembers its place, for errors."""

    __slots__ = ("index", "message", "previous", "values", "version")

    def __init__(self, values: list[str], message: str, version: int, index: int = 0) -> None:
        self.values, self.index = values, index
        self.message, self.version, self.previous = message, version, ""

    def take(self, scalar: Scalar, path: str) -> Any:
        """Return the value of the next field. Raises `DecodeError` that names the field."""
        try:
            text = self.values[self.index]
        except IndexError:
            raise self.error(path, "is missing: the message ends before it") from None
        try:
            value = scalar.decode_text(text)
        except (ValueError, OverflowError):
            raise self.error(path, f"is {text[:60]!r}, not {scalar.name}") from None
        self.index += 1
        self.previous = f"{path}={text[:60]!r}"
        return value

    def skip(self) -> None:
        """Pass over one field, whatever it holds."""
        if self.index >= len(self.values):
            raise self.error("a field out of use", "is missing: the message ends before it")
        self.index += 1

    def count(self, path: str, values: int) -> int:
        """Read the length of a list, and return it. Each element consists of `values` values.

        A damaged length must not cost memory: raises `DecodeError` when it is larger than the number of fields left, or
        when all elements together have more than `MOST_VALUES` values.
        """
        number: int = self.take(INT, f"{path}.length")
        if not 0 <= number <= len(self.values) - self.index:
            self.index -= 1
            left = len(self.values) - self.index - 1
            raise self.error(f"{path}.length", f"is {number}, with {left} fields left")
        if number * values > MOST_VALUES:
            self.index -= 1
            raise self.error(f"{path}.length", f"is {number}: more than {MOST_VALUES:,} values in one message")
        return number

    def error(self, path: str, text: str) -> DecodeError:
        """Return a DecodeError at the present place."""
        return DecodeError(self.message, self.version, path, self.index, text, self.previous)


def decode(layout: Layout, fields: Fields, target: Any, prefix: str = "") -> None:
    """Read the fields of a resolved layout into `target`. `prefix` is the name of `target` in errors, with a dot."""
    for item in layout:
        match item:
            case TwoWords(path, scalar, second):
                first, rest = split_words(fields.take(scalar, prefix + ".".join(path)))
                set_path(target, path, first)
                if rest:
                    set_path(target, second, rest)
            case Field(path, scalar):
                set_path(target, path, fields.take(scalar, prefix + ".".join(path)))
            case Fixed():
                fields.skip()
            case Given(path, items=items):
                if item.holds(get_path(target, path)):
                    decode(items, fields, target, prefix)
            case Many(path, element, items):
                set_path(target, path, _decode_list(fields, prefix + ".".join(path), element, items))
            case Maybe(path, element, items):
                present = fields.count(prefix + ".".join(path), 1) != 0
                set_path(target, path, blank(element) if present else None)
                if present:
                    decode(items, fields, target, prefix)
            case Variants(path, kind, cases):
                set_path(target, path, _decode_variants(fields, prefix + ".".join(path), kind, cases))
            case _:  # TagValues
                path = item.path
                set_path(target, path, _decode_tag_values(fields, prefix + ".".join(path)))


def _decode_list(fields: Fields, name: str, element: type | Scalar, items: Layout) -> list[Any]:
    out = []
    for position in range(fields.count(name, weight(element))):
        if isinstance(element, Scalar):
            out.append(fields.take(element, f"{name}[{position}]"))
        else:
            one = blank(element)
            decode(items, fields, one, f"{name}[{position}].")
            out.append(one)
    return out


def _decode_tag_values(fields: Fields, name: str) -> list[TagValue]:
    return [
        TagValue(fields.take(TEXT, f"{name}[{position}].tag"), fields.take(TEXT, f"{name}[{position}].value"))
        for position in range(fields.count(name, PAIR))
    ]


def _decode_variants(fields: Fields, name: str, kind: str, cases: Any) -> list[Any]:
    out = []
    for position in range(fields.count(name, max(weight(cls) for cls, _ in cases.values()))):
        number = fields.take(INT, f"{name}[{position}].{kind}")
        if number not in cases:
            fields.index -= 1
            raise fields.error(f"{name}[{position}].{kind}", f"is {number}; known are {sorted(cases)}")
        cls, items = cases[number]
        one = blank(cls)
        decode(items, fields, one, f"{name}[{position}].")
        out.append(one)
    return out


def encode(layout: Layout, source: Any, message: str, version: int, prefix: str = "") -> list[str]:
    """Return the fields of a resolved layout, with the values of `source`.

    `prefix` is the name of `source` in errors, with a dot. Raises `EncodeError` that names the field and its value.
    """
    out: list[str] = []
    for item in layout:
        match item:
            case Field():
                out.append(_encode_field(item, source, prefix, message, version))
            case Fixed(value):
                out.append(str(value))
            case Given(path, items=items):
                if item.holds(get_path(source, path)):
                    out += encode(items, source, message, version, prefix)
            case Many(path, element, items):
                elements = get_path(source, path) or ()
                out.append(str(len(elements)))
                for index, one in enumerate(elements):
                    name = f"{prefix}{'.'.join(path)}[{index}]"
                    if isinstance(element, Scalar):
                        out.append(_encode_value(element, one, name, message, version))
                    else:
                        out += encode(items, one, message, version, f"{name}.")
            case Maybe(path, items=items):
                present = get_path(source, path) is not None
                out.append("1" if present else "0")
                if present:
                    out += encode(items, source, message, version, prefix)
            case Variants(path, kind, cases):
                elements = get_path(source, path) or ()
                out.append(str(len(elements)))
                for index, one in enumerate(elements):
                    name = f"{prefix}{'.'.join(path)}[{index}]."
                    number = getattr(one, kind)
                    if number not in cases:
                        raise EncodeError(message, version, name + kind, number, "no such kind is known")
                    out.append(str(number))
                    out += encode(cases[number][1], one, message, version, name)
            case _:  # TagValues
                path = item.path
                pairs = get_path(source, path) or ()
                out.append(str(len(pairs)))
                for index, pair in enumerate(pairs):
                    name = f"{prefix}{'.'.join(path)}[{index}]"
                    out.append(_encode_value(TEXT, pair.tag, f"{name}.tag", message, version))
                    out.append(_encode_value(TEXT, pair.value, f"{name}.value", message, version))
    return out


def _encode_field(item: Field, source: Any, prefix: str, message: str, version: int) -> str:
    name = prefix + ".".join(item.path)
    try:
        value = get_path(source, item.path)
        second = get_path(source, item.second) if isinstance(item, TwoWords) else ""
    except AttributeError as error:
        raise EncodeError(message, version, name, None, str(error)) from None
    spelled = _encode_value(item.scalar, value, name, message, version)
    if not isinstance(item, TwoWords):
        return spelled
    rest = _encode_value(item.scalar, second, prefix + ".".join(item.second), message, version)
    return join_words(spelled, rest)


def _encode_value(scalar: Scalar, value: Any, name: str, message: str, version: int) -> str:
    try:
        return scalar.encode_text(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise EncodeError(message, version, name, value, str(error)) from None
