"""The spellings of single values, as a text field and as a protobuf tag, side by side.

A scalar has four small functions, two for each encoding. `absent` is the value that a missing tag stands for, unless
the message says otherwise, and `is_set` tells whether a value needs a tag. Decoders raise ValueError, as `int` and
`float` do; the codec that called them adds the names of the message and the field.
"""

import datetime as dt
import re
import struct
from decimal import Decimal
from math import isfinite, isinf
from typing import Annotated, Any, ClassVar

from ibdesk.model.contract import TagValue
from ibdesk.model.fields import plain_number, same
from ibdesk.model.times import formatIBDatetime
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.runtime.moments import plain_moment

VARINT, FIXED64, BYTES = 0, 1, 2
"""The wire types of protobuf that TWS uses."""

MOST_VALUES = 4_000_000
"""How many values the lists of one message may hold, counting all fields of each element.

An honest message of the greatest length holds fewer: 300,000 bars, which are about 2,700,000 values. Empty elements
would cost a peer two bytes each, and this end a hundred times as many.
"""

MOST_UNKNOWN = 500_000
"""How many unknown values a message may hold. It leaves room for one or two new ones in each bar of a newer server."""

PAIR = 3
"""How many values a tag-value pair counts as: itself and its two texts."""

_double = struct.Struct("<d")
UNSET_SIZES = frozenset({"", "2147483647", "9223372036854775807", "1.7976931348623157E308", "-9223372036854775808"})
"""The spellings that TWS uses for a size that is not there."""

SHORTEST_UNSET_SIZE = min(map(len, UNSET_SIZES - {""}))
"""The length of the shortest of them that is not empty.

Any shorter text that is not empty is a real size, so the lookup in `UNSET_SIZES` can be skipped.
"""


def encode_varint(value: int) -> bytes:
    """Return `value` in groups of seven bits, low ones first; a negative number as its 64-bit two's complement."""
    value &= 0xFFFF_FFFF_FFFF_FFFF
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_bytes(data: bytes) -> bytes:
    """Return `data` with its length before it."""
    return encode_varint(len(data)) + data


def number_text(value: float) -> str:
    """Return the shortest spelling of a number without an exponent: `100` for 100.0."""
    if value == int(value):
        return str(int(value))
    text = repr(float(value))
    return format(Decimal(text), "f") if "e" in text else text


def _plain_int(value: Any) -> int:
    if type(value) is int or type(value) is bool:
        return int(value)
    if isinstance(value, float) and isinf(value):
        raise ValueError(f"{value!r} is not a whole number")
    number = int(value)
    if number != value:
        raise ValueError(f"{value!r} is not a whole number")
    return number


def _plain_float(value: Any) -> float:
    number = float(value if type(value) is float or type(value) is int else plain_number(value))
    if number != number:
        raise ValueError("nan is not a number that TWS accepts; an unset price is UNSET_DOUBLE")
    return number


def _is_unset(value: Any, unset: float) -> bool:
    if type(value) is float or type(value) is int:
        return value == unset  # nearly all are Python's own numbers, for which this is all there is to ask
    value = plain_number(value)
    return value is None or same(value, unset) or same(value, "")


def _read_int(text: str) -> int:
    if "_" in text:
        raise ValueError("Python reads 1_0 as 10; nobody else does")
    return int(text)


def _read_float(text: str) -> float:
    if "_" in text:
        raise ValueError("Python reads 1_0.5 as 10.5; nobody else does")
    return float(text)


class Scalar:
    """One kind of value. Subclasses define both spellings; instances hold no state."""

    name: ClassVar[str]
    wire_type: ClassVar[int]
    absent: ClassVar[Any]

    def decode_text(self, text: str) -> Any:
        """Return the value of a text field. Raises ValueError."""
        raise NotImplementedError

    def encode_text(self, value: Any) -> str:
        """Return the text field of a value, without its terminator. Raises ValueError."""
        raise NotImplementedError

    def decode_tag(self, raw: Any) -> Any:
        """Return the value of a tag: `raw` is an int (VARINT), a float (FIXED64) or bytes (BYTES).

        Raises ValueError.
        """
        raise NotImplementedError

    def encode_tag(self, value: Any) -> bytes:
        """Return the bytes that follow the key of a tag. Raises ValueError."""
        raise NotImplementedError

    def is_set(self, value: Any) -> bool:
        """Return whether the value needs a tag: whether it differs from the one that a missing tag stands for."""
        return bool(value != self.absent)


