"""The compiled codecs against the reference codecs: for every message, version and encoding the same, errors too."""

import struct
import traceback
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from decimal import Decimal
from itertools import product
from math import inf, nan
from random import Random
from typing import Any

import numpy as np
import pytest
from conformance.examples import examples as sensible
from conformance.versions import changes
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as examples
from hypothesis import strategies as st
from wire.carried import supported
from wire.generation import flawed, messages, picture

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.model.bars import BarData
from ibdesk.model.contract import ComboLeg, Contract
from ibdesk.model.order import Order, OrderComboLeg
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import catalogue, compiled, compiled_protobuf, compiled_text, protobuf, text
from ibdesk.wire.catalogue import Description, Sender
from ibdesk.wire.codec import Codec, Unknown
from ibdesk.wire.compiled import Memory, Source, source_of
from ibdesk.wire.frames import frame
from ibdesk.wire.layout import Fixed, blank, given, many, record, refs, repeat, since, spelled
from ibdesk.wire.messages.contracts import ContractData
from ibdesk.wire.messages.history import HistoricalData
from ibdesk.wire.messages.market_data import (
    MarketDataType,
    TickGeneric,
    TickPrice,
    TickSize,
    TickSnapshotEnd,
    TickString,
)
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder, PlaceOrder
from ibdesk.wire.scalars import FLOAT, INT_TEXT, NUMBER_TEXT, OPTIONAL_FLOAT, SIZE, STRIKE, TEXT, encode_varint

VERSIONS = (157, 163, 164, 170, 176, 178, 187, 195, 199, 200, 201, 203, 206, 213, 217, 225)

A_FEW_SENSIBLE = 12

