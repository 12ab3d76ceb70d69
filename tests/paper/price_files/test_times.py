"""Columns of times in every spelling, held against pandas' own reading of them."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ibdesk.errors import PriceFileError
from ibdesk.paper.price_files.faults import Place
from ibdesk.paper.price_files.times import Stamps, reader_of

PLACE = Place(Path("a.csv"), "line")
MOMENTS = pd.DatetimeIndex(["2026-03-02 14:30:00", "2026-03-06 20:59:59.25", "2026-03-09 13:30:00.000001"], tz="UTC")
NEW_YORK = ZoneInfo("America/New_York")
MICROS = MOMENTS.tz_localize(None).astype("datetime64[us]").astype(np.int64)
WHOLE = [MOMENTS[0], MOMENTS[0] + pd.Timedelta(days=7)]


def read(column: Any, zone: ZoneInfo | None = None) -> Stamps:
    column = column if isinstance(column, pa.Array) else pa.array(column)
    numbers = np.arange(2, 2 + len(column))
    return reader_of(column, numbers, zone, PLACE)(column, numbers)


def in_new_york(spelling: str, moments: Any = MOMENTS) -> list[str]:
    return [each.tz_convert(NEW_YORK).strftime(spelling) for each in moments]


@pytest.mark.parametrize(
    "column",
    [
        [each.isoformat() for each in MOMENTS],
        in_new_york("%Y-%m-%d %H:%M:%S.%f%z"),
        in_new_york("%Y-%m-%dT%H:%M:%S.%f000%z"),
        [f" {each.isoformat()} " for each in MOMENTS],
        [each.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for each in MOMENTS],
        MICROS.tolist(),
        (MICROS * 1000).tolist(),
        [str(each) for each in MICROS * 1000],
        [each / 1e6 for each in MICROS.tolist()],
        [f"{each / 1e6:.6f}" for each in MICROS.tolist()],
        *(pa.array(MICROS, pa.timestamp("us", tz=zone)) for zone in ("UTC", "America/New_York")),
        pa.array(MICROS * 1000, pa.timestamp("ns", tz="UTC")),
    ],
)
def test_moments(column: Any) -> None:
    found = read(column)
    assert found.utc is not None
    assert found.utc.tolist() == MICROS.tolist()
    assert not found.is_date


@pytest.mark.parametrize(
    "column",
    [
        [int(each.timestamp()) for each in WHOLE],
        [int(each.timestamp() * 1000) for each in WHOLE],
        pa.array([int(each.timestamp()) for each in WHOLE], pa.timestamp("s", tz="UTC")),
        pa.array([int(each.timestamp() * 1000) for each in WHOLE], pa.timestamp("ms", tz="UTC")),
        [each.strftime("%Y%m%d-%H:%M:%S") for each in WHOLE],
        in_new_york("%Y%m%d %H:%M:%S US/Eastern", WHOLE),
        in_new_york("%Y%m%d  %H:%M:%S America/New_York", WHOLE),
        in_new_york("%Y-%m-%d %H:%M%z", WHOLE),
    ],
)
def test_moments_in_whole_seconds(column: Any) -> None:
    found = read(column)
    assert found.utc is not None
    assert found.utc.tolist() == [int(each.timestamp()) * 1_000_000 for each in WHOLE]


@pytest.mark.parametrize(
    "column",
    [
        in_new_york("%Y-%m-%d %H:%M:%S.%f"),
        in_new_york("%Y-%m-%dT%H:%M:%S.%f"),
        in_new_york("%Y-%m-%d %H:%M:%S.%f123"),
        pa.array(MOMENTS.tz_convert(NEW_YORK).tz_localize(None).to_numpy()),
    ],
)
def test_what_a_clock_shows(column: Any) -> None:
    assert read(column).utc is None
    found = read(column, NEW_YORK)
    assert found.utc is not None
    assert found.utc.tolist() == MICROS.tolist()
    assert found.wall().tolist() == [round(each * 1e6) for each in wall_seconds()]


def wall_seconds() -> list[float]:
    return [each.tz_convert(NEW_YORK).tz_localize(None).timestamp() for each in MOMENTS]


@pytest.mark.parametrize("column", [in_new_york("%Y%m%d %H:%M:%S", WHOLE), in_new_york("%Y-%m-%d %H:%M", WHOLE)])
def test_what_a_clock_shows_in_whole_seconds(column: Any) -> None:
    found = read(column, NEW_YORK)
    assert found.utc is not None
    assert found.utc.tolist() == [int(each.timestamp()) * 1_000_000 for each in WHOLE]


@pytest.mark.parametrize(
    "column",
    [
        ["2026-03-02", "1962-01-05"],
        ["20260302", "19620105"],
        [20260302, 19620105],
        pa.array([pd.Timestamp("2026-03-02").date(), pd.Timestamp("1962-01-05").date()]),
        pa.array([pd.Timestamp("2026-03-02").date(), pd.Timestamp("1962-01-05").date()], pa.date64()),
    ],
)
def test_days(column: Any) -> None:
    found = read(column)
    assert found.is_date and found.utc is None
    assert found.wall().tolist() == [1772409600_000_000, -252115200_000_000]


def test_the_wall_of_moments_with_several_offsets() -> None:
    found = read(in_new_york("%Y-%m-%d %H:%M:%S.%f%z"))
    assert found.wall().tolist() == [round(each * 1e6) for each in wall_seconds()]
    spaced = read(in_new_york("%Y-%m-%d %H:%M:%S %z"))
    assert spaced.wall().tolist() == [int(each) * 1_000_000 for each in wall_seconds()]


@pytest.mark.parametrize(
    ("column", "row", "text"),
    [
        ([True, False], "", "the times are of the type bool"),
        (["2026-03-02 09:30:00Z", "2026-03-02 09:31:00"], "line 3", "time '2026-03-02 09:31:00' is not told like"),
        (["2026-03-02 09:30:00", "2026-03-02 09:31:00Z"], "line 3", "time '2026-03-02 09:31:00Z' is not told like"),
        (["2026-03-02 09:30:00", "2026-03-02 25:31:00"], "line 3", "time '2026-03-02 25:31:00' does not exist"),
        (["20260302 09:30:00 US/Eastern", "20260302 09:30:00 MET"], "line 3", "MET' is not told like"),
        (["20260302 09:30:00 Nowhere/City"], "", "zone 'Nowhere/City' is not known"),
        ([1772461800, None], "line 3", "no time"),
        (pa.array([None, 1], pa.timestamp("us", tz="UTC")), "line 2", "no time"),
        (["2026-11-01 01:30:00"], "line 2", "show 2026-11-01T01:30:00 twice or never"),
        ([12345], "", "time 12345 is no number of seconds"),
    ],
)
def test_what_is_no_time(column: Any, row: str, text: str) -> None:
    with pytest.raises(PriceFileError) as caught:
        read(column, NEW_YORK)
    assert caught.value.row == row
    assert text in str(caught.value)
