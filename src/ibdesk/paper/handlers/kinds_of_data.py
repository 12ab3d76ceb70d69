"""IBKR's kinds of market data, and what a client sees who wants one of them."""

from datetime import datetime, timedelta

from ..instruments import Instrument, latest

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4
"""The values of IB's `marketDataType`."""

DELAY = timedelta(minutes=15)
"""How old delayed data are."""

BEAT = timedelta(milliseconds=250)
"""Quotes are told four times a second at most, as at TWS."""

LAST_STEP = timedelta(milliseconds=250)
"""How long before its end a session is looked at to see how it ended."""


def is_delayed(kind: int) -> bool:
    """Return whether a kind of data is delayed."""
    return kind in (DELAYED, DELAYED_FROZEN)


def delay_of(kind: int) -> timedelta:
    """Return how old the data of a kind are."""
    return DELAY if is_delayed(kind) else timedelta(0)


def seen(instrument: Instrument, wanted: int, now: datetime) -> tuple[int, datetime]:
    """Return the kind of data that a client sees who wants `wanted`, and the moment of its quote."""
    moment = now - delay_of(wanted)
    if wanted in (LIVE, DELAYED):
        return wanted, moment
    end = latest(instrument.kind.hours, moment).end
    if moment < end:
        return wanted - 1, moment
    return wanted, end - LAST_STEP
