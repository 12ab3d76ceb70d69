"""The quotes and trades of an instrument, minute by minute and step by step: spreads, sizes, sides.

Prices are whole numbers of ticks here. A minute is drawn first (its highest and lowest bid, its first and last trade,
its volume), and then its steps, so that they fit the minute. Trades take place at the bid or the ask, and always on a
minute's first and last step, at the ask of its highest and at the bid of its lowest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..instruments import Instrument
from .levels import Levels
from .noise import Floats, Ints, key, uniform
from .pricing import Moments, plain_value, rises, value, years_left
from .source import has_quotes
from .walk import DAY_MINUTES, STEPS, put_corners

_EXTREMES = 4
_MOST_TRADES = 120
_DRAWS = 4
_SIZE_STEPS = 4
_ROLL_DAYS = 8.0
_FADES = 100.0
_FIRST_OF_ALL = (np.array(-1.0),) * 4


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
    """Steps of consecutive minutes in ticks: the bid, the latest trade, what was traded, and the sizes quoted."""

    bid: Ints
    last: Ints
    traded: Ints
    bid_size: Ints
    ask_size: Ints
    spread: Ints


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

    def steps(self, instrument: Instrument, minutes: range) -> StepSeries:
        """Return the series of consecutive minutes of one day, step by step; it agrees with `minutes`."""
        day, inside = divmod(minutes.start, DAY_MINUTES)
        whole, levels = self._days(instrument, day), self._levels_of(instrument)
        rows = slice(inside, inside + len(minutes))
        bids, trades = ([each[rows, None] for each in four] for four in (whole.bids, whole.trades))
        spread = whole.spread[rows, None]
        walk = levels.steps(minutes)
        high_low = (walk.high_at, walk.low_at) if rises(instrument) else (walk.low_at, walk.high_at)
        at = moments(instrument, levels, np.arange(minutes.start, minutes.stop))
        at = Moments(at.minutes[:, None], at.midnight_prices[:, None])
        bid = _bids(instrument, value(instrument, walk.values, at), spread).clip(bids[2], bids[1])
        put_corners(bid, high_low, bids)
        steps = np.arange(minutes.start * STEPS, minutes.stop * STEPS)
        traded = self._traded(instrument, steps, high_low, whole.volume[rows], whole.count[rows])
        at_ask = uniform(key(self._seed, instrument.conId, "sides"), steps) < 0.5
        prices = bid + spread * at_ask.reshape(bid.shape)
        put_corners(prices, high_low, trades)
        # An index has a new value on every step, though nothing is traded.
        happens = traded > 0 if has_quotes(instrument) else np.ones(len(steps), dtype=bool)
        last = prices.ravel()[np.maximum.accumulate(np.where(happens, np.arange(len(steps)), 0))]
        bid_size, ask_size = self._sizes(instrument, steps)
        return StepSeries(bid.ravel(), last, traded, bid_size, ask_size, np.repeat(whole.spread[rows], STEPS))

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
            usual *= _attention(instrument, minutes)
        volume = _EXTREMES + (usual * (0.4 + 1.2 * draws)).astype(np.int64)
        trades = np.minimum(_EXTREMES + (np.sqrt(volume) / 4).astype(np.int64), _MOST_TRADES)
        return volume, np.minimum(trades, volume)

    def _traded(
        self, instrument: Instrument, steps: Ints, high_low: tuple[Ints, Ints], volumes: Ints, counts: Ints
    ) -> Ints:
        """Return what is traded on each step: each minute's volume in all, on as many steps as its count.

        The corners of a minute are among them.
        """
        if not counts.any():
            return np.zeros_like(steps)
        turns = uniform(key(self._seed, instrument.conId, "turns"), steps).reshape(-1, STEPS)
        put_corners(turns, high_low, _FIRST_OF_ALL)
        chosen = np.empty_like(turns, dtype=np.int64)
        np.put_along_axis(chosen, np.argsort(turns, axis=1, kind="stable"), np.arange(STEPS) < counts[:, None], axis=1)
        drawn = uniform(key(self._seed, instrument.conId, "shares"), steps).reshape(-1, STEPS)
        shares = np.cumsum(drawn * chosen, axis=1)
        spread = np.floor(shares / shares[:, -1:] * (volumes - counts)[:, None]).astype(np.int64)
        return np.asarray(chosen + np.diff(spread, axis=1, prepend=0)).ravel()

    def _sizes(self, instrument: Instrument, steps: Ints) -> tuple[Ints, Ints]:
        kind, turns = instrument.kind, steps[::_SIZE_STEPS] // _SIZE_STEPS  # a minute has a whole number of turns
        draws = (uniform(key(self._seed, instrument.conId, side), turns) for side in ("bids", "asks"))
        bids, asks = (np.repeat(kind.lot * (1 + (each * kind.depth).astype(np.int64)), _SIZE_STEPS) for each in draws)
        return bids, asks


def moments(instrument: Instrument, levels: Levels, minutes: Ints) -> Moments:
    """Return what pricing needs to know of `minutes`."""
    if instrument.option is None:
        return Moments(minutes, np.empty(0))
    midnights = levels.at_midnight(minutes // DAY_MINUTES)
    return Moments(minutes, plain_value(instrument.option.underlying, midnights))


def _attention(instrument: Instrument, minutes: Ints) -> Floats:
    """Return the part of the lead month's volume that a future has: all of it until a week before its end.

    It moves on to the next one little by little, so that about when that becomes the lead month they have the same.
    """
    left, spacing = 365 * years_left(instrument, minutes) - _ROLL_DAYS, instrument.pricing.spacing
    ahead, behind = np.maximum(left / spacing - 1, 0.0), np.maximum(-left / _ROLL_DAYS, 0.0)
    return np.asarray(np.maximum(_FADES ** -(ahead + behind), 1 / _FADES))


def _bids(instrument: Instrument, values: Floats, spread: Ints | int) -> Ints:
    middle = values / instrument.kind.tick - spread / 2
    return np.asarray(np.maximum(np.floor(middle + 0.5), 0.0).astype(np.int64))
