"""Bars, which are cut from the trade series of an instrument.

Bars are put together from atoms: whole minutes, or single steps where a bar begins or ends within a minute. Prices of
atoms are in half ticks, so that midpoints too are whole numbers and bars of bars are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from ..instruments import HOURS, Instrument, MarketSession
from .noise import Floats, Ints
from .requests import BarSize
from .trade_series import MinuteSeries, StepSeries, TradeSeries
from .walk import STEPS

STEPS_A_SECOND = 4
_NOT_COUNTED = -1
_MOST_EXACT_STEPS = 800 * STEPS  # two days of regular hours
_GROUP_STEPS = 6_000 * STEPS
_NO_MINUTES = np.empty(0, dtype=np.int64)


class Bar(NamedTuple):
    """One bar of history.

    `date` is when it begins, in the instrument's zone, or for bars of a day and more the last trading day in it.
    `average` is the volume-weighted price, of which each whole minute counts with the mean of its four prices.
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


class Span(NamedTuple):
    """A stretch of one session, from one step to another (not included), counted from 1970-01-01 UTC."""

    session: MarketSession
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Atoms:
    """Pieces of the series: when each begins (in seconds), its four prices, weight and trades.

    `asks` are their prices again, but for a series that shows bids and asks together.
    """

    begins: Ints
    prices: tuple[Ints, Ints, Ints, Ints]
    asks: tuple[Ints, Ints, Ints, Ints]
    steps: Ints
    volume: Ints
    count: Ints


def span_of(session: MarketSession, until: datetime | None = None) -> Span:
    """Return the whole of a session, or what began of it before `until`."""
    first = int(session.start.timestamp()) * STEPS_A_SECOND
    last = int(session.end.timestamp()) * STEPS_A_SECOND
    if until is not None and until < session.end:
        last = max(first, step_before(until))
    return Span(session, first, last)


