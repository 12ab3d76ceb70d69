"""The quotes and trades of an instrument, minute by minute and step by step: spreads, sizes, sides.

Prices are whole numbers of ticks here. A minute is drawn first (its highest and lowest bid, its first and last trade,
its volume), and then its steps, so that they fit the minute. Trades take place at the bid or the ask, and always on a
minute's first and last step, at the ask of its highest and at the bid of its lowest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from ..instruments import Instrument
from .levels import Levels
from .noise import Floats, Ints, key, uniform
from .pricing import Moments, plain_value, rises, value, years_left
from .source import has_quotes
from .walk import DAY_MINUTES, STEPS

_EXTREMES = 4
_MOST_TRADES = 120
_DRAWS = 4
_SIZE_STEPS = 4
_ROLL_DAYS = 8.0
_FADES = 100.0


def _volume_weights() -> Floats:
    """Return each minute's part of a day's volume: most while New York is open, in summer and in winter."""
    weights = np.ones(DAY_MINUTES)
    weights[0 : 7 * 60] = 0.3
    weights[13 * 60 + 30 : 21 * 60] = 4.0
    weights[14 * 60 + 30 : 20 * 60] = 9.0
    return np.asarray(weights / weights.sum())


_VOLUME = _volume_weights()


@dataclass(frozen=True, slots=True)
class MinuteSeries:
    """Minutes in ticks: four prices of bids and of trades, one spread (the ask is that far above the bid)."""

    minutes: Ints
    bids: tuple[Ints, Ints, Ints, Ints]
    trades: tuple[Ints, Ints, Ints, Ints]
    spread: Ints
    volume: Ints
    count: Ints


@dataclass(frozen=True, slots=True)
class StepSeries:
    """The steps of one minute in ticks: the bid, the latest trade, what was traded, and the sizes quoted."""

    bid: Ints
    last: Ints
    traded: Ints
    bid_size: Ints
    ask_size: Ints
    spread: int


class TradeSeries:
    """The quotes and trades of all instruments, for one `seed` and the levels that their values follow."""

    def __init__(self, seed: int, levels_of: Callable[[Instrument], Levels]) -> None:
        self._seed = seed
        self._levels_of = levels_of
        # Whoever looks at steps minute by minute needs all minutes of the day, which are drawn faster together.
        self._days = lru_cache(maxsize=64)(self._draw_day)
        # Bids and asks of the same minutes are asked for in turn.
        self._newest: tuple[int, MinuteSeries] | None = None

    def minutes(self, instrument: Instrument, minutes: Ints) -> MinuteSeries:
        """Return the series of `minutes` (since 1970-01-01 UTC), which ascend. A few thousand at a time are fastest."""
        if self._newest and self._newest[0] == instrument.conId and np.array_equal(self._newest[1].minutes, minutes):
            return self._newest[1]
        series = self._draw_minutes(instrument, minutes)
        self._newest = instrument.conId, series
        return series

    def _draw_minutes(self, instrument: Instrument, minutes: Ints) -> MinuteSeries:
        levels = self._levels_of(instrument)
        walk, at = levels.minutes(minutes), moments(instrument, levels, minutes)
        bounds = (walk.high, walk.low) if rises(instrument) else (walk.low, walk.high)
        start, high, low, end = (value(instrument, each, at) for each in (walk.start, *bounds, walk.end))
        positions = minutes[:, None] * _DRAWS + np.arange(_DRAWS)
        draws = uniform(key(self._seed, instrument.conId, "minutes"), positions)
        spread = self._spread(instrument, draws[:, 0], start)
        opens, highs, lows, closes = (_bids(instrument, each, spread) for each in (start, high, low, end))
        first_ask, last_ask = draws[:, 1] < 0.5, draws[:, 2] < 0.5
        trades = (opens + spread * first_ask, highs + spread, lows, closes + spread * last_ask)
        volume, count = self._volume(instrument, draws[:, 3], minutes)
        return MinuteSeries(minutes, (opens, highs, lows, closes), trades, spread, volume, count)

    def steps(self, instrument: Instrument, minute: int) -> StepSeries:
        """Return the series of one minute, step by step; it agrees with `minutes`."""
        day, inside = divmod(minute, DAY_MINUTES)
        whole, levels = self._days(instrument, day), self._levels_of(instrument)
        spread, low, high = (int(each[inside]) for each in (whole.spread, whole.bids[2], whole.bids[1]))
        walk = levels.steps(minute)
        high_at, low_at = (walk.high_at, walk.low_at) if rises(instrument) else (walk.low_at, walk.high_at)
        corners = [0, high_at, low_at, STEPS - 1]
        values = value(instrument, walk.values, moments(instrument, levels, np.array([minute])))
        bid = _bids(instrument, values, spread).clip(low, high)
        bid[corners] = [each[inside] for each in whole.bids]
        steps = np.arange(minute * STEPS, (minute + 1) * STEPS)
        traded = self._traded(instrument, steps, corners, int(whole.volume[inside]), int(whole.count[inside]))
        at_ask = uniform(key(self._seed, instrument.conId, "sides"), steps) < 0.5
        prices = bid + spread * at_ask
        prices[corners] = [each[inside] for each in whole.trades]
        # An index has a new value on every step, though nothing is traded.
        happens = traded > 0 if has_quotes(instrument) else np.ones(STEPS, dtype=bool)
        last = prices[np.maximum.accumulate(np.where(happens, np.arange(STEPS), 0))]
        bid_size, ask_size = self._sizes(instrument, steps)
        return StepSeries(bid, last, traded, bid_size, ask_size, spread)

    def _draw_day(self, instrument: Instrument, day: int) -> MinuteSeries:
        return self._draw_minutes(instrument, np.arange(day * DAY_MINUTES, (day + 1) * DAY_MINUTES))

    @staticmethod
    def _spread(instrument: Instrument, draws: Floats, start: Floats) -> Ints:
        narrow, wide = instrument.kind.spread
        spread = narrow + (draws * (wide - narrow + 1)).astype(np.int64)
        if instrument.option:
            # Dear options are quoted wider.
            spread += (0.01 * start / instrument.kind.tick).astype(np.int64)
        return np.asarray(spread)

    @staticmethod
    def _volume(instrument: Instrument, draws: Floats, minutes: Ints) -> tuple[Ints, Ints]:
        daily = instrument.pricing.volume
        if not daily:
            return np.zeros_like(minutes), np.zeros_like(minutes)
        usual = daily * _VOLUME[minutes % DAY_MINUTES]
        if instrument.pricing.matures:
            usual *= _attention(instrument.pricing.matures, instrument.pricing.spacing, minutes)
        volume = _EXTREMES + (usual * (0.4 + 1.2 * draws)).astype(np.int64)
        trades = np.minimum(_EXTREMES + (np.sqrt(volume) / 4).astype(np.int64), _MOST_TRADES)
        return volume, np.minimum(trades, volume)

    def _traded(self, instrument: Instrument, steps: Ints, corners: list[int], volume: int, count: int) -> Ints:
        """Return what is traded on each step: `volume` in all, on `count` steps, the `corners` among them."""
        if not count:
            return np.zeros(STEPS, dtype=np.int64)
        turns = uniform(key(self._seed, instrument.conId, "turns"), steps)
        turns[corners] = -1.0
        chosen = np.zeros(STEPS, dtype=np.int64)
        chosen[np.argsort(turns, kind="stable")[:count]] = 1
        shares = np.cumsum(uniform(key(self._seed, instrument.conId, "shares"), steps) * chosen)
        spread = np.floor(shares / shares[-1] * (volume - count)).astype(np.int64)
        return np.asarray(chosen + np.diff(spread, prepend=0))

    def _sizes(self, instrument: Instrument, steps: Ints) -> tuple[Ints, Ints]:
        kind = instrument.kind
        turns = steps // _SIZE_STEPS
        bids, asks = (uniform(key(self._seed, instrument.conId, side), turns) for side in ("bids", "asks"))
        return kind.lot * (1 + (bids * kind.depth).astype(np.int64)), kind.lot * (
            1 + (asks * kind.depth).astype(np.int64)
        )


def moments(instrument: Instrument, levels: Levels, minutes: Ints) -> Moments:
    """Return what pricing needs to know of `minutes`."""
    if instrument.option is None:
        return Moments(minutes, np.empty(0))
    midnights = levels.at_midnight(minutes // DAY_MINUTES)
    return Moments(minutes, plain_value(instrument.option.underlying, midnights))


def _attention(matures: date, spacing: float, minutes: Ints) -> Floats:
    """Return the part of the lead month's volume that a future has: all of it until a week before its end.

    It moves on to the next one little by little, so that about when that becomes the lead month they have the same.
    """
    left = 365 * years_left(matures, minutes) - _ROLL_DAYS
    ahead, behind = np.maximum(left / spacing - 1, 0.0), np.maximum(-left / _ROLL_DAYS, 0.0)
    return np.asarray(np.maximum(_FADES ** -(ahead + behind), 1 / _FADES))


def _bids(instrument: Instrument, values: Floats, spread: Ints | int) -> Ints:
    middle = values / instrument.kind.tick - spread / 2
    return np.asarray(np.maximum(np.floor(middle + 0.5), 0.0).astype(np.int64))
