"""How options and futures end: when they are traded last, which price decides, and what becomes of a position.

Sources: contract specifications of Cboe, OCC and CME; IBKR, "Delivery, Exercise and Corporate Actions". When IBKR's
clients are told is what users of its API report: between two and three o'clock in the night.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .instrument import Instrument
from .sessions import DAY, HOURS, business_day, is_trading_day, sessions

NEW_YORK = ZoneInfo("US/Eastern")

CLEARED = time(2)
"""When, in New York, the positions of the day before are cleared."""

INSTRUCTIONS = time(16, 30)
"""Until when, in New York, an option can be exercised on its last day. (IBKR, "Options Exercise".)"""


class Ending(NamedTuple):
    """How one option or future ends. Moments are aware.

    It is traded before `last_trade`. Its settlement price is that of the moment `fixing`: the closing price of the
    underlying, or its opening price if it is settled `at_opening`. At `cleared` positions are gone. `last_day` is the
    last one on which it is known to the contract database. An `american` option can be exercised before. One that
    `delivers` is settled by a position in its underlying, all others in cash.
    """

    last_trade: datetime
    fixing: datetime
    at_opening: bool
    cleared: datetime
    last_day: date
    american: bool
    delivers: bool

    @property
    def delisted(self) -> datetime:
        """From when on the contract database does not know it, unless it is asked for what has expired."""
        return datetime.combine(self.last_day + DAY, time(), NEW_YORK)

    @property
    def instructed_until(self) -> datetime:
        """Until when it can be exercised, or left to lapse."""
        return datetime.combine(self.last_trade.astimezone(NEW_YORK).date(), INSTRUCTIONS, NEW_YORK)


@lru_cache(maxsize=4096)
def ending_of(instrument: Instrument) -> Ending | None:
    """Return how an instrument ends; None for one that does not."""
    terms, matures = instrument.option, instrument.pricing.matures
    last_day = terms.expires if terms else matures
    if last_day is None:
        return None
    last_trade = _last_trade(instrument, last_day)
    if terms is None or terms.underlying.pricing.matures:
        return _ending(last_trade, last_trade, last_day, american=terms is not None, delivers=terms is not None)
    is_index, hours = terms.underlying.secType == "IND", terms.underlying.kind.hours
    at_opening = instrument.realExpirationDate > instrument.lastTradeDate
    if at_opening:
        last_day = business_day(HOURS[hours], date.fromisoformat(instrument.realExpirationDate), 1)
    known = sessions(hours, last_day, last_day, regular=True)
    fixing = last_trade
    if known:
        fixing = known[0].start if at_opening else known[-1].end
    return _ending(last_trade, fixing, last_day, at_opening=at_opening, american=not is_index, delivers=not is_index)


def has_ended(instrument: Instrument, moment: datetime) -> bool:
    """Return whether an instrument is traded no more at a moment (aware)."""
    ending = ending_of(instrument)
    return ending is not None and ending.last_trade <= moment


def _ending(
    last_trade: datetime,
    fixing: datetime,
    last_day: date,
    *,
    at_opening: bool = False,
    american: bool,
    delivers: bool,
) -> Ending:
    return Ending(last_trade, fixing, at_opening, cleared_after(fixing), last_day, american, delivers)


def _last_trade(instrument: Instrument, day: date) -> datetime:
    at = datetime.combine(
        day, time.fromisoformat(instrument.lastTradeTime), ZoneInfo(HOURS[instrument.kind.hours].zone)
    )
    known = sessions(instrument.kind.hours, day, day)
    return min(at, known[-1].end) if known else at


def cleared_after(moment: datetime) -> datetime:
    """Return when the positions of the day of a moment (aware) are cleared: in the night after it."""
    return datetime.combine(moment.astimezone(NEW_YORK).date() + DAY, CLEARED, NEW_YORK)


def next_clearing(after: datetime) -> datetime:
    """Return the first clearing after a moment (aware) that follows a trading day of New York's stock market."""
    due = datetime.combine(after.astimezone(NEW_YORK).date(), CLEARED, NEW_YORK)
    while due <= after or not is_trading_day(HOURS["us_stock"], due.date() - timedelta(days=1)):
        due = datetime.combine(due.date() + DAY, CLEARED, NEW_YORK)
    return due
