"""A column of a frame is what pandas itself makes of the values, however it was found."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas
import pytest

from ibdesk import util
from ibdesk.model.reference import PriceIncrement

NEW_YORK, SYDNEY = ZoneInfo("America/New_York"), ZoneInfo("Australia/Sydney")


def local(zone: dt.tzinfo | None, *fields: int, fold: int = 0) -> dt.datetime:
    return dt.datetime(*fields, tzinfo=zone, fold=fold)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        [1, 2.5],
        [1.5, 2],
        [1.5, float("nan")],
        [1.5, None],
        [1, None],
        [1, 2**63],
        [1, 2**70],
        [1.5, "a"],
        [True, False],
        ["a", "b"],
        [local(NEW_YORK, 2026, 3, 6, 9, 30) + dt.timedelta(days=day) for day in range(300)],
        [local(NEW_YORK, 2026, 11, 1, 1, 30, fold=fold) for fold in (0, 1, 0)],
        [local(SYDNEY, 2026, 4, 5, 2, 30, fold=fold) for fold in (1, 0)],
        [local(NEW_YORK, 2026, 3, 8, 2, 30), local(NEW_YORK, 2026, 3, 8, 4, 30)],
        [local(dt.UTC, 2026, 1, 2, 3, 4, 5, 678901), None],
        [local(NEW_YORK, 2026, 1, 2), local(dt.UTC, 2026, 1, 2)],
        [local(dt.timezone(dt.timedelta(hours=3)), 2026, 1, 2, 3, 4, 5, 678901)],
        [local(None, 2026, 1, 2), local(None, 2026, 7, 2)],
        [dt.date(2026, 1, 2)],
    ],
    ids=str,
)
def test_a_column_is_what_pandas_makes_of_the_values(values):
    frame = util.df([PriceIncrement(value, value) for value in values])
    expected = pandas.DataFrame({"lowEdge": values, "increment": values})
    pandas.testing.assert_frame_equal(frame, expected)


def test_no_column_takes_memory_of_another():
    frame = util.df([PriceIncrement(1.0, 2.0), PriceIncrement(3.0, 4.0)])
    frame["lowEdge"] += 1
    assert frame.values.tolist() == [[2.0, 2.0], [4.0, 4.0]]
