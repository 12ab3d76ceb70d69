"""Historical bars: from messages to the bars that programs see."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, tzinfo
from math import ceil
from operator import attrgetter

from ibdesk.client.effects import Emissions, Emit
from ibdesk.client.state.bar_lists import BarDataList
from ibdesk.client.state.known import all_known
from ibdesk.model.bars import BarData
from ibdesk.model.fields import same
from ibdesk.model.times import parseIBDatetime, zone_named
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.history import HistoricalData, HistoricalDataUpdate

_TELLING = tuple(map(attrgetter, ("close", "volume", "average")))
"""The fields that show whether a bar has all its amounts. Servers leave out all its prices or none.

To look at all fields would take longer.
"""

_LENGTH = len("20260402 09:30:00")
_START = datetime(1970, 1, 1)


def historical_data(message: HistoricalData, *, zone: tzinfo | None = None) -> list[BarData]:
    """Return the bars of an answer, with dates instead of texts.

    `zone` is the time zone of TWS, in which old servers write moments. Without it, such moments are naive. Raises
    ValueError for a date that cannot be read.
    """
    _read_dates(message.bars, zone)
    if any(UNSET_DOUBLE in map(amount, message.bars) for amount in _TELLING):
        for bar in message.bars:
            all_known(bar)
    return message.bars


def historical_data_update(
    message: HistoricalDataUpdate, bars: BarDataList, *, zone: tzinfo | None = None
) -> Emissions:
    """Add the newest bar to a list that is kept up to date, or replace the last bar by it.

    A bar that is older than the last, or the same, changes nothing. Raises ValueError for a date that cannot be read.
    """
    # The last bar is sent again and again while it grows; its date tells whether the bar is a new one.
    bar = all_known(message.bar)
    _read_dates((bar,), zone)
    if not bars:
        is_new = True
    else:
        last = bars[-1]
        if isinstance(bar.date, datetime) and not isinstance(last.date, datetime):
            bar.date = bar.date.date()
        is_new = bar.date > last.date
        if bar.date < last.date or same(bar.tuple(), last.tuple()):
            return []
    if is_new:
        bars.append(bar)
    else:
        bars[-1] = bar
    return [Emit("barUpdateEvent", (bars, is_new)), Emit(bars.updateEvent, (bars, is_new))]


def catch_up(told: list[BarData], bars: BarDataList) -> Iterator[Emit]:
    """Bring a list up to date whose updates were interrupted, by the bars of a new answer.

    Bars that were complete do not change. The last one, which was still growing, becomes what it has come to, and the
    later ones are added. Each is emitted before the next one is added, so that listeners see what they would have seen.
    """
    bars.isInterrupted = False
    last = bars[-1].date if bars else None
    if told and last is not None and told[0].date > last:
        bars.gaps.append((last, told[0].date))
        yield Emit(bars.gapEvent, (bars, last, told[0].date))
    for bar in told:
        is_new = last is None or bar.date > last
        if not is_new and (bar.date != last or same(bar.tuple(), bars[-1].tuple())):
            continue
        if is_new:
            bars.append(bar)
        else:
            bars[-1] = bar
        yield Emit("barUpdateEvent", (bars, is_new))
        yield Emit(bars.updateEvent, (bars, is_new))


_SECONDS = {"S": 1, "D": 86_400, "W": 7 * 86_400, "M": 30 * 86_400, "Y": 365 * 86_400}
_DAY = 86_400
_LONGEST_IN_DAYS = 365

_NIGHT = 6 * 3600
"""A hole of so many seconds may hold a night, and a duration in days counts days of trading."""


def duration_since(last: date, now: datetime, asked: str) -> str:
    """Return the duration that covers all bars since `last`: what was `asked` first, or a longer one if need be."""
    begin = last if isinstance(last, datetime) else datetime.combine(last, time(), UTC)
    seconds = (now - (begin if begin.tzinfo else begin.replace(tzinfo=now.tzinfo))).total_seconds()
    number, _, unit = asked.strip().partition(" ")
    unit = unit.strip().upper()[:1] or "S"
    covered = int(number) * _SECONDS.get(unit, 1) if number.isdigit() else 0
    if unit != "S" and seconds > _NIGHT:
        seconds += _DAY
    if seconds <= covered:
        return asked
    if unit == "S" and seconds < _DAY:
        return f"{ceil(seconds)} S"
    days = ceil(seconds / _DAY)
    return f"{days} D" if days <= _LONGEST_IN_DAYS else f"{ceil(days / _LONGEST_IN_DAYS)} Y"


def _read_dates(bars: Iterable[BarData], zone: tzinfo | None) -> None:
    """Turn the texts in `date` into dates or datetimes. It is fast, because bars come by the thousand."""
    name = ""
    start = _START
    for bar in bars:
        text = str(bar.date)
        if text[8:9] == " " and text[_LENGTH : _LENGTH + 1] == " ":
            if text[_LENGTH:] != name:
                name = text[_LENGTH:]
                start = _START.replace(tzinfo=zone_named(name) or zone)
            # Adding a difference of local times takes a third of the time of `replace`.
            bar.date = start + (datetime.fromisoformat(text[:_LENGTH]) - _START)
        else:
            bar.date = parseIBDatetime(text, zone)
