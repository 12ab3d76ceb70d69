"""What follows an index moves on at night, from its last price to its next one."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.model.contract import Future, Index
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.instruments import sessions
from ibdesk.paper.market import Market
from ibdesk.paper.market.source import MINUTE, micros
from ibdesk.paper.market.walk import STEPS
from ibdesk.paper.price_files import open_files

MONDAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """A market with a week of SPX, which opens each day 1% above the close before, and on Thursday 2% below."""
    folder, draw = tmp_path_factory.mktemp("prices"), np.random.default_rng(1)
    times = [
        time
        for session in sessions("spx", MONDAY, MONDAY + timedelta(days=4), regular=True)
        for time in pd.date_range(session.start, session.end, freq="1min", inclusive="left")
    ]
    jumps = np.zeros(len(times))
    jumps[[390, 780, 1170, 1560]] = 0.01, 0.01, -0.02, 0.01
    close = (6800 * np.exp(np.cumsum(draw.normal(0, 0.0003, len(times)) + jumps))).round(2)
    frame = pd.DataFrame({"date": times, "open": close, "high": close + 0.5, "low": close - 0.5, "close": close})
    frame.to_csv(folder / "SPX.csv", index=False)
    return Market(1, MONDAY, open_files(folder, seed=1, today=MONDAY))


def con_id(market, contract):
    return market.instruments.resolve(contract).contract.conId


def levels_of(market, symbol):
    contract = Index("SPX", "CBOE") if symbol == "SPX" else Future("ES", "202612", "CME")
    return market.prices.levels(market.instruments.by_con_id(con_id(market, contract)))


def minute_at(day, hour, minute=0):
    return micros(datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK)) // MINUTE


def test_at_night_a_future_moves_from_the_last_price_to_the_next_one(market):
    own, bridged = levels_of(market, "SPX"), levels_of(market, "ES")
    for close, opening in ((minute_at(2, 16), minute_at(3, 9, 30)), (minute_at(4, 16), minute_at(5, 9, 30))):
        night = bridged.minutes(np.arange(close, opening))
        known = own.minutes(np.array([close, opening]))
        assert night.start[0] == pytest.approx(known.start[0], abs=1e-12)
        assert night.end[-1] == pytest.approx(known.start[1], abs=1e-12)
        assert night.end[:-1] == pytest.approx(night.start[1:], abs=1e-12)
        assert len(set(night.start.tolist())) == opening - close
        # It moves about as much as by day, and no minute is a jump.
        assert np.abs(np.diff(night.start)).max() < 0.005
    by_day = np.arange(minute_at(3, 9, 30), minute_at(3, 16))
    for name in ("start", "end", "high", "low"):
        assert (getattr(own.minutes(by_day), name) == getattr(bridged.minutes(by_day), name)).all()


def test_a_future_is_quoted_and_traded_at_night_without_a_jump_at_the_opening(market):
    es, begin = con_id(market, Future("ES", "202612", "CME")), datetime(2026, 11, 3, 3, tzinfo=NEW_YORK)
    assert len({market.quote(es, begin + timedelta(minutes=each)).bid for each in range(60)}) > 20
    opening = datetime(2026, 11, 3, 9, 30, tzinfo=NEW_YORK)
    before, after = (market.quote(es, opening + timedelta(seconds=each)).bid for each in (-1, 1))
    assert after == pytest.approx(before, rel=0.0005)
    assert before == pytest.approx(market.quote(es, opening - timedelta(hours=17, minutes=30)).bid * 1.01, rel=0.001)


minutes = st.integers(minute_at(2, 9, 30), minute_at(6, 15, 59))


@given(minutes, st.integers(1, 2000), st.integers(0, 1999))
def test_a_minute_is_the_same_in_any_run(market, first, count, inside):
    levels, inside = levels_of(market, "ES"), inside % count
    run, alone = levels.minutes(np.arange(first, first + count)), levels.minutes(np.array([first + inside]))
    for name in ("start", "end", "high", "low"):
        assert getattr(run, name)[inside] == getattr(alone, name)[0]


@given(minutes)
def test_steps_stay_within_their_minute_and_reach_its_corners(market, minute):
    levels = levels_of(market, "ES")
    run, steps = levels.minutes(np.array([minute])), levels.steps(range(minute, minute + 1))
    (values,), (high_at,), (low_at,) = steps.values, steps.high_at, steps.low_at
    assert len(values) == STEPS
    assert (values[0], values[-1]) == (run.start[0], run.end[0])
    assert values.max() == values[high_at] == run.high[0]
    assert values.min() == values[low_at] == run.low[0]


def test_midnights_are_on_the_way(market):
    levels = levels_of(market, "ES")
    days = np.array([(MONDAY - date(1970, 1, 1)).days + each for each in range(1, 5)])
    assert levels.at_midnight(days) == pytest.approx(levels.minutes(days * 1440).start, abs=1e-12)


def test_after_the_last_price_it_stays(market):
    levels = levels_of(market, "ES")
    after = levels.minutes(np.arange(minute_at(6, 16), minute_at(6, 20)))
    assert len(set(after.start.tolist())) == 1
