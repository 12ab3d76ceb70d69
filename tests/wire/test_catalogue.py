"""The catalogue: every message is there once, by name and by number, and what makes no sense is refused."""

import pytest

from ibdesk.wire import messages as described
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Description, Sender, find, from_client, messages, of
from ibdesk.wire.layout import Record
from ibdesk.wire.messages.connection import ReqIds
from ibdesk.wire.messages.contracts import ReqContractDetails
from ibdesk.wire.messages.executions import ReqExecutions
from ibdesk.wire.messages.history import HistoricalDataEnd
from ibdesk.wire.messages.orders import PlaceOrder


def test_senders_have_each_other() -> None:
    assert Sender.CLIENT.peer is Sender.SERVER
    assert Sender.SERVER.peer is Sender.CLIENT


def test_find_by_number_and_name() -> None:
    place = of(PlaceOrder)
    assert find(Sender.CLIENT, 3) is find(Sender.CLIENT, "PlaceOrder") is place
    assert find(Sender.SERVER, "PlaceOrder") is None
    assert find(Sender.CLIENT, 9999) is None
    assert (place.name, place.sender, place.id, place.protobuf) == ("PlaceOrder", Sender.CLIENT, 3, 203)


def test_messages_are_in_order_and_documented() -> None:
    every = messages()
    assert [(one.sender.value, one.id) for one in every] == sorted((one.sender.value, one.id) for one in every)
    assert {one.cls.__module__.rpartition(".")[2] for one in every} <= set(described.__all__)
    assert all(one.cls.__doc__ and not one.cls.__doc__.startswith(f"{one.name}(") for one in every)


def test_a_message_is_described_once() -> None:
    with pytest.raises(TypeError, match=r"client message Other \(3\) is described twice"):

        @from_client(3)
        class Other:
            pass


def test_when_protobuf_begins() -> None:
    assert not of(PlaceOrder).is_protobuf(202)
    assert of(PlaceOrder).is_protobuf(203)
    assert of(HistoricalDataEnd).first == V.HISTORICAL_DATA_END


def test_a_message_of_one_encoding() -> None:
    text_only = Description("Text", Sender.CLIENT, 998, ReqIds, tuple, None, None, V.MIN)
    protobuf_only = Description("Tags", Sender.CLIENT, 999, ReqIds, None, V.MIN, of(ReqIds).make_record, V.MIN)
    assert not text_only.is_protobuf(V.MAX)
    assert text_only.later(V.MIN) == protobuf_only.later(V.MIN) == ()
    with pytest.raises(TypeError, match="Text has no protobuf form"):
        text_only.tags(V.MAX)
    with pytest.raises(TypeError, match="Tags has no text form"):
        protobuf_only.layout(V.MAX)


def test_what_an_older_server_does_not_know() -> None:
    assert of(ReqExecutions).later(199) == (
        (("executionFilter", "lastNDays"), 2147483647),
        (("executionFilter", "specificDates"), []),
    )
    assert of(ReqExecutions).later(200) == ()
    assert of(ReqContractDetails).later(175) == ((("contract", "issuerId"), ""),)
    places = [".".join(path) for path, _ in of(PlaceOrder).later(217)]
    assert places == [
        "order.hedgeMaxSize",
        "order.ptOrderId",
        "order.ptOrderType",
        "order.slOrderId",
        "order.slOrderType",
    ]


def _form(one: Description, version: int) -> object:
    return _tags(one.tags(version)) if one.is_protobuf(version) else one.layout(version)


def _tags(record: Record) -> list[object]:
    inner = {tag: getattr(item, "record", None) for tag, item in record.tags.items()}
    cases = {tag: getattr(item, "cases", {}) for tag, item in record.tags.items()}
    return [
        (tag, _tags(inner[tag]) if isinstance(inner[tag], Record) else [_tags(case) for case in cases[tag].values()])
        for tag in record.tags
    ]


@pytest.mark.parametrize("one", messages(), ids=lambda one: f"{one.sender.value} {one.name}")
def test_changes_are_where_the_form_changes(one: Description) -> None:
    forms = {version: _form(one, version) for version in range(one.first, V.MAX + 1)}
    changed = [version for version in forms if version > one.first and forms[version] != forms[version - 1]]
    assert list(one.changes()) == changed
