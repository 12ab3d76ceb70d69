"""How trading hours are read."""

import datetime as dt

import pytest

from ibdesk.model.contract_details import ContractDetails


def sessions(hours: str, zone: str = "US/Central") -> list[tuple[str, str]]:
    details = ContractDetails(tradingHours=hours, timeZoneId=zone)
    return [(session.start.isoformat(), session.end.isoformat()) for session in details.tradingSessions()]


def test_sessions():
    hours = ";20260329:1700-20260330:1515;20260330:1530-20260330:1600;20260403:CLOSED"
    assert sessions(hours) == [
        ("2026-03-29T17:00:00-05:00", "2026-03-30T15:15:00-05:00"),
        ("2026-03-30T15:30:00-05:00", "2026-03-30T16:00:00-05:00"),
    ]


def test_liquid_sessions_are_of_the_liquid_hours():
    details = ContractDetails(liquidHours="20260105:0930-20260105:1600", timeZoneId="EST (Eastern Standard Time)")
    assert details.tradingSessions() == []
    (session,) = details.liquidSessions()
    assert session.start.utcoffset() == dt.timedelta(hours=-5)


@pytest.mark.parametrize("hours", ["", ";", "20260403:CLOSED"])
def test_none(hours: str):
    assert sessions(hours, zone="") == []


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        ("20260330:0930-20260330:1600", ""),
        ("20260330:0930-20260330:1600", "Mars/Olympus"),
        ("20260330:0930", "US/Eastern"),
        ("20260330:0930-x", "US/Eastern"),
        ("x-y-z", "US/Eastern"),
    ],
)
def test_what_cannot_be_read(hours: str, zone: str):
    with pytest.raises(ValueError):
        sessions(hours, zone)
