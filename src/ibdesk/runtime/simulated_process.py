"""A whole process in simulated time: its clocks, its waits, and the event loops that it makes.

Inside, a program sees simulated time wherever it looks: in `datetime.now`, `time.time` and `time.monotonic`, in log
records and in pandas; `time.sleep` and the waits of `threading` and `queue` take simulated seconds, those for a lock
where it was made inside. `asyncio.run` and `asyncio.new_event_loop` make a `SimulatedLoop`. All this holds for the
thread that begins the simulation and for those that it starts. Other threads go on in real time.
"""

import asyncio
import queue
import sys
import threading
import time as real
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from typing import Any

from ibdesk.errors import SimulationError
from ibdesk.optional import require

from .adopted_loop import adopted
from .loops import no_kept_loop, running_loop
from .memory_network import Network
from .simulated_locks import simulated_locks
from .simulated_loop import SimulatedLoop
from .simulated_threads import Threads
from .simulated_time import SimulatedTime

_OUTSIDE = {"subprocess", "multiprocessing", "selectors", "_pytest", "_thread"}
"""Packages that keep the real functions: they wait for the world outside, measure how long tests take, or are what the
simulated ones are made of."""

_SERVICES = ("socketserver", "multiprocessing", "concurrent.futures.process")
"""Modules whose threads serve others for as long as there are any, and are not waited for."""

_active: Threads | None = None


@contextmanager
def simulated_process(
    start: datetime, latency: float = 0.0, pace: Callable[[float], float] | None = None
) -> Iterator[Callable[[], SimulatedLoop]]:
    """Let the process live in simulated time, from an aware moment on, and put everything back at the end.

    Gives a function that makes event loops. All loops share their time and their network, and run in the thread that
    began. `latency` is the number of seconds that bytes take on a connection, and `pace` waits for a moment where time
    is not to pass as fast as it can. A loop that runs already lives in simulated time, too.

    Raises SimulationError inside another simulation and inside a loop that can't simulate time, and ImportError without
    the library `time-machine`.
    """
    global _active
    if _active is not None:
        raise SimulationError("there is a simulation already: a process has one at a time")
    travel = require("time_machine", "A simulation", "ibdesk[simulation]")
    time = SimulatedTime(start)
    time.pace = pace
    threads, network = Threads(time), Network(latency)
    loops: list[SimulatedLoop] = []

    def new_loop() -> SimulatedLoop:
        if not threads.is_home:
            raise SimulationError("a simulation runs its event loops in the thread that began it, and in no other")
        loops.append(SimulatedLoop.sharing(time, network, threads))
        return loops[-1]

    _active = threads
    try:
        with ExitStack() as stack:
            stack.enter_context(no_kept_loop())
            stack.enter_context(_event_loops(threads, new_loop))
            stack.enter_context(_time_of_day(time, threads, travel))
            stack.enter_context(_waits(threads))
            stack.enter_context(_everywhere(_functions(time, threads)))
            if running := running_loop():
                stack.enter_context(adopted(running, time, network, threads))
                # Whoever asks the policy for the loop, as libraries for events do, is given the one that runs.
                asyncio.set_event_loop(running)
            try:
                yield new_loop
            finally:
                # The loops that serve others were made before those, and end after them.
                for loop in reversed(loops):
                    if not loop.is_closed():
                        loop.finish()
    finally:
        _active = None
        threads.let_go()


@contextmanager
def _time_of_day(time: SimulatedTime, threads: Threads, travel: Any) -> Iterator[None]:
    """Let `datetime.now`, `time.time` and their like tell simulated time, in whatever module they are used."""
    real_time_ns, idents, get_ident = travel.escape_hatch.time.time_ns, threads.idents, threading.get_ident

    def time_ns() -> int:
        if get_ident() not in idents:
            return int(real_time_ns())
        time.look()
        return time.microseconds() * 1000

    # A number, because the library would set the time zone of the process to that of a datetime.
    with travel.travel(time.timestamp(), tick=False) as traveller:
        traveller.time_ns = time_ns
        yield


