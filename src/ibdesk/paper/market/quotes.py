"""What a client sees of an instrument at one moment."""

from datetime import datetime
from typing import NamedTuple

NAN = float("nan")


class Quote(NamedTuple):
    """The market at one moment.

    `bid` and `ask` are -1 with size 0 where nobody quotes (the market is closed), and nan where there never is
    one (an index); `last` is nan where trades are not reported (forex). `volume`, `open`, `high` and `low`
    are those of the trading day so far, all hours; `close` is where the regular hours of the day before ended.
    `lastTime` is when `last` was traded; `halted` is IB's tick 49: 0 is trading.
    """

    bid: float
    bidSize: int
    ask: float
    askSize: int
    last: float
    lastSize: int
    volume: int
    open: float
    high: float
    low: float
    close: float
    lastTime: datetime | None = None
    halted: int = 0


def mark_price(quote: Quote) -> float:
    """Return what one unit is worth: the last trade within bid and ask, the middle where none is told, or the close."""
    if quote.bid > 0 and quote.ask > 0:
        if quote.last > 0:
            return min(max(quote.last, quote.bid), quote.ask)
        return (quote.bid + quote.ask) / 2
    return quote.last if quote.last > 0 else quote.close
