"""Which callbacks the outside clients make of which of our answers, and with which values; knows no bytes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from ibdesk.model.times import parseIBDatetime
from ibdesk.wire import versions as V
from ibdesk.wire.messages import accounts, connection, contracts, executions, history, market_data, orders

Callback = tuple[str, dict[str, Any]]
"""Its name, and its arguments in order, under our names."""

Callbacks = Callable[[Any, int], list[Callback]]

_SIZES_OF_PRICES = {1: 0, 2: 3, 4: 5, 66: 69, 67: 70, 68: 71}
"""Tick type of a price -> that of its size, where there is one (IBKR, "Available Tick Types")."""


def callback(name: str, *names: str) -> Callbacks:
    """One callback with these fields of the message, in the order of its parameters."""
    return lambda message, version: [(name, {field: getattr(message, field) for field in names})]


def _tick_price(m: Any, version: int) -> list[Callback]:
    attributes = {
        "canAutoExecute": bool(m.attrMask & 1),
        "pastLimit": bool(m.attrMask & 2),
        "preOpen": bool(m.attrMask & 4),
    }
    price = {"reqId": m.reqId, "tickType": m.tickType, "price": m.price, "attrib": attributes}
    found: list[Callback] = [("tickPrice", price)]
    if m.tickType in _SIZES_OF_PRICES:
        found.append(("tickSize", {"reqId": m.reqId, "tickType": _SIZES_OF_PRICES[m.tickType], "size": m.size}))
    return found


def _open_order(m: Any, version: int) -> list[Callback]:
    nouns = {"contract": m.contract, "order": m.order, "orderState": m.orderState}
    return [("openOrder", {"orderId": m.order.orderId, **nouns})]


def _historical_data(m: Any, version: int) -> list[Callback]:
    found: list[Callback] = [("historicalData", {"reqId": m.reqId, "bar": bar}) for bar in m.bars]
    if version < V.HISTORICAL_DATA_END:
        span = {"startDateStr": m.startDateStr, "endDateStr": m.endDateStr}
        found.append(("historicalDataEnd", {"reqId": m.reqId, **span}))
    return found


ANSWERS: Mapping[type, Callbacks] = {
    market_data.TickPrice: _tick_price,
    market_data.TickSize: callback("tickSize", "reqId", "tickType", "size"),
    market_data.TickGeneric: callback("tickGeneric", "reqId", "tickType", "value"),
    market_data.TickString: callback("tickString", "reqId", "tickType", "value"),
    market_data.TickReqParams: callback("tickReqParams", "reqId", "minTick", "bboExchange", "snapshotPermissions"),
    market_data.TickSnapshotEnd: callback("tickSnapshotEnd", "reqId"),
    market_data.MarketDataType: callback("marketDataType", "reqId", "marketDataType"),
    orders.OpenOrder: _open_order,
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
    connection.Error: callback("error", "reqId", "errorTime", "errorCode", "errorString", "advancedOrderRejectJson"),
}
"""Our answer -> the callbacks of the newest official client, each with its arguments in order."""


def as_made_by(client: str, callbacks: list[Callback], message: Any) -> list[Callback]:
    """The same callbacks as this client makes them."""
    if client in ("10.46.1", "10.37.2"):
        return callbacks
    found = []
    for name, values in callbacks:
        if name == "error":
            values = {field: value for field, value in values.items() if field != "errorTime"}
        found.append(("commissionReport" if name == "commissionAndFeesReport" else name, values))
    return _as_ib_async(found, message) if client == "ib_async" else found


def _as_ib_async(callbacks: list[Callback], message: Any) -> list[Callback]:
    """It joins a price with its size, and reads the time of an execution."""
    if isinstance(message, market_data.TickPrice):
        names = ("reqId", "tickType", "price", "size")
        return [("priceSizeTick", {name: getattr(message, name) for name in names})]
    if isinstance(message, executions.ExecDetails):
        values = callbacks[0][1]
        time = parseIBDatetime(values["execution"].time).astimezone(UTC)
        return [("execDetails", {**values, "execution": replace(values["execution"], time=time)})]
    return callbacks
