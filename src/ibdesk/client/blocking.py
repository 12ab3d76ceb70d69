"""Blocking calls: how code that does not `await` has coroutines run on an event loop, and waits for their results.

The owner of a `LoopRunner` (an `IB`) belongs to one event loop. Its blocking calls run there, wherever they come from:

================================================  ===========================================================
no loop runs in the calling thread, and the
 owner's loop belongs to that thread              the loop runs until the result is there
 owner's loop runs in another thread              the call is made in that thread, and this one waits
 owner's loop belongs to another thread           RuntimeError: nobody would run the loop
the owner's loop runs in the calling thread
 after `start_loop()`                           a nested run of the loop
 otherwise                                        RuntimeError, which says what to do instead
another loop runs in the calling thread
 owner's loop runs in another thread              as above; the loop of the calling thread stands still meanwhile
 otherwise                                        RuntimeError
================================================  ===========================================================

A `ThreadRunner` has a loop that always runs in a thread of its own, so that the calls of its owner work everywhere but
on that loop itself.

After a fork, the new process cannot use a loop of the old one: its thread, and the connection, belong to the old
process. There, every call raises RuntimeError.

The same holds for calls that do not wait, except that it does not matter whether a loop runs in the calling thread:
methods that do something (`call_on_loop`), methods that only read (`read_on_loop`), and coroutines that are awaited on
another loop (`await_on_loop`). These wrap the public methods of `IB` and of `Client`, once; whatever those methods call
is on the right loop already.

The functions of this module do the same for code without an owner, on the loop of the calling thread.
"""

import asyncio
import concurrent.futures
import datetime as dt
import dis
import inspect
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from functools import partial, wraps
from types import FrameType
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from ibdesk.events import Event
from ibdesk.runtime.clocks import COMPUTER, clocks_of
from ibdesk.runtime.loops import can_nest, get_loop, running_loop, start_loop
from ibdesk.runtime.threads import LoopThread, has_own_thread, loop_beside
from ibdesk.runtime.waiting import Time, points, seconds_until

__all__ = [
    "LoopRunner",
    "RunsOnLoop",
    "ThreadRunner",
    "await_on_loop",
    "blocking",
    "call_on_loop",
    "get_loop",
    "globalErrorEvent",
    "read_on_loop",
    "run",
    "schedule",
    "sleep",
    "start_loop",
    "time_range",
    "wait_until",
]

P = ParamSpec("P")
T = TypeVar("T")

globalErrorEvent: Event[BaseException] = Event("globalErrorEvent")
"""An exception that is emitted here is raised by every blocking call for which a loop runs in the calling thread."""


