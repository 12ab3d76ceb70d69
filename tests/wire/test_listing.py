"""The protocol as tables for people."""

import pytest

from ibdesk.wire import catalogue, listing
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, find
from ibdesk.wire.layout import Field, Maybe, as_item


def page(sender: Sender, name: str) -> str:
    found = find(sender, name)
    assert found is not None
    return listing.page(found)


def test_a_flat_message_in_full() -> None:
    head, doc, _, text, *lines = page(Sender.SERVER, "MarketDataType").splitlines()
    assert head == "MarketDataType, message 58 of the server"
    assert doc.startswith("  The kind of quotes that a subscription gets from now on: 1 live, ")
    assert text.startswith("As text, server versions 157-205; verified by 10.46.1 ")
    assert lines[:3] == ["  (always 1)", "  reqId           int", "  marketDataType  int"]
    assert lines[4].startswith("As protobuf, server versions 206-225; verified by 10.46.1")
    assert lines[5:] == ["  1 reqId           int", "  2 marketDataType  int"]


def test_what_depends_on_versions_and_values_is_told() -> None:
    order = page(Sender.CLIENT, "PlaceOrder")
    assert "  since 158:\n    order.duration" in order
    assert "  until 176:\n    order.faProfile" in order
    assert "where contract.secType is 'BAG':" in order
    assert "the number of order.conditions, and for each its condType" in order
    assert "1, PriceCondition:" in order


def test_two_values_that_share_a_text_are_told() -> None:
    details = [line for line in page(Sender.SERVER, "ContractData").splitlines() if line.endswith("two texts in one")]
    assert len(details) == 2, "as text, and as protobuf"
    for line in details:
        assert "lastTradeDateOrContractMonth, contractDetails.lastTradeTime" in line


def test_what_is_exceptional_is_told() -> None:
    assert "\nWhere an outside client differs\n" in page(Sender.CLIENT, "ReqMktData")


def test_a_message_without_fields() -> None:
    assert "(no fields)" in page(Sender.SERVER, "OpenOrderEnd").replace("  (always 1)", "")


@pytest.mark.parametrize("one", catalogue.messages(), ids=lambda one: f"{one.sender.value} {one.name}")
def test_every_field_of_every_message_is_shown(one: catalogue.Description) -> None:
    shown = listing.page(one)
    for item in map(as_item, one.text or ()):
        if isinstance(item, Field | Maybe):
            assert ".".join(item.path) in shown
    for tag, item in (one.record.tags if one.record else {}).items():
        assert f"\n  {tag} " in shown
        assert item is not None


def test_the_list_has_a_row_for_each() -> None:
    rows = listing.rows()
    assert [(row.sender, row.id) for row in rows] == [(one.sender.value, one.id) for one in catalogue.messages()]
    [order] = [row for row in rows if row.name == "OpenOrder"]
    assert (order.text, order.protobuf) == ("157-202", "203-225")
    assert str(V.SUBMITTER) in order.changes.split()


def test_the_table_is_aligned() -> None:
    head, *lines = listing.table(listing.rows()).splitlines()
    assert " ".join(head.split()) == "from id message text verified by protobuf verified by"
    column = head.index("text")
    assert {line[column : column + 4] for line in lines if line[column].isdigit()} >= {"157-"}
    assert {line[column - 1] for line in lines} == {" "}
    assert {line.split()[0] for line in lines} == {"client", "server"}


def test_the_summary_names_who_is_not_verified() -> None:
    rows = listing.rows()
    unknown = rows[0]._replace(text_verified_by=listing.NOBODY)
    assert listing.summary(rows).endswith("not verified: none.")
    assert listing.summary([unknown, *rows[1:]]).endswith(f"not verified: {unknown.name}.")
