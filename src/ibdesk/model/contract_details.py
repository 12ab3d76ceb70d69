"""What IBKR tells about a contract beyond its identity."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .contract import Contract, TagValue
from .fields import Noun, Values, named_values
from .times import zone_named
from .unset import UNSET_DOUBLE


class TradingSession(NamedTuple):
    """A span of time in which a contract trades, in the time zone of its exchange."""

    start: datetime
    end: datetime

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


@dataclass
class IneligibilityReason(Noun):
    """A reason why the account may not trade a contract."""

    id_: str = ""
    description: str = ""


@dataclass
class ContractDetails(Noun):
    """A contract with everything that IBKR tells about it.

    `minTick` is the smallest price step at any price. The step at a given price is in the market rules `marketRuleIds`,
    one for each exchange of `validExchanges`. Prices have to be divided by `priceMagnifier`. `tradingHours` and
    `liquidHours` are text, with times in the zone `timeZoneId`; `tradingSessions` and `liquidSessions` parse them.

    The fields from `cusip` to `notes` are for bonds, those that begin with `fund` for mutual funds.
    `fundDistributionPolicyIndicator` is `N` for accumulation or `Y` for income. `fundAssetType` is `000` others, `001`
    money market, `002` fixed income, `003` multi-asset, `004` equity, `005` sector, `006` guaranteed, `007`
    alternative.
    """

    contract: Contract | None = None
    marketName: str = ""
    minTick: float = 0.0
    orderTypes: str = ""
    validExchanges: str = ""
    priceMagnifier: int = 0
    underConId: int = 0
    longName: str = ""
    contractMonth: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    timeZoneId: str = ""
    tradingHours: str = ""
    liquidHours: str = ""
    evRule: str = ""
    evMultiplier: int = 0
    mdSizeMultiplier: int = 1
    aggGroup: int = 0
    underSymbol: str = ""
    underSecType: str = ""
    marketRuleIds: str = ""
    secIdList: list[TagValue] = field(default_factory=list)
    realExpirationDate: str = ""
    lastTradeTime: str = ""
    stockType: str = ""
    minSize: float = 0.0
    sizeIncrement: float = 0.0
    suggestedSizeIncrement: float = 0.0
    cusip: str = ""
    ratings: str = ""
    descAppend: str = ""
    bondType: str = ""
    couponType: str = ""
    callable: bool = False
    putable: bool = False
    coupon: float = 0
    convertible: bool = False
    maturity: str = ""
    issueDate: str = ""
    nextOptionDate: str = ""
    nextOptionType: str = ""
    nextOptionPartial: bool = False
    notes: str = ""
    minAlgoSize: float = UNSET_DOUBLE
    lastPricePrecision: float = UNSET_DOUBLE
    lastSizePrecision: float = UNSET_DOUBLE
    fundName: str = ""
    fundFamily: str = ""
    fundType: str = ""
    fundFrontLoad: str = ""
    fundBackLoad: str = ""
    fundBackLoadTimeInterval: str = ""
    fundManagementFee: str = ""
    fundClosed: bool = False
    fundClosedForNewInvestors: bool = False
    fundClosedForNewMoney: bool = False
    fundNotifyAmount: str = ""
    fundMinimumInitialPurchase: str = ""
    fundSubsequentMinimumPurchase: str = ""
    fundBlueSkyStates: str = ""
    fundBlueSkyTerritories: str = ""
    fundDistributionPolicyIndicator: str = ""
    fundAssetType: str = ""
    ineligibilityReasonList: list[IneligibilityReason] = field(default_factory=list)
    eventContract1: str = ""
    eventContractDescription1: str = ""
    eventContractDescription2: str = ""

    def tradingSessions(self) -> list[TradingSession]:
        """Return the sessions in `tradingHours`. Raises ValueError when the text or the time zone is not understood."""
        return self._sessions(self.tradingHours)

    def liquidSessions(self) -> list[TradingSession]:
        """Return the sessions of regular trading, which are in `liquidHours`.

        Raises ValueError when the text or the time zone is not understood.
        """
        return self._sessions(self.liquidHours)

    def _sessions(self, hours: str) -> list[TradingSession]:
        spans = [span.split("-") for span in hours.split(";") if span and not span.endswith("CLOSED")]
        if not spans:
            return []
        tz = zone_named(self.timeZoneId)
        if tz is None:
            raise ValueError(f"unknown time zone {self.timeZoneId!r}")
        return [
            TradingSession(*(datetime.strptime(text, "%Y%m%d:%H%M").replace(tzinfo=tz) for text in (start, end)))
            for start, end in spans
        ]


@dataclass
class ContractDescription(Noun):
    """A match of a symbol search, with the security types of its derivatives."""

    contract: Contract | None = None
    derivativeSecTypes: list[str] = field(default_factory=list)


@dataclass
class ScanData(Noun):
    """One row of a scan. `distance`, `benchmark` and `projection` are texts whose meaning depends on the scan."""

    rank: int
    contractDetails: ContractDetails
    distance: str
    benchmark: str
    projection: str
    legsStr: str
