"""The steps of prices, which may depend on the price."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.exchange.conftest import make_trader, option

from ibdesk.paper.exchange.price_steps import in_favor, on_step, step_at

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


@pytest.mark.parametrize(
    ("price", "buys", "rounded"),
    [
        ("2.99", True, "2.95"),
        ("2.99", False, "3.00"),
        ("3.01", True, "3.0"),
        ("3.01", False, "3.1"),
        ("3.10", True, "3.1"),
        ("3.10", False, "3.1"),
        ("-5", True, "0.05"),
        ("-5", False, "0.05"),
        ("1E+400", False, "1E+9"),
    ],
)
def test_what_is_computed_is_rounded_in_favor_of_the_order(price, buys, rounded):
    assert in_favor(Decimal(price), SPX, buys) == Decimal(rounded)


def test_without_steps_nothing_is_rounded():
    assert in_favor(Decimal("1.23456"), ((0.0, 0.0),), True) == Decimal("1.23456")
