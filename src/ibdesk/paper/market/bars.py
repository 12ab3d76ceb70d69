"""Bars of any size, which are put together from the columns of a price source."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from ..instruments import HOURS, Instrument, MarketSession
from .noise import Floats, Ints
from .requests import BarSize
from .source import MINUTE, PRICE_DIGITS, SECOND, BarColumns, PriceSource, Span, micros

NOT_COUNTED = -1
"""The volume, average and number of trades of a bar that shows no trades."""

_MOST_EXACT = 800 * MINUTE  # two days of regular hours
_GROUP = 6_000 * MINUTE
NOISE = 8
"""How many of the last bits of a float are the noise of a computation."""


class Bar(NamedTuple):
    """One bar of history.

    `date` is when it begins, in the instrument's zone, or for bars of a day and more the last trading day in it.
    `average` is the volume-weighted price: that of the walk counts each whole minute with the mean of its four prices.
    `volume`, `average` and `barCount` are -1 where no trades are shown.
    """

    date: datetime | date
    open: float
    high: float
    low: float
    close: float
    volume: int
    average: float
    barCount: int


class _Sums(NamedTuple):
    """The columns of the bars that were asked for, in all kinds of series."""

    dates: list[datetime] | list[date]
    opens: Floats
    highs: Floats
    lows: Floats
    closes: Floats
    averages: Floats
    volumes: Ints
    counts: Ints


def span_of(session: MarketSession, until: datetime | None = None) -> Span:
    """Return the whole of a session, or what of it is before `until`."""
    begin, end = micros(session.start), micros(session.end)
    return Span(session, begin, end if until is None else max(begin, min(end, micros(until))))


def price_digits(tick: float) -> int:
    """Return the decimals with which multiples of half a tick are written."""
    text = f"{tick / 2:.10f}".rstrip("0")
    return len(text) - text.index(".") - 1


def cut(source: PriceSource, instrument: Instrument, spans: list[Span], size: BarSize, what: str) -> list[Bar]:
    """Return the bars of `size` that cover `spans`, of the series `what`: TRADES, MIDPOINT, BID, ASK or BID_ASK."""
    found: list[Bar] = []
    for group in _groups(spans, size):
        if what == "BID_ASK":
            bids, asks = (_sums(source, instrument, group, size, side) for side in ("BID", "ASK"))
            found += _bid_ask(bids, asks, instrument)
        else:
            found += _told(_sums(source, instrument, group, size, what), what)
    return found


def _groups(spans: list[Span], size: BarSize) -> Iterator[list[Span]]:
    """Yield the spans a few at a time, so that what is made of them fits a processor's cache. No bar is in two."""
    group: list[Span] = []
    length = 0
    for span in spans:
        if length >= _GROUP and not _share_a_bar(group[-1].session, span.session, size):
            yield group
            group, length = [], 0
        group.append(span)
        length += span.end - span.begin
    if group:
        yield group


def _share_a_bar(session: MarketSession, after: MarketSession, size: BarSize) -> bool:
    return not size.seconds and period_number(session.day, size.period) == period_number(after.day, size.period)


def volume_by_price(source: PriceSource, instrument: Instrument, spans: list[Span]) -> list[tuple[float, int]]:
    """Return what was traded at each price, the lowest first.

    Where `spans` are short, bars of a second are asked of the source. The volume of a bar counts in equal parts at its
    four prices.
    """
    seconds = 1 if sum(span.end - span.begin for span in spans) <= _MOST_EXACT else 60
    bars = joined(source.bars(instrument, spans, seconds, "TRADES"))
    if bars is None:
        return []
    quarter = bars.volumes // 4
    sizes = np.concatenate([quarter, quarter, quarter, bars.volumes - 3 * quarter])
    prices = np.round(np.concatenate([bars.opens, bars.highs, bars.lows, bars.closes]), PRICE_DIGITS)
    levels, places = np.unique(prices, return_inverse=True)
    totals = np.bincount(places, weights=sizes).astype(np.int64)
    traded = totals > 0
    return list(zip(levels[traded].tolist(), totals[traded].tolist(), strict=True))


def joined(parts: Iterable[BarColumns]) -> BarColumns | None:
    """Return the rows of all parts as one; None where there are none."""
    parts = [part for part in parts if len(part.begins)]
    if len(parts) < 2:
        return parts[0] if parts else None
    return BarColumns(*(np.concatenate([getattr(part, name) for part in parts]) for name in BarColumns.__slots__))


