"""Messages that read and change the settings of TWS. They have no text form."""

from dataclasses import field

from ibdesk.model.config import (
    ApiConfig,
    ApiPrecautionsConfig,
    ApiSettingsConfig,
    LockAndExitConfig,
    MessageConfig,
    OrdersConfig,
    OrdersSmartRoutingConfig,
    UpdateConfigWarning,
)
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import embed, record, refs, repeat, spelled
from ibdesk.wire.scalars import OPTIONAL_TEXT, TEXT

_exit, _message, _warning = refs(LockAndExitConfig), refs(MessageConfig), refs(UpdateConfigWarning)
_precautions, _settings, _api = refs(ApiPrecautionsConfig), refs(ApiSettingsConfig), refs(ApiConfig)
_routing, _orders = refs(OrdersSmartRoutingConfig), refs(OrdersConfig)

LOCK_AND_EXIT = record(
    LockAndExitConfig,
    {
        1: spelled(OPTIONAL_TEXT, _exit.autoLogoffTime),
        2: spelled(OPTIONAL_TEXT, _exit.autoLogoffPeriod),
        3: spelled(OPTIONAL_TEXT, _exit.autoLogoffType),
    },
)

MESSAGE = record(
    MessageConfig,
    {
        1: _message.id,
        2: spelled(OPTIONAL_TEXT, _message.title),
        3: spelled(OPTIONAL_TEXT, _message.message),
        4: spelled(OPTIONAL_TEXT, _message.defaultAction),
        5: _message.enabled,
    },
)

PRECAUTIONS = record(
    ApiPrecautionsConfig,
    {
        1: _precautions.bypassOrderPrecautions,
        2: _precautions.bypassBondWarning,
        3: _precautions.bypassNegativeYieldConfirmation,
        4: _precautions.bypassCalledBondWarning,
        5: _precautions.bypassSameActionPairTradeWarning,
        6: _precautions.bypassFlaggedAccountsWarning,
        7: _precautions.bypassPriceBasedVolatilityWarning,
        8: _precautions.bypassRedirectOrderWarning,
        9: _precautions.bypassNoOverfillProtection,
        10: _precautions.bypassRouteMarketableToBBO,
    },
)

SETTINGS = record(
    ApiSettingsConfig,
    {
        1: _settings.readOnlyApi,
        2: _settings.totalQuantityForMutualFunds,
        3: _settings.downloadOpenOrdersOnConnection,
        4: _settings.includeVirtualFxPositions,
        5: _settings.prepareDailyPnL,
        6: _settings.sendStatusUpdatesForVolatilityOrders,
        7: spelled(OPTIONAL_TEXT, _settings.encodeApiMessages),
        8: _settings.socketPort,
        9: _settings.useNegativeAutoRange,
        10: _settings.createApiMessageLogFile,
        11: _settings.includeMarketDataInLogFile,
        12: _settings.exposeTradingScheduleToApi,
        13: _settings.splitInsuredDepositFromCashBalance,
        14: _settings.sendZeroPositionsForTodayOnly,
        15: _settings.letApiAccountRequestsSwitchSubscription,
        16: _settings.useAccountGroupsWithAllocationMethods,
        17: spelled(OPTIONAL_TEXT, _settings.loggingLevel),
        18: _settings.masterClientId,
        19: _settings.bulkDataTimeout,
        20: spelled(OPTIONAL_TEXT, _settings.componentExchSeparator),
        21: _settings.showForexDataIn1_10Pips,
        22: _settings.allowForexTradingIn1_10Pips,
        23: _settings.roundAccountValuesToNearestWholeNumber,
        24: _settings.sendMarketDataInLotsForUsStocks,
        25: _settings.showAdvancedOrderRejectInUi,
        26: _settings.rejectMessagesAboveMaxRate,
        27: _settings.maintainConnectionOnIncorrectFields,
        28: _settings.compatibilityModeNasdaqStocks,
        29: spelled(OPTIONAL_TEXT, _settings.sendInstrumentTimezone),
        30: _settings.sendForexDataInCompatibilityMode,
        31: _settings.maintainAndResubmitOrdersOnReconnect,
        32: _settings.historicalDataMaxSize,
        33: _settings.autoReportNettingEventContractTrades,
        34: spelled(OPTIONAL_TEXT, _settings.optionExerciseRequestType),
        35: _settings.allowLocalhostOnly,
        36: repeat(_settings.trustedIPs, TEXT),
    },
)

