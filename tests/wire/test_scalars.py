"""Each scalar in both spellings: what it reads, what it writes, what is worth a tag, and what it refuses."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.model.contract import TagValue
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import scalars as s

MAX = "1.7976931348623157e+308"
JAVA_MAX = "1.7976931348623157E308"
PAIRS = [TagValue("a", "1"), TagValue("b", "")]

TEXT_BOTH_WAYS = [
    (s.INT, "0", 0),
    (s.INT, "-7", -7),
    (s.INT, "2147483648", 2147483648),
    (s.OPTIONAL_INT, "", UNSET_INTEGER),
    (s.OPTIONAL_INT, "5", 5),
    (s.SHOWN_INT, "2147483647", UNSET_INTEGER),
    (s.FLOAT, "0.0", 0.0),
    (s.FLOAT, "1e-05", 1e-05),
    (s.FLOAT, "Infinity", float("inf")),
    (s.FLOAT, "-Infinity", float("-inf")),
    (s.OPTIONAL_FLOAT, "", UNSET_DOUBLE),
    (s.OPTIONAL_FLOAT, "0.0", 0.0),
    (s.SHOWN_FLOAT, MAX, UNSET_DOUBLE),
    (s.SHOWN_FLOAT, "1.5", 1.5),
    (s.STRIKE, "", 0.0),
    (s.STRIKE, "150.0", 150.0),
    (s.SIZE, "", UNSET_DOUBLE),
    (s.SIZE, "0", 0.0),
    (s.SIZE, "100", 100.0),
    (s.SIZE, "0.00000001", 1e-08),
    (s.SIZE, "1230000000000000", 1.23e15),
    (s.DECIMALS, "0.01", 0.01),
    (s.DECIMALS, "5e-05", 5e-05),
    (s.BOOL, "0", False),
    (s.BOOL, "1", True),
    (s.EXPLICIT_BOOL, "1", True),
    (s.OPTIONAL_BOOL, "", None),
    (s.OPTIONAL_BOOL, "0", False),
    (s.OPTIONAL_BOOL, "1", True),
    (s.CONJUNCTION, "a", "a"),
    (s.CONJUNCTION, "o", "o"),
    (s.TEXT, "", ""),
    (s.TEXT, "Zürich ☂", "Zürich ☂"),
    (s.ESCAPED, r"caf\xe9 \u20ac \U0001f600", "café € 😀"),
    (s.ESCAPED, r"C:\\new", r"C:\new"),
    (s.NUMBER_TEXT, "100", "100"),
    (s.INT_TEXT, "20301215", 20301215),
    (s.OPTIONS, "", []),
    (s.OPTIONS, "a=1;b=;", PAIRS),
]

ONLY_READ = [
    (s.INT, "", 0),
    (s.INT, "5.0", 5),
    (s.SHOWN_INT, "", UNSET_INTEGER),
    (s.FLOAT, "", 0.0),
    (s.FLOAT, JAVA_MAX, UNSET_DOUBLE),
    (s.OPTIONAL_FLOAT, JAVA_MAX, UNSET_DOUBLE),
    (s.SHOWN_FLOAT, "", UNSET_DOUBLE),
    *(
        (s.SIZE, unset, UNSET_DOUBLE)
        for unset in (JAVA_MAX, "2147483647", "9223372036854775807", "-9223372036854775808")
    ),
    (s.DECIMALS, "", 0.0),
    (s.BOOL, "", False),
    (s.BOOL, "false", False),
    (s.BOOL, "true", True),
    (s.BOOL, "-1", True),
    (s.OPTIONAL_BOOL, "2147483647", None),
    (s.ESCAPED, r"\ud83d\ude00", "😀"),
    (s.ESCAPED, r"\ud83d!", "�!"),
    (s.ESCAPED, "a\\", "a\\"),
    (s.ESCAPED, r"\q \N{DIGIT ONE} \U00110000", r"\q \N{DIGIT ONE} \U00110000"),
    (s.ESCAPED, r"one\ntwo", "one\ntwo"),
    (s.OPTIONS, "a=1=2;;flag", [TagValue("a", "1=2"), TagValue("flag", "")]),
]

ONLY_WRITTEN = [
    (s.INT, 5.0, "5"),
    (s.INT, True, "1"),
    (s.OPTIONAL_INT, None, ""),
    (s.OPTIONAL_INT, "", ""),
    (s.SHOWN_INT, None, "2147483647"),
    (s.FLOAT, 5, "5"),
    (s.FLOAT, "1.5", "1.5"),
    (s.FLOAT, UNSET_DOUBLE, MAX),
    (s.OPTIONAL_FLOAT, None, ""),
    (s.OPTIONAL_FLOAT, "", ""),
    (s.SHOWN_FLOAT, None, MAX),
    (s.SHOWN_FLOAT, "", MAX),
    (s.STRIKE, UNSET_DOUBLE, ""),
    (s.SIZE, None, ""),
    (s.SIZE, 100, "100"),
    (s.DECIMALS, 1, "1"),
    (s.TEXT, None, ""),
    (s.TEXT, 100, "100"),
    (s.TEXT, 1.5, "1.5"),
    (s.NUMBER_TEXT, 100.0, "100"),
    (s.OPTIONS, None, ""),
]

UNREADABLE = [
    (s.INT, "LMT"),
    (s.INT, "1.5"),
    (s.INT, "nan"),
    (s.INT, "1e999"),
    (s.INT, "9" * 5000),
    (s.FLOAT, "LMT"),
    (s.SIZE, "LMT"),
    (s.DECIMALS, "LMT"),
    (s.BOOL, "LMT"),
    (s.CONJUNCTION, "x"),
]

UNWRITABLE = [
    (s.INT, "LMT"),
    (s.INT, 1.5),
    (s.INT, None),
    (s.FLOAT, "abc"),
    (s.FLOAT, float("nan")),
    (s.FLOAT, None),
    (s.SIZE, float("nan")),
    (s.SIZE, float("inf")),
    (s.DECIMALS, "abc"),
    (s.CONJUNCTION, "x"),
    (s.TEXT, "a\0b"),
    (s.TEXT, float("nan")),
    (s.TEXT, ["a"]),
    (s.ESCAPED, "a\0b"),
    (s.OPTIONS, [TagValue("a", "\0")]),
]

TAGS_BOTH_WAYS = [
    (s.INT, 7, b"\x07", 7),
    (s.INT, 300, b"\xac\x02", 300),
    (s.INT, 2**64 - 1, b"\xff" * 9 + b"\x01", -1),
    (s.INT, 2**63 - 1, b"\xff" * 8 + b"\x7f", 2**63 - 1),
    (s.FLOAT, 1.5, struct.pack("<d", 1.5), 1.5),
    (s.SIZE, b"100", b"\x03100", 100.0),
    (s.SIZE, b"0.5", b"\x030.5", 0.5),
    (s.DECIMALS, b"0.01", b"\x040.01", 0.01),
    (s.BOOL, 1, b"\x01", True),
    (s.BOOL, 0, b"\x00", False),
    (s.CONJUNCTION, 1, b"\x01", "a"),
    (s.CONJUNCTION, 0, b"\x00", "o"),
    (s.TEXT, "é".encode(), b"\x02\xc3\xa9", "é"),
    (s.NUMBER_TEXT, 100.0, struct.pack("<d", 100.0), "100"),
    (s.NUMBER_TEXT, 0.5, struct.pack("<d", 0.5), "0.5"),
    (s.INT_TEXT, b"20301215", b"\x0820301215", 20301215),
]

ONLY_TAGS_READ = [
    (s.BOOL, 2**64 - 1, True),
    (s.SIZE, b"", UNSET_DOUBLE),
    (s.TEXT, b"caf\xe9", "caf\\xe9"),
    (s.NUMBER_TEXT, UNSET_DOUBLE, JAVA_MAX),
    (s.NUMBER_TEXT, 1e22, "1E22"),
    (s.INT_TEXT, b"", 0),
]

WORTH_A_TAG = [
    (s.INT, 0, True),
    (s.INT, UNSET_INTEGER, False),
    (s.OPTIONAL_INT, 0, True),
    (s.OPTIONAL_INT, UNSET_INTEGER, False),
    (s.OPTIONAL_INT, None, False),
    (s.FLOAT, 0.0, True),
    (s.FLOAT, UNSET_DOUBLE, False),
    (s.OPTIONAL_FLOAT, 0.0, True),
    (s.OPTIONAL_FLOAT, UNSET_DOUBLE, False),
    (s.OPTIONAL_FLOAT, None, False),
    (s.STRIKE, 0.0, False),
    (s.STRIKE, UNSET_DOUBLE, False),
    (s.STRIKE, 150.0, True),
    (s.SIZE, 0.0, True),
    (s.SIZE, UNSET_DOUBLE, False),
    (s.BOOL, False, False),
    (s.BOOL, True, True),
    (s.EXPLICIT_BOOL, False, True),
    (s.OPTIONAL_BOOL, None, False),
    (s.OPTIONAL_BOOL, False, True),
    (s.TEXT, "", False),
    (s.TEXT, "0", True),
    (s.NUMBER_TEXT, "", False),
    (s.NUMBER_TEXT, "0", True),
    (s.NUMBER_TEXT, JAVA_MAX, False),
    (s.NUMBER_TEXT, "abc", True),
    (s.INT_TEXT, 0, False),
    (s.OPTIONS, [], False),
]


def name(value: Any) -> str:
    return type(value).__name__ if isinstance(value, s.Scalar) else repr(value)[:30]


@pytest.mark.parametrize(("scalar", "text", "value"), TEXT_BOTH_WAYS, ids=name)
def test_text(scalar: s.Scalar, text: str, value: Any) -> None:
    assert scalar.decode_text(text) == value
    assert type(scalar.decode_text(text)) is type(value)
    assert scalar.encode_text(value) == text


@pytest.mark.parametrize(("scalar", "text", "value"), ONLY_READ, ids=name)
def test_other_spellings_that_are_read(scalar: s.Scalar, text: str, value: Any) -> None:
    assert scalar.decode_text(text) == value


@pytest.mark.parametrize(("scalar", "value", "text"), ONLY_WRITTEN, ids=name)
def test_other_values_that_are_written(scalar: s.Scalar, value: Any, text: str) -> None:
    assert scalar.encode_text(value) == text


@pytest.mark.parametrize(("scalar", "text"), UNREADABLE, ids=name)
def test_unreadable(scalar: s.Scalar, text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        scalar.decode_text(text)


@pytest.mark.parametrize(("scalar", "value"), UNWRITABLE, ids=name)
def test_unwritable(scalar: s.Scalar, value: Any) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        scalar.encode_text(value)


@pytest.mark.parametrize(("scalar", "raw", "data", "value"), TAGS_BOTH_WAYS, ids=name)
def test_tags(scalar: s.Scalar, raw: Any, data: bytes, value: Any) -> None:
    assert scalar.decode_tag(raw) == value
    assert type(scalar.decode_tag(raw)) is type(value)
    assert scalar.encode_tag(value) == data


@pytest.mark.parametrize(("scalar", "raw", "value"), ONLY_TAGS_READ, ids=name)
def test_other_tags_that_are_read(scalar: s.Scalar, raw: Any, value: Any) -> None:
    assert scalar.decode_tag(raw) == value


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 1.5, "x"])
def test_an_int_that_no_tag_can_hold(value: Any) -> None:
    with pytest.raises(ValueError, match=r"64 bits|whole number|invalid literal"):
        s.INT.encode_tag(value)


@pytest.mark.parametrize(("scalar", "value", "expected"), WORTH_A_TAG, ids=name)
def test_what_is_worth_a_tag(scalar: s.Scalar, value: Any, expected: bool) -> None:
    assert scalar.is_set(value) is expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_size_survives_and_has_no_exponent(value: float) -> None:
    text = s.SIZE.encode_text(value)
    assert "e" not in text.lower()
    assert s.SIZE.decode_text(text) == value


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_escapes_survive_and_are_ascii(value: str) -> None:
    text = s.ESCAPED.encode_text(value)
    assert text.isascii()
    assert s.ESCAPED.decode_text(text) == value


@given(st.integers(-(2**63), 2**63 - 1))
def test_varints_survive(value: int) -> None:
    data = s.encode_varint(value)
    number = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data))
    assert s.INT.decode_tag(number) == value
    assert all(byte >= 0x80 for byte in data[:-1])


def test_options_have_no_protobuf_form() -> None:
    """They are a map there: see `layout.pairs`."""
    with pytest.raises(NotImplementedError):
        s.OPTIONS.decode_tag(b"")
    with pytest.raises(NotImplementedError):
        s.OPTIONS.encode_tag([])


def test_a_scalar_that_spells_nothing() -> None:
    class Plain(s.Scalar):
        absent = 0

    with pytest.raises(NotImplementedError):
        Plain().decode_text("")
    with pytest.raises(NotImplementedError):
        Plain().encode_text(0)
    assert not Plain().is_set(0)
