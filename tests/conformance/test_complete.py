"""Nothing of the catalogue goes without an oracle: messages, protobuf tags and their types, branches of the layouts."""

from typing import Any

import pytest
from conformance.domains import ANSWERS, NOT_DESCRIBED, REQUESTS, SCHEMAS
from conformance.exceptions import EXCEPTIONS
from conformance.versions import VERSIONS, changes, id_of
from oracles import OFFICIAL_VERSIONS, official

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, messages, of
from ibdesk.wire.layout import Embed, Field, Pairs, Record, Repeat, RepeatVariants, TagByHand, resolve_record
from ibdesk.wire.messages import contracts, order_records, orders
from ibdesk.wire.scalars import BYTES, FIXED64, VARINT, Scalar

_MISSING = " is not described"
_WIRE_TYPES = {"string": BYTES, "double": FIXED64, "int32": VARINT, "int64": VARINT, "bool": VARINT}
_TYPES = {9: "string", 1: "double", 5: "int32", 3: "int64", 8: "bool", 11: "message"}


def test_every_message_has_an_oracle() -> None:
    """A new message comes into `REQUESTS` or `ANSWERS` with its description."""
    described = {sender: {one.cls for one in messages() if one.sender is sender} for sender in Sender}
    assert described[Sender.CLIENT] == set(REQUESTS)
    assert described[Sender.SERVER] == set(ANSWERS)


def test_every_change_of_a_layout_is_compared() -> None:
    for one in messages():
        assert {V.MIN if one.first == V.MIN else one.first, V.MAX} <= set(changes(one.cls)) <= set(VERSIONS)


@pytest.mark.parametrize("cls", [one.cls for one in messages() if one.protobuf is not None], ids=id_of)
def test_tags_are_those_of_the_official_schema(cls: type) -> None:
    """A tag that no client reads would pass every comparison: here each number, and its type, is held to the schema."""
    name = SCHEMAS.get(cls, cls.__name__)
    schema = getattr(official("10.46.1").module(f"protobuf.{name}_pb2"), name).DESCRIPTOR
    lines = list(_compare(of(cls).tags(V.MAX), schema, ""))
    missing = {line.removesuffix(_MISSING) for line in lines if line.endswith(_MISSING)}
    assert missing - {"contract.comboLegs.perLegPrice"} == NOT_DESCRIBED.get(cls, frozenset())
    assert [line for line in lines if not line.endswith(_MISSING)] == []


@pytest.mark.parametrize("cls", [orders.PlaceOrder, orders.OpenOrder, orders.CompletedOrder], ids=id_of)
def test_the_legs_of_orders_have_prices(cls: type) -> None:
    """Other contracts with legs have none."""
    assert 9 in _BY_HAND[_read_by_hand(cls)].tags[20].record.tags


def _compare(record: Record, schema: Any, path: str) -> Any:
    theirs = {field.number: field for field in schema.fields}
    for tag in record.tags.keys() - theirs.keys():
        yield f"{path}{tag} is not in the schema"
    for tag in theirs.keys() - record.tags.keys():
        yield f"{path}{theirs[tag].name}{_MISSING}"
    for tag in theirs.keys() & record.tags.keys():
        yield from _compare_tag(record.tags[tag], theirs[tag], f"{path}{theirs[tag].name}")


def _compare_tag(item: Any, field: Any, path: str) -> Any:
    kind = _TYPES[field.type]
    if (isinstance(item, Repeat | RepeatVariants | Pairs)) != field.is_repeated:
        yield f"{path} is {'' if field.is_repeated else 'not '}a list"
    match item:
        case Field(scalar=scalar) | Repeat(record=Scalar() as scalar):
            if _WIRE_TYPES.get(kind) != scalar.wire_type:
                yield f"{path} is a {kind}, not {scalar.name}"
        case Pairs():
            if not field.message_type.GetOptions().map_entry:
                yield f"{path} is no map"
        case RepeatVariants(cases=cases):
            for case in cases.values():
                lines = _compare(case, field.message_type, f"{path}.")
                yield from (line for line in lines if not line.endswith(_MISSING))
        case Embed(record=record) | Repeat(record=Record() as record):
            yield from _compare(record, field.message_type, f"{path}.")
        case TagByHand():
            yield from _compare(_BY_HAND[id(item)], field.message_type, f"{path}.")


def _with_price(contract: Record) -> Record:
    """The legs of an order's contract bear a price, tag 9, which is a field of the order."""
    legs = contract.tags[20].record
    price = Field(("price",), resolve_record(order_records._LEG_PRICE, V.MAX).tags[9].scalar)
    priced = Record(legs.cls, {**legs.tags, 9: price}, legs.exceptions, legs.absent)
    return Record(
        contract.cls, {**contract.tags, 20: Repeat(("comboLegs",), priced)}, contract.exceptions, contract.absent
    )


def _read_by_hand(cls: type) -> int:
    return id(next(item for item in of(cls).tags(V.MAX).tags.values() if isinstance(item, TagByHand)))


_ANSWERED = resolve_record(contracts.CONTRACT, V.MAX)
_BY_HAND = {
    _read_by_hand(contracts.ContractData): _ANSWERED,
    _read_by_hand(orders.OpenOrder): _with_price(_ANSWERED),
    _read_by_hand(orders.CompletedOrder): _with_price(_ANSWERED),
    _read_by_hand(orders.PlaceOrder): _with_price(resolve_record(contracts.REQUESTED_CONTRACT, V.MAX)),
}


def verified() -> list[tuple[str, str, str, int]]:
    """(message, sender, by what it is verified, number of exceptions), for the reference documentation."""
    rows = []
    for one in messages():
        spoken = [name for name in OFFICIAL_VERSIONS if official(name).max_server_version >= one.first]
        if one.sender is Sender.CLIENT:
            by = f"bytes of {REQUESTS[one.cls].method} of the official client {', '.join(spoken)}"
        else:
            ib_async = "; ib_async 2.1.0" if one.first <= V.PENDING_PRICE_REVISION else ""
            by = f"values read by the official client {', '.join(spoken)}{ib_async}"
        rows.append((one.name, one.sender.value, by, sum(row.message is one.cls for row in EXCEPTIONS)))
    return rows


def test_the_table_of_what_is_verified() -> None:
    """`pytest -s -k table_of_what_is_verified` shows it."""
    rows = verified()
    for name, sender, by, exceptions in rows:
        print(f"{name:28}{sender:8}{by}{f'; exceptions: {exceptions}' if exceptions else ''}")
    assert [row[0] for row in rows] == [one.name for one in messages()]
