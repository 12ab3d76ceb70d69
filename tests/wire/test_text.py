"""The reference text codec: fields taken one by one, and errors that name the field."""

from copy import copy
from typing import Any

import pytest

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.model.conditions import OrderCondition, PriceCondition, TimeCondition
from ibdesk.model.contract import ComboLeg, Contract, TagValue
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.executions import ExecutionFilter
from ibdesk.model.order import Order
from ibdesk.wire import text
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, of
from ibdesk.wire.codec import Codec
from ibdesk.wire.layout import blank
from ibdesk.wire.messages.connection import NextValidId
from ibdesk.wire.messages.contracts import ContractData
from ibdesk.wire.messages.executions import ReqExecutions
from ibdesk.wire.messages.history import HistoricalData
from ibdesk.wire.messages.market_data import TickPrice
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder


def read(cls: type, line: str, version: int = V.PENDING_PRICE_REVISION) -> Any:
    message = blank(cls)
    fields = text.Fields(text.split(line.replace("|", "\0").encode()), cls.__name__, version)
    text.decode(of(cls).layout(version), fields, message)
    return message


def write(message: Any, version: int = V.PENDING_PRICE_REVISION) -> list[str]:
    return text.encode(of(type(message)).layout(version), message, type(message).__name__, version)


def test_split_and_join() -> None:
    assert text.split(b"") == []
    assert text.split(b"\0") == [""]
    assert text.split("a\0ü\0".encode()) == ["a", "ü"]
    assert text.split(b"caf\xe9\0") == ["caf\\xe9"]
    assert text.join(["a", "ü"]) == "a\0ü\0".encode()
    assert text.join([]) == b""
    assert text.join(["\ud800"]) == b"\\ud800\0"
    with pytest.raises(DecodeError, match="its last field, 'b', does not end with NUL"):
        text.split(b"a\0b")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("6|7|1|LMT|300|0|", r"TickPrice v178: price (field 3) is 'LMT', not a number; previous: tickType='1'"),
        ("6|7|1|", r"TickPrice v178: price (field 3) is missing: the message ends before it; previous: tickType='1'"),
        ("6|x|", r"TickPrice v178: reqId (field 1) is 'x', not an int"),
        ("", r"TickPrice v178: a field out of use (field 0) is missing: the message ends before it"),
    ],
)
def test_a_wrong_field_is_named(line: str, error: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read(TickPrice, line)
    assert str(caught.value) == error


@pytest.mark.parametrize("count", ["-1", "4", "99999999999"])
def test_a_list_cannot_be_longer_than_what_is_left(count: str) -> None:
    with pytest.raises(DecodeError, match=rf"bars.length \(field 3\) is {count}, with 3 fields left"):
        read(HistoricalData, f"7|||{count}|a|b|c|")


def order_with(**values: Any) -> PlaceOrder:
    return PlaceOrder(1, Contract(secType="STK"), Order(**values))


def test_an_unknown_kind_of_condition() -> None:
    sent = write(order_with(conditions=[PriceCondition(conId=5)]))
    at = len(sent) - sent[::-1].index("5") - 5  # kind, conjunction, isMore, price, conId
    assert sent[at : at + 5] == ["1", "a", "1", "0.0", "5"]
    sent[at] = "9"
    with pytest.raises(DecodeError, match=r"order.conditions\[0\].condType \(field \d+\) is 9; known are \[1, 3, 4, 5"):
        read(PlaceOrder, "|".join([*sent, ""]))
    unknown = copy(PriceCondition())
    unknown.condType = 9
    with pytest.raises(EncodeError, match=r"order\.conditions\[0\]\.condType=9: no such kind is known"):
        write(order_with(conditions=[unknown]))
    assert OrderCondition in type(unknown).__mro__


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (order_with(lmtPrice="abc"), "order.lmtPrice='abc': could not convert string to float"),
        (order_with(lmtPrice=float("nan")), "order.lmtPrice=nan: nan is not a number that TWS accepts"),
        (order_with(minQty=1.5), "order.minQty=1.5: 1.5 is not a whole number"),
        (order_with(account="a\0b"), "order.account='a\\x00b': a text field cannot hold a NUL character"),
        (order_with(parentId=None), "order.parentId=None: int() argument"),
        (order_with(softDollarTier=None), "order.softDollarTier.name=None: 'NoneType' object has no attribute 'name'"),
        (
            order_with(algoStrategy="Vwap", algoParams=[TagValue("a", "1"), TagValue("b", "\0")]),
            "order.algoParams[1].value='\\x00': a text field cannot hold a NUL character",
        ),
        (
            order_with(algoStrategy="Vwap", algoParams=[TagValue([], "")]),  # type: ignore[arg-type]
            "order.algoParams[0].tag=[]: it is neither a text nor a number",
        ),
    ],
)
def test_what_cannot_be_written_is_named(message: Any, error: str) -> None:
    with pytest.raises(EncodeError) as caught:
        write(message)
    assert str(caught.value).startswith(f"PlaceOrder v178: {error}")


