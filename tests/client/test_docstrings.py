"""The facts in the docstrings of `IB`: what a request may say is told where it is asked, and is what servers take."""

import inspect
import re
from dataclasses import fields
from typing import Any

import pytest
from oracles import ib_async

from ibdesk import IB, Ticker
from ibdesk.client.api.live_data import TICK_TYPES
from ibdesk.client.state import tick_types
from ibdesk.client.state.statuses import DATA_TYPES
from ibdesk.client.state.tick_texts import parse
from ibdesk.model.unset import EPOCH
from ibdesk.paper.generic_ticks import _UNLISTED, LEGAL
from ibdesk.paper.handlers import real_time_bars
from ibdesk.paper.instruments import Invalid, Refusal
from ibdesk.paper.market import requests


def told(method: str) -> str:
    return inspect.getdoc(getattr(IB, method)) or ""


def bullet(method: str, name: str) -> str:
    """What the docstring says of one argument."""
    found = re.search(rf"^\* `{name}`.*?(?=^\* `|^$)", told(method), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{method} does not tell of {name}"
    return " ".join(found[0].split())


# --- bars -----------------------------------------------------------------------------------------------------------


def test_every_bar_size_is_told_and_no_other() -> None:
    spelled_otherwise = {"1w", "1m"}
    sizes = re.findall(
        r"\b\d+ (?:secs|mins?|hours?|day|week|months?|year)\b", bullet("reqHistoricalData", "barSizeSetting")
    )
    assert set(sizes) == {*requests._SECONDS, *requests._CALENDAR_SIZES} - spelled_otherwise
    for size in sizes:
        requests.parse_bar_size(size)


def test_the_shortest_bars_of_a_duration() -> None:
    text = bullet("reqHistoricalData", "barSizeSetting").partition("The shortest are")[2]
    shortest = {"S": "1 secs", **{unit: size for size, unit in re.findall(r"(\d+ \w+) in ([DWMY])\b", text)}}
    assert list(shortest) == list("SDWMY")
    sizes = sorted((requests.parse_bar_size(size) for size in requests._SECONDS), key=lambda size: size.seconds)
    for unit, name in shortest.items():
        taken = [size for size in sizes if is_taken(requests.Duration(30, unit), size)]
        assert taken[0] == requests.parse_bar_size(name)
    assert "up to 2000 S" in text
    assert [is_taken(requests.Duration(count, "S"), sizes[0]) for count in (2000, 2001)] == [True, False]


def is_taken(duration: requests.Duration, size: requests.BarSize) -> bool:
    try:
        requests.check_step(duration, size)
    except Refusal:
        return False
    return True


def test_the_longest_duration_in_each_unit() -> None:
    text = bullet("reqHistoricalData", "durationStr")
    longest = dict(re.findall(r"`([SDWMY])` \w+ \((?:30 )?to (\d+)\)", text))
    assert longest.keys() | {"Y"} == set("SDWMY") == set(re.findall(r"`([A-Z])`", text))
    for unit, count in longest.items():
        requests.parse_duration(f"{count} {unit}")
        with pytest.raises(Invalid):
            requests.parse_duration(f"{int(count) + 1} {unit}")
    assert "(30 to" in text
    requests.parse_duration("30 S")
    with pytest.raises(Invalid):
        requests.parse_duration("29 S")


def test_everything_that_can_be_shown_is_told() -> None:
    names = set(re.findall(r"\b[A-Z][A-Z_]{2,}\b", bullet("reqHistoricalData", "whatToShow")))
    assert names - {"TWS", "REBATE_RATE"} == set(requests._SHOWN.pattern.split("|"))
    assert re.search("TWS refuses REBATE_RATE", bullet("reqHistoricalData", "whatToShow"))


# --- ticks ----------------------------------------------------------------------------------------------------------

GENERIC_TICKS: dict[int, tuple[int, ...]] = {
    100: (29, 30),
    101: (27, 28),
    104: (23,),
    105: (87,),
    106: (24,),
    162: (31,),
    165: (15, 16, 17, 18, 19, 20, 21),
    221: (37,),
    225: (34, 35, 36, 61),
    232: (37,),
    233: (48,),
    236: (46, 89),
    258: (47,),
    293: (54,),
    294: (55,),
    295: (56,),
    318: (57,),
    375: (77,),
    411: (58,),
    456: (59,),
    460: (60,),
    577: (96,),
    586: (101, 102),
    588: (86,),
    595: (63, 64, 65),
    614: (98, 99),
    619: (79,),
    623: (97,),
    787: (105, 106, 107, 108, 109, 110),
}
"""Generic tick -> the types of the ticks that it brings. Source: TWS API documentation, "Available Tick Types"."""

_NAMES = {**tick_types.PRICES, **tick_types.SIZES, **tick_types.NUMBERS, **tick_types.TEXTS}
_SAMPLES = {47: "PEEXCLXOR=18", 48: "701.28;1;1348075471534;67854;701.46;true", 59: "0.83,0.92,20130219,0.23"}
_SAMPLES[77] = _SAMPLES[48]


def attributes(kind: int) -> set[str]:
    """What a tick of this type sets on a ticker."""
    if kind in _SAMPLES:
        return set(parse(kind, _SAMPLES[kind], EPOCH.tzinfo) or {})  # type: ignore[arg-type]
    return {_NAMES[kind]}


def generic_rows() -> list[tuple[list[int], set[str]]]:
    """The rows of the table: numbers, and the attributes that are named."""
    rows: list[tuple[list[int], set[str]]] = []
    for line in told("reqMktData").partition("=====\n")[2].partition("\n====")[0].splitlines():
        numbers, names = re.findall(r"\b\d{3}\b", line[:18]), set(re.findall(r"`(\w+)`", line[18:]))
        if numbers:
            rows.append(([int(one) for one in numbers], names))
        else:
            rows[-1][1].update(names)
    return rows


def test_every_generic_tick_is_told_with_the_attributes_that_it_fills() -> None:
    known = {field.name for field in fields(Ticker)}
    for numbers, names in generic_rows():
        if numbers == [292]:
            continue
        assert names <= known
        assert names == set().union(*(attributes(kind) for number in numbers for kind in GENERIC_TICKS[number])), (
            numbers
        )


def test_every_generic_tick_that_the_server_takes_is_told() -> None:
    in_table = {number for numbers, _ in generic_rows() for number in numbers}
    assert in_table == {*GENERIC_TICKS, 292}
    taken = {int(number) for names in (*LEGAL, *_UNLISTED) for number in names.split("/")}
    other_names = {220, 47, 59}
    assert taken - other_names - in_table == {587}
    assert "TWS takes 587, too" in told("reqMktData")


def test_types_of_ticks_bars_and_data_are_told() -> None:
    assert re.findall(r"`(\w+)`", bullet("reqTickByTickData", "tickType"))[1:] == list(TICK_TYPES)
    assert re.findall(r"\b[A-Z_]{5,}\b", bullet("reqHistoricalTicks", "whatToShow")) == [
        "TRADES",
        "BID_ASK",
        "MIDPOINT",
    ]
    shown = re.search(r"`whatToShow` is (\w+), (\w+), (\w+) or (\w+)\.", told("reqRealTimeBars"))
    assert shown is not None and shown.groups() == real_time_bars._SHOWN
    assert [int(one) for one in re.findall(r"^\* (\d):", told("reqMarketDataType"), re.MULTILINE)] == list(DATA_TYPES)


# --- every method ---------------------------------------------------------------------------------------------------

SELF_EVIDENT = {
    ("reqHistoricalTicks", "useRTH"),  # it is `useRth`
    ("calculateOptionPrice", "implVolOptions"),  # it is `optPrcOptions`
    *((method, "contract") for method in ("placeOrder", "whatIfOrder", "exerciseOptions")),
}


def explained(method: Any) -> list[str]:
    """The arguments that ib_async's docstring explains."""
    arguments = (inspect.getdoc(method) or "").partition("Args:")[2]
    return re.findall(r"^ {3,4}(\w+)(?: \(\w+\))?:", arguments, re.MULTILINE)


def test_what_ib_async_explains_is_explained_here() -> None:
    theirs = {name: method for name, method in vars(ib_async().IB).items() if callable(method) and name[0] != "_"}
    assert len(theirs) > 80
    silent = {
        (name, argument)
        for name, method in theirs.items()
        for argument in explained(method)
        if not re.search(rf"\b{argument}\b", told(name))
    }
    assert silent == SELF_EVIDENT


@pytest.mark.parametrize(
    "report", ["ReportSnapshot", "ReportsFinSummary", "ReportsOwnership", "RESC", "CalendarReport"]
)
def test_the_reports_are_told(report: str) -> None:
    assert f"* `{report}`" in told("reqFundamentalData")
