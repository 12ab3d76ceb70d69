"""Clocks of time zones as whole columns: from what a clock showed to moments, and back.

Times are whole microseconds since 1970-01-01: of UTC, or as a clock of the zone showed them (`wall`).
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from ..market.source import SECOND
from .columns import Flags, Ints

DAY = 86_400 * SECOND

_QUARTER = 900 * SECOND
"""Clocks are changed on whole quarters of an hour."""

_EPOCH = datetime(1970, 1, 1)


def to_utc(wall: Ints, zone: ZoneInfo) -> tuple[Ints, Flags]:
    """Return the moments at which clocks of `zone` showed `wall`, and whether each is told wrongly.

    That is so in the hour that clocks skip in spring, and in the one that they show twice in autumn.
    """
    quarters, places = _runs(wall)
    offsets = np.array([_offset_of_wall(zone, quarter) for quarter in quarters.tolist()], dtype=np.int64)
    unclear = np.array([_is_unclear(zone, quarter) for quarter in quarters.tolist()], dtype=bool)
    return wall - offsets[places], unclear[places]


def to_wall(utc: Ints, zone: ZoneInfo) -> Ints:
    """Return what clocks of `zone` show at each of the moments."""
    quarters, places = _runs(utc)
    offsets = np.array([_offset_of_moment(zone, quarter) for quarter in quarters.tolist()], dtype=np.int64)
    return np.asarray(utc + offsets[places])


def _runs(times: Ints) -> tuple[Ints, Ints]:
    """Return the quarters of an hour in which `times` lie, and for each time the position of its own."""
    quarters = times // _QUARTER
    begins = np.diff(quarters, prepend=quarters[:1] - 1) != 0
    return quarters[begins], np.cumsum(begins) - 1


@lru_cache(maxsize=100_000)
def _offset_of_wall(zone: ZoneInfo, quarter: int) -> int:
    return micros_of((_EPOCH + quarter * timedelta(microseconds=_QUARTER)).replace(tzinfo=zone).utcoffset())


@lru_cache(maxsize=100_000)
def _is_unclear(zone: ZoneInfo, quarter: int) -> bool:
    wall = (_EPOCH + quarter * timedelta(microseconds=_QUARTER)).replace(tzinfo=zone)
    return wall.utcoffset() != wall.replace(fold=1).utcoffset()


@lru_cache(maxsize=100_000)
def _offset_of_moment(zone: ZoneInfo, quarter: int) -> int:
    moment = _EPOCH.replace(tzinfo=UTC) + quarter * timedelta(microseconds=_QUARTER)
    return micros_of(moment.astimezone(zone).utcoffset())


def micros_of(offset: timedelta | None) -> int:
    """Return how far a clock is before UTC's, as `utcoffset` tells it, in microseconds."""
    return round((offset or timedelta(0)).total_seconds()) * SECOND
