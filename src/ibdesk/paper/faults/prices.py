"""Halts, gaps and crashes of instruments, as a source of prices over another one.

Gaps and crashes multiply prices by a factor that changes in steps, at whole seconds. Prices stay on the grid of ticks:
a bid goes down to the next price on it, an ask up, and a trade to the nearest. In a halt there are no quotes and no
trades: those of the source below are left out.

Whatever is asked is a view of the quotes and trades that come of this, or agrees with them.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from ..instruments import Instrument, Instruments, MarketSession, latest
from ..market.combined_prices import CombinedPrices
from ..market.noise import Floats, Ints
from ..market.recorded_prices import bars_of_events
from ..market.source import (
    MINUTE,
    QUOTE_COLUMNS,
    SECOND,
    BarColumns,
    PriceSource,
    QuoteColumns,
    Span,
    micros,
    moment_of,
)
from ..price_files.symbols import Symbols
from .kinds import Crash, Fault, Gap, Halt, InstrumentFault
from .scenario import Scenario

_MOST_STEPS = 600
_CLOSE = 1e-6
_SESSIONS_BACK = 15
"""So many sessions are looked through for the last trade."""

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Changes:
    """What happens to one instrument: factors, each from a moment on, and halts, each with its end and its tick 49."""

    times: list[int]
    factors: list[float]
    halts: list[tuple[int, int, int]]

    def factor(self, times: Ints) -> Floats:
        """Return the factor at each of some moments."""
        return np.array(self.factors)[np.searchsorted(np.array(self.times), times, side="right") - 1]

    def moments(self, begin: int, end: int) -> list[int]:
        """Return the moments after `begin` and before `end` at which something changes."""
        found = {*self.times, *(moment for halt in self.halts for moment in halt[:2])}
        return sorted(moment for moment in found if begin < moment < end)

    def is_plain(self, begin: int, end: int) -> bool:
        """Return whether nothing is different from `begin` on and before `end`."""
        known = bisect_right(self.times, begin) == bisect_right(self.times, end - 1) and self._at(begin) == 1.0
        return known and not any(first < end and begin < last for first, last, _ in self.halts)

    def _at(self, moment: int) -> float:
        return self.factors[bisect_right(self.times, moment) - 1]

    def is_halted(self, begin: int, end: int) -> bool:
        """Return whether trading is halted from `begin` on and before `end`, all the time."""
        return any(first <= begin and end <= last for first, last, _ in self.halts)


class FaultyPrices:
    """The prices of a source, and of the walk for other instruments, with what happens to some. It is a `PriceSource`.

    `given` are the prices of the gateway before that, as `PaperGateway` takes them with `seed` and `only_data`.
    """

    def __init__(
        self,
        changes: Mapping[Instrument, Sequence[InstrumentFault]],
        *,
        start: datetime,
        seed: int,
        given: PriceSource | None = None,
        only_data: bool = False,
    ) -> None:
        self._given = given
        self._below = CombinedPrices(seed, given, only_data=only_data)
        self._changes = {
            instrument.conId: _changes(sorted(faults, key=lambda each: _moment(each, start)), start)
            for instrument, faults in changes.items()
        }
        self._quotes = lru_cache(maxsize=256)(self._make)

    def covers(self, instrument: Instrument) -> bool:
        """Return whether the source below has an instrument, or something happens to it."""
        return instrument.conId in self._changes or (self._given is not None and self._given.covers(instrument))

    def first(self, instrument: Instrument) -> datetime | None:
        """Return the moment at which the prices of an instrument begin."""
        return self._below.first(instrument)

    def last(self, instrument: Instrument) -> datetime | None:
        """Return the moment from which on no more is known."""
        return self._below.last(instrument)

    def settled(self, instrument: Instrument, moment: int) -> int:
        """Return that of the source below: see `CombinedPrices.settled`."""
        return self._below.settled(instrument, moment)

    def halted(self, instrument: Instrument, times: Ints) -> list[int]:
        """Return what tick 49 tells at each of some moments."""
        told = [0] * len(times)
        changes = self._changes.get(instrument.conId)
        for begin, end, code in changes.halts if changes else ():
            first, last = np.searchsorted(times, (begin, end)).tolist()
            told[first:last] = [code] * (last - first)
        return told

    def bars(self, instrument: Instrument, spans: Sequence[Span], seconds: int, what: str) -> Iterator[BarColumns]:
        """Yield bars: those of the source below where a factor is all that differs, else such as the quotes make."""
        changes = self._changes.get(instrument.conId)
        if changes is None:
            yield from self._below.bars(instrument, spans, seconds, what)
            return
        for span in spans:
            if changes.is_plain(span.begin, span.end):
                yield from self._below.bars(instrument, [span], seconds, what)
                continue
            for part in _parts(changes, span):
                yield from self._part(instrument, changes, part, seconds, what)

    def _part(
        self, instrument: Instrument, changes: _Changes, part: Span, seconds: int, what: str
    ) -> Iterator[BarColumns]:
        """Yield the bars of a span within which nothing changes, or of a minute in which something does."""
        if changes.is_halted(part.begin, part.end):
            return
        if changes.is_plain(part.begin, part.end):
            yield from self._below.bars(instrument, [part], seconds, what)
        elif what != "MIDPOINT" and not changes.moments(part.begin - 1, part.end):
            factor = float(changes.factor(np.array([part.begin]))[0])
            for bars in self._below.bars(instrument, [part], seconds, what):
                yield _moved(bars, lambda prices: _on_grid(instrument, prices * factor, what))
        else:
            begin = part.begin
            while begin < part.end:
                events = self.quotes(instrument, part.session, begin)
                piece = part._replace(begin=begin, end=min(part.end, events.end))
                found = bars_of_events(events, piece, SECOND if seconds % 60 else MINUTE, what)
                if found is not None:
                    yield found
                begin = events.end

    def quotes(self, instrument: Instrument, session: MarketSession, moment: int) -> QuoteColumns:
        """Return the quotes and trades around a moment."""
        below = self._below.quotes(instrument, session, moment)
        changes = self._changes.get(instrument.conId)
        if changes is None or changes.is_plain(below.begin, below.end):
            last = changes and changes.halts and self._last_in_halt(below, changes)
            if not last:
                return below
        return self._quotes(instrument, session, below.begin)

    @staticmethod
    def _last_in_halt(columns: QuoteColumns, changes: _Changes) -> bool:
        """Return whether the first rows of a stretch tell a trade that was left out, since it was in a halt."""
        time = int(columns.last_times[0])
        return any(begin <= time < end for begin, end, _ in changes.halts)

    def _make(self, instrument: Instrument, session: MarketSession, begin: int) -> QuoteColumns:
        changes = self._changes[instrument.conId]
        columns = _with_rows(self._below.quotes(instrument, session, begin), changes)
        now, then = changes.factor(columns.times), changes.factor(columns.last_times)
        quoted = (columns.bids > 0), (columns.asks > 0)
        columns = replace(
            columns,
            bids=np.where(quoted[0], _on_grid(instrument, columns.bids * now, "BID"), columns.bids),
            asks=np.where(quoted[1], _on_grid(instrument, columns.asks * now, "ASK"), columns.asks),
            lasts=_on_grid(instrument, columns.lasts * then, "TRADES"),
        )
        return _with_changes(self._without_halts(instrument, columns, changes) if changes.halts else columns)

    def _without_halts(self, instrument: Instrument, columns: QuoteColumns, changes: _Changes) -> QuoteColumns:
        """Leave out what happens in halts: nobody quotes then, and the last trade is the one before."""
        times, starts = columns.times, [begin for begin, _, _ in changes.halts]
        halted = np.zeros(len(times), dtype=bool)
        for begin, end, _ in changes.halts:
            halted |= (times >= begin) & (times < end)
        # The first row of a halt, in this stretch, stays, and tells that there are no quotes.
        stays = ~halted
        for moment in (*starts, columns.begin):
            row = int(np.searchsorted(times, moment))
            if row < len(times) and times[row] == moment and halted[row]:
                stays[row] = True
        is_trade = (columns.traded > 0) & ~halted
        if not len(times) or np.isnan(columns.lasts).all():
            trades: Any = (columns.lasts, columns.last_sizes, columns.last_times)
        else:
            is_trade |= (columns.last_times == times) & ~halted
            before = self._trade_before(instrument, columns, changes)
            places = np.maximum.accumulate(np.where(is_trade, np.arange(len(times)), -1))
            trades = tuple(
                np.where(places >= 0, column[places], known)
                for column, known in zip((columns.lasts, columns.last_sizes, columns.last_times), before, strict=True)
            )
        columns = replace(
            columns,
            bids=np.where(halted & (columns.bids == columns.bids), -1.0, columns.bids),
            bid_sizes=np.where(halted, 0, columns.bid_sizes),
            asks=np.where(halted & (columns.asks == columns.asks), -1.0, columns.asks),
            ask_sizes=np.where(halted, 0, columns.ask_sizes),
            lasts=trades[0],
            last_sizes=trades[1],
            last_times=trades[2],
            traded=np.where(halted, 0, columns.traded),
        )
        return _rows_of(columns, stays)

    def _trade_before(self, instrument: Instrument, columns: QuoteColumns, changes: _Changes) -> tuple[float, int, int]:
        """Return price, size and time of the trade that stands as a stretch begins."""
        first = columns.lasts[0], columns.last_sizes[0], columns.last_times[0]
        time = int(first[2])
        halt = next((begin for begin, end, _ in changes.halts if begin <= time < end), None)
        if halt is None and time < columns.begin:
            return float(first[0]), int(first[1]), time
        moment = columns.begin if halt is None else halt
        session = latest(instrument.kind.hours, moment_of(moment) - _MICROSECOND)
        for _ in range(_SESSIONS_BACK):
            limit, _ = self._below.limits(instrument)
            at = min(moment, micros(session.end)) - 1
            if at < max(micros(session.start), limit):
                break
            known = self.quotes(instrument, session, at)
            row = int(np.searchsorted(known.times, at, side="right")) - 1
            if known.lasts[row] == known.lasts[row]:
                return float(known.lasts[row]), int(known.last_sizes[row]), int(known.last_times[row])
            session = latest(instrument.kind.hours, session.start - _MICROSECOND)
        return float("nan"), 0, 0


def _changes(faults: Sequence[InstrumentFault], start: datetime) -> _Changes:
    """Return what some faults, in the order of their times, do to an instrument."""
    steps: dict[int, float] = {}
    halts: list[tuple[int, int, int]] = []
    for fault in faults:
        begin = _moment(fault, start)
        match fault:
            case Halt():
                halts.append((begin, begin + max(round(fault.seconds), 1) * SECOND, fault.halted))
            case Gap():
                steps[begin] = steps.get(begin, 1.0) * (1 + fault.percent / 100)
            case Crash():
                for moment, factor in _way(begin, fault.seconds, 1 + fault.percent / 100):
                    steps[moment] = steps.get(moment, 1.0) * factor
                if fault.recovers:
                    low = begin + max(round(fault.seconds), 1) * SECOND
                    for moment, factor in _way(low, fault.recovers, 1 / (1 + fault.percent / 100)):
                        steps[moment] = steps.get(moment, 1.0) * factor
    times = sorted(steps)
    factors = np.cumprod([1.0, *(steps[time] for time in times)])
    factors[np.abs(factors - 1) < _CLOSE] = 1.0
    return _Changes([-(2**62), *times], factors.tolist(), _joined(halts))


def _way(begin: int, seconds: float, factor: float) -> Iterator[tuple[int, float]]:
    """Yield the steps by which a price is multiplied by a factor within some seconds."""
    whole = max(round(seconds), 1)
    count = min(whole, _MOST_STEPS)
    for number in range(count):
        yield begin + (number + 1) * whole // count * SECOND, factor ** (1 / count)


def _joined(halts: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return halts of which none overlaps the next."""
    found: list[tuple[int, int, int]] = []
    for begin, end, code in sorted(halts):
        if found and begin <= found[-1][1]:
            first, last, known = found[-1]
            found[-1] = first, max(last, end), known
        else:
            found.append((begin, end, code))
    return found


