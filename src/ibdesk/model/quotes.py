"""Market data: ticks of every kind, levels of the order book, option greeks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from math import nan
from typing import Any, NamedTuple

from .fields import Noun, Values, call_repr, named_values


@dataclass
class IBDefaults(Noun):
    """The values that stand for absent market data.

    `emptyPrice` and `emptySize` replace the -1 and 0 that IBKR sends for a quote that does not exist. `unset` is what a
    ticker holds before anything was received. `timezone` is the zone of the times in logs.
    """

    emptyPrice: Any = -1
    emptySize: Any = 0
    unset: Any = nan
    timezone: tzinfo = UTC


class TickData(NamedTuple):
    """One price with its size, as received. `tickType` is IBKR's number for the kind of tick."""

    time: datetime
    tickType: int
    price: float
    size: float

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


@dataclass
class TickAttrib(Noun):
    """Attributes of a quoted price."""

    canAutoExecute: bool = False
    pastLimit: bool = False
    preOpen: bool = False


@dataclass
class TickAttribBidAsk(Noun):
    """Attributes of a bid and ask: whether they are outside the price range of the day."""

    bidPastLow: bool = False
    askPastHigh: bool = False


@dataclass
class TickAttribLast(Noun):
    """Attributes of a trade: whether it is beyond the price limit, or not reported to the consolidated tape."""

    pastLimit: bool = False
    unreported: bool = False


class _OfExchange:
    """The time of a tick at the exchange, which ib_async does not keep."""

    exchangeSeconds: int = 0
    """The time of the tick at the exchange, in seconds since 1970; 0 for a tick that no server sent."""

    @property
    def exchangeTime(self) -> datetime | None:
        """The time of the tick at the exchange, in UTC and to the second; None for a tick that no server sent."""
        return datetime.fromtimestamp(self.exchangeSeconds, UTC) if self.exchangeSeconds else None


class _AllLast(NamedTuple):
    tickType: int
    time: datetime
    price: float
    size: float
    tickAttribLast: TickAttribLast
    exchange: str
    specialConditions: str

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class TickByTickAllLast(_OfExchange, _AllLast):
    """One trade. `tickType` is 1 in the stream Last and 2 in AllLast. `time` is when it was received."""


class _BidAsk(NamedTuple):
    time: datetime
    bidPrice: float
    askPrice: float
    bidSize: float
    askSize: float
    tickAttribBidAsk: TickAttribBidAsk

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class TickByTickBidAsk(_OfExchange, _BidAsk):
    """One change of the best bid and ask. `time` is when it was received."""


class _MidPoint(NamedTuple):
    time: datetime
    midPoint: float

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class TickByTickMidPoint(_OfExchange, _MidPoint):
    """One change of the midpoint. `time` is when it was received."""


class MktDepthData(NamedTuple):
    """One change of the order book. `operation`: 0 insert, 1 update, 2 delete. `side`: 0 ask, 1 bid."""

    time: datetime
    position: int
    marketMaker: str
    operation: int
    side: int
    price: float
    size: float

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class DOMLevel(NamedTuple):
    """One level of the order book (DOM: depth of market)."""

    price: float
    size: float
    marketMaker: str

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


@dataclass(slots=True, frozen=True)
class EfpData(Noun):
    """An exchange for physical (EFP): a position in a stock against one in its future.

    `basisPoints` is the annualized financing rate that the pair implies, and `dividendImpact` the part of it that
    dividends cause. `holdDays` are the days until `futureLastTradeDate`.
    """

    basisPoints: float
    formattedBasisPoints: str
    impliedFuture: float
    holdDays: int
    futureLastTradeDate: str
    dividendImpact: float
    dividendsToLastTradeDate: float


@dataclass(slots=True, frozen=True)
class Dividends(Noun):
    """Dividends per share: the sums of the past and the next twelve months, and the date and amount of the next one."""

    past12Months: float | None
    next12Months: float | None
    nextDate: date | None
    nextAmount: float | None


_ADDABLE = ("impliedVol", "delta", "optPrice", "gamma", "vega", "theta")


@dataclass(slots=True, frozen=True)
class OptionComputation(Noun):
    """Implied volatility, price and greeks of an option; None where IBKR computed nothing.

    For spreads, computations can be added, subtracted and multiplied by a number. None then counts as 0, and `undPrice`
    is taken from the left operand. `tickAttrib` is 0 when based on returns, 1 when based on prices.
    """

    tickAttrib: int
    impliedVol: float | None = None
    delta: float | None = None
    optPrice: float | None = None
    pvDividend: float | None = None
    gamma: float | None = None
    vega: float | None = None
    theta: float | None = None
    undPrice: float | None = None

    def __add__(self, other: "OptionComputation") -> "OptionComputation":
        if not isinstance(other, OptionComputation):
            return NotImplemented
        return self._combined({name: _number(self, name) + _number(other, name) for name in _ADDABLE})

    def __sub__(self, other: "OptionComputation") -> "OptionComputation":
        if not isinstance(other, OptionComputation):
            return NotImplemented
        return self._combined({name: _number(self, name) - _number(other, name) for name in _ADDABLE})

    def __mul__(self, other: float) -> "OptionComputation":
        if not isinstance(other, int | float):
            return NotImplemented
        return self._combined({name: _number(self, name) * other for name in _ADDABLE})

    def _combined(self, values: dict[str, float]) -> "OptionComputation":
        return OptionComputation(tickAttrib=0, undPrice=self.undPrice, **values)


def _number(computation: OptionComputation, name: str) -> float:
    value: float | None = getattr(computation, name)
    return value or 0


class DynamicObject:
    """An object whose attributes are the keyword arguments of its constructor."""

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__.update(kwargs)

    def _asdict(self) -> Values:
        return vars(self).copy()

    def __repr__(self) -> str:
        return call_repr(self, self.__dict__)

    def dict(self, plain: bool = False) -> Values:
        """Return the attributes by name, as `Noun.dict` does."""
        return named_values(self, plain)


class FundamentalRatios(DynamicObject):
    """Fundamental ratios of a company, under IBKR's abbreviations (`TTMNPMGN`, `NLOW`, `PRICE2BK` ...).

    Source: TWS API documentation, "Fundamental Ratios Tags".
    """
