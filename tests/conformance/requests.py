"""Which method of the official client makes which of our requests, and with which arguments; knows no bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.exceptions import say
from oracles import Official

from ibdesk.wire.messages import accounts, connection, contracts, executions, history, market_data, orders

Arguments = Callable[[Official, Any, int], tuple[Any, ...]]


@dataclass(frozen=True)
class Request:
    """The oracle of one request: `schema` is its protobuf message, for what may be spelled in several orders."""

    method: str
    arguments: Arguments
    schema: str
    keywords: Callable[[Any], dict[str, Any]] = field(default=lambda message: {})


def fields(*names: str) -> Arguments:
    """The official method takes these fields of ours as they are."""
    return lambda oracle, message, version: tuple(getattr(message, name) for name in names)


def _contract(oracle: Official, ours: Any, version: int) -> Any:
    # A list, for 10.19.4 takes the length of it.
    legs = [oracle.build("ComboLeg", leg) for leg in ours.comboLegs]
    return oracle.contract(ours, comboLegs=legs, **say("contract", ours, oracle.version, version))


def _place_order(oracle: Official, m: Any, version: int) -> tuple[Any, ...]:
    order = oracle.order(m.order, **say("order", m.order, oracle.version, version))
    return m.orderId, _contract(oracle, m.contract, version), order


def _executions(oracle: Official, m: Any, version: int) -> tuple[Any, ...]:
    said = say("executionFilter", m.executionFilter, oracle.version, version)
    return m.reqId, oracle.execution_filter(m.executionFilter, **said)


def _global_cancel(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    has_argument = oracle.version not in ("10.19.4", "10.30.1")
    return (oracle.order_cancel(message.orderCancel),) if has_argument else ()


def _market_data(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        _contract(oracle, message.contract, version),
        message.genericTickList,
        message.snapshot,
        message.regulatorySnapshot,
        oracle.tag_values(message.mktDataOptions),
    )


def _historical_data(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
    return (
        message.reqId,
        _contract(oracle, message.contract, version),
        message.endDateTime,
        message.durationStr,
        message.barSizeSetting,
        message.whatToShow,
        message.useRTH,
        message.formatDate,
        message.keepUpToDate,
        oracle.tag_values(message.chartOptions),
    )


REQUESTS: Mapping[type, Request] = {
    market_data.ReqMktData: Request("reqMktData", _market_data, "MarketDataRequest"),
    market_data.CancelMktData: Request("cancelMktData", fields("reqId"), "CancelMarketData"),
    market_data.ReqMarketDataType: Request("reqMarketDataType", fields("marketDataType"), "MarketDataTypeRequest"),
    orders.PlaceOrder: Request("placeOrder", _place_order, "PlaceOrderRequest"),
    executions.CancelOrder: Request(
        "cancelOrder", lambda oracle, m, version: (m.orderId, oracle.order_cancel(m.orderCancel)), "CancelOrderRequest"
    ),
    executions.ReqGlobalCancel: Request("reqGlobalCancel", _global_cancel, "GlobalCancelRequest"),
    executions.ReqOpenOrders: Request("reqOpenOrders", fields(), "OpenOrdersRequest"),
    executions.ReqAllOpenOrders: Request("reqAllOpenOrders", fields(), "AllOpenOrdersRequest"),
    executions.ReqAutoOpenOrders: Request("reqAutoOpenOrders", fields("autoBind"), "AutoOpenOrdersRequest"),
    executions.ReqCompletedOrders: Request("reqCompletedOrders", fields("apiOnly"), "CompletedOrdersRequest"),
    executions.ReqExecutions: Request("reqExecutions", _executions, "ExecutionRequest"),
    contracts.ReqContractDetails: Request(
        "reqContractDetails",
        lambda oracle, m, version: (m.reqId, _contract(oracle, m.contract, version)),
        "ContractDataRequest",
    ),
    history.ReqHistoricalData: Request("reqHistoricalData", _historical_data, "HistoricalDataRequest"),
    history.CancelHistoricalData: Request("cancelHistoricalData", fields("reqId"), "CancelHistoricalData"),
    accounts.ReqPositions: Request("reqPositions", fields(), "PositionsRequest"),
    accounts.CancelPositions: Request("cancelPositions", fields(), "CancelPositions"),
    accounts.ReqAccountUpdates: Request("reqAccountUpdates", fields("subscribe", "acctCode"), "AccountDataRequest"),
    accounts.ReqAccountSummary: Request("reqAccountSummary", fields("reqId", "group", "tags"), "AccountSummaryRequest"),
    accounts.CancelAccountSummary: Request("cancelAccountSummary", fields("reqId"), "CancelAccountSummary"),
    accounts.ReqAccountUpdatesMulti: Request(
        "reqAccountUpdatesMulti",
        fields("reqId", "account", "modelCode", "ledgerAndNLV"),
        "AccountUpdatesMultiRequest",
    ),
    accounts.CancelAccountUpdatesMulti: Request(
        "cancelAccountUpdatesMulti", fields("reqId"), "CancelAccountUpdatesMulti"
    ),
    connection.StartApi: Request(
        "startApi",
        fields(),
        "StartApiRequest",
        lambda m: {"client_id": m.clientId, "optional_capabilities": m.optionalCapabilities},
    ),
    connection.ReqIds: Request("reqIds", fields("numIds"), "IdsRequest"),
    connection.ReqManagedAccts: Request("reqManagedAccts", fields(), "ManagedAccountsRequest"),
    connection.ReqCurrentTime: Request("reqCurrentTime", fields(), "CurrentTimeRequest"),
}
"""Our request -> how the official client is made to send it."""