def _moment(fault: Fault, start: datetime) -> int:
    """Return the whole second at which a fault comes, in microseconds."""
    at = fault.at if isinstance(fault.at, datetime) else start.astimezone(UTC) + timedelta(seconds=float(fault.at))  # type: ignore[arg-type]
    return micros(at) // SECOND * SECOND


def _parts(changes: _Changes, span: Span) -> Iterator[Span]:
    """Yield a span in parts: the minutes in which something changes, and what is between them."""
    begin = span.begin
    minutes = sorted({moment // MINUTE for moment in changes.moments(span.begin - 1, span.end)})
    for minute in minutes:
        first, last = max(minute * MINUTE, begin), min((minute + 1) * MINUTE, span.end)
        if begin < first:
            yield span._replace(begin=begin, end=first)
        if first < last:
            yield span._replace(begin=first, end=last)
        begin = max(begin, last)
    if begin < span.end:
        yield span._replace(begin=begin)


def _with_rows(columns: QuoteColumns, changes: _Changes) -> QuoteColumns:
    """Add a row at each moment at which something changes."""
    known = set(columns.times.tolist())
    added = [moment for moment in changes.moments(columns.begin, columns.end) if moment not in known]
    if not added:
        return columns
    times = np.concatenate([columns.times, np.array(added, dtype=np.int64)])
    stands = np.searchsorted(columns.times, np.array(added), side="right") - 1
    places = np.concatenate([np.arange(len(columns.times)), stands])
    order = np.argsort(times, kind="stable")
    found, is_new = _rows_of(columns, places[order]), order >= len(columns.times)
    return replace(found, times=times[order], traded=np.where(is_new, 0, found.traded))


def _with_changes(columns: QuoteColumns) -> QuoteColumns:
    """Leave out rows that change nothing, such as a bid that has moved by less than a tick."""
    changed = columns.traded > 0
    changed[:1] = True
    for column in (
        columns.bids,
        columns.bid_sizes,
        columns.asks,
        columns.ask_sizes,
        columns.lasts,
        columns.last_times,
    ):
        changed[1:] |= (column[1:] != column[:-1]) & ~((column[1:] != column[1:]) & (column[:-1] != column[:-1]))
    return _rows_of(columns, changed)


def _rows_of(columns: QuoteColumns, rows: Any) -> QuoteColumns:
    """Return some rows: those at positions, or those of a mask."""
    return replace(columns, **{name: getattr(columns, name)[rows] for name in QUOTE_COLUMNS})


def _on_grid(instrument: Instrument, prices: Floats, what: str) -> Floats:
    """Return prices on the grid of ticks: bids go down, asks up, and trades to the nearest."""
    tick = instrument.kind.tick
    ticks = prices / tick
    if what == "BID":
        return np.maximum(np.floor(ticks + _CLOSE), 1) * tick
    if what == "ASK":
        return np.maximum(np.ceil(ticks - _CLOSE), 2) * tick
    return np.maximum(np.rint(ticks), 1) * tick


def _moved(bars: BarColumns, move: Callable[[Floats], Floats]) -> BarColumns:
    highs, lows = move(bars.highs), move(bars.lows)
    return replace(
        bars,
        opens=move(bars.opens),
        highs=highs,
        lows=lows,
        closes=move(bars.closes),
        averages=np.clip(move(bars.averages), lows, highs),
    )


class _Finder:
    """What finds instruments of a gateway by their symbols, as in the names of files of prices, or by their conIds."""

    def __init__(self, given: PriceSource | None, start: datetime) -> None:
        self._own: Sequence[Instrument] = getattr(given, "instruments", ())
        self._known = Instruments(start.date(), lambda each: each.pricing.anchor)
        self._symbols = Symbols(start.date())

    def __call__(self, name: int | str) -> Instrument | None:
        """Return an instrument; None if there is none."""
        for each in self._own:
            if name == each.conId or (isinstance(name, str) and name.upper() in (each.symbol, each.localSymbol)):
                return each
        try:
            con_id = name if isinstance(name, int) else self._symbols.instrument_of(name).conId
        except ValueError:
            return None
        return self._known.by_con_id(con_id)  # None for a stock that was made for an unknown symbol


def with_faults(
    given: PriceSource | None, scenario: Scenario, *, start: datetime, seed: int, only_data: bool
) -> PriceSource | None:
    """Return the prices of a gateway with what a scenario does to instruments; without that, those that are `given`.

    `start` is when the gateway starts, in its zone. Raises ValueError for an instrument that there is not, or of which
    the gateway has no prices.
    """
    changes: dict[Instrument, list[InstrumentFault]] = {}
    find: _Finder | None = None
    for number, fault in enumerate(scenario.faults):
        if isinstance(fault, InstrumentFault):
            find = find or _Finder(given, start)
            instrument = find(fault.instrument)
            if instrument is None or (only_data and not (given and given.covers(instrument))):
                told = f"faults[{number}] ({fault.kind}): instrument={fault.instrument!r}"
                raise ValueError(f"{told}: the gateway has no prices of its own of such an instrument")
            changes.setdefault(instrument, []).append(fault)
    if not changes:
        return given
    return FaultyPrices(changes, start=start, seed=seed, given=given, only_data=only_data)
