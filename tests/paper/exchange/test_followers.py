"""Orders that follow another instrument: from when on, and until when."""

from typing import Any

from paper.exchange.conftest import Trader, at, make_trader

from ibdesk.paper.exchange.facts import OrderError

OTHER = 99
BENCH = {"referenceContractId": OTHER, "peggedChangeAmount": 0.02, "referenceChangeAmount": 0.10, "startingPrice": 7.00}


def followed(**settings: Any) -> Trader:
    """Trades a stock at 7.30 to 7.50, beside another instrument at 100.00."""
    trader = make_trader(**settings)
    trader.quote(99.98, 100.02, con_id=OTHER)
    trader.quote(7.30, 7.50)
    return trader


def test_an_order_whose_benchmark_ends_ends():
    trader = followed(end_of=lambda con_id: at(12) if con_id == OTHER else None)
    order = trader.place("BUY", 1, "PEG BENCH", **BENCH)
    assert trader.status(order) == "Submitted"
    trader.until(at(12))
    assert trader.status(order) == "Cancelled"
    assert any(isinstance(fact, OrderError) and fact.text.endswith("Contract expired") for fact in trader.facts)
    trader.place("BUY", 1, "PEG BENCH", **BENCH)
    assert [code for code, _ in trader.errors()] == [392]
    order = trader.place("BUY", 1, "LMT", lmtPrice=7.00)
    trader.place("BUY", 1, "PEG BENCH", orderId=order, **BENCH)
    assert [code for code, _ in trader.errors()] == [392]


def test_an_order_that_becomes_another_type_follows_no_more_and_one_that_becomes_it_does():
    trader = followed()
    order = trader.place("BUY", 1, "PEG BENCH", **BENCH)
    trader.place("BUY", 1, "LMT", orderId=order, lmtPrice=7.00)
    assert trader.errors() == []
    trader.quote(109.98, 110.02, con_id=OTHER)
    assert trader.fills(order) == []
    trader.quote(99.98, 100.02, con_id=OTHER)
    trader.place("BUY", 1, "PEG BENCH", orderId=order, **BENCH)
    trader.quote(109.98, 110.02, con_id=OTHER)
    assert trader.fills(order) == [(1.0, 7.5)]


def test_orders_that_are_done_or_not_transmitted_follow_nothing():
    trader = followed()
    cancelled = trader.place("BUY", 1, "PEG BENCH", **BENCH)
    trader.cancel(cancelled)
    held = trader.place("BUY", 1, "PEG BENCH", **BENCH, transmit=False)
    trader.quote(109.98, 110.02, con_id=OTHER)
    assert (trader.status(cancelled), trader.fills(cancelled), trader.fills(held)) == ("Cancelled", [], [])
    trader.place("BUY", 1, "PEG BENCH", orderId=held, **BENCH)
    assert trader.errors() == []
    trader.quote(149.98, 150.02, con_id=OTHER)
    assert trader.fills(held) == [(1.0, 7.5)]
