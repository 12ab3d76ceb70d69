"""The threads of a simulation: who computes and who waits. Time passes only when all of them wait.

One thread is at home in the simulation: it alone runs event loops and moves time on. The others are those that it, or
another of them, started. Whoever computes is waited for, as if it took no time. Whoever waits does so until a moment,
or until somebody wakes it, as in real life.
"""

import _thread
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from itertools import count
from types import FrameType
from typing import Protocol

from ibdesk.errors import SimulationDeadlock
from ibdesk.logs import logger

from .simulated_time import SimulatedTime

_log = logger("ibdesk.simulation")

FOREVER = float("inf")

PATIENCE = 10.0
"""Real seconds after which it is logged that time stands still, because it waits for a thread."""


_SHOWN_CALLS = 3

_THREAD, _BESIDE, _HOME, _ON_THE_WAY = range(4)  # whose moment it is


class LoopBeside(Protocol):
    """An event loop that has turns while another one runs, or none."""

    @property
    def is_busy(self) -> bool:
        """Whether it has something to do at this moment."""
        ...

    @property
    def next_time(self) -> float:
        """When it has something to do next, in seconds since the start."""
        ...

    def take_turn(self) -> None:
        """Do what there is to do."""
        ...


class Wait:
    """The wait of one thread, until a moment in seconds since the start, or until it is notified.

    It may stand for the lock that `threading.Condition` keeps for each thread that waits.
    """

    def __init__(self, until: float, number: int) -> None:
        self.until = until
        self.number = number
        self.is_over: bool = False
        self.was_notified: bool = False
        self._lock = _thread.allocate_lock()  # no global, which `simulated_process` would exchange
        self._lock.acquire()

    def release(self) -> None:
        """End the wait, because what it is for has happened."""
        self.was_notified = True
        self.end()

    def end(self) -> None:
        """End the wait. The thread counts as computing from now on."""
        self.is_over = True
        self.stir()

    def stir(self) -> None:
        """Let the thread look again whether its wait is over."""
        with suppress(RuntimeError):  # it has been told already
            self._lock.release()

    def block(self, seconds: float | None = None) -> bool:
        """Block this thread until somebody calls `stir`. Returns False if nobody does within some real seconds."""
        return self._lock.acquire(timeout=-1 if seconds is None else seconds)


