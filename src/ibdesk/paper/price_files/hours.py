"""The sessions of an instrument as columns, in which whole columns of times are looked up."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from ..arguments import YEARS
from ..instruments import HOURS, Instrument, sessions
from ..market.source import micros
from .columns import Flags, Ints
from .zones import DAY, micros_of

FIRST_YEAR, LAST_YEAR = YEARS[0], YEARS[-1]

_EPOCH = date(1970, 1, 1).toordinal()


class Sessions(NamedTuple):
    """Sessions, each with its trading day (a midnight as if in UTC) and how far its clock is before UTC's.

    All is in microseconds since 1970. Of the sessions of a day that belong together, `first` is the position of the
    first one.
    """

    starts: Ints
    ends: Ints
    days: Ints
    offsets: Ints

    def at(self, times: Ints) -> tuple[Ints, Flags]:
        """Return for each of `times` the position of the session that began last, and whether it is in it."""
        places = np.searchsorted(self.starts, times, side="right") - 1
        return places, (places >= 0) & (times < self.ends[places])

    def of_days(self, days: Ints) -> tuple[Ints, Flags]:
        """Return for each of `days` the position of its first session, and whether there is one."""
        places = np.asarray(np.minimum(np.searchsorted(self.days, days), len(self.days) - 1), np.int64)
        return places, self.days[places] == days


def has_long_day(instrument: Instrument) -> bool:
    """Return whether a bar of a day is of all hours: of futures and in forex. Elsewhere it is of the regular ones."""
    return instrument.secType in ("FUT", "CASH")


def zone_of(instrument: Instrument) -> ZoneInfo:
    """Return the zone in which an instrument is traded."""
    return ZoneInfo(HOURS[instrument.kind.hours].zone)


@lru_cache(maxsize=32)
def table_of(hours: str, regular: bool, first: int, last: int) -> Sessions:
    """Return the sessions (the regular ones, if so) of the years `first` to `last` of instruments with these hours."""
    known = sessions(hours, date(first, 1, 1), date(last, 12, 31), regular=regular)
    return Sessions(
        np.array([micros(each.start) for each in known], dtype=np.int64),
        np.array([micros(each.end) for each in known], dtype=np.int64),
        np.array([(each.day.toordinal() - _EPOCH) * DAY for each in known], dtype=np.int64),
        np.array([micros_of(each.start.utcoffset()) for each in known], dtype=np.int64),
    )


def sessions_of(instrument: Instrument, times: Ints, *, regular: bool = False) -> Sessions:
    """Return the sessions around `times`, which ascend and are not empty."""
    first, last = (int(np.datetime64(int(times[place]), "us").astype("M8[Y]").astype(int)) + 1970 for place in (0, -1))
    # In steps of some years, so that few tables are made.
    first, last = (first - 1) // 8 * 8, (last + 1) // 8 * 8 + 7
    return table_of(instrument.kind.hours, regular, max(first, FIRST_YEAR - 1), min(max(last, FIRST_YEAR), LAST_YEAR))


def begins_of(instrument: Instrument, times: Ints) -> tuple[Ints, Ints]:
    """Return when the session of each of `times` begins, and how far its clock is before UTC's.

    In the regular hours of a stock that is where these begin: files often have nothing else.
    """
    known = sessions_of(instrument, times)
    places, _ = known.at(times)
    starts, offsets = known.starts[places], known.offsets[places]
    if has_long_day(instrument):
        return starts, offsets
    regular = sessions_of(instrument, times, regular=True)
    places, is_regular = regular.at(times)
    return np.where(is_regular, regular.starts[places], starts), offsets
