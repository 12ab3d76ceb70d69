"""Good and bad files in every spelling: pandas says what is in the good ones, errors what is wrong in the others."""

import gzip
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from paper.price_files.frames import (
    APPLE,
    BMW,
    EURO,
    MICROSOFT,
    NEW_YORK,
    SPX,
    bars,
    instrument_of,
    minutes,
    opened,
    spans,
    told,
    trading_days,
    write,
)

from ibdesk.errors import PriceFileError
from ibdesk.paper.instruments import Instrument
from ibdesk.paper.price_files.library import Library, open_library

PRICES, COLUMNS = ["opens", "highs", "lows", "closes"], ["open", "high", "low", "close"]
INTRADAY = bars(minutes(count=120))
DAILY = bars(trading_days("2026-02-02", "2026-03-31"))
FIRST, LAST = "2026-02-01", "2026-03-31"

Writer = Callable[[Path], Path]


def nanoseconds(times: pd.Series) -> pd.Series:
    return times.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[ns]").astype("int64")


def ib(frame: pd.DataFrame) -> pd.DataFrame:
    """`util.df` of the answer to reqHistoricalData."""
    return frame.rename(columns={"time": "date"}).assign(average=frame.close, barCount=7)


def ib_texts(frame: pd.DataFrame, spelling: str) -> pd.DataFrame:
    return ib(frame).assign(date=frame.time.dt.strftime(spelling))


def yahoo(frame: pd.DataFrame, time: str) -> pd.DataFrame:
    named = frame.rename(columns={name: name.capitalize() for name in (*COLUMNS, "volume")})
    named.insert(5, "Adj Close", named.Close * 0.9)
    return named.rename(columns={"time": time})


def yahoo_download(frame: pd.DataFrame, symbols: list[str], time: str = "Date") -> pd.DataFrame:
    """A frame of `yfinance.download`, whose columns have two names each."""
    columns = {
        (price.capitalize(), symbol): frame[price].to_numpy() * (1 + number)
        for price in ("close", "high", "low", "open", "volume")
        for number, symbol in enumerate(symbols)
    }
    made = pd.DataFrame(columns, index=pd.Index(frame.time, name=time))
    made.columns = pd.MultiIndex.from_tuples(made.columns, names=["Price", "Ticker"])
    return made


def stooq(frame: pd.DataFrame, period: str, ticker: str = "AAPL.US") -> pd.DataFrame:
    daily = period == "D"
    warsaw = frame.time if daily else frame.time.dt.tz_convert("Europe/Warsaw")
    named = {f"<{name.upper()}>": frame[name] for name in COLUMNS}
    head = {"<TICKER>": ticker, "<PER>": period, "<DATE>": warsaw.dt.strftime("%Y%m%d")}
    clock = "000000" if daily else warsaw.dt.strftime("%H%M%S")
    return pd.DataFrame({**head, "<TIME>": clock, **named, "<VOL>": frame.volume, "<OPENINT>": 0})


def polygon_flat(frame: pd.DataFrame, ticker: str = "AAPL") -> pd.DataFrame:
    time = nanoseconds(frame.time if frame.time.dt.tz else frame.time.dt.tz_localize(NEW_YORK))
    names = ["volume", "open", "close", "high", "low"]
    return (
        frame[names].assign(window_start=time, transactions=7).assign(ticker=ticker)[["ticker", *names, "window_start"]]
    )


