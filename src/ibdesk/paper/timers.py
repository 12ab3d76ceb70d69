"""When each part of the gateway changes next: timers, and the order in which they are due.

Nothing in the gateway is looked at again and again. What changes by itself has a timer that is set to the moment of its
next change, and whoever has a clock sleeps until `Timers.next_due`. What is due is done in the order of its times, each
thing as of its own moment, however late it is: so what is told does not depend on when anybody looks.

Timers know no clock, and do not wait.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

from ibdesk.logs import logger

_log = logger("ibdesk.paper")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""From where beats are counted that are the same for everybody, such as full seconds."""

RETRY = timedelta(seconds=1)
"""When something that failed is tried again."""

_MICROSECOND = timedelta(microseconds=1)

_SPARE = 64
"""So many entries of timers that were set anew or stopped stay in the heap, and as many as there are timers."""


class Timer:
    """Something that is done at the moment `due` (in UTC), if that is not None. It then is set again, or not.

    Of what is due at the same moment, the timers of a lower rank come first, and then the older ones.
    """

    __slots__ = ("_act", "_is_over", "_order", "_timers", "due")

    def __init__(self, timers: "Timers", rank: int, number: int, act: Callable[[], None]) -> None:
        self.due: datetime | None = None
        self._timers = timers
        self._order = rank, number
        self._act = act
        self._is_over = False

    @property
    def until(self) -> datetime:
        """The moment up to which everything is being done now. If it is later than `due` was, the gateway is late."""
        return self._timers.until

    def set(self, due: datetime | None) -> None:
        """Set the timer to a moment (aware), which replaces the one before; None is never."""
        if due is not None and due.tzinfo is not UTC:
            due = due.astimezone(UTC)
        if not self._is_over and due is not self.due:
            self._timers.put(self, due)

    def set_later(self, due: datetime) -> None:
        """Set the timer to a moment (aware). If that has come already, it is when others have had their turn."""
        self.set(max(due, self._timers.reached + _MICROSECOND))

    def postpone(self, newest: datetime) -> bool:
        """Set the timer to a moment that is ahead, if the gateway is late and only what is newest is told.

        `newest` (aware) is the last moment, up to `until`, at which there is something to tell. Returns False if it has
        come already.
        """
        if newest <= self._timers.reached:
            return False
        self.set(newest)
        return True

    def set_to_now(self) -> None:
        """Set the timer to the moment that has been reached."""
        self.set(self._timers.reached)

    def stop(self) -> None:
        """Never do it again."""
        self.set(None)
        self._is_over = True


class Timers:
    """All timers of a gateway, from the moment `now` (aware) on.

    `reached` is the moment of the last thing that was done, and `until` the one up to which everything is to be done.
    """

    def __init__(self, now: datetime) -> None:
        self.reached: datetime = now.astimezone(UTC)
        self.until: datetime = self.reached
        # An entry counts if its timer still is due at it. The heap cannot be searched, so old ones are left in it.
        self._heap: list[tuple[datetime, tuple[int, int], int, Timer]] = []
        self._made = self._pushed = self._active = 0

    def new(self, rank: int, act: Callable[[], None]) -> Timer:
        """Return a timer that is not set yet."""
        self._made += 1
        return Timer(self, rank, self._made, act)

    @property
    def next_due(self) -> datetime | None:
        """The moment (in UTC) at which something is due next; None if nothing ever is."""
        heap = self._heap
        while heap:
            due, _, _, timer = heap[0]
            if timer.due is due:
                return due
            heappop(heap)
        return None

    def put(self, timer: Timer, due: datetime | None) -> None:
        """Have a timer be due at a moment (in UTC)."""
        self._active += (due is not None) - (timer.due is not None)
        timer.due = due
        if due is None:
            return
        self._pushed += 1
        heappush(self._heap, (due, timer._order, self._pushed, timer))
        if len(self._heap) > 2 * self._active + _SPARE:
            self._heap[:] = [entry for entry in self._heap if entry[-1].due is entry[0]]
            heapify(self._heap)

    def run(self, until: datetime, go_to: Callable[[datetime], None], most: int | None = None) -> None:
        """Do what is due until a moment (aware), in the order of time; at most so many things if `most` is given.

        Before what is due at one moment, `go_to` is called with that. What fails is logged, and tried again after
        `RETRY`.
        """
        self.until = until = max(self.reached, until.astimezone(UTC))
        heap, left, gone_to = self._heap, -1 if most is None else most, None
        while heap and left:
            due, _, _, timer = heap[0]
            if timer.due is not due:
                heappop(heap)
                continue
            if due > until:
                break
            heappop(heap)
            timer.due = None
            self._active -= 1
            left -= 1
            # What waited for a client that did not read may have been due before this.
            self.reached = due = max(due, self.reached)
            try:
                if due != gone_to:
                    go_to(due)
                    gone_to = due
                timer._act()
            except Exception:
                # Nobody else is to suffer from a fault in one instrument, say; the next time it may go well.
                _log.exception("what is due cannot be done")
                timer.set(due + RETRY)
        if left:
            self.reached = until


def next_beat(start: datetime, interval: timedelta, moment: datetime) -> datetime:
    """Return the first moment that is not before `moment`, of those that are whole intervals away from `start`."""
    return start + -((start - moment) // interval) * interval


def last_beat(start: datetime, interval: timedelta, moment: datetime) -> datetime:
    """Return the last moment that is not after `moment`, of those that are whole intervals away from `start`."""
    return start + (moment - start) // interval * interval
