"""Operators that decide when to emit what their source emits."""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, TypeVarTuple

from ibdesk.runtime.clocks import clocks_here
from ibdesk.runtime.loops import get_loop

from .event import Event, Op
from .values import one_value

Args = TypeVarTuple("Args")
T = TypeVar("T")


class Timestamp(Op[float, T]):
    """See `Event.timestamp`."""

    __slots__ = ()

    def on_source(self, *args: Any) -> None:
        self.emit(clocks_here().timestamp(), one_value(args))


class Delay(Op[*Args]):
    """See `Event.delay`."""

    __slots__ = ("_delay", "_queue")

    def __init__(self, delay: float, source: Any = None) -> None:
        self._delay = delay
        self._queue: deque[Callable[[], None]] = deque()
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        self._do_later(partial(self.emit, *args))

    def on_source_error(self, source: Event[*tuple[Any, ...]], error: BaseException) -> None:
        self._do_later(partial(super().on_source_error, source, error))

    def on_source_done(self, source: Event[*tuple[Any, ...]]) -> None:
        self.leave()
        self._do_later(self.set_done)

    def _do_later(self, call: Callable[[], None]) -> None:
        # A loop keeps no order between calls that are due at the same time, as when its clock is coarse.
        self._queue.append(call)
        get_loop().call_later(self._delay, self._do_next)

    def _do_next(self) -> None:
        self._queue.popleft()()


class Timeout(Op[()]):
    """See `Event.timeout`."""

    __slots__ = ("_handle", "_last_time", "_timeout")

    def __init__(self, timeout: float, source: Any = None) -> None:
        self._timeout = timeout
        self._last_time = get_loop().time()
        self._handle = get_loop().call_later(timeout, self._on_timer)
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        self._last_time = get_loop().time()

    def end(self) -> None:
        self._handle.cancel()
        super().end()

    def _on_timer(self) -> None:
        loop = get_loop()
        end = self._last_time + self._timeout
        if loop.time() < end:
            self._handle = loop.call_at(end, self._on_timer)
        else:
            self.leave()
            self.emit()
            self.set_done()


class Debounce(Op[*Args]):
    """See `Event.debounce`."""

    __slots__ = ("_handle", "_interval", "_last_time", "_on_first")

    def __init__(self, interval: float, on_first: bool = False, source: Any = None) -> None:
        self._interval = interval
        self._on_first = on_first
        self._last_time = -math.inf
        self._handle: asyncio.TimerHandle | None = None
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        loop = get_loop()
        now = loop.time()
        pause, self._last_time = now - self._last_time, now
        if not self._on_first:
            if self._handle is not None:
                self._handle.cancel()
            self._handle = loop.call_later(self._interval, self._emit_late, *args)
        elif pause >= self._interval:
            self.emit(*args)

    def on_source_done(self, source: Event[*tuple[Any, ...]]) -> None:
        self.leave()
        if self._handle is None:
            self.set_done()

    def _emit_late(self, *args: *Args) -> None:
        self._handle = None
        self.emit(*args)
        if self._source is None:
            self.set_done()


class Throttle(Op[*Args]):
    """See `Event.throttle`."""

    __slots__ = ("_cost_func", "_handle", "_interval", "_maximum", "_spent", "_throttles", "_waiting", "status_event")

    def __init__(
        self,
        maximum: float,
        interval: float,
        cost_func: Callable[..., float] | None = None,
        source: Any = None,
    ) -> None:
        self.status_event: Event[bool] = Event("throttle_status")
        """Emits True when emits begin to wait, and False when none waits any more."""
        self._maximum = maximum
        self._interval = interval
        self._cost_func = cost_func
        self._waiting: deque[tuple[tuple[*Args], float]] = deque()  # arguments and cost
        self._spent: deque[tuple[float, float]] = deque()  # time and cost of the latest emits
        self._handle: asyncio.TimerHandle | None = None
        self._throttles = False
        super().__init__(source)

    def set_limit(self, maximum: float, interval: float) -> None:
        """Change the limit to costs under `maximum` within `interval` seconds. A maximum of 0 is no limit."""
        self._maximum = maximum
        self._interval = interval

    def on_source(self, *args: *Args) -> None:
        self._waiting.append((args, 1 if self._cost_func is None else self._cost_func(*args)))
        if self._handle is None:
            self._emit_allowed()

    def on_source_done(self, source: Event[*tuple[Any, ...]]) -> None:
        self.leave()
        if not self._waiting:
            self.end()

    def end(self) -> None:
        super().end()
        self.status_event.set_done()

    def _emit_allowed(self) -> None:
        loop = get_loop()
        now = loop.time()
        while self._spent and now - self._spent[0][0] >= self._interval:
            self._spent.popleft()
        while self._waiting and self._allows(self._waiting[0][1]):
            args, cost = self._waiting.popleft()
            self._spent.append((now, cost))
            self.emit(*args)
        if self._waiting and self._handle is None:
            self._handle = loop.call_at(self._spent[0][0] + self._interval, self._on_timer)
        if self._throttles is not bool(self._waiting):
            self._throttles = not self._throttles
            self.status_event.emit(self._throttles)

    def _allows(self, cost: float) -> bool:
        return not (self._maximum and self._spent) or cost + sum(spent for _, spent in self._spent) < self._maximum

    def _on_timer(self) -> None:
        self._handle = None
        self._emit_allowed()
        if self._source is None and not self._waiting:
            self.end()


class Sample(Op[*Args]):
    """See `Event.sample`. It ends when the timer ends, too."""

    __slots__ = ("_latest", "_timer")

    def __init__(self, timer: Event[*tuple[Any, ...]], source: Any = None) -> None:
        self._timer = timer
        self._latest: tuple[*Args] | None = None
        timer.connect(self._on_timer, self.on_source_error, self.on_source_done, keep_ref=True)
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        self._latest = args

    def end(self) -> None:
        self._timer.disconnect(self._on_timer, self.on_source_error, self.on_source_done)
        super().end()

    def _on_timer(self, *_args: Any) -> None:
        if self._latest is not None:
            self.emit(*self._latest)
