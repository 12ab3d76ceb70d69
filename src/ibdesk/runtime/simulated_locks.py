"""Locks for which the threads of a simulation wait in simulated time.

A thread that waits for a lock of the operating system seems to compute, and time would stand still: for ever, if the
thread that has the lock sleeps.
"""

import _thread
import threading
from collections import deque
from typing import Any

from .simulated_threads import Threads, Wait

_GLANCE = 0.01
"""How many real seconds pass between two looks at a lock that a thread outside of the simulation has."""


def simulated_locks(threads: Threads) -> dict[Any, Any]:
    """Return what stands for `threading.Lock` and `threading.RLock` in a simulation with these threads."""

    class Lock(SimulatedLock):
        _threads = threads

    class RLock(threading._RLock):  # type: ignore[misc]
        """A lock that its owner may take several times. The one in C waits where nobody sees it."""

        def __init__(self) -> None:
            super().__init__()
            self._block = Lock()

    return {threading.Lock: Lock, threading.RLock: RLock}


class SimulatedLock:
    """A lock like that of `threading`. Threads outside of the simulation wait for it in real time.

    Those inside get it in the order in which they asked, so that the same program does the same again: whoever gives it
    back leaves it taken, for the next one.
    """

    _threads: Threads

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        self._guard = _thread.allocate_lock()
        self._waiting: deque[Wait] = deque()
        self._is_inside = False
        """Whether a thread of the simulation is known to have it."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock. Returns False if that was not possible at once, or within some simulated seconds."""
        is_inside = self._threads.has_this
        if is_inside and blocking and (timeout == -1 or timeout > 0):
            taken = self._lock.acquire(False) or self._wait(timeout)
        else:
            taken = self._lock.acquire(blocking, timeout)
        if taken:
            self._is_inside = is_inside
        return taken

    def release(self) -> None:
        """Give the lock back. Raises RuntimeError if nobody has it."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_inside = False
                self._lock.release()

    def locked(self) -> bool:
        """Return whether somebody has the lock."""
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exception: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<{'locked' if self.locked() else 'unlocked'} lock of a simulation at {id(self):#x}>"

    def _at_fork_reinit(self) -> None:
        SimulatedLock.__init__(self)

    def _wait(self, timeout: float) -> bool:
        looks = 0
        while not self._is_inside:
            # Somebody else has it, for whom no simulated time passes.
            if self._lock.acquire(timeout=_GLANCE):
                return True
            looks += 1
            if 0 < timeout < looks * _GLANCE:
                return False
        with self._guard:
            if self._lock.acquire(False):
                return True
            wait = self._threads.wait(None if timeout == -1 else timeout)
            self._waiting.append(wait)
        try:
            self._threads.wait_for(wait)
        except BaseException:
            if not self._withdraw(wait):
                self.release()
            raise
        return not self._withdraw(wait)

    def _withdraw(self, wait: Wait) -> bool:
        """Wait no more. Returns False if the lock was given to this thread already."""
        with self._guard:
            if wait.was_notified:
                return False
            self._waiting.remove(wait)
            return True