def polygon_rest(frame: pd.DataFrame) -> pd.DataFrame:
    short = frame.rename(columns={"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"})
    return short.assign(t=nanoseconds(frame.time) // 1_000_000, vw=frame.close, n=7, T="AAPL").drop(columns="time")


def alpaca(frame: pd.DataFrame, symbol: str = "AAPL") -> pd.DataFrame:
    head = pd.DataFrame({"symbol": symbol, "timestamp": frame.time.dt.tz_convert("UTC")})
    return head.join(frame[[*COLUMNS, "volume"]]).assign(trade_count=7, vwap=frame.close)


GOOD_INTRADAY: dict[str, Writer] = {
    "IB, CSV": lambda at: write(at, "AAPL.csv", ib(INTRADAY)),
    "IB, with the index": lambda at: write(at, "AAPL.csv", ib(INTRADAY), index=True),
    "IB, Parquet": lambda at: write(at, "AAPL.parquet", ib(INTRADAY)),
    "IB, UTC": lambda at: write(at, "AAPL.csv", ib(INTRADAY.assign(time=INTRADAY.time.dt.tz_convert("UTC")))),
    "IB, its texts": lambda at: write(at, "AAPL.csv", ib_texts(INTRADAY, "%Y%m%d %H:%M:%S US/Eastern")),
    "Yahoo": lambda at: write(at, "AAPL.csv", yahoo(INTRADAY, "Datetime")),
    "Yahoo, download": lambda at: write(at, "a.csv", yahoo_download(INTRADAY, ["AAPL"], "Datetime"), index=True),
    "Yahoo, Parquet": lambda at: write(at, "a.parquet", yahoo_download(INTRADAY, ["AAPL"], "Datetime")),
    "Polygon, flat file": lambda at: write(at, "2026-03-02.csv.gz", polygon_flat(INTRADAY)),
    "Polygon, REST": lambda at: write(at, "answer.csv", polygon_rest(INTRADAY)),
    "Polygon, REST, Parquet": lambda at: write(at, "answer.parquet", polygon_rest(INTRADAY)),
    "Alpaca": lambda at: write(at, "bars.csv", alpaca(INTRADAY)),
    "Alpaca, Parquet": lambda at: write(at, "bars.parquet", alpaca(INTRADAY).set_index(["symbol", "timestamp"])),
}
IN_NEW_YORK: dict[str, Writer] = {
    "IB, without a zone": lambda at: write(
        at, "AAPL.csv", ib(INTRADAY.assign(time=INTRADAY.time.dt.tz_localize(None)))
    ),
    "IB, its texts": lambda at: write(at, "AAPL.csv", ib_texts(INTRADAY, "%Y%m%d %H:%M:%S")),
    "a Parquet file": lambda at: write(at, "AAPL.parquet", INTRADAY.assign(time=INTRADAY.time.dt.tz_localize(None))),
}
IN_WARSAW: dict[str, Writer] = {
    "Stooq, of its archive": lambda at: write(at, "aapl.us.txt", stooq(INTRADAY, "1")),
    "Stooq, of its page": lambda at: write(
        at,
        "aapl_us_1.csv",
        pd.DataFrame(
            {
                "Date": INTRADAY.time.dt.tz_convert("Europe/Warsaw").dt.strftime("%Y-%m-%d"),
                "Time": INTRADAY.time.dt.tz_convert("Europe/Warsaw").dt.strftime("%H:%M:%S"),
            }
        ).join(yahoo(INTRADAY, "time").drop(columns=["time", "Adj Close"])),
    ),
}
GOOD_DAILY: dict[str, Writer] = {
    "IB, CSV": lambda at: write(at, "AAPL.csv", ib(DAILY.assign(time=DAILY.time.dt.date))),
    "IB, Parquet": lambda at: write(at, "AAPL.parquet", ib(DAILY.assign(time=DAILY.time.dt.date))),
    "IB, its texts": lambda at: write(at, "AAPL.csv", ib_texts(DAILY, "%Y%m%d")),
    "Yahoo, of its old page": lambda at: write(at, "AAPL.csv", yahoo(DAILY, "Date")),
    "Yahoo, history": lambda at: write(
        at, "AAPL.csv", yahoo(DAILY.assign(time=DAILY.time.dt.tz_localize(NEW_YORK)), "Date").assign(Dividends=0.0)
    ),
    "Yahoo, download": lambda at: write(at, "a.csv", yahoo_download(DAILY, ["AAPL"]), index=True),
    "Yahoo, Parquet": lambda at: write(at, "a.parquet", yahoo_download(DAILY, ["AAPL"])),
    "Stooq, of its page": lambda at: write(at, "aapl_us_d.csv", yahoo(DAILY, "Date").drop(columns="Adj Close")),
    "Stooq, of its archive": lambda at: write(at, "aapl.us.txt", stooq(DAILY, "D")),
    "Polygon, flat file": lambda at: write(at, "day.csv", polygon_flat(DAILY)),
    "Alpaca": lambda at: write(at, "day.csv", alpaca(DAILY.assign(time=DAILY.time.dt.tz_localize(NEW_YORK)))),
    "with semicolons": lambda at: write(at, "AAPL.csv", DAILY, sep=";"),
}


def check(data: Path, wanted: pd.DataFrame, seconds: int, instrument: Instrument = APPLE, **options: Any) -> None:
    found = told(opened(data, **options), instrument, spans(instrument, FIRST, LAST), seconds)
    assert (found[PRICES].to_numpy() == wanted[COLUMNS].to_numpy()).all()
    assert found.volumes.tolist() == wanted.volume.tolist()
    if seconds:
        assert found.begins.tolist() == (nanoseconds(wanted.time) // 1000).tolist()
    else:
        days = pd.to_datetime(found.begins, unit="us", utc=True).dt.tz_convert(NEW_YORK).dt.date
        assert days.tolist() == wanted.time.dt.date.tolist()


@pytest.mark.parametrize("spelling", GOOD_INTRADAY)
def test_bars_of_a_minute_in_every_spelling(tmp_path: Path, spelling: str) -> None:
    check(GOOD_INTRADAY[spelling](tmp_path), INTRADAY, 60)


@pytest.mark.parametrize("spelling", GOOD_DAILY)
def test_bars_of_a_day_in_every_spelling(tmp_path: Path, spelling: str) -> None:
    check(GOOD_DAILY[spelling](tmp_path), DAILY, 0)


@pytest.mark.parametrize("spelling", IN_NEW_YORK)
def test_a_zone_that_is_given(tmp_path: Path, spelling: str) -> None:
    check(IN_NEW_YORK[spelling](tmp_path), INTRADAY, 60, zone="America/New_York")


@pytest.mark.parametrize("spelling", IN_WARSAW)
def test_the_clock_of_stooq_is_that_of_warsaw(tmp_path: Path, spelling: str) -> None:
    check(IN_WARSAW[spelling](tmp_path), INTRADAY, 60, zone="Europe/Warsaw")


@pytest.mark.parametrize("spelling", [*IN_NEW_YORK, *IN_WARSAW])
def test_an_unknown_zone_is_an_error(tmp_path: Path, spelling: str) -> None:
    path = {**IN_NEW_YORK, **IN_WARSAW}[spelling](tmp_path)
    with pytest.raises(PriceFileError, match="zone unknown: the time 2026-03-02T") as caught:
        opened(path)
    assert (caught.value.path, caught.value.row) == (str(path), "row 0" if path.suffix == ".parquet" else "line 2")


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_several_symbols_beside_each_other(tmp_path: Path, name: str) -> None:
    frame = yahoo_download(DAILY, ["AAPL", "MSFT"])
    frame.iloc[5, frame.columns.get_level_values(1) == "MSFT"] = np.nan  # a day of which there is one alone
    path = write(tmp_path, name, frame, index=True)
    check(path, DAILY, 0)
    double = DAILY.assign(**{each: DAILY[each] * 2 for each in (*COLUMNS, "volume")}).drop(index=5)
    check(path, double, 0, MICROSOFT)


@pytest.mark.parametrize("name", ["bars.csv", "bars.parquet"])
@pytest.mark.parametrize("by", ["symbol", "timestamp"])
def test_several_symbols_below_each_other(tmp_path: Path, name: str, by: str) -> None:
    other = bars(minutes(count=120), seed=5)
    frame = pd.concat([alpaca(INTRADAY), alpaca(other, "MSFT")]).sort_values([by, "symbol"])
    path = write(tmp_path, name, frame)
    check(path, INTRADAY, 60)
    check(path, other, 60, MICROSOFT)


def test_files_that_follow_each_other_are_one_series(tmp_path: Path) -> None:
    days = [bars(minutes(f"2026-03-0{day} 09:30", 30), seed=day) for day in (2, 3, 4)]
    for day, frame in zip((2, 3, 4), days, strict=True):
        write(tmp_path, f"2026-03-0{day}.csv.gz", polygon_flat(frame))
    check(tmp_path, pd.concat(days), 60)


def test_a_folder_is_searched_and_files_may_be_listed(tmp_path: Path) -> None:
    (tmp_path / "us").mkdir()
    one = write(tmp_path / "us", "AAPL.csv", DAILY)
    other = write(tmp_path, "MSFT.parquet", DAILY)
    (tmp_path / ".AAPL.csv").write_text("hidden")
    (tmp_path / "notes.md").write_text("about")
    for data in (tmp_path, [one, other], [str(one), str(other)]):
        source = opened(data)
        assert source.instruments == [MICROSOFT, APPLE] or source.instruments == [APPLE, MICROSOFT]


def test_prices_of_an_exchange_elsewhere(tmp_path: Path) -> None:
    frame = bars(pd.date_range("2026-03-02 09:00", periods=60, freq="1min", tz="Europe/Berlin"))
    check(write(tmp_path, "BMW.csv", frame), frame, 60, BMW)


def test_forex_has_no_volume(tmp_path: Path) -> None:
    frame = bars(minutes(count=30), digits=5, price=1.1).assign(volume=-1)
    source = opened(write(tmp_path, "EURUSD.csv", frame))
    found = told(source, EURO, spans(EURO, "2026-03-02", "2026-03-02"), 60, "MIDPOINT")
    assert (found[PRICES].to_numpy() == frame[COLUMNS].to_numpy()).all()


# What is wrong


def bad(change: Callable[[pd.DataFrame], Any], frame: pd.DataFrame = DAILY) -> pd.DataFrame:
    copy = frame.copy()
    made = change(copy)
    return copy if made is None else made


def put(row: int, **values: Any) -> Callable[[pd.DataFrame], None]:
    def change(frame: pd.DataFrame) -> None:
        for name, value in values.items():
            if isinstance(value, str):
                frame[name] = frame[name].astype(object)
            frame.loc[row, name] = value

    return change


HIGH, LOW = DAILY.high[7], DAILY.low[7]
BAD_ROWS: dict[str, tuple[pd.DataFrame, int, str]] = {
    "high below low": (bad(put(7, high=LOW - 1, low=LOW)), 7, rf"high {LOW - 1:.15g} is below low {LOW:.15g}"),
    "open above high": (bad(put(7, open=HIGH + 2)), 7, rf"open {HIGH + 2:.15g} is not between low .* and high {HIGH}"),
    "close below low": (bad(put(7, close=LOW - 2)), 7, rf"close {LOW - 2:.15g} is not between"),
    "negative": (bad(put(7, low=-1.5)), 7, "low -1.5 is no price"),
    "zero": (bad(put(7, open=0.0)), 7, "open 0 is no price"),
    "nan": (bad(put(7, open=np.nan)), 7, "open nan is no price"),
    "infinite": (bad(put(7, high=np.inf)), 7, "high inf is no price"),
    "negative volume": (bad(put(7, volume=-5)), 7, "volume -5 is no number of units"),
    "back": (bad(lambda f: f.iloc[[*range(7), 8, 7, *range(9, len(f))]]), 8, "time 2026-02-11 goes back: 2026-02-12"),
    "twice": (bad(lambda f: f.iloc[[*range(8), *range(7, len(f))]]), 8, "time 2026-02-11 twice"),
}


@pytest.mark.parametrize("name", ["AAPL.csv", "AAPL.parquet"])
@pytest.mark.parametrize("fault", BAD_ROWS)
def test_a_wrong_row_is_named(tmp_path: Path, fault: str, name: str) -> None:
    frame, row, text = BAD_ROWS[fault]
    path = write(tmp_path, name, frame.reset_index(drop=True))
    with pytest.raises(PriceFileError, match=text) as caught:
        opened(path)
    assert isinstance(caught.value, ValueError)
    assert caught.value.row == (f"row {row}" if name == "AAPL.parquet" else f"line {row + 2}")
    assert str(caught.value).startswith(f"{path}, {caught.value.row}: ")


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("date,open,high,low,close\n2026-03-02,1,2,1\n", "line 2", "4 columns instead of 5: '2026-03-02,1,2,1'"),
        ("date,open,high,low,close\n2026-03-02,1,2,1,x1\n", "line 2", "'x1' is no number"),
        ("date,open,high,low,close\n2026-03-02,1,2,1,1\n\n03/03/2026,1,2,1,1\n", "line 4", "'03/03/2026' is not told"),
        ("date,open,high,low,close\n2026-03-02,1,2,1,1\n2026-02-30,1,2,1,1\n", "line 3", "'2026-02-30' does not exist"),
        ("date,open,high,low,close\n2026-03-02,1,2,1,1\n,1,2,1,1\n", "line 3", "no time"),
        ("date,open,high,low,close\n1 March,1,2,1,1\n", "", "time '1 March' is in no spelling that is known"),
        ("date,open,high\n2026-03-02,1,2\n", "", "missing columns: low, close; there are 'date', 'open', 'high'"),
        ("open,high,low,close\n1,2,1,1\n", "", "missing column: the time; there are 'open'"),
        ("date,price\n2026-03-02 09:30:00Z,1\n", "", "missing columns: size; there are 'date', 'price'"),
        ("time,price,size,bid,ask,bid_price,ask_price\n1,1,1,1,1,1,1\n", "", "trades and quotes in one row"),
        ("date,open,high,low,close\n", "", "no rows"),
        ("\n", "line 1", "empty, where the names of the columns are wanted"),
        ("ticker,date,open,high,low,close\nXX,2026-03-02,1,2,1,1\n", "", "no instrument has the symbol 'XX'"),
        ("ticker,date,open,high,low,close\n,2026-03-02,1,2,1,1\n", "line 2", "no symbol"),
        ("<PER>,<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>\nW,20260302,1,2,1,1\n", "line 2", "bars of the size 'W'"),
        ("t,o,h,l,c\n1772461800000,1,2,1,1\n1772461860,1,2,1,1\n", "line 3", "time 1772461860 is not counted like"),
        ("t,o,h,l,c\n17724618000,1,2,1,1\n", "", "no number of seconds, milli-, micro- or nanoseconds"),
        ("t,o,h,l,c\n2026-03-08 02:30:00,1,2,1,1\n", "line 2", "show 2026-03-08T02:30:00 twice or never"),
    ],
)  # fmt: skip
def test_a_text_that_is_wrong(tmp_path: Path, text: str, row: str, message: str) -> None:
    path = tmp_path / "AAPL.csv"
    path.write_text(text)
    with pytest.raises(PriceFileError) as caught:
        opened(path, zone="America/New_York")
    assert message in str(caught.value)
    assert caught.value.row == row


