"""The hidden walks: the same wherever one looks from, and each level within the one above."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.paper.market.noise import key, normal, uniform
from ibdesk.paper.market.walk import DAY_MINUTES, STEPS, Walks

WALK = ("SPX", 0.16)
A_DAY = 20_777 * DAY_MINUTES

minutes = st.integers(A_DAY - 10 * DAY_MINUTES, A_DAY + 10 * DAY_MINUTES)


def test_chance_depends_on_the_key_and_the_position_alone() -> None:
    positions = np.arange(1000, 2000)
    together = uniform(key(1, "SPX"), positions)
    assert np.array_equal(uniform(key(1, "SPX"), positions[500:600]), together[500:600])
    assert not np.array_equal(uniform(key(2, "SPX"), positions), together)


def test_chance_is_the_same_in_every_process() -> None:
    assert key(1, "SPX") == 0x4C9F8B85A1E503F2
    # The first output of SplitMix64 with seed 0, as published.
    assert uniform(0, np.array([1]))[0] == (0xE220A8397B1DCDAF >> 11) * 2.0**-53


def test_chance_is_evenly_and_normally_distributed() -> None:
    positions = np.arange(200_000)
    even, bell = uniform(key("even"), positions), normal(key("bell"), positions)
    assert (even.min() >= 0, even.max() < 1) == (True, True)
    assert even.mean() == pytest.approx(0.5, abs=0.005)
    assert (bell.mean(), bell.std()) == (pytest.approx(0, abs=0.01), pytest.approx(1, abs=0.01))
    assert np.corrcoef(bell[:-1], bell[1:])[0, 1] == pytest.approx(0, abs=0.01)


@given(minutes, st.integers(1, 3000), st.integers(0, 2999))
def test_a_minute_is_the_same_in_any_run(first: int, count: int, inside: int) -> None:
    walks, inside = Walks(1), inside % count
    run = walks.minutes(*WALK, np.arange(first, first + count))
    alone = walks.minutes(*WALK, np.array([first + inside]))
    for name in ("start", "end", "high", "low"):
        assert getattr(run, name)[inside] == pytest.approx(getattr(alone, name)[0], abs=1e-12)


@given(minutes)
def test_minutes_join_and_beats_stay_within_them(minute: int) -> None:
    walks = Walks(7)
    run = walks.minutes(*WALK, np.array([minute, minute + 1]))
    assert run.end[0] == run.start[1]
    steps = walks.steps(*WALK, range(minute, minute + 1))
    (values,), (high_at,), (low_at,) = steps.values, steps.high_at, steps.low_at
    assert len(values) == STEPS
    assert (values[0], values[-1]) == (run.start[0], run.end[0])
    assert values.max() == values[high_at] == pytest.approx(run.high[0], abs=1e-12)
    assert values.min() == values[low_at] == pytest.approx(run.low[0], abs=1e-12)
    assert len({0, STEPS - 1, high_at, low_at}) == 4


@given(st.integers(0, DAY_MINUTES - 1), st.integers(1, 10))
def test_steps_are_the_same_in_any_run(inside: int, count: int) -> None:
    walks = Walks(5)
    first = A_DAY + inside
    run = range(first, min(first + count, A_DAY + DAY_MINUTES))
    together = walks.steps(*WALK, run)
    for row, minute in enumerate(run):
        alone = walks.steps(*WALK, range(minute, minute + 1))
        assert np.array_equal(together.values[row], alone.values[0])
        assert (together.high_at[row], together.low_at[row]) == (alone.high_at[0], alone.low_at[0])


def test_days_begin_where_the_walk_of_midnights_says() -> None:
    walks = Walks(3)
    run = walks.minutes(*WALK, np.arange(A_DAY, A_DAY + DAY_MINUTES))
    assert [run.start[0], run.end[-1]] == walks.at_midnight(*WALK, np.array([20_777, 20_778])).tolist()


def test_a_walk_has_its_volatility_and_stays_in_its_band() -> None:
    walks = Walks(1)
    midnights = walks.at_midnight(*WALK, np.arange(40_000))
    assert abs(midnights).max() <= 2.5 * 0.16
    moves = np.diff(midnights)
    weekdays = moves[(np.arange(len(moves)) + 3) % 7 < 5]
    assert weekdays.std() * np.sqrt(252) == pytest.approx(0.16, rel=0.03)


def test_all_walks_stand_at_their_anchor_at_the_start_of_2026() -> None:
    assert Walks(5).at_midnight("AAPL", 0.27, np.array([20_454]))[0] == pytest.approx(0)