every_message = pytest.mark.parametrize("description", catalogue.messages(), ids=lambda one: one.name)
# Making a small example of a failure takes minutes with messages of 150 fields.
a_few = settings(
    max_examples=15, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def versions_of(description: Description) -> st.SearchStrategy[int]:
    return st.sampled_from([version for version in VERSIONS if version >= description.first])


def same(compiled: Callable[[], Any], reference: Callable[[], Any]) -> Any:
    """Both give the same, which is returned; or both raise, which gives None."""
    try:
        expected = reference()
    except Exception:
        with pytest.raises(Exception):  # noqa: B017 - any exception leads to the reference codec
            compiled()
        return None
    assert picture(compiled()) == picture(expected)
    return expected


def read_text(description: Description, version: int, fields: list[str], oddities: Counter[str]) -> Any:
    message, reading = blank(description.cls), text.Fields(fields, description.name, version)
    text.decode(description.layout(version), reading, message)
    if reading.index < len(fields):
        oddities[f"{description.name} v{version} has {len(fields) - reading.index} fields more than known"] += 1
    return message


def read_protobuf(description: Description, version: int, data: bytes, oddities: Counter[str]) -> Any:
    reading = protobuf.Reading(description.name, version)
    message = protobuf.decode(description.tags(version), data, reading)
    oddities.update(f"{description.name} v{version} has the unknown tag {tag}" for tag in reading.unknown)
    return message


@pytest.mark.parametrize("description", [one for one in catalogue.messages() if one.text], ids=lambda one: one.name)
@a_few
@examples(data=st.data())
def test_text_is_the_same(description, data):
    version = data.draw(versions_of(description))
    message = supported(data.draw(messages(description.cls)), version)
    layout = description.layout(version)
    body = same(
        lambda: compiled_text.encoder(description, version, b"")(message),
        lambda: text.join(text.encode(layout, message, description.name, version)),
    )
    if body is None:
        return
    more = data.draw(st.lists(st.sampled_from(["", "1", "x"]), max_size=2))
    fields = text.split(body) + more
    odd, expected_odd = Counter(), Counter()
    same(
        lambda: compiled_text.decoder(description, version, 0)([*fields, ""], odd),
        lambda: read_text(description, version, fields, expected_odd),
    )
    assert odd == expected_odd
    decoded = compiled_text.decoder(description, version, 1)(["an id", *fields, ""], Counter())
    assert picture(decoded) == picture(read_text(description, version, fields, Counter()))


@every_message
def test_sensible_messages_are_the_same_at_every_version(description):
    """`changes` has every version at which the description of a message is another one."""
    for version in changes(description.cls):
        writer, reader = Codec(description.sender.peer, version), Codec(description.sender, version)
        for drawn in sensible(description.cls, A_FEW_SENSIBLE):
            message = supported(drawn, version)
            payload = writer._encode_by_reference(message)
            writer._make_encoder(description)
            assert writer._encoders[description.cls](message) == payload
            assert writer.encode(message) == payload
            expected = picture(reader._decode_by_reference(payload))
            assert picture(reader.decode(payload)) == expected


def same_frame(codec, message, known):
    """Given the first `known` fields before, a message makes the same frame as without."""
    values = [getattr(message, each.name) for each in dataclass_fields(message)]
    encode = codec.partial_encoder(type(message), *values[:known])
    for _ in range(2):
        same(lambda: encode(*values[known:]), lambda: frame(codec.encode(message)))


@every_message
def test_fields_that_are_given_before_make_the_same_frame(description):
    """For short messages it is a compiled function, and for all others it is the codec."""
    if description.sender is Sender.CLIENT:
        return
    for version in changes(description.cls):
        for message in sensible(description.cls, A_FEW_SENSIBLE):
            for known in range(min(len(dataclass_fields(message)), 2) + 1):
                same_frame(Codec(Sender.CLIENT, version), message, known)


@pytest.mark.parametrize("reqId", [4, 400, True, "x"])
def test_unusual_values_of_fields_make_the_same_frame_too(reqId):
    codec = Codec(Sender.CLIENT, 225)
    for size in (0.0, -0.0, UNSET_DOUBLE, 100, Decimal("1.5"), 0.00001, 1e22, nan, "many"):
        same_frame(codec, TickSize(reqId, 0, size), 2)
        same_frame(codec, TickPrice(reqId, 1, 200.01, size, 1), 2)
        same_frame(codec, TickPrice(reqId, 1, size, 100.0, 1), 2)
    for mask in (True, UNSET_INTEGER, -1, 2**40):
        same_frame(codec, TickPrice(reqId, 1, 200.01, 100.0, mask), 2)
    for text_ in ("", "1776259800", "\xe9" * 200, 5):
        same_frame(codec, TickString(reqId, 45, text_), 2)


def test_a_frame_is_refused_as_a_message_is():
    encode = Codec(Sender.CLIENT, 225).partial_encoder(TickSize, 4, 0)
    with pytest.raises(EncodeError, match="size"):
        encode("many")


UNKNOWN_FIELDS = (
    b"",
    encode_varint(999 << 3) + b"\xac\x02",
    encode_varint(1000 << 3 | 1) + bytes(8),
    encode_varint(70000 << 3 | 2) + b"\x03abc",
    encode_varint(2001 << 3 | 5) + bytes(4),
)


@pytest.mark.parametrize("description", [one for one in catalogue.messages() if one.protobuf], ids=lambda one: one.name)
@a_few
@examples(data=st.data())
def test_protobuf_is_the_same(description, data):
    version = data.draw(st.sampled_from([version for version in VERSIONS if version >= description.protobuf]))
    message = supported(data.draw(messages(description.cls)), version)
    record = description.tags(version)
    body = same(
        lambda: compiled_protobuf.encoder(description, version, b"")(message),
        lambda: protobuf.encode(record, message, description.name, version),
    )
    if body is None:
        return
    pieces = data.draw(st.permutations([body, data.draw(st.sampled_from(UNKNOWN_FIELDS))]))
    payload = b"".join(pieces)
    odd, expected_odd = Counter(), Counter()
    same(
        lambda: compiled_protobuf.decoder(description, version, 4)(b"head" + payload, odd),
        lambda: read_protobuf(description, version, payload, expected_odd),
    )
    assert odd == expected_odd


# Through the codec: what compiled functions give up on, and what nobody can read or write.


def outcome(function: Callable[[Any], Any], argument: Any) -> Any:
    try:
        return picture(function(argument))
    except Exception as error:
        return type(error), str(error)


def same_as_new(codec: Codec, new: Codec, verb: str, argument: Any) -> None:
    """A codec that has compiled functions already does the same as a new one, which takes the reference first."""
    assert outcome(getattr(codec, verb), argument) == outcome(getattr(new, verb), argument)
    assert codec.oddities == new.oddities
    codec.oddities.clear()


PIECES = (b"", b"\0", b"1\0", b"5.0\0", b"-1\0", b"9" * 12, b"x", b"\xff", b"\x80", b"\x0a")


def damaged(payload: bytes, chance: Random) -> bytes:
    """A payload that is cut, or in which a few bytes, or text fields, are others; the id stays."""
    start = 4 if payload[:1] == b"\0" else payload.index(b"\0") + 1
    head, body = payload[:start], payload[start:]
    if chance.random() < 0.5:
        return head + body[: chance.randint(0, len(body))]
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(body))
        body = body[:at] + chance.choice(PIECES) + body[at + chance.randint(0, 2) :]
    return head + body


