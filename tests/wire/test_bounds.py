"""What a message may hold at most: a peer must not make this end build a hundred bytes for each that it sends."""

from collections import Counter
from collections.abc import Iterator
from functools import reduce
from typing import Any

import pytest
from wire.generation import picture

from ibdesk.errors import DecodeError
from ibdesk.model.bars import BarData
from ibdesk.model.contract import TagValue
from ibdesk.session.connection import Connection, Undecodable
from ibdesk.wire import catalogue, compiled_protobuf, compiled_protobuf_reader, compiled_text, protobuf, scalars
from ibdesk.wire import text as text_codec
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Description, Sender
from ibdesk.wire.codec import PROTOBUF_IDS, Codec
from ibdesk.wire.frames import MOST_PIECES, Unframer, frame
from ibdesk.wire.layout import (
    Embed,
    Many,
    Pairs,
    Record,
    Repeat,
    RepeatVariants,
    TagValues,
    Variants,
    blank,
    get_path,
    set_path,
    weight,
)
from ibdesk.wire.messages.history import HistoricalData
from ibdesk.wire.messages.reference import SymbolSamples
from ibdesk.wire.scalars import BYTES, FIXED64, PAIR, Options, Scalar, encode_bytes, encode_varint

MOST = 3000


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower bounds, so that what exceeds them is small."""
    for module in (compiled_protobuf_reader, compiled_text, protobuf, scalars, text_codec):
        monkeypatch.setattr(module, "MOST_VALUES", MOST)
    for module in (compiled_protobuf_reader, protobuf):
        monkeypatch.setattr(module, "MOST_UNKNOWN", MOST)
    for module in (compiled_protobuf, compiled_text):
        monkeypatch.setattr(module, "decoder", module.decoder.__wrapped__)


def tagged(tag: int, data: bytes) -> bytes:
    return encode_varint(tag << 3 | BYTES) + encode_bytes(data)


class ListOfTags:
    """A list inside a message, at any depth."""

    def __init__(self, outer: tuple[int, ...], tag: int, item: Any, outer_values: int) -> None:
        self.outer, self.tag, self.item, self.outer_values = outer, tag, item, outer_values

    @property
    def values(self) -> int:
        """Of one element."""
        match self.item:
            case Repeat(record=Record() as record):
                return weight(record.cls)
            case RepeatVariants(cases=cases):
                return weight(next(iter(cases.values())).cls)
            case Pairs():
                return PAIR
        return 1

    def message(self, number: int, *, packed: bool = False) -> bytes:
        """With so many elements, each as short as can be."""
        inner = b"".join([self._element()] * number)
        if packed:
            assert isinstance(self.item.record, Scalar)
            inner = tagged(self.tag, (bytes(8) if self.item.record.wire_type == FIXED64 else b"\0") * number)
        return reduce(lambda data, tag: tagged(tag, data), reversed(self.outer), inner)

    def _element(self) -> bytes:
        match self.item:
            case RepeatVariants(kind=kind, cases=cases):
                return tagged(self.tag, encode_varint(kind << 3) + encode_varint(next(iter(cases))))
            case Repeat(record=Scalar() as scalar) if scalar.wire_type != BYTES:
                zero = bytes(8) if scalar.wire_type == FIXED64 else b"\0"
                return encode_varint(self.tag << 3 | scalar.wire_type) + zero
        return tagged(self.tag, b"")

    @property
    def is_of_numbers(self) -> bool:
        return isinstance(self.item, Repeat) and getattr(self.item.record, "wire_type", BYTES) != BYTES


def lists_of(record: Record, outer: tuple[int, ...] = (), values: int = 0) -> Iterator[ListOfTags]:
    for tag, item in record.tags.items():
        if isinstance(item, Repeat | RepeatVariants | Pairs):
            yield ListOfTags(outer, tag, item, values)
        match item:
            case Embed(record=inner):
                yield from lists_of(inner, (*outer, tag), values)
            case Repeat(record=Record() as inner):
                yield from lists_of(inner, (*outer, tag), values + weight(inner.cls))


TAGGED = [
    pytest.param(one, found, id=f"{one.name}-{'.'.join(map(str, (*found.outer, found.tag)))}")
    for one in catalogue.messages()
    if one.record is not None
    for found in lists_of(one.tags(V.MAX))
]


def head(one: Description) -> bytes:
    return (one.id + PROTOBUF_IDS).to_bytes(4, "big")


@pytest.mark.parametrize(("one", "found"), TAGGED)
def test_lists_of_protobuf(one: Description, found: ListOfTags) -> None:
    most = (MOST - found.outer_values) // found.values
    for packed in {False, found.is_of_numbers}:
        payload = head(one) + found.message(most, packed=packed)
        told, expected = Codec(one.sender, V.MAX), Codec(one.sender, V.MAX)
        assert picture(told.decode(payload)) == picture(expected._decode_by_reference(payload))
        payload = head(one) + found.message(most + 1, packed=packed)
        with pytest.raises(DecodeError, match="is one too many: more than 3,000 values in one message"):
            told.decode(payload)
        with pytest.raises(ValueError):
            compiled_protobuf.decoder(one, V.MAX, 4)(payload, Counter())


def test_a_key_may_be_written_in_two_bytes() -> None:
    """So that counting the one byte would find nothing."""
    description = catalogue.of(HistoricalData)
    payload = head(description) + b"\x92\x00\x00" * MOST
    with pytest.raises(ValueError):
        compiled_protobuf.decoder(description, V.MAX, 4)(payload, Counter())


def test_tags_that_nobody_knows() -> None:
    told = Codec(Sender.SERVER, V.MAX)
    payload = head(catalogue.of(HistoricalData)) + b"\x08\x01"
    told.decode(payload + tagged(15, b"") * MOST)
    with pytest.raises(DecodeError, match="has more than 3,000 values that are not known"):
        told.decode(payload + tagged(15, b"") * (MOST + 1))


def test_a_pair_is_a_tag_and_a_value_whatever_else_it_holds() -> None:
    raw = b"".join(tagged(tag, b"x") for tag in (9, 1, 2, 3, 1))
    assert protobuf.read_pair(raw) == TagValue("x", "x")


TEXTS = [
    pytest.param(one, item, id=f"{one.name}-{'.'.join(item.path)}")
    for one in catalogue.messages()
    if one.text is not None and one.first <= V.PROTOBUF - 1 and not one.is_protobuf(V.PROTOBUF - 1)
    for item in one.layout(V.PROTOBUF - 1)
    if isinstance(item, Many | TagValues | Variants)
]


@pytest.mark.parametrize(("one", "item"), TEXTS)
def test_lists_of_text(one: Description, item: Any) -> None:
    match item:
        case TagValues():
            new, values = TagValue("", ""), PAIR
        case Variants(cases=cases):
            new, values = blank(cases[1][0]), max(weight(cls) for cls, _ in cases.values())
        case Many(element=Scalar() as scalar):
            new, values = scalar.absent, 1
        case _:
            new, values = blank(item.element), weight(item.element)
            if isinstance(new, BarData):
                new.date = "20260402"  # as it is on the wire
    told, writer = Codec(one.sender, V.PROTOBUF - 1), Codec(one.sender.peer, V.PROTOBUF - 1)

    def payload(number: int) -> bytes:
        message = blank(one.cls)
        set_path(message, item.path, [new] * number)
        return writer.encode(message)

    fits = payload((MOST - 300) // values)
    expected = Codec(one.sender, V.PROTOBUF - 1)
    assert picture(told.decode(fits)) == picture(expected._decode_by_reference(fits))
    too_long = payload(MOST // values + 1)
    with pytest.raises(DecodeError, match=r"more than 3,000 values in one message"):
        told.decode(too_long)
    with pytest.raises(ValueError):
        compiled_text.decoder(one, V.PROTOBUF - 1, 1)(too_long.decode().split("\0"), Counter())


def test_options_in_one_field() -> None:
    assert len(Options().decode_text("a=;" * (MOST // PAIR))) == MOST // PAIR
    with pytest.raises(ValueError, match="too many options"):
        Options().decode_text("a=;" * (MOST // PAIR + 1))


@pytest.mark.parametrize("version", [178, V.MAX])
def test_the_connection_goes_on_and_the_request_is_known(version: int) -> None:
    client = Connection(Sender.CLIENT)
    client.receive_data(frame(b"%d\x00now\x00" % version))
    if version == V.MAX:
        payload = head(catalogue.of(SymbolSamples)) + b"\x08\x07" + tagged(2, b"") * MOST
    else:
        payload = b"79\x007\x00" + b"%d\0" % (MOST // 8) + b"\0" * MOST
    broken, time = client.receive_data(
        frame(payload) + frame(b"49\x001\x009\x00" if version == 178 else (49 + 200).to_bytes(4, "big") + b"\x08\x09")
    )
    assert isinstance(broken, Undecodable)
    assert (broken.message, broken.reqId) == (SymbolSamples, 7)
    assert time.time == 9


def test_bytes_that_come_one_by_one_are_not_kept_one_by_one() -> None:
    unframer = Unframer()
    assert unframer.feed(b"\0\1\0\0") == []
    for _ in range(0xFFFF):
        assert unframer.feed(b"ab"[:1]) == []
        assert len(unframer._pieces) <= MOST_PIECES + 1
    assert unframer.feed(b"a") == [b"a" * 0x10000]


def test_lists_are_found(few: None) -> None:
    assert len(TAGGED) > 40
    assert len(TEXTS) > 15
    assert get_path(blank(SymbolSamples), ("contractDescriptions",)) == []
