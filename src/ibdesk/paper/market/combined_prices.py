"""Which prices an instrument has: those of a given source, or else seeded ones, which follow the source's.

An option follows the price of its underlying. Anything else that the source does not have follows the first one of it
on the same walk: the index before a fund. What moves against its walk (an index of fear) follows none but the walk.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache, partial

from ..instruments import Instrument, MarketSession, ending_of
from ..instruments.listings import load
from .bridged_levels import BridgedLevels
from .levels import Levels, PriceLevels, WalkLevels
from .noise import Ints
from .seeded_prices import SeededPrices
from .source import UNLIMITED, BarColumns, PriceSource, QuoteColumns, Span, limits, micros
from .walk import Walks


class CombinedPrices:
    """The prices of every instrument: of `given` where that has them, else drawn with a `seed`. It is a `PriceSource`.

    With `only_data` it covers nothing but what `given` has, and the options and futures that follow it.
    """

    def __init__(self, seed: int, given: PriceSource | None = None, *, only_data: bool = False) -> None:
        self._given = given
        self._only_data = only_data
        self._walks = Walks(seed)
        self._seeded = SeededPrices(seed, self.levels)
        self._leader = lru_cache(maxsize=4096)(self._find_leader)
        self._own = lru_cache(maxsize=256)(partial(PriceLevels, given)) if given is not None else None
        self._bridged = lru_cache(maxsize=256)(self._bridge)
        self._halted = getattr(given, "halted", None)  # of a HaltingSource
        self.limits: Callable[[Instrument], tuple[int, int]] = lru_cache(maxsize=4096)(self._find_limits)

    def covers(self, instrument: Instrument) -> bool:
        """Return whether the gateway serves prices of an instrument."""
        return not self._only_data or self.has_data(instrument) or self._derives(instrument)

    def has_data(self, instrument: Instrument) -> bool:
        """Return whether the prices of an instrument are those of the given source."""
        return self._given is not None and self._given.covers(instrument)

    def first(self, instrument: Instrument) -> datetime | None:
        """Return the moment at which the prices of an instrument begin, or of the one that it follows."""
        leader = self._leader(instrument)
        return self._given.first(leader) if self._given and leader else None

    def last(self, instrument: Instrument) -> datetime | None:
        """Return the moment from which on no more is known of an instrument, or of the one that it follows."""
        leader = self._leader(instrument)
        return self._given.last(leader) if self._given and leader else None

    def bars(self, instrument: Instrument, spans: Sequence[Span], seconds: int, what: str) -> Iterator[BarColumns]:
        """Yield bars that hold what happened within `spans`."""
        return self._of(instrument).bars(instrument, spans, seconds, what)

    def settled(self, instrument: Instrument, moment: int) -> int:
        """Return the last moment up to one at which spans can be cut, so that their bars are those of the whole.

        A given source may have none, and then it is long ago.
        """
        tell: Callable[[Instrument, int], int] | None = getattr(self._of(instrument), "settled", None)
        return tell(instrument, moment) if tell else -UNLIMITED

    def quotes(self, instrument: Instrument, session: MarketSession, moment: int) -> QuoteColumns:
        """Return the quotes and trades around a moment."""
        return self._of(instrument).quotes(instrument, session, moment)

    def halted(self, instrument: Instrument, times: Ints) -> list[int]:
        """Return what tick 49 tells of an instrument at each of some moments: 0 while trading is not halted."""
        return self._halted(instrument, times) if self._halted else [0] * len(times)

    def levels(self, instrument: Instrument) -> Levels:
        """Return the level that an instrument follows. One that is in the source follows its own price.

        What is traded while the one that it follows is closed, as a future at night, moves on then.
        """
        leader = self._leader(instrument)
        if self._own is None or leader is None:
            return WalkLevels(self._walks, instrument)
        underlying = instrument.option.underlying if instrument.option else instrument
        return self._own(leader) if underlying.conId == leader.conId else self._bridged(leader)

    def _bridge(self, leader: Instrument) -> Levels:
        assert self._own
        return BridgedLevels(self._own(leader), WalkLevels(self._walks, leader), leader, self.limits(leader)[1])

    def _of(self, instrument: Instrument) -> PriceSource:
        return self._given if self._given and self._given.covers(instrument) else self._seeded

    def _derives(self, instrument: Instrument) -> bool:
        return instrument.secType in ("OPT", "FOP", "FUT") and self._leader(instrument) is not None

    def _find_limits(self, instrument: Instrument) -> tuple[int, int]:
        """Return `first` and `last` in microseconds; what ends has no prices afterwards."""
        first, last = limits(self, instrument)
        ending = ending_of(instrument)
        return first, last if ending is None else min(last, micros(ending.last_trade))

    def _find_leader(self, instrument: Instrument) -> Instrument | None:
        """Return the one in the source that an instrument follows, itself if it is in it; None for the walk alone."""
        given = self._given
        if given is None:
            return None
        if given.covers(instrument):
            return instrument
        if instrument.option:
            return self._leader(instrument.option.underlying)
        if instrument.pricing.beta < 0:
            return None
        walk = instrument.pricing.walk
        same = [
            each
            for each in load().instruments
            if each.pricing.walk == walk and each.pricing.beta > 0 and given.covers(each)
        ]
        return min(same, key=lambda each: each.secType != "IND", default=None)