@every_message
@a_few
@examples(data=st.data())
def test_damage_is_found_as_the_reference_finds_it(description, data):
    version = data.draw(versions_of(description))
    message = supported(data.draw(messages(description.cls)), version)
    try:
        payload = Codec(description.sender.peer, version).encode(message)
    except ValueError:
        return
    codec = Codec(description.sender, version)
    codec.decode(payload)
    codec.oddities.clear()
    chance = Random(data.draw(st.integers(0, 1 << 32)))  # draws of Hypothesis cost more than all the decoding
    for _ in range(4):
        same_as_new(codec, Codec(description.sender, version), "decode", damaged(payload, chance))


@every_message
@a_few
@examples(data=st.data())
def test_values_that_cannot_be_sent_are_refused_as_by_the_reference(description, data):
    version = data.draw(versions_of(description))
    codec = Codec(description.sender.peer, version)
    outcome(codec.encode, blank(description.cls))  # the default of some times cannot be sent, but they have a text
    message = data.draw(flawed(description.cls))
    before = picture(message)
    same_as_new(codec, Codec(description.sender.peer, version), "encode", message)
    assert picture(message) == before


# One by one


def tick_codec(version: int = 178) -> Codec:
    codec = Codec(Sender.SERVER, version)
    codec.decode(Codec(Sender.CLIENT, version).encode(TickPrice(1, 1, 1.5, 100.0, 0)))
    return codec


def test_a_function_is_generated_when_a_kind_has_come_often_or_is_long(monkeypatch):
    monkeypatch.setattr(compiled, "MANY", 20)
    monkeypatch.setattr(compiled, "_came", Counter())
    sender, reader = Codec(Sender.CLIENT, 178), Codec(Sender.SERVER, 178)
    for number in range(compiled.MANY + 1):
        assert (sender._encoders, reader._text_decoders) == ({}, {})
        assert reader.decode(sender.encode(TickPrice(number, 1, 1.5, 100.0, 0))).reqId == number
    assert (list(sender._encoders), list(reader._text_decoders)) == ([TickPrice], ["1"])
    another = Codec(Sender.SERVER, 178)
    another.decode(sender.encode(TickPrice(1, 1, 1.5, 100.0, 0)))
    assert list(another._text_decoders) == ["1"]
    bars = HistoricalData(1, bars=[BarData("20260415", 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1) for _ in range(400)])
    assert reader.decode(sender.encode(bars)) == bars
    assert list(reader._text_decoders) == ["1", "17"]


