"""Operators that emit other values in place of a source's."""

import asyncio
import copy
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar, TypeVarTuple

from .event import Event, Op, start_task
from .values import NO_VALUE, one_value

Args = TypeVarTuple("Args")
T = TypeVar("T")


class Constant(Op[T]):
    """See `Event.constant`."""

    __slots__ = ("_constant",)

    def __init__(self, constant: T, source: Any = None) -> None:
        self._constant = constant
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        self.emit(self._constant)


class Iterate(Op[T]):
    """See `Event.iterate`."""

    __slots__ = ("_iterator",)

    def __init__(self, it: Iterable[T], source: Any = None) -> None:
        self._iterator = iter(it)
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        for value in self._iterator:
            self.emit(value)
            return
        self.end()


class Enumerate(Op[float, T]):
    """See `Event.enumerate`."""

    __slots__ = ("_count", "_step")

    def __init__(self, start: float = 0, step: float = 1, source: Any = None) -> None:
        self._count = start
        self._step = step
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        count = self._count
        self._count += self._step
        self.emit(count, one_value(args))


class Partial(Op[*tuple[Any, ...]]):
    """See `Event.partial`."""

    __slots__ = ("_left_args",)

    def __init__(self, *left_args: Any, source: Any = None) -> None:
        self._left_args = left_args
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        self.emit(*self._left_args, *args)


class PartialRight(Op[*tuple[Any, ...]]):
    """See `Event.partial_right`."""

    __slots__ = ("_right_args",)

    def __init__(self, *right_args: Any, source: Any = None) -> None:
        self._right_args = right_args
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        self.emit(*args, *self._right_args)


class Star(Op[*tuple[Any, ...]]):
    """See `Event.star`."""

    __slots__ = ()

    def on_source(self, value: Iterable[Any]) -> None:
        self.emit(*value)


class Pack(Op[tuple[*Args]]):
    """See `Event.pack`."""

    __slots__ = ()

    def on_source(self, *args: *Args) -> None:
        self.emit(args)


class Pluck(Op[*tuple[Any, ...]]):
    """See `Event.pluck`."""

    __slots__ = ("_selections",)

    def __init__(self, *selections: int | str, source: Any = None) -> None:
        self._selections = [_selection(each) for each in selections]
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        self.emit(*(_plucked(args, position, names) for position, names in self._selections))


def _selection(text: int | str) -> tuple[int, list[str]]:
    """Return the position of an argument, and the attributes that lead from it to the value."""
    if isinstance(text, int):
        return text, []
    first, *names = text.split(".")
    if first.isdigit():
        return int(first), names
    return 0, [first, *names] if first else names


def _plucked(args: tuple[Any, ...], position: int, names: list[str]) -> Any:
    try:
        value = args[position]
        for name in names:
            value = getattr(value, name)
    except (IndexError, AttributeError):
        return NO_VALUE
    return value


class Previous(Op[*Args]):
    """See `Event.previous`."""

    __slots__ = ("_count", "_queue")

    def __init__(self, count: int = 1, source: Any = None) -> None:
        self._count = count
        self._queue: deque[tuple[*Args]] = deque()
        super().__init__(source)

    def on_source(self, *args: *Args) -> None:
        self._queue.append(args)
        if len(self._queue) > self._count:
            self.emit(*self._queue.popleft())


class Copy(Op[*Args]):
    """See `Event.copy`."""

    __slots__ = ()

    def on_source(self, *args: Any) -> None:
        emit: Callable[..., None] = self.emit
        emit(*map(copy.copy, args))


class Deepcopy(Op[*Args]):
    """See `Event.deepcopy`."""

    __slots__ = ()

    def on_source(self, *args: *Args) -> None:
        self.emit(*copy.deepcopy(args))


class Chunk(Op[list[T]]):
    """See `Event.chunk`."""

    __slots__ = ("_size", "_values")

    def __init__(self, size: int, source: Any = None) -> None:
        self._size = size
        self._values: list[T] = []
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        self._values.append(one_value(args))
        if len(self._values) == self._size:
            self._emit_values()

    def on_source_done(self, source: Any) -> None:
        if self._values:
            self._emit_values()
        super().on_source_done(source)

    def _emit_values(self) -> None:
        values, self._values = self._values, []
        self.emit(values)


class ChunkWith(Op[list[T]]):
    """See `Event.chunkwith`. It ends when the timer ends, too."""

    __slots__ = ("_emit_empty", "_timer", "_values")

    def __init__(self, timer: Event[*tuple[Any, ...]], emit_empty: bool = True, source: Any = None) -> None:
        self._timer = timer
        self._emit_empty = emit_empty
        self._values: list[T] = []
        timer.connect(self._on_timer, self.on_source_error, self.on_source_done, keep_ref=True)
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        self._values.append(one_value(args))

    def on_source_done(self, source: Any) -> None:
        if self._values:
            self._on_timer()
        super().on_source_done(source)

    def end(self) -> None:
        self._timer.disconnect(self._on_timer, self.on_source_error, self.on_source_done)
        super().end()

    def _on_timer(self, *_args: Any) -> None:
        if self._values or self._emit_empty:
            values, self._values = self._values, []
            self.emit(values)


class Map(Op[T]):
    """See `Event.map`. It ends when its tasks have ended, too."""

    __slots__ = ("_func", "_limit", "_ordered", "_tasks", "_timeout", "_waiting")

    def __init__(
        self,
        func: Callable[..., Any],
        timeout: float | None = None,
        ordered: bool = True,
        task_limit: int | None = None,
        source: Any = None,
    ) -> None:
        self._func = func
        self._timeout = timeout
        self._ordered = ordered
        self._limit = task_limit
        self._tasks: deque[asyncio.Future[T]] = deque()
        self._waiting: deque[Coroutine[Any, Any, T] | asyncio.Future[T]] = deque()
        super().__init__(source)

    def on_source(self, *args: Any) -> None:
        result = self._func(*args)
        if asyncio.iscoroutine(result) or asyncio.isfuture(result):
            self._waiting.append(result)
            self._start_tasks()
        else:
            self.emit(result)

    def on_source_done(self, source: Any) -> None:
        self.leave()
        self._end_if_idle()

    def _start_tasks(self) -> None:
        while self._waiting and not (self._limit and len(self._tasks) >= self._limit):
            result = self._waiting.popleft()
            task = start_task(asyncio.wait_for(result, self._timeout) if self._timeout else result)
            self._tasks.append(task)
            task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Future[T]) -> None:
        if self._ordered:
            while self._tasks and self._tasks[0].done():
                self._emit_result(self._tasks.popleft())
        else:
            self._tasks.remove(task)
            self._emit_result(task)
        self._start_tasks()
        if self._source is None:
            self._end_if_idle()

    def _emit_result(self, task: asyncio.Future[Any]) -> None:
        if task.cancelled():
            return  # the loop shuts down
        error = task.exception()
        result: Any = NO_VALUE if error is not None else task.result()
        if error is not None:
            self._failed(error, "A task of %s failed")
        self.emit(result)

    def _end_if_idle(self) -> None:
        if not self._tasks:
            self.set_done()
