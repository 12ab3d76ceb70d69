"""Which messages answer, end and cancel a request, and how urgent it is; not what its answers mean, nor who waits.

A conversation is known by the `reqId` of its request, or, for requests without one, by the class of the request: of
those only one can be open at a time. The table has every request that is answered.
"""

from dataclasses import dataclass
from typing import Any

from ibdesk.session.pacing import Lane
from ibdesk.wire.messages import accounts, connection, contracts, executions, history, market_data, orders

Key = int | type
"""What a conversation is known by."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """How one kind of request is answered.

    `end` completes it; where it is also in `answers`, the answer itself is the last word. `cancel` takes it back.
    """

    answers: tuple[type, ...]
    end: type
    cancel: type | None = None


CONVERSATIONS: dict[type, Conversation] = {
    connection.ReqCurrentTime: Conversation((connection.CurrentTime,), connection.CurrentTime),
    contracts.ReqContractDetails: Conversation((contracts.ContractData,), contracts.ContractDataEnd),
    market_data.ReqMktData: Conversation(
        (market_data.TickPrice, market_data.TickSize, market_data.TickString, market_data.TickGeneric),
        market_data.TickSnapshotEnd,
        market_data.CancelMktData,
    ),
    history.ReqHistoricalData: Conversation(
        (history.HistoricalData, history.HistoricalDataUpdate),
        history.HistoricalDataEnd,
        history.CancelHistoricalData,
    ),
    executions.ReqOpenOrders: Conversation((orders.OpenOrder,), executions.OpenOrderEnd),
    executions.ReqAllOpenOrders: Conversation((orders.OpenOrder,), executions.OpenOrderEnd),
    executions.ReqCompletedOrders: Conversation((orders.CompletedOrder,), executions.CompletedOrdersEnd),
    executions.ReqExecutions: Conversation((executions.ExecDetails,), executions.ExecDetailsEnd),
    accounts.ReqPositions: Conversation((accounts.Position,), accounts.PositionEnd, accounts.CancelPositions),
    accounts.ReqAccountUpdates: Conversation(
        (accounts.UpdateAccountValue, accounts.UpdatePortfolio, accounts.UpdateAccountTime),
        accounts.AccountDownloadEnd,
        accounts.ReqAccountUpdates,
    ),
    accounts.ReqAccountSummary: Conversation(
        (accounts.AccountSummary,), accounts.AccountSummaryEnd, accounts.CancelAccountSummary
    ),
    accounts.ReqAccountUpdatesMulti: Conversation(
        (accounts.AccountUpdateMulti,), accounts.AccountUpdateMultiEnd, accounts.CancelAccountUpdatesMulti
    ),
}

ENDS: dict[type, tuple[type, ...]] = {}
"""A message that ends conversations -> the requests that it may end."""

for _request, _conversation in CONVERSATIONS.items():
    ENDS[_conversation.end] = (*ENDS.get(_conversation.end, ()), _request)

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
