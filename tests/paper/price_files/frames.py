"""Files of prices for the tests: frames of pandas, and instruments of the gateway's list."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ibdesk.paper.instruments import Instrument, MarketSession, latest, sessions
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.market.source import BarColumns, Span, micros
from ibdesk.paper.price_files import PriceFiles, open_files

NEW_YORK = ZoneInfo("America/New_York")

_LISTED = {(each.symbol, each.currency): each for each in load().instruments}
APPLE, MICROSOFT, EURO = _LISTED["AAPL", "USD"], _LISTED["MSFT", "USD"], _LISTED["EUR", "USD"]
SPX, BMW = _LISTED["SPX", "USD"], _LISTED["BMW", "EUR"]
_KNOWN = {"AAPL": APPLE, "AAPL.US": APPLE, "MSFT": MICROSOFT, "MSFT.US": MICROSOFT, "EUR.USD": EURO, "EURUSD": EURO}
_KNOWN |= {"SPX": SPX, "^GSPC": SPX, "BMW": BMW}


def instrument_of(symbol: str) -> Instrument:
    if symbol not in _KNOWN:
        raise ValueError(f"no instrument has the symbol {symbol!r}")
    return _KNOWN[symbol]


def opened(data: Any, seed: int = 1, **options: Any) -> PriceFiles:
    return open_files(data, seed=seed, today=date(2026, 3, 2), instrument_of=instrument_of, **options)


def minutes(first: str = "2026-03-02 09:30", count: int = 390, freq: str = "1min") -> pd.DatetimeIndex:
    return pd.date_range(first, periods=count, freq=freq, tz="America/New_York")


def bars(times: pd.DatetimeIndex, seed: int = 0, digits: int = 2, price: float = 100.0) -> pd.DataFrame:
    """Made-up bars: `time`, `open`, `high`, `low`, `close`, `volume`."""
    draw = np.random.default_rng(seed)
    count = len(times)
    close = price * np.exp(np.cumsum(draw.normal(0, 0.001, count)))
    opens = close * np.exp(draw.normal(0, 0.0005, count))
    high = np.maximum(opens, close) * (1 + abs(draw.normal(0, 0.0005, count)))
    low = np.minimum(opens, close) * (1 - abs(draw.normal(0, 0.0005, count)))
    frame = pd.DataFrame({"time": times, "open": opens, "high": high, "low": low, "close": close})
    frame[["open", "high", "low", "close"]] = frame[["open", "high", "low", "close"]].round(digits)
    frame["volume"] = draw.integers(100, 100_000, count)
    return frame


def trading_days(first: str, last: str) -> pd.DatetimeIndex:
    days = {each.day for each in sessions("us_stock", date.fromisoformat(first), date.fromisoformat(last))}
    return pd.DatetimeIndex(sorted(days))


def spans(instrument: Instrument, first: str, last: str, *, regular: bool = False) -> list[Span]:
    days = date.fromisoformat(first), date.fromisoformat(last)
    known = sessions(instrument.kind.hours, *days, regular=regular)
    return [Span(each, micros(each.start), micros(each.end)) for each in known]


def session_at(instrument: Instrument, when: datetime) -> MarketSession:
    return latest(instrument.kind.hours, when)


def told(
    source: PriceFiles, instrument: Instrument, wanted: list[Span], seconds: int, what: str = "TRADES"
) -> pd.DataFrame:
    """Everything that a source tells of a series, as a frame with the columns of `BarColumns`."""
    parts: list[BarColumns] = list(source.bars(instrument, wanted, seconds, what))
    names = BarColumns.__slots__
    return pd.DataFrame({name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def write(folder: Path, name: str, frame: pd.DataFrame, **options: Any) -> Path:
    path = folder / name
    if name.endswith(".parquet"):
        frame.to_parquet(path, **options)
    else:
        frame.to_csv(path, **{"index": False, **options})
    return path
