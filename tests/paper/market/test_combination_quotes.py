"""A combination's quote, held against what a trader pays who buys and sells its legs one by one."""

from decimal import Decimal
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.market import Quote, combined_quote

cents = st.integers(1, 100_000)
sizes = st.integers(0, 500)


@st.composite
def legs_and_quotes(draw):
    ratios = draw(st.lists(st.integers(1, 4).flatmap(lambda n: st.sampled_from([n, -n])), min_size=2, max_size=6))
    quotes = []
    for _ in ratios:
        bid, bid_size, ask_size = draw(cents), draw(sizes), draw(sizes)
        ask = bid + draw(st.integers(0, 50))
        quotes.append(quote(bid / 100, bid_size, ask / 100, ask_size))
    return [SimpleNamespace(ratio=ratio, weight=ratio) for ratio in ratios], quotes


def quote(bid, bid_size, ask, ask_size, close=1.0, halted=0):
    bid = bid if bid_size else -1.0
    ask = ask if ask_size else -1.0
    return Quote(bid, bid_size, ask, ask_size, 5.0, 1, 1000, 5.0, 5.0, 5.0, close, None, halted)


def one_by_one(legs, quotes, sign):
    """What is paid for one combination, leg by leg, and how many can be had: one more until a leg runs out."""
    paid = Decimal(0)
    stock = []
    for leg, each in zip(legs, quotes, strict=True):
        buys = leg.ratio * sign > 0
        price, there = (each.ask, each.askSize) if buys else (each.bid, each.bidSize)
        for _ in range(abs(leg.ratio)):
            paid += Decimal(str(price)) if buys else -Decimal(str(price))
        stock.append([there, abs(leg.ratio)])
    count = 0
    while all(there >= needed for there, needed in stock):
        stock = [[there - needed, needed] for there, needed in stock]
        count += 1
    return (float(paid * sign), count) if count else (-1.0, 0)


@given(legs_and_quotes())
def test_bid_and_ask_are_what_the_legs_cost(drawn):
    legs, quotes = drawn
    combined = combined_quote(legs, quotes)
    assert (combined.ask, combined.askSize) == one_by_one(legs, quotes, 1)
    assert (combined.bid, combined.bidSize) == one_by_one(legs, quotes, -1)
    if combined.bidSize and combined.askSize:
        assert combined.bid <= combined.ask


def test_the_price_counts_units_and_the_size_counts_combinations():
    legs = [SimpleNamespace(ratio=100, weight=1), SimpleNamespace(ratio=-1, weight=-1)]
    combined = combined_quote(legs, [quote(99.0, 250, 100.0, 310, close=98.0), quote(4.0, 7, 4.5, 2, close=4.25)])
    assert combined[:4] == (94.5, 2, 96.0, 3)
    assert combined.close == 93.75


def test_it_has_no_trades_and_is_halted_with_a_leg():
    legs = [SimpleNamespace(ratio=1, weight=1), SimpleNamespace(ratio=-1, weight=-1)]
    combined = combined_quote(legs, [quote(1.0, 1, 2.0, 1), quote(1.0, 1, 2.0, 1, close=0.0, halted=1)])
    assert combined.last != combined.last
    assert combined.close != combined.close
    assert (combined.volume, combined.halted) == (0, 1)
