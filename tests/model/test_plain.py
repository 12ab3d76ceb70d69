"""Every object of the API becomes values that JSON can hold, with nothing of it lost or made up."""

import dataclasses
import datetime as dt
import inspect
import json
from decimal import Decimal
from enum import Enum
from typing import Any, cast

import numpy
import pandas
import pytest

import ibdesk
from ibdesk import (
    BarData,
    ComboLeg,
    Contract,
    Execution,
    Fill,
    FundamentalRatios,
    LimitOrder,
    OptionComputation,
    Position,
    PriceCondition,
    Stock,
    TagValue,
    TickData,
    Ticker,
    Trade,
    util,
)
from ibdesk.client.state import tick_bars
from ibdesk.model import (
    accounts,
    bars,
    components,
    conditions,
    config,
    contract,
    contract_details,
    executions,
    order,
    quotes,
    reference,
)
from ibdesk.model.plain import plain
from ibdesk.model.unset import UNSET_LONG

NOON = dt.datetime(2026, 4, 15, 12, tzinfo=dt.UTC)
MODULES = (
    accounts,
    bars,
    components,
    conditions,
    config,
    contract,
    contract_details,
    executions,
    order,
    quotes,
    reference,
)


def has_fields(cls: Any) -> bool:
    is_tuple = inspect.isclass(cls) and issubclass(cls, tuple) and hasattr(cls, "_fields")
    return is_tuple or (inspect.isclass(cls) and dataclasses.is_dataclass(cls))
    return inspect.isclass(cls) and (
        dataclasses.is_dataclass(cls) or (issubclass(cls, tuple) and hasattr(cls, "_fields"))
    )


CLASSES = sorted(
    {
        cls
        for module in (ibdesk, tick_bars, *MODULES)
        for name, cls in vars(module).items()
        if has_fields(cls) and not name.startswith("_") and cls.__module__.startswith("ibdesk.")
    },
    key=lambda cls: cls.__qualname__,
)
"""Every class that users are given, with named fields."""


def made(cls: Any) -> Any:
    """An object with a value for each parameter that has no default."""
    if cls is ibdesk.BracketOrder:
        return cls("BUY", 1, 1.0, 1.2, 0.9)
    if cls is ibdesk.QuietHours:
        return cls(dt.time(23), dt.time(3))
    required = [
        one.name
        for one in inspect.signature(cls).parameters.values()
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    ]
    return cls(**dict.fromkeys(required))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__qualname__)
def test_every_class(cls: type) -> None:
    obj = made(cls)
    names = getattr(cls, "_fields", None) or [field.name for field in dataclasses.fields(cast(Any, cls))]
    shallow, values = obj.dict(), obj.dict(plain=True)
    assert list(shallow) == list(values) == list(names)
    assert all(shallow[name] is getattr(obj, name) for name in names), "as in ib_async: the values themselves"
    assert json.loads(json.dumps(values, allow_nan=False)) == values == util.plain(obj)


def test_the_classes_are_all_that_there_are() -> None:
    named = {cls.__name__ for cls in CLASSES}
    assert {"Ticker", "Trade", "Order", "Contract", "PortfolioItem", "Position", "Fill", "DOMLevel", "TagValue"} < named
    assert len(CLASSES) > 80


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        ("text", "text"),
        (3, 3),
        (1.5, 1.5),
        (float("nan"), None),
        (float("-inf"), None),
        (util.UNSET_DOUBLE, None),
        (util.UNSET_INTEGER, None),
        (UNSET_LONG, None),
        (Decimal("1.10"), 1.1),
        (Decimal("NaN"), None),
        (Colour.RED, "red"),
        (NOON, "2026-04-15T12:00:00+00:00"),
        (dt.date(2026, 4, 15), "2026-04-15"),
        (dt.time(9, 30), "09:30:00"),
        (dt.timedelta(minutes=1), 60.0),
        (dt.UTC, "UTC"),
        (numpy.float64(2.5), 2.5),
        (numpy.float32("nan"), None),
        (numpy.float32(1.1), 1.1),
        (numpy.int64(7), 7),
        (numpy.bool_(True), True),
        (numpy.array([1.0, float("nan")]), [1.0, None]),
        (numpy.array(7), 7),
        (pandas.Timestamp(NOON), "2026-04-15T12:00:00+00:00"),
        (pandas.NaT, None),
        ((1, [2, {3}]), [1, [2, [3]]]),
        ({"a": {1: float("nan")}}, {"a": {"1": None}}),
        ([TagValue("a", "b")], [{"tag": "a", "value": "b"}]),
        (FundamentalRatios(TTMNPMGN=1.0, NLOW=float("nan")), {"TTMNPMGN": 1.0, "NLOW": None}),
    ],
    ids=repr,
)
def test_values(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize("value", [object(), print, b"bytes", Stock], ids=["object", "function", "bytes", "class"])
def test_what_has_no_plain_form_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match=f"{type(value).__qualname__} has no plain form"):
        plain(value)


