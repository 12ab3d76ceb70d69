"""What conditions of orders accept beyond ib_async's."""

import copy
import datetime as dt
import inspect
import pickle

import pytest

from ibdesk.model.conditions import (
    ExecutionCondition,
    MarginCondition,
    OrderCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)

KINDS = [
    PriceCondition,
    TimeCondition,
    MarginCondition,
    ExecutionCondition,
    VolumeCondition,
    PercentChangeCondition,
]
AT_EXCHANGE = [PriceCondition, ExecutionCondition, VolumeCondition, PercentChangeCondition]


@pytest.mark.parametrize("kind", KINDS)
def test_number_and_class(kind: type[OrderCondition]):
    assert OrderCondition.createClass(kind().condType) is kind
    assert kind(condType=99) == kind()


def test_no_such_number():
    with pytest.raises(KeyError):
        OrderCondition.createClass(2)


@pytest.mark.parametrize("kind", AT_EXCHANGE)
def test_exchange_by_either_name(kind):
    condition = kind(exchange="SMART")
    assert condition == kind(exch="SMART")
    assert condition.exch == condition.exchange == "SMART"
    condition.exchange = "NYSE"
    assert condition.exch == "NYSE"
    assert "exchange" not in condition.dict()
    assert "exchange" not in inspect.signature(kind).parameters


@pytest.mark.parametrize("kind", AT_EXCHANGE)
def test_copies(kind):
    condition = kind(exchange="SMART").Or()
    assert copy.copy(condition) == copy.deepcopy(condition) == pickle.loads(pickle.dumps(condition)) == condition


def test_joining():
    first, second = PriceCondition().Or(), MarginCondition().And()
    assert (first.conjunction, second.conjunction) == ("o", "a")


def test_time():
    noon = dt.datetime(2026, 4, 2, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert TimeCondition(time=noon).time == "20260402 10:00:00 UTC"  # type: ignore[arg-type]
    assert TimeCondition(time="20260402 12:00:00 MET").time == "20260402 12:00:00 MET"
