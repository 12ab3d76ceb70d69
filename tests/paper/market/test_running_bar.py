"""The bar that is being made is the same as one that is made anew from everything in it, whatever was asked before."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibdesk.model.contract import Contract, Forex, Index, Stock
from ibdesk.paper.market import Market
from ibdesk.paper.market.bars import cut
from ibdesk.paper.market.running_bar import RunningBar
from ibdesk.paper.price_files import open_files

BEGIN = datetime(2026, 11, 2, 14, 30, tzinfo=UTC)
"""The opening of New York's stock market on a Monday."""

CONTRACTS = {"AAPL": Stock("AAPL", "SMART", "USD"), "SPX": Index("SPX", "CBOE"), "EUR": Forex("EURUSD")}
SIZES = ["5 secs", "30 secs", "1 min", "3 mins", "5 mins", "30 mins", "1 hour", "8 hours", "1 day", "1 week", "1 month"]


class Anew(RunningBar):
    """Makes each bar from all that is in it."""

    def of(self, spans):
        bars = cut(self._source, self._instrument, spans, self._size, self._what)
        return bars[-1] if bars else None


def files(folder: Path, step: str, count: int) -> Path:
    draw = np.random.default_rng(5)
    times = pd.date_range("2026-11-02 09:30", periods=count, freq=step, tz="America/New_York")
    close = (200 + np.cumsum(draw.normal(0, 0.05, count))).round(2)
    frame = pd.DataFrame({"date": times, "open": np.append(200.0, close[:-1]), "close": close})
    frame["high"] = (frame[["open", "close"]].max(axis=1) + 0.02).round(2)
    frame["low"] = (frame[["open", "close"]].min(axis=1) - 0.02).round(2)
    frame["volume"], frame["average"] = draw.integers(0, 5000, count), frame[["high", "low"]].mean(axis=1)
    frame[draw.random(count) < 0.9].to_csv(folder / f"AAPL_{step}.csv", index=False)
    return folder


def ticks(folder: Path) -> Path:
    draw = np.random.default_rng(6)
    times = pd.Timestamp("2026-11-02 09:30", tz="America/New_York") + pd.to_timedelta(
        np.cumsum(draw.exponential(8e6, 2000)).astype(int), unit="us"
    )
    price = (200 + np.cumsum(draw.integers(-2, 3, 2000)) * 0.01).round(2)
    pd.DataFrame({"time": times, "price": price, "size": draw.integers(1, 900, 2000)}).to_csv(
        folder / "AAPL_trades.csv", index=False
    )
    return folder


@pytest.fixture(scope="module", params=["walk", "1s", "1min", "15min", "1h", "days", "ticks"])
def markets(request, tmp_path_factory):
    """A market that extends its bars, and one that makes them anew."""
    folder, source = tmp_path_factory.mktemp("prices"), None
    if request.param == "days":
        days = pd.DataFrame({"date": pd.bdate_range("2026-10-01", "2026-11-06").strftime("%Y-%m-%d")})
        days[["open", "high", "low", "close", "volume"]] = [200.0, 205.0, 198.0, 201.0, 1_000_000]
        days.to_csv(folder / "AAPL.csv", index=False)
        source = open_files(folder, seed=1, today=BEGIN.date())
    elif request.param == "ticks":
        source = open_files(ticks(folder), seed=1, today=BEGIN.date())
    elif request.param != "walk":
        count = {"1s": 15_000, "1min": 390, "15min": 26, "1h": 7}[request.param]
        source = open_files(files(folder, request.param, count), seed=1, today=BEGIN.date())
    extending, anew = (Market(1, date(2026, 11, 2), source) for _ in range(2))
    made = anew._new_running

    def new(*key):
        running = made(*key)
        running.__class__ = Anew
        return running

    anew._running = new
    return extending, anew


steps = st.lists(
    st.one_of(st.sampled_from([0.25, 1, 5, 60, 3600, 86400]), st.integers(-400, 4000), st.floats(0.001, 400)),
    max_size=25,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.sampled_from(list(CONTRACTS)),
    size=st.sampled_from(SIZES),
    what=st.sampled_from(["TRADES", "MIDPOINT", "BID", "ASK"]),
    use_rth=st.booleans(),
    pauses=steps,
)
def test_a_bar_that_is_extended_is_the_bar_that_is_made_anew(markets, name, size, what, use_rth, pauses):
    contract = CONTRACTS[name]
    con_id = _con_id(markets[0], contract)
    what = "TRADES" if contract.secType == "IND" else "MIDPOINT" if contract.secType == "CASH" else what
    when = BEGIN
    for pause in [0.0, *pauses]:
        when += timedelta(seconds=pause)
        found, expected = (market.current_bar(con_id, when, size, what, use_rth) for market in markets)
        if expected is None:
            assert found is None
        else:
            assert found._replace(average=0) == expected._replace(average=0)
            assert found.average == pytest.approx(expected.average, abs=2e-8)


def _con_id(market: Market, contract: Contract) -> int:
    return market.instruments.resolve(contract).contract.conId
