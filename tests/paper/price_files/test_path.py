"""The way within a bar goes through its four prices, stays between high and low, and keeps its volume."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.price_files.frames import APPLE, EURO, SPX

from ibdesk.paper.instruments import Instrument
from ibdesk.paper.market.source import MINUTE, SECOND
from ibdesk.paper.market.walk import STEP
from ibdesk.paper.price_files.path import Bars, Paths

START = 1_772_461_800_000_000  # 2026-03-02 09:30 in New York


@st.composite
def many_bars(draw: st.DrawFn, length: st.SearchStrategy[int]) -> Bars:
    """Some bars that follow each other, all of one length: on the grid of ticks or off it, flat ones among them."""
    size, count = draw(length), draw(st.integers(1, 5))
    price = st.floats(0.01, 5000.0)
    ticks = st.integers(1, 500_000).map(lambda each: round(each * 0.01, 2))
    four = draw(
        st.lists(
            st.one_of(
                st.lists(price, min_size=4, max_size=4),
                st.lists(ticks, min_size=4, max_size=4),
                ticks.map(lambda each: [each] * 4),
                # Less than the spread apart.
                ticks.flatmap(lambda each: st.lists(st.floats(each, each + 0.02), min_size=4, max_size=4)),
            ),
            min_size=count,
            max_size=count,
        )
    )
    prices = np.array([[each[2], max(each), min(each), each[3]] for each in four])
    volumes = draw(st.lists(st.one_of(st.integers(0, 9), st.integers(0, 10**9)), min_size=count, max_size=count))
    counts = draw(st.lists(st.integers(-1, 400), min_size=count, max_size=count))
    begins = START // size * size + np.arange(count) * size
    unknown = np.full(count, np.nan)
    everywhere = np.ones(count, dtype=bool)
    columns = (begins, begins + size, *prices.T, np.array(volumes), unknown, np.array(counts), everywhere)
    return Bars(*columns)


short = many_bars(st.sampled_from([1_000_000, 5_000_000, 30_000_000, MINUTE]))
long = many_bars(st.sampled_from([2 * MINUTE, 5 * MINUTE, 30 * MINUTE, 390 * MINUTE]))
instruments = st.sampled_from([APPLE, EURO, SPX])


@given(short, instruments, st.integers(0, 5))
def test_steps_go_through_the_four_prices(bars: Bars, instrument: Instrument, seed: int) -> None:
    steps = Paths(seed, instrument).steps(bars)
    shape = (len(bars), -1)
    prices = steps.prices.reshape(shape)
    assert steps.times.tolist() == list(range(int(bars.begins[0]), int(bars.ends[-1]), STEP))
    assert (prices[:, 0] == bars.opens).all() and (prices[:, -1] == bars.closes).all()
    assert (prices.max(axis=1) == bars.highs).all() and (prices.min(axis=1) == bars.lows).all()


@given(short, st.integers(0, 5))
def test_trades_keep_the_volume_and_the_prices(bars: Bars, seed: int) -> None:
    steps = Paths(seed, APPLE).steps(bars)
    shape = (len(bars), -1)
    traded, updates, prices = (each.reshape(shape) for each in (steps.traded, steps.updates, steps.prices))
    assert (traded >= 0).all()
    assert (traded.sum(axis=1) == bars.volumes).all()
    assert updates[traded > 0].all()
    for row in range(len(bars)):
        done = prices[row][updates[row]]
        assert (done[0], done.max(), done.min(), done[-1]) == (
            bars.opens[row],
            bars.highs[row],
            bars.lows[row],
            bars.closes[row],
        )


@given(short, st.sampled_from([APPLE, EURO]), st.integers(0, 5))
def test_bars_of_quotes_are_those_of_the_steps(bars: Bars, instrument: Instrument, seed: int) -> None:
    paths = Paths(seed, instrument)
    steps = paths.steps(bars)
    assert (steps.asks > steps.bids).all()
    if instrument is APPLE:
        assert (steps.bids <= steps.prices).all() and (steps.prices <= steps.asks).all()
        assert (steps.bids > 0).all()
    for side, four in zip((steps.bids, steps.asks), paths.sides(bars), strict=True):
        column = side.reshape((len(bars), -1))
        found = (column[:, 0], column.max(axis=1), column.min(axis=1), column[:, -1])
        for one, other in zip(found, four, strict=True):
            assert one.tolist() == other.tolist()


def test_a_bar_that_moves_by_the_spread_and_some_noise_has_the_quotes_of_its_steps() -> None:
    """Its low and the spread, rounded, are above its high; its high less the spread, rounded, is its low."""
    begin, one = START + 2 * SECOND, np.ones(1)
    low, high = 2258.22 * one, 2258.2399999999993 * one
    begins, none = np.array([begin]), np.zeros(1, np.int64)
    bars = Bars(begins, begins + SECOND, low, high, low, high, none, np.nan * one, none, one > 0)
    for seed in range(20):
        paths = Paths(seed, APPLE)
        steps = paths.steps(bars)
        for side, four in zip((steps.bids, steps.asks), paths.sides(bars), strict=True):
            assert [side[0], side.max(), side.min(), side[-1]] == [price[0] for price in four]


@given(long, instruments, st.integers(0, 5))
def test_minutes_are_those_of_the_bar(bars: Bars, instrument: Instrument, seed: int) -> None:
    found = Paths(seed, instrument).minutes(bars)
    shape = (len(bars), -1)
    assert found.begins.tolist() == list(range(int(bars.begins[0]), int(bars.ends[-1]), MINUTE))
    assert (found.opens.reshape(shape)[:, 0] == bars.opens).all()
    assert (found.closes.reshape(shape)[:, -1] == bars.closes).all()
    assert (found.volumes >= 0).all()
    assert (found.volumes.reshape(shape).sum(axis=1) == bars.volumes).all()
    for column in (found.opens, found.closes):
        assert (column <= found.highs).all() and (found.lows <= column).all()
    # The prices of the bar are traded.
    traded = (found.anchored | (found.volumes > 0)).reshape(shape)
    assert (np.where(traded, found.highs.reshape(shape), 0.0).max(axis=1) == bars.highs).all()
    assert (np.where(traded, found.lows.reshape(shape), np.inf).min(axis=1) == bars.lows).all()
    assert (found.highs.reshape(shape).max(axis=1) == bars.highs).all()
    assert (found.lows.reshape(shape).min(axis=1) == bars.lows).all()


@given(short, instruments)
def test_any_bar_by_itself_is_the_same(bars: Bars, instrument: Instrument) -> None:
    together = Paths(3, instrument).steps(bars)
    alone = [Paths(3, instrument).steps(bars.part(slice(row, row + 1))) for row in range(len(bars))]
    for name in together.__slots__:
        column = np.concatenate([getattr(each, name) for each in alone])
        assert np.array_equal(getattr(together, name), column, equal_nan=True), name


def test_bars_of_different_lengths_are_divided_in_their_order() -> None:
    begins = START + np.array([0, 30, 90]) * MINUTE
    ends = START + np.array([30, 90, 91]) * MINUTE
    prices = np.array([10.0, 11.0, 12.0])
    three = np.full(3, 100), np.full(3, np.nan), np.full(3, -1), np.ones(3, dtype=bool)
    bars = Bars(begins, ends, prices, prices + 1, prices - 1, prices, *three)
    found = Paths(1, APPLE).minutes(bars)
    assert found.begins.tolist() == list(range(START, START + 91 * MINUTE, MINUTE))
    assert found.volumes.sum() == 300


def test_the_seed_decides() -> None:
    prices = np.array([10.0])
    bars = Bars(
        np.array([START]), np.array([START + MINUTE]), prices, prices + 1, prices - 1, prices, np.array([500]),
        np.array([np.nan]), np.array([-1]), np.array([True]),
    )  # fmt: skip
    one, same, other = (Paths(seed, APPLE).steps(bars) for seed in (1, 1, 2))
    assert one.prices.tolist() == same.prices.tolist() != other.prices.tolist()


@pytest.mark.parametrize("digits", [2, 8])
def test_prices_between_are_on_the_grid_of_ticks(digits: int) -> None:
    prices = np.round(np.array([10.003, 10.5, 9.8, 10.1]), digits)
    four = [np.array([each]) for each in prices]
    bars = Bars(
        np.array([START]), np.array([START + MINUTE]), *four, np.array([500]), np.array([np.nan]), np.array([-1]),
        np.array([True]),
    )  # fmt: skip
    steps = Paths(1, APPLE).steps(bars)
    off = {each for each in steps.prices.tolist() if round(each, 2) != each}
    assert off <= set(prices.tolist())
