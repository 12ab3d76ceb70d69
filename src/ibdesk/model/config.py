"""The settings of TWS that a program may read and change.

Names are those of the official schema, version 10.46.1. A setting that TWS does not report is None, or UNSET_INTEGER
for an int. In a request for changes such settings stay as they are.
"""

from dataclasses import dataclass, field

from .fields import Noun
from .unset import UNSET_INTEGER


@dataclass
class LockAndExitConfig(Noun):
    """When TWS logs off or restarts by itself: the page Lock and Exit of its Global Configuration.

    `autoLogoffTime` is a time of day, `autoLogoffPeriod` is AM or PM, and `autoLogoffType` tells whether TWS logs off
    or restarts.
    """

    autoLogoffTime: str | None = None
    autoLogoffPeriod: str | None = None
    autoLogoffType: str | None = None


@dataclass
class MessageConfig(Noun):
    """A message that TWS shows on its screen.

    `enabled` tells whether TWS shows it; otherwise TWS answers by itself with `defaultAction`.
    """

    id: int = 0
    title: str | None = None
    message: str | None = None
    defaultAction: str | None = None
    enabled: bool | None = None


@dataclass
class ApiPrecautionsConfig(Noun):
    """The warnings that a program's orders may pass without a person's consent: the page API, Precautions.

    True lets orders pass the warning.
    """

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
    """How TWS treats programs: the page API, Settings.

    `readOnlyApi` makes TWS refuse every order. `bulkDataTimeout` is in seconds. `masterClientId` is the client that
    sees the orders of all clients. `trustedIPs` are addresses whose connections TWS accepts without asking; an empty
    list means that TWS did not report them, or that they stay as they are.
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
    """The settings for programs, page by page."""

    precautions: ApiPrecautionsConfig | None = None
    settings: ApiSettingsConfig | None = None


@dataclass
class OrdersSmartRoutingConfig(Noun):
    """How SMART routes orders by default: the page Orders, Smart Routing."""

    seekPriceImprovement: bool | None = None
    preOpenReroute: bool | None = None
    doNotRouteToDarkPools: bool | None = None
    defaultAlgorithm: str | None = None


@dataclass
class OrdersConfig(Noun):
    """The settings for orders, page by page."""

    smartRouting: OrdersSmartRoutingConfig | None = None


@dataclass
class UpdateConfigWarning(Noun):
    """A warning of TWS that keeps a setting from being changed.

    A request for the same change that lists the warning as accepted is carried out.
    """

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
    """The outcome of a change of settings: the fields that changed, or the errors or warnings that prevented it."""

    status: str = ""
    message: str = ""
    changedFields: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[UpdateConfigWarning] = field(default_factory=list)
