"""What all dataclasses of the model have in common."""

import dataclasses
from math import nan

import pytest

from ibdesk.model.accounts import PnL
from ibdesk.model.contract import Bag, ComboLeg, Contract, Stock
from ibdesk.model.fields import (
    dataclassAsDict,
    dataclassAsTuple,
    dataclassNonDefaults,
    dataclassRepr,
    dataclassUpdate,
    field_names,
)
from ibdesk.model.order import OrderComboLeg, TradeLogEntry
from ibdesk.model.quotes import OptionComputation
from ibdesk.model.unset import EPOCH


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
