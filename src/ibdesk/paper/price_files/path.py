"""The way that a price takes within a bar: from its open by its high and its low to its close.

In which order high and low come, and everything else that a bar does not tell, is drawn from a seed, the instrument
and the time. A bar is divided into minutes first, if it is longer, and a minute, or a shorter bar, into steps of a
quarter of a second. Each minute knows its four prices, as the bar does, so that any minute can be had by itself.

What a bar tells stays exact: its prices, which may lie off the grid of ticks where they are adjusted, and its volume,
which is that of its trades. The prices between are on the grid.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..instruments import Instrument
from ..market.noise import key, uniform
from ..market.source import MINUTE, PRICE_DIGITS
from ..market.walk import STEP
from .columns import Flags, Floats, Ints

MINUTE_STEPS = MINUTE // STEP

_CORNERS = 4
_MOST_TRADES = 120
_SIZE_STEPS = 4
_WANDER = 0.3
_REACH = 0.15
_WIDEST = 0.1


FourPrices = tuple[Floats, Floats, Floats, Floats]
"""The open, high, low and close of each bar."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars as columns: from `begins` on and before `ends`, in microseconds since 1970.

    `averages` and `counts` are nan and -1 where they are not known. A bar is `anchored` when its four prices are those
    of trades (or of new values); one that is not has no trades without a volume.
    """

    begins: Ints
    ends: Ints
    opens: Floats
    highs: Floats
    lows: Floats
    closes: Floats
    volumes: Ints
    averages: Floats
    counts: Ints
    anchored: Flags

    def part(self, chosen: Any) -> "Bars":
        """Return those of the bars that a slice, a mask or positions choose."""
        return Bars(*(getattr(self, name)[chosen] for name in self.__slots__))

    def __len__(self) -> int:
        return len(self.begins)


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of bars of one length, as columns: when each begins, its price, what is traded, and what is quoted.

    `updates` is whether there is a trade (or a new value) on a step. `bids` and `asks` are nan for an index.
    """

    times: Ints
    prices: Floats
    traded: Ints
    updates: Flags
    bids: Floats
    asks: Floats


