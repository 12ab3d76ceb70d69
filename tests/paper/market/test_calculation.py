"""Prices and volatilities calculated on request, against each other and against the market's own."""

from datetime import UTC, date, datetime
from math import isfinite

import pytest

from ibdesk.model.contract import Option
from ibdesk.paper.instruments import Instrument
from ibdesk.paper.market import Market
from ibdesk.paper.market.calculation import implied_volatility, option_price
from ibdesk.paper.market.pricing import RATE

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
MARKET = Market(1, date(2026, 11, 20))


def option(right: str, strike: float = 630) -> Instrument:
    [row] = MARKET.instruments.search(Option("SPY", "20261218", strike, right, "SMART"))
    assert row.contract is not None
    found = MARKET.instruments.by_con_id(row.contract.conId)
    assert found is not None
    return found


@pytest.mark.parametrize("right", ["C", "P"])
def test_it_is_the_model_of_the_market(right: str) -> None:
    there = MARKET.greeks(option(right).conId, NOON)
    here = option_price(option(right), there.impliedVol, there.undPrice, NOON)
    assert here == pytest.approx(there, rel=1e-9)


def test_it_agrees_with_the_rule_of_thumb_at_the_money() -> None:
    years = 28.17 / 365
    forward = 600.0 * (1 + RATE * years)
    found = option_price(option("C", 600), 0.2, 600.0, NOON)
    assert found.optPrice == pytest.approx(0.4 * forward * 0.2 * years**0.5 + (forward - 600) / 2, rel=0.01)
    assert found.delta == pytest.approx(0.53, abs=0.02)


@pytest.mark.parametrize("right", ["C", "P"])
@pytest.mark.parametrize("volatility", [0.05, 0.2, 1.5])
def test_a_volatility_leads_to_a_price_and_back(right: str, volatility: float) -> None:
    priced = option_price(option(right), volatility, 632.5, NOON)
    found = implied_volatility(option(right), priced.optPrice, 632.5, NOON)
    assert found is not None
    assert found.impliedVol == pytest.approx(volatility, abs=1e-6)
    assert found.optPrice == pytest.approx(priced.optPrice, abs=1e-6)


@pytest.mark.parametrize("price", [10.0, 700.0])
def test_no_volatility_gives_less_than_exercise_or_more_than_the_share(price: float) -> None:
    assert implied_volatility(option("C", 600), price, 650.0, NOON) is None


@pytest.mark.parametrize("right", ["C", "P"])
@pytest.mark.parametrize("volatility", [5e-324, 1e-200, 1e-12, 1e3, 1e160, 1.7e308])
@pytest.mark.parametrize("spot", [5e-324, 600.0, 1e300])
def test_whatever_a_client_names_is_reckoned_with(right: str, volatility: float, spot: float) -> None:
    found = option_price(option(right, 600), volatility, spot, NOON)
    assert all(map(isfinite, found))
    assert 0 <= found.optPrice <= max(spot, 600)
    assert abs(found.delta) <= 1