class Int(Scalar):
    """A whole number of up to 64 bits. An empty field is 0. Every value has a tag, zero too."""

    name, wire_type, absent = "an int", VARINT, 0

    def decode_text(self, text: str) -> Any:
        try:
            return _read_int(text) if text else 0
        except ValueError:
            return _plain_int(_read_float(text))  # some servers write 5.0 instead of 5

    def encode_text(self, value: Any) -> str:
        return str(_plain_int(value))

    def decode_tag(self, raw: Any) -> Any:
        return raw - (1 << 64) if raw >> 63 else raw

    def encode_tag(self, value: Any) -> bytes:
        number = _plain_int(value)
        if not -(1 << 63) <= number < 1 << 63:
            raise ValueError("it has more than 64 bits")
        return encode_varint(number)

    def is_set(self, value: Any) -> bool:
        return not same(value, UNSET_INTEGER)


class OptionalInt(Int):
    """A whole number that may be unset (UNSET_INTEGER): then the text field is empty, and there is no tag."""

    absent = UNSET_INTEGER

    def decode_text(self, text: str) -> Any:
        return super().decode_text(text) if text else UNSET_INTEGER

    def encode_text(self, value: Any) -> str:
        return "" if _is_unset(value, UNSET_INTEGER) else str(_plain_int(value))

    def is_set(self, value: Any) -> bool:
        return not _is_unset(value, UNSET_INTEGER)


class ShownInt(OptionalInt):
    """An optional whole number that is written out when unset, as the official client does in parts of placeOrder."""

    def encode_text(self, value: Any) -> str:
        return str(_plain_int(UNSET_INTEGER if value is None else value))


class Float(Scalar):
    """A number. An empty field is 0."""

    name, wire_type, absent = "a number", FIXED64, 0.0

    def decode_text(self, text: str) -> Any:
        return _read_float(text) if text else 0.0

    def encode_text(self, value: Any) -> str:
        if type(value) is not int:
            value = _plain_float(value)
            if isinf(value):
                return "Infinity" if value > 0 else "-Infinity"
        return str(value)

    def decode_tag(self, raw: Any) -> Any:
        return raw

    def encode_tag(self, value: Any) -> bytes:
        return _double.pack(_plain_float(value))

    def is_set(self, value: Any) -> bool:
        return not same(plain_number(value), UNSET_DOUBLE)


class OptionalFloat(Float):
    """A number that may be unset (UNSET_DOUBLE): then the text field is empty, and there is no tag."""

    absent = UNSET_DOUBLE

    def decode_text(self, text: str) -> Any:
        number = _read_float(text) if text else UNSET_DOUBLE
        # Compiled encoders recognize a default by its identity, so it is always the same object.
        return UNSET_DOUBLE if number == UNSET_DOUBLE else number

    def encode_text(self, value: Any) -> str:
        return "" if _is_unset(value, UNSET_DOUBLE) else super().encode_text(value)

    def is_set(self, value: Any) -> bool:
        return not _is_unset(value, UNSET_DOUBLE)


class ShownFloat(OptionalFloat):
    """An optional number that is written out when unset, as the official client does in parts of placeOrder."""

    def encode_text(self, value: Any) -> str:
        return Float.encode_text(self, UNSET_DOUBLE if _is_unset(value, UNSET_DOUBLE) else value)


class Strike(Float):
    """A strike from server version 202 on, where zero may be a real strike.

    In ibdesk 0.0 means that there is no strike: an empty text field, and no tag.
    """

    def encode_text(self, value: Any) -> str:
        return super().encode_text(value) if self.is_set(value) else ""

    def is_set(self, value: Any) -> bool:
        if type(value) is float:
            return value not in (0.0, UNSET_DOUBLE)
        return not _is_unset(value, UNSET_DOUBLE) and not same(plain_number(value), 0)


class Size(Scalar):
    """A quantity. It is a decimal in text, a decimal string in protobuf and a float in ibdesk.

    TWS has five spellings for an unset one: see `UNSET_SIZES`.
    """

    name, wire_type, absent = "a size", BYTES, UNSET_DOUBLE

    def decode_text(self, text: str) -> Any:
        return UNSET_DOUBLE if text in UNSET_SIZES else _read_float(text)

    def encode_text(self, value: Any) -> str:
        return "" if _is_unset(value, UNSET_DOUBLE) else number_text(_plain_float(value))

    def decode_tag(self, raw: Any) -> Any:
        return self.decode_text(raw.decode())

    def encode_tag(self, value: Any) -> bytes:
        return encode_bytes(self.encode_text(value).encode())

    def is_set(self, value: Any) -> bool:
        return not _is_unset(value, UNSET_DOUBLE)


