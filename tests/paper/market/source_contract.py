"""What every price source keeps to, as tests: a subclass of `SourceContract` names a source and where to look at it.

::

    class TestMyPrices(SourceContract):
        @pytest.fixture(params=["stock", "index"])
        def subject(self, request):
            return Subject(MyPrices(...), instrument, begin, end)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

from ibdesk.paper.instruments import Instrument, MarketSession, latest
from ibdesk.paper.market.bars import joined
from ibdesk.paper.market.noise import Floats, Ints
from ibdesk.paper.market.source import (
    MINUTE,
    QUOTE_COLUMNS,
    SECOND,
    BarColumns,
    PriceSource,
    QuoteColumns,
    Span,
    has_quotes,
    has_trades,
    limits,
    micros,
    moment_of,
)

CLOSE = 1e-9


@dataclass(frozen=True)
class Subject:
    """A source, one of its instruments, and a stretch of one session of that, from `begin` on and before `end`.

    Both are whole minutes, and there are data between them. `makes_quotes` says that bids and asks are made up to fit
    the trades: recorded trades may lie outside of recorded quotes.
    """

    source: PriceSource
    instrument: Instrument
    begin: datetime
    end: datetime
    makes_quotes: bool = True

    @property
    def session(self) -> MarketSession:
        """The session (of all hours) in which the stretch is."""
        return latest(self.instrument.kind.hours, self.begin)

    def stretches(self) -> Iterator[QuoteColumns]:
        """Yield the quotes of the whole stretch."""
        moment = micros(self.begin)
        while moment < micros(self.end):
            found = self.source.quotes(self.instrument, self.session, moment)
            yield found
            moment = found.end

    def rows(self) -> "Rows":
        """Return all rows of the stretch, and those around it."""
        names = ("times", "bids", "asks", "lasts", "last_times", "traded")
        parts = list(self.stretches())
        return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def bars(self, begin: int, end: int, seconds: int, what: str) -> BarColumns | None:
        """Return the bars of a span."""
        return joined(self.source.bars(self.instrument, [Span(self.session, begin, end)], seconds, what))

    @property
    def series(self) -> list[str]:
        """The names of all series that the instrument has."""
        quotes = ["MIDPOINT", "BID", "ASK"] if has_quotes(self.instrument) else []
        return ["TRADES", *quotes] if has_trades(self.instrument) else quotes


class Rows(NamedTuple):
    """The columns of quotes that bars are compared with."""

    times: Ints
    bids: Floats
    asks: Floats
    lasts: Floats
    last_times: Ints
    traded: Ints


class SourceContract:
    """The tests. A subclass has a fixture `subject`."""

    def test_it_covers_the_instrument_between_its_first_and_last_moment(self, subject: Subject) -> None:
        assert subject.source.covers(subject.instrument)
        first, last = limits(subject.source, subject.instrument)
        assert first <= micros(subject.begin) < micros(subject.end) <= last
        for moment in (subject.source.first(subject.instrument), subject.source.last(subject.instrument)):
            assert moment is None or moment.tzinfo is not None

    def test_stretches_of_quotes_join(self, subject: Subject) -> None:
        start, stop = micros(subject.session.start), micros(subject.session.end)
        stretches = list(subject.stretches())
        assert stretches[0].begin <= micros(subject.begin)
        for before, after in pairwise(stretches):
            assert after.begin == before.end
        for each in stretches:
            assert start <= each.begin < each.end <= stop
            assert each.begin % MINUTE == 0 or each.begin in (start, limits(subject.source, subject.instrument)[0])
            assert each.times[0] == each.begin
            assert (np.diff(each.times) >= 0).all()
            assert each.times[-1] < each.end

    def test_each_moment_of_a_stretch_finds_it(self, subject: Subject) -> None:
        for each in list(subject.stretches())[:20]:
            for moment in (each.begin, (each.begin + each.end) // 2, each.end - 1):
                again = subject.source.quotes(subject.instrument, subject.session, moment)
                assert (again.begin, again.end) == (each.begin, each.end)
                for name in QUOTE_COLUMNS:
                    assert np.array_equal(getattr(again, name), getattr(each, name), equal_nan=True), name

    def test_each_row_changes_something(self, subject: Subject) -> None:
        for each in subject.stretches():
            changes = each.traded[1:] > 0
            for name in ("bids", "bid_sizes", "asks", "ask_sizes", "lasts", "last_times"):
                column = getattr(each, name)
                changes |= (column[1:] != column[:-1]) & ~((column[1:] != column[1:]) & (column[:-1] != column[:-1]))
            assert changes.all()

    def test_quotes_are_whole(self, subject: Subject) -> None:
        for each in subject.stretches():
            for prices, sizes in ((each.bids, each.bid_sizes), (each.asks, each.ask_sizes)):
                assert (np.isnan(prices).all()) == (not has_quotes(subject.instrument))
                assert ((prices > 0) | (prices == -1) | np.isnan(prices)).all()
                assert (sizes[~(prices > 0)] == 0).all()
                assert (sizes >= 0).all()
            both = (each.bids > 0) & (each.asks > 0)
            assert (each.asks[both] > each.bids[both]).all()

    def test_trades_are_whole(self, subject: Subject) -> None:
        for each in subject.stretches():
            known = ~np.isnan(each.lasts)
            assert (each.lasts[known] > 0).all()
            assert (each.last_times[known] <= each.times[known]).all()
            assert (each.traded >= 0).all()
            trades = each.traded > 0
            assert (each.last_times[trades] == each.times[trades]).all()
            assert (each.last_sizes[trades] == each.traded[trades]).all()
            if not has_trades(subject.instrument):
                assert not known.any() and not trades.any()
            if subject.makes_quotes:
                quoted = trades & (each.bids > 0) & (each.asks > 0)
                assert (each.lasts[quoted] >= each.bids[quoted] - CLOSE).all()
                assert (each.lasts[quoted] <= each.asks[quoted] + CLOSE).all()

    @pytest.mark.parametrize("seconds", [1, 5, 30, 60, 300, 3600, 0])
    def test_no_bar_belongs_to_two_or_leaves_its_span(self, subject: Subject, seconds: int) -> None:
        offset = subject.session.start.utcoffset() or timedelta(0)
        shift = int(offset.total_seconds()) * SECOND
        begin, end = micros(subject.begin), micros(subject.end) - 17 * SECOND
        for what in subject.series:
            bars = subject.bars(begin, end, seconds, what)
            assert bars is not None
            assert (bars.lengths > 0).all() and bars.begins[0] >= begin
            ends = bars.begins + bars.lengths
            assert (ends[:-1] <= bars.begins[1:]).all() and ends[-1] <= end
            if seconds:
                step = seconds * SECOND
                assert ((bars.begins + shift) // step == (ends - 1 + shift) // step).all()

    @pytest.mark.parametrize("seconds", [1, 60, 300, 3600, 0])
    def test_bars_are_made_of_quotes_and_trades(self, subject: Subject, seconds: int) -> None:
        rows = subject.rows()
        begin, end = micros(subject.begin), micros(subject.end)
        # A span that ends at the present knows nothing of what comes later.
        for stop in (end, begin + (end - begin) // 3 // SECOND * SECOND + SECOND):
            for what in subject.series:
                bars = subject.bars(begin, stop, seconds, what)
                assert bars is not None
                _check_bars(bars, rows, what)
                if what == "TRADES":
                    inside = (rows.times >= begin) & (rows.times < stop)
                    assert bars.volumes.sum() == rows.traded[inside].sum()

    def test_long_bars_are_made_of_short_ones(self, subject: Subject) -> None:
        begin, end = micros(subject.begin), micros(subject.end)
        for what in subject.series:
            minutes, whole = subject.bars(begin, end, 60, what), subject.bars(begin, end, 0, what)
            assert minutes is not None and whole is not None
            assert (minutes.opens[0], minutes.closes[-1]) == pytest.approx(
                (whole.opens[0], whole.closes[-1]), abs=CLOSE
            )
            assert minutes.highs.max() == pytest.approx(whole.highs.max(), abs=CLOSE)
            assert minutes.lows.min() == pytest.approx(whole.lows.min(), abs=CLOSE)
            assert minutes.volumes.sum() == whole.volumes.sum()


def _check_bars(bars: BarColumns, rows: Rows, what: str) -> None:
    sides = {"TRADES": rows.lasts, "BID": rows.bids, "ASK": rows.asks, "MIDPOINT": (rows.bids + rows.asks) / 2}
    counts = rows.last_times == rows.times if what == "TRADES" else (rows.bids > 0) & (rows.asks > 0)
    times, shown = rows.times[counts], sides[what][counts].tolist()
    firsts, afters = np.searchsorted(times, bars.begins), np.searchsorted(times, bars.begins + bars.lengths)
    stands = np.searchsorted(times, bars.begins, side="right")
    volumes = np.append(0, np.cumsum(rows.traded[counts]))
    if what == "TRADES":
        assert (bars.volumes == volumes[afters] - volumes[firsts]).all()
    four = zip(bars.opens.tolist(), bars.highs.tolist(), bars.lows.tolist(), bars.closes.tolist(), strict=True)
    for each, row, length, begin in zip(four, range(len(firsts)), bars.lengths, bars.begins, strict=True):
        opens, high, low, close = each
        at = moment_of(int(begin))
        assert low - CLOSE <= min(opens, close) and max(opens, close) <= high + CLOSE, at
        prices, standing = shown[firsts[row] : afters[row]], shown[: stands[row]][-1:]
        if not prices:
            # Nothing new: what stands as the bar begins is all there is, if anything is known.
            assert all(same(price, stood) for price in each for stood in standing), at
        elif what != "TRADES":
            # Quotes stand as a bar begins, unless nobody quotes then, as in a halt.
            at_begin = int(np.searchsorted(rows.times, begin, side="right")) - 1
            expected = [*standing, *prices]
            if not counts[at_begin] and not same(opens, expected[0]):
                expected = prices
            assert same(opens, expected[0]) and same(close, expected[-1]), at
            assert same(high, max(expected)) and same(low, min(expected)), at
        else:
            # So does a trade, of which bars of less than a minute may tell.
            allowed = prices if length >= MINUTE else [*standing, *prices]
            assert same(close, prices[-1]) and (same(opens, prices[0]) or same(opens, allowed[0])), at
            assert max(prices) - CLOSE <= high <= max(allowed) + CLOSE, at
            assert min(allowed) - CLOSE <= low <= min(prices) + CLOSE, at


def same(price: float, other: float) -> bool:
    """Return whether two prices are the same but for the last bits."""
    return abs(price - other) < CLOSE
