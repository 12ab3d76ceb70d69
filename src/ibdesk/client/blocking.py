"""Decides how code that does not await waits for the event loop; it must not know what it waits for.

An owner (an ``IB``) belongs to one loop, and a blocking call runs on it, wherever the call comes from:

================================================  ===========================================================
no loop runs in the calling thread, and the
 owner's loop belongs to that thread              the loop runs until the result is there
 owner's loop runs in another thread              the call goes over to that thread, and this one waits
 owner's loop belongs to another thread           RuntimeError: nobody would run the loop
the owner's loop runs in the calling thread
 after ``start_loop()``                           a nested run of the loop
 otherwise                                        RuntimeError that says what to do instead
another loop runs in the calling thread
 owner's loop runs in another thread              as above; the loop of the calling thread stands still meanwhile
 otherwise                                        RuntimeError
================================================  ===========================================================

The functions of this module do the same for code without an owner, on the loop of the calling thread.
"""

import asyncio
import concurrent.futures
import datetime as dt
import inspect
import threading
import time as clock
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from .events import Event
from .loops import can_nest, get_loop, start_loop

__all__ = [
    "LoopRunner",
    "RunsOnLoop",
    "blocking",
    "get_loop",
    "globalErrorEvent",
    "run",
    "schedule",
    "sleep",
    "start_loop",
    "time_range",
    "time_range_async",
    "wait_until",
    "wait_until_async",
]

P = ParamSpec("P")
T = TypeVar("T")

Time = dt.time | dt.datetime
"""A point in time; a time without a date is one of today."""

globalErrorEvent: Event[BaseException] = Event("globalErrorEvent")
"""An exception that is emitted here is raised in every blocking call that waits in its own thread."""


class LoopRunner:
    """Runs awaitables on the one loop of its owner, and waits for them. See the table above.

    The owner's loop is the one that ``bind`` found, or else the loop of the thread that runs something first. Once that
    loop is closed, the next call takes the loop of its own thread.

    ``timeout`` is the longest wait of ``call`` in seconds; 0 means no end.
    """

    __slots__ = ("_loop", "_thread", "timeout")

    def __init__(self, timeout: float = 0) -> None:
        self.timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    def bind(self) -> asyncio.AbstractEventLoop:
        """Makes the running loop, or else this thread's, the loop of the owner."""
        self._loop = get_loop()
        self._thread = threading.get_ident()
        return self._loop

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the owner."""
        return self.bind() if self._loop is None or self._loop.is_closed() else self._loop

    def call(self, function: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls a coroutine function on the owner's loop and waits for its result.

        Raises TimeoutError that names the function after ``timeout`` seconds, and RuntimeError where nothing can run.
        """
        name = getattr(function, "__name__", repr(function)).removesuffix("Async")
        here = self._runs_here(name)

        async def main() -> T:
            return await function(*args, **kwargs)

        return self._wait(here, _in_time(main(), self.timeout, name), self.timeout)

    def run(self, *awaitables: Awaitable[Any], timeout: float | None = None) -> Any:
        """Waits for one awaitable and gives its result, or for several and gives the list of theirs.

        Without any, it runs the loop until it is stopped or Ctrl-C ends it; that does nothing where the loop
        already runs. Raises TimeoutError after ``timeout`` seconds, and RuntimeError where nothing can run.
        """
        if not awaitables:
            return None if self.loop.is_running() else self._forever()
        try:
            here = self._runs_here("run")
        except RuntimeError:
            for awaitable in awaitables:
                if inspect.iscoroutine(awaitable):
                    awaitable.close()  # or Python would warn, beside the error, that it was never awaited
            raise
        return self._wait(here, _in_time(_all_of(awaitables), timeout, "run"), timeout)

    def _runs_here(self, name: str) -> bool:
        """Whether the owner's loop can run in this thread, now; if not, it runs in another."""
        loop = self.loop
        running = _running_loop()
        if running is loop:
            if can_nest(loop):
                return True
            raise RuntimeError(
                f"{name}() can't wait here, because its event loop is running: await {name}Async() instead, "
                "or call util.startLoop() once before (as in notebooks; not for uvloop)"
            )
        if loop.is_running():
            return False
        if running is not None:
            raise RuntimeError(
                f"{name}() belongs to another event loop than the one that is running: connect inside the running loop"
            )
        if self._thread != threading.get_ident():
            raise RuntimeError(
                f"{name}() belongs to the event loop of another thread, which is not running: "
                "keep it running there, as ib.run() does, or make the call there"
            )
        return True

    def _wait(self, here: bool, main: Coroutine[Any, Any, T], timeout: float | None) -> T:
        return _run_here(self.loop, main) if here else _run_there(self.loop, main, timeout)

    def _forever(self) -> None:
        self._runs_here("run")
        loop = self.loop
        loop.run_forever()
        if left := asyncio.all_tasks(loop):
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.wait(left))


class RunsOnLoop(Protocol):
    """An object whose ...Async methods run on the loop of its ``runner``."""

    @property
    def runner(self) -> LoopRunner:
        """The runner that the object owns."""
        ...


Owner = TypeVar("Owner", bound=RunsOnLoop)


