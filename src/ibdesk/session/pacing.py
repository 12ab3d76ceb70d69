"""Decides when a request may go out and which one goes first; it must not know what a request says, nor the clock.

The gateway of IBKR disconnects or refuses a client that sends more than 50 messages in a second
(https://ibkrcampus.com/campus/ibkr-api-page/twsapi-doc/). Two rules keep below that:

- At most ``max_per_second`` messages go out in any second. Lanes above ``Lane.DATA`` may use ``head_room`` more, so
  that an order finds room even in a second that requests for data have filled.
- Of what waits, the most urgent lane goes first; inside a lane the order of arrival is kept.

Time is any monotonic clock in seconds, given as an argument. A pacer never drops what it was given.
"""

from collections import deque
from enum import IntEnum
from typing import Generic, TypeVar

Item = TypeVar("Item")

WINDOW = 1.0
"""The length in seconds of the window that the gateway looks at."""


class Lane(IntEnum):
    """How urgent a request is: the lowest number goes first."""

    CANCEL = 0
    PLACE = 1
    MODIFY = 2
    ACCOUNT = 3
    DATA = 4


class Pacer(Generic[Item]):
    """Holds back requests so that any window of one second stays within the budget.

    ``max_per_second`` of 0 lets everything through at once, as ``Client.MaxRequests = 0`` does in ib_async.
    Raises ValueError for a negative budget.
    """

    def __init__(self, max_per_second: int = 45, head_room: int = 5) -> None:
        if max_per_second < 0 or head_room < 0:
            raise ValueError(f"A budget can't be negative: {max_per_second=}, {head_room=}")
        self.max_per_second = max_per_second
        self.head_room = head_room
        self._lanes: tuple[deque[tuple[object, Item]], ...] = tuple(deque() for _ in Lane)
        self._sent: deque[float] = deque()

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return sum(map(len, self._lanes))

    def push(self, lane: Lane, item: Item, key: object = None) -> None:
        """Adds a request to the end of a lane.

        A cancel takes along the orders and modifications of the same ``key`` that still wait, ahead of itself:
        otherwise it would meet an unknown order, which would then be placed. The key is the order id, and for the
        orders of a bracket the parent's, because a child can't go before its parent.
        """
        if lane is Lane.CANCEL and key is not None:
            self._take_along(key)
        self._lanes[lane].append((key, item))

    def pop(self, now: float) -> list[Item]:
        """The requests that may go out at ``now``, in the order to send them. They count as sent."""
        self._forget(now)
        ready: list[Item] = []
        for lane in Lane:
            queue = self._lanes[lane]
            free = self._budget(lane) - len(self._sent) if self.max_per_second else len(queue)
            for _ in range(min(free, len(queue))):
                ready.append(queue.popleft()[1])
                if self.max_per_second:
                    self._sent.append(now)
        return ready

    def drain(self, *lanes: Lane) -> list[Item]:
        """All that waits in these lanes, whatever the budget: the connection ends, and it must not end with it."""
        ready: list[Item] = []
        for lane in sorted(lanes):
            queue = self._lanes[lane]
            ready += [item for _, item in queue]
            queue.clear()
        return ready

    def next_time(self, now: float) -> float | None:
        """When ``pop`` has something to give: ``now`` or later, or None when nothing waits."""
        lane = next((lane for lane in Lane if self._lanes[lane]), None)
        if lane is None:
            return None
        self._forget(now)
        too_many = len(self._sent) - self._budget(lane)
        if not self.max_per_second or too_many < 0:
            return now
        return self._sent[too_many] + WINDOW

    def _budget(self, lane: Lane) -> int:
        return self.max_per_second + (self.head_room if lane < Lane.DATA else 0)

    def _forget(self, now: float) -> None:
        # The same sum as in next_time: a pop at that very time must find the slot free, whatever the rounding.
        while self._sent and self._sent[0] + WINDOW <= now:
            self._sent.popleft()

    def _take_along(self, key: object) -> None:
        for lane in (Lane.PLACE, Lane.MODIFY):
            queue = self._lanes[lane]
            for _ in range(len(queue)):
                entry = queue.popleft()
                target = self._lanes[Lane.CANCEL] if entry[0] == key else queue
                target.append(entry)