API = record(
    ApiConfig,
    {
        1: embed(_api.precautions, PRECAUTIONS, when_empty=True),
        2: embed(_api.settings, SETTINGS, when_empty=True),
    },
)

SMART_ROUTING = record(
    OrdersSmartRoutingConfig,
    {
        1: _routing.seekPriceImprovement,
        2: _routing.preOpenReroute,
        3: _routing.doNotRouteToDarkPools,
        4: spelled(OPTIONAL_TEXT, _routing.defaultAlgorithm),
    },
)

ORDERS = record(OrdersConfig, {1: embed(_orders.smartRouting, SMART_ROUTING, when_empty=True)})

WARNING = record(
    UpdateConfigWarning,
    {
        1: _warning.messageId,
        2: spelled(OPTIONAL_TEXT, _warning.title),
        3: spelled(OPTIONAL_TEXT, _warning.message),
    },
)

CONFIG = {
    1: "reqId",
    2: embed("lockAndExit", LOCK_AND_EXIT, when_empty=True),
    3: repeat("messages", MESSAGE),
    4: embed("api", API, when_empty=True),
    5: embed("orders", ORDERS, when_empty=True),
}
"""The tags of the settings. They are the same when settings are read and when they are changed."""


@from_client(108, protobuf=V.CONFIG, first=V.CONFIG)
class ReqConfig:
    """Ask for the settings of TWS."""

    reqId: int


@from_server(110, answers=ReqConfig, protobuf=V.CONFIG, first=V.CONFIG, tags=CONFIG)
class ConfigResponse:
    """The current settings of TWS. None and empty lists stand for settings that TWS does not report."""

    reqId: int
    lockAndExit: LockAndExitConfig | None = None
    messages: list[MessageConfig] = field(default_factory=list)
    api: ApiConfig | None = None
    orders: OrdersConfig | None = None


@from_client(109, protobuf=V.UPDATE_CONFIG, first=V.UPDATE_CONFIG, tags={
    **CONFIG,
    6: repeat("acceptedWarnings", WARNING),
    7: "resetAPIOrderSequence",
})  # fmt: skip
class UpdateConfig:
    """Change the settings of TWS that are given, and no others.

    `acceptedWarnings` are warnings of an earlier answer that shall not prevent the change. `resetAPIOrderSequence`
    restarts the sequence of order ids.
    """

    reqId: int
    lockAndExit: LockAndExitConfig | None = None
    messages: list[MessageConfig] = field(default_factory=list)
    api: ApiConfig | None = None
    orders: OrdersConfig | None = None
    acceptedWarnings: list[UpdateConfigWarning] = field(default_factory=list)
    resetAPIOrderSequence: bool | None = None


@from_server(111, answers=UpdateConfig, protobuf=V.UPDATE_CONFIG, first=V.UPDATE_CONFIG, tags={
    1: "reqId",
    2: "status",
    3: "message",
    4: repeat("changedFields", TEXT),
    5: repeat("errors", TEXT),
    6: repeat("warnings", WARNING),
})  # fmt: skip
class UpdateConfigResponse:
    """The outcome of a change of settings: the fields that changed, or the errors or warnings that prevented it."""

    reqId: int
    status: str = ""
    message: str = ""
    changedFields: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[UpdateConfigWarning] = field(default_factory=list)
