"""The orders of one instrument, sorted so that a price finds those that it concerns, best first.

Four queues are sorted by price and then by time: bids and offers at rest, and orders that a rising or a falling price
wakes. A quote looks at the front of each only, however long they are. Orders whose type follows every quote stand
beside them, since each quote concerns them all.
"""

from collections.abc import Iterator
from decimal import Decimal

from sortedcontainers import SortedDict

from .quotes import UNLIMITED
from .working import WorkingOrder

Place = tuple[Decimal, int]


class OrderBook:
    """The orders of one instrument that are at the market."""

    def __init__(self) -> None:
        self.following: dict[int, WorkingOrder] = {}
        # Place -> WorkingOrder; sortedcontainers carries no types.
        self._bids: SortedDict = SortedDict()
        self._offers: SortedDict = SortedDict()
        self._rising: SortedDict = SortedDict()
        self._falling: SortedDict = SortedDict()
        self._places: dict[int, tuple[SortedDict, Place]] = {}

    def __contains__(self, entry: WorkingOrder) -> bool:
        return entry.key.permId in self._places or entry.key.permId in self.following

    def add(self, entry: WorkingOrder) -> None:
        """Take an order: one to be filled at its limit or better, or one that waits to be woken."""
        if entry.kind.follows(entry):
            self.following[entry.key.permId] = entry
        if not entry.awaits_trigger:
            queue, sign = (self._bids, -1) if entry.buys else (self._offers, 1)
            self._put(entry, queue, entry.limit * sign)
        elif entry.stop is not None and entry.key.permId not in self.following:
            queue, sign = (self._rising, 1) if entry.kind.rising(entry.buys) else (self._falling, -1)
            self._put(entry, queue, entry.stop * sign)

    def _put(self, entry: WorkingOrder, queue: SortedDict, price: Decimal) -> None:
        place = (price, entry.sequence)
        queue[place] = entry
        self._places[entry.key.permId] = (queue, place)

    def remove(self, entry: WorkingOrder) -> None:
        """Forget an order, if it is here."""
        self.following.pop(entry.key.permId, None)
        if found := self._places.pop(entry.key.permId, None):
            queue, place = found
            del queue[place]

    def marketable(self, lowest: Decimal | None, highest: Decimal | None) -> Iterator[WorkingOrder]:
        """Yield resting bids at `lowest` or above and offers at `highest` or below. List them before changing any."""
        if lowest is not None:
            yield from _front(self._bids, -lowest)
        if highest is not None:
            yield from _front(self._offers, highest)

    def near(self, lowest: Decimal, highest: Decimal) -> Iterator[WorkingOrder]:
        """Yield orders that a price in this range might wake. List them before changing any."""
        yield from _front(self._rising, highest)
        yield from _front(self._falling, -lowest)


def _front(queue: SortedDict, price: Decimal) -> Iterator[WorkingOrder]:
    # As a rule the best order is out of reach, which is known sooner than a range is searched.
    if queue and queue.peekitem(0)[0][0] <= price:
        for place in queue.irange(maximum=(price, UNLIMITED)):
            yield queue[place]
