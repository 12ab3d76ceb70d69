"""The table of fields: each field of an order has a row, and each row a field."""

import dataclasses
from collections.abc import Iterator

import pytest

from ibdesk import codes
from ibdesk.model.components import SoftDollarTier, TagValue
from ibdesk.model.conditions import OrderCondition
from ibdesk.model.order import Order, OrderComboLeg
from ibdesk.paper.exchange.field_rules import Harmless, Refused
from ibdesk.paper.exchange.field_table import PARTS, RULES
from ibdesk.paper.exchange.order_fields import SERVER_DEFAULTS
from ibdesk.paper.exchange.order_types import ORDER_TYPES

INSIDE = {
    "conditions[]": OrderCondition.__subclasses__(),
    "orderComboLegs[]": [OrderComboLeg],
    "softDollarTier": [SoftDollarTier],
}
TAGS = ("algoParams", "smartComboRoutingParams", "orderMiscOptions")


def paths() -> Iterator[str]:
    """Every field of an order, and of what it holds."""
    yield from (field.name for field in dataclasses.fields(Order))
    for path, classes in INSIDE.items():
        yield from {f"{path}.{field.name}" for one in classes for field in dataclasses.fields(one)}
    yield from (f"{name}[].{field}" for name in TAGS for field in TagValue._fields)


def test_every_field_has_a_row_and_every_row_a_field():
    assert sorted(RULES) == sorted(paths())
    assert len(RULES) == sum(map(len, PARTS.values())), "no field has two rows"


def test_what_holds_objects_is_known_here():
    holding = {field.name for field in dataclasses.fields(Order) if field.default_factory is not dataclasses.MISSING}
    assert holding == {path.removesuffix("[]") for path in INSIDE} | set(TAGS)


def test_order_types_take_and_show_fields_that_depend_on_the_type():
    by_type = {name for name, rule in RULES.items() if rule.by_type}
    for kind in ORDER_TYPES.values():
        assert kind.takes <= by_type
        assert kind.shows <= by_type
        assert not kind.shows & {name for name in kind.takes if kind.takes_field(name)}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_row_is_complete(rule):
    assert bool(rule.serves) is bool(rule.products)
    assert rule.by_type <= rule.products
    assert (rule.values is None) is (rule.invalid is None)
    for outcome in filter(None, (rule.otherwise, rule.invalid)):
        if isinstance(outcome, Harmless):
            assert outcome.why
        else:
            assert outcome.code in codes.table()
            assert codes.is_warning(outcome.code) is not isinstance(outcome, Refused)


def test_what_servers_show_where_nothing_is_set_is_the_default_of_a_field():
    assert set(SERVER_DEFAULTS) <= set(RULES)
