"""Every noun says what it holds: annotations resolve, and defaults are what the annotations say.

The wire derives the spelling of a field from its annotation and default.
"""

import dataclasses
import types
import typing
from typing import Any

import pytest

from ibdesk.model import (
    accounts,
    bars,
    components,
    conditions,
    contract,
    contract_details,
    executions,
    order,
    quotes,
    reference,
)

NOUNS = [
    value
    for module in (
        accounts,
        bars,
        components,
        conditions,
        contract,
        contract_details,
        executions,
        order,
        quotes,
        reference,
    )
    for value in vars(module).values()
    if isinstance(value, type) and value.__module__ == module.__name__
]


def allowed(hint: Any) -> tuple[type, ...]:
    if hint is Any:
        return (object,)
    if isinstance(hint, types.UnionType):
        return tuple(kind for part in typing.get_args(hint) for kind in allowed(part))
    return (typing.get_origin(hint) or hint,)


@pytest.mark.parametrize("noun", NOUNS)
def test_annotations_resolve(noun: type):
    typing.get_type_hints(noun)


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if dataclasses.is_dataclass(noun)])
def test_defaults_are_what_the_annotations_say(noun: Any):
    hints = typing.get_type_hints(noun)
    for field in dataclasses.fields(noun):
        if field.default_factory is not dataclasses.MISSING:
            assert isinstance(field.default_factory(), allowed(hints[field.name])), field.name
        elif field.default is not dataclasses.MISSING:
            # ib_async has the int 0 for two floats, and shows it as "0".
            kinds = (*allowed(hints[field.name]), *([int] if field.name in ("volume", "coupon") else []))
            assert isinstance(field.default, kinds), field.name
            assert isinstance(field.default, bool) <= (bool in kinds or object in kinds), field.name


@pytest.mark.parametrize("noun", [contract.Contract, contract_details.ContractDetails, order.Order, order.OrderState])
def test_instances_share_no_lists(noun: Any):
    one, other = noun(), noun()
    lists = [field.name for field in dataclasses.fields(noun) if isinstance(getattr(one, field.name), list)]
    assert lists
    for name in lists:
        assert getattr(one, name) is not getattr(other, name)
