"""From when until when a simulation runs: days and moments in every form in which they are given."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from ibdesk.paper.clock import NEW_YORK
from ibdesk.simulation.span import first_moment, last_moment

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    "start",
    [
        "2026-11-02",
        "20261102",
        date(2026, 11, 2),
        np.datetime64("2026-11-02"),
        "2026-11-02T09:00",
        "2026-11-02 09:00:00",
        "2026-11-02T14:00Z",
        "2026-11-02T15:00:00+01:00",
        datetime(2026, 11, 2, 9, 0),
        datetime(2026, 11, 2, 14, 0, tzinfo=UTC),
        pd.Timestamp("2026-11-02T09:00"),
        pd.Timestamp("2026-11-02T14:00", tz="UTC"),
    ],
)
def test_a_start_is_a_day_which_begins_at_nine_or_a_moment(start):
    moment = first_moment(start)
    assert moment == MONDAY
    assert moment.tzinfo is NEW_YORK
    assert type(moment) is datetime


@pytest.mark.parametrize(
    ("end", "moment"),
    [
        ("2026-11-02", datetime(2026, 11, 3, tzinfo=NEW_YORK)),
        (date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=NEW_YORK)),
        ("2026-11-02T16:00", datetime(2026, 11, 2, 16, tzinfo=NEW_YORK)),
    ],
)
def test_an_end_is_a_day_which_ends_at_midnight_or_a_moment(end, moment):
    assert last_moment(end, MONDAY) == moment


@pytest.mark.parametrize(
    "value", ["", "monday", "2026-13-01", "2026-11-02T25:00", "0001-01-01T00:00+14:00", 20261102, None]
)
def test_what_is_no_moment_is_named(value):
    for name, call in {"start": lambda: first_moment(value), "end": lambda: last_moment(value, MONDAY)}.items():
        with pytest.raises(
            ValueError, match=f"^{name} has to be a day such as 2026-11-02 or a moment .*, not "
        ) as error:
            call()
        assert str(error.value).endswith(repr(value))


@pytest.mark.parametrize("day", ["1980-12-31", date(2100, 1, 1), date.max, datetime(2100, 1, 1)])
def test_the_market_has_its_years(day):
    for call in (lambda: first_moment(day), lambda: last_moment(day, MONDAY)):
        with pytest.raises(ValueError, match="years 1981 to 2099"):
            call()


@pytest.mark.parametrize(
    "end", ["2026-11-01", date(2026, 10, 31), "2026-11-02T09:00", datetime(2026, 11, 2, 14, tzinfo=UTC)]
)
def test_an_end_comes_after_the_start(end):
    with pytest.raises(ValueError, match="end has to be after the start, 2026-11-02 09:00, not "):
        last_moment(end, MONDAY)
