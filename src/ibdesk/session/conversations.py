"""Which messages answer a request, and how urgent a request is.

A conversation is a request with its answers. It is known by the `reqId` of the request. A request without one is known
by its class, and by what else the answer repeats, such as the number of a market rule; only one such conversation can
be open at a time.
"""

from typing import Any

from ibdesk.session.pacing import Lane
from ibdesk.wire.catalogue import messages
from ibdesk.wire.messages import accounts, connection, executions, options, order_status, orders

Key = int | type | tuple[type, int]
"""What a conversation is known by: a `reqId`, a class of requests, or such a class and a number."""


WHOLE: dict[type, tuple[type, ...]] = {one.cls: one.answers for one in messages() if one.answers}
"""A message that is the whole answer -> the requests that it may answer, as the descriptions of messages tell."""

PARTS: dict[type, tuple[type, ...]] = {one.cls: one.part_of for one in messages() if one.part_of}
"""A message that is a part of an answer, and nothing else -> the requests that it may answer.

Ticks of the past say in `done` that they are the last part; a message of its own says it for the others.
"""

ENDS: dict[type, tuple[type, ...]] = {one.cls: one.ends for one in messages() if one.ends}
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


_KEY_FIELDS: dict[type, str] = {one.cls: one.key for one in messages()}


def key_of(request: Any) -> Key:
    """Return what the conversation that this request begins is known by."""
    return _key(type(request), request)


def answered_by(message: Any) -> list[Key]:
    """Return the keys of the conversations to which a message of one of the tables may belong."""
    kind = type(message)
    requests = WHOLE.get(kind) or PARTS.get(kind) or ENDS.get(kind) or ()
    return list({_key(request, message): None for request in requests})  # two requests with one id are one


def _key(request: type, message: Any) -> Key:
    """Return the key of a request of this class, which the request and its answer both tell."""
    field = _KEY_FIELDS[request]
    found = getattr(message, field, None)
    if found is None:
        return request
    return found if field == "reqId" else (request, found)


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
