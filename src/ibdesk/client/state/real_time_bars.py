"""Real-time bars of five seconds: each message adds a bar to its list."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from math import isnan

from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state.bar_lists import RealTimeBarList
from ibdesk.client.state.known import known
from ibdesk.model.bars import BarData, RealTimeBar
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.real_time_bars import RealtimeBar


def realtime_bar(message: RealtimeBar, bars: RealTimeBarList, zone: tzinfo) -> Emissions:
    """Add the bar, its time in `zone`. Volume and average price are -1 if the bar is not made of trades."""
    bar = RealTimeBar(
        datetime.fromtimestamp(message.time, zone),
        -1,
        known(message.open_),
        known(message.high),
        known(message.low),
        known(message.close),
        -1.0 if message.volume == UNSET_DOUBLE else message.volume,
        -1.0 if message.wap == UNSET_DOUBLE else message.wap,
        message.count,
    )
    if bars.held is not None:
        bars.held.append(bar)
        return []
    bars.append(bar)
    return [Emit("barUpdateEvent", (bars, True)), Emit(bars.updateEvent, (bars, True))]


_LENGTH = timedelta(seconds=5)

_LAG = timedelta(minutes=1)
"""History may be behind by so much. What is missing before a longer time is taken for a market that was closed."""


def fill_back(past: list[BarData], bars: RealTimeBarList, last: datetime, zone: tzinfo) -> Iterator[Emit]:
    """Add the bars of history that are missing in a list, and then those that were held back for them.

    `last` is the time of the last bar in the list, or, if it is empty, after which time bars are missing. Each is
    emitted before the next one is added, so that listeners see what they would have seen.
    """
    bars.isInterrupted = False
    held, bars.held = bars.held or [], None
    if held:
        first = held[0].time
        yield from _told([_as_live(bar, zone) for bar in past if last < _time(bar) < first], bars)
        before = bars[-1].time if bars else last
        reaches_back = bool(past) and _time(past[0]) <= last
        if first - before > _LENGTH and not (reaches_back and first - before > _LAG):
            bars.gaps.append((before, first))
            yield Emit(bars.gapEvent, (bars, before, first))
    yield from _told(held, bars)


def _told(new: list[RealTimeBar], bars: RealTimeBarList) -> Iterator[Emit]:
    for bar in new:
        bars.append(bar)
        yield Emit("barUpdateEvent", (bars, True))
        yield Emit(bars.updateEvent, (bars, True))


def _time(bar: BarData) -> datetime:
    assert isinstance(bar.date, datetime), "bars of five seconds have a time of day"
    return bar.date


def _as_live(bar: BarData, zone: tzinfo) -> RealTimeBar:
    prices = bar.open, bar.high, bar.low, bar.close
    volume, average = (-1.0 if isnan(amount) else float(amount) for amount in (bar.volume, bar.average))
    return RealTimeBar(_time(bar).astimezone(zone), -1, *prices, volume, average, bar.barCount)