def _labels(sessions: list[MarketSession], places: Ints, begins: Ints, size: BarSize) -> Ints:
    """Return a number for each row that tells to which bar it belongs: within a day, the second at which that begins.

    `places` tell of which session a row is. Bars are aligned to the exchange's clock, so that the first one of a
    session is shorter where it opens in between.
    """
    if not size.seconds:
        return np.array([period_number(session.day, size.period) for session in sessions])[places]
    offsets = (session.start.utcoffset() or timedelta(0) for session in sessions)
    shifts = np.array([int(offset.total_seconds()) for offset in offsets])[places]
    starts = np.array([int(session.start.timestamp()) for session in sessions])[places]
    return np.asarray(np.maximum((begins // SECOND + shifts) // size.seconds * size.seconds - shifts, starts))


def period_number(day: date, period: str) -> int:
    """Return the number of the day, week, month, quarter or year to which `day` belongs."""
    months = day.year * 12 + day.month - 1
    numbers = {"day": day.toordinal(), "week": (day.toordinal() - 1) // 7, "month": months, "quarter": months // 3}
    return numbers.get(period, day.year)


def _sums(source: PriceSource, instrument: Instrument, spans: list[Span], size: BarSize, what: str) -> _Sums | None:
    """Return the bars of one series. Whole columns are computed, since there may be thousands of bars."""
    rows = joined(source.bars(instrument, spans, size.seconds, what))
    if rows is None:
        return None
    # The label of a row is the bar to which it belongs. Labels ascend, so a bar is a run of equal ones.
    firsts = np.array([span.begin for span in spans])
    places = np.searchsorted(firsts, rows.begins, side="right") - 1
    sessions = [span.session for span in spans]
    labels = _labels(sessions, places, rows.begins, size)
    starts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
    ends = np.append(starts[1:], len(labels)) - 1
    volumes = np.add.reduceat(rows.volumes, starts)
    weights = rows.volumes if what == "TRADES" else rows.lengths
    totals = volumes if what == "TRADES" else np.add.reduceat(weights, starts)
    worth = np.add.reduceat(rows.averages * weights, starts)
    return _Sums(
        _dates(instrument, labels[starts]) if size.seconds else [sessions[place].day for place in places[ends]],
        rows.opens[starts],
        np.maximum.reduceat(rows.highs, starts),
        np.minimum.reduceat(rows.lows, starts),
        rows.closes[ends],
        np.where(totals > 0, worth / np.maximum(totals, 1), 0.0),
        volumes,
        np.add.reduceat(rows.counts, starts),
    )


def _told(sums: _Sums | None, what: str) -> list[Bar]:
    if sums is None:
        return []
    columns = rounded(sums.opens, sums.highs, sums.lows, sums.closes)
    if what == "TRADES":
        extra = [sums.volumes.tolist(), np.round(sums.averages, PRICE_DIGITS).tolist(), sums.counts.tolist()]
    else:
        none = [NOT_COUNTED] * len(sums.dates)
        extra = [none, [float(NOT_COUNTED)] * len(sums.dates), none]
    return [Bar(*row) for row in zip(sums.dates, *columns, *extra, strict=True)]


def _bid_ask(bids: _Sums | None, asks: _Sums | None, instrument: Instrument) -> list[Bar]:
    """Return bars that open with the mean bid and close with the mean ask; the high is an ask and the low a bid."""
    if bids is None or asks is None:
        return []
    digits = price_digits(instrument.kind.tick) + 2
    opens, closes = (np.round(each.averages, digits).tolist() for each in (bids, asks))
    highs, lows = rounded(asks.highs, bids.lows)
    rows = zip(bids.dates, opens, highs, lows, closes, strict=True)
    return [Bar(*row, NOT_COUNTED, float(NOT_COUNTED), NOT_COUNTED) for row in rows]


def rounded(*columns: Floats) -> list[list[float]]:
    """Return columns of the same length as they are told: without the noise of a computation, with all other digits."""
    # In one go, because a call of numpy costs more than some rows.
    prices = np.concatenate(columns)
    near = np.round(prices, PRICE_DIGITS)
    told: list[float] = np.where(np.abs(near - prices) <= NOISE * np.spacing(prices), near, prices).tolist()
    rows = len(columns[0])
    return [told[place * rows : (place + 1) * rows] for place in range(len(columns))]


def _dates(instrument: Instrument, labels: Ints) -> list[datetime]:
    zone = ZoneInfo(HOURS[instrument.kind.hours].zone)
    return [datetime.fromtimestamp(label, UTC).astimezone(zone) for label in labels.tolist()]
