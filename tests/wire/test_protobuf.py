"""The reference protobuf codec: damage, unknown tags, packed lists, and what absence means."""

from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.model.conditions import PriceCondition, TimeCondition
from ibdesk.model.contract import ComboLeg, Contract, TagValue
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import Order, OrderComboLeg, OrderState
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire import protobuf
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.codec import Codec
from ibdesk.wire.layout import record, refs, repeat, resolve_record
from ibdesk.wire.messages.connection import Error, ManagedAccounts
from ibdesk.wire.messages.contracts import ContractData
from ibdesk.wire.messages.executions import ReqExecutions
from ibdesk.wire.messages.market_data import ReqMktData, TickPrice
from ibdesk.wire.messages.options import SecurityDefinitionOptionParameter
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder
from ibdesk.wire.scalars import TEXT


@dataclass
class Names:
    names: list[str] = field(default_factory=list)


def read(cls: type, data: bytes, version: int = V.MAX) -> Any:
    return protobuf.decode(of(cls).tags(version), data, protobuf.Reading(cls.__name__, version))


def write(message: Any, version: int = V.MAX) -> bytes:
    return protobuf.encode(of(type(message)).tags(version), message, type(message).__name__, version)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("08", "a number is cut short or too long"),
        ("08 ff ff ff ff ff ff ff ff ff ff 01", "a number is cut short or too long"),
        ("00 00", "a tag is 0"),
        ("22 05 61", "tag 4 announces 5 bytes, 1 are left"),
        ("19 00 00", "tag 3 is cut short"),
        ("35 00 00", "tag 6 is cut short"),
        ("0b", "tag 1 has wire type 3, which is not in use"),
    ],
)
def test_damage(data: str, error: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read(TickPrice, bytes.fromhex(data))
    assert str(caught.value) == f"TickPrice v225: {error}"


def test_damage_in_a_part_is_placed() -> None:
    with pytest.raises(
        DecodeError, match=r"PlaceOrder v225: order\.softDollarTier tag 1 announces 5 bytes, 0 are left"
    ):
        read(PlaceOrder, bytes.fromhex("1a 05 ca 06 02 0a 05"))
    with pytest.raises(DecodeError, match=r"PlaceOrder v225: order\.conditions\.price \(field 10\) has wire type 0"):
        read(PlaceOrder, bytes.fromhex("1a 07 a2 06 04 08 01 50 01"))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("0a 01 61", "reqId (field 1) has wire type 2, not 0"),
        ("18 01", "price (field 3) has wire type 0, not 1"),
        ("22 01 78", "size (field 4) is b'x', not a size"),
    ],
)
def test_a_wrong_tag_is_named(data: str, error: str) -> None:
    with pytest.raises(DecodeError, match="TickPrice v225: ") as caught:
        read(TickPrice, bytes.fromhex(data))
    assert error in str(caught.value)


def test_unknown_tags_of_every_wire_type_are_remembered_and_skipped() -> None:
    reading = protobuf.Reading("ManagedAccounts", V.MAX)
    data = bytes.fromhex("0a 02 44 55  10 07  19 00 00 00 00 00 00 f0 3f  22 01 78  2d 01 02 03 04")
    assert protobuf.decode(of(ManagedAccounts).tags(V.MAX), data, reading) == ManagedAccounts("DU")
    assert reading.unknown == [2, 3, 4, 5]


def test_the_last_of_a_repeated_scalar_counts() -> None:
    assert read(ManagedAccounts, b"\x0a\x01a\x0a\x01b") == ManagedAccounts("b")


def test_a_list_of_numbers_is_packed_and_read_either_way() -> None:
    packed = bytes.fromhex("12 07 4a 05 01 ac 02 ff 01")
    loose = bytes.fromhex("12 08 48 01 48 ac 02 48 ff 01")
    expected = ExecutionFilter(specificDates=[1, 300, 255], clientId=UNSET_INTEGER)
    for data in (packed, loose):
        assert read(ReqExecutions, data).executionFilter.specificDates == [1, 300, 255]
    assert packed[2:] in write(ReqExecutions(1, expected))
    with pytest.raises(DecodeError, match="a number is cut short"):
        read(ReqExecutions, bytes.fromhex("12 03 4a 01 ff"))
    with pytest.raises(EncodeError, match=r"executionFilter\.specificDates='x'"):
        write(ReqExecutions(1, ExecutionFilter(specificDates=["x"])))  # type: ignore[list-item]
    with pytest.raises(EncodeError, match=r"mktDataOptions=\[\]: it is neither a text nor a number"):
        write(ReqMktData(1, Contract(), mktDataOptions=[TagValue([], "")]))  # type: ignore[arg-type]


def test_a_list_of_doubles_is_packed_and_read_either_way() -> None:
    packed = bytes.fromhex("3a 10 0000000000005940 0000000000006940")
    loose = bytes.fromhex("39 0000000000005940 39 0000000000006940")
    for data in (packed, loose):
        assert read(SecurityDefinitionOptionParameter, data).strikes == [100.0, 200.0]
        for _ in range(2):
            payload = (275).to_bytes(4, "big") + data
            assert Codec(Sender.SERVER, V.MAX).decode(payload).strikes == [100.0, 200.0]
    assert packed in write(SecurityDefinitionOptionParameter(1, "", 0, "", "", [], [100.0, 200.0]))
    with pytest.raises(DecodeError, match=r"strikes .*a packed list is cut short"):
        read(SecurityDefinitionOptionParameter, bytes.fromhex("3a 07 00000000000059"))


