"""The random walks that prices follow, as a function of time.

A walk is the logarithm of a price, relative to its anchor. It goes on while exchanges are closed. It is drawn from
coarse to fine, and each level begins and ends where the level above says, so that any stretch can be drawn without
those before it: midnights (UTC), then minutes, then steps of a quarter of a second. Each minute knows its highest and
lowest value, and two of its steps reach exactly them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .noise import Floats, Ints, key, normal, uniform

STEPS = 240
"""Steps in a minute: a quote can change four times a second."""

STEP = 250_000
"""Microseconds in a step."""

DAY_MINUTES = 1440
_ANCHOR_DAY = 20_454  # 2026-01-01, when all walks stood at zero
_DAYS = 47_500  # from 1970 to 2100
_TRADING_DAYS = 252
_BAND = 2.5
_FEW_DAYS = 3
_QUIET = 0.15


def _minute_weights() -> Floats:
    """Return the share of a day's movement in each of its minutes: most while New York is open, least in its night."""
    weights = np.ones(DAY_MINUTES)
    weights[0 : 7 * 60] = 0.5
    weights[13 * 60 + 30 : 21 * 60] = 2.0
    weights[14 * 60 + 30 : 20 * 60] = 3.0
    return np.asarray(weights / weights.sum())


_WEIGHTS = _minute_weights()
_ELAPSED = np.cumsum(_WEIGHTS)
_ROOTS = np.sqrt(_WEIGHTS)
_ALONG = np.linspace(0.0, 1.0, STEPS)


def _fold(walk: Floats, band: float) -> Floats:
    """Return `walk` reflected at `band` and `-band`, so that a price stays plausible for a century."""
    folded: Floats = np.abs((walk - band) % (4 * band) - 2 * band) - band
    return folded


@dataclass(frozen=True, slots=True)
class Minutes:
    """A walk over minutes: its value at the start and the end of each, its highest and its lowest."""

    start: Floats
    end: Floats
    high: Floats
    low: Floats


@dataclass(frozen=True, slots=True)
class Steps:
    """A walk over the steps of some minutes, a row for each, and the step at which each is highest and lowest."""

    values: Floats
    high_at: Ints
    low_at: Ints


def put_corners(rows: Floats | Ints, places: tuple[Ints, Ints], values: Sequence[Floats | Ints]) -> None:
    """Set the first step of each row, those at `places`, and the last one to `values`, in this order.

    Each of `values` is a column of the same length, or a single value.
    """
    first, second = (each[:, None] for each in places)
    rows[:, :1], rows[:, -1:] = values[0], values[3]
    np.put_along_axis(rows, first, values[1], axis=1)
    np.put_along_axis(rows, second, values[2], axis=1)


