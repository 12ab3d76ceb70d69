"""An event loop whose time jumps to the next timer when nothing is ready, and whose connections are in memory.

It is asyncio's own loop with a selector and sockets that are not the operating system's. So all that runs on asyncio
runs on it, and sees nothing else than that whole days pass in seconds.
"""

import asyncio
import datetime as dt
import heapq
import selectors
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import Context
from functools import partial
from itertools import count
from typing import Any, TypeVar, TypeVarTuple, cast

from ibdesk.errors import SimulationDeadlock, SimulationError

from .clocks import Clocks
from .memory_network import MemorySocket, Network
from .simulated_threads import FOREVER, Threads, place
from .simulated_time import SimulatedTime

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_FEW_TURNS = 64
"""After how many turns a loop that is never idle looks for signals, and whether time should pass."""

_MANY_TURNS = 10_000
"""How many turns in one moment take no time. Who makes more may wait by asking again and again."""

_TURN = 20e-6
"""Seconds that each further turn takes, about as on a computer."""

_RESOLUTION = 1e-7
"""Timers that are so close in seconds are due in the same turn. A float can tell such moments apart for 30 years."""


_LAST_SECONDS = 60.0


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop that lives through days in seconds.

    `start` is its first moment, an aware datetime, and `latency` the number of seconds that bytes take on a connection.
    `time()` tells the seconds since the start.

    Servers and connections on loopback addresses are in memory, and never leave the loop. Work in executors is waited
    for before time goes on. Timers of the same moment are due in the order in which they were made.

    Raises SimulationError for what has no simulated time: connections to other computers, files and sockets of the
    operating system, and programs. Raises SimulationDeadlock when nothing could ever wake it.
    """

    _closed = True  # until asyncio's own part has begun, or else it would complain of a loop that was refused
    # What asyncio has no public names for.
    _debug: bool
    _scheduled: "list[_Timer]"
    _timer_cancelled_count: int
    _ssock: socket.socket
    _default_executor: Executor | None
    _check_closed: Callable[[], None]
    _check_thread: Callable[[], None]
    _check_callback: Callable[[object, str], None]
    _run_once: Callable[[], None]
    _transports: Mapping[int, Any]
    _ready: Collection[asyncio.Handle]
    _thread_id: int | None
    _selector: "_Selector"

    def __init__(self, start: dt.datetime, latency: float = 0.0) -> None:
        time = SimulatedTime(start)
        self._begin(time, Network(latency), Threads(time))

    @classmethod
    def sharing(cls, time: SimulatedTime, network: Network, threads: Threads) -> "SimulatedLoop":
        """Return a loop that shares its time, its network and its threads with others."""
        loop = cls.__new__(cls)
        loop._begin(time, network, threads)
        return loop

    def _begin(self, time: SimulatedTime, network: Network, threads: Threads) -> None:
        super().__init__(self._live_in(time, network, threads))
        self._clock_resolution = _RESOLUTION

    def _live_in(self, time: SimulatedTime, network: Network, threads: Threads) -> "_Selector":
        self.clocks: Clocks = time.clocks
        self._time = time
        self._network = network
        self._threads = threads
        self._count = count()
        # A plain attribute is faster than a method of the class, and asyncio asks for the time several times a turn.
        vars(self)["time"] = time.seconds
        return _Selector(self, time, network, threads)

    def enter(self, time: SimulatedTime, network: Network, threads: Threads) -> None:
        """Begin to live in simulated time, as a loop that runs already."""
        waking: int = self._ssock.fileno()
        data = self._selector.get_key(waking).data
        self._selector, self._clock_resolution = self._live_in(time, network, threads), _RESOLUTION
        self._selector.register(waking, selectors.EVENT_READ, data)
        self._scheduled, self._timer_cancelled_count = [], 0

    def leave(self) -> None:
        """Drop the timers and connections that are left, before the loop lives in real time again."""
        for timer in self._scheduled:
            timer.cancel()
        self._drop_connections()
        self._selector.close()

    # Turns beside another loop

    def run_beside(self) -> None:
        """Have turns from now on whenever the thread of the simulation waits, in another loop or in none.

        So runs what is a process of its own in real life, or has a thread of its own. It ends with `finish` or `close`.
        """
        self._selector.is_beside = True
        self._threads.beside.append(self)

    def finish(self) -> None:
        """Cancel the tasks that are left, give them a simulated minute to end, and close the loop."""
        self._stop_turns()
        with suppress(SimulationDeadlock):
            self.run_until_complete(self._end())
        self._drop_connections()
        self.close()

    def _drop_connections(self) -> None:
        """Close connections as when a process ends: the other end sees it, and this one sees nothing more."""
        for transport in list(self._transports.values()):
            sock, transport._sock, transport._closing = transport._sock, None, True
            if sock is not None:
                sock.close()

    async def _end(self) -> None:
        if tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_LAST_SECONDS)
        await self.shutdown_asyncgens()
        await asyncio.sleep(0)  # a connection that was closed is gone after that

    @property
    def is_busy(self) -> bool:
        """Whether there is something to do at this moment."""
        # All in one place, because it is asked several times at each change of a quote.
        scheduled, selector = self._scheduled, self._selector
        return bool(
            self._ready
            or (selector._changed and selector._ready())
            or (scheduled and scheduled[0]._when <= self._time.seconds())
        )

    @property
    def next_time(self) -> float:
        """The time of the next timer."""
        return self._scheduled[0]._when if self._scheduled else FOREVER

    def take_turn(self) -> None:
        """Do what is ready, once."""
        before, thread = asyncio._get_running_loop(), self._thread_id
        asyncio._set_running_loop(self)
        self._thread_id = threading.get_ident()
        try:
            self._run_once()
        finally:
            self._thread_id = thread
            asyncio._set_running_loop(before)

    def close(self) -> None:
        """Close it, and have no more turns."""
        self._stop_turns()
        super().close()

    def _stop_turns(self) -> None:
        if self in self._threads.beside:
            self._threads.beside.remove(self)
            self._selector.is_beside = False

    def _write_to_self(self) -> None:
        if self in self._threads.beside:
            self._threads.stir_home()
        else:
            super()._write_to_self()  # type: ignore[misc]

    # Timers

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call a function at a time. Of several at the same time, the first that was asked for is called first."""
        # As asyncio's own, whose timers of the same time come in any order: on a computer hardly any two have.
        self._check_closed()
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_at")
        timer = _Timer(when, callback, args, self, context)
        timer.number = next(self._count)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    # Connections

    async def create_connection(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | str | None = None,
        *,
        sock: Any = None,
        family: int = 0,
        local_addr: tuple[str, int] | None = None,
        server_hostname: str | None = None,
        **options: Any,
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Open a connection in memory. Raises ConnectionRefusedError where nobody listens."""
        for which in ("proto", "flags", "happy_eyeballs_delay", "interleave", "all_errors"):
            options.pop(which, None)  # they say how names are looked up, and in which order addresses are tried
        if sock is not None:
            _check(sock)
        elif host is not None and port is not None:
            sock = await self._network.connect(host, int(port), family, local_addr[1] if local_addr else 0)
            if options.get("ssl") and server_hostname is None:
                server_hostname = host
        return cast(
            tuple[asyncio.Transport, asyncio.BaseProtocol],
            await super().create_connection(protocol_factory, sock=sock, server_hostname=server_hostname, **options),
        )

    async def create_server(
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: Any = None,
        port: int | str | None = None,
        *,
        family: int = 0,
        sock: Any = None,
        **options: Any,
    ) -> asyncio.Server:
        """Listen on a port in memory; with port 0, on a free one. Raises OSError if it is in use."""
        for which in ("flags", "reuse_address", "reuse_port", "keep_alive"):
            options.pop(which, None)  # in memory, the port of a closed server is free at once
        if sock is not None:
            _check(sock)
        else:
            hosts = [host] if host is None or isinstance(host, str) else list(host)
            if len(hosts) != 1:
                raise SimulationError(f"a server of a simulation listens on one host, not on {hosts}")
            sock = self._network.bind(hosts[0], int(port or 0), family)
        return await super().create_server(protocol_factory, sock=cast(socket.socket, sock), **options)

    # Threads

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run a function in another thread or process. Time stands still until it is done."""
        future = super().run_in_executor(executor, func, *args)
        if not self._threads.sees(executor or self._default_executor):
            self._threads.jobs.add(future)
            future.add_done_callback(self._threads.jobs.discard)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait until the threads of the default executor have ended.

        A timeout, new in Python 3.12, is for threads that live in simulated time. For others time stands still.
        """
        if self._threads.sees(self._default_executor):
            options: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
            await super().shutdown_default_executor(**options)
            return
        self._threads.jobs.add(self)
        try:
            await super().shutdown_default_executor()
        finally:
            self._threads.jobs.discard(self)


class _Timer(asyncio.TimerHandle):
    """A timer that comes before those of the same time that were made later."""

    __slots__ = ("number",)
    _when: float
    _scheduled: bool
    number: int

    def __lt__(self, other: Any) -> bool:
        when: float = self._when
        others: float = other._when
        return when < others or (when == others and self.number < other.number)


class _Selector(selectors.BaseSelector):
    """Tells a loop which of its sockets in memory are ready, and lets time pass when none is.

    The operating system is asked only while another thread is waited for, and for signals: asyncio has a pair of real
    sockets by which both wake a loop.
    """

    def __init__(self, loop: SimulatedLoop, time: SimulatedTime, network: Network, threads: Threads) -> None:
        self._loop = loop
        self._time = time
        self._threads = threads
        self._network = network
        self._keys: dict[int, selectors.SelectorKey] = {}
        self._changed: dict[int, tuple[MemorySocket, selectors.SelectorKey]] = {}
        """The watched sockets that may be ready, by their numbers."""
        self._waking = selectors.DefaultSelector()
        self._turns = 0
        """Turns without a wait since time was `_moment`, or shortly before."""
        self._moment = 0.0
        self.is_beside = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready. If nothing is, move time on by the timeout."""
        threads = self._threads
        if self.is_beside:
            return self._ready()
        if threads.beside:
            threads.take_turns()
        if self._changed and (ready := self._ready()):
            return ready
        if timeout is not None and timeout <= 0:
            self._turns += 1
            return [] if self._turns % _FEW_TURNS else self._look_up()
        if getattr(self._loop, "_signal_handlers", None) and (woken := self._waking.select(0)):
            return woken
        if timeout is not None and threads.is_alone:
            self._time.pass_until(self._time.seconds() + timeout)
            return []
        return self._wait_for_others(timeout)

    def _look_up(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Do what a loop that is never idle has to do now and then. Return signals."""
        now = self._time.seconds()
        if now != self._moment:
            self._moment, self._turns = now, 0
        elif self._turns > _MANY_TURNS:
            self._time.pass_until(now + _FEW_TURNS * _TURN)
            self._moment = self._time.seconds()
        return self._waking.select(0) if getattr(self._loop, "_signal_handlers", None) else []

    def _wait_for_others(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait until time may pass, or until another thread, a signal or a connection wakes the loop."""
        woken: list[tuple[selectors.SelectorKey, int]] = []

        def block(seconds: float | None) -> bool:
            woken.extend(self._waking.select(seconds))
            return bool(woken)

        def is_over() -> bool:
            if getattr(self._loop, "_signal_handlers", None):
                block(0)
            return bool(woken or self._changed or self._loop._ready)

        self._threads.stir_home = self._loop._write_to_self
        try:
            until = FOREVER if timeout is None else self._time.seconds() + timeout
            self._threads.pass_until(until, is_over, block)
        except SimulationDeadlock:
            block(0)
            if not woken:
                raise SimulationDeadlock(waiting_tasks(self._loop)) from None
        finally:
            self._threads.stir_home = lambda: None
        return woken or self._ready()

    def _ready(self) -> list[tuple[selectors.SelectorKey, int]]:
        ready = []
        for number, (sock, key) in list(self._changed.items()):
            if events := sock.events & key.events:
                ready.append((key, events))
            else:
                del self._changed[number]
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Begin to watch a socket in memory, or what wakes the loop."""
        sock = self._network.sockets.get(fileobj)
        if sock is None:
            if self._waking.get_map():
                raise SimulationError(
                    "a simulation has no files and sockets of the operating system: the world outside has no simulated "
                    "time. Work with them before it, after it, or in a thread by asyncio.to_thread"
                )
            return self._waking.register(fileobj, events, data)
        key = self._keys[fileobj] = selectors.SelectorKey(fileobj, fileobj, events, data)
        # Called for each piece of data: this is a call less than a method of the selector.
        sock.on_change = partial(self._changed.__setitem__, fileobj, (sock, key))
        sock.on_change()
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Watch a socket no more."""
        if fileobj not in self._keys:
            return self._waking.unregister(fileobj)
        if sock := self._network.sockets.get(fileobj):
            sock.on_change = None
        self._changed.pop(fileobj, None)
        return self._keys.pop(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch a socket for other events."""
        if fileobj not in self._keys:
            self._waking.unregister(fileobj)
        return self.register(fileobj, events, data)

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        """Return what is watched for a socket. Raises KeyError if it is not watched."""
        return self._keys.get(fileobj) or self._waking.get_key(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """Return all that is watched."""
        return {**self._waking.get_map(), **self._keys}

    def close(self) -> None:
        """Watch nothing more."""
        self._keys.clear()
        self._changed.clear()
        self._waking.close()


def _check(sock: Any) -> None:
    if not isinstance(sock, MemorySocket):
        raise SimulationError(f"a simulation has connections in memory only, and none on {sock!r}")


def waiting_tasks(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Return a line for each task that is not done: its name, and where it waits."""
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: (len(task.get_name()), task.get_name()))
    return [f"{task.get_name()}: {' > '.join(_places(task.get_coro()))}" for task in tasks]


def _places(waiting: Any) -> list[str]:
    """Return the calls that wait for each other, from the coroutine of a task to what it waits for."""
    places = []
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None) or getattr(waiting, "gi_frame", None)
        if frame is None:
            break
        places.append(place(frame))
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "gi_yieldfrom", None)
    return places
