"""The trading hours of an instrument, and its end, as the exchange is told them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ibdesk.model.contract_details import ContractDetails


@dataclass(frozen=True)
class TradingHours:
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

    def day_ends(self, any_hours: bool) -> datetime | None:
        """Return when the day ends for orders that are filled in `any_hours`, or in regular ones only."""
        return self.close if any_hours else self.regular_close

    def cut_off(self, end: datetime | None, now: datetime) -> "TradingHours":
        """Return these hours, as of `now`, of what is traded before `end` only; None is no end."""
        if end is None:
            return self
        if now >= end:
            return TradingHours(is_open=False, is_regular=False)
        starts = (each if each and each < end else None for each in (self.next_open, self.next_regular))
        until, *closes = (min(each or end, end) for each in (self.until, self.regular_close, self.close))
        return TradingHours(self.is_open, self.is_regular, until, *starts, *closes)


HoursOf = Callable[[ContractDetails, datetime], TradingHours]
"""What returns the hours of an instrument at a moment. It is asked again when its last answer no longer holds."""

ALWAYS_OPEN = TradingHours(is_open=True, is_regular=True)


def always_open(details: ContractDetails, now: datetime) -> TradingHours:
    """Return hours without an end."""
    return ALWAYS_OPEN


EndOf = Callable[[int], datetime | None]
"""What returns the moment from which on an instrument, by its conId, is never traded again; None for one that stays."""


def endless(con_id: int) -> None:
    """Return that no instrument ever ends."""
