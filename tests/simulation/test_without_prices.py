"""When files have no prices in a simulation, and that it is told."""

import asyncio
from datetime import datetime

import pandas as pd
import pytest

from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.price_files import open_files
from ibdesk.simulation import WithoutPrices, simulate, simulation
from ibdesk.simulation.without_prices import without_prices


def moment(text):
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=NEW_YORK)


def prices(folder, symbol, first, last, size="1min"):
    times = pd.date_range(moment(first), moment(last), freq=size, inclusive="left")
    times = times[(times.time >= pd.Timestamp("09:30").time()) & (times.time < pd.Timestamp("16:00").time())]
    frame = pd.DataFrame({"date": times, "open": 50.0, "high": 50.0, "low": 50.0, "close": 50.0, "volume": 100})
    frame.to_csv(folder / f"{symbol}.csv", index=False)
    return folder


START, END = moment("02 09:00"), moment("06")
"""Monday morning to the end of Thursday."""


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("01", "10", []),
        ("02 09:00", "05 16:00", []),
        ("02 09:44", "05 15:46", []),  # a quiet quarter of an hour is no gap
        ("01", "05 15:44", [("05 15:44", "06")]),
        ("02 09:46", "10", [("02 09:00", "02 09:46")]),
        ("03 09:30", "04 16:00", [("02 09:00", "03 09:30"), ("04 16:00", "06")]),
        ("03 12:00", "04 12:00", [("02 09:00", "03 12:00"), ("04 12:00", "06")]),
        ("09", "10", [("02 09:00", "06")]),
    ],
)
def test_files_that_begin_later_or_end_earlier(tmp_path, first, last, expected):
    source = open_files(prices(tmp_path, "AAPL", first, last), seed=1, today=START.date())
    found = without_prices(source, START, END)
    assert found == tuple(WithoutPrices("AAPL", *map(moment, span)) for span in expected)


def test_files_of_the_week_before(tmp_path):
    source = open_files(prices(tmp_path, "AAPL", "02", "06"), seed=1, today=START.date())
    week = moment("09 09:00"), moment("14")
    assert without_prices(source, *week) == (WithoutPrices("AAPL", *week),)


def test_without_files_there_are_prices_always():
    assert without_prices(None, START, END) == ()


def test_the_result_tells_it_and_a_warning_does_at_the_start(tmp_path, caplog):
    prices(tmp_path, "AAPL", "02", "04 16:00")
    prices(tmp_path, "NVDA", "03 12:00", "06")
    result = simulate(lambda: None, START, END, data=tmp_path)
    assert result.without_prices == ()  # the program ended at once
    [record] = caplog.records
    assert record.getMessage() == (
        "the files have no prices of AAPL from 2026-11-04 16:00 to 2026-11-06 00:00 New York time, in the simulation, "
        "nor at times of 1 more"
    )

    async def main():
        await asyncio.sleep(1_000_000)

    lines = str(simulate(main, START, END, data=tmp_path)).splitlines()
    assert lines[-2:] == [
        "No prices of AAPL from 2026-11-04 16:00 to 2026-11-06 00:00",
        "No prices of NVDA from 2026-11-02 09:00 to 2026-11-03 12:00",
    ]


async def test_a_simulation_without_an_end_warns_at_the_start(tmp_path, caplog):
    prices(tmp_path, "AAPL", "03", "04 16:00")
    async with simulation(START, data=tmp_path) as world:
        assert "no prices of AAPL from 2026-11-02 09:00 to 2026-11-03 09:00" in caplog.text
        await world.until("2026-11-06")
        assert len(world.result().without_prices) == 2


def test_many_are_told_in_a_few_lines(tmp_path):
    for number in range(13):
        prices(tmp_path, f"ZZ{chr(65 + number)}", "02", "03")

    async def main():
        await asyncio.sleep(1_000_000)

    lines = str(simulate(main, START, END, data=tmp_path)).splitlines()
    assert lines[-2:] == ["No prices of ZZJ from 2026-11-02 16:00 to 2026-11-06 00:00", "No prices of 3 more at times"]
