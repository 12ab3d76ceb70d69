"""Historical data: bars, ticks, trading sessions and histograms."""

from dataclasses import dataclass, field
from datetime import date as date_
from datetime import datetime
from typing import NamedTuple

from .fields import Noun, Values, named_values
from .quotes import TickAttribBidAsk, TickAttribLast
from .unset import EPOCH


@dataclass
class BarData(Noun):
    """A bar that starts at `date`: a date for daily and longer bars, otherwise an aware datetime.

    `average` is the volume-weighted average price and `barCount` the number of trades. These two and `volume` are -1
    where the bar is not made of trades.
    """

    date: date_ | datetime = EPOCH
    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    volume: float = 0
    average: float = 0.0
    barCount: int = 0


@dataclass
class RealTimeBar(Noun):
    """A bar of five seconds that starts at `time`. `wap` is the volume-weighted average price.

    It also has the attributes of a `BarData`, so that one listener can serve both.
    """

    time: datetime = EPOCH
    endTime: int = -1
    open_: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    volume: float = 0.0
    wap: float = 0.0
    count: int = 0

    @property
    def date(self) -> datetime:
        """When the bar starts, as in `BarData`."""
        return self.time

    @property
    def open(self) -> float:
        """The first price, as in `BarData`."""
        return self.open_

    @property
    def average(self) -> float:
        """The volume-weighted average price, as in `BarData`."""
        return self.wap

    @property
    def barCount(self) -> int:
        """The number of trades, as in `BarData`."""
        return self.count


@dataclass
class HistogramData(Noun):
    """How much was traded at one price."""

    price: float = 0.0
    count: int = 0


@dataclass
class HistoricalSession(Noun):
    """One trading session. It belongs to the trading day `refDate` (`YYYYMMDD`)."""

    startDateTime: str = ""
    endDateTime: str = ""
    refDate: str = ""


@dataclass
class HistoricalSchedule(Noun):
    """The trading sessions in a span of time. All its times are texts in the time zone `timeZone`."""

    startDateTime: str = ""
    endDateTime: str = ""
    timeZone: str = ""
    sessions: list[HistoricalSession] = field(default_factory=list)


class HistoricalTick(NamedTuple):
    """A midpoint in the past."""

    time: datetime
    price: float
    size: float

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class HistoricalTickBidAsk(NamedTuple):
    """A best bid and ask in the past."""

    time: datetime
    tickAttribBidAsk: TickAttribBidAsk
    priceBid: float
    priceAsk: float
    sizeBid: float
    sizeAsk: float

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class HistoricalTickLast(NamedTuple):
    """A trade in the past."""

    time: datetime
    tickAttribLast: TickAttribLast
    price: float
    size: float
    exchange: str
    specialConditions: str

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)