class Paths:
    """The ways that the prices of one instrument take, for one `seed`."""

    def __init__(self, seed: int, instrument: Instrument) -> None:
        self._instrument = instrument
        self._tick = instrument.kind.tick
        self._is_index = instrument.secType == "IND"
        self._is_forex = instrument.secType == "CASH"
        names = ("order", "spots", "beats", "reach", "shares", "turns", "sides", "spread", "band", "bids", "asks")
        self._keys = {name: key(seed, instrument.conId, "files", name) for name in names}

    def minutes(self, bars: Bars) -> Bars:
        """Return the minutes of bars that are longer than one: their prices and volumes are those of the bars."""
        counts = (bars.ends - bars.begins) // MINUTE
        parts: list[tuple[Ints, Bars]] = []
        for count in np.unique(counts).tolist():
            chosen = np.flatnonzero(counts == count)
            some = bars.part(chosen)
            parts.append((np.repeat(some.begins, count), some if count == 1 else self._divide(some, count)))
        if len(parts) == 1:
            return parts[0][1]
        joined = Bars(*(np.concatenate([getattr(part, name) for _, part in parts]) for name in Bars.__slots__))
        return joined.part(np.argsort(joined.begins, kind="stable"))

    def steps(self, bars: Bars) -> Steps:
        """Return the steps of bars of at most a minute, all of one length."""
        count = int((bars.ends[0] - bars.begins[0]) // STEP)
        numbers = bars.begins[:, None] // STEP + np.arange(count)
        spots = self._spots(bars, count)
        prices = self._through(bars, numbers, spots, np.arange(count), count - 1)
        rows = np.arange(len(bars))
        prices[:, 0], prices[:, -1] = bars.opens, bars.closes
        highs_at, lows_at = spots
        prices[rows, highs_at], prices[rows, lows_at] = bars.highs, bars.lows
        traded, updates = self._trades(bars, numbers, spots)
        bids, asks = self._quotes(bars, prices, numbers, spots)
        times = numbers * STEP
        return Steps(times.ravel(), prices.ravel(), traded.ravel(), updates.ravel(), bids.ravel(), asks.ravel())

    def sides(self, bars: Bars) -> tuple[FourPrices, FourPrices]:
        """Return the four prices of the bids and of the asks in bars of at most a minute, as their steps have them."""
        count = (bars.ends - bars.begins) // STEP
        begin, end = bars.begins // STEP, bars.begins // STEP + count - 1
        lowest_bid, highest_bid, lowest_ask, highest_ask = self._bands(bars)
        first = self._quoted(bars, bars.opens, self._takes_ask(begin))
        last = self._quoted(bars, bars.closes, self._takes_ask(end))
        return (first[0], highest_bid, lowest_bid, last[0]), (first[1], highest_ask, lowest_ask, last[1])

    def sizes(self, times: Ints) -> tuple[Ints, Ints]:
        """Return the sizes of bid and ask at each of `times`. They stay the same for a second."""
        kind = self._instrument.kind
        turns = times // (STEP * _SIZE_STEPS)
        bids, asks = (uniform(self._keys[side], turns) for side in ("bids", "asks"))
        return kind.lot * (1 + (bids * kind.depth).astype(np.int64)), kind.lot * (
            1 + (asks * kind.depth).astype(np.int64)
        )

    def spread(self, times: Ints, prices: Floats) -> Floats:
        """Return how far the ask is above the bid where the price is as given. It stays the same for a minute."""
        kind = self._instrument.kind
        narrow, wide = kind.spread
        drawn = uniform(self._keys["spread"], times // MINUTE)
        ticks = narrow + (drawn * (wide - narrow + 1)).astype(np.int64)
        if self._instrument.option:
            ticks = ticks + (0.01 * prices / kind.tick).astype(np.int64)
        # Adjusted prices may be smaller than a tick.
        return np.asarray(
            np.round(np.minimum(np.maximum(ticks, 1) * kind.tick, _WIDEST * prices), PRICE_DIGITS), np.float64
        )

    @staticmethod
    def usual_counts(bars: Bars) -> Ints:
        """Return how many trades there are in each bar if it does not tell."""
        minutes = np.maximum((bars.ends - bars.begins) // MINUTE, 1)
        usual = minutes * _CORNERS + (np.sqrt(bars.volumes * minutes) / 4).astype(np.int64)
        return np.asarray(np.minimum(np.minimum(usual, minutes * _MOST_TRADES), bars.volumes))

    def _spots(self, bars: Bars, count: int) -> tuple[Ints, Ints]:
        """Return at which of `count` places each bar has its high and its low: two between the first and the last."""
        positions = bars.begins // STEP
        drawn = uniform(self._keys["spots"], 2 * positions[:, None] + np.arange(2))
        between = count - 2
        one = 1 + (drawn[:, 0] * between).astype(np.int64)
        other = 1 + (one + (drawn[:, 1] * (between - 1)).astype(np.int64)) % between
        is_up = uniform(self._keys["order"], positions) < 0.5
        early, late = np.minimum(one, other), np.maximum(one, other)
        return np.where(is_up, early, late), np.where(is_up, late, early)

    def _through(self, bars: Bars, numbers: Ints, spots: tuple[Any, Any], grid: Any, end: int) -> Floats:
        """Return prices at the places of `grid`, from 0 to `end`, on the way through the four prices of each bar."""
        highs_at, lows_at = spots
        is_up = highs_at < lows_at
        early, late = np.minimum(highs_at, lows_at)[:, None], np.maximum(highs_at, lows_at)[:, None]
        opens, closes = bars.opens[:, None], bars.closes[:, None]
        top, bottom = bars.highs[:, None], bars.lows[:, None]
        one = np.where(is_up[:, None], top, bottom)
        other = np.where(is_up[:, None], bottom, top)
        legs = [
            opens + (one - opens) * grid / early,
            one + (other - one) * (grid - early) / (late - early),
            other + (closes - other) * (grid - late) / np.maximum(end - late, 0.5),
        ]
        way = np.where(grid <= early, legs[0], np.where(grid <= late, legs[1], legs[2]))
        beats = np.cumsum(uniform(self._keys["beats"], numbers) - 0.5, axis=1)
        along = np.linspace(0.0, 1.0, beats.shape[1])
        wander = (beats - beats[:, :1] - along * (beats[:, -1:] - beats[:, :1])) / np.sqrt(beats.shape[1])
        way = way + wander * _WANDER * (top - bottom)
        return np.clip(self._on_grid(way), bottom, top)

    def _on_grid(self, prices: Floats) -> Floats:
        return np.asarray(np.round(np.round(prices / self._tick) * self._tick, PRICE_DIGITS))

    def _divide(self, bars: Bars, count: int) -> Bars:
        """Return the `count` minutes of each of the bars."""
        rows = np.arange(len(bars))
        numbers = bars.begins[:, None] // MINUTE + np.arange(count + 1)
        highs_at, lows_at = self._minute_spots(bars, count)
        # Boundaries of minutes; the high and the low are reached in the middle of theirs.
        spots = (highs_at + 0.5, lows_at + 0.5)
        ends = self._through(bars, numbers, spots, np.arange(count + 1), count)
        ends[:, 0], ends[:, -1] = bars.opens, bars.closes
        opens, closes = ends[:, :-1].copy(), ends[:, 1:].copy()
        reach = uniform(self._keys["reach"], 2 * numbers[:, :-1, None] + np.arange(2)) * _REACH
        extent = ((bars.highs - bars.lows) / np.sqrt(count))[:, None]
        top, bottom = bars.highs[:, None], bars.lows[:, None]
        highs = np.clip(self._on_grid(np.maximum(opens, closes) + reach[:, :, 0] * extent), bottom, top)
        lows = np.clip(self._on_grid(np.minimum(opens, closes) - reach[:, :, 1] * extent), bottom, top)
        # Prices off the grid: rounding may have gone past them.
        highs, lows = np.maximum(highs, np.maximum(opens, closes)), np.minimum(lows, np.minimum(opens, closes))
        highs[rows, highs_at], lows[rows, lows_at] = bars.highs, bars.lows
        anchored = np.zeros(opens.shape, dtype=bool)
        for places in (0 * rows, highs_at, lows_at, 0 * rows + count - 1):
            anchored[rows, places] = True
        volumes = self._minute_volumes(bars, numbers[:, :-1], anchored)
        anchored |= (bars.volumes == 0)[:, None] & (top > bottom)
        quiet = ~anchored & (volumes < _CORNERS)
        for column in (opens, highs, lows):
            column[quiet] = closes[quiet]
        begins = numbers[:, :-1] * MINUTE
        return Bars(
            begins.ravel(),
            begins.ravel() + MINUTE,
            opens.ravel(),
            highs.ravel(),
            lows.ravel(),
            closes.ravel(),
            volumes.ravel(),
            np.full(begins.size, np.nan),
            np.full(begins.size, -1),
            anchored.ravel(),
        )

    def _minute_spots(self, bars: Bars, count: int) -> tuple[Ints, Ints]:
        """Return in which minute each bar has its high and its low: not in the same one."""
        drawn = uniform(self._keys["spots"], 2 * (bars.begins // STEP)[:, None] + np.arange(2))
        one = (drawn[:, 0] * count).astype(np.int64)
        other = (one + 1 + (drawn[:, 1] * (count - 1)).astype(np.int64)) % count
        is_up = uniform(self._keys["order"], bars.begins // STEP) < 0.5
        early, late = np.minimum(one, other), np.maximum(one, other)
        return np.where(is_up, early, late), np.where(is_up, late, early)

    def _minute_volumes(self, bars: Bars, numbers: Ints, anchored: Flags) -> Ints:
        """Return the volume of each minute. Those with one of the bar's four prices have some first."""
        needed = anchored.sum(axis=1)
        each = np.where(bars.volumes >= _CORNERS * needed, _CORNERS, 0)
        kept = anchored * each[:, None]
        rest = bars.volumes - kept.sum(axis=1)
        # Where there is hardly any volume, the minutes with the bar's prices have one unit each, as far as it goes.
        scarce = (each == 0)[:, None] & anchored
        ones = scarce & (np.cumsum(scarce, axis=1) <= bars.volumes[:, None])
        kept, rest = kept + ones, rest - ones.sum(axis=1)
        shares = np.cumsum(0.4 + 1.2 * uniform(self._keys["shares"], numbers), axis=1)
        upto = np.floor(shares / shares[:, -1:] * rest[:, None]).astype(np.int64)
        upto[:, -1] = rest
        spread = np.diff(upto, axis=1, prepend=0)
        return np.asarray(kept + spread)

    def _trades(self, bars: Bars, numbers: Ints, spots: tuple[Ints, Ints]) -> tuple[Ints, Flags]:
        """Return what is traded on each step, and on which steps there is a trade or a new value."""
        shape, rows = numbers.shape, np.arange(len(bars))
        corners = np.zeros(shape, dtype=bool)
        corners[:, 0] = corners[:, -1] = True
        for places in spots:
            corners[rows, places] = True
        if self._is_forex:
            return np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
        flat = bars.highs == bars.lows
        counts = self._counts(bars, shape[1])
        turns = uniform(self._keys["turns"], numbers)
        turns[corners] -= 1.0
        order = np.argsort(turns, axis=1, kind="stable")
        ranks = np.empty(shape, dtype=np.int64)
        np.put_along_axis(ranks, order, np.broadcast_to(np.arange(shape[1]), shape), axis=1)
        chosen = ranks < counts[:, None]
        shares = np.cumsum(uniform(self._keys["shares"], numbers) * chosen, axis=1)
        rest = bars.volumes - counts
        upto = np.floor(shares / np.maximum(shares[:, -1:], 1e-12) * rest[:, None]).astype(np.int64)
        upto = np.where(np.cumsum(chosen, axis=1) == counts[:, None], rest[:, None], upto)
        traded = np.asarray(chosen + np.diff(upto, axis=1, prepend=0), np.int64)
        traded[counts == 0] = 0
        updates = traded > 0
        updates |= corners & (bars.anchored & ~flat)[:, None]
        updates[:, 0] |= bars.anchored & flat & (bars.volumes == 0)
        if self._is_index:
            updates |= bars.anchored[:, None]
        return traded, updates

    def _counts(self, bars: Bars, most: int) -> Ints:
        """Return how many trades there are in each bar: as many as it tells, as far as there are steps for them."""
        wanted = np.where(bars.counts > 0, np.maximum(bars.counts, _CORNERS), self.usual_counts(bars))
        return np.asarray(np.minimum(np.minimum(wanted, most), bars.volumes))

    def _takes_ask(self, numbers: Ints) -> Flags:
        """Return on which steps the price is the ask, and else the bid."""
        return uniform(self._keys["sides"], numbers) < 0.5

    def _bands(self, bars: Bars) -> tuple[Floats, Floats, Floats, Floats]:
        """Return between what the bid is in each bar, and between what the ask is."""
        spread = self.spread(bars.begins, bars.lows)
        if self._is_index:
            none = np.full(len(bars), np.nan)
            return none, none, none, none
        if self._is_forex:
            half = spread / 2
            below, above = (np.round(bars.lows - half, PRICE_DIGITS), np.round(bars.highs - half, PRICE_DIGITS))
            return below, above, np.round(bars.lows + half, PRICE_DIGITS), np.round(bars.highs + half, PRICE_DIGITS)
        low_bid, high_bid = bars.lows, np.round(bars.highs - spread, PRICE_DIGITS)
        low_ask, high_ask = np.round(bars.lows + spread, PRICE_DIGITS), bars.highs
        # All trades of a bar that moves less than the spread are at or within one quote.
        narrow = (high_bid < low_bid) | (high_ask < low_ask)  # off the grid, rounding may make but one of them so
        at_bid = uniform(self._keys["band"], bars.begins // STEP) < 0.5
        bid = np.where(at_bid, low_bid, high_bid)
        ask = np.where(at_bid, low_ask, high_ask)
        return (
            np.where(narrow, bid, low_bid),
            np.where(narrow, bid, high_bid),
            np.where(narrow, ask, low_ask),
            np.where(narrow, ask, high_ask),
        )

    def _quoted(self, bars: Bars, prices: Floats, takes_ask: Flags) -> tuple[Floats, Floats]:
        """Return bid and ask where the price is one of each bar's, or a row of them for each bar."""
        spread = self.spread(bars.begins, bars.lows)
        bands = self._bands(bars)
        if prices.ndim == 2:
            spread, bands = spread[:, None], tuple(band[:, None] for band in bands)  # type: ignore[assignment]
        low_bid, high_bid, low_ask, high_ask = bands
        if self._is_forex:
            half = spread / 2
            return np.round(prices - half, PRICE_DIGITS), np.round(prices + half, PRICE_DIGITS)
        bids = np.where(takes_ask, np.round(prices - spread, PRICE_DIGITS), prices)
        asks = np.where(takes_ask, prices, np.round(prices + spread, PRICE_DIGITS))
        return np.clip(bids, low_bid, high_bid), np.clip(asks, low_ask, high_ask)

    def _quotes(self, bars: Bars, prices: Floats, numbers: Ints, spots: tuple[Ints, Ints]) -> tuple[Floats, Floats]:
        """Return bid and ask on each step."""
        if self._is_index:
            none = np.full(prices.shape, np.nan)
            return none, none
        takes_ask = self._takes_ask(numbers)
        rows = np.arange(len(bars))
        highs_at, lows_at = spots
        takes_ask[rows, highs_at], takes_ask[rows, lows_at] = True, False
        return self._quoted(bars, prices, takes_ask)
