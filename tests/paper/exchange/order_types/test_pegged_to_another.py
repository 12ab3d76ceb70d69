"""Orders that follow another instrument: options their stock, stocks a benchmark. The other one is quoted at 100.00."""

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.exchange.conftest import HOURS, Trader, at, make_trader, option, published_hours, stock

from ibdesk.model.contract import Stock

OTHER = 99


def trader_of(details, **settings) -> Trader:
    trader = make_trader(replace(details, underConId=OTHER), **settings)
    trader.quote(99.98, 100.02, con_id=OTHER)
    trader.quote(7.30, 7.50)
    return trader


@pytest.fixture
def options() -> Trader:
    """Trades a call, quoted 7.30 to 7.50."""
    return trader_of(option())


@pytest.fixture
def stocks() -> Trader:
    return trader_of(stock())


def move(trader: Trader, middle: float) -> None:
    trader.quote(round(middle - 0.02, 4), round(middle + 0.02, 4), con_id=OTHER)


def limit_of(trader: Trader, order: int, tick: float = 0.01) -> float:
    """The limit at which an order rests, found from outside: the first print, coming nearer, that it is filled at."""
    (placed,) = (e.order for e in trader.exchange.open_orders()[::2] if e.key.orderId == order)
    prices = [round(number * tick, 2) for number in range(1, 2000)]
    for price in prices[::-1] if placed.action == "BUY" else prices:
        trader.quote(0.005, 50.0, last=price)
        if trader.fills(order):
            assert trader.fills(order)[-1][1] == price
            return price
    raise AssertionError("no price fills it")


@pytest.mark.parametrize("right", ["C", "P"])
@pytest.mark.parametrize("action", ["BUY", "SELL"])
@given(
    delta=st.integers(1, 100),
    start=st.integers(200, 1500),
    before=st.integers(9_500, 10_500),
    now=st.integers(9_500, 10_500),
)
def test_an_option_moves_by_its_delta_and_is_rounded_in_favor_of_the_order(right, action, delta, start, before, now):
    call = option()
    call.contract.right = right
    trader = trader_of(call)
    move(trader, now / 100)
    # The formula of IBKR's page, in cents and in fractions.
    moved = Fraction(delta, 100) * (now - before) * (1 if right == "C" else -1)
    cents = max(1, floor(start + moved) if action == "BUY" else ceil(start + moved))
    trader.quote(0.005, 50.0)
    order = trader.place(action, 1, "PEG STK", delta=delta, startingPrice=start / 100, stockRefPrice=before / 100)
    assert trader.errors() == []
    beyond = cents + (1 if action == "BUY" else -1)
    if beyond:
        trader.quote(0.005, 50.0, last=beyond / 100)
    assert trader.fills(order) == []
    trader.quote(0.005, 50.0, last=cents / 100)
    assert trader.fills(order) == [(1.0, cents / 100)]


def test_the_order_begins_with_the_middles_and_shows_them(options):
    order = options.place("BUY", 1, "PEG STK", delta=50)
    assert options.story() == ["PreSubmitted trigger", "Submitted"]
    told = options.echoes()[-1]
    assert (told.startingPrice, told.stockRefPrice) == (7.4, 100.0)
    move(options, 100.10)
    assert limit_of(options, order) == 7.45


def test_the_example_of_the_page(options):
    move(options, 130.79)
    order = options.place("BUY", 1, "PEG STK", delta=50, startingPrice=7.40, stockRefPrice=130.79)
    move(options, 130.99)
    options.quote(7.48, 7.50)
    assert options.fills(order) == [(1.0, 7.50)]


def test_a_change_goes_on_from_where_the_order_began(options):
    order = options.place("BUY", 10, "PEG STK", delta=50)
    told = replace(options.echoes()[-1], totalQuantity=5, delta=100)
    move(options, 100.06)
    options.facts = options.exchange.place(1, options.contract, options.details, told, options.now)
    assert options.errors() == []
    options.quote(7.00, 7.47)
    assert options.fills(order) == []
    options.quote(7.00, 7.46)
    assert options.fills(order) == [(5.0, 7.46)]


@pytest.mark.parametrize(("middle", "ends"), [(98.0, False), (102.0, False), (97.99, True), (102.01, True)])
def test_the_order_ends_when_the_stock_leaves_its_range_and_not_when_it_touches_an_end(options, middle, ends):
    order = options.place("BUY", 1, "PEG STK", delta=1, startingPrice=1.0, stockRangeLower=98.0, stockRangeUpper=102.0)
    move(options, middle)
    assert options.status(order) == ("Cancelled" if ends else "Submitted")
    if ends:
        assert options.errors() == [(202, "Order Canceled - reason:The price of the underlying is out of range")]


def test_an_order_that_comes_out_of_range_ends_at_once(options):
    order = options.place("BUY", 1, "PEG STK", delta=50, stockRangeLower=101.0)
    assert (options.status(order), options.fills(order)) == ("Cancelled", [])


