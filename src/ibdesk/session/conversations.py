"""Which message ends the answer to a request, and how urgent a request is.

A conversation is a request with its answers. It is known by the `reqId` of the request. A request without one is known
by its class, and by what else the answer repeats, such as the number of a market rule; only one such conversation can
be open at a time. `ENDS` has every request that gets an answer with an end.
"""

from typing import Any

from ibdesk.session.pacing import Lane
from ibdesk.wire.messages import (
    accounts,
    advisors,
    bonds,
    config,
    connection,
    contracts,
    depth,
    display_groups,
    executions,
    fundamentals,
    historical_ticks,
    history,
    history_summaries,
    market_data,
    news,
    options,
    order_status,
    orders,
    reference,
    scanner,
)

Key = int | type | tuple[type, int]
"""What a conversation is known by: a `reqId`, a class of requests, or such a class and a number."""


WHOLE: dict[type, tuple[type, ...]] = {
    connection.CurrentTime: (connection.ReqCurrentTime,),
    connection.CurrentTimeInMillis: (connection.ReqCurrentTimeInMillis,),
    options.TickOptionComputation: (options.CalculateImpliedVolatility, options.CalculateOptionPrice),
    history_summaries.HeadTimestamp: (history_summaries.ReqHeadTimeStamp,),
    history_summaries.HistogramData: (history_summaries.ReqHistogramData,),
    history_summaries.HistoricalSchedule: (history.ReqHistoricalData,),
    depth.MktDepthExchanges: (depth.ReqMktDepthExchanges,),
    reference.MarketRule: (reference.ReqMarketRule,),
    reference.SmartComponents: (reference.ReqSmartComponents,),
    reference.SymbolSamples: (reference.ReqMatchingSymbols,),
    reference.FamilyCodes: (reference.ReqFamilyCodes,),
    reference.SoftDollarTiers: (reference.ReqSoftDollarTiers,),
    scanner.ScannerData: (scanner.ReqScannerSubscription,),
    scanner.ScannerParameters: (scanner.ReqScannerParameters,),
    news.NewsProviders: (news.ReqNewsProviders,),
    news.NewsArticle: (news.ReqNewsArticle,),
    fundamentals.FundamentalData: (fundamentals.ReqFundamentalData,),
    fundamentals.WshMetaData: (fundamentals.ReqWshMetaData,),
    fundamentals.WshEventData: (fundamentals.ReqWshEventData,),
    advisors.ReceiveFA: (advisors.RequestFA,),
    advisors.ReplaceFAEnd: (advisors.ReplaceFA,),
    advisors.UserInfo: (advisors.ReqUserInfo,),
    config.ConfigResponse: (config.ReqConfig,),
    config.UpdateConfigResponse: (config.UpdateConfig,),
    display_groups.DisplayGroupList: (display_groups.QueryDisplayGroups,),
}
"""A message that is the whole answer -> the requests that it may answer."""

PARTS: dict[type, tuple[type, ...]] = {
    contracts.ContractData: (contracts.ReqContractDetails,),
    bonds.BondContractData: (contracts.ReqContractDetails,),
    options.SecurityDefinitionOptionParameter: (options.ReqSecDefOptParams,),
    historical_ticks.HistoricalTicks: (historical_ticks.ReqHistoricalTicks,),
    historical_ticks.HistoricalTicksBidAsk: (historical_ticks.ReqHistoricalTicks,),
    historical_ticks.HistoricalTicksLast: (historical_ticks.ReqHistoricalTicks,),
    news.HistoricalNews: (news.ReqHistoricalNews,),
    accounts.PositionMulti: (accounts.ReqPositionsMulti,),
}
"""A message that is a part of an answer, and nothing else -> the requests that it may answer.

Ticks of the past say in `done` that they are the last part; a message of its own says it for the others.
"""

ENDS: dict[type, tuple[type, ...]] = {
    contracts.ContractDataEnd: (contracts.ReqContractDetails,),
    market_data.TickSnapshotEnd: (market_data.ReqMktData,),
    history.HistoricalDataEnd: (history.ReqHistoricalData,),
    order_status.OpenOrderEnd: (order_status.ReqOpenOrders, order_status.ReqAllOpenOrders),
    order_status.CompletedOrdersEnd: (order_status.ReqCompletedOrders,),
    executions.ExecDetailsEnd: (executions.ReqExecutions,),
    accounts.PositionEnd: (accounts.ReqPositions,),
    accounts.AccountDownloadEnd: (accounts.ReqAccountUpdates,),
    accounts.AccountSummaryEnd: (accounts.ReqAccountSummary,),
    accounts.AccountUpdateMultiEnd: (accounts.ReqAccountUpdatesMulti,),
    accounts.PositionMultiEnd: (accounts.ReqPositionsMulti,),
    options.SecurityDefinitionOptionParameterEnd: (options.ReqSecDefOptParams,),
    news.HistoricalNewsEnd: (news.ReqHistoricalNews,),
}
"""A message that says that an answer is complete -> the requests that it may answer."""

_ACCOUNT = frozenset(
    {
        connection.StartApi,
        connection.ReqIds,
        connection.ReqManagedAccts,
        connection.ReqCurrentTime,
        order_status.ReqOpenOrders,
        order_status.ReqAllOpenOrders,
        order_status.ReqAutoOpenOrders,
        order_status.ReqCompletedOrders,
        executions.ReqExecutions,
        accounts.ReqPositions,
        accounts.CancelPositions,
        accounts.ReqAccountUpdates,
        accounts.ReqAccountSummary,
        accounts.CancelAccountSummary,
        accounts.ReqAccountUpdatesMulti,
        accounts.CancelAccountUpdatesMulti,
    }
)


def key_of(request: Any) -> Key:
    """Return the key of the conversation that this request begins."""
    if isinstance(request, advisors.RequestFA):
        return type(request), request.faDataType
    if isinstance(request, reference.ReqMarketRule):
        return type(request), request.marketRuleId
    reqId: int | None = getattr(request, "reqId", None)
    return type(request) if reqId is None else reqId


def answered_by(message: Any) -> list[Key]:
    """Return the keys of the conversations to which a message of one of these tables may belong."""
    reqId: int | None = getattr(message, "reqId", None)
    if reqId is not None:
        return [reqId]
    if isinstance(message, advisors.ReceiveFA):
        return [(advisors.RequestFA, message.faDataType)]
    if isinstance(message, reference.MarketRule):
        return [(reference.ReqMarketRule, message.marketRuleId)]
    kind = type(message)
    return list(WHOLE.get(kind) or ENDS.get(kind) or ())


def lane_of(request: Any, *, modifies: bool = False) -> Lane:
    """Return how urgent a message of the client is. `modifies` is true for an order that is not new."""
    kind = type(request)
    if kind in (order_status.CancelOrder, order_status.ReqGlobalCancel):
        return Lane.CANCEL
    if kind is orders.PlaceOrder:
        return Lane.MODIFY if modifies else Lane.PLACE
    if kind is options.ExerciseOptions:
        return Lane.PLACE
    return Lane.ACCOUNT if kind in _ACCOUNT else Lane.DATA
