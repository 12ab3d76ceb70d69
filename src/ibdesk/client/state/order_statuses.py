"""What the statuses of an order say: which are final, which show that the server has accepted it, what fills tell."""

import re
from collections.abc import Iterable
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


class Progress:
    """What the executions of an order tell of its status, kept so that one more costs the same however many there are.

    Each execution tells the sums up to it. Those are wrong where one `is_corrected`; then it is all summed up.
    """

    # Every order has one, and most never change it.
    is_corrected: bool = False
    _last: Execution | None = None
    _filled: float = 0.0
    _value: float = 0.0

    def add(self, execution: Execution) -> None:
        """Count one more execution."""
        self._filled += execution.shares
        self._value += execution.shares * execution.price
        last = self._last
        if last is None or (execution.cumQty, execution.execId) > (last.cumQty, last.execId):
            self._last = execution

    def correct(self, executions: Iterable[Execution]) -> None:
        """Count these, one of which is a correction, in place of those that were counted."""
        self.is_corrected = True
        self._last, self._filled, self._value = None, 0.0, 0.0
        for execution in executions:
            self.add(execution)

    def told(self, size: float) -> dict[str, float]:
        """Return `filled`, `avgFillPrice` and `lastFillPrice`, nothing before the first execution.

        If the order has a `size` that is not 0, `remaining` is told too.
        """
        last = self._last
        if last is None:
            return {}
        filled, average = last.cumQty, last.avgPrice
        if self.is_corrected:
            filled, average = self._filled, self._value / self._filled if self._filled else 0.0
        values = {"filled": filled, "avgFillPrice": average, "lastFillPrice": last.price}
        return {**values, "remaining": max(size - filled, 0.0)} if size else values