def test_what_is_held_back_is_moved_and_ended_only_when_it_begins():
    trader = trader_of(replace(option(), **HOURS), hours_of=published_hours, now=at(7))
    order = trader.place("BUY", 1, "PEG STK", delta=50, stockRangeUpper=101.0)
    move(trader, 105.0)
    assert trader.status(order) == "PreSubmitted"
    move(trader, 100.0)
    trader.until(at(9, 30))
    assert trader.status(order) == "Submitted"
    move(trader, 105.0)
    assert trader.status(order) == "Cancelled"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 341),
        ({"delta": 0.5}, 341),
        ({"delta": 101.0}, 341),
        ({"delta": 50.0, "stockRangeLower": 101.0, "stockRangeUpper": 101.0}, 374),
        ({"delta": 50.0, "stockRangeLower": -1.0}, 375),
        ({"delta": 50.0, "startingPrice": 7.401}, 110),
        ({"delta": 50.0, "referenceContractId": 1}, 10340),
    ],
)
def test_refused(options, fields, code):
    options.place("BUY", 1, "PEG STK", **fields)
    assert [each for each, _ in options.errors()] == [code]


def test_an_option_whose_underlying_is_not_known_is_refused():
    trader = make_trader(option())
    trader.place("BUY", 1, "PEG STK", delta=50)
    assert [code for code, _ in trader.errors()] == [200]


BENCH = {"referenceContractId": OTHER, "peggedChangeAmount": 0.02, "referenceChangeAmount": 0.10}


@pytest.mark.parametrize("action", ["BUY", "SELL"])
@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize(
    ("middle", "steps"), [(100.0, 0), (100.09, 0), (100.10, 1), (100.35, 3), (99.91, 0), (99.75, -2)]
)
def test_a_benchmark_counts_in_whole_steps(stocks, action, falls, middle, steps):
    fields = {**BENCH, "isPeggedChangeAmountDecrease": falls, "startingPrice": 7.00, "stockRefPrice": 100.0}
    stocks.quote(0.005, 50.0)
    order = stocks.place(action, 1, "PEG BENCH", **fields)
    move(stocks, middle)
    assert limit_of(stocks, order) == round(7.00 + 0.02 * steps * (-1 if falls else 1), 2)


def test_a_benchmark_without_bid_and_ask_is_followed_by_its_last_price(stocks):
    stocks.quote(-1, -1, last=100.0, con_id=OTHER)
    order = stocks.place("BUY", 1, "PEG BENCH", **BENCH, startingPrice=7.00)
    stocks.quote(-1, -1, last=100.2, con_id=OTHER)
    assert limit_of(stocks, order) == 7.04


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 321),
        ({"peggedChangeAmount": 1.0, "referenceChangeAmount": -1.0}, 321),
        ({"peggedChangeAmount": 1.0, "referenceChangeAmount": 1.0}, 200),
    ],
)
def test_a_benchmark_and_its_steps_have_to_be_named(stocks, fields, code):
    stocks.place("BUY", 1, "PEG BENCH", **fields)
    assert [each for each, _ in stocks.errors()] == [code]


def test_what_if_reckons_with_the_price_that_the_order_would_have(stocks):
    stocks.place("BUY", 100, "PEG BENCH", **BENCH, startingPrice=7.00, stockRefPrice=90.0, whatIf=True)
    stocks.place("BUY", 1_000_000, "PEG BENCH", **BENCH, startingPrice=7.00, stockRefPrice=90.0)
    assert 201 in [code for code, _ in stocks.errors()]


@pytest.mark.parametrize(("currency", "codes"), [("USD", []), ("EUR", [321])])
def test_a_benchmark_has_the_currency_of_the_order(currency, codes):
    other = replace(stock(), contract=Stock("SAP", "SMART", currency, conId=OTHER))
    trader = trader_of(stock(), details_of={OTHER: other}.get)
    trader.place("BUY", 1, "PEG BENCH", **BENCH)
    assert [code for code, _ in trader.errors()] == codes


@pytest.mark.parametrize("action", ["BUY", "SELL"])
@pytest.mark.parametrize("step", [5e-324, 1.7e308])
@pytest.mark.parametrize("amount", [5e-324, 1.7e308])
@pytest.mark.parametrize("falls", [False, True])
def test_no_number_brings_a_limit_beyond_all_prices(stocks, action, step, amount, falls):
    fields = {**BENCH, "isPeggedChangeAmountDecrease": falls, "startingPrice": 7.00}
    fields |= {"peggedChangeAmount": amount, "referenceChangeAmount": step}
    order = stocks.place(action, 1, "PEG BENCH", **fields)
    move(stocks, 101.0)
    stocks.place(action, 1, "PEG BENCH", **fields, stockRefPrice=1.0, whatIf=True)
    assert stocks.errors() == []
    stocks.quote(7.00, 7.01)
    assert all(price in (7.00, 7.01, 7.30, 7.50) for _, price in stocks.fills(order))
