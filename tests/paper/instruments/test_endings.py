"""When options and futures end, against the contract specifications of the exchanges."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ibdesk.paper.instruments import Ending, Instrument, cleared_after, ending_of, futures, next_clearing, options
from ibdesk.paper.instruments.listings import load

NEW_YORK = ZoneInfo("US/Eastern")


def future(trading_class: str, year: int, month: int) -> Instrument:
    klass = next(each for each in load().futures if each.tradingClass == trading_class)
    return futures.contract(klass, year, month)


def option(trading_class: str, expires: date, right: str = "C") -> Instrument:
    klass = next(each for each in load().options if each.tradingClass == trading_class)
    return options.contract(klass, expires, 600.0, right)


def ending(instrument: Instrument) -> Ending:
    found = ending_of(instrument)
    assert found is not None
    return found


def told(moment: datetime) -> str:
    return f"{moment.astimezone(NEW_YORK):%Y-%m-%d %H:%M}"


def test_what_does_not_end() -> None:
    assert all(ending_of(each) is None for each in load().instruments)


@pytest.mark.parametrize(
    ("instrument", "last_trade", "fixing", "cleared"),
    [
        # On the third Friday at 9:30 in New York, and on Thursday where that is Juneteenth.
        (future("ES", 2026, 12), "2026-12-18 09:30", "2026-12-18 09:30", "2026-12-19 02:00"),
        (future("ES", 2026, 6), "2026-06-18 09:30", "2026-06-18 09:30", "2026-06-19 02:00"),
        (future("CL", 2026, 12), "2026-11-20 14:30", "2026-11-20 14:30", "2026-11-21 02:00"),
        (option("AAPL", date(2026, 11, 20)), "2026-11-20 16:00", "2026-11-20 16:00", "2026-11-21 02:00"),
        # The day after Thanksgiving has a short session.
        (option("SPY", date(2026, 11, 27)), "2026-11-27 13:00", "2026-11-27 13:00", "2026-11-28 02:00"),
        (option("SPXW", date(2026, 11, 20)), "2026-11-20 16:00", "2026-11-20 16:00", "2026-11-21 02:00"),
        # Settled in the morning after the last day of trading.
        (option("SPX", date(2026, 11, 19)), "2026-11-19 16:00", "2026-11-20 09:30", "2026-11-21 02:00"),
        (option("SPX", date(2026, 6, 17)), "2026-06-17 16:00", "2026-06-18 09:30", "2026-06-19 02:00"),
    ],
    ids=lambda value: value.localSymbol if isinstance(value, Instrument) else None,
)
def test_moments(instrument: Instrument, last_trade: str, fixing: str, cleared: str) -> None:
    found = ending(instrument)
    assert [told(each) for each in (found.last_trade, found.fixing, found.cleared)] == [last_trade, fixing, cleared]


def test_how_a_position_is_settled() -> None:
    kinds = {
        each: ending(option(each, date(2026, 11, 19)))[-2:] for each in ("AAPL", "SPY", "SPX", "SPXW")
    }  # american, delivers
    assert kinds == {"AAPL": (True, True), "SPY": (True, True), "SPX": (False, False), "SPXW": (False, False)}
    assert ending(future("ES", 2026, 12))[-2:] == (False, False)


def test_an_option_can_be_exercised_until_half_past_four_of_its_last_day() -> None:
    assert told(ending(option("AAPL", date(2026, 11, 20))).instructed_until) == "2026-11-20 16:30"


def test_nights() -> None:
    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK)

    assert told(cleared_after(at(20, 16))) == "2026-11-21 02:00"
    # Thanksgiving is the 26th: nothing has happened in the night to the 27th, nor in those after a Saturday or Sunday.
    assert [told(next_clearing(at(day, 17))) for day in (25, 26, 27, 28, 29, 30)] == [
        "2026-11-26 02:00",
        "2026-11-28 02:00",
        "2026-11-28 02:00",
        "2026-12-01 02:00",
        "2026-12-01 02:00",
        "2026-12-01 02:00",
    ]
    assert told(next_clearing(at(25, 1, 59))) == "2026-11-25 02:00"
    assert told(next_clearing(at(25, 2))) == "2026-11-26 02:00"