def test_the_second_message_does_not_need_the_reference(monkeypatch):
    sender, codec = Codec(Sender.CLIENT, 178), tick_codec()
    sender.encode(TickPrice(1, 1, 1.5, 100.0, 0))
    monkeypatch.setattr(Codec, "_decode_by_reference", None)
    monkeypatch.setattr(Codec, "_encode_by_reference", None)
    assert sender.encode(TickPrice(7, 2, 2.25, 3.0, 1)) == b"1\x006\x007\x002\x002.25\x003\x001\x00"
    assert codec.decode(b"1\x006\x007\x002\x002.25\x003\x001\x00") == TickPrice(7, 2, 2.25, 3.0, 1)


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (b"1\x006\x001\x001\x00x\x00100\x000\x00", "TickPrice v178: price (field 3) is 'x', not a number"),
        (b"1\x006\x001\x001\x00", "TickPrice v178: price (field 3) is missing: the message ends before it"),
        (b"1\x006\x001\x001\x001.5\x00100\x000", "its last field, '0', does not end with NUL"),
        (b"1\x006\x001\x001\x001.5\x00100\x000\x00x", "its last field, 'x', does not end with NUL"),
    ],
)
def test_faults_of_text_have_the_words_of_the_reference(payload, fault):
    with pytest.raises(DecodeError) as caught:
        tick_codec().decode(payload)
    assert fault in str(caught.value)


def test_bytes_that_are_no_utf8_come_out_escaped():
    assert tick_codec().decode(b"1\x006\x001\x001\x001.5\x00100\x000\x00\xe9\x00").price == 1.5
    codec = Codec(Sender.SERVER, 178)
    for _ in range(2):
        assert codec.decode(b"4\x002\x00-1\x002104\x00caf\xe9\x00\x00").errorString == "café"


def test_every_object_of_a_message_is_new():
    codec = Codec(Sender.SERVER, 178)
    payload = Codec(Sender.CLIENT, 178).encode(OpenOrder(Contract(), Order(), blank(OpenOrder).orderState))
    codec.decode(payload)
    first, second = codec.decode(payload), codec.decode(payload)
    second.order.algoParams.append("x")
    second.order.softDollarTier.name = "x"
    assert (first.order.algoParams, first.order.softDollarTier.name) == ([], "")
    assert vars(codec.decode(payload).order).keys() == vars(Order()).keys()


def test_what_an_old_server_does_not_know_is_refused_each_time():
    codec = Codec(Sender.SERVER, 157)
    codec.encode(PlaceOrder(1, Contract(), Order()))
    with pytest.raises(EncodeError, match=r"order\.duration=30: the server is too old for it"):
        codec.encode(PlaceOrder(1, Contract(), Order(duration=30)))


def test_a_part_that_comes_twice_is_merged():
    """Protobuf says so, and the compiled reader leaves it to the reference."""
    codec = Codec(Sender.SERVER, 225)
    bar = protobuf.encode(catalogue.of(HistoricalData).tags(225), HistoricalData(3, [BarData("x", 1.5)]), "", 225)
    update = (90 + 200).to_bytes(4, "big") + b"\x08\x03" + b"\x12\x03\x0a\x01x" + b"\x12\x02\x40\x07"
    assert bar.startswith(b"\x08\x03\x12")
    for _ in range(2):
        decoded = codec.decode(update)
        assert (decoded.bar.barCount, decoded.reqId) == (7, 3)


# What no message of the catalogue has yet, and the vocabulary has


@dataclass
class Part:
    """An element whose own fields depend on each other."""

    kind: str = ""
    size: int = 0
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Whole:
    """A message made of them."""

    reqId: int
    parts: list[Part]
    words: list[str]


