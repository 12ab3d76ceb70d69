"""Reference data beside contracts: news, scanners, option chains, market rules, exchanges."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .contract import Contract
from .fields import Noun, Values, named_values
from .unset import UNSET_DOUBLE, UNSET_INTEGER


@dataclass
class ScannerSubscription(Noun):
    """What a market scanner looks for. `numberOfRows` -1 means as many as there are, at most 50."""

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
    """The body of an article. `articleType` is 0 for text or HTML and 1 for binary data in base64."""

    articleType: int
    articleText: str


@dataclass(slots=True, frozen=True)
class HistoricalNews(Noun):
    """A headline in the past."""

    time: datetime
    providerCode: str
    articleId: str
    headline: str


@dataclass(slots=True, frozen=True)
class NewsTick(Noun):
    """A headline that has just appeared. `timeStamp` is in milliseconds since 1970.

    `contract` is the contract whose market data subscription brought the headline, or None once that subscription has
    ended. It does not count when headlines are compared.
    """

    timeStamp: int
    providerCode: str
    articleId: str
    headline: str
    extraData: str
    contract: Contract | None = field(default=None, compare=False)


@dataclass(slots=True, frozen=True)
class NewsBulletin(Noun):
    """A bulletin of IBKR. `msgType` is 1 regular, 2 exchange not available, 3 exchange available again."""

    msgId: int
    msgType: int
    message: str
    origExchange: str


@dataclass
class WshEventData(Noun):
    """A query for events of the Wall Street Horizon calendar."""

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
    """The expirations (`YYYYMMDD`) and strikes of one trading class at one exchange.

    Not every pair of an expiration and a strike is an option.
    """

    exchange: str
    underlyingConId: int
    tradingClass: str
    multiplier: str
    expirations: list[str]
    strikes: list[float]


class PriceIncrement(NamedTuple):
    """The price step from `lowEdge` upwards: prices there are multiples of `increment`."""

    lowEdge: float
    increment: float

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
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
    """One exchange behind a consolidated quote. `exchangeLetter` abbreviates it in quotes."""

    bitNumber: int
    exchange: str
    exchangeLetter: str


@dataclass(slots=True, frozen=True)
class FamilyCode(Noun):
    """An account with the code of the account family that it belongs to."""

    accountID: str
    familyCodeStr: str


@dataclass(slots=True, frozen=True)
class ConnectionStats(Noun):
    """The traffic of one connection. `startTime` is in seconds since 1970, `duration` in seconds."""

    startTime: float
    duration: float
    numBytesRecv: int
    numBytesSent: int
    numMsgRecv: int
    numMsgSent: int
