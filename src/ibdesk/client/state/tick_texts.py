"""Ticks that come as text (tickString): which attributes of a ticker they set, and to what."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from math import nan
from typing import Any

from ibdesk.client.state import tick_types as types
from ibdesk.model.quotes import Dividends, FundamentalRatios
from ibdesk.model.times import parseIBDatetime

Values = dict[str, Any]

_NO_RATIO = "-99999.99"
_LONGEST = 100_000
"""The length up to which a text is parsed, in characters. Two hundred ratios have about 4000."""


def parse(kind: int, text: str, zone: tzinfo) -> Values | None:
    """Return the attributes that the text of a tick of type `kind` sets, None for an unknown type.

    Times are given in `zone`. Raises ValueError for a text that does not have the form of its type.
    """
    if kind in types.TEXTS:
        return {types.TEXTS[kind]: text}
    if len(text) > _LONGEST:
        raise ValueError(f"a tick's text of {len(text)} characters")
    read = _READERS.get(kind)
    return None if read is None else read(kind, text, zone)


def _read_time(kind: int, text: str, zone: tzinfo) -> Values:
    seconds = int(text)
    # Servers send 0 if there was no trade yet.
    return {types.TIMES[kind]: datetime.fromtimestamp(seconds, zone)} if seconds else {}


def _read_trade(kind: int, text: str, zone: tzinfo) -> Values:
    price, size, milliseconds, volume, average, _ = text.split(";")
    values: Values = {}
    if volume:
        values[types.TRADES[kind]] = float(volume)
    if average:
        values["vwap"] = float(average)
    if milliseconds:
        values["rtTime"] = datetime.fromtimestamp(int(milliseconds) / 1000, zone)
    if price:
        values["last"] = float(price)
        values["lastSize"] = float(size)
    return values


def _read_dividends(_kind: int, text: str, _zone: tzinfo) -> Values:
    past, coming, date, amount = text.split(",")
    dividends = Dividends(
        float(past) if past else None,
        float(coming) if coming else None,
        parseIBDatetime(date) if date else None,
        float(amount) if amount else None,
    )
    return {"dividends": dividends}


def _read_ratios(_kind: int, text: str, _zone: tzinfo) -> Values:
    pairs = (pair.split("=") for pair in text.split(";") if pair)
    return {"fundamentalRatios": FundamentalRatios(**{name: _ratio(value) for name, value in pairs})}


def _ratio(text: str) -> float | str:
    if text == _NO_RATIO:
        return nan
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


_READERS: dict[int, Callable[[int, str, tzinfo], Values]] = {
    **dict.fromkeys(types.TIMES, _read_time),
    **dict.fromkeys(types.TRADES, _read_trade),
    types.DIVIDENDS: _read_dividends,
    types.FUNDAMENTAL_RATIOS: _read_ratios,
}