def test_days_and_moments_do_not_mix(tmp_path: Path) -> None:
    times = [pd.Timestamp("2026-03-02"), pd.Timestamp("2026-03-03"), pd.Timestamp("2026-03-04 10:00")]
    path = write(tmp_path, "AAPL.parquet", bars(pd.DatetimeIndex(times)))
    with pytest.raises(PriceFileError, match="time 2026-03-04T10:00:00 in a file of bars of a day"):
        opened(path)


@pytest.mark.parametrize("first", ["1min", "5min"])
def test_sizes_do_not_mix(tmp_path: Path, first: str) -> None:
    other = {"1min": "5min", "5min": "1min"}[first]
    frame = pd.concat([bars(minutes("2026-03-02 09:30", 60, first)), bars(minutes("2026-03-03 09:30", 60, other))])
    path = write(tmp_path, "AAPL.csv", frame)
    with pytest.raises(PriceFileError, match="rows are 300 seconds apart, and others 60: files of an instr"):
        opened(path)


@pytest.mark.parametrize("beside", [True, False])
def test_instruments_and_files_of_other_sizes_do_not_mix(tmp_path: Path, beside: bool) -> None:
    one, other = bars(minutes(count=60)), bars(minutes("2026-03-03 09:30", 60, "5min"))
    if beside:
        path = write(tmp_path, "bars.csv", pd.concat([alpaca(one), alpaca(other, "MSFT")]))
    else:
        write(tmp_path, "2026-03-02.csv", alpaca(one))
        path = write(tmp_path, "2026-03-03.csv", alpaca(other))
    with pytest.raises(PriceFileError, match="rows are 300 seconds apart, and others 60") as caught:
        opened(tmp_path)
    assert (caught.value.path, caught.value.row) == (str(path), "line 63" if beside else "line 3")


