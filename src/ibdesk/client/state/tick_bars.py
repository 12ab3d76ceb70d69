"""Operators that make streams of prices out of a ticker, and bars out of such streams.

For example, `ticker.updateEvent.trades().timebars(Event.timer(60))` makes bars of a minute. The classes here are
operators like those of `ibdesk.events`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan, nan
from typing import Any, Protocol

from ibdesk.client.state.bar_lists import LiveList
from ibdesk.client.state.tick_types import (
    ASK,
    ASK_SIZE,
    BID,
    BID_SIZE,
    DELAYED_ASK,
    DELAYED_ASK_SIZE,
    DELAYED_BID,
    DELAYED_BID_SIZE,
    DELAYED_LAST,
    DELAYED_LAST_SIZE,
    LAST,
    LAST_SIZE,
)
from ibdesk.events import Event, Op
from ibdesk.model.fields import Noun
from ibdesk.model.quotes import TickData

RT_VOLUME = 48

TRADES = (LAST, LAST_SIZE, RT_VOLUME, DELAYED_LAST, DELAYED_LAST_SIZE)
BIDS = (BID_SIZE, BID, DELAYED_BID, DELAYED_BID_SIZE)
ASKS = (ASK, ASK_SIZE, DELAYED_ASK, DELAYED_ASK_SIZE)


class Ticked(Protocol):
    """What a stream of prices needs of a ticker."""

    @property
    def ticks(self) -> Sequence[TickData]:
        """The ticks of the newest batch."""
        ...

    @property
    def time(self) -> datetime | None:
        """The time of the newest batch."""
        ...

    def midpoint(self) -> float:
        """Return the mean of bid and ask."""
        ...


class Tickfilter(Op[datetime, float, float]):
    """An operator that emits (time, price, size) of the ticks of some types."""

    __slots__ = ("_tickTypes",)

    def __init__(self, tickTypes: Iterable[int], source: Any = None) -> None:
        self._tickTypes = frozenset(tickTypes)
        super().__init__(source)

    def on_source(self, ticker: Ticked) -> None:
        for tick in ticker.ticks:
            if tick.tickType in self._tickTypes:
                self.emit(tick.time, tick.price, tick.size)

    def timebars(self, timer: Event[*tuple[Any, ...]]) -> "TimeBars":
        """Make bars of time. Each bar begins when `timer` emits, the first one at its first emit."""
        return TimeBars(timer, self)

    def tickbars(self, count: int) -> "TickBars":
        """Make bars of `count` ticks."""
        return TickBars(count, self)

    def volumebars(self, volume: float) -> "VolumeBars":
        """Make bars of at least `volume`."""
        return VolumeBars(volume, self)


class Midpoints(Tickfilter):
    """An operator that emits (time, midpoint, 0) of a ticker."""

    __slots__ = ()

    def on_source(self, ticker: Ticked) -> None:
        if ticker.ticks:
            emit: Any = self.emit  # the time of a ticker with ticks is known
            emit(ticker.time, ticker.midpoint(), 0)


@dataclass
class Bar(Noun):
    """The prices in a span of time. `time` is its start, or what the timer emitted. Without ticks, prices are NaN."""

    time: datetime | None
    open: float = nan
    high: float = nan
    low: float = nan
    close: float = nan
    volume: float = 0
    count: int = 0

    def add(self, price: float, size: float) -> None:
        """Add a tick."""
        if isnan(self.open):
            self.open = self.high = self.low = price
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.volume += size
        self.count += 1


class BarList(LiveList[Bar]):
    """The bars of a stream; the last one may still grow. `updateEvent` emits (bars, whether the last is complete)."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.updateEvent: Event[BarList, bool] = Event("updateEvent")


class TimeBars(Op[Bar]):
    """An operator that emits each bar when it is complete. All bars are in `bars`.

    The prices of a bar without ticks are the close of the bar before. `bars.updateEvent` emits (bars, False) after
    every tick, and (bars, True) when a bar is complete. The operator ends when its source or the timer ends.
    """

    __slots__ = ("_timer", "bars")

    def __init__(self, timer: Event[*tuple[Any, ...]], source: Any = None) -> None:
        self._timer = timer
        self.bars: BarList = BarList()
        timer.connect(self._on_timer, None, self._on_timer_done, keep_ref=True)
        super().__init__(source)

    def on_source(self, time: datetime, price: float, size: float) -> None:
        if self.bars:
            self.bars[-1].add(price, size)
            self.bars.updateEvent.emit(self.bars, False)

    def end(self) -> None:
        self._timer.disconnect(self._on_timer, None, self._on_timer_done)
        super().end()

    def _on_timer(self, time: Any) -> None:
        if self.bars:
            bar = self.bars[-1]
            if isnan(bar.close) and len(self.bars) > 1:
                bar.open = bar.high = bar.low = bar.close = self.bars[-2].close
            self.bars.updateEvent.emit(self.bars, True)
            self.emit(bar)
        self.bars.append(Bar(time))

    def _on_timer_done(self, _timer: Any) -> None:
        self.end()


class _FullBars(Op[BarList]):
    __slots__ = ("_limit", "bars")

    def __init__(self, limit: float, source: Any = None) -> None:
        self._limit = limit
        self.bars: BarList = BarList()
        super().__init__(source)

    def on_source(self, time: datetime, price: float, size: float) -> None:
        if not self.bars or self._size(self.bars[-1]) >= self._limit:
            self.bars.append(Bar(time))
        self.bars[-1].add(price, size)
        if self._size(self.bars[-1]) >= self._limit:
            self.bars.updateEvent.emit(self.bars, True)
            self.emit(self.bars)

    def _size(self, bar: Bar) -> float:
        raise NotImplementedError


class TickBars(_FullBars):
    """An operator that makes bars of `count` ticks. It emits `bars`, all of them, when the last is complete.

    `bars.updateEvent` emits (bars, True) at the same time.
    """

    __slots__ = ()

    def __init__(self, count: int, source: Any = None) -> None:
        super().__init__(count, source)

    def _size(self, bar: Bar) -> float:
        return bar.count


class VolumeBars(_FullBars):
    """An operator that makes bars of at least `volume`. It emits `bars`, all of them, when the last is complete.

    `bars.updateEvent` emits (bars, True) at the same time.
    """

    __slots__ = ()

    def __init__(self, volume: float, source: Any = None) -> None:
        super().__init__(volume, source)

    def _size(self, bar: Bar) -> float:
        return bar.volume