part = refs(Part)
WHOLE = Description(
    "Whole",
    Sender.SERVER,
    999,
    Whole,
    lambda: (
        refs(Whole).reqId,
        given(refs(Whole).reqId, since(300, Fixed(1))),
        many(refs(Whole).parts, Part, part.kind, given(part.kind, part.size), many(part.names, TEXT)),
        many(refs(Whole).words, TEXT),
        many(refs(Whole).words, TEXT),
    ),
    157,
    lambda: record(
        Whole,
        {
            1: refs(Whole).reqId,
            2: repeat(refs(Whole).parts, record(Part, {1: part.kind, 2: repeat(part.names, TEXT)})),
            3: repeat(refs(Whole).words, TEXT),
        },
    ),
    157,
)


@examples(message=messages(Whole))
def test_lists_of_parts_with_lists_and_conditions_are_the_same(message):
    fields = text.encode(WHOLE.layout(178), message, "Whole", 178)
    assert compiled_text.encoder(WHOLE, 178, b"id\0")(message) == b"id\0" + text.join(fields)
    decoded = compiled_text.decoder(WHOLE, 178, 0)([*fields, ""], Counter())
    assert picture(decoded) == picture(read_text(WHOLE, 178, fields, Counter()))
    data = protobuf.encode(WHOLE.tags(178), message, "Whole", 178)
    assert compiled_protobuf.encoder(WHOLE, 178, b"")(message) == data
    decoded = compiled_protobuf.decoder(WHOLE, 178, 0)(data, Counter())
    assert picture(decoded) == picture(read_protobuf(WHOLE, 178, data, Counter()))


def test_names_of_different_objects_differ():
    source = Source("nothing")
    first, second = object(), object()
    assert [source.name("x", first), source.name("x", second), source.name("x", first)] == ["x", "x_2", "x"]


def test_messages_that_nobody_knows_are_kept():
    codec = Codec(Sender.SERVER, 178)
    for _ in range(2):
        assert codec.decode(b"9999\x001\x00") == Unknown(9999, b"9999\x001\x00")
    assert codec.oddities == {"message 9999 is not known": 2}


def test_a_part_begins_with_its_defaults_whatever_another_tag_has_put_there():
    """In openOrder the orderId has a tag beside the order, and one inside it, which comes later and may be missing."""
    description, data = catalogue.of(OpenOrder), b"\x08\x07\x1a\x00"
    decoded = compiled_protobuf.decoder(description, 225, 0)(data, Counter())
    assert picture(decoded) == picture(read_protobuf(description, 225, data, Counter()))


def test_tracebacks_show_the_generated_source():
    decode = compiled_text.decoder(catalogue.of(TickPrice), 178, 1)
    try:
        decode(["1", "6", "1", "1", "x", "100", "0", ""], Counter())
    except ValueError as error:
        shown = "".join(traceback.format_exception(error))
    assert "TickPrice v178, text to message" in shown
    assert "KNOWN_Float[" in shown
    assert source_of(decode).startswith("def decode(")


def test_compiling_leaves_the_description_alone():
    message = OpenOrder(Contract(), Order(), blank(OpenOrder).orderState)
    before = picture(deepcopy(message))
    Codec(Sender.CLIENT, 225).encode(message)
    assert picture(message) == before


def test_numbers_that_were_read_are_kept_within_bounds():
    memory = Memory(float)
    assert [memory["1.5"], memory["1.5"], memory["1" * 40]] == [1.5, 1.5, float("1" * 40)]
    assert memory == {"1.5": 1.5}, "what is long is not kept"
    for number in range(20_000):
        assert memory[str(number)] == number
        assert len(memory) <= 8192
    with pytest.raises(ValueError, match="could not convert"):
        memory["x"]
    assert "x" not in memory


def test_what_numbers_are_written_as_is_kept_within_bounds():
    record = catalogue.of(TickSize).tags(225)
    encode = compiled_protobuf.encoder(catalogue.of(TickSize), 225, b"a head of its own")
    known = encode.__globals__["FIELD_3"]
    for number in range(20_000):
        message = TickSize(1, 0, float(number))
        assert encode(message) == b"a head of its own" + protobuf.encode(record, message, "TickSize", 225)
        assert 0 < len(known) <= 8192