def test_an_instrument_of_few_rows_has_the_size_of_the_others(tmp_path: Path) -> None:
    few = bars(minutes(count=120), seed=9).iloc[[0, 30, 60]]
    path = write(tmp_path, "bars.csv", pd.concat([alpaca(INTRADAY), alpaca(few, "MSFT")]))
    source = opened(path)
    found = told(source, MICROSOFT, spans(MICROSOFT, FIRST, LAST), 0)
    assert found.lengths.tolist() == [60_000_000] * 3
    # So it has in files that follow each other.
    folder = tmp_path / "days"
    folder.mkdir()
    write(folder, "1.csv", alpaca(few))
    write(folder, "2.csv", alpaca(bars(minutes("2026-03-03 09:30", 60))))
    whole = told(opened(folder), APPLE, spans(APPLE, FIRST, LAST), 0)
    assert set(whole.lengths) == {60_000_000}


def test_two_files_of_one_instrument(tmp_path: Path) -> None:
    write(tmp_path, "AAPL.csv", DAILY)
    other = write(tmp_path, "AAPL.parquet", DAILY)
    with pytest.raises(
        PriceFileError, match=r"AAPL is in .*AAPL.csv until 2026-03-31, and here from 2026-02-02"
    ) as caught:
        opened(tmp_path)
    assert caught.value.path == str(other)


