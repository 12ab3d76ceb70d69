"""The steps of prices, which may depend on the price."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.exchange.conftest import make_trader, option

from ibdesk.paper.exchange.price_steps import on_step, step_at

SPX = ((0.0, 0.05), (3.0, 0.1))


@pytest.mark.parametrize(("price", "step"), [(0.0, 0.05), (2.95, 0.05), (3.0, 0.1), (5.15, 0.1)])
def test_the_step_is_that_of_the_highest_edge_below(price, step):
    assert step_at(price, SPX) == step


@given(st.decimals(min_value=0, max_value=1000, places=4))
def test_prices_are_rounded_to_the_nearest_that_is_allowed(price):
    rounded = on_step(price, SPX)
    assert abs(rounded - price) <= Decimal(str(step_at(float(price), SPX))) / 2
    assert on_step(rounded, SPX) == rounded


def test_there_may_be_no_steps():
    assert on_step(Decimal("1.23456"), ((0.0, 0.0),)) == Decimal("1.23456")


@pytest.mark.parametrize(
    ("kind", "prices", "codes"),
    [
        ("LMT", {"lmtPrice": 5.15}, [110]),
        ("LMT", {"lmtPrice": 5.2}, []),
        ("LMT", {"lmtPrice": 2.95}, []),
        ("STP", {"auxPrice": 5.15}, [110]),
        ("STP LMT", {"auxPrice": 5.2, "lmtPrice": 5.15}, [110]),
        ("TRAIL", {"auxPrice": 3.15}, []),
        ("TRAIL", {"auxPrice": 0.01}, [110]),
        ("TRAIL LIMIT", {"auxPrice": 0.5, "trailStopPrice": 6.0, "lmtPriceOffset": 0.05}, []),
        ("TRAIL LIMIT", {"auxPrice": 0.5, "trailStopPrice": 6.05, "lmtPriceOffset": 0.05}, [110]),
    ],
)
def test_prices_are_on_the_steps_and_distances_on_the_smallest(kind, prices, codes):
    trader = make_trader(option(), steps_of=lambda details: SPX)
    trader.quote(4.9, 5.1, last=5.0)
    trader.place("BUY", 1, kind, **prices)
    assert [code for code, _ in trader.errors()] == codes


def test_a_stop_trails_on_the_steps():
    trader = make_trader(option(), steps_of=lambda details: SPX)
    trader.quote(4.9, 5.1, last=5.0)
    trader.place("BUY", 1, "TRAIL", auxPrice=0.05, triggerMethod=2)
    assert trader.echoes()[0].trailStopPrice == 5.0
    trader.cancel(1)
    trader.quote(2.8, 2.9, last=2.85)
    trader.place("BUY", 1, "TRAIL", auxPrice=0.05, triggerMethod=2)
    assert trader.echoes()[0].trailStopPrice == 2.9
