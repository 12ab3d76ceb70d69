"""The interface of a price source, which is all that the market knows of where its prices come from.

A source tells two things of an instrument, both as columns: the bars of a span, and the quotes and trades around a
moment. Everything that clients are told (quotes, bars of any size, ticks, depth, histograms, the figures of the day,
the prices of fills) is made of these, so that all of it agrees as far as the two agree with each other.

Moments are whole microseconds since 1970-01-01 UTC. Prices are floats, and need not lie on the grid of an instrument's
ticks. Sizes are whole numbers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import numpy as np

from ..instruments import Instrument, MarketSession
from .noise import Floats, Ints

SECOND = 1_000_000
"""Microseconds in a second."""

MINUTE = 60 * SECOND
"""Microseconds in a minute."""

UNLIMITED = 2**62
"""A moment, in microseconds, that is after all others; its negative is before them."""

PRICE_DIGITS = 8
"""Prices that are computed are told with at most that many decimals. Those of a file may have more."""


class Span(NamedTuple):
    """A stretch of one session: from the moment `begin` on, and before the moment `end`.

    `session` is one of all hours or of the regular hours, as asked for.
    """

    session: MarketSession
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class BarColumns:
    """Bars of one series as columns, a row for each bar. They ascend and do not overlap.

    A bar holds what happened from its `begins` on for `lengths` microseconds. `averages` are volume-weighted prices in
    a series of trades, and time-weighted ones in any other. `volumes` and `counts` (of trades) are 0 where the series
    is not one of trades.
    """

    begins: Ints
    lengths: Ints
    opens: Floats
    highs: Floats
    lows: Floats
    closes: Floats
    averages: Floats
    volumes: Ints
    counts: Ints


@dataclass(frozen=True, slots=True)
class QuoteColumns:
    """What is quoted and traded from the moment `begin` on and before `end`, as columns: a row for each event.

    The first row is at `begin` and tells how things stand then; every other one changes something, and holds until the
    next. Rows may have the same time, as several trades at once: they happen in their order.

    `bids` and `asks` are prices: -1 with a size of 0 where nobody quotes, nan where there never is one (an index).
    `lasts` are the latest trades, however old, or the latest values of an index: nan where none is known, and in
    forex. `last_times` is when that was, and `last_sizes` its size. In a row that is a trade, or a new value of an
    index, `last_times` is the time of the row. `traded` is the size of the trade in a row, else 0.
    """

    begin: int
    end: int
    times: Ints
    bids: Floats
    bid_sizes: Ints
    asks: Floats
    ask_sizes: Ints
    lasts: Floats
    last_sizes: Ints
    last_times: Ints
    traded: Ints


QUOTE_COLUMNS = tuple(each.name for each in fields(QuoteColumns))[2:]
"""The names of the columns, without the moments between which they are."""


def part_of(columns: QuoteColumns, begin: int, end: int) -> QuoteColumns:
    """Return what happens from `begin` on and before `end`, of columns that begin earlier or then."""
    first, last = np.searchsorted(columns.times, (begin, end)).tolist()
    if first == len(columns.times) or columns.times[first] > begin:
        first -= 1
    parts = {name: getattr(columns, name)[first:last] for name in QUOTE_COLUMNS}
    if columns.times[first] < begin:
        # The first row tells how things stand.
        parts["times"], parts["traded"] = parts["times"].copy(), parts["traded"].copy()
        parts["times"][0], parts["traded"][0] = begin, 0
    return QuoteColumns(begin, end, **parts)


class PriceSource(Protocol):
    """Where prices come from.

    One that also has `settled` makes bars that are kept up to date cheaper: see `CombinedPrices.settled`.

    It is a function of the instrument and the time: it answers the same whatever was asked before. It is asked about
    instruments that it covers only, and only about moments within a session, from `first` on and before `last`.

    What it tells agrees with itself, as `SourceContract` in `tests/paper/market/source_contract.py` checks:

    - The volume of a bar is the sum of `traded` in the rows of quotes within it.
    - A bar of trades opens, closes, and is high and low as those rows are in which `last_times` is the time of the row.
      One of less than a minute may count the trade that stands as it begins, too.
    - A bar of bids, of asks, or of the middle of both, is made of the rows within it, and of what stands as it begins.
    - An ask lies above its bid. Where the source makes quotes up, a trade lies neither below the bid nor above the ask.
    """

    def covers(self, instrument: Instrument) -> bool:
        """Return whether this source has prices of an instrument."""
        ...

    def first(self, instrument: Instrument) -> datetime | None:
        """Return the moment at which the prices of an instrument begin (aware); None where nothing limits them.

        It lies in a session of the instrument.
        """
        ...

    def last(self, instrument: Instrument) -> datetime | None:
        """Return the moment from which on no more is known (aware); None where nothing limits the prices.

        It is the end of the last bar, say, and lies in a session or at the end of one. The last price stays what one
        unit is worth.
        """
        ...

    def bars(self, instrument: Instrument, spans: Sequence[Span], seconds: int, what: str) -> Iterator[BarColumns]:
        """Yield bars that hold what happened within `spans`, which ascend, of the series `what`.

        `what` is TRADES, MIDPOINT, BID or ASK. An index has TRADES only, and forex everything else.

        The caller puts bars of the size that it wants together from these: bars of `seconds`, which begin at the
        multiples of that on the clock of the exchange (as it is in the session), or of whole trading days where
        `seconds` is 0. No bar may belong to two of them, or reach beyond its span: a span ends at the present, and what
        comes later must not be told. Otherwise bars may be as long as is convenient. The longer they are the faster
        is the answer, and those of whole minutes never belong to two where `seconds` is a multiple of 60.

        Where nothing is known, or nothing was traded, there may be no bar, or one at the price that stands, whose
        volume is 0.
        """
        ...

    def quotes(self, instrument: Instrument, session: MarketSession, moment: int) -> QuoteColumns:
        """Return the quotes and trades of a stretch of `session`, one of all hours, that contains `moment`.

        The source chooses the stretch: its `begin` is a whole minute, or `first`, and its `end` at most that of the
        session. Any moment within it finds the same stretch. The caller looks at it all, so some hundreds of rows are
        convenient, and asks about the next stretch at the `end` of this one, where a quote may change.
        """
        ...


class HaltingSource(PriceSource, Protocol):
    """A price source that knows when trading in an instrument is halted."""

    def halted(self, instrument: Instrument, times: Ints) -> list[int]:
        """Return what tick 49 tells at each of some moments, which ascend: 0 while trading is not halted."""
        ...


def limits(source: PriceSource, instrument: Instrument) -> tuple[int, int]:
    """Return `first` and `last` of an instrument in microseconds; far away where nothing limits its prices."""
    first, last = source.first(instrument), source.last(instrument)
    return -UNLIMITED if first is None else micros(first), UNLIMITED if last is None else micros(last)


def within(spans: Iterable[Span], first: int, last: int) -> list[Span]:
    """Return what of spans is from `first` on and before `last`, without those that are empty then."""
    parts = (span._replace(begin=max(span.begin, first), end=min(span.end, last)) for span in spans)
    return [span for span in parts if span.begin < span.end]


def has_trades(instrument: Instrument) -> bool:
    """Return whether trades are reported at all: not in forex."""
    return instrument.secType != "CASH"


def has_quotes(instrument: Instrument) -> bool:
    """Return whether there is a bid and an ask: not for an index."""
    return instrument.secType != "IND"


def micros(moment: datetime) -> int:
    """Return an aware datetime as microseconds since 1970."""
    # A float has 53 bits, and the microseconds of the next centuries need 52: both ways are exact.
    return round(moment.timestamp() * SECOND)


def moment_of(micros: int) -> datetime:
    """Return microseconds since 1970 as a datetime in UTC."""
    return datetime.fromtimestamp(micros / SECOND, UTC)
