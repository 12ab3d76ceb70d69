"""What the market shows at any moment, past or future, in answer to the requests of clients.

Nothing here changes with time: quotes and bars of a moment are the same whenever, and in whatever order, they are
asked for. What is kept between calls are caches. Where prices come from is known to the source alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np

from ibdesk.model.contract import Contract

from ..instruments import (
    Ending,
    Instrument,
    Instruments,
    MarketSession,
    NoDefinition,
    ending_of,
    following,
    latest,
    sessions,
)
from ..like import Like
from ..refusals import NoPrices
from .bars import Bar, cut, period_number, span_of, volume_by_price
from .combined_prices import CombinedPrices
from .pricing import Greeks, greeks, plain_value
from .quote_views import QuoteViews
from .quotes import Quote, mark_price
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
from .running_bar import RunningBar
from .source import MINUTE, SECOND, PriceSource, Span, micros, moment_of, within
from .ticks import Tick, first_of, last_of, pieces_of_ticks, ticks_with_moments
from .trade_series import moments
from .walk import STEP

_EPOCH = date(1970, 1, 1)
_MOST_BARS = 200_000
_MICROSECOND = timedelta(microseconds=1)
_FIRST_DAY = date(1980, 12, 12)  # on which IB's data of AAPL begin
_LONGEST_LIFE = timedelta(days=6 * 365)
_TICKS_KEPT = timedelta(days=3 * 365)


class Market:
    """All prices of one paper gateway, as clients ask for them.

    They are those of `source` where it has the instrument, and others follow from `seed`; with `only_data` there are no
    others. `today` is the first date of the contract database, and `like` the kind of account that is imitated.
    """

    def __init__(
        self,
        seed: int,
        today: date,
        source: PriceSource | None = None,
        *,
        only_data: bool = False,
        like: Like = Like.PAPER,
    ) -> None:
        self.prices: CombinedPrices = CombinedPrices(seed, source, only_data=only_data)
        self._views = QuoteViews(self.prices)
        self._running = lru_cache(maxsize=1024)(self._new_running)
        self.instruments: Instruments = Instruments(today, self.opening_price, like)

    def opening_price(self, instrument: Instrument) -> float:
        """Return the price of a stock, index or pair at the first midnight (UTC) of today: the middle of chains."""
        day = (self.instruments.today - _EPOCH).days
        return float(plain_value(instrument, self.prices.levels(instrument).at_midnight(np.array([day])))[0])

    def quote(self, conId: int, when: datetime) -> Quote:
        """Return what is quoted at `when` (aware). Raises `NoDefinition` for an unknown `conId`."""
        return self.quote_until(conId, when)[0]

    def next_change(self, conId: int, when: datetime) -> datetime:
        """Return the first moment after `when` at which the quote may differ: an event, a close or an opening."""
        return self.quote_until(conId, when)[1]

    def quote_until(self, conId: int, when: datetime) -> tuple[Quote, datetime]:
        """Return what `quote` and `next_change` return, with one look."""
        view = self._views.kept.get(conId)
        if view is None or not view.moments[0] <= when < view.moments[-1]:
            view = self._views.look(self._instrument(conId), micros(when))
        place = bisect_right(view.moments, when)
        return view.quotes[place - 1], view.moments[place]

    def coming_quotes(self, conId: int, when: datetime, most: int) -> Iterator[tuple[Quote, datetime]]:
        """Return what `quote_until` returns at `when`, and then of the next quotes: `most` or fewer in all."""
        self.quote_until(conId, when)
        view = self._views.kept[conId]
        place = bisect_right(view.moments, when)
        return zip(view.quotes[place - 1 : place - 1 + most], view.moments[place : place + most], strict=True)

    def fixed_price(self, conId: int, when: datetime) -> float | None:
        """Return what is paid for one unit at its end, None as long as that is open at `when`, or for ever.

        Raises `NoDefinition` for an unknown `conId`.
        """
        instrument = self._instrument(conId)
        ending = ending_of(instrument)
        return None if ending is None or when < ending.fixing else self.settlement(instrument, ending)

    def settlement(self, instrument: Instrument, ending: Ending) -> float:
        """Return what is paid for one unit of an option or future at its end, once that has been fixed."""
        if instrument.option is None:
            return mark_price(self.quote(instrument.conId, ending.fixing - _MICROSECOND))
        return instrument.option.pays(self.fixing_price(instrument.option.underlying, ending))

    def fixing_price(self, underlying: Instrument, ending: Ending) -> float:
        """Return the price of the underlying that settles an option: the opening of the day, or the last one before.

        It is nan where nothing is known of it.
        """
        if ending.at_opening:
            price = self._views.first_price(underlying, ending.last_day)
            if price == price:
                return price
        return self.close_before(underlying, ending.fixing)

    def close_before(self, instrument: Instrument, moment: datetime) -> float:
        """Return the last price before a moment (aware), or the middle of bid and ask where none is told."""
        quote = self.quote(instrument.conId, moment - _MICROSECOND)
        return quote.last if quote.last > 0 else mark_price(quote)

    def greeks(self, conId: int, when: datetime) -> Greeks:
        """Return the model's computation for an option at `when`. Raises `NoDefinition` for anything else."""
        option = self._instrument(conId)
        if option.option is None:
            raise NoDefinition
        minute, part = divmod(micros(when), MINUTE)
        levels = self.prices.levels(option)
        walk = levels.steps(range(minute, minute + 1)).values[0, part // STEP]
        return greeks(option, float(walk), moments(option, levels, np.array([minute])))

    def resolve(self, contract: Contract, tag: str, code: int = NoPrices.QUOTES) -> tuple[Contract, Instrument]:
        """Return the one contract that is meant, and its instrument; `tag` names the request in refusals.

        Raises `Refusal` as TWS does where there is not exactly one, and `NoPrices` with `code` where no prices are
        served.
        """
        found = self.instruments.resolve(contract, tag).contract
        assert found is not None
        return found, self.served(found.conId, code)

    def served(self, conId: int, code: int) -> Instrument:
        """Return an instrument of which prices are served. Raises `NoDefinition`, or `NoPrices` with `code`."""
        instrument = self._instrument(conId)
        if not self.prices.covers(instrument):
            raise NoPrices(code, instrument.symbol, instrument.secType)
        return instrument

    def serves(self, instrument: Instrument) -> bool:
        """Return whether prices of an instrument are served: all are, unless the gateway serves its data alone."""
        return self.prices.covers(instrument)

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
        instrument = self.served(conId, NoPrices.HISTORY)
        exchange = exchange or instrument.kind.exchanges[0]
        size, length = parse_bar_size(bar_size), parse_duration(duration)
        what = parse_what(what_to_show, instrument, exchange, size)
        check_step(length, size)
        spans = self._spans(instrument, end, length, size, use_rth)
        total = sum(span.end - span.begin for span in spans)
        if size.seconds and total // (size.seconds * SECOND) > _MOST_BARS:
            raise no_data(instrument, exchange, what)
        bars = cut(self.prices, instrument, spans, size, what)
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
        spans = self._known(instrument, spans)
        if what != "BID_ASK":
            return self._running(conId, bar_size, what, use_rth).of(spans)
        bars = cut(self.prices, instrument, spans, size, what)
        return bars[-1] if bars else None

    def _new_running(self, conId: int, bar_size: str, what: str, use_rth: bool) -> RunningBar:
        return RunningBar(self.prices, self._instrument(conId), parse_bar_size(bar_size), what)

    def bars_between(
        self, conId: int, begin: datetime, end: datetime, size: BarSize, what: str, use_rth: bool
    ) -> list[Bar]:
        """Return the bars of a series from `begin` to `end`, both of them where bars begin; none while it is closed."""
        instrument = self._instrument(conId)
        return cut(self.prices, instrument, self._between(instrument, begin, end, use_rth), size, what)

    def ticks(self, conId: int, begin: datetime, end: datetime, what: str, *, ignore_size: bool = False) -> list[Tick]:
        """Return every tick from `begin` on and before `end`. `what` is TRADES, BID_ASK or MIDPOINT.

        `ignore_size` leaves out bids and asks in which sizes alone changed.
        """
        instrument = self._instrument(conId)
        spans = self._between(instrument, begin, end, regular=False)
        return [tick for ticks in self._pieces(instrument, spans, what, ignore_size=ignore_size) for tick in ticks]

    def coming_ticks(
        self, conId: int, begin: datetime, what: str, *, ignore_size: bool = False
    ) -> Iterator[tuple[datetime, Tick]]:
        """Yield the ticks from `begin` (aware) to the end of the session, each with its moment in UTC, as `ticks` does.

        They are made as they are asked for. There are none while the market is closed.
        """
        instrument = self._instrument(conId)
        session = latest(instrument.kind.hours, begin)
        for span in self._known(instrument, [_part(session, begin, session.end)]):
            for moment, tick in ticks_with_moments(self.prices, instrument, span, what, ignore_size=ignore_size):
                yield moment_of(moment), tick

    def first_ticks(
        self, conId: int, begin: datetime, now: datetime, what: str, count: int, *, use_rth: bool, ignore_size: bool
    ) -> list[Tick]:
        """Return the first `count` ticks from `begin` on, of one session, and what completes the last second.

        Ticks are kept for three years. Nothing is told that was not before `now`.
        """
        instrument = self._instrument(conId)
        hours, first = instrument.kind.hours, self.prices.first(instrument)
        begin = max(begin, now - _TICKS_KEPT, first or begin)
        session = latest(hours, begin, regular=use_rth)
        if begin >= session.end:
            session = following(hours, begin, regular=use_rth)
        spans = self._known(instrument, [_part(session, begin, now)])
        return first_of(self._pieces(instrument, spans, what, ignore_size=ignore_size), count)

    def last_ticks(
        self, conId: int, end: datetime, now: datetime, what: str, count: int, *, use_rth: bool, ignore_size: bool
    ) -> list[Tick]:
        """Return the last `count` ticks before `end`, of one session, and what completes the first second.

        Ticks are kept for three years. Nothing is told that was not before `now`.
        """
        instrument = self._instrument(conId)
        end = min(end, now)
        session = latest(instrument.kind.hours, end - _MICROSECOND, regular=use_rth)
        spans = self._known(instrument, [_part(session, now - _TICKS_KEPT, end)])
        return last_of(self._pieces(instrument, spans, what, ignore_size=ignore_size, backwards=True), count)

    def histogram(self, conId: int, end: datetime, period: Duration, use_rth: bool) -> list[tuple[float, int]]:
        """Return how much was traded at each price, the lowest first, in the `period` that ended at `end`.

        A minute's volume counts at its four prices when the period is long. It is empty where nothing is traded.
        """
        instrument = self._instrument(conId)
        spans = self._spans(instrument, end, period, BarSize(1), use_rth)
        return volume_by_price(self.prices, instrument, spans) if spans else []

    def schedule(
        self, conId: int, end: datetime, duration: str, bar_size: str, use_rth: bool, exchange: str
    ) -> list[MarketSession]:
        """Return the sessions that began within a duration before `end`. Raises `Refusal` as TWS does."""
        instrument = self.served(conId, NoPrices.HISTORY)
        size, length = parse_bar_size(bar_size), parse_duration(duration)
        check_schedule(instrument, exchange, size)
        spans = self._spans(instrument, end, length, size, use_rth)
        if not spans:
            raise no_data(instrument, exchange, "SCHEDULE")
        return [span.session for span in spans]

    def head(self, conId: int, use_rth: bool) -> datetime:
        """Return the moment at which the data of an instrument begin."""
        instrument = self._instrument(conId)
        hours, first = instrument.kind.hours, self.prices.first(instrument)
        if first is None:
            day = _first_day(instrument)
            return sessions(hours, day, day + timedelta(days=14), regular=use_rth)[0].start
        is_open = first < latest(hours, first, regular=use_rth).end
        return first if is_open else following(hours, first, regular=use_rth).start

    def _pieces(
        self, instrument: Instrument, spans: list[Span], what: str, *, ignore_size: bool, backwards: bool = False
    ) -> Iterator[list[Tick]]:
        for span in spans:
            yield from pieces_of_ticks(
                self.prices, instrument, span, what, ignore_size=ignore_size, backwards=backwards
            )

    def _instrument(self, conId: int) -> Instrument:
        instrument = self.instruments.by_con_id(conId)
        if instrument is None:
            raise NoDefinition
        return instrument

    def _between(self, instrument: Instrument, begin: datetime, end: datetime, regular: bool) -> list[Span]:
        day = timedelta(days=1)
        found = sessions(instrument.kind.hours, begin.date() - day, end.date() + 2 * day, regular=regular)
        return self._known(
            instrument, (_part(each, begin, end) for each in found if each.day >= _first_day(instrument))
        )

    def _known(self, instrument: Instrument, spans: Iterable[Span]) -> list[Span]:
        """Return what of spans lies between the first and the last moment of an instrument's prices."""
        return within(spans, *self.prices.limits(instrument))

    def _spans(
        self, instrument: Instrument, end: datetime, length: Duration, size: BarSize, regular: bool
    ) -> list[Span]:
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
        return self._known(instrument, _last_seconds(spans, length.count, size) if length.unit == "S" else spans)


def _first_day(instrument: Instrument) -> date:
    """Return the first day of which there are data."""
    ends = instrument.option.expires if instrument.option else instrument.pricing.matures
    return _FIRST_DAY if ends is None else max(_FIRST_DAY, ends - _LONGEST_LIFE)


def _part(session: MarketSession, begin: datetime, end: datetime) -> Span:
    """Return what of a session is from `begin` on and before `end`; an empty span where nothing is."""
    whole = span_of(session)
    first = max(whole.begin, micros(begin))
    return Span(session, first, max(first, min(whole.end, micros(end))))


def _back(span: Span, length: int, size: BarSize) -> Span:
    """Return the last `length` (in microseconds) of a span, and what belongs to the bar in which they begin."""
    offset = span.session.start.utcoffset() or timedelta(0)
    shift, step = int(offset.total_seconds()) * SECOND, size.seconds * SECOND
    start = (max(span.end - max(length, 1), span.begin) + shift) // step * step - shift
    return span._replace(begin=max(span.begin, start))


def _last_seconds(spans: list[Span], seconds: int, size: BarSize) -> list[Span]:
    """Return the spans that hold the last `seconds` of trading, from the start of a bar on."""
    left, found = seconds * SECOND, []
    for span in reversed(spans):
        if left <= 0:
            break
        taken = min(left, span.end - span.begin)
        found.append(_back(span, taken, size) if size.seconds and taken else span)
        left -= taken
    return found[::-1]
