"""Finds out of which size the bars of an instrument are, since most files do not tell.

It is the largest size that all times fit: each is where a bar of that size begins, and no two are of the same bar. Bars
begin at the multiples of their size on the exchange's clock, and where a session does, as IB's; or they are counted
from the beginning of the session, as Yahoo's bars of an hour.
"""

import numpy as np

from ..market.source import MINUTE, SECOND
from .columns import Flags, Ints
from .faults import Place
from .zones import DAY

# IB's sizes and some between. Those below a minute divide it, so that no bar is in two of them.
_SECONDS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
_MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 45, 60, 65, 90, 120, 180, 240, 360, 480, 720)
SIZES = tuple(each * SECOND for each in _SECONDS) + tuple(each * MINUTE for each in _MINUTES)

_MANY = 30
"""So many distances of another size in a row are no gaps."""


class BarSize:
    """What is known of the size of an instrument's bars while its rows are read.

    `told` is the size that the file tells, if it does.
    """

    def __init__(self, place: Place, told: int | None = None) -> None:
        self._place = place
        sizes = SIZES if told is None else (told,)
        # (size, whether bars are counted from the beginning of the session), the likeliest first
        fits = [(size, counted) for size in sorted(sizes, reverse=True) for counted in (False, True)]
        self._fits = [(size, counted) for size, counted in fits if counted or DAY % size == 0]
        self._before = (-1, -1)  # the session and the time of the last row
        self._gap = (0, 0)  # a distance between rows, and how often it came in a row
        self._steady = 0  # the largest distance that came so often that it is no gap, and where it began
        self._steady_from = 0

    @property
    def size(self) -> int:
        """The size in microseconds, as far as it is known."""
        return self._fits[0][0]

    @property
    def is_counted(self) -> bool:
        """Whether bars are counted from the beginning of their session, and not by the exchange's clock."""
        return self._fits[0][1]

    def feed(self, times: Ints, starts: Ints, offsets: Ints, numbers: Ints) -> None:
        """Look at rows, which are at `times` in sessions that begin at `starts` and have these `offsets` from UTC.

        Raises `PriceFileError` where the sizes are mixed.
        """
        if not len(times):
            return
        session, before = self._before
        same = np.diff(starts, prepend=session) == 0
        distances = np.diff(times, prepend=before)
        kept = [fit for fit in self._fits if _all_fit(fit, times, starts, offsets, same, before)]
        if not kept:
            wrong = [~_fitting(fit, times, starts, offsets, same, before) for fit in self._fits]
            last = max(wrong, key=lambda each: int(np.argmax(each)))
            shown = str(np.datetime64(int(times[int(np.argmax(last))]), "us")).removesuffix(".000000")
            text = f"a bar at {shown} UTC does not follow from those before it: a file holds bars of one size"
            raise self._place.at(last, numbers, text)
        self._fits = kept
        self._look_for_others(distances[same], numbers[same])
        self._before = (int(starts[-1]), int(times[-1]))

    def _look_for_others(self, distances: Ints, numbers: Ints) -> None:
        """Raise an error where bars of a larger size follow each other."""
        if not len(distances):
            return
        begins = np.flatnonzero(np.diff(distances, prepend=-1))
        lengths = np.diff(np.append(begins, len(distances)))
        gap, before = self._gap
        if distances[0] == gap:
            lengths[0] += before
        self._gap = (int(distances[-1]), int(lengths[-1]))
        many = np.flatnonzero(lengths >= _MANY)
        if len(many):
            begin = int(begins[many[int(np.argmax(distances[begins[many]]))]])
            if distances[begin] > self._steady:
                self._steady, self._steady_from = int(distances[begin]), int(numbers[begin])
        self.check(self.size)

    def check(self, size: int) -> None:
        """Raise `PriceFileError` if the bars are larger than `size`, of which others are."""
        if self._steady > size:
            text = (
                f"from here on rows are {self._steady // SECOND} seconds apart, and others {size // SECOND}: files "
                "of an instrument, and the instruments of a file, have bars of one size"
            )
            raise self._place.fault(text, self._steady_from)


def one_size(found: list[BarSize]) -> BarSize | None:
    """Return the size of bars that are all of one size, though some are so rare that a larger one fits them.

    None where there are none. Raises `PriceFileError` where some are of another size.
    """
    if not found:
        return None
    smallest = min(found, key=lambda each: each.size)
    for each in found:
        each.check(smallest.size)
    return smallest


Fit = tuple[int, bool]


def _all_fit(fit: Fit, times: Ints, starts: Ints, offsets: Ints, same: Flags, before: int) -> bool:
    # Most sizes are refuted by a few rows.
    few = slice(0, 64)
    first = _fitting(fit, times[few], starts[few], offsets[few], same[few], before)
    return bool(first.all()) and bool(_fitting(fit, times, starts, offsets, same, before).all())


def _fitting(fit: Fit, times: Ints, starts: Ints, offsets: Ints, same: Flags, before: int) -> Flags:
    """Return for each row whether it is where a bar begins, another one than that of the row before."""
    size, counted = fit
    begins = bar_begins(times, starts, offsets, size, counted)
    earlier = bar_begins(np.append(before, times[:-1]), starts, offsets, size, counted)
    return np.asarray((begins == times) & ~(same & (earlier == begins)))


def bar_begins(times: Ints, starts: Ints, offsets: Ints, size: int, counted: bool) -> Ints:
    """Return where the bar begins in which each of `times` is, in sessions with these starts and offsets from UTC."""
    if counted:
        return np.asarray(starts + (times - starts) // size * size)
    return np.asarray(np.maximum((times + offsets) // size * size - offsets, starts))