def _functions(time: SimulatedTime, threads: Threads) -> dict[Any, Any]:
    """Return what stands for names of the modules `time`, `queue` and `threading`, in the threads of the simulation.

    None of them is a global, or it would be exchanged itself when all is put back.
    """
    idents, get_ident = threads.idents, threading.get_ident

    def inside(simulated: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
        def function(*args: Any) -> Any:
            return simulated(*args) if get_ident() in idents else original(*args)

        function.__name__ = function.__qualname__ = original.__name__
        function.__doc__ = original.__doc__
        return function

    def seconds() -> float:
        time.look()
        return time.seconds()

    def nanoseconds() -> int:
        return round(seconds() * 1e9)

    def sleep(duration: float) -> None:
        if duration < 0:
            raise ValueError("sleep length must be non-negative")
        threads.sleep(duration)

    def ctime(moment: float | None = None) -> str:
        return ctime_of(time.timestamp() if moment is None else moment)

    def asctime(moment: Any = None) -> str:
        return asctime_of(real.localtime() if moment is None else moment)

    class SimpleQueue(queue._PySimpleQueue):  # type: ignore[name-defined,misc]
        """The queue in which executors keep their work. The one in C waits where nobody sees it."""

    ctime_of, asctime_of = real.ctime, real.asctime
    simulated: dict[Callable[..., Any], Callable[..., Any]] = {
        real.monotonic: seconds,
        real.monotonic_ns: nanoseconds,
        real.perf_counter: seconds,
        real.perf_counter_ns: nanoseconds,
        real.sleep: sleep,
        real.ctime: ctime,
        real.asctime: asctime,
    }
    functions: dict[Any, Any] = {original: inside(ours, original) for original, ours in simulated.items()}
    functions[queue.SimpleQueue] = SimpleQueue
    return functions | simulated_locks(threads)


@contextmanager
def _everywhere(replacements: Mapping[Any, Any]) -> Iterator[None]:
    """Let all modules that have one of some objects as a global have another instead, for the time being.

    `from time import sleep` has given it to many, so that it is not enough to replace it in `time`.
    """
    _exchange(replacements)
    try:
        yield
    finally:
        _exchange({other: original for original, other in replacements.items()})


def _exchange(objects: Mapping[Any, Any]) -> None:
    others = {id(one): other for one, other in objects.items()}
    for module_name, module in sys.modules.copy().items():
        names = getattr(module, "__dict__", None)
        if isinstance(names, dict) and module_name.partition(".")[0] not in _OUTSIDE:
            for name, value in list(names.items()):
                if id(value) in others:
                    names[name] = others[id(value)]


@contextmanager
def _instead(owner: Any, **replacements: Any) -> Iterator[None]:
    """Let a class have other attributes for the time being."""
    before = {name: vars(owner)[name] for name in replacements if name in vars(owner)}
    for name, other in replacements.items():
        setattr(owner, name, other)
    try:
        yield
    finally:
        for name in replacements:
            if name in before:
                setattr(owner, name, before[name])
            else:
                delattr(owner, name)


@contextmanager
def _waits(threads: Threads) -> Iterator[None]:
    """Let the waits of `threading`, on which those of `queue` and `concurrent.futures` stand, take simulated time."""
    idents, get_ident = threads.idents, threading.get_ident
    wait_really, start_really, join_really = threading.Condition.wait, threading.Thread.start, threading.Thread.join

    def wait(condition: Any, timeout: float | None = None) -> bool:
        if get_ident() not in idents or (timeout is not None and timeout <= 0):
            return wait_really(condition, timeout)
        if not condition._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        # As the original, with a wait that is known to the simulation in place of a lock.
        ours = threads.wait(timeout)
        condition._waiters.append(ours)
        saved = condition._release_save()
        try:
            threads.wait_for(ours)
        finally:
            condition._acquire_restore(saved)
            if not ours.was_notified:
                with suppress(ValueError):
                    condition._waiters.remove(ours)
        return ours.was_notified

    def start(thread: threading.Thread) -> None:
        if get_ident() not in idents or _serves(thread):
            return start_really(thread)
        run = thread.run

        def run_inside() -> None:
            idents.add(get_ident())
            try:
                run()
            finally:
                threads.leave(thread)

        thread.run = run_inside  # type: ignore[method-assign]
        threads.enter(thread)
        try:
            start_really(thread)
        except BaseException:
            threads.leave(thread)
            raise

    def join(thread: threading.Thread, timeout: float | None = None) -> None:
        if get_ident() not in idents:
            join_really(thread, timeout)
        elif threads.wait_for_end(thread, timeout):
            join_really(thread)

    with _instead(threading.Condition, wait=wait), _instead(threading.Thread, start=start, join=join):
        yield


def _serves(thread: threading.Thread) -> bool:
    target = getattr(thread, "_target", None)
    return (getattr(target, "__module__", None) or type(thread).__module__).startswith(_SERVICES)


@contextmanager
def _event_loops(threads: Threads, new_loop: Callable[[], SimulatedLoop]) -> Iterator[None]:
    """Let asyncio make simulated loops in the threads of the simulation, and run no others there."""
    # asyncio has deprecated these names in Python 3.14, and has no others until policies are gone.
    get_policy = getattr(asyncio.events, "_get_event_loop_policy", None) or asyncio.get_event_loop_policy
    set_policy = getattr(asyncio.events, "_set_event_loop_policy", None) or asyncio.set_event_loop_policy
    before = get_policy()
    idents, get_ident = threads.idents, threading.get_ident

    class Policy(type(before)):  # type: ignore[misc]
        """Has no loop that was set before, and makes simulated ones."""

        def new_event_loop(self) -> asyncio.AbstractEventLoop:
            if get_ident() in idents:
                return new_loop()
            other: asyncio.AbstractEventLoop = super().new_event_loop()
            return other

    def refuse_policy(policy: Any) -> None:
        if get_ident() not in idents:
            set_policy(policy)
        elif policy is not None and not type(policy).__module__.startswith("asyncio."):
            raise _refusal(type(policy))

    set_policy(Policy())
    try:
        with _everywhere(dict.fromkeys({set_policy, asyncio.set_event_loop_policy}, refuse_policy)), _no_others(idents):
            yield
    finally:
        set_policy(before)


@contextmanager
def _no_others(idents: Container[int]) -> Iterator[None]:
    """Refuse to make and to run event loops that are not simulated in threads that are."""
    get_ident = threading.get_ident

    def unless_inside(original: Callable[..., Any]) -> Callable[..., Any]:
        def method(loop: Any, *args: Any, **options: Any) -> Any:
            if get_ident() in idents and not isinstance(loop, SimulatedLoop):
                raise _refusal(type(loop))
            return original(loop, *args, **options)

        return method

    with ExitStack() as stack:

        def guard(kind: type) -> None:
            # Not in a base, since that of uvloop is written in C. Who makes such a loop is told at once,
            # or would be told of a coroutine that has never ended, too.
            names = ["run_forever", "run_until_complete"] + ["__init__"] * (kind is not asyncio.BaseEventLoop)
            stack.enter_context(_instead(kind, **{name: unless_inside(getattr(kind, name)) for name in names}))

        def guard_new(kind: type, /) -> None:
            if not issubclass(kind, asyncio.BaseEventLoop):
                guard(kind)

        for kind in asyncio.AbstractEventLoop.__subclasses__():
            guard(kind)
        stack.enter_context(_instead(asyncio.AbstractEventLoop, __init_subclass__=classmethod(guard_new)))
        yield


def _refusal(kind: type) -> SimulationError:
    return SimulationError(
        f"{kind.__module__}.{kind.__name__} runs in real time: in a simulation make event loops by asyncio.run() or "
        "asyncio.new_event_loop(), without a policy and a loop_factory"
    )
