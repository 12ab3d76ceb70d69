"""What the market shows at any moment, past or future, as a function of its seed.

Nothing here changes with time: quotes and bars of a moment are the same whenever, and in whatever order, they are
asked for. What is kept between calls are caches.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from ibdesk.model.contract import Contract

from ..instruments import Instrument, Instruments, MarketSession, NoDefinition, following, latest, sessions
from .bars import (
    STEPS_A_SECOND,
    Bar,
    Span,
    cut,
    period_number,
    span_of,
    step_before,
    values,
    volume_by_price,
)
from .noise import Ints
from .pricing import Greeks, greeks, plain_value
from .quotes import NAN, Quote
from .requests import (
    BarSize,
    Duration,
    check_schedule,
    check_step,
    first_day,
    no_data,
    parse_bar_size,
    parse_duration,
    parse_what,
)
from .ticks import Tick, first_of, last_of, minutes_of_ticks
from .trade_series import TradeSeries, has_quotes, has_trades
from .walk import STEPS, Walks

_EPOCH = date(1970, 1, 1)
_KEPT_DAYS = _KEPT_VIEWS = 512
_MOST_BARS = 200_000
_MICROSECOND = timedelta(microseconds=1)
_FIRST_DAY = date(1980, 12, 12)  # on which IB's data of AAPL begin
_LONGEST_LIFE = timedelta(days=6 * 365)
_TICKS_KEPT = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class _Day:
    """A trading day of one instrument, minute by minute: what its quotes show of the day before each minute."""

    sessions: tuple[MarketSession, ...]
    first_minutes: list[int]
    offsets: list[int]
    open: float
    high: list[float]
    low: list[float]
    volume: list[int]
    close: float

    def position(self, minute: int) -> int:
        """Return the position of `minute` among the minutes of the day; after the last one, their number."""
        for first, offset, begin in zip(self.first_minutes, self.offsets, self.offsets[1:], strict=False):
            if minute < first + begin - offset:
                return offset + minute - first
        return self.offsets[-1]


@dataclass(frozen=True, slots=True)
class _View:
    """One minute of one instrument as its quotes show it, step by step."""

    minute: int
    quotes: list[Quote]
    changes: list[int]


class Market:
    """All prices of one paper gateway. `seed` decides them; `today` is the first date of its contract database."""

    def __init__(self, seed: int, today: date) -> None:
        self._walks = Walks(seed)
        self._source = TradeSeries(seed, self._walks)
        self.instruments: Instruments = Instruments(today, self.opening_price)
        self._views: OrderedDict[int, _View] = OrderedDict()
        self._days: OrderedDict[tuple[int, date], _Day] = OrderedDict()

    def opening_price(self, instrument: Instrument) -> float:
        """Return the price of a stock, index or pair at the first midnight (UTC) of today: the middle of chains."""
        pricing, day = instrument.pricing, (self.instruments.today - _EPOCH).days
        level = self._walks.at_midnight(pricing.walk, pricing.volatility, np.array([day]))
        return float(plain_value(instrument, level)[0])

    def quote(self, conId: int, when: datetime) -> Quote:
        """Return what is quoted at `when` (aware). Raises `NoDefinition` for an unknown `conId`."""
        minute, step = divmod(int(when.timestamp() * STEPS_A_SECOND // 1), STEPS)
        view = self._views.get(conId)
        if view is None or view.minute != minute:
            view = self._views[conId] = self._view(self._instrument(conId), minute)
            self._views.move_to_end(conId)
            if len(self._views) > _KEPT_VIEWS:
                self._views.popitem(last=False)
        return view.quotes[step] if len(view.quotes) > 1 else view.quotes[0]

    def next_change(self, conId: int, when: datetime) -> datetime:
        """Return the first moment after `when` at which the quote may differ: a step that moves it, or an opening."""
        instrument = self._instrument(conId)
        session = latest(instrument.kind.hours, when)
        if when >= session.end:
            return following(instrument.kind.hours, when).start.astimezone(UTC)
        self.quote(conId, when)
        view = self._views[conId]
        step = int(when.timestamp() * STEPS_A_SECOND // 1) - view.minute * STEPS
        ahead = next((each for each in view.changes if each > step), STEPS)
        moment = datetime.fromtimestamp((view.minute * STEPS + ahead) / STEPS_A_SECOND, UTC)
        return min(moment, session.end.astimezone(UTC))

    def greeks(self, conId: int, when: datetime) -> Greeks:
        """Return the model's computation for an option at `when`. Raises `NoDefinition` for anything else."""
        instrument = self._instrument(conId)
        if instrument.option is None:
            raise NoDefinition
        minute, step = divmod(int(when.timestamp() * STEPS_A_SECOND // 1), STEPS)
        moments = self._source.moments(instrument, np.array([minute]))
        return greeks(instrument, self._source.walk_at(instrument, minute, step), moments)

    def resolve(self, contract: Contract, tag: str) -> tuple[Contract, Instrument]:
        """Return the one contract that is meant, and its instrument; `tag` names the request in refusals.

        Raises `Refusal` as TWS does where there is not exactly one.
        """
        found = self.instruments.resolve(contract, tag).contract
        assert found is not None
        return found, self._instrument(found.conId)

    def opening(self, conId: int, when: datetime) -> datetime:
        """Return `when` if the market is open, else the moment at which it opens next."""
        hours = self._instrument(conId).kind.hours
        return when if when < latest(hours, when).end else following(hours, when).start

    def bars(
        self,
        conId: int,
        end: datetime,
        duration: str,
        bar_size: str,
        what_to_show: str,
        use_rth: bool,
        exchange: str = "",
    ) -> list[Bar]:
        """Return the history that reqHistoricalData asks for. `exchange` is only told in refusals.

        A bar holds what began before `end`; the last one may be unfinished. Raises `Refusal` as TWS does,
        code 162 when there is nothing.
        """
        # What is wrong with the request is refused before anything is looked for.
        instrument = self._instrument(conId)
        exchange = exchange or instrument.kind.exchanges[0]
        size, length = parse_bar_size(bar_size), parse_duration(duration)
        what = parse_what(what_to_show, instrument, exchange, size)
        check_step(length, size)
        spans = [span for span in self._spans(instrument, end, length, size, use_rth) if span.first < span.last]
        steps = sum(span.last - span.first for span in spans)
        if size.seconds and steps // (size.seconds * STEPS_A_SECOND) > _MOST_BARS:
            raise no_data(instrument, exchange, what)
        bars = cut(self._source, instrument, spans, size, what)
        if not bars:
            raise no_data(instrument, exchange, what)
        return bars

    def current_bar(self, conId: int, when: datetime, bar_size: str, what_to_show: str, use_rth: bool) -> Bar | None:
        """Return the bar that is being made just before `when`, as far as it got; None while the market is closed."""
        instrument = self._instrument(conId)
        size = parse_bar_size(bar_size)
        what = parse_what(what_to_show, instrument, instrument.kind.exchanges[0], size)
        moment = when - _MICROSECOND
        session = latest(instrument.kind.hours, moment, regular=use_rth)
        if moment >= session.end:
            return None
        if size.seconds:
            spans = [_back(span_of(session, when), 0, size)]
        else:
            back = {"day": 0, "week": 6, "month": 31, "quarter": 92}.get(size.period, 366)
            number = period_number(session.day, size.period)
            known = sessions(instrument.kind.hours, session.day - timedelta(days=back), session.day, regular=use_rth)
            spans = [span_of(s, when) for s in known if period_number(s.day, size.period) == number]
        bars = cut(self._source, instrument, [span for span in spans if span.first < span.last], size, what)
        return bars[-1] if bars else None

    def bars_between(
        self, conId: int, begin: datetime, end: datetime, size: BarSize, what: str, use_rth: bool
    ) -> list[Bar]:
        """Return the bars of a series from `begin` to `end`, both of them where bars begin; none while it is closed."""
        instrument = self._instrument(conId)
        return cut(self._source, instrument, self._between(instrument, begin, end, use_rth), size, what)

    def ticks(self, conId: int, begin: datetime, end: datetime, what: str, *, ignore_size: bool = False) -> list[Tick]:
        """Return every tick from `begin` on and before `end`. `what` is TRADES, BID_ASK or MIDPOINT.

        `ignore_size` leaves out bids and asks in which sizes alone changed.
        """
        instrument = self._instrument(conId)
        spans = self._between(instrument, begin, end, regular=False)
        minutes = (minutes_of_ticks(self._source, instrument, each, what, ignore_size=ignore_size) for each in spans)
        return [tick for of_span in minutes for ticks in of_span for tick in ticks]

    def first_ticks(
        self, conId: int, begin: datetime, now: datetime, what: str, count: int, *, use_rth: bool, ignore_size: bool
    ) -> list[Tick]:
        """Return the first `count` ticks from `begin` on, of one session, and what completes the last second.

        Ticks are kept for three years. Nothing is told that was not before `now`.
        """
        instrument = self._instrument(conId)
        hours, begin = instrument.kind.hours, max(begin, now - _TICKS_KEPT)
        session = latest(hours, begin, regular=use_rth)
        if begin >= session.end:
            session = following(hours, begin, regular=use_rth)
        span = _part(session, begin, now)
        return first_of(minutes_of_ticks(self._source, instrument, span, what, ignore_size=ignore_size), count)

    def last_ticks(
        self, conId: int, end: datetime, now: datetime, what: str, count: int, *, use_rth: bool, ignore_size: bool
    ) -> list[Tick]:
        """Return the last `count` ticks before `end`, of one session, and what completes the first second.

        Ticks are kept for three years. Nothing is told that was not before `now`.
        """
        instrument = self._instrument(conId)
        end = min(end, now)
        session = latest(instrument.kind.hours, end - _MICROSECOND, regular=use_rth)
        span = _part(session, now - _TICKS_KEPT, end)
        minutes = minutes_of_ticks(self._source, instrument, span, what, ignore_size=ignore_size, backwards=True)
        return last_of(minutes, count)

    def histogram(self, conId: int, end: datetime, period: Duration, use_rth: bool) -> list[tuple[float, int]]:
        """Return how much was traded at each price, the lowest first, in the `period` that ended at `end`.

        A minute's volume counts at its four prices when the period is long. It is empty where nothing is traded.
        """
        instrument = self._instrument(conId)
        spans = [span for span in self._spans(instrument, end, period, BarSize(1), use_rth) if span.first < span.last]
        return volume_by_price(self._source, instrument, spans) if spans else []

    def schedule(
        self, conId: int, end: datetime, duration: str, bar_size: str, use_rth: bool, exchange: str
    ) -> list[MarketSession]:
        """Return the sessions that began within a duration before `end`. Raises `Refusal` as TWS does."""
        instrument = self._instrument(conId)
        size, length = parse_bar_size(bar_size), parse_duration(duration)
        check_schedule(instrument, exchange, size)
        spans = self._spans(instrument, end, length, size, use_rth)
        if not spans:
            raise no_data(instrument, exchange, "SCHEDULE")
        return [span.session for span in spans]

    def head(self, conId: int, use_rth: bool) -> datetime:
        """Return the moment at which the data of an instrument begin."""
        instrument = self._instrument(conId)
        day = _first_day(instrument)
        return sessions(instrument.kind.hours, day, day + timedelta(days=14), regular=use_rth)[0].start

    def _instrument(self, conId: int) -> Instrument:
        instrument = self.instruments.by_con_id(conId)
        if instrument is None:
            raise NoDefinition
        return instrument

    @staticmethod
    def _between(instrument: Instrument, begin: datetime, end: datetime, regular: bool) -> list[Span]:
        day = timedelta(days=1)
        known = sessions(instrument.kind.hours, begin.date() - day, end.date() + 2 * day, regular=regular)
        spans = [_part(each, begin, end) for each in known if each.day >= _first_day(instrument)]
        return [span for span in spans if span.first < span.last]

    @staticmethod
    def _spans(instrument: Instrument, end: datetime, length: Duration, size: BarSize, regular: bool) -> list[Span]:
        hours = instrument.kind.hours
        newest = latest(hours, end - _MICROSECOND, regular=regular)
        # Twice the days, and a fortnight, are enough to find that many trading days.
        days = length.count if length.unit == "D" else 1
        first = first_day(length, newest.day) if length.unit in "WMY" else newest.day - timedelta(days=2 * days + 14)
        known = sessions(hours, max(first, _first_day(instrument)), newest.day, regular=regular)
        begun = [each for each in known if each.start < end]
        if length.unit == "D":
            wanted = set(sorted({each.day for each in begun})[-length.count :])
            begun = [each for each in begun if each.day in wanted]
        spans = [span_of(each, end) for each in begun]
        return _last_seconds(spans, length.count, size) if length.unit == "S" else spans

    def _day(self, instrument: Instrument, day: date) -> _Day:
        found = self._days.get((instrument.conId, day))
        if found is None:
            found = self._days[instrument.conId, day] = self._draw_day(instrument, day)
            if len(self._days) > _KEPT_DAYS:
                self._days.popitem(last=False)
        return found

    def _draw_day(self, instrument: Instrument, day: date) -> _Day:
        # A quote shows the high, the low and the volume of its day so far. They are summed up once for all minutes of
        # the day, each of which finds what was before it.
        legs = tuple(sessions(instrument.kind.hours, day, day))
        firsts = [int(leg.start.timestamp()) // 60 for leg in legs]
        counts = [int(leg.end.timestamp()) // 60 - first for leg, first in zip(legs, firsts, strict=True)]
        minutes = [np.arange(first, first + count) for first, count in zip(firsts, counts, strict=True)]
        series = self._source.minutes(instrument, np.concatenate(minutes))
        if has_trades(instrument):
            opens, highs, lows, _ = (2 * each for each in series.trades)
        else:
            opens, highs, lows, _ = (2 * each + series.spread for each in series.bids)
        return _Day(
            legs,
            firsts,
            [0, *np.cumsum(counts).tolist()],
            _prices(instrument, opens[:1])[0],
            [-np.inf, *_prices(instrument, np.maximum.accumulate(highs))],
            [np.inf, *_prices(instrument, np.minimum.accumulate(lows))],
            [0, *np.cumsum(series.volume).tolist()],
            self._regular_close(instrument, legs[0]),
        )

    def _regular_close(self, instrument: Instrument, session: MarketSession) -> float:
        """Return the end of the last regular session before the trading day of `session` ended."""
        hours = instrument.kind.hours
        known = sessions(hours, session.day - timedelta(days=14), session.day - timedelta(days=1), regular=True)
        return self._price_at_end(instrument, known[-1])

    def _price_at_end(self, instrument: Instrument, session: MarketSession) -> float:
        series = self._source.minutes(instrument, np.array([int(session.end.timestamp()) // 60 - 1]))
        closes = 2 * series.trades[3] if has_trades(instrument) else 2 * series.bids[3] + series.spread
        return _prices(instrument, closes)[0]

    def _view(self, instrument: Instrument, minute: int) -> _View:
        when = datetime.fromtimestamp(minute * 60, UTC)
        session = latest(instrument.kind.hours, when)
        day = self._day(instrument, session.day)
        if when >= session.end:
            return _View(minute, [self._closed(instrument, session, day)], [])
        return self._open_view(instrument, minute, day)

    def _closed(self, instrument: Instrument, session: MarketSession, day: _Day) -> Quote:
        if not has_trades(instrument):
            # Forex starts its day afresh as soon as it closes.
            return Quote(-1.0, 0, -1.0, 0, NAN, 0, 0, NAN, NAN, NAN, self._price_at_end(instrument, session))
        before = self._open_view(instrument, int(session.end.timestamp()) // 60 - 1, day).quotes[-1]
        if has_quotes(instrument):
            return before._replace(bid=-1.0, bidSize=0, ask=-1.0, askSize=0)
        return before

    def _open_view(self, instrument: Instrument, minute: int, day: _Day) -> _View:
        # Somebody who looks at one step of a minute will want the next, so all are made at once, column by column.
        # The columns of what an instrument has not (an index has no quotes, a currency pair no trades) are empty.
        series = self._source.steps(instrument, minute)
        position = day.position(minute)
        trades, quotes = has_trades(instrument), has_quotes(instrument)
        shown = 2 * series.last if trades else 2 * series.bid + series.spread
        highs, lows = np.maximum.accumulate(shown), np.minimum.accumulate(shown)
        none = [NAN] * STEPS
        times = np.maximum.accumulate(np.where((series.traded > 0) | (not quotes), np.arange(STEPS), 0))
        start = datetime.fromtimestamp(minute * 60, UTC)
        step = timedelta(seconds=1 / STEPS_A_SECOND)
        columns = (
            _prices(instrument, 2 * series.bid) if quotes else none,
            series.bid_size.tolist(),
            _prices(instrument, 2 * (series.bid + series.spread)) if quotes else none,
            series.ask_size.tolist(),
            _prices(instrument, 2 * series.last) if trades else none,
            series.traded[times].tolist(),
            (day.volume[position] + np.cumsum(series.traded)).tolist(),
            [day.open] * STEPS,
            np.maximum(values(instrument, highs), day.high[position]).tolist(),
            np.minimum(values(instrument, lows), day.low[position]).tolist(),
            [day.close] * STEPS,
            [start + step * each for each in times.tolist()] if trades else [None] * STEPS,
        )
        moved = (np.diff(series.bid, prepend=-1) != 0) | (series.traded > 0)
        moved |= (np.diff(series.bid_size, prepend=-1) != 0) | (np.diff(series.ask_size, prepend=-1) != 0)
        return _View(minute, [Quote(*row) for row in zip(*columns, strict=True)], np.flatnonzero(moved).tolist())


def _prices(instrument: Instrument, half_ticks: Ints) -> list[float]:
    prices: list[float] = values(instrument, half_ticks).tolist()
    return prices


def _first_day(instrument: Instrument) -> date:
    """Return the first day of which there are data."""
    ends = instrument.option.expires if instrument.option else instrument.pricing.matures
    return _FIRST_DAY if ends is None else max(_FIRST_DAY, ends - _LONGEST_LIFE)


def _part(session: MarketSession, begin: datetime, end: datetime) -> Span:
    """Return what of a session is from `begin` on and before `end`; an empty span where nothing is."""
    whole = span_of(session)
    first = max(whole.first, step_before(begin))
    return Span(session, first, max(first, min(whole.last, step_before(end))))


def _back(span: Span, steps: int, size: BarSize) -> Span:
    """Return the last `steps` of a span, and what belongs to the bar in which they begin."""
    offset = span.session.start.utcoffset() or timedelta(0)
    shift = int(offset.total_seconds())
    second = (
        max(span.last - max(steps, 1), span.first) // STEPS_A_SECOND + shift
    ) // size.seconds * size.seconds - shift
    return span._replace(first=max(span.first, second * STEPS_A_SECOND))


def _last_seconds(spans: list[Span], seconds: int, size: BarSize) -> list[Span]:
    """Return the spans that hold the last `seconds` of trading, from the start of a bar on."""
    left, found = seconds * STEPS_A_SECOND, []
    for span in reversed(spans):
        if left <= 0:
            break
        taken = min(left, span.last - span.first)
        found.append(_back(span, taken, size) if size.seconds and taken else span)
        left -= taken
    return found[::-1]