def test_two_files_of_other_sizes(tmp_path: Path) -> None:
    write(tmp_path, "AAPL.csv", DAILY[:20])
    write(tmp_path, "AAPL_1min.csv", bars(minutes("2026-03-20 09:30")))
    with pytest.raises(PriceFileError, match="bars of AAPL are of another size than in"):
        opened(tmp_path)


def test_bars_and_ticks_of_one_instrument(tmp_path: Path) -> None:
    write(tmp_path, "AAPL.csv", DAILY)
    trades = pd.DataFrame({"time": minutes(count=3), "price": [1.0, 2, 3], "size": [1, 2, 3]})
    write(tmp_path, "AAPL_trades.csv", trades)
    with pytest.raises(PriceFileError, match="AAPL is there as bars and as ticks"):
        opened(tmp_path)


def test_the_size_that_stooq_tells_is_that_of_the_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "aapl.us.txt", stooq(INTRADAY, "5"))
    with pytest.raises(PriceFileError, match="a bar at 2026-03-02T14:31:00 UTC does not follow") as caught:
        opened(path, zone="Europe/Warsaw")
    assert caught.value.row == "line 3"
    path = write(tmp_path, "aapl.us.txt", pd.concat([stooq(INTRADAY[:9], "1"), stooq(INTRADAY[9:], "5")]))
    with pytest.raises(PriceFileError, match="line 11: a bar of the size '5' after others"):
        opened(path, zone="Europe/Warsaw")


