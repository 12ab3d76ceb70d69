"""The statuses of an order, with a table of which may follow which.

`PendingSubmit` is an order that waits in the gateway for the rest of its group (`transmit` False): nobody is told
of it. `Cancelled`, `Filled` and `Inactive` are final.
"""

from ibdesk.model.order import OrderStatus

PENDING, HELD, WORKING = OrderStatus.PendingSubmit, OrderStatus.PreSubmitted, OrderStatus.Submitted
CANCELLING, CANCELLED = OrderStatus.PendingCancel, OrderStatus.Cancelled
FILLED, REJECTED = OrderStatus.Filled, OrderStatus.Inactive

FOLLOWS: dict[str, frozenset[str]] = {
    PENDING: frozenset({HELD, CANCELLED, REJECTED}),
    HELD: frozenset({WORKING, CANCELLING, CANCELLED, FILLED}),
    WORKING: frozenset({HELD, CANCELLING, CANCELLED, FILLED}),
    CANCELLING: frozenset({CANCELLED}),
    CANCELLED: frozenset(),
    FILLED: frozenset(),
    REJECTED: frozenset(),
}

FINAL = frozenset(status for status, followers in FOLLOWS.items() if not followers)


def successor(status: str, following: str) -> str:
    """Return `following`, if it may come after `status` or is the same.

    Raises ValueError otherwise: the exchange contradicts itself.
    """
    if following != status and following not in FOLLOWS[status]:
        raise ValueError(f"an order that is {status} cannot become {following}")
    return following