def blocking(method: Callable[Concatenate[Owner, P], Awaitable[T]]) -> Callable[Concatenate[Owner, P], T]:
    """The blocking twin of an ...Async method, with the same parameters: ``reqTime = blocking(reqTimeAsync)``.

    The twin looks the method up by its name, so that it follows a subclass that overrides it.
    """

    @wraps(method)
    def twin(self: Owner, /, *args: P.args, **kwargs: P.kwargs) -> T:
        bound: Callable[P, Awaitable[T]] = getattr(self, method.__name__)
        return self.runner.call(bound, *args, **kwargs)

    twin.__name__ = method.__name__.removesuffix("Async")
    twin.__qualname__ = method.__qualname__.removesuffix("Async")
    return twin


@overload
def run(*, timeout: float | None = None) -> None: ...
@overload
def run(awaitable: Awaitable[T], /, *, timeout: float | None = None) -> T: ...
@overload
def run(
    first: Awaitable[Any], second: Awaitable[Any], /, *more: Awaitable[Any], timeout: float | None = None
) -> list[Any]: ...
def run(*awaitables: Awaitable[Any], timeout: float | None = None) -> Any:
    """Does ``LoopRunner.run`` on the loop of this thread."""
    return LoopRunner().run(*awaitables, timeout=timeout)


def sleep(secs: float = 0.02) -> bool:
    """Waits ``secs`` seconds while the loop goes on, unlike ``time.sleep``. Returns True, for use in ``while``."""
    run(asyncio.sleep(secs))
    return True


def schedule(time: Time, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
    """Has the loop of this thread call ``callback(*args)`` at a point in time. The handle can cancel it."""
    return get_loop().call_later(_seconds_until(time), callback, *args)


def wait_until(t: Time) -> bool:
    """Waits until a point in time while the loop goes on. Returns True."""
    return sleep(_seconds_until(t))


async def wait_until_async(t: Time) -> bool:
    """Does ``wait_until`` by awaiting."""
    await asyncio.sleep(_seconds_until(t))
    return True


def time_range(start: Time, end: Time, step: float) -> Iterator[dt.datetime]:
    """Waits for each of the points in time from ``start`` to ``end``, ``step`` seconds apart, and yields it.

    Those that are past already are left out. Raises ValueError if ``step`` is not positive.
    """
    for moment in _points(start, end, step):
        wait_until(moment)
        yield moment


async def time_range_async(start: Time, end: Time, step: float) -> AsyncIterator[dt.datetime]:
    """Does ``time_range`` by awaiting."""
    for moment in _points(start, end, step):
        await wait_until_async(moment)
        yield moment


def _points(start: Time, end: Time, step: float) -> Iterator[dt.datetime]:
    if step <= 0:
        raise ValueError(f"The step must be positive: {step}")
    delta = dt.timedelta(seconds=step)
    moment, last = _with_date(start), _with_date(end)
    late = dt.datetime.now(moment.tzinfo) - moment
    if late > dt.timedelta(0):
        moment -= -late // delta * delta  # rounded up to a whole number of steps
    while moment <= last:
        yield moment
        moment += delta


def _with_date(time: Time) -> dt.datetime:
    if isinstance(time, dt.datetime):
        return time
    return dt.datetime.combine(dt.datetime.now(time.tzinfo), time)


def _seconds_until(time: Time) -> float:
    return (_with_date(time) - dt.datetime.now(time.tzinfo)).total_seconds()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _all_of(awaitables: tuple[Awaitable[Any], ...]) -> Any:
    return await awaitables[0] if len(awaitables) == 1 else list(await asyncio.gather(*awaitables))


async def _in_time(main: Coroutine[Any, Any, T], timeout: float | None, name: str) -> T:
    limit = asyncio.timeout(timeout or None)
    try:
        async with limit:
            return await main
    except TimeoutError:
        if limit.expired():
            raise TimeoutError(f"{name}: no result within {timeout:g} s") from None
        raise


def _run_here(loop: asyncio.AbstractEventLoop, main: Coroutine[Any, Any, T]) -> T:
    task = loop.create_task(main)
    failure: BaseException | None = None

    def on_error(error: BaseException) -> None:
        nonlocal failure
        failure = error
        task.cancel()

    globalErrorEvent.connect(on_error)
    try:
        return loop.run_until_complete(task)
    except asyncio.CancelledError:
        if failure is not None:
            raise failure from None
        raise
    except (KeyboardInterrupt, SystemExit):
        _give_up(loop, task)
        raise
    finally:
        globalErrorEvent.disconnect(on_error)


def _give_up(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
    """Ends a task that nobody waits for any more, so that nothing of it is left or logged."""
    if not task.done():
        task.cancel()
        loop.run_until_complete(asyncio.wait({task}))
    if not task.cancelled():
        task.exception()


def _run_there(loop: asyncio.AbstractEventLoop, main: Coroutine[Any, Any, T], timeout: float | None) -> T:
    """Waits for a coroutine that runs in the thread of ``loop``, as long as that loop can still run it."""
    try:
        future = asyncio.run_coroutine_threadsafe(main, loop)
    except RuntimeError:
        main.close()
        raise
    deadline = clock.monotonic() + (timeout or float("inf"))
    try:
        while not concurrent.futures.wait([future], timeout=0.5).done:
            if loop.is_closed():
                main.close()
                raise RuntimeError("The event loop was closed before there was a result")
            if not loop.is_running() and clock.monotonic() > deadline:
                raise TimeoutError(f"The event loop stopped, and there was no result within {timeout:g} s")
        return future.result()
    except BaseException:
        future.cancel()
        raise