def test_bars_of_a_week(tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", bars(pd.date_range("2026-01-05", periods=10, freq="7D")))
    with pytest.raises(PriceFileError, match="at least 5 days apart: bars of 1 second to 1 day are known"):
        opened(path)


def test_rows_outside_the_hours_are_left_out_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outside = bars(minutes("2026-03-02 02:00", 30))
    for name in ("AAPL.csv", "AAPL.parquet"):
        caplog.clear()
        path = write(tmp_path, name, pd.concat([outside, INTRADAY]))
        with caplog.at_level(logging.WARNING, "ibdesk"):
            check(path, INTRADAY, 60)
        first = "row 0" if name == "AAPL.parquet" else "line 2"
        [record] = caplog.records
        assert record.getMessage() == (
            f"{path}: 30 rows outside trading hours are left out, 20.0% of those of AAPL: the zone may be wrong; the "
            f"first is {first} (AAPL at 2026-03-02T07:00:00Z)"
        )


def test_days_on_which_the_exchange_is_closed_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sunday = bars(pd.DatetimeIndex(["2026-02-01"]))
    with caplog.at_level(logging.WARNING, "ibdesk"):
        check(write(tmp_path, "AAPL.csv", pd.concat([sunday, DAILY])), DAILY, 0)
    told_share = (
        "1 rows outside trading hours are left out, 2.4% of those of AAPL; the first is line 2 (AAPL at 2026-02-01)"
    )
    assert told_share in caplog.text


def test_most_rows_outside_the_hours_mean_a_wrong_zone(tmp_path: Path) -> None:
    path = IN_WARSAW["Stooq, of its archive"](tmp_path)
    with pytest.raises(PriceFileError, match=r"120 of 120 rows of AAPL.US are outside.*the zone is probably wrong"):
        opened(path, zone="Asia/Tokyo")


def days_of(first: str, last: str, *, shift: int = 0, freq: str = "1min", days: int = 10) -> pd.DataFrame:
    """Bars from `first` to `last` of trading days, as if read in a zone that is `shift` hours wrong."""
    times = [
        time
        for day in trading_days("2026-03-02", "2026-03-31")[:days]
        for time in pd.date_range(f"{day:%Y-%m-%d} {first}", f"{day:%Y-%m-%d} {last}", freq=freq, inclusive="left")
    ]
    return bars((pd.DatetimeIndex(times) + pd.Timedelta(hours=shift)).tz_localize("America/New_York"))


REGULAR = ("09:30", "16:00")


@pytest.mark.parametrize("freq", ["1min", "30min"])
@pytest.mark.parametrize("shift", [-1, -3, -5, 1, 3, 4])
@pytest.mark.parametrize("cached", [False, True])
def test_a_zone_that_is_wrong_by_a_few_hours_is_warned_of(tmp_path: Path, caplog, shift, freq, cached) -> None:
    path = write(tmp_path, "AAPL.csv", days_of(*REGULAR, shift=shift, freq=freq))
    for _ in range(1 + cached):
        caplog.clear()
        opened(path, cache=tmp_path / "cache")
    [record] = [each for each in caplog.records if each.levelname == "WARNING"]
    assert record.getMessage() == (
        f"{path}: on 10 of 10 days the rows of AAPL are shifted against the regular hours, and end long before these "
        "do or begin long after: the zone may be wrong"
    )


@pytest.mark.parametrize(
    "frame",
    [
        days_of(*REGULAR),
        days_of(*REGULAR, freq="1h"),
        days_of("04:00", "20:00"),
        days_of("04:00", "20:00", freq="4h"),
        days_of("04:00", "16:00"),
        days_of("09:30", "20:00"),
        days_of("10:00", "15:30"),
        days_of(*REGULAR, shift=-3, days=2),
        days_of("04:00", "20:00", freq="4h", shift=1),  # few rows tell nothing
    ],
)
def test_a_zone_that_can_be_meant_is_not_warned_of(tmp_path: Path, caplog, frame) -> None:
    opened(write(tmp_path, "AAPL.csv", frame))
    assert not [each for each in caplog.records if each.levelname == "WARNING"]


@pytest.mark.parametrize("name", ["AAPL.csv", "AAPL.parquet"])
def test_utc_that_is_read_as_new_york_is_refused(tmp_path: Path, name) -> None:
    path = write(tmp_path, name, days_of(*REGULAR, shift=5))
    with pytest.raises(PriceFileError, match=r"600 of 3900 rows of AAPL are outside.*the zone is probably wrong"):
        opened(path)
    with pytest.raises(PriceFileError):
        opened(path)


def test_the_zone_of_files_that_follow_each_other_is_looked_at_as_a_whole(tmp_path: Path, caplog) -> None:
    frame = days_of(*REGULAR, shift=-3)
    paths = []
    for day in range(10):
        (tmp_path / str(day)).mkdir()
        paths.append(write(tmp_path / str(day), "AAPL.csv", frame[day * 390 : day * 390 + 390]))
    opened(paths)
    assert "on 10 of 10 days the rows of AAPL are shifted" in caplog.text


def test_rows_without_any_price_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = yahoo(DAILY, "Date").to_csv(index=False).splitlines()
    lines.insert(5, "2026-02-05,null,null,null,null,null,null")
    del lines[6]
    path = tmp_path / "AAPL.csv"
    path.write_text("\n".join(lines))
    with caplog.at_level(logging.WARNING, "ibdesk"):
        found = told(opened(path), APPLE, spans(APPLE, FIRST, LAST), 0)
    assert len(found) == len(DAILY) - 1
    assert "1 rows without any price are left out" in caplog.text


@pytest.mark.parametrize("name", ["^GSPC.csv", "^GSPC.parquet"])
def test_rows_of_long_ago_are_left_out(tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    old = [f"{year}-03-02" for year in range(1789, 1981)]
    frame = DAILY.assign(time=DAILY.time.dt.strftime("%Y-%m-%d"))
    path = write(tmp_path, name, pd.concat([frame[:1].assign(time=each) for each in old] + [frame]))
    with caplog.at_level(logging.WARNING, "ibdesk"):
        check(path, DAILY, 0, SPX)
    assert caplog.messages == [f"{path}: 192 rows before 1981, where the market begins, are left out"]


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = write(tmp_path, "AAPL.csv", DAILY)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"reading files of prices needs pyarrow: pip install 'ibdesk\[data\]'"):
        opened(path)


def test_gaps_and_minutes_without_volume_are_fine(tmp_path: Path) -> None:
    frame = INTRADAY.drop(index=[5, 6, 7, 50]).assign(volume=0)
    check(write(tmp_path, "AAPL.csv", frame), frame, 60)


# What is opened


@pytest.mark.parametrize("data", [None, 5, b"x", "", [None]])
def test_what_is_no_data(data: Any) -> None:
    with pytest.raises(ValueError, match="data is a folder or a file of prices, or several of these, not"):
        opened(data)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file or folder of prices"):
        opened(tmp_path / "AAPL.csv")
    with pytest.raises(PriceFileError, match="no file of prices is in this folder"):
        opened(tmp_path)
    (tmp_path / "AAPL.xlsx").write_text("x")
    with pytest.raises(PriceFileError, match="files of prices end in"):
        opened(tmp_path / "AAPL.xlsx")
    (tmp_path / "AAPL.parquet").write_text("x")
    with pytest.raises(PriceFileError, match="not a Parquet file"):
        opened(tmp_path / "AAPL.parquet")
    (tmp_path / "AAPL.csv").write_bytes(b"date,open\xff\n")
    with pytest.raises(PriceFileError, match="not a text in UTF-8"):
        opened(tmp_path / "AAPL.csv")
    with gzip.open(tmp_path / "AAPL.csv.gz", "wt") as file:
        file.write("date\n")
    with pytest.raises(PriceFileError, match="missing columns"):
        opened(tmp_path / "AAPL.csv.gz")


def test_an_unknown_name_of_a_zone() -> None:
    with pytest.raises(ValueError, match="zone is one such as America/New_York, not 'Mars'"):
        opened("nowhere", zone="Mars")


def test_a_text_from_a_file_is_shown_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "AAPL.csv"
    path.write_text("date,open,high,low,close\n2026-03-02,1,2,1,\x1b[2J\n")
    with pytest.raises(PriceFileError) as caught:
        opened(path)
    assert "\x1b" not in str(caught.value)


def test_progress_is_told_page_by_page(tmp_path: Path) -> None:
    told_of: list[tuple[Path, int]] = []
    path = write(tmp_path, "AAPL.parquet", bars(minutes("2026-03-02 09:30", 23_400, "1s")))
    more = write(tmp_path, "MSFT.csv", DAILY)
    opened(tmp_path, progress=lambda *each: told_of.append(each))
    assert told_of == [(path, 23_400), (more, len(DAILY))]


def files_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_nothing_is_written_into_the_folder_of_the_data(tmp_path: Path) -> None:
    write(tmp_path, "AAPL.csv", DAILY)
    opened(tmp_path)
    assert files_in(tmp_path) == ["AAPL.csv"]


def test_a_converted_file_is_used_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data, cache = tmp_path / "data", tmp_path / "cache"
    data.mkdir()
    path = write(data, "AAPL.csv", pd.concat([bars(minutes("2026-03-02 02:00", 3)), INTRADAY]))
    for _ in range(2):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "ibdesk"):
            check(path, INTRADAY, 60, cache=cache)
        assert "3 rows outside trading hours are left out, 2.4% of those of AAPL: the zone may" in caplog.text
        [converted] = files_in(cache)
    before = (cache / converted).stat().st_mtime_ns
    check(path, INTRADAY, 60, cache=cache)
    assert (cache / converted).stat().st_mtime_ns == before
    # Another file is another conversion.
    write(data, "AAPL.csv", INTRADAY[:50])
    check(path, INTRADAY[:50], 60, cache=cache)
    assert len(files_in(cache)) == 2


