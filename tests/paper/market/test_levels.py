"""The level of a recorded price: of one shape with that of a walk, and it stays where nothing is known."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.instruments.listings import load
from ibdesk.paper.market.levels import PriceLevels
from ibdesk.paper.market.recorded_prices import RecordedPrices
from ibdesk.paper.market.source import MINUTE, QuoteColumns, micros
from ibdesk.paper.market.walk import DAY_MINUTES, STEP, STEPS

from .recorded_events import BEGIN, events_of

KNOWN = {each.conId: each for each in load().instruments}
APPLE, SPX, VIX = (KNOWN[each] for each in (265598, 416904, 13455763))
EVENTS = events_of(APPLE, 3, 700, 100.0)
APPLE_LEVELS = PriceLevels(RecordedPrices({APPLE.conId: EVENTS}), APPLE)
VIX_LEVELS = PriceLevels(RecordedPrices({VIX.conId: events_of(VIX, 4, 700, 30.0)}), VIX)
FIRST = micros(BEGIN) // MINUTE

minutes = st.integers(FIRST - 30, FIRST + 90)


@given(minutes, st.sampled_from([APPLE_LEVELS, VIX_LEVELS]))
def test_steps_stay_within_their_minute_and_reach_its_corners(minute: int, levels: PriceLevels) -> None:
    run = levels.minutes(np.array([minute]))
    steps = levels.steps(range(minute, minute + 1))
    (values,), (high_at,), (low_at,) = steps.values, steps.high_at, steps.low_at
    assert len(values) == STEPS
    assert (values[0], values[-1]) == (run.start[0], run.end[0])
    assert values.max() == values[high_at] == run.high[0]
    assert values.min() == values[low_at] == run.low[0]
    assert len({0, STEPS - 1, high_at, low_at}) == 4


@given(minutes, st.integers(1, 200), st.integers(0, 199))
def test_a_minute_is_the_same_in_any_run(first: int, count: int, inside: int) -> None:
    inside %= count
    run = APPLE_LEVELS.minutes(np.arange(first, first + count))
    alone = APPLE_LEVELS.minutes(np.array([first + inside]))
    for name in ("start", "end", "high", "low"):
        assert getattr(run, name)[inside] == getattr(alone, name)[0]


@given(st.integers(FIRST + 1, FIRST + 30))
def test_the_steps_are_those_of_the_price(minute: int) -> None:
    steps = APPLE_LEVELS.steps(range(minute, minute + 1))
    corners = [0, STEPS - 1, int(steps.high_at[0]), int(steps.low_at[0])]
    times = minute * MINUTE + STEP * np.arange(STEPS)
    rows = np.searchsorted(EVENTS.times, times, side="right") - 1
    middles = (EVENTS.bids[rows] + EVENTS.asks[rows]) / 2
    between = np.setdiff1d(np.arange(STEPS), corners)
    expected = np.log(middles / APPLE.pricing.anchor)
    assert steps.values[0, between] == pytest.approx(expected[between], abs=1e-12)


def level(price: float) -> float:
    return float(np.log(price / APPLE.pricing.anchor))


def test_the_level_stays_before_and_after_all_data() -> None:
    newest = int(np.searchsorted(EVENTS.times, micros(BEGIN), side="right")) - 1  # of several at the same moment
    first, last = ((EVENTS.bids + EVENTS.asks)[each] / 2 for each in (newest, -1))
    for price, moment in ((first, BEGIN - timedelta(days=3)), (last, BEGIN + timedelta(days=3))):
        run = APPLE_LEVELS.minutes(np.array([micros(moment) // MINUTE]))
        assert {float(each[0]) for each in (run.start, run.end, run.high, run.low)} == {level(price)}
    days = micros(datetime(2026, 11, 20, tzinfo=UTC)) // MINUTE // DAY_MINUTES + np.array([0, 0, 1, 4])
    assert APPLE_LEVELS.at_midnight(days).tolist() == [level(first), level(first), level(last), level(last)]


def test_where_nobody_quotes_the_last_trade_is_the_price() -> None:
    gone = QuoteColumns(
        EVENTS.begin,
        EVENTS.end,
        EVENTS.times,
        np.full(len(EVENTS.times), -1.0),
        0 * EVENTS.bid_sizes,
        np.full(len(EVENTS.times), -1.0),
        0 * EVENTS.ask_sizes,
        EVENTS.lasts,
        EVENTS.last_sizes,
        EVENTS.last_times,
        EVENTS.traded,
    )
    levels = PriceLevels(RecordedPrices({APPLE.conId: gone}), APPLE)
    after = levels.minutes(np.array([micros(BEGIN + timedelta(days=3)) // MINUTE]))
    assert after.end[0] == pytest.approx(level(EVENTS.lasts[-1]))
