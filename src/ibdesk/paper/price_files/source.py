"""Files of prices as a source of prices: `PriceFiles`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..instruments import Instrument, MarketSession, following, latest
from ..market import is_tape, tape_prices
from ..market.source import BarColumns, PriceSource, QuoteColumns, Span, moment_of
from .bar_prices import BarPrices
from .library import Library, Progress, open_library
from .symbols import Symbols
from .tick_prices import TickPrices


class PriceFiles:
    """The prices of instruments that are in files. It is a `PriceSource`; `open_files` makes it.

    A `seed` decides what the files do not tell: the way of a price within a bar, spreads and sizes.
    """

    def __init__(self, library: Library, seed: int) -> None:
        self._library = library
        self._seed = seed
        self._known = {con_id for con_id, _ in library.series}
        self._of = lru_cache(maxsize=4096)(self._make)

    @property
    def instruments(self) -> list[Instrument]:
        """The instruments that are in the files."""
        return list({series.instrument.conId: series.instrument for series in self._library.series.values()}.values())

    @property
    def opening(self) -> datetime:
        """The first moment of regular hours at which all instruments have prices."""
        return max(_opening(each, self.first(each)) for each in self.instruments)

    def covers(self, instrument: Instrument) -> bool:
        """Return whether an instrument is in the files."""
        return instrument.conId in self._known

    def first(self, instrument: Instrument) -> datetime:
        """Return the moment at which the first row of an instrument begins."""
        return moment_of(self._of(instrument.conId).first)

    def last(self, instrument: Instrument) -> datetime:
        """Return the moment at which the last row of an instrument ends."""
        return moment_of(self._of(instrument.conId).last)

    def bars(self, instrument: Instrument, spans: Sequence[Span], seconds: int, what: str) -> Iterator[BarColumns]:
        """Yield bars: rows of the files as they are where that is possible. See `PriceSource.bars`."""
        return self._of(instrument.conId).bars(spans, seconds, what)

    def settled(self, instrument: Instrument, moment: int) -> int:
        """Return the last moment up to one between two rows: see `CombinedPrices.settled`."""
        return self._of(instrument.conId).settled(moment)

    def quotes(self, instrument: Instrument, session: MarketSession, moment: int) -> QuoteColumns:
        """Return quotes and trades around a moment. See `PriceSource.quotes`."""
        return self._of(instrument.conId).quotes(session, moment)

    def _make(self, con_id: int) -> BarPrices | TickPrices:
        bars = self._library.series.get((con_id, "bars"))
        if bars is not None:
            return BarPrices(self._library, bars, self._seed)
        trades, quotes = (self._library.series.get((con_id, kind)) for kind in ("trades", "quotes"))
        return TickPrices(self._library, trades, quotes, self._seed)


def _opening(instrument: Instrument, first: datetime) -> datetime:
    hours = instrument.kind.hours
    session = latest(hours, first, regular=True)
    return first if first < session.end else following(hours, first, regular=True).start


def open_files(
    data: Any,
    *,
    seed: int,
    today: date,
    instrument_of: Callable[[str], Instrument] | None = None,
    zone: ZoneInfo | str | None = None,
    cache: PathLike[str] | str | None = None,
    progress: Progress | None = None,
) -> PriceFiles:
    """Open `data`, a folder or a file of prices or several of these, and check every row.

    Symbols mean what they do as of `today`, unless `instrument_of` tells which instrument one means, and raises
    ValueError where there is none. `zone` is that of times of which the files tell none. CSV files are converted in the
    folder `cache`, where they need not be converted the next time, or else in a temporary one. `progress` is called
    with a file and the number of its rows that were read. Raises `PriceFileError` for the first row that cannot be
    meant, OSError for a file that cannot be read.
    """
    if isinstance(zone, str):
        try:
            zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"zone is one such as America/New_York, not {zone!r}") from error
    folder = None if cache is None else Path(cache)
    instrument_of = instrument_of or Symbols(today).instrument_of
    library = open_library(data, instrument_of, zone=zone, cache=folder, progress=progress)
    return PriceFiles(library, seed)


def prices_of(
    data: Any,
    seed: int,
    today: date,
    *,
    only_data: bool = False,
    zone: ZoneInfo | str | None = None,
    cache: PathLike[str] | str | None = None,
) -> PriceSource | None:
    """Return the source that is meant by the arguments of a gateway: one that is open, files, a tape, or none.

    Raises ValueError for arguments that have no meaning beside the others, and what `open_files` and `tape_prices` do.
    """
    if data is None:
        for name, value in (("only_data", only_data), ("zone", zone), ("data_cache", cache)):
            if value:
                raise ValueError(f"{name}={value!r} belongs to data (files of prices), and none is given")
        return None
    is_open = hasattr(data, "covers")
    paths = [] if is_open else _paths(data)
    tapes = [path for path in paths if isinstance(path, str | PathLike) and is_tape(path)]
    if tapes and len(paths) > 1:
        raise ValueError(f"data is one tape, or files of prices: {str(tapes[0])!r} is a tape, and there are others")
    if not is_open and not tapes:
        return open_files(paths, seed=seed, today=today, zone=zone, cache=cache)
    for name, value in (("zone", zone), ("data_cache", cache)):
        if value:
            raise ValueError(f"{name}={value!r} is for files of prices, and data is {'a tape' if tapes else 'open'}")
    if tapes:
        return tape_prices(tapes[0])
    source: PriceSource = data
    return source


def _paths(data: Any) -> list[Any]:
    if isinstance(data, str | bytes | PathLike) or not isinstance(data, Iterable):
        return [data]  # or what is no path at all, which is refused with those that are
    return list(data)
