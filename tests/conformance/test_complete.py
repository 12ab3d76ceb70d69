"""Nothing of the catalogue goes without an oracle: messages, protobuf tags and their types, branches of the layouts."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from conformance.domains import ANSWERS, NOT_DESCRIBED, REQUESTS, SCHEMAS, UNVERIFIED
from conformance.versions import VERSIONS, changes, id_of
from oracles import official

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, find, messages, of
from ibdesk.wire.layout import Embed, Field, Pairs, Record, Repeat, RepeatVariants
from ibdesk.wire.messages import orders
from ibdesk.wire.scalars import BYTES, FIXED64, VARINT, Scalar

NEWEST = official("10.46.1")

_MISSING = " is not described"
_WIRE_TYPES = {"string": BYTES, "double": FIXED64, "int32": VARINT, "int64": VARINT, "bool": VARINT}
_TYPES = {9: "string", 1: "double", 5: "int32", 3: "int64", 8: "bool", 11: "message"}


def test_every_message_has_an_oracle() -> None:
    """A new message comes into `REQUESTS` or `ANSWERS` with its description, or says why it cannot be verified."""
    described = {sender: {one.cls for one in messages() if one.sender is sender} for sender in Sender}
    assert described[Sender.CLIENT] - UNVERIFIED.keys() == set(REQUESTS)
    assert described[Sender.SERVER] - UNVERIFIED.keys() == set(ANSWERS)
    assert UNVERIFIED.keys() <= described[Sender.CLIENT] | described[Sender.SERVER]


def test_every_change_of_a_layout_is_compared() -> None:
    for one in messages():
        assert {V.MIN if one.first == V.MIN else one.first, V.MAX} <= set(changes(one.cls)) <= set(VERSIONS)


@pytest.mark.parametrize("cls", [one.cls for one in messages() if one.protobuf is not None], ids=id_of)
def test_tags_are_those_of_the_official_schema(cls: type) -> None:
    """A tag that no client reads would pass every comparison: here each number, and its type, is held to the schema."""
    lines = list(_compare(of(cls).tags(V.MAX), _schema(cls), ""))
    missing = {line.removesuffix(_MISSING) for line in lines if line.endswith(_MISSING)}
    assert missing - {"contract.comboLegs.perLegPrice"} == NOT_DESCRIBED.get(cls, frozenset())
    assert [line for line in lines if not line.endswith(_MISSING)] == []


@pytest.mark.parametrize("cls", [orders.PlaceOrder, orders.OpenOrder, orders.CompletedOrder], ids=id_of)
def test_the_legs_of_orders_have_prices(cls: type) -> None:
    """Other contracts with legs have none."""
    contract = next(item for item in of(cls).tags(V.MAX).tags.values() if isinstance(item, Embed) and not item.path)
    assert 9 in contract.record.tags[20].record.tags


@pytest.mark.parametrize(("sender", "direction"), [(Sender.CLIENT, "OUT"), (Sender.SERVER, "IN")], ids=id_of)
def test_every_id_is_described(sender: Sender, direction: str) -> None:
    ids = {name: id for name, id in vars(getattr(NEWEST.module("message"), direction)).items() if name.isupper()}
    assert [f"{direction}.{name} = {id}" for name, id in ids.items() if find(sender, id) is None] == []
    assert {one.id for one in messages() if one.sender is sender} <= set(ids.values())


def test_every_record_and_field_of_the_official_schema_is_described() -> None:
    """Each is in some message: a record that only others hold counts where it is held."""
    every = {place for schema in _schemas() for place in _places(schema)}
    reached = {
        place for one in messages() if one.protobuf is not None for place in _reached(one.tags(V.MAX), _schema(one.cls))
    }
    assert len(every) == 203 + 917  # so many records and fields has 10.46.1
    assert sorted(every - reached) == []


def _schema(cls: type) -> Any:
    name = SCHEMAS.get(cls, cls.__name__)
    return getattr(NEWEST.module(f"protobuf.{name}_pb2"), name).DESCRIPTOR


def _schemas() -> list[Any]:
    files = [module.DESCRIPTOR for path, module in NEWEST.modules.items() if path.endswith("_pb2")]
    return [schema for file in files for schema in file.message_types_by_name.values()]


def _places(schema: Any) -> list[str]:
    return [schema.name, *(f"{schema.name}.{field.name}" for field in schema.fields)]


def _reached(record: Record, schema: Any) -> Iterator[str]:
    """The records and fields that a record describes, with those inside it."""
    yield schema.name
    for tag, item in record.tags.items():
        field = schema.fields_by_number[tag]
        yield f"{schema.name}.{field.name}"
        for inner in _inner(item):
            yield from _reached(inner, field.message_type)


def _inner(item: Any) -> Iterable[Record]:
    match item:
        case Embed(record=record) | Repeat(record=Record() as record):
            return (record,)
        case RepeatVariants(cases=cases):
            return cases.values()
    return ()


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
