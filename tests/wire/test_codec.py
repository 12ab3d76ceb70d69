"""The codec of one connection: both id forms, what nobody knows, and what a server is too old for."""

import pytest

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.model.bars import BarData
from ibdesk.model.contract import Contract
from ibdesk.model.order import Order
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec, Oddities, Unknown
from ibdesk.wire.messages.connection import CurrentTime, ReqCurrentTime
from ibdesk.wire.messages.history import HistoricalData, HistoricalDataEnd
from ibdesk.wire.messages.market_data import TickSize
from ibdesk.wire.messages.orders import PlaceOrder

twice = range(2)  # the second time it is a compiled codec that works


@pytest.mark.parametrize(
    ("version", "payload"),
    [(200, b"49\x001\x007\x00"), (201, b"\0\0\0\x311\x007\x00"), (213, b"\0\0\0\xf9\x08\x07")],
)
def test_both_forms_of_an_id(version: int, payload: bytes) -> None:
    client, server = Codec(Sender.SERVER, version), Codec(Sender.CLIENT, version)
    for _ in twice:
        assert server.encode(CurrentTime(7)) == payload
        assert client.decode(payload) == CurrentTime(7)


def test_text_is_read_where_protobuf_could_be() -> None:
    """A server may answer in text what it could tell in protobuf."""
    assert Codec(Sender.SERVER, 225).decode(b"\0\0\0\x311\x007\x00") == CurrentTime(7)


@pytest.mark.parametrize(
    ("version", "payload", "id"),
    [(200, b"9999\x00a\x00", 9999), (201, b"\0\0\x27\x0fa\0", 9999), (225, b"\0\0\x0f\xff\x08\x07", 4095)],
)
def test_an_unknown_id_is_kept_and_counted(version: int, payload: bytes, id: int) -> None:
    codec = Codec(Sender.SERVER, version)
    for _ in twice:
        assert codec.decode(payload) == Unknown(id, payload)
    assert codec.oddities == {f"message {id} is not known": 2}


def test_an_unknown_tag_of_what_is_left_to_the_reference_is_counted() -> None:
    """The compiled reader gives up on a text that is no UTF-8."""
    codec = Codec(Sender.SERVER, 225)
    payload = (4 + 200).to_bytes(4, "big") + b"\x22\x04caf\xe9" + b"\x98\x06\x01"
    for _ in twice:
        assert codec.decode(payload).errorString == "caf\\xe9"
    assert codec.oddities == {"Error v225 has the unknown tag 99": 2}


@pytest.mark.parametrize(
    ("version", "payload", "error"),
    [
        (200, b"", "a message v200: id (field 0) is b'', not an int"),
        (200, b"49", "a message v200: id (field 0) is b'49', not an int"),
        (200, b"x\0", "a message v200: id (field 0) is b'x', not an int"),
        (200, b"1234567890\0", "a message v200: id (field 0) is b'1234567890', not an int"),
        (201, b"\0\0\0", "a message v201: id (field 0) has 3 bytes, not 4"),
    ],
)
def test_what_has_no_id(version: int, payload: bytes, error: str) -> None:
    with pytest.raises(DecodeError) as caught:
        Codec(Sender.SERVER, version).decode(payload)
    assert str(caught.value) == error


def test_an_error_leaves_the_codec_as_it_was() -> None:
    codec = Codec(Sender.SERVER, 200)
    for _ in twice:
        with pytest.raises(DecodeError, match=r"CurrentTime v200: time \(field 1\) is 'x', not an int"):
            codec.decode(b"49\x001\x00x\x00")
        assert codec.decode(b"49\x001\x007\x00") == CurrentTime(7)
    assert not codec.oddities


@pytest.mark.parametrize(
    ("version", "order", "error"),
    [
        (200, Order(postOnly=True), "PlaceOrder v200: order.postOnly=True: the server is too old for it"),
        (157, Order(duration=60), "PlaceOrder v157: order.duration=60: the server is too old for it"),
        (217, Order(slOrderId=7), "PlaceOrder v217: order.slOrderId=7: the server is too old for it"),
        (200, Order(lmtPrice="abc"), "PlaceOrder v200: order.lmtPrice='abc': could not convert"),  # type: ignore[arg-type]
    ],
)
def test_an_order_that_cannot_be_sent(version: int, order: Order, error: str) -> None:
    codec = Codec(Sender.SERVER, version)
    codec.encode(PlaceOrder(1, Contract(), Order()))
    for _ in twice:
        with pytest.raises(EncodeError) as caught:
            codec.encode(PlaceOrder(1, Contract(), order))
        assert str(caught.value).startswith(error)


@pytest.mark.parametrize("version", [178, 225])
def test_a_part_that_is_no_noun_at_all(version: int) -> None:
    """A list of conditions may hold anything until it is sent."""
    order = Order(conditions=["when it rains"])  # type: ignore[list-item]
    with pytest.raises(EncodeError, match=rf"PlaceOrder v{version}: 'str' object has no attribute"):
        Codec(Sender.SERVER, version).encode(PlaceOrder(7, Contract(), order))


def test_what_says_nothing_is_no_reason_to_refuse() -> None:
    codec = Codec(Sender.SERVER, 157)
    plain = codec.encode(PlaceOrder(1, Contract(), Order()))
    order = Order(manualOrderTime=None, advancedErrorOverride="", duration=2147483647)  # type: ignore[arg-type]
    assert codec.encode(PlaceOrder(1, Contract(), order)) == plain


def test_a_message_that_the_version_does_not_have() -> None:
    codec = Codec(Sender.CLIENT, 195)
    for _ in twice:
        with pytest.raises(EncodeError, match="HistoricalDataEnd v195: needs server version 196"):
            codec.encode(HistoricalDataEnd(1, "", ""))
    assert Codec(Sender.SERVER, 195).encode(ReqCurrentTime()) == b"49\x001\x00"


def test_a_peer_cannot_make_the_oddities_grow_without_bounds() -> None:
    codec = Codec(Sender.SERVER, 178)
    for id in range(2000, 4000):
        codec.decode(b"%d\x00" % id)
    assert len(codec.oddities) == Oddities.MOST + 1
    assert codec.oddities[Oddities.REST] == 2000 - Oddities.MOST
    codec.decode(b"2000\x00")
    assert codec.oddities["message 2000 is not known"] == 2


@pytest.mark.parametrize("version", [178, 225])
def test_fields_are_taken_directly_of_messages_that_are_rows_of_fields_only(version: int) -> None:
    taken: list[object] = []
    codec, server = Codec(Sender.SERVER, version), Codec(Sender.CLIENT, version)
    codec.take_directly({TickSize: lambda *fields: taken.append(fields), HistoricalData: taken.append})
    tick, bars = TickSize(7, 0, 100.0), HistoricalData(7, bars=[BarData("20260415", 1.0)])
    payloads = [server.encode(one) for one in (bars, tick, bars, tick)]
    assert list(codec.decode_all(payloads, lambda error, payload: error)) == [bars, bars]
    assert taken == [(7, 0, 100.0)] * 2
    codec.take_directly({})
    assert list(codec.decode_all(payloads, lambda error, payload: error)) == [bars, tick, bars, tick]
