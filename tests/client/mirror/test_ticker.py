"""What a ticker says of its values. The surface against ib_async's: see dropin."""

from dataclasses import replace
from math import isnan, nan

import pytest

from ibdesk.client.mirror.ticker import Ticker
from ibdesk.model.contract import Forex
from ibdesk.model.quotes import IBDefaults

SIDES = {"bid": 10.0, "bidSize": 1.0, "ask": 11.0, "askSize": 2.0}


@pytest.mark.parametrize(
    ("missing", "has_both"),
    [
        ({}, True),
        ({"bid": -1}, False),
        ({"bid": nan}, False),
        ({"bidSize": 0}, False),
        ({"ask": -1}, False),
        ({"ask": nan}, False),
        ({"askSize": 0}, False),
        ({"askSize": nan}, False),
    ],
)
def test_midpoint(missing: dict[str, float], has_both: bool):
    ticker = Ticker(created=True, **{**SIDES, **missing})
    assert ticker.hasBidAsk() is has_both
    assert ticker.midpoint() == 10.5 if has_both else isnan(ticker.midpoint())


@pytest.mark.parametrize(("last", "price"), [(10.2, 10.2), (10.0, 10.0), (9.0, 10.5), (12.0, 10.5), (nan, 10.5)])
def test_market_price(last: float, price: float):
    assert Ticker(created=True, last=last, **SIDES).marketPrice() == price
    assert Ticker(created=True, last=9.0).marketPrice() == 9.0


def test_an_own_value_for_what_is_unset():
    ticker = Ticker(defaults=IBDefaults(unset=None))
    assert (ticker.bid, ticker.finalIpoLast, ticker.minTick) == (None, None, None)
    assert (ticker.isUnset(None), ticker.isUnset(1.0), ticker.isUnset(nan)) == (True, False, False)
    assert (ticker.hasBidAsk(), ticker.midpoint()) == (False, None)
    assert (Ticker().isUnset(nan), Ticker().isUnset(-1)) == (True, False)


def test_a_ticker_is_equal_to_itself_only():
    ticker = Ticker()
    assert ticker == ticker
    assert len({ticker, ticker, Ticker()}) == 2


def test_a_copy_keeps_the_values_and_has_an_event_of_its_own():
    ticker = Ticker(Forex("EURUSD"), defaults=IBDefaults(unset=None))
    ticker.bid = 1.1
    copy = replace(ticker, ask=1.2)
    assert (copy.bid, copy.ask, copy.last) == (1.1, 1.2, None)
    assert copy.updateEvent is not ticker.updateEvent


def test_users_may_hang_things_on_it():
    ticker = Ticker()
    ticker.signal = 1
    assert vars(ticker)["signal"] == 1
