"""What a ticker says of its values. The surface against ib_async's: see dropin."""

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from math import isnan, nan
from typing import Any

import pytest

from ibdesk.client.state.ticker import Ticker
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
    assert vars(ticker)["signal"] == ticker.signal == 1
    del ticker.signal
    assert "signal" not in vars(ticker)


def test_vars_gives_all_fields_with_what_a_program_adds():
    ticker = Ticker(Forex("EURUSD"))
    ticker.bid, ticker.signal = 1.1, "buy"
    values = vars(ticker)
    assert values == ticker.__dict__
    assert list(values) == [*ticker.dict(), "updateEvent", "errorEvent", "extra", "signal"]
    assert {name: values[name] for name in ticker.dict()} == ticker.dict()
    assert (values["bid"], values["signal"], values["updateEvent"]) == (1.1, "buy", ticker.updateEvent)
    assert {"bid", "signal"} <= set(dir(ticker))
    shown = json.loads(json.dumps({"ticker": ticker}, default=lambda one: getattr(one, "__dict__", repr(one))))
    assert (shown["ticker"]["bid"], shown["ticker"]["contract"]["symbol"]) == (1.1, "EUR")


def test_what_is_set_in_vars_is_set_on_the_ticker():
    ticker, other = Ticker(), Ticker(bid=2.0, bidSize=100)
    vars(ticker)["last"] = 1.5
    vars(ticker).update(other.__dict__, signal=1)
    values = vars(ticker)
    values |= {"ask": 2.1}
    assert values.setdefault("bid", 0.0) == 2.0
    assert values.setdefault("note", "n") == "n"
    assert (ticker.bid, ticker.bidSize, ticker.ask, ticker.signal, ticker.note) == (2.0, 100, 2.1, 1, "n")
    assert isnan(ticker.last)
    assert values == vars(ticker)


@pytest.mark.parametrize("take", [lambda all: all.pop("bid"), lambda all: all.popitem(), lambda all: all.clear()])
def test_nothing_is_taken_out_of_vars_in_silence(take: Callable[[dict[str, Any]], object]):
    ticker = Ticker(bid=1.0)
    with pytest.raises(TypeError, match="nothing can be taken out"):
        take(vars(ticker))
    with pytest.raises(TypeError, match="nothing can be taken out"):
        del vars(ticker)["bid"]
    assert ticker.bid == 1.0


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_it_can_be_copied_and_pickled(again: Callable[[Any], Any]):
    ticker = Ticker(Forex("EURUSD", conId=12087792), bid=1.1)
    ticker.signal = 1
    one = again(ticker)
    assert type(one) is Ticker
    assert (one.bid, one.signal, one.contract, one.time) == (1.1, 1, ticker.contract, None)
    assert type(again(vars(ticker))) is dict
    assert again(vars(ticker))["signal"] == 1
