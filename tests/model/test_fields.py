"""What all dataclasses of the model have in common."""

import dataclasses
from decimal import Decimal
from math import nan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ibdesk.client.state.trade import Trade
from ibdesk.extras.util import tree
from ibdesk.model.accounts import PnL
from ibdesk.model.contract import Bag, ComboLeg, Contract, Stock, TagValue
from ibdesk.model.fields import (
    dataclassAsDict,
    dataclassAsTuple,
    dataclassNonDefaults,
    dataclassRepr,
    dataclassUpdate,
    field_names,
)
from ibdesk.model.order import Order, OrderComboLeg, TradeLogEntry
from ibdesk.model.quotes import OptionComputation
from ibdesk.model.unset import EPOCH
from ibdesk.wire.messages.contracts import ReqContractDetails


def test_dict_and_tuple_do_not_descend():
    leg = ComboLeg(conId=1)
    bag = Bag(comboLegs=[leg])
    assert bag.dict()["comboLegs"] is bag.comboLegs
    assert bag.tuple()[field_names(Contract).index("comboLegs")][0] is leg


def test_only_fields_count():
    stock = Stock("AAPL")
    stock.note = "mine"  # type: ignore[attr-defined]
    assert "note" not in stock.dict()
    assert stock.nonDefaults() == {"secType": "STK", "symbol": "AAPL"}


@pytest.mark.parametrize("empty", [None, nan, [], {}])
def test_what_says_nothing_is_a_default(empty: object):
    assert dataclassNonDefaults(OrderComboLeg(price=empty)) == {}  # type: ignore[arg-type]


def test_a_field_without_a_default_is_shown():
    assert TradeLogEntry(EPOCH, "Filled").nonDefaults() == {"time": EPOCH, "status": "Filled"}


def test_repr():
    assert dataclassRepr(PnL(account="DU1", dailyPnL=1.5)) == "PnL(account='DU1', dailyPnL=1.5)"
    assert dataclassRepr(PnL()) == "PnL()"


def test_update():
    stock = Stock("AAPL", "SMART", "USD")
    assert stock.update(Contract(conId=1, symbol="MSFT"), exchange="NYSE") is stock
    assert stock == Contract(conId=1)
    assert (stock.symbol, stock.exchange, stock.currency, stock.secType) == ("MSFT", "NYSE", "", "")
    assert dataclassUpdate(stock, symbol="IBM").symbol == "IBM"


def test_a_frozen_one_cannot_be_updated():
    with pytest.raises(dataclasses.FrozenInstanceError):
        OptionComputation(0).update(delta=0.5)


@pytest.mark.parametrize(
    "function", [dataclassAsDict, dataclassAsTuple, dataclassNonDefaults, dataclassRepr, dataclassUpdate]
)
def test_only_for_dataclasses(function):
    with pytest.raises(TypeError, match="int is not a dataclass"):
        function(5)
    with pytest.raises(TypeError, match="int is not a dataclass"):
        Stock().update(5)


class _Unspeakable:
    def __repr__(self) -> str:
        raise ArithmeticError("there are no words for it")


ODD = {
    "float64": np.float64(5),
    "float32": np.float32(5),
    "int64": np.int64(5),
    "bool": np.bool_(True),
    "array": np.array([1.0, 2.0]),
    "array of one": np.array([5.0]),
    "empty array": np.array([]),
    "Series": pd.Series([1.0, 2.0]),
    "empty Series": pd.Series([], dtype=float),
    "DataFrame": pd.DataFrame({"a": [1.0]}),
    "NA": pd.NA,
    "Decimal": Decimal("5"),
    "signalling NaN": Decimal("sNaN"),
    "unspeakable": _Unspeakable(),
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_whatever_stands_in_a_field_is_shown(value: Any):
    order, stock = Order(lmtPrice=value, algoParams=[TagValue("a", value)]), Contract(strike=value, multiplier=value)
    assert list(order.nonDefaults()) == ["lmtPrice", "algoParams"]
    assert repr(order).startswith("Order(lmtPrice=")
    assert list(stock.nonDefaults()) == ["strike", "multiplier"]
    assert repr(stock).startswith("Contract(strike=")
    assert repr(ReqContractDetails(1, stock)).startswith("ReqContractDetails(reqId=1, contract=Contract(strike=")
    assert repr(Trade(stock, order)).startswith("Trade(contract=Contract(strike=")
    assert stock == Contract(**vars(stock))
    assert stock != Contract(strike=6.0)


@pytest.mark.parametrize("value", [0, None, "", nan, pd.NA, pd.NaT, np.array([1, 2]), pd.Series([1]), Decimal("sNaN")])
def test_what_is_no_number_is_no_conId(value: Any):
    contract = Contract(conId=value, symbol="AAPL")
    assert not contract.isHashable()
    assert contract != Contract(conId=value, symbol="MSFT")
    with pytest.raises(ValueError, match="has no conId to hash by"):
        hash(contract)


@pytest.mark.parametrize(
    ("value", "plain"), [(np.int8(5), 5), (np.bool_(True), True), (np.float32(1.1), 1.1), (np.array(1.5), 1.5)]
)
def test_numbers_of_numpy_are_plain_in_a_tree(value: Any, plain: object):
    assert tree(Order(lmtPrice=value)) == {"Order": {"lmtPrice": plain}}
    assert type(tree(value)) is type(plain)


@pytest.mark.parametrize("value", [np.int64(5), np.float64(5), 5.0, Decimal(5)])
def test_a_conId_of_any_kind_of_number(value: Any):
    assert Contract(conId=value) == Contract(conId=5)
    assert hash(Contract(conId=value)) == hash(Contract(conId=5))
