"""What the statuses of an order say: which of them are final, and which show that the server has accepted the order."""

import re
from typing import Final

from ibdesk.model.executions import Execution
from ibdesk.model.order import OrderStatus
from ibdesk.wire.messages.order_status import OrderStatus as StatusMessage

FINALITY: Final[dict[str, int]] = {OrderStatus.Cancelled: 1, OrderStatus.Filled: 2}
"""Rank of the statuses at the end, others have 0: a lower rank never replaces a higher one.

`Inactive` has a rank only if there is a reason for it, which `OrderLifecycle` knows.
"""

ACKNOWLEDGING: Final = frozenset(
    {OrderStatus.PreSubmitted, OrderStatus.Submitted, OrderStatus.PendingCancel, OrderStatus.Filled}
)
"""Statuses that show that the server has accepted the order."""

FIELDS: Final = (
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
)
"""What a trade takes over of an orderStatus message."""

AMOUNTS: Final = ("filled", "remaining", "avgFillPrice", "lastFillPrice", "mktCapPrice")
"""Those of the fields that a message may leave out."""

_ALL = ACKNOWLEDGING | OrderStatus.DoneStates | OrderStatus.WaitingStates
_STATE_IN_TEXT = re.compile(r"state: *(\w+)")


def is_older(one: StatusMessage, other: StatusMessage) -> bool:
    """Return whether one status of an order is earlier than another one, judged by what they say."""
    one_rank, other_rank = ((FINALITY.get(status.status, 0), status.filled) for status in (one, other))
    return one_rank < other_rank


def status_in(text: str) -> str:
    """Return the status that the text of an error names, as in `can not be cancelled, state: Filled.`; "" if none."""
    state = _STATE_IN_TEXT.search(text)
    return state[1] if state and state[1] in _ALL else ""


def ended_status(status: str, text: str, refused: str) -> str:
    """Return the status at the end of a completed order, for which the server may still show an earlier one.

    `text` is the server's `completedStatus`, such as `Filled Size: 100` or `Rejected by System: ...`. `refused` is the
    status of an order that the server has refused.
    """
    if status == OrderStatus.Inactive:
        return refused
    if status in OrderStatus.DoneStates:
        return status
    if text.startswith("Filled"):
        return OrderStatus.Filled
    return refused if text.startswith("Rejected") else OrderStatus.Cancelled


def progress(executions: list[Execution], size: float, is_corrected: bool) -> dict[str, float]:
    """Return what executions of an order, one at least, tell of `filled`, `avgFillPrice` and `lastFillPrice`.

    Each execution tells the sums up to it. With `is_corrected` these are wrong, and it is all summed up anew. If the
    order has a `size` that is not 0, `remaining` is told too.
    """
    last = max(executions, key=lambda one: (one.cumQty, one.execId))
    filled, average = last.cumQty, last.avgPrice
    if is_corrected:
        filled = sum(one.shares for one in executions)
        average = sum(one.shares * one.price for one in executions) / filled if filled else 0.0
    values = {"filled": filled, "avgFillPrice": average, "lastFillPrice": last.price}
    return {**values, "remaining": max(size - filled, 0.0)} if size else values
