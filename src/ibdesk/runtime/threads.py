"""Event loops that run in a thread of their own.

Such a thread is a daemon: it never keeps a program from ending.
"""

import asyncio
import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ibdesk.errors import SimulationError

T = TypeVar("T")

_LAST_WORDS = 2.0
"""How many seconds a program that ends waits for a loop to close."""


class LoopThread:
    """An event loop in a daemon thread. It runs until `end` or `stop` is called.

    After `end` it goes on as long as there is something left to do on it: a task, or a call at a later time.
    With `is_lent` False, `loop_beside` never returns its loop.

    A simulation has one thread. There such a loop has no thread of its own, but turns whenever the other loops wait.
    Only one that is not lent can live like that: raises SimulationError for any other.
    """

    def __init__(self, name: str = "ibdesk", *, is_lent: bool = True) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._has_to_end = self._has_ended = False
        self._told = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        run_beside: Callable[[], None] | None = getattr(self.loop, "run_beside", None)
        if run_beside is not None:
            if is_lent:
                self.loop.close()
                raise SimulationError(
                    "a simulation runs its event loops in one thread: use IB() instead of IB(thread=True); where a "
                    "loop runs already, await its ...Async methods, or call util.startLoop() once before"
                )
            run_beside()
            return
        ready = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(ready,), name=name, daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the program ends, and takes no new thread
            self.loop.close()
            raise
        ready.wait()
        if is_lent:
            with _counting:
                _alive.add(self)

    @property
    def ident(self) -> int:
        """The identifier of the thread, as in `threading.get_ident`."""
        return (self._thread and self._thread.ident) or 0

    def keep(self) -> bool:
        """Take back an `end`. Returns False if it is too late for that."""
        with self._lock:
            if not self._has_ended:
                self._has_to_end = False
            return not self._has_ended

    def end(self) -> None:
        """Let the thread end when nothing is left to do. May be called from any thread."""
        if self._thread is None:
            self.loop.close()
            return
        with self._lock:
            self._has_to_end = True
            self._tell(self._told.set)

    def stop(self, last: Callable[[], object]) -> None:
        """End the thread, whatever runs on it, after a call of `last` in it. May be called from any thread."""
        with self._lock:
            self._tell(last)
            if self._task is not None:
                self._tell(self._task.cancel)
        # Wait only at the end of the program. This may also be called by the garbage collector, which must not wait.
        if self._thread and not threading.main_thread().is_alive() and threading.get_ident() != self.ident:
            self._thread.join(_LAST_WORDS)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the thread, and wait for its result. May be called from any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def _tell(self, call: Callable[[], object]) -> None:
        if not self._has_ended:
            self.loop.call_soon_threadsafe(call)

    def _work(self, ready: threading.Event) -> None:
        loop = self.loop
        self._task = loop.create_task(self._live(ready))
        try:
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(self._task)
        finally:
            with self._lock:
                self._has_ended = True
            if left := asyncio.all_tasks(loop):
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.wait(left))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _live(self, ready: threading.Event) -> None:
        # Not earlier, because only now others can see that the loop runs.
        ready.set()
        while True:
            await self._told.wait()
            self._told.clear()
            while self._has_to_end and await self._wait_for_something():
                pass
            with self._lock:
                if self._has_to_end and not self._others():
                    self._has_ended = True
                    return

    async def _wait_for_something(self) -> bool:
        """Wait for something that is left to do. Returns False if there is nothing."""
        await asyncio.sleep(0)  # a socket that was closed is gone after that
        if others := self._others():
            await asyncio.wait(others)
            return True
        # This is private to asyncio, but nothing public shows the calls that are scheduled.
        times = [timer.when() for timer in getattr(self.loop, "_scheduled", ()) if not timer.cancelled()]
        if times:
            await asyncio.sleep(max(0.0, min(times) - self.loop.time()))
        # A call whose time has come is no longer among the scheduled ones, but may not have been made yet.
        return bool(times) or bool(getattr(self.loop, "_ready", ()))

    def _others(self) -> set[asyncio.Task[object]]:
        return {task for task in asyncio.all_tasks() if task is not self._task}


_alive: weakref.WeakSet[LoopThread] = weakref.WeakSet()
_counting = threading.RLock()


def _forget_all() -> None:
    """Forget all threads in a forked process: they do not run there, although their loops say so."""
    global _alive, _counting
    _alive, _counting = weakref.WeakSet(), threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _all() -> list[LoopThread]:
    with _counting:
        return list(_alive)


def has_own_thread(loop: asyncio.AbstractEventLoop) -> bool:
    """Return whether a loop is that of a `LoopThread` that is lent."""
    return any(thread.loop is loop for thread in _all())


def loop_beside(loop: asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop | None:
    """Return a running loop of a `LoopThread` that is lent; None if there is none, or if `loop` is one itself."""
    loops = [thread.loop for thread in _all() if thread.loop.is_running()]
    return None if loop in loops or not loops else loops[0]
