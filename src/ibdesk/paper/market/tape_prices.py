"""A tape as a price source: the quotes and trades that a recorded session was told are quoted again.

They come from the ticks of market data and from tick-by-tick data, at the moments at which they came, by the clock of
the server. What was not recorded is not made up: where there is no bid there is none, where no size was told it is 0,
and a trade between two ticks is missing from the volume. Bars (of history, and of five seconds) and ticks of the past
are not used, since no quotes come with them.

While a contract was told tick by tick its trades (or its quotes) come from these alone, since market data are told at
most four times a second and leave some out. The same goes for the trades of generic tick 233 or 375.
"""

from array import array
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ibdesk.model.contract import Contract
from ibdesk.model.times import parseIBDatetime
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.printable import printable
from ibdesk.session.connection import Opened
from ibdesk.tape.format import FAMILY
from ibdesk.tape.reading import Tape, TapeMessage, read_tape
from ibdesk.wire.messages.market_data import CancelMktData, ReqMktData, TickPrice, TickSize, TickString
from ibdesk.wire.messages.tick_by_tick import CancelTickByTickData, ReqTickByTickData, TickByTick

from ..instruments import Instrument, Instruments, Refusal, following, latest, unlisted
from .recorded_prices import RecordedPrices
from .source import QUOTE_COLUMNS, SECOND, QuoteColumns, has_quotes, has_trades, micros, moment_of

_BIDS, _ASKS, _LASTS = (1, 66), (2, 67), (4, 68)
_BID_SIZES, _ASK_SIZES, _LAST_SIZES = (0, 69), (3, 70), (5, 71)
_LAST_TIMES, _TRADES = (45, 88), (48, 77)
_FIRST_OF_OURS = 1_000_000_000  # of the conIds that the gateway makes up
_NO_PRICE, _NAN = -1.0, float("nan")
_AGREES = timedelta(minutes=1)
"""Clocks that differ by less are taken for the same: handshakes tell whole seconds."""


def is_tape(path: str | PathLike[str]) -> bool:
    """Return whether there is such a file, and it is a tape."""
    if not Path(path).is_file():
        return False
    with Path(path).open("rb") as file:
        return file.read(len(FAMILY)) == FAMILY


def tape_prices(path: str | PathLike[str]) -> "TapePrices":
    """Return the prices of a tape. Raises ValueError for a file that is no tape, or has no market data to quote."""
    tape = read_tape(Path(path))
    if tape.start is None:
        raise ValueError(f"data {str(path)!r}: {tape.damage}")
    reader = _Reader(tape)
    for message in tape.messages():
        reader.take(message)
    events = reader.events()
    if not events:
        unknown = f", and of {printable(', '.join(sorted(reader.unknown)))} it knows nothing" if reader.unknown else ""
        raise ValueError(
            f"data {str(path)!r}: the tape has no market data (ticks of reqMktData or reqTickByTickData within trading "
            f"hours) that this gateway could quote{unknown}"
        )
    return TapePrices(events, reader.unlisted)


class TapePrices(RecordedPrices):
    """The prices of a tape. `opening` is the moment of the first of them.

    `instruments` are those of them that are not in the list of the gateway.
    """

    def __init__(self, events: dict[int, QuoteColumns], instruments: list[Instrument]) -> None:
        super().__init__(events)
        self.opening: datetime = moment_of(min(each.begin for each in events.values()))
        self.instruments: list[Instrument] = instruments


