"""The bar of a series that is being made just now. It is extended by what has come since it was looked at last."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import inf, ulp
from zoneinfo import ZoneInfo

from ..instruments import HOURS, Instrument
from .bars import NOISE, NOT_COUNTED, Bar
from .combined_prices import CombinedPrices
from .requests import BarSize
from .source import PRICE_DIGITS, SECOND, UNLIMITED, BarColumns, Span, within


class RunningBar:
    """The last bar of one series (`what`: TRADES, MIDPOINT, BID or ASK) of an instrument."""

    def __init__(self, source: CombinedPrices, instrument: Instrument, size: BarSize, what: str) -> None:
        self._source = source
        self._instrument = instrument
        self._size = size
        self._what = what
        self._zone = ZoneInfo(HOURS[instrument.kind.hours].zone)
        self._begin = self._settled = 0
        self._shown: datetime | None = None
        self._past = _Sum()
        """What is of before `_settled` in the bar that begins at `_begin`."""

    def of(self, spans: list[Span]) -> Bar | None:
        """Return the bar that covers spans, of which all belong to it, as `cut` does; None where there is nothing."""
        if not spans:
            return None
        begin, end = spans[0].begin, spans[-1].end
        if begin != self._begin or end < self._settled:
            self._begin = self._settled = begin
            self._past, self._shown = _Sum(), None
        settled = self._source.settled(self._instrument, end)
        if settled > self._settled:
            self._add(self._past, within(spans, self._settled, settled))
            self._settled = settled
        total = self._past.copy()
        self._add(total, within(spans, self._settled, UNLIMITED))
        return self._told(total, spans) if total.high > -inf else None

    def _add(self, total: "_Sum", spans: list[Span]) -> None:
        if spans:
            total.add(self._source.bars(self._instrument, spans, self._size.seconds, self._what), self._what)

    def _told(self, total: "_Sum", spans: list[Span]) -> Bar:
        volume, average, count = NOT_COUNTED, float(NOT_COUNTED), NOT_COUNTED
        if self._what == "TRADES":
            volume, count = total.volume, total.count
            average = round(total.worth / volume, PRICE_DIGITS) if volume else 0.0
        low, high = plain(total.low), plain(total.high)
        return Bar(self._date(total, spans), plain(total.open), high, low, plain(total.close), volume, average, count)

    def _date(self, total: "_Sum", spans: list[Span]) -> datetime | date:
        length = self._size.seconds
        if not length:
            return next(span.session.day for span in reversed(spans) if span.begin <= total.last)
        if self._shown is None:
            session = spans[-1].session
            shift = round((session.start.utcoffset() or timedelta(0)).total_seconds())
            begin = max((total.last // SECOND + shift) // length * length - shift, int(session.start.timestamp()))
            self._shown = datetime.fromtimestamp(begin, UTC).astimezone(self._zone)
        return self._shown


class _Sum:
    """Rows that are put together. `last` is when the last one begins, and `volume` their volume."""

    __slots__ = ("close", "count", "high", "last", "low", "open", "volume", "worth")

    def __init__(self) -> None:
        self.open = self.close = self.worth = 0.0
        self.high, self.low = -inf, inf
        self.volume = self.count = self.last = 0

    def copy(self) -> "_Sum":
        other = _Sum()
        other.open, other.high, other.low, other.close = self.open, self.high, self.low, self.close
        other.volume, other.worth, other.count, other.last = self.volume, self.worth, self.count, self.last
        return other

    def add(self, parts: Iterable[BarColumns], what: str) -> None:
        """Add the rows of a series."""
        for rows in parts:
            if not len(rows.begins):
                continue
            if self.high == -inf:
                self.open = float(rows.opens[0])
            self.high = max(self.high, float(rows.highs.max()))
            self.low = min(self.low, float(rows.lows.min()))
            self.close = float(rows.closes[-1])
            self.last = int(rows.begins[-1])
            if what == "TRADES":
                self.volume += int(rows.volumes.sum())
                self.count += int(rows.counts.sum())
                self.worth += float((rows.averages * rows.volumes).sum())


def plain(price: float) -> float:
    """Return a price as it is told: see `rounded`."""
    near = round(price, PRICE_DIGITS)
    return near if abs(near - price) <= NOISE * ulp(price) else price
