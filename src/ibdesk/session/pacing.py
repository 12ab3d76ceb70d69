"""Decides when a request may go out and which one goes first; it must not know what a request says, nor the clock.

The gateway of IBKR disconnects or refuses a client that sends more than 50 messages in a second
(https://ibkrcampus.com/campus/ibkr-api-page/twsapi-doc/). Two rules keep below that:

- At most `max_requests` messages go out in any `interval` of seconds. Lanes above `Lane.DATA` may use a ninth
  more (50 for 45), so that an order finds room even in a second that requests for data have filled.
- Of what waits, the most urgent lane goes first; inside a lane the order of arrival is kept.

Time is any monotonic clock in seconds, given as an argument. A pacer never drops what it was given.
"""

from collections import deque
from enum import IntEnum
from math import ceil, inf
from numbers import Real
from typing import Generic, TypeVar

Item = TypeVar("Item")

HEAD_ROOM = 9
"""The urgent lanes have one more for every so many: 45 + 5 is what IBKR's gateway takes."""


class Lane(IntEnum):
    """How urgent a request is: the lowest number goes first."""

    CANCEL = 0
    PLACE = 1
    MODIFY = 2
    ACCOUNT = 3
    DATA = 4


class Pacer(Generic[Item]):
    """Holds back requests so that any `interval` of seconds stays within the budget.

    `max_requests` of 0 lets everything through at once, as `Client.MaxRequests = 0` does in ib_async.
    """

    def __init__(self, max_requests: float = 45, interval: float = 1.0) -> None:
        """Raises what `allow` raises."""
        self._lanes: tuple[deque[tuple[object, Item]], ...] = tuple(deque() for _ in Lane)
        self._sent: deque[float] = deque()
        self.allow(max_requests, interval)

    def allow(self, max_requests: float, interval: float) -> None:
        """Sets the budget, which counts from now on, what was sent before included.

        Raises ValueError for what is no budget; then it stays as it was.
        """
        if not _is_number(max_requests) or not max_requests >= 0:
            raise ValueError(f"MaxRequests is a number of messages, 0 for no limit: not {max_requests!r}")
        if not _is_number(interval) or not 0 <= interval < inf:
            raise ValueError(f"RequestsInterval is a number of seconds: not {interval!r}")
        self.max_requests: float = max_requests
        self.interval: float = interval

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return sum(map(len, self._lanes))

    def push(self, lane: Lane, item: Item, key: object = None) -> None:
        """Adds a request to the end of a lane.

        A cancel takes along the orders and modifications of the same `key` that still wait, ahead of itself:
        otherwise it would meet an unknown order, which would then be placed. The key is the order id, and for the
        orders of a bracket the parent's, because a child can't go before its parent.
        """
        if lane is Lane.CANCEL and key is not None:
            self._take_along(key)
        self._lanes[lane].append((key, item))

    def pop(self, now: float) -> list[Item]:
        """The requests that may go out at `now`, in the order to send them. They count as sent."""
        self._forget(now)
        ready: list[Item] = []
        for lane in Lane:
            queue = self._lanes[lane]
            # Also without a limit it is counted: there may be one in a moment.
            while queue and len(self._sent) < self._budget(lane):
                ready.append(queue.popleft()[1])
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
        """When `pop` has something to give: `now` or later, or None when nothing waits."""
        lane = next((lane for lane in Lane if self._lanes[lane]), None)
        if lane is None:
            return None
        self._forget(now)
        budget = self._budget(lane)
        if len(self._sent) < budget:
            return now
        # As many of those that were sent have to be forgotten that one fewer than the budget is left.
        return self._sent[len(self._sent) - ceil(budget)] + self.interval

    def _budget(self, lane: Lane) -> float:
        if self.max_requests in (0, inf):
            return inf
        return self.max_requests + (self.max_requests // HEAD_ROOM if lane < Lane.DATA else 0)

    def _forget(self, now: float) -> None:
        # The same sum as in next_time: a pop at that very time must find the slot free, whatever the rounding.
        while self._sent and self._sent[0] + self.interval <= now:
            self._sent.popleft()

    def _take_along(self, key: object) -> None:
        for lane in (Lane.PLACE, Lane.MODIFY):
            queue = self._lanes[lane]
            for _ in range(len(queue)):
                entry = queue.popleft()
                target = self._lanes[Lane.CANCEL] if entry[0] == key else queue
                target.append(entry)


def _is_number(value: object) -> bool:
    return isinstance(value, Real)
