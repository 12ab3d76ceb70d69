"""Prices from files of ticks keep the contract of sources: quotes and trades are those of the files."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from paper.market.source_contract import SourceContract, Subject
from paper.price_files.frames import APPLE, EURO, NEW_YORK, opened, session_at, spans, told, write

from ibdesk.errors import PriceFileError
from ibdesk.paper.market.source import micros
from ibdesk.paper.price_files import PriceFiles

DAY = "2026-03-02"
BEGIN, END = (datetime.fromisoformat(f"{DAY} {clock}").replace(tzinfo=NEW_YORK) for clock in ("09:30", "09:42"))


def times(count: int, seed: int, seconds: float) -> pd.DatetimeIndex:
    """Moments from 09:30 on, with gaps of minutes, and several at the same time."""
    draw = np.random.default_rng(seed)
    steps = draw.exponential(seconds, count)
    steps[::40] = 150
    steps[::7] = 0
    steps[0] = 0.0
    return pd.Timestamp(BEGIN) + pd.to_timedelta((np.cumsum(steps) * 1e6).astype(int), unit="us")


def trades(count: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    price = (100 + np.cumsum(draw.integers(-2, 3, count)) * 0.01).round(2)
    return pd.DataFrame({"time": times(count, 1, 3.0), "price": price, "size": draw.integers(1, 900, count)})


def quotes(count: int = 600) -> pd.DataFrame:
    draw = np.random.default_rng(2)
    bid = (100 + np.cumsum(draw.integers(-1, 2, count)) * 0.01).round(2)
    ask = (bid + draw.integers(1, 4, count) * 0.01).round(2)
    sizes = draw.integers(1, 50, (2, count)) * 100
    return pd.DataFrame(
        {"time": times(count, 2, 2.0), "priceBid": bid, "priceAsk": ask, "sizeBid": sizes[0], "sizeAsk": sizes[1]}
    )


def source_of(folder: Path, name: str) -> PriceFiles:
    if "trades" in name:
        write(folder, "AAPL_trades.parquet", trades())
    if "quotes" in name:
        write(folder, "AAPL-quotes.csv", quotes())
    return opened(folder)


class TestTicks(SourceContract):
    @pytest.fixture(params=["trades", "trades and quotes"])
    def subject(self, request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
        return Subject(source_of(tmp_path, request.param), APPLE, BEGIN, END, makes_quotes=request.param == "trades")


class TestTicksOfForex(SourceContract):
    @pytest.fixture
    def subject(self, tmp_path: Path) -> Subject:
        frame = quotes().drop(columns=["sizeBid", "sizeAsk"])
        write(tmp_path, "EURUSD.parquet", frame.assign(priceBid=frame.priceBid / 91, priceAsk=frame.priceAsk / 91))
        return Subject(opened(tmp_path), EURO, BEGIN, END)


def everything(source: PriceFiles) -> pd.DataFrame:
    session = session_at(APPLE, BEGIN)
    moment, parts = micros(BEGIN), []
    while moment < micros(session.end):
        found = source.quotes(APPLE, session, moment)
        names = found.__slots__[2:]
        parts.append(pd.DataFrame({name: getattr(found, name) for name in names}))
        moment = found.end
    return pd.concat(parts, ignore_index=True)


def in_micros(frame: pd.DataFrame) -> list[int]:
    found: list[int] = (
        frame.time.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]").astype(int).tolist()
    )
    return found


def test_trades_are_as_they_were(tmp_path: Path) -> None:
    found = everything(source_of(tmp_path, "trades and quotes"))
    done = found[found.traded > 0]
    frame = trades()
    assert done.times.tolist() == in_micros(frame)
    assert done.lasts.tolist() == frame.price.tolist()
    assert done.traded.tolist() == frame["size"].tolist()


def test_quotes_are_as_they_were(tmp_path: Path) -> None:
    found = everything(source_of(tmp_path, "quotes"))
    frame = quotes().assign(times=in_micros(quotes()))
    # The first row of a minute tells what stands.
    shown = found.drop_duplicates("times", keep="last").set_index("times")
    theirs = frame.drop_duplicates("times", keep="last").set_index("times")
    both = shown.index.intersection(theirs.index)
    assert len(both) > 400
    for mine, column in (
        ("bids", "priceBid"),
        ("asks", "priceAsk"),
        ("bid_sizes", "sizeBid"),
        ("ask_sizes", "sizeAsk"),
    ):
        assert shown.loc[both, mine].tolist() == theirs.loc[both, column].tolist()
    assert found.lasts.isna().all()


@pytest.mark.parametrize("seconds", [1, 60, 300])
def test_bars_of_trades_are_those_of_pandas(tmp_path: Path, seconds: int) -> None:
    found = told(source_of(tmp_path, "trades"), APPLE, spans(APPLE, DAY, DAY), seconds)
    frame = trades().set_index(trades().time.dt.tz_convert("UTC"))
    unit = "60s" if seconds % 60 == 0 else "1s"
    groups = frame.groupby(frame.index.floor(unit))
    theirs = groups.price.ohlc()
    assert (found[["opens", "highs", "lows", "closes"]].to_numpy() == theirs.to_numpy()).all()
    assert found.volumes.tolist() == groups["size"].sum().tolist()
    assert found.counts.tolist() == groups["size"].count().tolist()
    worth = (frame.price * frame["size"]).groupby(frame.index.floor(unit)).sum() / groups["size"].sum()
    assert found.averages.tolist() == pytest.approx(worth.tolist())


SPELLINGS: dict[str, tuple[str, pd.DataFrame]] = {}


def test_trades_in_every_spelling(tmp_path: Path) -> None:
    frame = trades(40)
    nanoseconds = pd.Series(in_micros(frame)) * 1000
    texts = frame.time.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    known: dict[str, Any] = {
        "IB": frame.assign(tickAttribLast="TickAttribLast(pastLimit=False)", exchange="NYSE", specialConditions=""),
        "Polygon": frame.drop(columns="time").assign(
            ticker="AAPL", conditions="12,37", participant_timestamp=nanoseconds - 7, sip_timestamp=nanoseconds
        ),
        "Alpaca, short": frame.drop(columns="time").rename(columns={"price": "p", "size": "s"}).assign(
            t=texts, x="V", c="['@']", i=7, z="C"
        ),
        "Alpaca": frame.rename(columns={"time": "timestamp"}).assign(symbol="AAPL", exchange="V", id=7),
    }  # fmt: skip
    for name, made in known.items():
        for ending in ("csv", "parquet"):
            folder = tmp_path / f"{name}-{ending}"
            folder.mkdir()
            found = everything(opened(write(folder, f"AAPL.{ending}", made)))
            done = found[found.traded > 0]
            assert done.times.tolist() == in_micros(frame), name
            assert done.lasts.tolist() == frame.price.tolist(), name


def test_quotes_in_every_spelling(tmp_path: Path) -> None:
    frame = quotes(40)
    names = ["priceBid", "priceAsk", "sizeBid", "sizeAsk"]
    nanoseconds = pd.Series(in_micros(frame)) * 1000
    for number, other in enumerate(
        (
            ["bidPrice", "askPrice", "bidSize", "askSize"],
            ["bid_price", "ask_price", "bid_size", "ask_size"],
            ["bp", "ap", "bs", "as"],
        )
    ):
        made = frame.rename(columns=dict(zip(names, other, strict=True)))
        if number:
            made = made.drop(columns="time").assign(sip_timestamp=nanoseconds, ticker="AAPL", ask_exchange=8, ax="V")
        found = everything(opened(write(tmp_path, f"AAPL-{number}.csv", made)))
        assert found.bids.iloc[-1] == frame.priceBid.iloc[-1]
        assert found.ask_sizes.iloc[-1] == frame.sizeAsk.iloc[-1]


def test_a_side_without_a_quote(tmp_path: Path) -> None:
    frame = quotes(10)
    frame.loc[3:5, ["priceBid", "sizeBid"]] = 0
    frame.loc[8, "priceAsk"] = -1
    found = everything(opened(write(tmp_path, "AAPL.csv", frame)))
    assert set(found.bid_sizes[found.bids == -1]) == {0}
    assert (found.bids == -1).any() and (found.asks == -1).any()


def test_crossed_quotes_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    frame = quotes(30)
    frame.loc[11, "priceAsk"] = frame.priceBid[11]
    found = everything(opened(write(tmp_path, "AAPL.csv", frame)))
    assert (found.asks > found.bids).all()
    assert "0 rows outside trading hours are left out, and 1 bids that are not below their asks" in caplog.text
    assert "the first is line 13" in caplog.text


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("price", -1.0, "price -1 is no price"),
        ("price", np.nan, "price nan is no price"),
        ("size", -3, "size -3 is no size"),
    ],
)
def test_a_wrong_trade_is_named(tmp_path: Path, column: str, value: float, message: str) -> None:
    frame = trades(20)
    frame[column] = frame[column].astype(float)
    frame.loc[4, column] = value
    with pytest.raises(PriceFileError, match=message) as caught:
        opened(write(tmp_path, "AAPL.csv", frame))
    assert caught.value.row == "line 6"


def test_a_wrong_quote_is_named(tmp_path: Path) -> None:
    frame = quotes(20)
    frame.loc[4, "priceAsk"] = -7
    with pytest.raises(PriceFileError, match="line 6: ask -7 is no price"):
        opened(write(tmp_path, "AAPL.csv", frame))


def test_times_that_go_back_are_named(tmp_path: Path) -> None:
    frame = trades(20).iloc[[*range(9), 10, 9, *range(11, 20)]]
    with pytest.raises(PriceFileError, match=r"line 12: time 2026.* goes back: 2026.* is before it"):
        opened(write(tmp_path, "AAPL.csv", frame))


def test_parts_of_units_count_as_one(tmp_path: Path) -> None:
    frame = trades(8).assign(size=[0.2, 1.4, 2.6, 1.0, 3.0, 0.0, 5.0, 1.0])
    found = everything(opened(write(tmp_path, "AAPL.csv", frame)))
    assert found.traded[found.last_times == found.times].tolist() == [1, 1, 3, 1, 3, 0, 5, 1]


@pytest.mark.parametrize("what", ["BID", "ASK", "MIDPOINT"])
@pytest.mark.parametrize("name", ["trades", "quotes"])
def test_the_average_of_a_quote_is_weighted_by_time(tmp_path: Path, what: str, name: str) -> None:
    """As pandas has it: each price counts as long as it stands, millisecond by millisecond."""
    source = source_of(tmp_path, name)
    begin, end = micros(BEGIN), micros(END) - micros(END) % 60_000_000
    [span] = [each._replace(begin=begin, end=end) for each in spans(APPLE, DAY, DAY)]
    found = told(source, APPLE, [span], 60, what)
    columns, moment = [], begin
    while moment < end:
        columns.append(source.quotes(APPLE, span.session, moment))
        moment = columns[-1].end
    joined = {name: np.concatenate([getattr(each, name) for each in columns]) for name in ("times", "bids", "asks")}
    frame = pd.DataFrame(joined).drop_duplicates("times", keep="last").set_index("times")
    price = {"BID": frame.bids, "ASK": frame.asks, "MIDPOINT": (frame.bids + frame.asks) / 2}[what]
    grid = price.reindex(np.arange(begin, end, 1000), method="ffill")
    expected = grid.groupby(grid.index // 60_000_000 * 60_000_000).mean()
    assert found.begins.tolist() == expected.index.tolist()
    assert found.averages.to_numpy() == pytest.approx(expected.to_numpy(), abs=0.001)
    assert (found.averages != (found.opens + found.highs + found.lows + found.closes) / 4).any()