class Walks:
    """All walks of one `seed`. Minutes are counted from 1970-01-01 00:00 UTC."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._midnights = lru_cache(maxsize=None)(self._draw_midnights)
        self._nodes = lru_cache(maxsize=800)(self._draw_day)
        # Whoever looks at steps minute by minute needs all minutes of the day, which are drawn faster together.
        self._days = lru_cache(maxsize=64)(self._draw_minutes_of_day)
        # All options on one underlying follow the same walk.
        self._steps = lru_cache(maxsize=128)(self._draw_steps)

    def at_midnight(self, name: str, volatility: float, days: Ints) -> Floats:
        """Return the values at the start of `days`, counted from 1970-01-01."""
        return self._midnights(name, volatility)[days]

    def minutes(self, name: str, volatility: float, minutes: Ints) -> Minutes:
        """Return the walk over `minutes`, which ascend. `volatility` is a year's."""
        days, inside = np.divmod(minutes, DAY_MINUTES)
        starts = np.diff(days, prepend=days[0] - 1) > 0
        nodes = self._nodes_of(name, volatility, days[starts]).ravel()
        places = (np.cumsum(starts) - 1) * (DAY_MINUTES + 1) + inside
        start, end = nodes[places], nodes[places + 1]
        reach = np.abs(normal(key(self._seed, name, "reach"), 2 * minutes[:, None] + np.arange(2)))
        reach *= (0.5 * volatility / np.sqrt(_TRADING_DAYS)) * _ROOTS[inside][:, None]
        return Minutes(start, end, np.maximum(start, end) + reach[:, 0], np.minimum(start, end) - reach[:, 1])

    def steps(self, name: str, volatility: float, minutes: range) -> Steps:
        """Return the walk within consecutive minutes of one day."""
        return self._steps(name, volatility, minutes)

    def _draw_steps(self, name: str, volatility: float, minutes: range) -> Steps:
        day, inside = divmod(minutes.start, DAY_MINUTES)
        whole, rows = self._days(name, volatility, day), slice(inside, inside + len(minutes))
        start, end, high, low = (each[rows, None] for each in (whole.start, whole.end, whole.high, whole.low))
        positions = np.arange(minutes.start * STEPS, minutes.stop * STEPS).reshape(-1, STEPS)
        path = np.cumsum(uniform(key(self._seed, name, "beats"), positions) - 0.5, axis=1)
        path -= path[:, :1]
        wander = (path - _ALONG * path[:, -1:]) * (high - low) / np.sqrt(STEPS)
        values = np.clip(start + _ALONG * (end - start) + wander, low, high)
        positions = np.arange(2 * minutes.start, 2 * minutes.stop).reshape(-1, 2)
        spots = uniform(key(self._seed, name, "spots"), positions) * [STEPS - 2, STEPS - 3]
        high_at, low_at = spots.astype(np.int64).T
        high_at = 1 + high_at
        low_at = 1 + (high_at + low_at) % (STEPS - 2)
        put_corners(values, (high_at, low_at), (start, high, low, end))
        return Steps(values, high_at, low_at)

    def _draw_minutes_of_day(self, name: str, volatility: float, day: int) -> Minutes:
        return self.minutes(name, volatility, np.arange(day * DAY_MINUTES, (day + 1) * DAY_MINUTES))

    def _draw_midnights(self, name: str, volatility: float) -> Floats:
        days = np.arange(_DAYS)
        # Day 0 was a Thursday. From Friday's midnight to Sunday's little happens.
        scale = np.where((days + 3) % 7 >= 5, _QUIET, 1.0) * volatility / np.sqrt(_TRADING_DAYS)
        moves = normal(key(self._seed, name, "days"), days) * scale
        walk = np.concatenate([[0.0], np.cumsum(moves[:-1])])
        return _fold(walk - walk[_ANCHOR_DAY], _BAND * volatility)

    def _nodes_of(self, name: str, volatility: float, days: Ints) -> Floats:
        """Return the values at the 1441 minute boundaries of each of `days`. Few days are asked for again and again."""
        if len(days) > _FEW_DAYS:
            return self._draw_nodes(name, volatility, days)
        return np.stack([self._nodes(name, volatility, day) for day in days.tolist()])

    def _draw_day(self, name: str, volatility: float, day: int) -> Floats:
        found: Floats = self._draw_nodes(name, volatility, np.array([day]))[0]
        return found

    def _draw_nodes(self, name: str, volatility: float, days: Ints) -> Floats:
        midnights = self._midnights(name, volatility)
        start, end = midnights[days][:, None], midnights[days + 1][:, None]
        quiet = np.where((days + 3) % 7 >= 5, _QUIET, 1.0)[:, None]
        positions = days[:, None] * DAY_MINUTES + np.arange(DAY_MINUTES)
        steps = normal(key(self._seed, name, "minutes"), positions) * _ROOTS
        path = np.cumsum(steps, axis=1) * (quiet * volatility / np.sqrt(_TRADING_DAYS))
        path += start + _ELAPSED * (end - start - path[:, -1:])
        path[:, -1:] = end
        return np.hstack([start, path])
