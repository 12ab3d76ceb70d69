"""Prices from files of bars keep the contract of price sources, and are those of the files."""

from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paper.market.source_contract import SourceContract, Subject
from paper.price_files.frames import (
    APPLE,
    EURO,
    NEW_YORK,
    SPX,
    bars,
    minutes,
    opened,
    session_at,
    spans,
    told,
    trading_days,
    write,
)

from ibdesk.paper.market import Market
from ibdesk.paper.market.source import micros
from ibdesk.paper.price_files import PriceFiles

DAY = "2026-03-02"
PRICES = ["opens", "highs", "lows", "closes"]
COLUMNS = ["open", "high", "low", "close"]


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def frame_of(name: str) -> pd.DataFrame:
    """Bars of a kind of file: seconds with gaps, minutes, minutes of adjusted prices, half an hour, days."""
    match name:
        case "seconds":
            return bars(minutes("2026-03-02 09:30", 1200, "1s")).drop(index=[3, 4, 5, *range(500, 700)])
        case "few trades":
            frame = bars(minutes("2026-03-02 09:30", 90))
            frame["volume"] %= 6
            return frame.drop(index=range(20, 26))
        case "adjusted":
            return bars(minutes("2026-03-02 09:30", 90), digits=15, price=0.137)
        case "half hours":
            return bars(minutes("2026-03-02 09:30", 13, "30min"))
        case "days":
            return bars(trading_days("2026-02-02", "2026-03-31"))
        case _:
            return bars(minutes("2026-03-02 09:30", 90))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prices")


def source_of(folder: Path, name: str, file: str = "AAPL.parquet", seed: int = 1) -> PriceFiles:
    inside = folder / f"{name}-{file}"
    inside.mkdir(exist_ok=True)
    write(inside, file, frame_of(name))
    return opened(inside, seed)


WHERE = {
    "seconds": ("09:36", "09:43"),  # a gap of minutes
    "minutes": ("09:36", "09:43"),
    "few trades": ("09:48", "09:58"),  # again
    "adjusted": ("09:36", "09:43"),
    "half hours": ("09:55", "10:04"),  # two rows
    "days": ("15:51", "16:00"),
}


class TestBars(SourceContract):
    @pytest.fixture(params=WHERE)
    def subject(self, request: pytest.FixtureRequest, folder: Path) -> Subject:
        begin, end = (new_york(f"{DAY} {clock}") for clock in WHERE[request.param])
        return Subject(source_of(folder, request.param), APPLE, begin, end)


class TestBarsOfAnIndexAndOfForex(SourceContract):
    @pytest.fixture(params=[("SPX.parquet", SPX), ("EURUSD.parquet", EURO)], ids=["index", "forex"])
    def subject(self, request: pytest.FixtureRequest, folder: Path) -> Subject:
        file, instrument = request.param
        source = source_of(folder, "minutes", file)
        return Subject(source, instrument, new_york("2026-03-02 09:55"), new_york("2026-03-02 10:04"))


@pytest.mark.parametrize("name", ["seconds", "minutes", "few trades", "adjusted", "half hours", "days"])
def test_bars_equal_the_file(folder: Path, name: str) -> None:
    frame = frame_of(name)
    found = told(source_of(folder, name), APPLE, spans(APPLE, "2026-02-01", "2026-03-31"), 0)
    assert (found[PRICES].to_numpy() == frame[COLUMNS].to_numpy()).all()
    assert found.volumes.tolist() == frame.volume.tolist()


def test_averages_and_counts_are_those_of_the_file(tmp_path: Path) -> None:
    frame = frame_of("minutes")
    frame["average"], frame["barCount"] = (frame.high + frame.low) / 2, range(1, 91)
    source = opened(write(tmp_path, "AAPL.parquet", frame))
    found = told(source, APPLE, spans(APPLE, DAY, DAY), 60)
    assert found.averages.tolist() == frame.average.tolist()
    assert found.counts.tolist() == frame.barCount.tolist()


@pytest.mark.parametrize("seconds", [60, 300, 3600])
def test_larger_bars_are_those_of_pandas(folder: Path, seconds: int) -> None:
    frame = frame_of("seconds")
    found = told(source_of(folder, "seconds"), APPLE, spans(APPLE, DAY, DAY), seconds)
    times = pd.to_datetime(found.begins, unit="us", utc=True)
    mine = (
        found.set_index(times)
        .resample(f"{seconds}s")
        .agg({"opens": "first", "highs": "max", "lows": "min", "closes": "last", "volumes": "sum"})
    )
    known = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    theirs = frame.set_index(frame.time.dt.tz_convert("UTC")).resample(f"{seconds}s").agg(known)
    assert np.array_equal(mine.to_numpy(), theirs.to_numpy(), equal_nan=True)


@settings(max_examples=25, deadline=None)
@given(
    st.sets(st.integers(0, 389), min_size=3, max_size=60).filter(lambda each: any(n + 1 in each for n in each)),
    st.sampled_from(["1 min", "5 mins", "15 mins", "1 hour"]),
    st.integers(0, 10**6),
)
def test_the_gateway_tells_what_pandas_resamples(places: set[int], size: str, seed: int) -> None:
    frame = bars(minutes(), seed=seed).iloc[sorted(places)]
    with TemporaryDirectory() as folder:
        source = opened(write(Path(folder), "AAPL.parquet", frame))
        market = Market(seed, date(2026, 3, 2), source)
        found = market.bars(APPLE.conId, new_york("2026-03-02 16:00"), "1 D", size, "TRADES", True)
    known = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    # Of an hour IB's first bar begins at half past nine.
    freq = size.replace("mins", "min").replace(" ", "").replace("1hour", "60min")
    theirs = frame.set_index("time").resample(freq).agg(known).dropna()
    mine = [[each.open, each.high, each.low, each.close, each.volume] for each in found]
    assert mine == theirs.to_numpy().tolist()
    begins = [max(each, pd.Timestamp("2026-03-02 09:30", tz=NEW_YORK)) for each in theirs.index]
    assert [each.date for each in found] == begins