class Decimals(Size):
    """A number that protobuf carries as a decimal string, such as minTick. In text it is a plain number."""

    name, absent = "a number", 0.0

    def decode_text(self, text: str) -> Any:
        return _read_float(text) if text else 0.0

    def encode_text(self, value: Any) -> str:
        return str(value) if type(value) is int else str(_plain_float(value))


class Bool(Scalar):
    """Yes or no: 1 or 0."""

    name, wire_type = "a bool", VARINT
    absent: ClassVar[Any] = False

    def decode_text(self, text: str) -> Any:
        return text not in _FALSE and (text in _TRUE or _read_int(text) != 0)

    def encode_text(self, value: Any) -> str:
        return "1" if value else "0"

    def decode_tag(self, raw: Any) -> Any:
        return raw != 0

    def encode_tag(self, value: Any) -> bytes:
        return b"\x01" if value else b"\x00"

    def is_set(self, value: Any) -> bool:
        return bool(value)


_FALSE = frozenset({"", "0", "false", "False"})
_TRUE = frozenset({"1", "true", "True"})


class ExplicitBool(Bool):
    """Yes or no, with a tag for both."""

    def is_set(self, value: Any) -> bool:
        return True


class Conjunction(ExplicitBool):
    """How an order condition is joined to the next one.

    It is `a` (and) or `o` (or) in ibdesk and in text, and a bool in protobuf.
    """

    name, absent = "a or o", "a"

    def decode_text(self, text: str) -> Any:
        if text not in ("a", "o"):
            raise ValueError(text)
        return text

    def encode_text(self, value: Any) -> str:
        return str(self.decode_text(value))

    def decode_tag(self, raw: Any) -> Any:
        return "a" if raw else "o"

    def encode_tag(self, value: Any) -> bytes:
        return b"\x01" if self.decode_text(value) == "a" else b"\x00"


class OptionalBool(Bool):
    """Yes, no or unset (None): then the text field is empty, and there is no tag."""

    absent = None

    def decode_text(self, text: str) -> Any:
        return None if text in ("", "2147483647") else super().decode_text(text)

    def encode_text(self, value: Any) -> str:
        return "" if value is None else super().encode_text(value)

    def is_set(self, value: Any) -> bool:
        return value is not None


class Text(Scalar):
    """A string. Other values are spelled by `plain_text`. A string that is not empty has a tag."""

    name, wire_type, absent = "a text", BYTES, ""

    def decode_text(self, text: str) -> Any:
        return text

    def encode_text(self, value: Any) -> str:
        text = plain_text(value)
        if "\0" in text:
            raise ValueError("a text field cannot hold a NUL character")
        return text

    def decode_tag(self, raw: Any) -> Any:
        return raw.decode("utf-8", "backslashreplace")

    def encode_tag(self, value: Any) -> bytes:
        return encode_bytes(plain_text(value).encode("utf-8", "backslashreplace"))

    def is_set(self, value: Any) -> bool:
        try:
            return bool(plain_text(value))
        except ValueError:
            return True  # so that encoding it raises the error


def plain_text(value: Any) -> str:
    """Return the spelling of a value in a field that takes text: a multiplier, say, or a parameter of an algorithm.

    Numbers are spelled without an exponent, numpy's too, flags as `1` and `0`, and unset values as "". Raises
    ValueError for anything else, and for a number that is not finite.
    """
    if isinstance(value, str):
        return value if type(value) is str else str.__str__(value)  # str() of an Enum would give `Right.CALL`
    value = plain_number(value)
    if value is None or (type(value) in (int, float) and value in (UNSET_INTEGER, UNSET_DOUBLE)):
        return ""
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return number_text(value)
    raise ValueError("it is neither a text nor a number")


class Escaped(Text):
    r"""A string whose characters outside ASCII are backslash escapes in text (`\u00e9`), since server version 153.

    A backslash that begins no escape is kept. A pair of surrogates, which Java writes for a character beyond 16 bits,
    becomes one character.
    """

    def decode_text(self, text: str) -> Any:
        if "\\" not in text:
            return text
        plain = _ESCAPE.sub(lambda found: found[0].encode().decode("unicode-escape"), text)
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def encode_text(self, value: Any) -> str:
        text: str = super().encode_text(value)
        return text.replace("\\", "\\\\").encode("ascii", "backslashreplace").decode("ascii")


_ESCAPE = re.compile(r"""\\(?:u[0-9A-Fa-f]{4}|U00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[\\'"abfnrtv])""")


