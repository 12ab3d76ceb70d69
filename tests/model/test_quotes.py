"""Arithmetic of option computations, the time of a tick at its exchange, and objects of any attributes."""

import datetime as dt

import pytest

from ibdesk.model.quotes import FundamentalRatios, OptionComputation, TickAttribLast, TickByTickAllLast
from ibdesk.model.unset import EPOCH

bought = OptionComputation(1, impliedVol=0.2, delta=0.5, optPrice=3.0, pvDividend=0.1, gamma=0.25, undPrice=100.0)
sold = OptionComputation(0, impliedVol=0.25, delta=-0.25, theta=-0.5, undPrice=101.0)


def test_sum_and_difference():
    assert bought + sold == OptionComputation(0, 0.45, 0.25, 3.0, None, 0.25, 0, -0.5, 100.0)
    assert sold - bought == OptionComputation(0, 0.25 - 0.2, -0.75, -3.0, None, -0.25, 0, -0.5, 101.0)


def test_multiple():
    assert bought * 2 == OptionComputation(0, 0.4, 1.0, 6.0, None, 0.5, 0, 0, 100.0)


@pytest.mark.parametrize(
    "operation", [lambda: bought + 1, lambda: bought - None, lambda: bought * sold, lambda: bought * "2"]
)
def test_with_anything_else(operation):
    with pytest.raises(TypeError):
        operation()


def test_fundamental_ratios():
    ratios = FundamentalRatios(NLOW=1.5, PRICE2BK=2)
    assert ratios.NLOW == 1.5
    assert repr(ratios) == "FundamentalRatios(NLOW=1.5, PRICE2BK=2)"
    assert ratios.dict() == ratios.dict(plain=True) == {"NLOW": 1.5, "PRICE2BK": 2}


def test_the_time_at_the_exchange():
    tick = TickByTickAllLast(1, EPOCH, 100.0, 5, TickAttribLast(), "ISLAND", "")
    assert tick.exchangeTime is None
    tick.exchangeSeconds = 1775131200
    assert tick.exchangeTime == dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)
