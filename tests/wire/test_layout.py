"""The words of a description: what each stands for, and that a misspelt one is found at import."""

from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from ibdesk.model.contract import Contract, DeltaNeutralContract
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER, UNSET_LONG
from ibdesk.wire import scalars
from ibdesk.wire.layout import (
    Between,
    Field,
    Fixed,
    Given,
    Many,
    Maybe,
    as_item,
    bind,
    blank,
    given,
    many,
    maybe,
    one_of,
    paths,
    positive,
    refs,
    resolve,
    scalar_of,
    shown,
    since,
    size,
    spelled,
    until,
    variants,
)

contract: Any = refs(Contract, "contract")
order: Any = refs(Order, "order")


def test_a_ref_knows_its_place_and_its_scalar() -> None:
    assert as_item(contract.symbol) == Field(("contract", "symbol"), scalars.TEXT)
    assert as_item(order.softDollarTier.name) == Field(("order", "softDollarTier", "name"), scalars.TEXT)
    assert as_item(contract.deltaNeutralContract.delta).path == ("contract", "deltaNeutralContract", "delta")
    assert as_item(refs(Contract).conId) == Field(("conId",), scalars.INT)


def test_a_misspelt_field_is_an_error() -> None:
    with pytest.raises(AttributeError, match="order has no field 'lmtPrce'"):
        _ = order.lmtPrce
    with pytest.raises(AttributeError, match="has no field 'x'"):
        _ = order.lmtPrice.x
    with pytest.raises(AttributeError, match="Order'> has no field 'x'"):
        _ = refs(Order).x  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("hint", "default", "expected"),
    [
        (int, 0, scalars.INT),
        (int, UNSET_INTEGER, scalars.OPTIONAL_INT),
        (int, UNSET_LONG, scalars.OPTIONAL_INT),
        (float, 0.0, scalars.FLOAT),
        (float, UNSET_DOUBLE, scalars.OPTIONAL_FLOAT),
        (float | int, 0.0, scalars.FLOAT),
        (float | None, UNSET_DOUBLE, scalars.OPTIONAL_FLOAT),
        (int | None, 0, scalars.INT),
        (bool, False, scalars.BOOL),
        (bool | None, None, scalars.OPTIONAL_BOOL),
        (str, "", scalars.TEXT),
        (str | None, "", scalars.TEXT),
        (scalars.Quantity, 0.0, scalars.SIZE),
        (scalars.EscapedText, "", scalars.ESCAPED),
        (Annotated[int, "a note"], 0, scalars.INT),
    ],
)
def test_the_annotation_tells_the_scalar(hint: Any, default: Any, expected: scalars.Scalar) -> None:
    assert scalar_of(hint, default) is expected


def test_an_annotation_that_tells_none() -> None:
    with pytest.raises(TypeError, match="no scalar spells <class 'bytes'>"):
        scalar_of(bytes, b"")


def test_other_spellings() -> None:
    assert size(order.totalQuantity) == Field(("order", "totalQuantity"), scalars.SIZE)
    assert spelled(scalars.OPTIONS, "options") == Field(("options",), scalars.OPTIONS)
    assert shown(order.cashQty).scalar is scalars.SHOWN_FLOAT
    assert shown(order.duration).scalar is scalars.SHOWN_INT


def test_resolve_leaves_what_a_version_has() -> None:
    layout = (
        until(160, Fixed(1)),
        order.account,
        since(160, order.tif, until(170, order.ocaGroup)),
        given(order.hedgeType, since(170, order.hedgeParam)),
        many(order.algoParams, scalars.TEXT),
        maybe(contract.deltaNeutralContract, since(170, contract.deltaNeutralContract.conId)),
        variants(order.conditions, "condType", {1: (Order, (since(170, order.tif),))}),
    )
    account, tif, group = (as_item(ref) for ref in (order.account, order.tif, order.ocaGroup))
    at_157, at_165, at_170 = (resolve(layout, version) for version in (157, 165, 170))
    assert at_157[:2] == (Fixed(1), account)
    assert at_157[2] == Given(("order", "hedgeType"), "given", (), ())
    assert at_157[3] == Many(("order", "algoParams"), scalars.TEXT, ())
    assert at_157[4] == Maybe(("contract", "deltaNeutralContract"), DeltaNeutralContract, ())
    assert at_157[5].cases == {1: (Order, ())}
    assert at_165[:3] == (account, tif, group)
    assert at_170[:2] == (account, tif)
    assert at_170[2].items == (as_item(order.hedgeParam),)
    assert at_170[4].items == (as_item(contract.deltaNeutralContract.conId),)
    assert at_170[5].cases == {1: (Order, (tif,))}
    assert paths(at_170) == {
        ("order", name) for name in ("account", "tif", "hedgeParam", "algoParams", "conditions")
    } | {("contract", "deltaNeutralContract")}


@pytest.mark.parametrize(
    ("word", "value", "expected"),
    [
        (given("x"), "D", True),
        (given("x"), "", False),
        (given("x"), 0, False),
        (given("x"), [], False),
        (one_of("x", ("BAG",)), "BAG", True),
        (one_of("x", ("BAG",)), "STK", False),
        (positive("x"), 0.1, True),
        (positive("x"), 0.0, False),
        (positive("x"), -1.0, False),
        (positive("x"), UNSET_DOUBLE, False),
        (positive("x"), None, False),
        (positive("x"), "", False),
    ],
)
def test_conditions_on_an_earlier_value(word: Given, value: Any, expected: bool) -> None:
    assert word.holds(value) is expected


def test_only_a_part_may_be_missing() -> None:
    with pytest.raises(TypeError, match=r"order\.tif is not a part"):
        maybe(order.tif)


def test_names_in_a_table_become_fields_of_the_message() -> None:
    @dataclass
    class Message:
        kind: str
        part: DeltaNeutralContract | None = None
        ids: list[int] = field(default_factory=list)

    kind = Field(("kind",), scalars.TEXT)
    assert bind("kind", Message) == kind
    assert bind(since(160, "kind"), Message) == Between(160, 1 << 30, (kind,))
    assert bind(given("kind", "kind"), Message) == Given(("kind",), "given", (), (kind,))
    assert bind(maybe(refs(DeltaNeutralContract, "part"), "kind"), Message).items == (kind,)
    assert bind(Fixed(1), Message) == Fixed(1)
    with pytest.raises(AttributeError, match="has no field 'knd'"):
        bind("knd", Message)


def test_a_blank_message_holds_defaults_and_zeros() -> None:
    @dataclass
    class Message:
        number: int
        price: scalars.Quantity
        text: str
        flag: bool
        part: Contract
        rows: list[int]
        kept: int = 7

    assert blank(Message) == Message(0, 0.0, "", False, Contract(), [], 7)
    assert blank(Message).rows is not blank(Message).rows
