"""Decides when a request may be sent, and which one goes first.

IBKR's gateway refuses or disconnects a client that sends more than 50 messages in a second
(https://ibkrcampus.com/campus/ibkr-api-page/twsapi-doc/). Two rules keep a client below that:

- At most `max_requests` messages are sent in any `interval` of seconds. Lanes more urgent than `Lane.DATA` may use a
  ninth more (50 for 45), so that an order finds room even in a second that requests for data have filled.
- The most urgent lane goes first. Within a lane the order of arrival is kept.

Time is an argument, in seconds of any monotonic clock. A pacer never drops a request.
"""

from collections import OrderedDict, deque
from enum import IntEnum
from itertools import count
from math import ceil, inf
from numbers import Real
from typing import Generic, TypeVar

Item = TypeVar("Item")

HEAD_ROOM = 9
"""For every so many messages of the budget the urgent lanes may send one more: IBKR's gateway accepts 45 + 5."""


class Lane(IntEnum):
    """How urgent a request is. The lowest number goes first."""

    CANCEL = 0
    PLACE = 1
    MODIFY = 2
    ACCOUNT = 3
    DATA = 4


_TAKEN_ALONG = (Lane.PLACE, Lane.MODIFY)
"""The lanes whose requests a cancellation moves ahead of itself."""


class Pacer(Generic[Item]):
    """Holds requests back so that any `interval` of seconds stays within the budget.

    With a `max_requests` of 0 every request goes out at once, like `Client.MaxRequests = 0` in ib_async.
    """

    def __init__(self, max_requests: float = 45, interval: float = 1.0) -> None:
        """Begin with this budget. Raises ValueError like `allow`."""
        self._lanes: tuple[OrderedDict[int, tuple[object, Item]], ...] = tuple(OrderedDict() for _ in Lane)
        """The requests of each lane, with their keys, by numbers that grow."""
        self._number = count()
        self._with_key: dict[object, list[tuple[Lane, int]]] = {}
        """Key -> lane and number of the orders and modifications with it. Some of these may have been sent already."""
        self._sent: deque[float] = deque()
        self.allow(max_requests, interval)

    def allow(self, max_requests: float, interval: float) -> None:
        """Set the budget. It applies at once, and counts what was sent before.

        Raises ValueError for numbers that are no budget, and keeps the old one then.
        """
        if not _is_number(max_requests) or not max_requests >= 0:
            raise ValueError(f"MaxRequests is a number of messages, 0 for no limit: not {max_requests!r}")
        if not _is_number(interval) or not 0 <= interval < inf:
            raise ValueError(f"RequestsInterval is a number of seconds: not {interval!r}")
        self.max_requests: float = max_requests
        self.interval: float = interval

    @property
    def waiting(self) -> int:
        """The number of requests that wait."""
        return sum(map(len, self._lanes))

    def push(self, lane: Lane, item: Item, key: object = None) -> None:
        """Add a request to the end of a lane.

        A cancellation moves the waiting orders and modifications with the same `key` ahead of itself into its lane.
        Otherwise it would reach the server before the order, which would then be placed after all. The key is the order
        id, or for the orders of a bracket the parent's, because a child cannot be sent before its parent.
        """
        if lane is Lane.CANCEL and key is not None:
            self._take_along(key)
        number = next(self._number)
        self._lanes[lane][number] = key, item
        if lane in _TAKEN_ALONG and key is not None:
            self._with_key.setdefault(key, []).append((lane, number))

    def pop(self, now: float) -> list[Item]:
        """Return the requests that may be sent at `now`, in this order, and count them as sent."""
        self._forget(now)
        ready: list[Item] = []
        for lane in Lane:
            queue = self._lanes[lane]
            # Requests are counted even without a limit, because one may be set at any moment.
            while queue and len(self._sent) < self._budget(lane):
                ready.append(queue.popitem(last=False)[1][1])
                self._sent.append(now)
        waiting = len(self._lanes[Lane.PLACE]) + len(self._lanes[Lane.MODIFY])
        if not waiting:
            self._with_key.clear()
        elif len(self._with_key) > 2 * waiting:
            self._forget_sent()
        return ready

    def drain(self, *lanes: Lane) -> list[Item]:
        """Return everything that waits in these lanes, whatever the budget.

        It is for the end of a connection, with which requests such as cancellations must not be lost.
        """
        ready: list[Item] = []
        for lane in sorted(lanes):
            queue = self._lanes[lane]
            ready += [item for _, item in queue.values()]
            queue.clear()
        return ready

    def next_time(self, now: float) -> float | None:
        """Return when `pop` has something to return: `now` or later, or None when nothing waits."""
        for lane in Lane:
            if self._lanes[lane]:
                break
        else:
            return None
        self._forget(now)
        budget = self._budget(lane)
        if len(self._sent) < budget:
            return now
        # The sent request whose age frees the slot: after it, fewer than the budget are left in the interval.
        return self._sent[len(self._sent) - ceil(budget)] + self.interval

    def _budget(self, lane: Lane) -> float:
        if self.max_requests in (0, inf):
            return inf
        return self.max_requests + (self.max_requests // HEAD_ROOM if lane < Lane.DATA else 0)

    def _forget(self, now: float) -> None:
        # The sum is rounded exactly as in next_time, so that a pop at that very moment finds the slot free.
        while self._sent and self._sent[0] + self.interval <= now:
            self._sent.popleft()

    def _forget_sent(self) -> None:
        """Forget the keys of what has been sent."""
        for key, numbers in list(self._with_key.items()):
            self._with_key[key] = [(lane, number) for lane, number in numbers if number in self._lanes[lane]]
            if not self._with_key[key]:
                del self._with_key[key]

    def _take_along(self, key: object) -> None:
        for lane, number in sorted(self._with_key.pop(key, ())):
            if number in self._lanes[lane]:
                self._lanes[Lane.CANCEL][number] = self._lanes[lane].pop(number)


def _is_number(value: object) -> bool:
    return isinstance(value, Real)
