"""Option prices and sensitivities against each other and against put-call parity."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ibdesk.model.contract import Option
from ibdesk.paper.instruments import Instrument, NoDefinition
from ibdesk.paper.market import Market
from ibdesk.paper.market.pricing import RATE, Moments, greeks, years_left

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
MINUTE = np.array([int(NOON.timestamp()) // 60])


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(1, TODAY)


def spy(market: Market, right: str, strike: float = 630) -> Instrument:
    [row] = market.instruments.search(Option("SPY", "20261218", strike, right, "SMART"))
    assert row.contract is not None
    found = market.instruments.by_con_id(row.contract.conId)
    assert found is not None
    return found


def test_a_call_and_a_put_differ_by_the_forward(market: Market) -> None:
    call, put = (market.greeks(spy(market, right).conId, NOON) for right in "CP")
    years = years_left(spy(market, "C"), MINUTE)[0]
    assert call.optPrice - put.optPrice == pytest.approx(call.undPrice - 630 * np.exp(-RATE * years))
    assert call.delta - put.delta == pytest.approx(1)
    assert (call.gamma, call.vega) == (pytest.approx(put.gamma), pytest.approx(put.vega))
    assert call.impliedVol == put.impliedVol


@pytest.mark.parametrize("right", ["C", "P"])
def test_sensitivities_are_the_slopes_of_the_price(market: Market, right: str) -> None:
    option = spy(market, right)
    moments = Moments(MINUTE, np.array([600.0]))
    here, step = 0.05, 1e-5
    middle, up, down = (greeks(option, here + move, moments) for move in (0, step, -step))
    assert middle.delta == pytest.approx((up.optPrice - down.optPrice) / (up.undPrice - down.undPrice), rel=1e-5)
    assert middle.gamma == pytest.approx((up.delta - down.delta) / (up.undPrice - down.undPrice), rel=1e-4)
    later = greeks(option, here, Moments(MINUTE + 1440, np.array([600.0])))
    assert later.optPrice - middle.optPrice == pytest.approx(middle.theta, rel=0.05)


def test_an_option_is_quoted_around_its_model_price(market: Market) -> None:
    for right in "CP":
        option = spy(market, right)
        quote, model = market.quote(option.conId, NOON), market.greeks(option.conId, NOON)
        assert quote.bid - 0.011 <= model.optPrice <= quote.ask + 0.011


def test_an_option_is_worth_what_it_pays_when_it_expires(market: Market) -> None:
    end = datetime(2026, 12, 18, 20, 59, 59, tzinfo=UTC)
    for strike in (600, 660):
        model = market.greeks(spy(market, "C", strike).conId, end + timedelta(hours=1))
        assert model.optPrice == pytest.approx(max(model.undPrice - strike, 0), abs=1e-6)


def test_only_options_have_sensitivities(market: Market) -> None:
    with pytest.raises(NoDefinition):
        market.greeks(265598, NOON)