EQUAL = (
    (0.0, -0.0, 0, False, Decimal("-0.0"), np.float64(-0.0)),
    (1.0, 1, True, Decimal("1.00"), np.float64(1), np.int64(1)),
    (UNSET_DOUBLE, int(UNSET_DOUBLE), Decimal(UNSET_DOUBLE), np.float64(UNSET_DOUBLE)),
    (UNSET_INTEGER, float(UNSET_INTEGER), np.int64(UNSET_INTEGER)),
    (2.0**53, 2**53, 2**53 + 1, Decimal(2**53 + 1)),
    (nan, -nan, np.float64(nan), Decimal("NaN")),
    ("", "a", None, 1),
)


@pytest.mark.parametrize("equal", EQUAL, ids=str)
@pytest.mark.parametrize(
    "cls", [TickPrice, TickSize, TickString, TickGeneric, MarketDataType, TickSnapshotEnd], ids=lambda cls: cls.__name__
)
def test_a_value_is_not_written_as_an_equal_one_of_another_type(cls, equal):
    """To a dict, in which the bytes of numbers are kept, they are the same."""
    description = catalogue.of(cls)
    fields = [one.name for one in dataclass_fields(cls)]
    encode = compiled_protobuf.encoder(description, 225, b"")
    for order in (equal, equal[::-1]):
        compiled.forget()
        for value, name in product(order, fields):
            message = blank(cls)
            setattr(message, name, value)
            same(
                lambda message=message: encode(message),
                lambda message=message: protobuf.encode(description.tags(225), message, cls.__name__, 225),
            )


def test_numbers_can_be_forgotten():
    known = compiled.memory(FLOAT.decode_text)
    assert known["1.5"] == 1.5
    compiled.forget()
    assert known == {}
    assert compiled.memory(FLOAT.decode_text) is known
    assert tick_codec().decode(b"1\x006\x001\x001\x001.5\x00100\x000\x00").price == 1.5


@pytest.mark.parametrize("number", [*(2**bits + step for bits in (7, 14, 21, 28, 35, 62) for step in (-1, 0, 1)), -5])
def test_numbers_of_every_length_are_the_same(number):
    description, message = catalogue.of(OpenOrder), blank(OpenOrder)
    message.contract.conId = message.order.permId = number
    record = description.tags(225)
    data = protobuf.encode(record, message, "", 225)
    assert compiled_protobuf.encoder(description, 225, b"")(message) == data
    for length in range(len(data)):
        same(
            lambda cut=data[:length]: compiled_protobuf.decoder(description, 225, 0)(cut, Counter()),
            lambda cut=data[:length]: read_protobuf(description, 225, cut, Counter()),
        )
    decoded = compiled_protobuf.decoder(description, 225, 0)(data, Counter())
    assert (decoded.contract.conId, decoded.order.permId) == (number, number)


def test_a_run_of_doubles_that_is_broken():
    """The prices of a bar are read together where they stand together."""
    description = catalogue.of(HistoricalData)
    prices = [encode_varint(tag << 3 | 1) + struct.pack("<d", tag) for tag in (2, 3, 4, 5)]
    for order in (prices, prices[::-1], [*prices[:2], *prices[3:]], prices[1:], [*prices, prices[0]]):
        data = b"".join(order)
        payload = b"\x08\x07\x12" + encode_varint(len(data)) + data
        decoded = compiled_protobuf.decoder(description, 225, 0)(payload, Counter())
        assert picture(decoded) == picture(read_protobuf(description, 225, payload, Counter()))


