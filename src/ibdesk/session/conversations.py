"""Which message ends the answer to a request, and how urgent a request is; not what answers mean, nor who waits.

A conversation is known by the `reqId` of its request, or, for requests without one, by the class of the request: of
those only one can be open at a time. The table has every request that is answered.
"""

from typing import Any

from ibdesk.session.pacing import Lane
from ibdesk.wire.messages import accounts, connection, contracts, executions, history, market_data, orders

Key = int | type
"""What a conversation is known by."""


ENDS: dict[type, tuple[type, ...]] = {
    connection.CurrentTime: (connection.ReqCurrentTime,),
    contracts.ContractDataEnd: (contracts.ReqContractDetails,),
    market_data.TickSnapshotEnd: (market_data.ReqMktData,),
    history.HistoricalDataEnd: (history.ReqHistoricalData,),
    executions.OpenOrderEnd: (executions.ReqOpenOrders, executions.ReqAllOpenOrders),
    executions.CompletedOrdersEnd: (executions.ReqCompletedOrders,),
    executions.ExecDetailsEnd: (executions.ReqExecutions,),
    accounts.PositionEnd: (accounts.ReqPositions,),
    accounts.AccountDownloadEnd: (accounts.ReqAccountUpdates,),
    accounts.AccountSummaryEnd: (accounts.ReqAccountSummary,),
    accounts.AccountUpdateMultiEnd: (accounts.ReqAccountUpdatesMulti,),
}
"""The last message of an answer -> the requests that it may end."""

_ACCOUNT = frozenset(
    {
        connection.StartApi,
        connection.ReqIds,
        connection.ReqManagedAccts,
        connection.ReqCurrentTime,
        executions.ReqOpenOrders,
        executions.ReqAllOpenOrders,
        executions.ReqAutoOpenOrders,
        executions.ReqCompletedOrders,
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
    """What the conversation that this request begins is known by."""
    reqId: int | None = getattr(request, "reqId", None)
    return type(request) if reqId is None else reqId


def lane_of(request: Any, *, modifies: bool = False) -> Lane:
    """How urgent a message of the client is. `modifies` tells that an order is not new."""
    kind = type(request)
    if kind in (executions.CancelOrder, executions.ReqGlobalCancel):
        return Lane.CANCEL
    if kind is orders.PlaceOrder:
        return Lane.MODIFY if modifies else Lane.PLACE
    return Lane.ACCOUNT if kind in _ACCOUNT else Lane.DATA