class LoopRunner:
    """Runs coroutines on the event loop of its owner, and waits for them, as the table above says.

    `bind` chooses the owner's loop, and `release` gives it up. Before and after, and when that loop is closed, a call
    uses the loop of the thread in which it is made.

    `timeout` is the longest time that `call` waits, in seconds; 0 means no limit.
    """

    __slots__ = ("_loop", "_process", "_thread", "timeout")

    def __init__(self, timeout: float = 0) -> None:
        self.timeout: float = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._process = os.getpid()

    def bind(self) -> asyncio.AbstractEventLoop:
        """Choose the owner's loop, and return it: the running one, else that of this thread."""
        self._check_process("connect")
        self._loop = get_loop()
        self._thread, self._process = threading.get_ident(), os.getpid()
        return self._loop

    def is_of_this_thread(self) -> bool:
        """Return whether the owner's loop belongs to the calling thread."""
        return self._loop is not None and self._thread == threading.get_ident() and self.is_of_this_process()

    def is_of_this_process(self) -> bool:
        """Return whether the owner's loop can be used in this process, and not only in the one that forked it."""
        return self._loop is None or self._process == os.getpid()

    def borrow(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Choose a loop that runs in another thread as the owner's. With None, nothing changes."""
        if loop is not None:
            self._loop, self._thread, self._process = loop, 0, os.getpid()

    def release(self) -> None:
        """Give the owner's loop up, so that the next call may use another."""
        self._loop = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The owner's loop, or else that of the calling thread."""
        return get_loop() if self._loop is None or self._loop.is_closed() else self._loop

    def call(self, function: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a coroutine function on the owner's loop, wait, and return its result.

        Raises TimeoutError, which names the function, after `timeout` seconds, and RuntimeError where no loop can run.
        """
        name = _name(function).removesuffix("Async")
        here = self._runs_here(name)

        async def main() -> T:
            return await function(*args, **kwargs)

        return self._wait(here, _in_time(main(), self.timeout, name), self.timeout)

    def run(self, *awaitables: Awaitable[Any], timeout: float | None = None) -> Any:
        """Wait for one awaitable and return its result, or for several and return the list of their results.

        Without any, run the loop until it is stopped or Ctrl-C ends it, and do nothing if it already runs. Raises
        TimeoutError after `timeout` seconds, and RuntimeError where no loop can run.
        """
        if not awaitables:
            return None if self.loop.is_running() else self._forever()
        try:
            here = self._runs_here("run")
        except RuntimeError:
            for awaitable in awaitables:
                if inspect.iscoroutine(awaitable):
                    awaitable.close()  # otherwise Python warns, in addition, that it was never awaited
            raise
        return self._wait(here, _in_time(_all_of(awaitables), timeout, "run"), timeout)

    def call_on_loop(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that does not wait, in the thread of the owner's loop.

        Raises RuntimeError if that loop belongs to another thread and does not run.
        """
        place = self._place(function)
        if place is _NOWHERE:
            raise RuntimeError(self._foreign(_name(function)))
        return function(*args, **kwargs) if place is None else _do_there(place, partial(function, *args, **kwargs))

    def read_on_loop(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that only reads, in the thread of the owner's loop, or here if that loop does not run."""
        place = self._place(function)
        if isinstance(place, asyncio.AbstractEventLoop):
            with suppress(_LoopClosedError):
                return _do_there(place, partial(function, *args, **kwargs))
        return function(*args, **kwargs)

    async def await_on_loop(self, name: str, start: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await, on the owner's loop, the coroutine that `start` returns, whichever loop is running here.

        Raises RuntimeError if the owner's loop does not run, since then there would be no end to the wait. `name` is
        what the error calls it.
        """
        place = self._place(name)
        if place is _NOWHERE:
            raise RuntimeError(self._foreign(name))
        if place is None:
            return await start()
        future = asyncio.wrap_future(_begin_there(place, start()))
        try:
            while not (await asyncio.wait({future}, timeout=_CHECK_SECONDS))[0]:
                if place.is_closed():
                    raise _LoopClosedError(_CLOSED)
            return future.result()
        finally:
            future.cancel()

    def _check_process(self, name: str) -> None:
        if not self.is_of_this_process():
            raise RuntimeError(
                f"{name}() can't be called in process {os.getpid()}, which is a fork: the event loop and the "
                f"connection belong to process {self._process}. Make another IB here and connect it with a clientId of "
                "its own, or have processes begin anew: multiprocessing.set_start_method('spawn')"
            )

    def _place(self, function: Callable[..., object] | str) -> Any:
        """Return where a function can be called now: None means here, a loop means its thread, or it is `_NOWHERE`."""
        loop = self._loop
        if loop is None:
            return None
        if self._process != os.getpid():
            self._check_process(_name(function))
        is_here, is_running = threading.get_ident() == self._thread, loop.is_running()
        if is_here and is_running:  # as nearly always
            return None
        running = running_loop()
        if running is loop or (is_here and running is None) or loop.is_closed():
            return None
        return loop if is_running else _NOWHERE

    def _runs_here(self, name: str) -> bool:
        """Return whether the owner's loop can be run in this thread now. If not, it already runs in another.

        Raises RuntimeError if it can be run nowhere. This is the table at the top of the module.
        """
        self._check_process(name)
        loop = self.loop
        running = running_loop()
        if running is loop:
            if can_nest(loop):
                return True
            raise RuntimeError(self._busy(name))
        if loop.is_running():
            return False
        if loop is self._loop and (running is not None or self._thread != threading.get_ident()):
            raise RuntimeError(self._foreign(name))
        return True

    def _busy(self, name: str) -> str:
        """Return the message for a call that cannot wait, since the owner's loop runs in this thread."""
        if has_own_thread(self.loop):
            return (
                f"{name}() can't wait in the thread of IB(thread=True), where the events are emitted: make the handler "
                f"a coroutine (async def) and await {_awaitable(name)}, or have another thread make the call"
            )
        return (
            f"{name}() can't wait here, because its event loop is running: await {_awaitable(name)} instead, "
            "or call util.startLoop() once before (as in notebooks; not for uvloop)"
            + self._or_in_a_thread(", or have the loop run elsewhere: ")
        )

    def _foreign(self, name: str) -> str:
        """Return the message for a call on a loop that belongs elsewhere and does not run."""
        if self._thread == threading.get_ident():
            return (
                f"{name}() belongs to another event loop than the one that is running: "
                "connect inside the running loop" + self._or_in_a_thread(", or use ")
            )
        return (
            f"{name}() belongs to the event loop of another thread, which is not running: keep it running there, "
            "as ib.run() does, or make the call there" + self._or_in_a_thread(", or use ")
        )

    def _or_in_a_thread(self, words: str) -> str:
        """Return the advice to let the loop have a thread of its own, where that is possible: not in a simulation."""
        return f"{words}IB(thread=True)" if clocks_of(self.loop) is COMPUTER else ""

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


class ThreadRunner(LoopRunner):
    """Runs coroutines on a loop in a thread of its own, which begins with the first call.

    The thread ends when `release` was called and nothing is left to do on it, or at once with `stop`.
    """

    __slots__ = ("_lock", "_own")

    def __init__(self, timeout: float = 0) -> None:
        super().__init__(timeout)
        self._own: LoopThread | None = None
        self._lock = threading.Lock()

    def bind(self) -> asyncio.AbstractEventLoop:
        """Start the thread unless it runs already, and return its loop."""
        self._check_process("connect")
        if self._process != os.getpid():  # after a fork, the thread of the old process does not exist here
            self._own, self._lock, self._process = None, threading.Lock(), os.getpid()
        with self._lock:
            if self._own is None or not self._own.keep():
                self._own = LoopThread()
            self._loop, self._thread = self._own.loop, self._own.ident
        return self._loop

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the thread, which is started if need be."""
        return self.bind()

    def release(self) -> None:
        """Let the thread end when nothing is left to do on it. The next call keeps it, or starts another."""
        super().release()
        if self._own is not None and self._process == os.getpid():
            self._own.end()

    def stop(self, last: Callable[[], object]) -> None:
        """Have the thread call `last` and end, whatever still runs on it."""
        super().release()
        if self._own is not None and self._process == os.getpid():
            self._own.stop(last)

    async def await_on_loop(self, name: str, start: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do the same as `LoopRunner.await_on_loop`, after starting the thread if need be."""
        self._check_process(name)
        self.bind()
        return await super().await_on_loop(name, start)


class RunsOnLoop(Protocol):
    """An object whose `...Async` methods run on the loop of its `runner`."""

    @property
    def runner(self) -> LoopRunner:
        """The object's own runner."""
        ...


Owner = TypeVar("Owner", bound=RunsOnLoop)

_KNOWS = "_knows_its_loop"
"""The attribute that marks a function as needing no `read_on_loop` or `await_on_loop` around it."""


def blocking(method: Callable[Concatenate[Owner, P], Awaitable[T]]) -> Callable[Concatenate[Owner, P], T]:
    """Return the blocking form of an `...Async` method, with the same parameters: `reqTime = blocking(reqTimeAsync)`.

    It looks the method up by name when it is called, so that a subclass needs to override the `...Async` method only.
    """

    @wraps(method)
    def twin(self: Owner, /, *args: P.args, **kwargs: P.kwargs) -> T:
        bound: Any = getattr(self, method.__name__)
        try:
            result: T = self.runner.call(bound, *args, **kwargs)
        except TypeError as error:
            # If the arguments do not fit, Python's error names the Async method, which the user did not call.
            begin = f"{getattr(bound, '__qualname__', '')}() "
            if str(error).startswith(begin):
                error.args = (f"{twin.__qualname__}() {str(error).removeprefix(begin)}",)
            raise
        return result

    twin.__name__ = method.__name__.removesuffix("Async")
    twin.__qualname__ = method.__qualname__.removesuffix("Async")
    return waits(twin)


def waits(method: Callable[P, T]) -> Callable[P, T]:
    """Mark a method that uses `runner` itself, and so begins in the thread of the caller. Returns the method."""
    setattr(method, _KNOWS, True)
    return method


def call_on_loop(method: Callable[Concatenate[Owner, P], T]) -> Callable[Concatenate[Owner, P], T]:
    """Return the method as one that is called in the thread of the owner's loop. See `LoopRunner.call_on_loop`."""

    @wraps(method)
    def call(self: Owner, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.runner.call_on_loop(method, self, *args, **kwargs)

    return waits(call)


def read_on_loop(method: Callable[Concatenate[Owner, P], T]) -> Callable[Concatenate[Owner, P], T]:
    """Return the method as one that reads between two messages, never during one. See `LoopRunner.read_on_loop`."""

    @wraps(method)
    def call(self: Owner, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.runner.read_on_loop(method, self, *args, **kwargs)

    return waits(call)


def await_on_loop(
    method: Callable[Concatenate[Owner, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Owner, P], Coroutine[Any, Any, T]]:
    """Return the coroutine method as one that can be awaited on any loop. See `LoopRunner.await_on_loop`."""

    @wraps(method)
    async def call(self: Owner, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.runner.await_on_loop(method.__name__, lambda: method(self, *args, **kwargs))

    return waits(call)


def in_its_loop(function: Any) -> Any:
    """Return a method wrapped by `await_on_loop` or `read_on_loop`, unless it is wrapped or marked already."""
    if hasattr(function, _KNOWS) or not inspect.isfunction(function) or inspect.isgeneratorfunction(function):
        return function
    return await_on_loop(function) if inspect.iscoroutinefunction(function) else read_on_loop(function)


@overload
def run(*, timeout: float | None = None) -> None: ...
@overload
def run(awaitable: Awaitable[T], /, *, timeout: float | None = None) -> T: ...
@overload
def run(
    first: Awaitable[Any], second: Awaitable[Any], /, *more: Awaitable[Any], timeout: float | None = None
) -> list[Any]: ...
def run(*awaitables: Awaitable[Any], timeout: float | None = None) -> Any:
    """Wait for awaitables and return their results, as `LoopRunner.run` does, on the loop of this thread.

    If that loop runs and can't be nested, and there is an `IB(thread=True)`, it does so on the loop of that `IB`.
    """
    runner = LoopRunner()
    loop = runner.loop
    if awaitables and loop.is_running() and not can_nest(loop):
        runner.borrow(loop_beside(loop))
    return runner.run(*awaitables, timeout=timeout)


def sleep(secs: float = 0.02) -> bool:
    """Wait `secs` seconds while the loop goes on, unlike `time.sleep`. Returns True, for use in `while`.

    Code that the running loop has called cannot wait: there it raises RuntimeError. But in a coroutine,
    `await ib.sleep(1)` works, and `sleep(0)` does nothing, since the loop goes on as soon as its caller returns.
    """
    loop = running_loop()
    if loop is not None and not can_nest(loop) and loop_beside(loop) is None:
        if _is_awaited(sys._getframe(1)):
            awaitable: Any = asyncio.sleep(secs, result=True)
            return awaitable  # type: ignore[no-any-return]
        if secs <= 0:
            return True
    run(asyncio.sleep(secs))
    return True


def _is_awaited(frame: FrameType) -> bool:
    """Tell whether what a frame does next is to await the result of the call that it makes."""
    # Only the bytecode tells the two apart in time: a call that is not awaited has to raise at once, while an awaitable
    # that it dropped could complain only when it is collected, after the program had gone on without a pause.
    after = (step.opname for step in dis.get_instructions(frame.f_code) if step.offset > frame.f_lasti)
    return next(after, "") == "GET_AWAITABLE"


def schedule(time: Time, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
    """Have the loop of this thread call `callback(*args)` at a point in time. Returns a handle that can cancel it."""
    return get_loop().call_later(seconds_until(time), callback, *args)


def wait_until(t: Time) -> bool:
    """Wait until `t`, a datetime or a time of today, while the loop goes on. Returns True."""
    return sleep(seconds_until(t))


def time_range(start: Time, end: Time, step: float) -> Iterator[dt.datetime]:
    """Wait for each point in time from `start` to `end`, `step` seconds apart, and yield it when it has come.

    Points in time that have passed already are left out. Raises ValueError if `step` is not positive.
    """
    for moment in points(start, end, step):
        wait_until(moment)
        yield moment


def _name(function: Callable[..., object] | str) -> str:
    """Return the name of a function, for an error. A name is returned as it is."""
    return function if isinstance(function, str) else getattr(function, "__name__", repr(function))


def _awaitable(name: str) -> str:
    return "it" if name == "run" else f"{name.removesuffix('Async')}Async()"


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
    # An error that is emitted while the loop runs cannot be raised through it. So the task is cancelled, which ends the
    # run of the loop, and the error is raised in place of the cancellation.
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
    """End a task that nobody waits for any more, so that asyncio has nothing to complain about later."""
    if not task.done():
        task.cancel()
        loop.run_until_complete(asyncio.wait({task}))
    if not task.cancelled():
        task.exception()


class _LoopClosedError(RuntimeError):
    """A loop was closed before it did what it was asked to do."""


_NOWHERE = object()

_CHECK_SECONDS = 0.5
"""How often a call that waits for another thread checks whether the loop there is still open."""

_CLOSED = "The event loop was closed before there was a result"


def _begin_there(loop: asyncio.AbstractEventLoop, main: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
    """Have the loop of another thread run a coroutine."""
    try:
        return asyncio.run_coroutine_threadsafe(main, loop)
    except RuntimeError as error:
        main.close()
        raise _LoopClosedError(str(error)) from None


def _do_there(loop: Any, function: Callable[[], T]) -> T:
    """Call a function in the thread of a loop that runs, and return its result."""

    async def there() -> T:
        return function()

    return _run_there(loop, there(), None)


def _run_there(loop: asyncio.AbstractEventLoop, main: Coroutine[Any, Any, T], timeout: float | None) -> T:
    """Run a coroutine in the thread of `loop`, and wait for its result as long as that loop can still run it."""
    future = _begin_there(loop, main)
    deadline = COMPUTER.seconds() + (timeout or float("inf"))
    try:
        while not concurrent.futures.wait([future], timeout=_CHECK_SECONDS).done:
            if loop.is_closed():
                main.close()
                raise _LoopClosedError(_CLOSED)
            if not loop.is_running() and COMPUTER.seconds() > deadline:
                raise TimeoutError(f"The event loop stopped, and there was no result within {timeout:g} s")
        return future.result()
    except BaseException:
        future.cancel()
        raise
