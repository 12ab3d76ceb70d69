"""What the texts of ticks mean."""

from datetime import UTC, date, datetime
from math import isnan
from typing import Any

import pytest

from ibdesk.client.state import tick_types
from ibdesk.client.state.tick_texts import parse
from ibdesk.model.quotes import Dividends


@pytest.mark.parametrize(("kind", "name"), tick_types.TEXTS.items())
def test_plain_texts(kind: int, name: str):
    assert parse(kind, "NZ", UTC) == {name: "NZ"}


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        (45, "1763234699", {"lastTimestamp": datetime(2025, 11, 15, 19, 24, 59, tzinfo=UTC)}),
        (88, "0", {}),
        (48, ";;;67854;;", {"rtVolume": 67854.0}),
        (77, "1.5;2;;;;false", {"last": 1.5, "lastSize": 2.0}),
        (59, "0.83,0.92,20130219,0.23", {"dividends": Dividends(0.83, 0.92, date(2013, 2, 19), 0.23)}),
        (59, ",,,", {"dividends": Dividends(None, None, None, None)}),
        (1234, "", None),
    ],
)
def test_texts(kind: int, text: str, values: Any):
    assert parse(kind, text, UTC) == values


def test_ratios():
    ratios = parse(47, "TTMNPMGN=-12.5;NLOW=80;CURRENCY=USD;MKTCAP=-99999.99;", UTC)["fundamentalRatios"]
    assert (ratios.TTMNPMGN, ratios.NLOW, ratios.CURRENCY) == (-12.5, 80, "USD")
    assert isnan(ratios.MKTCAP)


@pytest.mark.parametrize(
    ("kind", "text"), [(45, "x"), (48, "1;2"), (48, "x;1;1;1;1;true"), (59, "1,2"), (59, "1,2,never,3"), (47, "a")]
)
def test_what_has_not_the_form_of_its_type(kind: int, text: str):
    with pytest.raises(ValueError):
        parse(kind, text, UTC)


def test_every_type_is_in_one_table_only():
    tables = (tick_types.TEXTS, tick_types.TIMES, tick_types.TRADES)
    assert len({kind for table in tables for kind in table}) == sum(map(len, tables))