def test_what_holds_itself_is_an_error_that_says_so() -> None:
    circle: list[Any] = [1]
    circle.append({"again": circle})
    with pytest.raises(ValueError, match="list has no plain form: it holds itself"):
        plain(circle)
    with pytest.raises(ValueError, match="Contract has no plain form: it holds itself"):
        Contract(comboLegs=circle).dict(plain=True)


def test_objects_within_objects() -> None:
    leg = ComboLeg(conId=7, ratio=1, action="BUY")
    combination = Contract(secType="BAG", symbol="AAPL", comboLegs=[leg])
    execution = Execution("0.0.1.01", shares=10.0, price=1.5)
    fill = Fill(combination, execution, ibdesk.CommissionReport(), NOON)
    order = LimitOrder("BUY", 10, 1.5, conditions=[PriceCondition(conId=7, price=2.0)], algoParams=[TagValue("a", "b")])
    values = Trade(combination, order, fills=[fill]).dict(plain=True)
    assert values["contract"]["comboLegs"][0]["conId"] == 7
    assert values["order"]["conditions"][0]["price"] == 2.0
    assert values["order"]["algoParams"] == [{"tag": "a", "value": "b"}]
    assert (values["order"]["lmtPrice"], values["order"]["auxPrice"]) == (1.5, None)
    assert values["fills"][0]["execution"]["execId"] == "0.0.1.01"
    assert values["fills"][0]["time"] == "2026-04-15T12:00:00+00:00"
    assert json.dumps(values, allow_nan=False)


def test_a_ticker() -> None:
    ticker = Ticker(contract=Stock("AAPL", "SMART", "USD"))
    ticker.bid, ticker.time, ticker.ticks = 1.5, NOON, [TickData(NOON, 1, 1.5, 2.0)]
    ticker.modelGreeks = OptionComputation(0, 0.2, 0.5, None, None, None, None, None, 1.5)
    values = ticker.dict(plain=True)
    assert (values["bid"], values["ask"], values["time"]) == (1.5, None, "2026-04-15T12:00:00+00:00")
    assert values["contract"]["symbol"] == "AAPL"
    assert values["ticks"] == [{"time": "2026-04-15T12:00:00+00:00", "tickType": 1, "price": 1.5, "size": 2.0}]
    assert values["modelGreeks"]["delta"] == 0.5


def test_lists_of_objects() -> None:
    position = Position("DU1", Stock("AAPL", "SMART", "USD"), -3.0, 1.5)
    (values,) = util.plain([position])
    assert (values["account"], values["contract"]["symbol"], values["position"]) == ("DU1", "AAPL", -3.0)
    held = ibdesk.BarDataList([BarData(NOON, 1.0)])
    assert util.plain(held)[0]["date"] == "2026-04-15T12:00:00+00:00"


def test_without_plain_an_order_can_be_made_again() -> None:
    order = ibdesk.Order(action="BUY", conditions=[PriceCondition(conId=7)], algoParams=[TagValue("a", "b")])
    assert ibdesk.Order(**order.dict()).dict() == order.dict()
    combination = Contract(secType="BAG", comboLegs=[ComboLeg(conId=7)])
    assert Contract(**combination.dict()) == combination


def test_pydantic_writes_and_describes_the_plain_values() -> None:
    pydantic = pytest.importorskip("pydantic")
    adapter = pydantic.TypeAdapter(list[ComboLeg])
    assert json.loads(adapter.dump_json([ComboLeg(conId=7)])) == [ComboLeg(conId=7).dict(plain=True)]
    assert adapter.json_schema(mode="serialization")["items"] == {"type": "object", "title": "ComboLeg"}
