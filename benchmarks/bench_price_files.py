"""What does it cost to trade from 59 million rows of a year? Time, and memory that stays bounded.

Ten instruments have a Parquet file each with bars of a second of the regular hours of a year, made up in a temporary
folder, which is deleted afterwards. A process of its own opens them, which reads and checks every row, and then takes
what a gateway takes: a day of bars of a minute, a year of bars of a day and of an hour of one instrument, and a day of
quotes and trades. Its peak of memory is that of all this (`ru_maxrss`), and is printed after each step.

    python benchmarks/bench_price_files.py [--rows 58968000] [--csv]

`--csv` takes CSV files instead, which are converted once. They need about 5 GB, their conversion 2 GB, of the disk.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ibdesk.paper.instruments import sessions

SYMBOLS = ("AAPL", "AMD", "INTC", "MSFT", "TSLA", "NVDA", "AMZN", "META", "IBM", "BA")
YEAR_ROWS = 10 * 252 * 23_400
GROUP_DAYS = 44
"""So many days are a group of rows: about a million rows, as pandas writes them."""

READER = """
import json, resource, sys, time
from datetime import date

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def told(what, begin, number):
    print(json.dumps({"what": what, "seconds": time.perf_counter() - begin, "rows": number, "MiB": peak()}), flush=True)

from ibdesk.paper.instruments import sessions
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.market.source import Span, micros
from ibdesk.paper.price_files import open_files

import pyarrow.csv, pyarrow.parquet
known = {each.symbol: each for each in load().instruments if each.currency == "USD"}
last = date.fromisoformat(sys.argv[2])
year = sessions("us_stock", date(2025, 1, 1), last)
told("libraries and calendars loaded", time.perf_counter(), 0)
count = {}
begin = time.perf_counter()
source = open_files(
    sys.argv[1], seed=1, today=last, instrument_of=known.__getitem__,
    progress=lambda path, rows: count.update({path: rows}),
)
told("open, all rows checked", begin, sum(count.values()))
apple = known["AAPL"]
first = micros(source.first(apple))
spans = [Span(each, micros(each.start), micros(each.end)) for each in year]
middle = spans[len(spans) // 2]
for what, wanted, seconds in (
    ("a day as bars of a minute, first time", [middle], 60),
    ("the same day again", [middle], 60),
    ("a year as bars of a day", spans, 0),
    ("a year as bars of an hour", spans, 3600),
):
    begin = time.perf_counter()
    told(what, begin, sum(len(part.begins) for part in source.bars(apple, wanted, seconds, "TRADES")))
begin, rows, moment = time.perf_counter(), 0, middle.begin
while moment < middle.end:
    found = source.quotes(apple, middle.session, moment)
    moment, rows = found.end, rows + len(found.times)
told("a day of quotes and trades", begin, rows)
begin, rows = time.perf_counter(), 0
for minute in range(330, 340):
    for each in source.instruments:
        rows += len(source.quotes(each, middle.session, middle.begin + minute * 60_000_000).times)
told("ten minutes of all instruments in turn", begin, rows)
"""


def days(number: int) -> list[date]:
    """The first trading days of 2025, and of the years after if that is not enough."""
    known = sessions("us_stock", date(2025, 1, 1), date(2025, 1, 1) + timedelta(days=2 * number + 30), regular=True)
    full = [each.day for each in known if each.end.hour == 16]
    return full[:number]


def day_of_bars(day: date, draw: np.random.Generator, price: float) -> pa.Table:
    """Bars of the seconds of a day: prices on the tick, each bar opening where the one before closed."""
    begin = sessions("us_stock", day, day, regular=True)[0].start
    seconds = int(begin.timestamp()) + np.arange(23_400)
    ends = np.round(price + np.cumsum(draw.integers(-3, 4, 23_400)) * 0.01, 2).clip(1.0)
    opens = np.concatenate([[price], ends[:-1]])
    above, below = draw.integers(0, 3, (2, 23_400)) * 0.01
    high = np.round(np.maximum(opens, ends) + above, 2)
    low = np.round(np.minimum(opens, ends) - below, 2).clip(0.01)
    columns = {"open": opens, "high": high, "low": low, "close": ends, "volume": draw.integers(0, 3_000, 23_400)}
    times = pa.array(seconds * 1_000_000, pa.timestamp("us", tz="UTC"))
    return pa.table({"date": times, **columns})


def tables(number: int, wanted: list[date]) -> Iterator[pa.Table]:
    draw, price = np.random.default_rng(number), 150.0
    for first in range(0, len(wanted), GROUP_DAYS):
        parts = []
        for day in wanted[first : first + GROUP_DAYS]:
            parts.append(day_of_bars(day, draw, price))
            price = max(parts[-1]["close"][-1].as_py(), 20.0)
        yield pa.concat_tables(parts)


def write_files(folder: Path, wanted: list[date], as_csv: bool) -> None:
    make: Callable[..., Any] = pyarrow.csv.CSVWriter if as_csv else pyarrow.parquet.ParquetWriter
    for number, symbol in enumerate(SYMBOLS):
        path = folder / f"{symbol}.{'csv' if as_csv else 'parquet'}"
        writer = None
        for table in tables(number, wanted):
            writer = writer or make(path, table.schema)
            writer.write_table(table)
        if writer:
            writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=YEAR_ROWS)
    parser.add_argument("--csv", action="store_true")
    arguments = parser.parse_args()
    wanted = days(max(arguments.rows // (len(SYMBOLS) * 23_400), 1))
    with tempfile.TemporaryDirectory(prefix="ibdesk-bench-") as name:
        begin = time.perf_counter()
        write_files(Path(name), wanted, arguments.csv)
        size = sum(each.stat().st_size for each in Path(name).iterdir())
        rows = len(wanted) * len(SYMBOLS) * 23_400
        print(f"{rows:,} rows, {size / 1e9:.2f} GB, written in {time.perf_counter() - begin:.0f} s\n")
        print(f"{'':42} {'seconds':>9} {'rows':>12} {'peak, MiB':>10}")
        command = [sys.executable, "-c", READER, name, wanted[-1].isoformat()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                told = json.loads(line)
                print(f"{told['what']:42} {told['seconds']:9.2f} {told['rows']:12,} {told['MiB']:10.0f}", flush=True)
        if child.returncode:
            sys.exit(child.returncode)


if __name__ == "__main__":
    main()
