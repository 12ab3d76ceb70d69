"""Decides what the settings of TWS are that a program may read and change; must not know how they are asked for.

Names are those of the official schema 10.46.1. A setting that is not told holds None, an int UNSET_INTEGER: in a
request for changes that is what stays as it is.
"""

from dataclasses import dataclass, field

from .fields import Noun
from .unset import UNSET_INTEGER


@dataclass
class LockAndExitConfig(Noun):
    """When TWS logs off or restarts by itself: the page Lock and Exit of its Global Configuration.

    `autoLogoffTime` is a time of day, `autoLogoffPeriod` AM or PM, `autoLogoffType` whether it logs off or
    restarts.
    """

    autoLogoffTime: str | None = None
    autoLogoffPeriod: str | None = None
    autoLogoffType: str | None = None


@dataclass
class MessageConfig(Noun):
    """A message that TWS shows to the person before it: whether it does so, and what is answered where it does not."""

    id: int = 0
    title: str | None = None
    message: str | None = None
    defaultAction: str | None = None
    enabled: bool | None = None


@dataclass
class ApiPrecautionsConfig(Noun):
    """Which warnings do not stop an order of a program: the page API, Precautions. True goes past the warning."""

    bypassOrderPrecautions: bool | None = None
    bypassBondWarning: bool | None = None
    bypassNegativeYieldConfirmation: bool | None = None
    bypassCalledBondWarning: bool | None = None
    bypassSameActionPairTradeWarning: bool | None = None
    bypassFlaggedAccountsWarning: bool | None = None
    bypassPriceBasedVolatilityWarning: bool | None = None
    bypassRedirectOrderWarning: bool | None = None
    bypassNoOverfillProtection: bool | None = None
    bypassRouteMarketableToBBO: bool | None = None


@dataclass
class ApiSettingsConfig(Noun):
    """How TWS treats programs: the page API, Settings. `readOnlyApi` refuses every order.

    `bulkDataTimeout` is in seconds. `masterClientId` is the client that sees the orders of all.
    `trustedIPs`: addresses from which nobody is asked to accept the connection; an empty list says nothing.
    """

    readOnlyApi: bool | None = None
    totalQuantityForMutualFunds: bool | None = None
    downloadOpenOrdersOnConnection: bool | None = None
    includeVirtualFxPositions: bool | None = None
    prepareDailyPnL: bool | None = None
    sendStatusUpdatesForVolatilityOrders: bool | None = None
    encodeApiMessages: str | None = None
    socketPort: int = UNSET_INTEGER
    useNegativeAutoRange: bool | None = None
    createApiMessageLogFile: bool | None = None
    includeMarketDataInLogFile: bool | None = None
    exposeTradingScheduleToApi: bool | None = None
    splitInsuredDepositFromCashBalance: bool | None = None
    sendZeroPositionsForTodayOnly: bool | None = None
    letApiAccountRequestsSwitchSubscription: bool | None = None
    useAccountGroupsWithAllocationMethods: bool | None = None
    loggingLevel: str | None = None
    masterClientId: int = UNSET_INTEGER
    bulkDataTimeout: int = UNSET_INTEGER
    componentExchSeparator: str | None = None
    showForexDataIn1_10Pips: bool | None = None
    allowForexTradingIn1_10Pips: bool | None = None
    roundAccountValuesToNearestWholeNumber: bool | None = None
    sendMarketDataInLotsForUsStocks: bool | None = None
    showAdvancedOrderRejectInUi: bool | None = None
    rejectMessagesAboveMaxRate: bool | None = None
    maintainConnectionOnIncorrectFields: bool | None = None
    compatibilityModeNasdaqStocks: bool | None = None
    sendInstrumentTimezone: str | None = None
    sendForexDataInCompatibilityMode: bool | None = None
    maintainAndResubmitOrdersOnReconnect: bool | None = None
    historicalDataMaxSize: int = UNSET_INTEGER
    autoReportNettingEventContractTrades: bool | None = None
    optionExerciseRequestType: str | None = None
    allowLocalhostOnly: bool | None = None
    trustedIPs: list[str] = field(default_factory=list)


@dataclass
class ApiConfig(Noun):
    """The pages of the settings for programs."""

    precautions: ApiPrecautionsConfig | None = None
    settings: ApiSettingsConfig | None = None


@dataclass
class OrdersSmartRoutingConfig(Noun):
    """How SMART routes by default: the page Orders, Smart Routing."""

    seekPriceImprovement: bool | None = None
    preOpenReroute: bool | None = None
    doNotRouteToDarkPools: bool | None = None
    defaultAlgorithm: str | None = None


@dataclass
class OrdersConfig(Noun):
    """The pages of the settings for orders."""

    smartRouting: OrdersSmartRoutingConfig | None = None


@dataclass
class UpdateConfigWarning(Noun):
    """What TWS warns of before it changes a setting; a request that lists it among the accepted ones goes on."""

    messageId: int = 0
    title: str | None = None
    message: str | None = None


@dataclass
class Config(Noun):
    """The settings of TWS, or those of them that are to change."""

    lockAndExit: LockAndExitConfig | None = None
    messages: list[MessageConfig] = field(default_factory=list)
    api: ApiConfig | None = None
    orders: OrdersConfig | None = None


@dataclass
class ConfigUpdate(Noun):
    """What became of a change of settings: the fields that changed, or the errors or warnings that kept it."""

    status: str = ""
    message: str = ""
    changedFields: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[UpdateConfigWarning] = field(default_factory=list)