class Threads:
    """The threads that share a simulated time, at home in the one that makes it."""

    def __init__(self, time: SimulatedTime) -> None:
        self._time = time
        self._home = threading.get_ident()
        self._guard = threading.Lock()
        self._numbers = count()
        self._others: dict[threading.Thread, threading.Event] = {}
        """The other threads that are alive, each with what is set when it ends."""
        self._waits: dict[int, Wait] = {}
        """Those of the others that wait, by their identifiers."""
        self._before = set(threading.enumerate())
        self.jobs: set[object] = set()
        """What is done elsewhere, as in other processes, and is waited for."""
        self.beside: list[LoopBeside] = []
        """Event loops that have their turns whenever the home thread waits."""
        self.stir_home: Callable[[], object] = lambda: None
        """Lets the home thread look again whether time can pass, if it waits for others."""
        self.idents: set[int] = {self._home}
        """The identifiers of all of them."""
        self._is_over = False
        self._home_is_blocked = False
        self._complained_at = -1.0

    @property
    def is_alone(self) -> bool:
        """Whether there is nobody else to wait for, and nothing to do beside."""
        return not (self._others or self.jobs or self.beside)

    @property
    def is_home(self) -> bool:
        """Whether the calling thread is the one that runs event loops."""
        return threading.get_ident() == self._home

    @property
    def has_this(self) -> bool:
        """Whether the calling thread is one of them, as long as this time goes on."""
        return threading.get_ident() in self.idents and not self._is_over

    def sees(self, executor: Executor | None) -> bool:
        """Whether the threads of an executor are among those that are known."""
        return any(thread in self._others for thread in getattr(executor, "_threads", ()))

    # Threads come and go

    def enter(self, thread: threading.Thread) -> None:
        """Wait for a thread that is about to start."""
        with self._guard:
            self._others[thread] = threading.Event()

    def leave(self, thread: threading.Thread) -> None:
        """Wait no more for a thread that ends."""
        if ended := self._others.get(thread):
            ended.set()  # while it is still waited for, so that no time passes before those who wait for its end know
        with self._guard:
            self._others.pop(thread, None)
            self.idents.discard(thread.ident or 0)
        self.stir_home()

    def wait_for_end(self, thread: threading.Thread, timeout: float | None) -> bool:
        """Wait until a thread has ended. Returns False if it has not within `timeout`."""
        ended = self._others.get(thread)
        return ended is None or ended.wait(timeout)

    def let_go(self) -> None:
        """Wake everybody who waits for a moment, because this time will not go on."""
        self._is_over = True
        with self._guard:
            for wait in self._waits.values():
                if wait.until < FOREVER:
                    wait.end()

    # Waiting

    def wait(self, seconds: float | None) -> Wait:
        """Return a new wait of the calling thread, for some seconds or until it is notified."""
        return Wait(FOREVER if seconds is None else self._time.seconds() + max(0.0, seconds), next(self._numbers))

    def sleep(self, seconds: float) -> None:
        """Wait for some seconds."""
        if self.is_home and self.is_alone:
            until = self._time.seconds() + seconds
            while self._time.seconds() < until:
                self._time.pass_until(until)
        else:
            self.wait_for(self.wait(seconds))

    def wait_for(self, wait: Wait) -> None:
        """Let the calling thread wait. Raises SimulationDeadlock at home if nothing could ever end it."""
        if not self.is_home:
            ident = threading.get_ident()
            with self._guard:
                self._waits[ident] = wait
            try:
                self.stir_home()
                now = self._time.seconds()
                while not wait.block(PATIENCE):
                    # While it is blocked as well, it complains itself; else it may wait for this thread, for ever.
                    if now == (now := self._time.seconds()) and not (self._home_is_blocked or self._is_over):
                        self.complain()
            finally:
                with self._guard:
                    del self._waits[ident]
            return
        before, self.stir_home = self.stir_home, wait.stir
        try:
            self.pass_until(wait.until, lambda: wait.is_over, wait.block)
        finally:
            self.stir_home = before

    def pass_until(self, until: float, is_over: Callable[[], bool], block: Callable[[float | None], object]) -> None:
        """Let time pass until a moment for which the home thread waits, or until the wait is over.

        While somebody computes, `block` blocks the home thread until `stir_home` is called, or for some real seconds.
        Loops beside have their turns after that, so that it does not matter how long the computer takes. Raises
        SimulationDeadlock if nobody computes, and no moment is waited for.
        """
        while not is_over():
            # Only threads begin threads: without one, nobody is asked for at each change of a quote.
            if (self._others or self.jobs) and self._somebody_computes:
                self._block(block)
            elif not self.take_turns():
                with self._guard:
                    # Again, since a thread may have ended this wait just now, and begun one of its own.
                    if is_over():
                        return
                    whose = None if self._are_computing() else self._pass_to_next(until)
                if whose is None:
                    self._block(block)
                elif whose == _HOME:
                    return

    def _block(self, block: Callable[[float | None], object]) -> None:
        self._home_is_blocked = True
        try:
            if not block(PATIENCE):
                self.complain()
                block(None)
        finally:
            self._home_is_blocked = False

    def take_turns(self) -> bool:
        """Give each loop beside a turn if it has something to do. Returns whether any had."""
        busy = [loop for loop in self.beside if loop.is_busy]
        for loop in busy:
            loop.take_turn()
        return bool(busy)

    @property
    def _somebody_computes(self) -> bool:
        with self._guard:
            return self._are_computing()

    def _are_computing(self) -> bool:
        if not self._others:
            return bool(self.jobs)
        waits = (self._waits.get(thread.ident or 0) for thread in self._others)
        return bool(self.jobs) or any(wait is None or wait.is_over for wait in waits)

    def _pass_to_next(self, until: float) -> int | None:
        """Let time pass to the next moment for which anybody waits, or towards it.

        Return whose it is, or None if nobody's.
        """
        first = min(self._waits.values(), key=lambda wait: (wait.until, wait.number), default=None)
        thread = FOREVER if first is None else first.until
        beside = min((loop.next_time for loop in self.beside), default=FOREVER)
        # At the same moment the home thread comes last.
        moment, whose = min((thread, _THREAD), (beside, _BESIDE), (until, _HOME))
        if moment == FOREVER:
            if not self._others and not self._before.issuperset(threading.enumerate()):
                return None  # a thread that is not ours may know more
            raise SimulationDeadlock(self._places())
        self._time.pass_until(moment)
        if self._time.seconds() < moment:
            return _ON_THE_WAY
        if first is not None and whose == _THREAD:
            first.end()
        return whose

    def complain(self) -> None:
        """Log that time stands still, once a moment."""
        now = self._time.seconds()
        if now != self._complained_at:
            self._complained_at = now
            _log.warning(
                "simulated time stands still until all of these wait for simulated time, and not, as for a lock that "
                "was made before the simulation, for anything else: %s",
                "; ".join(self._places()),
            )

    def _places(self) -> list[str]:
        """Return a line for each thread: its name, and where it is."""
        frames = sys._current_frames()
        return [
            f"{thread.name}: {' > '.join(_places(frame))}"
            for thread in threading.enumerate()
            if thread.ident in self.idents and (frame := frames.get(thread.ident))
        ]


def place(frame: FrameType) -> str:
    """Return the function that is executed, and its file and line."""
    code = frame.f_code
    return f"{code.co_qualname} ({os.path.basename(code.co_filename)}:{frame.f_lineno})"


def _places(frame: FrameType | None) -> list[str]:
    """Return the last calls before this room's."""
    found: list[str] = []
    while frame is not None and len(found) < _SHOWN_CALLS:
        if frame.f_globals.get("__package__") != __package__:
            found.insert(0, place(frame))
        frame = frame.f_back
    return found
