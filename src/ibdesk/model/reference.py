"""Decides what is looked up beside contracts: news, scanners, chains, market rules, fees; must not know requests."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .contract import Contract
from .fields import Noun, Values, named_values
from .unset import UNSET_DOUBLE, UNSET_INTEGER


@dataclass
class SoftDollarTier(Noun):
    """A soft dollar tier; false when it is empty."""

    name: str = ""
    val: str = ""
    displayName: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.val or self.displayName)


@dataclass
class ScannerSubscription(Noun):
    """What a market scanner looks for. `numberOfRows` -1 is as many as there are, at most 50."""

    numberOfRows: int = -1
    instrument: str = ""
    locationCode: str = ""
    scanCode: str = ""
    abovePrice: float = UNSET_DOUBLE
    belowPrice: float = UNSET_DOUBLE
    aboveVolume: int = UNSET_INTEGER
    marketCapAbove: float = UNSET_DOUBLE
    marketCapBelow: float = UNSET_DOUBLE
    moodyRatingAbove: str = ""
    moodyRatingBelow: str = ""
    spRatingAbove: str = ""
    spRatingBelow: str = ""
    maturityDateAbove: str = ""
    maturityDateBelow: str = ""
    couponRateAbove: float = UNSET_DOUBLE
    couponRateBelow: float = UNSET_DOUBLE
    excludeConvertible: bool = False
    averageOptionVolumeAbove: int = UNSET_INTEGER
    scannerSettingPairs: str = ""
    stockTypeFilter: str = ""


@dataclass
class NewsProvider(Noun):
    """A news service that the account subscribes to."""

    code: str = ""
    name: str = ""


@dataclass(slots=True, frozen=True)
class NewsArticle(Noun):
    """The body of an article. `articleType`: 0 text or HTML, 1 binary (base64)."""

    articleType: int
    articleText: str


@dataclass(slots=True, frozen=True)
class HistoricalNews(Noun):
    """A headline of the past."""

    time: datetime
    providerCode: str
    articleId: str
    headline: str


@dataclass(slots=True, frozen=True)
class NewsTick(Noun):
    """A headline as it appears. `timeStamp` is in milliseconds since 1970.

    `contract` is that whose quotes are subscribed, and brought the headline; None once the subscription has ended.
    Headlines are equal whichever contract they came with.
    """

    timeStamp: int
    providerCode: str
    articleId: str
    headline: str
    extraData: str
    contract: Contract | None = field(default=None, compare=False)


@dataclass(slots=True, frozen=True)
class NewsBulletin(Noun):
    """A bulletin of IBKR. `msgType`: 1 regular, 2 exchange not available, 3 exchange available again."""

    msgId: int
    msgType: int
    message: str
    origExchange: str


@dataclass
class WshEventData(Noun):
    """Which events of the Wall Street Horizon calendar to ask for."""

    conId: int = UNSET_INTEGER
    filter: str = ""
    fillWatchlist: bool = False
    fillPortfolio: bool = False
    fillCompetitors: bool = False
    startDate: str = ""
    endDate: str = ""
    totalLimit: int = UNSET_INTEGER


@dataclass(slots=True, frozen=True)
class OptionChain(Noun):
    """The expirations (`YYYYMMDD`) and strikes of one trading class at one exchange; not every pair exists."""

    exchange: str
    underlyingConId: int
    tradingClass: str
    multiplier: str
    expirations: list[str]
    strikes: list[float]


class PriceIncrement(NamedTuple):
    """From the price `lowEdge` on, prices are multiples of `increment`."""

    lowEdge: float
    increment: float

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)


@dataclass
class DepthMktDataDescription(Noun):
    """An exchange that offers market depth."""

    exchange: str = ""
    secType: str = ""
    listingExch: str = ""
    serviceDataType: str = ""
    aggGroup: int = UNSET_INTEGER


@dataclass(slots=True, frozen=True)
class SmartComponent(Noun):
    """One exchange behind a consolidated quote; `exchangeLetter` abbreviates it in quotes."""

    bitNumber: int
    exchange: str
    exchangeLetter: str


@dataclass(slots=True, frozen=True)
class FamilyCode(Noun):
    """The family that an account belongs to."""

    accountID: str
    familyCodeStr: str


@dataclass(slots=True, frozen=True)
class ConnectionStats(Noun):
    """Traffic of one connection. `startTime` is in seconds since 1970, `duration` in seconds."""

    startTime: float
    duration: float
    numBytesRecv: int
    numBytesSent: int
    numMsgRecv: int
    numMsgSent: int