def step_before(moment: datetime) -> int:
    """Return the number of steps that began before `moment`."""
    return -int(-moment.timestamp() * STEPS_A_SECOND // 1)


def price_digits(tick: float) -> int:
    """Return the decimals with which multiples of half a tick are written."""
    text = f"{tick / 2:.10f}".rstrip("0")
    return len(text) - text.index(".") - 1


def values(instrument: Instrument, half_ticks: Ints) -> Floats:
    """Return half ticks as prices."""
    tick = instrument.kind.tick
    return np.asarray(np.round(half_ticks * (tick / 2), price_digits(tick)), np.float64)


def cut(source: TradeSeries, instrument: Instrument, spans: list[Span], size: BarSize, what: str) -> list[Bar]:
    """Return the bars of `size` that cover `spans`, of the series `what`: TRADES, MIDPOINT, BID, ASK or BID_ASK."""
    finest = STEPS if size.seconds % 60 == 0 else 1
    found: list[Bar] = []
    for group in _groups(spans, size):
        atoms = _joined(list(_pieces(source, instrument, group, finest, what)))
        found += _bars(instrument, atoms, group, size, what)
    return found


def _groups(spans: list[Span], size: BarSize) -> Iterator[list[Span]]:
    """Yield the spans a few at a time, so that what is made of them fits a processor's cache. No bar is in two."""
    group: list[Span] = []
    steps = 0
    for span in spans:
        if steps >= _GROUP_STEPS and not _share_a_bar(group[-1].session, span.session, size):
            yield group
            group, steps = [], 0
        group.append(span)
        steps += span.last - span.first
    if group:
        yield group


def _share_a_bar(session: MarketSession, after: MarketSession, size: BarSize) -> bool:
    return not size.seconds and period_number(session.day, size.period) == period_number(after.day, size.period)


def volume_by_price(source: TradeSeries, instrument: Instrument, spans: list[Span]) -> list[tuple[float, int]]:
    """Return what was traded at each price, the lowest first.

    It is exact where `spans` are short. In longer ones a minute's volume counts in equal parts at its four prices.
    """
    finest = 1 if sum(span.last - span.first for span in spans) <= _MOST_EXACT_STEPS else STEPS
    atoms = _joined(list(_pieces(source, instrument, spans, finest, "TRADES")))
    quarter = atoms.volume // 4
    sizes = np.concatenate([quarter, quarter, quarter, atoms.volume - 3 * quarter])
    levels, places = np.unique(np.concatenate(atoms.prices), return_inverse=True)
    totals = np.bincount(places, weights=sizes).astype(np.int64)
    traded = totals > 0
    return list(zip(values(instrument, levels[traded]).tolist(), totals[traded].tolist(), strict=True))


def _pieces(source: TradeSeries, instrument: Instrument, spans: list[Span], finest: int, what: str) -> Iterator[_Atoms]:
    """Yield what spans consist of: their whole minutes, unless `finest` is 1, and the steps of the others."""
    whole: list[Ints] = []  # those of several spans are had at once, which is faster
    for span in spans:
        begin, end = -(-span.first // STEPS), span.last // STEPS
        if finest == 1 or begin >= end:
            begin = end = -(-span.last // STEPS)
        before, after = range(span.first // STEPS, begin), range(end, -(-span.last // STEPS))
        if before:
            yield from _of_minutes(source, instrument, whole, what)
            whole = []
        yield from (_of_part(source, instrument, span, minute, what) for minute in before)
        whole.append(np.arange(begin, end))
        if after:
            yield from _of_minutes(source, instrument, whole, what)
            whole = []
        yield from (_of_part(source, instrument, span, minute, what) for minute in after)
    yield from _of_minutes(source, instrument, whole, what)


def _of_part(source: TradeSeries, instrument: Instrument, span: Span, minute: int, what: str) -> _Atoms:
    start = minute * STEPS
    first, last = max(span.first - start, 0), min(span.last - start, STEPS)
    return _of_steps(source.steps(instrument, minute), minute, first, last, what)


def _of_minutes(source: TradeSeries, instrument: Instrument, runs: list[Ints], what: str) -> Iterator[_Atoms]:
    minutes = np.concatenate(runs) if runs else _NO_MINUTES
    if not len(minutes):
        return
    series = source.minutes(instrument, minutes)
    shown = _shown(series, what)
    asks = _shown(series, "ASK") if what == "BID_ASK" else shown
    yield _Atoms(60 * minutes, shown, asks, np.full(len(minutes), STEPS), series.volume, series.count)


def _shown(series: MinuteSeries, what: str) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the four prices of each minute in half ticks."""
    if what == "TRADES":
        return _four(*(2 * each for each in series.trades))
    above = {"BID": 0, "BID_ASK": 0, "ASK": 2}.get(what, 1) * series.spread
    return _four(*(2 * each + above for each in series.bids))


def _of_steps(series: StepSeries, minute: int, first: int, last: int, what: str) -> _Atoms:
    bid, ask = 2 * series.bid[first:last], 2 * (series.bid[first:last] + series.spread)
    known = {"TRADES": 2 * series.last[first:last], "BID": bid, "BID_ASK": bid, "ASK": ask}
    shown = known.get(what, (bid + ask) // 2)
    traded = series.traded[first:last]
    begins = 60 * minute + np.arange(first, last) // STEPS_A_SECOND
    ones = np.ones(last - first, dtype=np.int64)
    return _Atoms(begins, _four(shown, shown, shown, shown), _four(ask, ask, ask, ask), ones, traded, 1 * (traded > 0))


def _four(opens: Ints, highs: Ints, lows: Ints, closes: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    return opens, highs, lows, closes


def _joined(atoms: list[_Atoms]) -> _Atoms:
    if len(atoms) == 1:
        return atoms[0]

    def prices(four: list[tuple[Ints, Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints, Ints]:
        return _four(*(np.concatenate(each) for each in zip(*four, strict=True)))

    return _Atoms(
        np.concatenate([each.begins for each in atoms]),
        prices([each.prices for each in atoms]),
        prices([each.asks for each in atoms]),
        np.concatenate([each.steps for each in atoms]),
        np.concatenate([each.volume for each in atoms]),
        np.concatenate([each.count for each in atoms]),
    )


def _labels(sessions: list[MarketSession], places: Ints, begins: Ints, size: BarSize) -> Ints:
    """Return a number for each atom that tells to which bar it belongs: within a day, when that begins.

    `places` tell of which session an atom is. Bars are aligned to the exchange's clock, so that the first one of a
    session is shorter where it opens in between.
    """
    if not size.seconds:
        return np.array([period_number(session.day, size.period) for session in sessions])[places]
    offsets = (session.start.utcoffset() or timedelta(0) for session in sessions)
    shifts = np.array([int(offset.total_seconds()) for offset in offsets])[places]
    starts = np.array([int(session.start.timestamp()) for session in sessions])[places]
    return np.asarray(np.maximum((begins + shifts) // size.seconds * size.seconds - shifts, starts))


def period_number(day: date, period: str) -> int:
    """Return the number of the day, week, month, quarter or year to which `day` belongs."""
    months = day.year * 12 + day.month - 1
    numbers = {"day": day.toordinal(), "week": (day.toordinal() - 1) // 7, "month": months, "quarter": months // 3}
    return numbers.get(period, day.year)


def _bars(instrument: Instrument, atoms: _Atoms, spans: list[Span], size: BarSize, what: str) -> list[Bar]:
    """Return the bars that atoms make. Whole columns are computed, since there may be thousands of bars."""
    # The label of an atom is the bar to which it belongs. Labels ascend, so a bar is a run of equal ones.
    firsts = np.array([span.first // STEPS_A_SECOND for span in spans])
    places = np.searchsorted(firsts, atoms.begins, side="right") - 1
    sessions = [span.session for span in spans]
    labels = _labels(sessions, places, atoms.begins, size)
    starts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
    ends = np.append(starts[1:], len(labels)) - 1
    half, digits = instrument.kind.tick / 2, price_digits(instrument.kind.tick)
    opens, highs, lows, closes = atoms.prices
    high, low = np.maximum.reduceat(highs, starts), np.minimum.reduceat(lows, starts)
    first, last = opens[starts].astype(np.float64), closes[ends].astype(np.float64)
    if what == "BID_ASK":
        # Such a bar opens with the mean bid and closes with the mean ask; its high is an ask and its low a bid.
        first, last = _means(atoms.prices, atoms.steps, starts), _means(atoms.asks, atoms.steps, starts)
        high = np.maximum.reduceat(atoms.asks[1], starts)
        digits += 2
    columns = [np.round(each * half, digits).tolist() for each in (first, high, low, last)]
    if what == "TRADES":
        volume, count = np.add.reduceat(atoms.volume, starts), np.add.reduceat(atoms.count, starts)
        worth = np.add.reduceat(_typical(atoms.prices) * atoms.volume, starts)
        average = np.round(np.where(volume > 0, worth / np.maximum(volume, 1), 0.0) * half, digits + 1).tolist()
        extra = [volume.tolist(), average, count.tolist()]
    else:
        extra = [[_NOT_COUNTED] * len(starts), [float(_NOT_COUNTED)] * len(starts), [_NOT_COUNTED] * len(starts)]
    days = [sessions[place].day for place in places[ends]]
    dates = _dates(instrument, labels[starts]) if size.seconds else days
    return [Bar(*row) for row in zip(dates, *columns, *extra, strict=True)]


def _typical(prices: tuple[Ints, Ints, Ints, Ints]) -> Floats:
    opens, highs, lows, closes = prices
    return np.asarray((opens + highs + lows + closes) / 4)


def _means(prices: tuple[Ints, Ints, Ints, Ints], steps: Ints, starts: Ints) -> Floats:
    return np.asarray(np.add.reduceat(_typical(prices) * steps, starts) / np.add.reduceat(steps, starts))


def _dates(instrument: Instrument, labels: Ints) -> list[datetime]:
    zone = ZoneInfo(HOURS[instrument.kind.hours].zone)
    return [datetime.fromtimestamp(label, UTC).astimezone(zone) for label in labels.tolist()]