def test_a_list_of_texts_is_not_packed() -> None:
    names = resolve_record(record(Names, {1: repeat(refs(Names).names, TEXT)}), V.MAX)
    data = bytes.fromhex("0a 01 61 0a 01 62")
    assert protobuf.encode(names, Names(["a", "b"]), "Names", V.MAX) == data
    assert protobuf.decode(names, data, protobuf.Reading("Names", V.MAX)) == Names(["a", "b"])
    with pytest.raises(DecodeError, match="has wire type 0, not 2"):
        protobuf.decode(names, b"\x08\x01", protobuf.Reading("Names", V.MAX))


def test_a_date_and_a_time_share_a_tag() -> None:
    month = Contract(secType="FUT", lastTradeDateOrContractMonth="20261218")
    for time, shared in ("16:00", b"20261218 16:00"), ("", b"20261218"):
        data = write(ContractData(1, ContractDetails(contract=month, lastTradeTime=time)))
        assert bytes([len(shared)]) + shared in data
        details = read(ContractData, data).contractDetails
        assert (details.contract.lastTradeDateOrContractMonth, details.lastTradeTime) == ("20261218", time)


def test_an_absent_transmit_is_yes_in_answers_and_no_in_requests() -> None:
    placed = write(PlaceOrder(1, Contract(), Order(transmit=False)))
    told = write(OpenOrder(Contract(), Order(transmit=True), OrderState()))
    assert read(PlaceOrder, placed).order.transmit is False
    assert read(OpenOrder, told).order.transmit is True
    assert read(PlaceOrder, b"\x1a\x00").order.transmit is False
    assert read(OpenOrder, b"\x1a\x00").order.transmit is True
    untransmitted = write(OpenOrder(Contract(), Order(transmit=False), OrderState()))
    assert read(OpenOrder, untransmitted).order.transmit is False


def test_unset_values_have_no_tag() -> None:
    assert write(TickPrice(7, 1, UNSET_DOUBLE, UNSET_DOUBLE)) == bytes.fromhex("08 07 10 01 28 00")
    assert read(TickPrice, bytes.fromhex("08 07 10 01")) == TickPrice(7, 1, UNSET_DOUBLE, UNSET_DOUBLE, 0)


def test_legs_and_their_prices_share_a_tag() -> None:
    legs = [ComboLeg(1, 1, "BUY", "SMART"), ComboLeg(2, 1, "SELL", "SMART")]
    message = OpenOrder(Contract(comboLegs=legs), Order(orderComboLegs=[OrderComboLeg(1.5)]), OrderState())
    back = read(OpenOrder, write(message))
    assert back.contract.comboLegs == legs
    assert back.order.orderComboLegs == [OrderComboLeg(1.5), OrderComboLeg(UNSET_DOUBLE)]


def test_a_map_may_lack_key_or_value() -> None:
    options = [TagValue("a", ""), TagValue("", "1")]
    assert read(ReqMktData, bytes.fromhex("32 03 0a 01 61 32 05 12 01 31 18 07")).mktDataOptions == options
    assert b"\x32\x05\x0a\x01a\x12\x00" in write(ReqMktData(1, Contract(), mktDataOptions=[TagValue("a", "")]))


def test_conditions_are_told_apart_by_their_kind() -> None:
    conditions = [PriceCondition(price=1.5, conId=5, exch="SMART"), TimeCondition(conjunction="o", time="20250620")]
    back = read(PlaceOrder, write(PlaceOrder(1, Contract(), Order(conditions=conditions))))
    assert back.order.conditions == conditions


def test_an_unknown_kind_of_condition() -> None:
    with pytest.raises(DecodeError, match=r"is of kind 9; known are \[1, 3, 4, 5, 6, 7\]"):
        read(PlaceOrder, bytes.fromhex("1a 05 a2 06 02 08 09"))
    with pytest.raises(DecodeError, match="is of kind 0"):
        read(PlaceOrder, bytes.fromhex("1a 03 a2 06 00"))
    unknown = copy(PriceCondition())
    unknown.condType = 9
    with pytest.raises(EncodeError, match=r"order\.conditions=9: no such kind is known"):
        write(PlaceOrder(1, Contract(), Order(conditions=[unknown])))


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (Order(lmtPrice="abc"), "order.lmtPrice='abc'"),  # type: ignore[arg-type]
        (Order(lmtPrice=float("nan")), "order.lmtPrice=nan"),
        (Order(outsideRth=np.array([True, False])), "order.outsideRth=array([ True, False]): The truth value"),  # type: ignore[arg-type]
        (Order(parentId=2**70), "order.parentId=1180591620717411303424: it has more than 64 bits"),
    ],
)
def test_what_cannot_be_written_is_named(order: Order, error: str) -> None:
    with pytest.raises(EncodeError, match="PlaceOrder v225: ") as caught:
        write(PlaceOrder(1, Contract(), order))
    assert error in str(caught.value)


def test_a_text_that_is_no_unicode_is_shown_by_its_bytes() -> None:
    assert read(Error, b"\x22\x04caf\xe9").errorString == "caf\\xe9"