def test_days_and_ticks_are_converted_too(tmp_path: Path) -> None:
    data, cache = tmp_path / "data", tmp_path / "cache"
    data.mkdir()
    path = write(data, "AAPL.csv", DAILY)
    for _ in range(2):
        check(path, DAILY, 0, cache=cache)


def test_a_file_with_a_fault_leaves_nothing_behind(tmp_path: Path) -> None:
    data, cache = tmp_path / "data", tmp_path / "cache"
    data.mkdir()
    path = write(data, "AAPL.csv", BAD_ROWS["nan"][0])
    with pytest.raises(PriceFileError):
        opened(path, cache=cache)
    assert files_in(cache) == []


# What is kept


def library(path: Path) -> Library:
    return open_library(path, instrument_of)


def test_a_row_is_found_in_any_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibdesk.paper.price_files.tables.PAGE_ROWS", 16)
    frame = INTRADAY.drop(index=[20, 21, 22])
    times = nanoseconds(frame.time).to_numpy() // 1000
    for name, options in (("AAPL.parquet", {"row_group_size": 50}), ("AAPL.csv", {})):
        path = write(tmp_path, name, frame, **options)
        found = library(path)
        [series] = found.series.values()
        assert len(series.pages) > 7
        for begin, end in ((0, 117), (3, 4), (15, 33), (30, 31), (100, 117), (116, 117)):
            rows = list(found.between(series, times[begin], times[end - 1] + 1))
            assert np.concatenate([each.times for each in rows]).tolist() == times[begin:end].tolist()
        for place in (1, 16, 17, 50, 116):
            before = found.before(series, times[place])
            assert before is not None
            assert before.times.tolist() == [times[place - 1]]
        assert found.before(series, times[0]) is None
        assert list(found.between(series, times[-1] + 1, 2**62)) == []


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_symbols_beside_each_other_in_several_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("ibdesk.paper.price_files.tables.PAGE_ROWS", 16)
    path = write(tmp_path, name, yahoo_download(INTRADAY, ["AAPL", "MSFT"], "Datetime"), index=True)
    check(path, INTRADAY, 60)
    double = INTRADAY.assign(**{each: INTRADAY[each] * 2 for each in (*COLUMNS, "volume")})
    check(path, double, 60, MICROSOFT)


def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibdesk.paper.price_files.tables.PAGE_ROWS", 16)
    monkeypatch.setattr("ibdesk.paper.price_files.library.KEPT_BYTES", 3000)
    path = write(tmp_path, "AAPL.parquet", INTRADAY)
    found = library(path)
    [series] = found.series.values()
    for page in [*range(len(series.pages)), 0, 3, 3, 2]:
        assert len(found.rows(series, page).times) in (16, 8)
        assert found.kept_bytes <= 3000
