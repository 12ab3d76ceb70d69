"""Explanations: every field in its place with what it means, the fault of what cannot be read, and nothing raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire.carried import supported
from wire.generation import messages

from ibdesk.errors import EncodeError
from ibdesk.model.bars import BarData
from ibdesk.model.conditions import PriceCondition, TimeCondition
from ibdesk.model.contract import ComboLeg, Contract, TagValue
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import Order, OrderState
from ibdesk.wire import catalogue
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.explain import explain, explain_message
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.executions import ReqExecutions
from ibdesk.wire.messages.history import HistoricalData
from ibdesk.wire.messages.market_data import TickPrice
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder


def rows(explanation: str) -> dict[str, tuple[str, str]]:
    """Field -> (place, value and meaning), of the lines below the title."""
    split = (line.split(maxsplit=2) for line in explanation.splitlines()[1:])
    return {name: (place, *rest) for place, name, *rest in split}


def test_text_is_an_aligned_table():
    assert explain(b"1\x006\x001001\x001\x00172.35\x00300\x000\x00", Sender.SERVER, 178).splitlines() == [
        "TickPrice, message 1 of the server at version 178, 6 fields of text",
        "  0  (out of use)  '6'",
        "  1  reqId         '1001'",
        "  2  tickType      '1'       BID",
        "  3  price         '172.35'",
        "  4  size          '300'",
        "  5  attrMask      '0'",
    ]


def test_protobuf_is_an_aligned_table():
    assert explain_message(TickPrice(1001, 1, 172.35, 300.0, 0), 225).splitlines() == [
        "TickPrice, message 201 of the server at version 225, 21 bytes of protobuf",
        "  1  reqId     1001",
        "  2  tickType  1       BID",
        "  3  price     172.35",
        "  4  size      300.0",
        "  5  attrMask  0",
    ]


def test_fields_are_those_of_the_layout_at_the_version():
    message = Error(7, 200, "none", errorTime=5)
    assert "errorTime" not in explain_message(message, 178)
    assert "errorTime" in explain_message(message, 200)


def open_order() -> OpenOrder:
    contract = Contract(secType="BAG", comboLegs=[ComboLeg(1, 2), ComboLeg(3, 4)])
    conditions = [PriceCondition(price=9.5), TimeCondition(time="20250102 10:00:00 UTC")]
    order = Order(orderId=12, conditions=conditions, algoStrategy="Vwap", algoParams=[TagValue("a", "b")])
    return OpenOrder(contract, order, OrderState(status="Submitted"))


def test_elements_of_lists_are_numbered_in_text():
    explained = rows(explain_message(open_order(), 178))
    assert explained["contract.comboLegs.length"][1] == "'2'"
    assert explained["contract.comboLegs[0].conId"][1] == "'1'"
    assert explained["contract.comboLegs[1].ratio"][1] == "'4'"
    assert explained["order.algoParams[0].value"][1] == "'b'"
    assert explained["order.conditions[0].price"][1] == "'9.5'"
    assert explained["order.conditions[1].time"][1] == "'20250102 10:00:00 UTC'"
    assert explained["orderState.status"][1] == "'Submitted'                working"


def test_elements_of_lists_are_numbered_in_protobuf():
    explained = rows(explain_message(open_order(), 225))
    assert explained["order.conditions[0].price"] == ("3.100.10", "9.5")
    assert explained["order.conditions[1].time"][0] == "3.100.12"
    assert explained["order.algoParams[0]"] == ("3.62", "'a=b'")
    assert explained["orderState.status"][0] == "4.1"
    assert explained["contract"][0] == "2"
    bars = rows(explain_message(HistoricalData(5, [BarData("x", 1.5), BarData("y", 2.5)]), 225))
    assert bars["bars[1].open"] == ("2.2", "2.5")
    assert bars["bars[1]"][0] == "2"


def test_packed_numbers_are_a_list():
    message = ReqExecutions(3, ExecutionFilter(specificDates=[20250101, 20250102]))
    assert rows(explain_message(message, 225))["executionFilter.specificDates[0]"] == ("2.9", "[20250101, 20250102]")


def test_long_values_are_cut():
    longest = max(map(len, explain_message(Error(1, 2, "x" * 5000), 178).splitlines()))
    assert longest < 120


@pytest.mark.parametrize(
    ("payload", "version", "lines"),
    [
        (
            b"1\x006\x001\x001\x00x\x00",
            178,
            [
                "2  tickType      '1'  BID",
                "TickPrice v178: price (field 3) is 'x', not a number; previous: tickType='1'",
            ],
        ),
        (b"1\x006\x001", 178, ["a text message: its last field, '1', does not end with NUL"]),
        (b"x1", 178, ["2 bytes of the server at version 178", "a message v178: id (field 0) is b'x1', not an int"]),
        (b"1", 225, ["1 bytes of the server at version 225", "a message v225: id (field 0) has 1 bytes, not 4"]),
        (
            b"\0\0\0\xc9\x08\x01\x10",
            225,
            ["1  reqId  1", "TickPrice v225: a number is cut short or too long"],
        ),
        (b"\0\0\0\xc9\x09" + bytes(8), 225, ["TickPrice v225: reqId (field 1) has wire type 1, not 0"]),
        (
            b"\0\0\0\xd9\x08\x05\x10\x01",
            225,
            ["1  reqId  5", "HistoricalData v225: bars (field 2) has wire type 0, not 2"],
        ),
        (b"\0\0\3\3\x08", 225, ["a number is cut short or too long"]),
    ],
)
def test_what_cannot_be_read_is_shown_up_to_the_fault(payload, version, lines):
    explained = [line.strip() for line in explain(payload, Sender.SERVER, version).splitlines()]
    assert explained[-len(lines) :] == lines


def test_what_nobody_knows_is_shown_as_it_came():
    assert explain(b"999\x006\x00x\x00", Sender.SERVER, 178).splitlines() == [
        "not known, message 999 of the server at version 178, 2 fields of text",
        "  0  (not known)  '6'",
        "  1  (not known)  'x'",
    ]
    assert "(not known)  1" in explain(b"\0\0\3\3\x08\x01", Sender.SERVER, 225)
    assert "  6  (not known)   'more'" in explain(b"1\x006\x001\x001\x001\x001\x000\x00more\x00", Sender.SERVER, 178)


def test_a_message_that_cannot_be_sent_is_shown_with_the_reason():
    explained = explain_message(PlaceOrder(1, Contract(), Order(duration=30)), 157)
    assert explained.startswith("PlaceOrder(orderId=1")
    assert explained.endswith("\n  PlaceOrder v157: order.duration=30: the server is too old for it")


@given(data=st.data())
def test_every_message_can_be_explained(data):
    description = data.draw(st.sampled_from(catalogue.messages()))
    version = data.draw(st.sampled_from([max(157, description.first), 178, 200, 203, 225]))
    message = supported(data.draw(messages(description.cls)), version)
    try:
        payload = Codec(description.sender.peer, version).encode(message)
    except EncodeError:
        return
    explained = explain(payload, description.sender, version)
    assert explained.startswith(f"{description.name}, message ")
    assert "not known" not in explained


@given(
    payload=st.binary(max_size=80), sender=st.sampled_from(Sender), version=st.sampled_from([157, 178, 200, 201, 225])
)
def test_nothing_is_too_damaged_to_be_explained(payload, sender, version):
    assert explain(payload, sender, version)
    head = b"\0\0\0\xcd" if version >= 201 else b"5\0"
    assert explain(head + payload + b"\0", sender, version)