class _Recording:
    """What was told of one instrument: how it stands, and the events so far as columns."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.by_tick = {"trades": 0, "quotes": 0}  # how many subscriptions tell each of them tick by tick
        none = _NO_PRICE if has_quotes(instrument) else _NAN
        self.stands: dict[str, float] = {
            **dict.fromkeys(("bids", "asks"), none),
            **dict.fromkeys(("bid_sizes", "ask_sizes", "last_sizes", "last_times", "traded"), 0),
            "lasts": _NAN,
        }
        self.columns: dict[str, array[Any]] = {
            name: array("d" if name in ("bids", "asks", "lasts") else "q") for name in QUOTE_COLUMNS
        }

    def note(self, moment: int) -> None:
        """Write down how things stand now, unless that is as before, or bid and ask cross until the other one comes."""
        times, stands = self.columns["times"], self.stands
        moment = max(moment, times[-1]) if times else moment
        if stands["bids"] >= stands["asks"] > 0 and stands["bids"] > 0:
            return
        unchanged = bool(times) and all(
            self.columns[name][-1] == value or value != value for name, value in stands.items() if name != "traded"
        )
        if not (unchanged and not stands["traded"]):
            times.append(moment)
            for name, value in stands.items():
                column = self.columns[name]
                column.append(value if column.typecode == "d" else int(value))
        stands["traded"] = 0

    def quote(self, side: str, price: float | None, size: float | None) -> None:
        """Take the price and the size of a side, `bid` or `ask`; None for what was not told."""
        if not has_quotes(self.instrument):
            return
        if price is not None:
            self.stands[f"{side}s"] = price if _is_price(price) else _NO_PRICE
        if size is not None and _is_size(size):
            self.stands[f"{side}_sizes"] = round(size)
        if self.stands[f"{side}s"] == _NO_PRICE:
            self.stands[f"{side}_sizes"] = 0

    def trade(self, moment: int, price: float, size: float) -> None:
        """Take a trade, or a new value of an index."""
        if not has_trades(self.instrument) or not _is_price(price):
            return
        sized = round(size) if _is_size(size) and has_quotes(self.instrument) else 0
        times = self.columns["times"]
        moment = max(moment, times[-1]) if times else moment
        self.stands.update(lasts=price, last_sizes=sized, last_times=moment, traded=sized)

    def events(self, end: int) -> QuoteColumns | None:
        """Return all events as columns, from the first of them within a session to `end`; None where there are none."""
        columns = {name: np.array(column) for name, column in self.columns.items()}
        hours, times = self.instrument.kind.hours, columns["times"]
        if not len(times):
            return None
        first = moment_of(int(times[0]))
        begin = first if first < latest(hours, first).end else following(hours, first).start
        end = min(end, micros(latest(hours, moment_of(end - 1)).end))
        return QuoteColumns(micros(begin), end, **columns) if micros(begin) < end else None


class _Line:
    """One subscription: what it tells tick by tick, and what it told of the last trade.

    `stands` while that trade is the one that was there already when it began.
    """

    def __init__(self, recording: _Recording, told: tuple[str, ...] = ()) -> None:
        self.recording = recording
        self.told = told
        self.last: float | None = None
        self.size = 0.0
        self.stands = True
        self.has_trades = False


class _Reader:
    """It takes the messages of a tape in their order, and makes events of the ticks."""

    def __init__(self, tape: Tape) -> None:
        assert tape.start is not None
        self._start = tape.start
        self._instruments = Instruments(tape.start.date(), lambda each: each.pricing.anchor)
        self._recordings: dict[int, _Recording] = {}
        self._lines: dict[tuple[int, int], _Line] = {}
        self._shifts: dict[int, int] = {}
        self._end = 0
        self.unknown: set[str] = set()
        self.unlisted: list[Instrument] = []
        self._handlers: dict[type, Callable[[int, Any, int], None]] = {
            Opened: self._set_clock,
            ReqMktData: self._subscribe,
            ReqTickByTickData: self._subscribe_by_tick,
            CancelMktData: self._cancel,
            CancelTickByTickData: self._cancel,
            TickPrice: self._take_price,
            TickSize: self._take_size,
            TickString: self._take_text,
            TickByTick: self._take_tick,
        }

    def take(self, entry: TapeMessage) -> None:
        """Take a message."""
        moment = micros(self._start) + round(entry.time * SECOND) + self._shifts.get(entry.connection, 0)
        handler = self._handlers.get(type(entry.message))
        if entry.connection in self._shifts:
            self._end = max(self._end, moment + 1)
        if handler is not None:
            handler(entry.connection, entry.message, moment)

    def events(self) -> dict[int, QuoteColumns]:
        """Return what was recorded, by conId."""
        found = {conId: recording.events(self._end) for conId, recording in self._recordings.items()}
        return {conId: events for conId, events in found.items() if events is not None}

    def _set_clock(self, connection: int, opened: Opened, moment: int) -> None:
        # A gateway may have a clock of its own, as a paper gateway has. A zone in letters may be any of several.
        self._shifts[connection] = 0
        try:
            told = parseIBDatetime(opened.time)
        except (ValueError, KeyError):
            return
        if isinstance(told, datetime) and told.tzinfo and "/" in opened.time:
            ahead = told - moment_of(moment)
            self._shifts[connection] = ahead // timedelta(microseconds=1) if abs(ahead) > _AGREES else 0

    def _recording(self, contract: Contract) -> _Recording | None:
        instrument = _find(self._instruments, contract) or self._list(contract)
        if instrument is None:
            self.unknown.add(f"{contract.symbol or contract.localSymbol or contract.conId}/{contract.secType}")
            return None
        return self._recordings.setdefault(instrument.conId, _Recording(instrument))

    def _list(self, contract: Contract) -> Instrument | None:
        """List a stock in dollars that the gateway does not know, with its own conId where the tape tells it."""
        if contract.secType != "STK" or contract.currency != "USD":
            return None
        try:
            made = unlisted.stock(contract.symbol, [each.conId for each in self.unlisted])
        except ValueError:
            return None
        is_theirs = 0 < contract.conId < _FIRST_OF_OURS and self._instruments.by_con_id(contract.conId) is None
        made = replace(made, conId=contract.conId) if is_theirs else made
        self._instruments.add(made)
        self.unlisted.append(made)
        return made

    def _subscribe(self, connection: int, request: ReqMktData, moment: int) -> None:
        recording = self._recording(request.contract)
        if recording is not None:
            self._lines[connection, request.reqId] = _Line(recording)

    def _subscribe_by_tick(self, connection: int, request: ReqTickByTickData, moment: int) -> None:
        recording = self._recording(request.contract)
        if recording is not None:
            told = {"BidAsk": ("quotes",), "Last": ("trades",), "AllLast": ("trades",)}.get(request.tickType, ())
            self._lines[connection, request.reqId] = _Line(recording, told)
            for each in told:
                recording.by_tick[each] += 1

    def _cancel(self, connection: int, request: Any, moment: int) -> None:
        line = self._lines.pop((connection, request.reqId), None)
        if line is not None:
            for each in line.told:
                line.recording.by_tick[each] -= 1

    def _take_price(self, connection: int, tick: TickPrice, moment: int) -> None:
        line = self._lines.get((connection, tick.reqId))
        if line is None:
            return
        if tick.tickType in _LASTS:
            self._take_last(line, moment, tick.price, tick.size)
        elif tick.tickType in _BIDS + _ASKS and not line.recording.by_tick["quotes"]:
            line.recording.quote("bid" if tick.tickType in _BIDS else "ask", tick.price, tick.size)
            line.recording.note(moment)

    def _take_size(self, connection: int, tick: TickSize, moment: int) -> None:
        line = self._lines.get((connection, tick.reqId))
        if line is None:
            return
        if tick.tickType in _LAST_SIZES and line.last is not None and tick.size != line.size:
            self._take_last(line, moment, line.last, tick.size)
        elif tick.tickType in _BID_SIZES + _ASK_SIZES and not line.recording.by_tick["quotes"]:
            line.recording.quote("bid" if tick.tickType in _BID_SIZES else "ask", None, tick.size)
            line.recording.note(moment)

    def _take_last(self, line: _Line, moment: int, price: float, size: float) -> None:
        is_first, line.last, line.size = line.last is None, price, size if _is_size(size) else line.size
        recording = line.recording
        line.stands &= is_first or not has_quotes(recording.instrument)
        if recording.by_tick["trades"] or line.has_trades:
            return
        recording.trade(moment, price, line.size)
        if is_first and has_quotes(recording.instrument):
            # This one was there before: nobody tells when it was, unless the next tick does.
            recording.stands.update(last_times=min(moment - 1, int(recording.stands["last_times"])), traded=0)
        recording.note(moment)

    def _take_text(self, connection: int, tick: TickString, moment: int) -> None:
        line = self._lines.get((connection, tick.reqId))
        if line is None:
            return
        if tick.tickType in _LAST_TIMES and line.stands and line.last is not None and tick.value.isdigit():
            line.recording.stands["last_times"] = min(int(tick.value[:12]) * SECOND, moment - 1)
            line.recording.note(moment)
        elif tick.tickType in _TRADES and not line.recording.by_tick["trades"]:
            price, _, rest = tick.value.partition(";")
            try:
                told = float(price), float(rest.partition(";")[0])
            except ValueError:
                return
            line.has_trades, line.stands, line.last = True, False, told[0]
            line.recording.trade(moment, *told)
            line.recording.note(moment)

    def _take_tick(self, connection: int, tick: TickByTick, moment: int) -> None:
        line = self._lines.get((connection, tick.reqId))
        if line is None:
            return
        if "trades" in line.told:
            line.recording.trade(moment, tick.last.price, tick.last.size)
        elif "quotes" in line.told:
            line.recording.quote("bid", tick.bidAsk.priceBid, tick.bidAsk.sizeBid)
            line.recording.quote("ask", tick.bidAsk.priceAsk, tick.bidAsk.sizeAsk)
        line.recording.note(moment)


def _is_price(price: float) -> bool:
    return isfinite(price) and 0 < price != UNSET_DOUBLE


def _is_size(size: float) -> bool:
    return isfinite(size) and 0 <= size != UNSET_DOUBLE


def _find(instruments: Instruments, contract: Contract) -> Instrument | None:
    """Return the instrument that a recorded request is about: with its conId, or else with the rest of its terms."""
    known = instruments.by_con_id(contract.conId) if contract.conId else None
    if known is not None and contract.symbol in ("", known.symbol):
        return known
    if contract.secType == "OPT":
        return instruments.option(contract)
    # A conId of IBKR's that the gateway does not know is one that it has made up for the same contract.
    wanted = copy(contract)
    wanted.conId = 0
    try:
        rows = instruments.search(wanted, include_expired=True)
    except Refusal:
        return None
    found = {row.contract.conId for row in rows if row.contract}
    return instruments.by_con_id(found.pop()) if len(found) == 1 else None
