"""Historical bars: from messages to the bars that programs see."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
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