def test_prices_of_legs_may_be_too_few():
    message = PlaceOrder(1, Contract(comboLegs=[ComboLeg(1), ComboLeg(2)]), Order(orderComboLegs=[OrderComboLeg(1.5)]))
    data = protobuf.encode(catalogue.of(PlaceOrder).tags(225), message, "", 225)
    assert compiled_protobuf.encoder(catalogue.of(PlaceOrder), 225, b"")(message) == data
    decoded = compiled_protobuf.decoder(catalogue.of(PlaceOrder), 225, 0)(data, Counter())
    assert [leg.conId for leg in decoded.contract.comboLegs] == [1, 2]
    assert decoded.order.orderComboLegs == [OrderComboLeg(1.5), OrderComboLeg()]


@pytest.mark.parametrize("cls", [OpenOrder, CompletedOrder, ContractData])
def test_unknown_tags_of_a_contract_are_counted(cls):
    description = catalogue.of(cls)
    contract = encode_varint(100 << 3 | 2) + b"\x01x"
    tag = 1 if cls is CompletedOrder else 2
    codec = Codec(Sender.SERVER, 225)
    for number in (1, 2):
        codec.decode((200 + description.id).to_bytes(4, "big") + bytes((tag << 3 | 2, len(contract))) + contract)
        assert codec.oddities == {f"{cls.__name__} v225 has the unknown tag 100": number}


def test_numbers_with_underscores_are_refused():
    codec, bars = Codec(Sender.SERVER, 200), "17|7|1|20250620|1.0|2.0|0.5|1.5|1_0|1.25|9|".replace("|", "\0").encode()
    codec.decode(bars.replace(b"1_0", b"10"))
    with pytest.raises(DecodeError, match=r"bars\[0\].volume \(field 7\) is '1_0', not a size"):
        codec.decode(bars)
    tags = protobuf.encode(
        catalogue.of(HistoricalData).tags(225), HistoricalData(7, [BarData("x", volume=10.0)]), "", 225
    )
    newer = Codec(Sender.SERVER, 225)
    assert newer.decode(b"\0\0\0\xd9" + tags).bars[0].volume == 10.0
    with pytest.raises(DecodeError, match=r"volume \(field 6\) is b'1_', not a size"):
        newer.decode(b"\0\0\0\xd9" + tags.replace(b"10", b"1_"))


@dataclass
class Numbers:
    """A number in each of the spellings that compiled code knows itself."""

    size: Any = 0.0
    strike: Any = 0.0
    price: Any = 0.0
    text: Any = ""
    day: Any = 0


numbers = refs(Numbers)
SCALARS = {"size": SIZE, "strike": STRIKE, "price": OPTIONAL_FLOAT, "text": NUMBER_TEXT, "day": INT_TEXT}
NUMBERS = Description(
    "Numbers",
    Sender.SERVER,
    998,
    Numbers,
    None,
    0,
    lambda: record(
        Numbers,
        {tag: spelled(scalar, getattr(numbers, name)) for tag, (name, scalar) in enumerate(SCALARS.items(), 1)},
    ),
    157,
)
EDGES = (0, 5, -3, 1 << 14, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63, 10**400, True, Decimal("1.50"), None, "")
FLOAT_EDGES = (-0.0, 0.5, 1e-4, 9.9e-5, -1e-4, 123.456, 1e15 + 0.5, 1e16, 1e22, 2.0**53, inf, -inf, nan, UNSET_DOUBLE)
TEXT_EDGES = ("100", "1.7976931348623157E308", "1e400", "nan", "inf", "x", "1_0", " 7 ")


@pytest.mark.parametrize(
    "value", [*EDGES, *FLOAT_EDGES, *TEXT_EDGES, np.float64(2.5), np.int64(7), np.float32(0.1)], ids=repr
)
@pytest.mark.parametrize("name", SCALARS)
def test_every_number_is_written_as_the_reference_writes_it(name, value):
    message = Numbers(**{name: value})
    same(
        lambda: bytes(compiled_protobuf.encoder(NUMBERS, 178, b"")(message)),
        lambda: protobuf.encode(NUMBERS.tags(178), message, "Numbers", 178),
    )
