"""Which callbacks the outside clients make of which of our answers, and with which values; knows no bytes."""

from collections.abc import Callable, Mapping
from typing import Any

from ibdesk.wire import versions as V
from ibdesk.wire.messages import accounts, connection, contracts, executions, history, market_data, orders

Callback = tuple[str, tuple[Any, ...]]
Callbacks = Callable[[Any, int], list[Callback]]

_SIZES_OF_PRICES = {1: 0, 2: 3, 4: 5, 66: 69, 67: 70, 68: 71}
"""Tick type of a price -> that of its size, where there is one (IBKR, "Available Tick Types")."""


def callback(name: str, *names: str) -> Callbacks:
    """One callback with these fields of the message, in the order of its parameters."""
    return lambda message, version: [(name, tuple(getattr(message, field) for field in names))]


def _tick_price(m: Any, version: int) -> list[Callback]:
    attributes = {"canAutoExecute": bool(m.attrMask & 1), "pastLimit": bool(m.attrMask & 2), "preOpen": bool(m.attrMask & 4)}
    found: list[Callback] = [("tickPrice", (m.reqId, m.tickType, m.price, attributes))]
    if m.tickType in _SIZES_OF_PRICES:
        found.append(("tickSize", (m.reqId, _SIZES_OF_PRICES[m.tickType], m.size)))
    return found


def _error(m: Any, version: int) -> list[Callback]:
    return [("error", (m.reqId, m.errorTime, m.errorCode, m.errorString, m.advancedOrderRejectJson))]


def _historical_data(m: Any, version: int) -> list[Callback]:
    found: list[Callback] = [("historicalData", (m.reqId, bar)) for bar in m.bars]
    if version < V.HISTORICAL_DATA_END:
        found.append(("historicalDataEnd", (m.reqId, m.startDateStr, m.endDateStr)))
    return found


ANSWERS: Mapping[type, Callbacks] = {
    market_data.TickPrice: _tick_price,
    market_data.TickSize: callback("tickSize", "reqId", "tickType", "size"),
    market_data.TickGeneric: callback("tickGeneric", "reqId", "tickType", "value"),
    market_data.TickString: callback("tickString", "reqId", "tickType", "value"),
    market_data.TickReqParams: callback("tickReqParams", "reqId", "minTick", "bboExchange", "snapshotPermissions"),
    market_data.TickSnapshotEnd: callback("tickSnapshotEnd", "reqId"),
    market_data.MarketDataType: callback("marketDataType", "reqId", "marketDataType"),
    orders.OpenOrder: lambda m, version: [("openOrder", (m.order.orderId, m.contract, m.order, m.orderState))],
    orders.CompletedOrder: callback("completedOrder", "contract", "order", "orderState"),
    executions.OrderStatus: callback(
        "orderStatus",
        "orderId",
        "status",
        "filled",
        "remaining",
        "avgFillPrice",
        "permId",
        "parentId",
        "lastFillPrice",
        "clientId",
        "whyHeld",
        "mktCapPrice",
    ),
    executions.OpenOrderEnd: callback("openOrderEnd"),
    executions.CompletedOrdersEnd: callback("completedOrdersEnd"),
    executions.ExecDetails: callback("execDetails", "reqId", "contract", "execution"),
    executions.ExecDetailsEnd: callback("execDetailsEnd", "reqId"),
    executions.CommissionAndFeesReport: callback("commissionAndFeesReport", "commissionReport"),
    contracts.ContractData: callback("contractDetails", "reqId", "contractDetails"),
    contracts.ContractDataEnd: callback("contractDetailsEnd", "reqId"),
    history.HistoricalData: _historical_data,
    history.HistoricalDataEnd: callback("historicalDataEnd", "reqId", "startDateStr", "endDateStr"),
    history.HistoricalDataUpdate: callback("historicalDataUpdate", "reqId", "bar"),
    accounts.Position: callback("position", "account", "contract", "position", "avgCost"),
    accounts.PositionEnd: callback("positionEnd"),
    accounts.UpdateAccountValue: callback("updateAccountValue", "key", "value", "currency", "accountName"),
    accounts.UpdatePortfolio: callback(
        "updatePortfolio",
        "contract",
        "position",
        "marketPrice",
        "marketValue",
        "averageCost",
        "unrealizedPNL",
        "realizedPNL",
        "accountName",
    ),
    accounts.UpdateAccountTime: callback("updateAccountTime", "timeStamp"),
    accounts.AccountDownloadEnd: callback("accountDownloadEnd", "accountName"),
    accounts.AccountSummary: callback("accountSummary", "reqId", "account", "tag", "value", "currency"),
    accounts.AccountSummaryEnd: callback("accountSummaryEnd", "reqId"),
    accounts.AccountUpdateMulti: callback(
        "accountUpdateMulti", "reqId", "account", "modelCode", "key", "value", "currency"
    ),
    accounts.AccountUpdateMultiEnd: callback("accountUpdateMultiEnd", "reqId"),
    connection.NextValidId: callback("nextValidId", "orderId"),
    connection.ManagedAccounts: callback("managedAccounts", "accountsList"),
    connection.CurrentTime: callback("currentTime", "time"),
    connection.Error: _error,
}
"""Our answer -> the callbacks of the newest official client, each with its arguments in order."""


def as_older(callbacks: list[Callback], names_of_2024: bool, has_error_time: bool) -> list[Callback]:
    """The same callbacks as an older client makes them."""
    found = []
    for name, values in callbacks:
        if name == "error" and not has_error_time:
            values = (values[0], *values[2:])
        if name == "commissionAndFeesReport" and names_of_2024:
            name = "commissionReport"
        found.append((name, values))
    return found


def as_ib_async(callbacks: list[Callback], message: Any) -> list[Callback]:
    """The same callbacks as ib_async makes them: it joins a price with its size."""
    found = as_older(callbacks, names_of_2024=True, has_error_time=False)
    if found[0][0] == "tickPrice":
        return [("priceSizeTick", (message.reqId, message.tickType, message.price, message.size))]
    return found
