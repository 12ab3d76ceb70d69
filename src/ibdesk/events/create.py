"""Events without another event as their source: they emit values, the time, or the results of awaitables.

They begin when the loop of the thread runs next, so that there is time to connect listeners. They live until they end
or `set_done` is called, with listeners or without.
"""

import asyncio
import datetime as dt
import itertools
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Iterable
from typing import Any, TypeVar

from ibdesk.runtime.clocks import clocks_here
from ibdesk.runtime.waiting import time_range_async

from .event import Event, Op, start_task
from .methods import Moment
from .values import NO_VALUE

T = TypeVar("T")


class Wait(Event[T]):
    """See `Event.wait`."""

    __slots__ = ()

    def __init__(self, future: Awaitable[T], name: str = "wait") -> None:
        super().__init__(name)
        start_task(future).add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Future[T]) -> None:
        if not task.cancelled() and not self.done():
            error = task.exception()
            result: Any = NO_VALUE if error is not None else task.result()
            if error is not None:
                self._failed(error, "What %s waits for failed")
            self.emit(result)
        self.set_done()


class Aiterate(Event[T]):
    """See `Event.aiterate`."""

    __slots__ = ("_task",)

    def __init__(self, ait: AsyncIterable[T], name: str = "") -> None:
        super().__init__(name or getattr(ait, "__qualname__", type(ait).__qualname__))
        self._task = start_task(self._emit_all(ait))

    def set_done(self) -> None:
        super().set_done()
        if not self._task.done() and self._task is not _current_task():
            self._task.cancel()

    async def _emit_all(self, ait: AsyncIterable[T]) -> None:
        try:
            async for value in ait:
                self.emit(value)
                if self.done():
                    return
        except Exception as error:
            self._failed(error, "The source of %s failed")
        self.set_done()


def _current_task() -> asyncio.Future[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


class Sequence(Aiterate[T]):
    """See `Event.sequence`."""

    __slots__ = ()

    def __init__(self, values: Iterable[T], interval: float = 0, times: Iterable[float] | None = None) -> None:
        async def sequence() -> AsyncIterator[T]:
            loop = asyncio.get_running_loop()
            begin = loop.time()
            moments = (number * interval for number in itertools.count()) if times is None else times
            for value, moment in zip(values, moments, strict=False):
                await asyncio.sleep(max(0, begin + moment - loop.time()))
                yield value

        super().__init__(sequence(), type(self).__qualname__)


class Repeat(Sequence[T]):
    """See `Event.repeat`."""

    __slots__ = ()

    def __init__(self, value: T, count: int = 1, interval: float = 0, times: Iterable[float] | None = None) -> None:
        super().__init__(itertools.repeat(value, count), interval, times)


class Range(Sequence[int]):
    """See `Event.range`."""

    __slots__ = ()

    def __init__(self, *args: int, interval: float = 0, times: Iterable[float] | None = None) -> None:
        super().__init__(range(*args), interval, times)


class Timer(Aiterate[float]):
    """See `Event.timer`."""

    __slots__ = ()

    def __init__(self, interval: float, count: int | None = None) -> None:
        async def timer() -> AsyncIterator[float]:
            loop = asyncio.get_running_loop()
            begin = loop.time()
            for number in itertools.count(1) if count is None else range(1, count + 1):
                await asyncio.sleep(max(0, begin + number * interval - loop.time()))
                yield number * interval

        super().__init__(timer(), type(self).__qualname__)


class Timerange(Aiterate[dt.datetime]):
    """See `Event.timerange`."""

    __slots__ = ()

    def __init__(self, start: Moment = 0, end: Moment | None = None, step: float | dt.timedelta = 1) -> None:
        super().__init__(timerange(start, end, step), type(self).__qualname__)


def timerange(
    start: Moment = 0, end: Moment | None = None, step: float | dt.timedelta = 1
) -> AsyncIterator[dt.datetime]:
    """Wait for each point in time and yield it; see `Event.timerange`."""
    seconds = step.total_seconds() if isinstance(step, dt.timedelta) else step
    if isinstance(start, int | float):
        begin: dt.datetime | dt.time = dt.datetime.fromtimestamp(
            (clocks_here().timestamp() + start) // seconds * seconds
        )
    else:
        begin = start
    if isinstance(end, int | float):
        end = clocks_here().now(dt.UTC) + dt.timedelta(seconds=end)
    return time_range_async(begin, end, seconds)


class Marble(Op[str]):
    """See `Event.marble`."""

    __slots__ = ()

    def __init__(self, s: str, interval: float = 0, times: Iterable[float] | None = None) -> None:
        super().__init__(
            Event.sequence(s.replace("_", ""), interval, times)
            .filter(lambda character: character not in "- ")
            .takewhile(lambda character: character != "|")
        )
