"""Orders whose limit follows the quote. The `trader` is quoted 100.00 to 100.02 at first."""

import pytest
from paper.exchange.conftest import Trader, make_trader

from ibdesk.paper.like import Like


@pytest.fixture
def live_trader() -> Trader:
    """Trades as with a live account: some of these types are refused for paper accounts."""
    return make_trader(like=Like.LIVE)


@pytest.mark.parametrize(
    ("kind", "action", "fields", "resting", "filled"),
    [
        # The bid of 100.00 and 0.03 more: the order could trade at 100.02 at once, so the quote is wide here.
        ("REL", "BUY", {"auxPrice": 0.03}, 100.03, 100.03),
        ("REL", "SELL", {"auxPrice": 0.03}, 100.07, 100.07),
        ("REL", "BUY", {"percentOffset": 0.0005}, 100.05, 100.05),
        ("PEG PRIM", "BUY", {"auxPrice": 0.03}, 100.03, 100.03),
        ("PASSV REL", "BUY", {"auxPrice": 0.03}, 99.97, 99.97),
        ("PASSV REL", "SELL", {"auxPrice": 0.03}, 100.13, 100.13),
        ("PEG MKT", "BUY", {"auxPrice": 0.04}, 100.06, 100.06),
        ("PEG MKT", "SELL", {"auxPrice": 0.04}, 100.04, 100.04),
        ("PEG MID", "BUY", {"auxPrice": 0.01}, 100.04, 100.04),
        ("PEG MID", "SELL", {"auxPrice": 0.01}, 100.06, 100.06),
        ("MIDPRICE", "BUY", {}, 100.05, 100.05),
        ("MIDPRICE", "SELL", {}, 100.05, 100.05),
    ],
)
def test_an_order_rests_at_its_distance_and_is_filled_there(live_trader, kind, action, fields, resting, filled):
    trader = live_trader
    trader.quote(100.00, 100.10, last=100.05)
    order = trader.place(action, 100, kind, **fields)
    assert trader.story() == ["PreSubmitted trigger", "Submitted"]
    tick = 0.01 if action == "BUY" else -0.01
    trader.quote(100.00, 100.10, last=round(resting + tick, 2))
    assert trader.fills(order) == [] or resting + tick == filled
    trader.quote(100.00, 100.10, last=resting)
    assert trader.fills(order) == [(100.0, filled)]


@pytest.mark.parametrize("kind", ["REL", "PEG PRIM", "PASSV REL", "PEG MID"])
def test_the_limit_of_a_relative_order_moves_towards_the_market_only(live_trader, kind):
    trader = live_trader
    trader.quote(100.00, 100.10)
    fields = {} if kind == "PEG MID" else {"auxPrice": 0.01}
    order = trader.place("BUY", 100, kind, **fields)
    trader.quote(100.20, 100.30)
    assert trader.fills(order) == []
    trader.quote(99.90, 100.00)
    # The limit stands where the higher bid has brought it, so that the lower offer is within it.
    assert trader.fills(order) == [(100.0, 100.0)]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("PEG MKT", {"auxPrice": 0.04}),
        ("MIDPRICE", {}),
        ("PEG MID", {"midOffsetAtWhole": 0.0, "midOffsetAtHalf": 0.005}),
    ],
)
def test_other_limits_follow_both_ways(live_trader, kind, fields):
    trader = live_trader
    trader.quote(100.00, 100.10)
    order = trader.place("BUY", 100, kind, **fields)
    trader.quote(100.20, 100.30)
    trader.quote(99.90, 100.00)
    assert trader.fills(order) == []


@pytest.mark.parametrize(
    ("kind", "action", "worst", "fields"),
    [
        ("REL", "BUY", 100.01, {"auxPrice": 0.03}),
        ("REL", "SELL", 100.09, {"auxPrice": 0.03}),
        ("PEG MKT", "BUY", 100.01, {"auxPrice": 0.02}),
        ("MIDPRICE", "BUY", 100.01, {}),
        ("PEG MID", "SELL", 100.09, {}),
    ],
)
def test_no_limit_goes_beyond_the_worst_price(live_trader, kind, action, worst, fields):
    trader = live_trader
    trader.quote(100.00, 100.10)
    order = trader.place(action, 100, kind, lmtPrice=worst, **fields)
    trader.quote(100.00, 100.10, last=100.05)
    trader.quote(100.00, 100.10, last=round(worst + (0.01 if action == "BUY" else -0.01), 2))
    assert trader.fills(order) == []
    assert trader.exchange.open_orders()[0].order.lmtPrice == worst
    trader.quote(100.00, 100.10, last=worst)
    assert trader.fills(order) == [(100.0, worst)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [({}, 158), ({"auxPrice": 0.01, "percentOffset": 0.01}, 158), ({"percentOffset": 1.5}, 159)],
)
def test_a_relative_order_needs_one_distance(live_trader, fields, code):
    live_trader.place("BUY", 100, "REL", **fields)
    assert [each for each, _ in live_trader.errors()] == [code]


def test_the_funds_are_those_for_the_limit(live_trader):
    trader = live_trader
    trader.quote(100.00, 100.10)
    trader.place("BUY", 100_000, "REL", auxPrice=0.01)
    assert [code for code, _ in trader.errors()] == [201]


@pytest.mark.parametrize(
    ("action", "bid", "ask", "whole", "half", "limit"),
    [
        # The first is the example of IBKR's page.
        ("BUY", 10.10, 10.18, 0.02, 0.005, 10.12),
        ("BUY", 10.10, 10.17, 0.02, 0.005, 10.13),
        ("SELL", 10.10, 10.18, 0.02, 0.005, 10.16),
        ("SELL", 10.10, 10.17, 0.02, 0.005, 10.14),
        ("BUY", 10.10, 10.17, 0.0, -0.005, 10.14),
        ("SELL", 10.10, 10.18, -0.01, -0.005, 10.13),
    ],
)
def test_two_distances_from_the_middle_keep_the_limit_in_whole_cents(live_trader, action, bid, ask, whole, half, limit):
    trader = live_trader
    trader.quote(bid, ask)
    order = trader.place(action, 1, "PEG MID", midOffsetAtWhole=whole, midOffsetAtHalf=half)
    assert trader.errors() == []
    trader.quote(bid, ask, last=round(limit + (0.01 if action == "BUY" else -0.01), 2))
    assert trader.fills(order) == []
    trader.quote(bid, ask, last=limit)
    assert trader.fills(order) == [(1.0, limit)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"midOffsetAtWhole": 0.01}, 10307),
        ({"midOffsetAtHalf": 0.005}, 10307),
        ({"midOffsetAtWhole": 0.005, "midOffsetAtHalf": 0.005}, 10307),
        ({"midOffsetAtWhole": 0.01, "midOffsetAtHalf": 0.01}, 10307),
        ({"midOffsetAtWhole": 0.01, "midOffsetAtHalf": 0.005, "auxPrice": 0.01}, 10306),
    ],
)
def test_two_distances_that_leave_whole_cents_are_refused(live_trader, fields, code):
    live_trader.place("BUY", 1, "PEG MID", **fields)
    assert [each for each, _ in live_trader.errors()] == [code]