def split_words(text: str) -> tuple[str, str]:
    """Return the first two words of a text, such as a date and a time, and drop the rest.

    Words are separated by spaces or hyphens. The second is "" when there is only one.
    """
    words = text.replace("-", " ").split()
    return words[0] if words else text, words[1] if len(words) > 1 else ""


def join_words(first: Any, second: Any) -> str:
    """Return the text of two words, of which the second may be empty."""
    return f"{plain_text(first)} {plain_text(second)}".rstrip()


class Moment(Text):
    """A string that tells a moment. A date or datetime is spelled as IBKR takes it: see `formatIBDatetime`."""

    def encode_text(self, value: Any) -> str:
        return str(super().encode_text(_moment_text(value)))

    def encode_tag(self, value: Any) -> bytes:
        return bytes(super().encode_tag(_moment_text(value)))


def _moment_text(value: Any) -> Any:
    moment = plain_moment(value)
    return formatIBDatetime(moment) if isinstance(moment, dt.date) else value


class NumberText(Text):
    """A string in ibdesk and in text, a double in protobuf: `multiplier`, and the margins of an order state."""

    wire_type = FIXED64

    def decode_tag(self, raw: Any) -> Any:
        return number_text(raw) if abs(raw) < 1e15 else repr(raw).replace("e+", "E")

    def encode_tag(self, value: Any) -> bytes:
        return _double.pack(_plain_float(plain_text(value)))

    def is_set(self, value: Any) -> bool:
        try:
            text = plain_text(value)
            return bool(text) and float(text) != UNSET_DOUBLE
        except ValueError:
            return True  # so that encoding it raises the error


class IntText(Int):
    """A whole number in ibdesk and in text, a string in protobuf: the redemption date of a commission report."""

    wire_type = BYTES

    def decode_tag(self, raw: Any) -> Any:
        return self.decode_text(raw.decode())

    def encode_tag(self, value: Any) -> bytes:
        return encode_bytes(str(_plain_int(value)).encode())

    def is_set(self, value: Any) -> bool:
        return bool(value)


class Options(Scalar):
    """Tag-value pairs in one text field, `tag=value;` for each. In protobuf they are a map: see `layout.pairs`."""

    name, wire_type, absent = "options", BYTES, None

    def decode_text(self, text: str) -> Any:
        if text.count(";") > MOST_VALUES // PAIR:
            raise ValueError("there are too many options")
        pairs = (part.partition("=") for part in text.split(";") if part)
        return [TagValue(tag, value) for tag, _, value in pairs]

    def encode_text(self, value: Any) -> str:
        return TEXT.encode_text("".join(f"{plain_text(pair.tag)}={plain_text(pair.value)};" for pair in value or ()))

    def is_set(self, value: Any) -> bool:
        return bool(value)


class ExplicitInt(Int):
    """A whole number that always has a tag. UNSET_INTEGER is a number like others here, as it is among IBKR's ids."""

    def is_set(self, value: Any) -> bool:
        return True


class OptionalText(Text):
    """A string that may be unset (None). In protobuf an empty one has a tag; text cannot tell the two apart."""

    absent: ClassVar[Any] = None

    def is_set(self, value: Any) -> bool:
        return value is not None


INT, OPTIONAL_INT, SHOWN_INT = Int(), OptionalInt(), ShownInt()
EXPLICIT_INT, OPTIONAL_TEXT = ExplicitInt(), OptionalText()
FLOAT, OPTIONAL_FLOAT, SHOWN_FLOAT = Float(), OptionalFloat(), ShownFloat()
BOOL, EXPLICIT_BOOL, OPTIONAL_BOOL, CONJUNCTION = Bool(), ExplicitBool(), OptionalBool(), Conjunction()
TEXT, ESCAPED, MOMENT, NUMBER_TEXT, INT_TEXT = Text(), Escaped(), Moment(), NumberText(), IntText()
SIZE, DECIMALS, STRIKE, OPTIONS = Size(), Decimals(), Strike(), Options()

Quantity = Annotated[float, SIZE]
"""A float that is a decimal in text and a decimal string in protobuf."""

Long = Annotated[int, EXPLICIT_INT]
"""An int of 64 bits. 2147483647 is a number like others here."""

OptionalPrice = Annotated[float, OPTIONAL_FLOAT]
"""A float that may be UNSET_DOUBLE."""

DecimalNumber = Annotated[float, DECIMALS]
"""A float that protobuf carries as a string."""

MomentText = Annotated[str, MOMENT]
"""A string that tells a moment. A date or datetime is accepted, and spelled as one."""

EscapedText = Annotated[str, ESCAPED]
"""A string that has backslash escapes in text."""
