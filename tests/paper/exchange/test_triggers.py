"""Trigger methods, by what they look at."""

import pytest
from paper.exchange.conftest import forex, option


def test_a_currency_stop_looks_at_the_quotes(make):
    trader = make(forex())
    trader.quote(1.16000, 1.16005)
    order = trader.place("BUY", 20000, "STP", auxPrice=1.1650)
    trader.quote(1.16495, 1.16500)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(1.16500, 1.16505, askSize=1e6)
    assert trader.fills(order) == [(20000.0, 1.16505)]


def test_an_option_stop_wants_two_quotes_in_a_row(make):
    trader = make(option())
    trader.quote(5.00, 5.10, last=5.05)
    order = trader.place("SELL", 1, "STP", auxPrice=4.50)
    trader.quote(4.30, 4.40, last=4.35)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(4.60, 4.70, last=4.35)
    trader.quote(4.30, 4.40, last=4.35)
    assert trader.status(order) == "PreSubmitted"
    trader.quote(4.28, 4.38, last=4.35)
    assert trader.fills(order) == [(1.0, 4.28)]


@pytest.mark.parametrize(
    ("method", "bid", "ask", "last", "woken"),
    [
        (2, 101.0, 101.1, 100.9, False),
        (2, 100.0, 100.1, 101.0, True),
        (4, 101.0, 101.1, 100.9, True),
        (7, 100.0, 100.1, 101.0, True),
        (8, 100.9, 101.1, 100.5, True),
        (8, 100.8, 101.1, 101.5, False),
        (1, 101.0, 101.1, 100.9, False),
    ],
)
def test_the_trigger_method_decides_what_is_looked_at(trader, method, bid, ask, last, woken):
    order = trader.place("BUY", 100, "STP", auxPrice=101.00, triggerMethod=method)
    trader.quote(bid, ask, last=last)
    assert (trader.status(order) == "Filled") is woken