def test_finer_bars_go_through_the_prices_of_the_row(folder: Path) -> None:
    frame = frame_of("half hours")
    found = told(source_of(folder, "half hours"), APPLE, spans(APPLE, DAY, DAY), 5)
    assert len(found) > 1000
    groups = found.groupby((found.begins // 1_800_000_000) * 1_800_000_000)
    assert groups.opens.first().tolist() == frame.open.tolist()
    assert groups.highs.max().tolist() == frame.high.tolist()
    assert groups.lows.min().tolist() == frame.low.tolist()
    assert groups.closes.last().tolist() == frame.close.tolist()
    assert groups.volumes.sum().tolist() == frame.volume.tolist()


def test_a_bar_of_a_second_has_four_steps(folder: Path) -> None:
    source = source_of(folder, "seconds")
    begin = micros(new_york("2026-03-02 09:30"))
    found = source.quotes(APPLE, session_at(APPLE, new_york("2026-03-02 09:30")), begin)
    first = frame_of("seconds").iloc[0]
    row = found.times < begin + 1_000_000
    assert found.times[row].tolist() == [begin, begin + 250_000, begin + 500_000, begin + 750_000]
    assert sorted(found.lasts[row].tolist()) == sorted(first[COLUMNS])
    assert found.lasts[row][[0, -1]].tolist() == [first.open, first.close]
    assert found.traded[row].sum() == first.volume


def test_the_order_of_high_and_low_is_decided_by_the_seed(folder: Path) -> None:
    def is_up(seed: int) -> list[bool]:
        source, start = source_of(folder, "minutes", seed=seed), micros(new_york("2026-03-02 09:30"))
        session = session_at(APPLE, new_york("2026-03-02 09:30"))
        found = [source.quotes(APPLE, session, start + minute * 60_000_000).lasts for minute in range(60)]
        return [int(np.argmax(lasts)) < int(np.argmin(lasts)) for lasts in found]

    assert is_up(1) == is_up(1) != is_up(2)
    assert 10 < sum(is_up(1)) < 50


def test_a_day_is_that_of_the_regular_hours(folder: Path) -> None:
    source = source_of(folder, "days")
    session = session_at(APPLE, new_york("2026-03-03 09:00"))
    before = source.quotes(APPLE, session, micros(new_york("2026-03-03 09:00")))
    assert (before.begin, before.end) == (micros(session.start), micros(new_york("2026-03-03 09:30")))
    assert before.lasts.tolist() == [frame_of("days").set_index("time").close["2026-03-02"]]
    after = source.quotes(APPLE, session, micros(new_york("2026-03-03 16:00")))
    assert (after.end, len(after.times)) == (micros(session.end), 1)


def test_an_hour_of_yahoo_begins_with_the_session_and_ends_with_the_regular_hours(tmp_path: Path) -> None:
    times = pd.DatetimeIndex([f"2026-03-02 {hour}:30" for hour in ("09", *range(10, 16))]).tz_localize(NEW_YORK)
    frame = bars(times)
    source = opened(write(tmp_path, "AAPL.parquet", frame))
    assert source.last(APPLE) == new_york("2026-03-02 16:00")
    whole = told(source, APPLE, spans(APPLE, DAY, DAY), 0)
    assert (whole.lengths // 60_000_000).tolist() == [60, 60, 60, 60, 60, 60, 30]
    # Bars of an hour begin with the hour, as IB's: parts of rows.
    hours = told(source, APPLE, spans(APPLE, DAY, DAY), 3600)
    assert hours.volumes.sum() == frame.volume.sum()
    assert not ((hours.begins // 3_600_000_000) != ((hours.begins + hours.lengths - 1) // 3_600_000_000)).any()


def test_bars_of_ib_are_shorter_where_a_session_opens_between(tmp_path: Path) -> None:
    times = pd.DatetimeIndex([f"2026-03-02 {clock}" for clock in ("09:30", "10:00", "11:00", "12:00", "13:00")])
    source = opened(write(tmp_path, "AAPL.parquet", bars(times.tz_localize(NEW_YORK))))
    whole = told(source, APPLE, spans(APPLE, DAY, DAY), 3600)
    assert (whole.lengths // 60_000_000).tolist() == [30, 60, 60, 60, 60]


def test_nothing_is_told_of_what_comes_later(folder: Path) -> None:
    source = source_of(folder, "half hours")
    [span] = spans(APPLE, DAY, DAY)
    end = micros(new_york("2026-03-02 09:47"))
    found = told(source, APPLE, [span._replace(end=end)], 1800)
    assert found.begins.max() < end
    assert found.volumes.sum() < frame_of("half hours").volume[0]
    again = told(source, APPLE, [span._replace(end=end + 60_000_000)], 1800)
    assert again.volumes.sum() > found.volumes.sum()
