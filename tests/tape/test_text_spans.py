"""Where the texts of payloads are, and what they are."""

import pytest

from ibdesk.model.conditions import ExecutionCondition
from ibdesk.model.contract import Contract
from ibdesk.model.order import Order, OrderState
from ibdesk.tape import text_spans as module
from ibdesk.tape.text_spans import OWNERS, PRODUCTS, SECRETS, Role, TextSpan, role_of, roles_in, text_spans
from ibdesk.wire import catalogue
from ibdesk.wire.catalogue import Sender, find
from ibdesk.wire.codec import Codec
from ibdesk.wire.layout import fields_of, part_class
from ibdesk.wire.messages.accounts import Position, ReqPositions
from ibdesk.wire.messages.connection import CurrentTime, ManagedAccounts
from ibdesk.wire.messages.market_data import TickPrice
from ibdesk.wire.messages.orders import OpenOrder, PlaceOrder
from ibdesk.wire.scalars import encode_bytes, encode_varint

FREE, OTHER, OWNER, PRODUCT = Role.FREE, Role.OTHER, Role.OWNER, Role.PRODUCT


def text(payload: bytes, name: str | None, start: int) -> list[TextSpan]:
    """The texts in a text payload of the server."""
    return text_spans(find(Sender.SERVER, name) if name else None, payload, start, 178, False)


def tags(payload: bytes, name: str | None = None) -> list[TextSpan]:
    """The texts in a protobuf payload of the server."""
    return text_spans(find(Sender.SERVER, name) if name else None, payload, 0, 225, True)


def field(tag: int, raw: bytes) -> bytes:
    """A tag with bytes."""
    return encode_varint(tag << 3 | 2) + encode_bytes(raw)


def test_fields_of_text() -> None:
    assert text(b"15\x001\0DU1,DU2\0", "ManagedAccounts", 3) == [
        TextSpan(3, 4, OTHER),
        TextSpan(5, 12, OWNER),
        TextSpan(13, 13, FREE),
    ]
    payload = b"61\x003\0DU1\x00265598\0AAPL\0"  # ends before the rest of the contract
    roles = [role for _, _, role in text(payload, "Position", 3)]
    assert roles == [OTHER, OWNER, OTHER, PRODUCT, OTHER]


def test_fields_that_nobody_described() -> None:
    assert text(b"999\0a\0\0bc", None, 4) == [TextSpan(4, 5, FREE), TextSpan(6, 6, FREE), TextSpan(7, 9, FREE)]


def test_tags_that_are_described() -> None:
    contract = field(1, b"") + field(2, b"AAPL") + field(21, field(1, b"ISIN") + field(2, b"US0378331005"))
    payload = field(1, b"DU1") + field(2, contract) + b"\x21" + bytes(8)
    found = {payload[start:end]: role for start, end, role in tags(payload, "Position")}
    assert found[b"DU1"] is OWNER
    assert found[b"AAPL"] is PRODUCT
    assert contract not in found


def test_tags_that_nobody_described() -> None:
    inner = field(1, b"DU1234567") + b"\x10\x05"
    xml = b"<a>\n<b/></a>"
    payload = field(1, b"U123456789") + field(2, inner) + field(3, xml) + b"\x25" + bytes(4)
    found = [payload[start:end] for start, end, _ in tags(payload)]
    assert found == [b"U123456789", b"DU1234567", xml]


@pytest.mark.parametrize("damaged", [b"\x0a\x05abc", b"\x09abc", b"\xff" * 11, b"\x0a"])
def test_damage_is_one_place(damaged: bytes) -> None:
    assert tags(damaged, "Position") == [TextSpan(0, len(damaged), FREE)]


def test_damage_inside_is_a_place_there() -> None:
    payload = field(1, b"DU1") + field(2, b"\x0a\x05abc")
    assert tags(payload, "Position") == [TextSpan(2, 5, OWNER), TextSpan(7, 12, OTHER)]


def test_roles() -> None:
    assert [role_of(path) for path in ("account", "order.account", "contract.symbol", "secIdList[0].value", "x")] == [
        OWNER,
        OWNER,
        PRODUCT,
        PRODUCT,
        OTHER,
    ]


def test_messages_that_name_nobody_are_known() -> None:
    named = [OWNER in roles_in(cls) for cls in (ManagedAccounts, Position, OpenOrder, PlaceOrder)]
    unnamed = [OWNER in roles_in(cls) for cls in (TickPrice, CurrentTime, ReqPositions)]
    assert all(named)
    assert not any(unnamed)


def test_names_of_people_and_products_are_names_of_fields() -> None:
    """Every account, user or code in a description is known as one."""
    names: set[str] = set()

    def collect(cls: type) -> None:
        for name, (_, hint) in fields_of(cls).items():
            if hint is str:
                names.add(name)
            for kind in (hint, *getattr(hint, "__args__", ())):
                if part := part_class(kind):
                    collect(part)

    for one in catalogue.messages():
        collect(one.cls)
    suspicious = {name for name in names if any(word in name.lower() for word in ("account", "acct", "brand", "user"))}
    assert suspicious - OWNERS == set()
    assert names >= SECRETS
    assert {"symbol", "localSymbol", "tradingClass", "secId"} <= PRODUCTS & names


def test_lists_of_several_kinds() -> None:
    condition = ExecutionCondition(symbol="F61824144", exch="SMART")
    message = OpenOrder(Contract(), Order(conditions=[condition]), OrderState())
    payload = Codec(Sender.CLIENT, 225).encode(message)[4:]
    found = {payload[start:end]: role for start, end, role in tags(payload, "OpenOrder")}
    assert (found[b"F61824144"], found[b"SMART"]) == (PRODUCT, OTHER)
    for damage in (b"\x0f\x05", b"\x08\x63"):  # no tag that is in use; no kind that is known
        damaged = payload.replace(b"\x08\x05", damage)
        assert any(b"F61824144" in damaged[start:end] for start, end, _ in tags(damaged, "OpenOrder"))


def test_messages_inside_messages_without_end() -> None:
    payload = b"DU1234567"
    for _ in range(3000):
        payload = field(2, payload)
    for place in tags(payload):
        assert payload[place.start : place.end].endswith(b"DU1234567")
        assert place.role is FREE


def test_more_texts_than_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 5)
    assert len(text(b"999\0" + b"a\0" * 4, None, 4)) == 5
    assert text(b"999\0" + b"a\0" * 6, None, 4) == [TextSpan(4, 16, FREE)]
    assert len(tags(field(2, b"abc") * 5)) == 5
    assert tags(field(2, b"abc") * 6) == [TextSpan(0, 30, FREE)]