def test_conditions_are_told_apart_by_their_kind() -> None:
    conditions = [PriceCondition(price=1.5, conId=5, exch="SMART"), TimeCondition(conjunction="o", time="20250620")]
    back = read(PlaceOrder, "|".join([*write(order_with(conditions=conditions)), ""]))
    assert back.order.conditions == conditions


def test_an_element_that_cannot_be_written_is_named() -> None:
    with pytest.raises(EncodeError, match=r"executionFilter.specificDates\[1\]='x'"):
        write(ReqExecutions(1, ExecutionFilter(specificDates=[20250620, "x"])), V.PARAMETRIZED_DAYS_OF_EXECUTIONS)


def test_parts_of_a_decoded_message_are_its_own() -> None:
    sent = "|".join([*write(OpenOrder(Contract(), Order(), blank(OpenOrder).orderState)), ""])
    one, other = read(OpenOrder, sent), read(OpenOrder, sent)
    assert one.order is not other.order
    assert one.contract.comboLegs is not other.contract.comboLegs
    assert one.contract.deltaNeutralContract is None


def test_an_empty_number_is_zero() -> None:
    assert read(NextValidId, "1||") == NextValidId(0)


def test_a_field_of_an_element_is_named_from_the_message_on() -> None:
    legs = [ComboLeg(1, 1, "BUY", "SMART"), ComboLeg(2, 77, "SELL", "SMART")]
    sent = write(PlaceOrder(1, Contract(secType="BAG", comboLegs=legs), Order()))
    sent[sent.index("77")] = "x"
    with pytest.raises(DecodeError, match=r"contract\.comboLegs\[1\]\.ratio \(field \d+\) is 'x', not an int"):
        read(PlaceOrder, "|".join([*sent, ""]))
    legs[1].ratio = "x"  # type: ignore[assignment]
    with pytest.raises(EncodeError, match=r"contract\.comboLegs\[1\]\.ratio='x'"):
        write(PlaceOrder(1, Contract(secType="BAG", comboLegs=legs), Order()))


@pytest.mark.parametrize("cls", [NextValidId, TickPrice])
def test_underscores_belong_to_no_number(cls: type) -> None:
    with pytest.raises(DecodeError, match=r"is '1_0', not an? "):
        read(cls, "6|1_0|1_0|1_0|0|0|")


@pytest.mark.parametrize(
    ("text", "date", "time"),
    [
        ("", "", ""),
        ("20250620", "20250620", ""),
        ("20250620 08:30 US/Central", "20250620", "08:30"),
        ("20250620-08:30-US/Central", "20250620", "08:30"),
    ],
)
def test_two_values_in_a_text(text: str, date: str, time: str) -> None:
    sent = write(ContractData(7, ContractDetails(contract=Contract())))
    sent[3] = text
    read_back = read(ContractData, "|".join([*sent, ""])).contractDetails
    assert (read_back.contract.lastTradeDateOrContractMonth, read_back.lastTradeTime) == (date, time)
    assert write(ContractData(7, read_back))[3] == f"{date} {time}".strip()


def test_details_without_a_contract_cannot_be_sent() -> None:
    with pytest.raises(EncodeError, match="'NoneType' object has no attribute 'symbol'"):
        write(ContractData(7, ContractDetails()))
    with pytest.raises(EncodeError, match="'NoneType' object has no attribute"):
        Codec(Sender.CLIENT, 225).encode(ContractData(7, ContractDetails()))
