"""Decides when an instrument trades, from its published hours; must not know orders or any calendar."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ibdesk.model.contract_details import ContractDetails, TradingSession


@dataclass(frozen=True)
class Session:
    """The hours of an instrument at some moment. The answer holds until `until`, or for ever when that is None.

    `next_open` and `next_regular` are the next starts of trading and of regular trading. `regular_close` and
    `close` are the ends of the regular trading and of the trading that goes on or comes next. None is "never".
    """

    is_open: bool
    is_regular: bool
    until: datetime | None = None
    next_open: datetime | None = None
    next_regular: datetime | None = None
    regular_close: datetime | None = None
    close: datetime | None = None


SessionOf = Callable[[ContractDetails, datetime], Session]
"""Tells the hours of an instrument at a moment. It is asked again when its last answer no longer holds."""

ALWAYS_OPEN = Session(is_open=True, is_regular=True)


def always_open(details: ContractDetails, now: datetime) -> Session:
    """Hours without an end."""
    return ALWAYS_OPEN


def published_hours(details: ContractDetails, now: datetime) -> Session:
    """The hours in `tradingHours` and `liquidHours`; an instrument without any always trades.

    Details tell the hours of a few days only. A gateway that runs for longer needs a function that knows a calendar.

    Raises ValueError when the hours or their time zone cannot be understood.
    """
    trading, liquid = details.tradingSessions(), details.liquidSessions()
    if not trading:
        return ALWAYS_OPEN
    next_open, close, is_open = _around(trading, now)
    next_regular, regular_close, is_regular = _around(liquid, now)
    changes = [moment for moment in (next_open, close, next_regular, regular_close) if moment is not None]
    return Session(is_open, is_regular, min(changes, default=None), next_open, next_regular, regular_close, close)


def _around(sessions: list[TradingSession], now: datetime) -> tuple[datetime | None, datetime | None, bool]:
    """The next start after `now`, the end of the session that goes on or comes next, and whether one goes on."""
    starts = [session.start for session in sessions if session.start > now]
    ends = [session.end for session in sessions if session.end > now]
    return min(starts, default=None), min(ends, default=None), any(s.start <= now < s.end for s in sessions)
