"""Decides what history consists of: bars, ticks, sessions, histograms; must not know how it is asked for."""

from dataclasses import dataclass, field
from datetime import date as date_
from datetime import datetime
from typing import NamedTuple

from .fields import Noun, Values, named_values
from .quotes import TickAttribBidAsk, TickAttribLast
from .unset import EPOCH


@dataclass
class BarData(Noun):
    """A bar. `date` is its start: a date for daily and longer bars, else an aware datetime.

    `volume`, `average` (the volume-weighted price) and `barCount` (the number of trades) are -1 where
    the bar is not made of trades.
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
    """A bar of five seconds that starts at `time`. `wap` is the volume-weighted price.

    It answers to the names that a `BarData` has, too, so that one listener can serve both.
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
        """When it starts, as `BarData.date`."""
        return self.time

    @property
    def open(self) -> float:
        """The first price, as `BarData.open`."""
        return self.open_

    @property
    def average(self) -> float:
        """The volume-weighted price, as `BarData.average`."""
        return self.wap

    @property
    def barCount(self) -> int:
        """The number of trades, as `BarData.barCount`."""
        return self.count


@dataclass
class HistogramData(Noun):
    """How much was traded at a price."""

    price: float = 0.0
    count: int = 0


@dataclass
class HistoricalSession(Noun):
    """One trading session, belonging to the trading day `refDate` (`YYYYMMDD`)."""

    startDateTime: str = ""
    endDateTime: str = ""
    refDate: str = ""


@dataclass
class HistoricalSchedule(Noun):
    """The trading sessions in a span of time; `timeZone` is that of all the texts."""

    startDateTime: str = ""
    endDateTime: str = ""
    timeZone: str = ""
    sessions: list[HistoricalSession] = field(default_factory=list)


class HistoricalTick(NamedTuple):
    """A midpoint of the past."""

    time: datetime
    price: float
    size: float

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)


class HistoricalTickBidAsk(NamedTuple):
    """A quote of the past."""

    time: datetime
    tickAttribBidAsk: TickAttribBidAsk
    priceBid: float
    priceAsk: float
    sizeBid: float
    sizeAsk: float

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)


class HistoricalTickLast(NamedTuple):
    """A trade of the past."""

    time: datetime
    tickAttribLast: TickAttribLast
    price: float
    size: float
    exchange: str
    specialConditions: str

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)
