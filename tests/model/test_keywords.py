"""The fields that each kind of contract and order takes by keyword: for type checkers, in `help`, and in truth."""

import inspect
from dataclasses import fields
from typing import Any, get_type_hints

import pytest

import ibdesk
from ibdesk.model import keywords
from ibdesk.model.contract import (
    CFD,
    Bag,
    Bond,
    Commodity,
    ContFuture,
    Contract,
    Crypto,
    Forex,
    Future,
    FuturesOption,
    Index,
    MutualFund,
    Option,
    Stock,
    Warrant,
)
from ibdesk.model.order import BracketOrder, LimitOrder, MarketOrder, Order, StopLimitOrder, StopOrder

KINDS: dict[type, tuple[type, tuple[Any, ...]]] = {
    Bag: (keywords.ContractFields, ()),
    Bond: (keywords.ContractFields, ()),
    CFD: (keywords.StockFields, ("A", "B", "C")),
    Commodity: (keywords.StockFields, ("A", "B", "C")),
    ContFuture: (keywords.ContFutureFields, ("A", "B", "C", "D", "E")),
    Crypto: (keywords.StockFields, ("A", "B", "C")),
    Forex: (keywords.StockFields, ("", "A", "B", "C")),
    Future: (keywords.FutureFields, ("A", "B", "C", "D", "E", "F")),
    FuturesOption: (keywords.OptionFields, ("A", "B", 1, "C", "D", "E", "F")),
    Index: (keywords.StockFields, ("A", "B", "C")),
    MutualFund: (keywords.ContractFields, ()),
    Option: (keywords.OptionFields, ("A", "B", 1, "C", "D", "E", "F")),
    Stock: (keywords.StockFields, ("A", "B", "C")),
    Warrant: (keywords.ContractFields, ()),
    LimitOrder: (keywords.LimitFields, ("BUY", 1, 2)),
    MarketOrder: (keywords.MarketFields, ("BUY", 1)),
    StopLimitOrder: (keywords.StopLimitFields, ("BUY", 1, 2, 3)),
    StopOrder: (keywords.StopFields, ("BUY", 1, 2)),
}


def noun(kind: type) -> type:
    return Order if issubclass(kind, Order) else Contract


def names(kind: type) -> set[str]:
    return {field.name for field in fields(noun(kind))}


def accepts(kind: Any, positions: tuple[Any, ...], **keyword: Any) -> bool:
    try:
        kind(*positions, **keyword)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize(("whole", "kind"), [(keywords.ContractFields, Contract), (keywords.OrderFields, Order)])
def test_the_keywords_are_the_fields_with_their_types(whole: type, kind: type):
    """A field that was added to the dataclass belongs into `model/keywords.py` as well."""
    assert get_type_hints(whole) == {field.name: get_type_hints(kind)[field.name] for field in fields(kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_takes_these_keywords_and_no_other_field(kind: type):
    known, positions = KINDS[kind]
    assert {name for name in names(kind) if accepts(kind, positions, **{name: None})} == set(get_type_hints(known))


@pytest.mark.parametrize("kind", KINDS)
def test_the_annotation_names_them(kind: Any):
    known, _ = KINDS[kind]
    assert kind.__init__.__annotations__["kwargs"] == f"Unpack[{known.__name__}]"


@pytest.mark.parametrize("kind", KINDS)
def test_help_shows_them(kind: type):
    known, _ = KINDS[kind]
    shown = inspect.signature(kind).parameters.values()
    assert not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in shown)
    by_keyword = [one for one in shown if one.kind is inspect.Parameter.KEYWORD_ONLY]
    assert {one.name for one in by_keyword} == set(get_type_hints(known))
    defaults = {one.name: one.default for one in inspect.signature(noun(kind)).parameters.values()}
    assert {one.name: one.default for one in by_keyword}.items() <= defaults.items()


@pytest.mark.parametrize("kind", [Contract, Order])
def test_help_of_the_nouns_shows_the_fields_in_their_order(kind: type):
    assert list(inspect.signature(kind).parameters) == [field.name for field in fields(kind)]


def test_help_of_a_class_of_a_program_shows_its_own_arguments():
    class Own(LimitOrder):
        def __init__(self, price: float) -> None:
            super().__init__("BUY", 1, price)

    class Wider(MarketOrder):
        pass

    assert list(inspect.signature(Own).parameters) == ["price"]
    assert inspect.signature(Wider) == inspect.signature(MarketOrder)


@pytest.mark.parametrize("kind", [*KINDS, Contract, Order])
def test_an_unknown_field_is_an_error(kind: Any):
    _, positions = KINDS.get(kind, (None, ()))
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'tiff'"):
        kind(*positions, tiff="GTC")


def test_an_unknown_field_of_several_orders_is_an_error():
    positions = ("BUY", 1, 2, 3, 1)
    with pytest.raises(TypeError, match="'tiff'"):
        BracketOrder(*positions, tiff="GTC")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="'tiff'"):
        Contract.create(secType="STK", tiff="GTC")  # type: ignore[call-arg]
    known = {name for name in names(Order) if accepts(BracketOrder, positions, **{name: None})}
    assert known == set(get_type_hints(keywords.BracketFields))


@pytest.mark.parametrize(
    "name", ["ComboLeg", "ExecutionFilter", "ScannerSubscription", "WshEventData", "PriceCondition"]
)
def test_an_unknown_field_of_other_nouns_is_an_error(name: str):
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'tiff'"):
        getattr(ibdesk, name)(tiff="GTC")
