"""Decides how the tape of an instrument is cut into bars; must not know requests, clients or the time of day.

What is cut are atoms: whole minutes, or single beats where a bar begins or ends within a minute. Prices of atoms are
in half ticks, so that midpoints too are whole numbers and bars of bars are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from ..instruments import HOURS, Instrument, Session
from .noise import Floats, Ints
from .requests import BarSize
from .tape import BeatTape, MinuteTape, Tapes
from .walk import BEATS

BEATS_A_SECOND = 4
_NOT_COUNTED = -1


class Bar(NamedTuple):
    """One bar of history.

    ``date`` is when it begins, in the instrument's zone, or for bars of a day and more the last trading day in it.
    ``average`` is the volume-weighted price, of which each whole minute counts with the mean of its four prices.
    ``volume``, ``average`` and ``barCount`` are -1 where no trades are shown.
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
    """A stretch of one session, from one beat to another (not included), counted from 1970-01-01 UTC."""

    session: Session
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Atoms:
    """Consecutive pieces of the tape: when each begins (in seconds), its four prices, weight and trades."""

    begins: Ints
    prices: tuple[Ints, Ints, Ints, Ints]
    asks: tuple[Ints, Ints, Ints, Ints]
    beats: Ints
    volume: Ints
    count: Ints


def span_of(session: Session, until: datetime | None = None) -> Span:
    """The whole of a session, or what began of it before ``until``."""
    first, last = (int(each.timestamp()) * BEATS_A_SECOND for each in (session.start, session.end))
    if until is not None and until < session.end:
        last = max(first, beat_before(until))
    return Span(session, first, last)


