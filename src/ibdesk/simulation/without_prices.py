"""When nobody quotes an instrument in a simulation, because its files begin later or end earlier."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.instruments import Instrument, latest, opening
from ibdesk.paper.market import PriceSource

from .result import WithoutPrices

_QUIET = timedelta(minutes=15)
"""How long before the close of the regular hours the prices of a day may end, and after their opening begin."""


def without_prices(prices: PriceSource | None, start: datetime, end: datetime) -> tuple[WithoutPrices, ...]:
    """Return in which parts of a time, with regular hours in them, instruments of the files have no prices."""
    instruments: Iterable[Instrument] = getattr(prices, "instruments", ())
    return tuple(each for instrument in instruments if prices for each in _of(prices, instrument, start, end))


def _of(prices: PriceSource, instrument: Instrument, start: datetime, end: datetime) -> Iterator[WithoutPrices]:
    hours, name = instrument.kind.hours, instrument.localSymbol
    first, last = prices.first(instrument), prices.last(instrument)
    if first:
        opens = opening(hours, start, regular=True)
        if opens < end and first - opens > _QUIET:
            yield WithoutPrices(name, start, min(first, end).astimezone(NEW_YORK))
    if last:
        goes_on = opening(hours, max(last, start), regular=True)
        closes = latest(hours, goes_on, regular=True).end
        if goes_on <= last and closes - last <= _QUIET:
            goes_on = opening(hours, closes, regular=True)
        if goes_on < end and (goes_on > last or end - last > _QUIET):
            yield WithoutPrices(name, max(last.astimezone(NEW_YORK), start), end)
