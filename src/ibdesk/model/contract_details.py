"""Decides what is known of a contract beyond its identity; must not know how it was looked up."""

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
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)


@dataclass
class IneligibilityReason(Noun):
    """Why the account may not trade a contract."""

    id_: str = ""
    description: str = ""


@dataclass
class ContractDetails(Noun):
    """A contract with everything that IBKR tells of it.

    `minTick` is the smallest price step anywhere; the market rules in `marketRuleIds`, one for each of
    `validExchanges`, have the step at a given price. Prices are to be divided by `priceMagnifier`.
    `tradingHours` and `liquidHours` are text in `timeZoneId`; `tradingSessions` and
    `liquidSessions` read it. The fields from `cusip` to `notes` are for bonds, `fund...` for mutual funds:
    `fundDistributionPolicyIndicator` is `N` accumulation or `Y` income, `fundAssetType` `000` others,
    `001` money market, `002` fixed income, `003` multi-asset, `004` equity, `005` sector, `006`
    guaranteed, `007` alternative.
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
        """The sessions in `tradingHours`.

        Raises ValueError when the text or the time zone cannot be understood.
        """
        return self._sessions(self.tradingHours)

    def liquidSessions(self) -> list[TradingSession]:
        """The sessions in `liquidHours`, those of regular trading.

        Raises ValueError when the text or the time zone cannot be understood.
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
    """A match of a symbol search, and the types of its derivatives."""

    contract: Contract | None = None
    derivativeSecTypes: list[str] = field(default_factory=list)


@dataclass
class ScanData(Noun):
    """One row of a scan. `distance`, `benchmark` and `projection` are the scan's own figures, as text."""

    rank: int
    contractDetails: ContractDetails
    distance: str
    benchmark: str
    projection: str
    legsStr: str