def beat_before(moment: datetime) -> int:
    """The number of beats that began before ``moment``."""
    return -int(-moment.timestamp() * BEATS_A_SECOND // 1)


def price_digits(tick: float) -> int:
    """The decimals with which multiples of half a tick are written."""
    text = f"{tick / 2:.10f}".rstrip("0")
    return len(text) - text.index(".") - 1


def cut(tapes: Tapes, instrument: Instrument, spans: list[Span], size: BarSize, what: str) -> list[Bar]:
    """The bars of ``size`` that cover ``spans``, of the series ``what``: TRADES, MIDPOINT, BID, ASK or BID_ASK."""
    finest = BEATS if size.seconds % 60 == 0 else 1
    atoms, labels, days = [], [], []
    for span in spans:
        for piece in _pieces(tapes, instrument, span, finest, what):
            atoms.append(piece)
            labels.append(_labels(span.session, piece.begins, size))
            days.append(np.full(len(piece.begins), span.session.day.toordinal()))
    if not atoms:
        return []
    return _bars(instrument, _joined(atoms), np.concatenate(labels), np.concatenate(days), size, what)


def _pieces(tapes: Tapes, instrument: Instrument, span: Span, finest: int, what: str) -> Iterator[_Atoms]:
    first_minute, offset = divmod(span.first, BEATS)
    last_minute, rest = divmod(span.last, BEATS)
    minute = first_minute
    if offset or finest == 1:
        minute += 1
        yield _of_beats(tapes.beats(instrument, first_minute), first_minute, offset, BEATS, what)
    if finest == BEATS and minute < last_minute:
        yield _of_minutes(tapes.minutes(instrument, minute, last_minute - minute), what)
    elif finest == 1:
        for each in range(minute, last_minute):
            yield _of_beats(tapes.beats(instrument, each), each, 0, BEATS, what)
    if rest:
        yield _of_beats(tapes.beats(instrument, last_minute), last_minute, 0, rest, what)


def _of_minutes(tape: MinuteTape, what: str) -> _Atoms:
    bids = _four(*(2 * each for each in tape.bids))
    asks = _four(*(2 * (each + tape.spread) for each in tape.bids))
    shown = {"BID": bids, "BID_ASK": bids, "ASK": asks}.get(what)
    if what == "TRADES":
        shown = _four(*(2 * each for each in tape.trades))
    elif shown is None:
        shown = _four(*(2 * each + tape.spread for each in tape.bids))
    minutes = np.arange(tape.first, tape.first + len(tape.spread))
    return _Atoms(60 * minutes, shown, asks, np.full(len(minutes), BEATS), tape.volume, tape.count)


def _of_beats(tape: BeatTape, minute: int, first: int, last: int, what: str) -> _Atoms:
    bid, ask = 2 * tape.bid[first:last], 2 * (tape.bid[first:last] + tape.spread)
    series = {"TRADES": 2 * tape.last[first:last], "BID": bid, "BID_ASK": bid, "ASK": ask}
    shown = series.get(what, (bid + ask) // 2)
    traded = tape.traded[first:last]
    begins = 60 * minute + np.arange(first, last) // BEATS_A_SECOND
    ones = np.ones(last - first, dtype=np.int64)
    return _Atoms(begins, _four(shown, shown, shown, shown), _four(ask, ask, ask, ask), ones, traded, 1 * (traded > 0))


def _four(opens: Ints, highs: Ints, lows: Ints, closes: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    return opens, highs, lows, closes


def _joined(atoms: list[_Atoms]) -> _Atoms:
    def prices(four: list[tuple[Ints, Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints, Ints]:
        return _four(*(np.concatenate(each) for each in zip(*four, strict=True)))

    return _Atoms(
        np.concatenate([each.begins for each in atoms]),
        prices([each.prices for each in atoms]),
        prices([each.asks for each in atoms]),
        np.concatenate([each.beats for each in atoms]),
        np.concatenate([each.volume for each in atoms]),
        np.concatenate([each.count for each in atoms]),
    )


def _labels(session: Session, begins: Ints, size: BarSize) -> Ints:
    """A number for each atom that tells to which bar it belongs: within a day, when that begins.

    Bars are aligned to the exchange's clock, so that the first one of a session is shorter where it opens in between.
    """
    if size.seconds:
        offset = session.start.utcoffset() or timedelta(0)
        shift = int(offset.total_seconds())
        aligned = (begins + shift) // size.seconds * size.seconds - shift
        return np.asarray(np.maximum(aligned, int(session.start.timestamp())))
    return np.full(len(begins), period_number(session.day, size.period))


def period_number(day: date, period: str) -> int:
    """The number of the day, week, month, quarter or year to which ``day`` belongs."""
    months = day.year * 12 + day.month - 1
    numbers = {"day": day.toordinal(), "week": (day.toordinal() - 1) // 7, "month": months, "quarter": months // 3}
    return numbers.get(period, day.year)


def _bars(instrument: Instrument, atoms: _Atoms, labels: Ints, days: Ints, size: BarSize, what: str) -> list[Bar]:
    starts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
    ends = np.append(starts[1:], len(labels)) - 1
    half, digits = instrument.kind.tick / 2, price_digits(instrument.kind.tick)
    opens, highs, lows, closes = atoms.prices
    high, low = np.maximum.reduceat(highs, starts), np.minimum.reduceat(lows, starts)
    first, last = opens[starts].astype(np.float64), closes[ends].astype(np.float64)
    if what == "BID_ASK":
        first, last = _means(atoms.prices, atoms.beats, starts), _means(atoms.asks, atoms.beats, starts)
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
    return [
        Bar(*row) for row in zip(_dates(instrument, labels[starts], days[ends], size), *columns, *extra, strict=True)
    ]


def _typical(prices: tuple[Ints, Ints, Ints, Ints]) -> Floats:
    opens, highs, lows, closes = prices
    return np.asarray((opens + highs + lows + closes) / 4)


def _means(prices: tuple[Ints, Ints, Ints, Ints], beats: Ints, starts: Ints) -> Floats:
    return np.asarray(np.add.reduceat(_typical(prices) * beats, starts) / np.add.reduceat(beats, starts))


def _dates(instrument: Instrument, labels: Ints, days: Ints, size: BarSize) -> list[datetime] | list[date]:
    if not size.seconds:
        return [date.fromordinal(day) for day in days.tolist()]
    zone = ZoneInfo(HOURS[instrument.kind.hours].zone)
    return [datetime.fromtimestamp(label, UTC).astimezone(zone) for label in labels.tolist()]
