"""Starts TWS or the gateway from a program, watches over it, and restarts it.

`IBC` starts the app through IBC (https://github.com/IbcAlpha/IBC), and `Watchdog` keeps it running and
connected. The names, parameters and defaults are ib_async's.
"""

import asyncio
import logging
import os
import signal
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Self

from ibdesk.client.blocking import get_loop, run
from ibdesk.client.ib import IB
from ibdesk.client.reconnection import growing_pause
from ibdesk.errors import RequestError
from ibdesk.events import Event
from ibdesk.logs import logger
from ibdesk.model.contract import Contract, Forex
from ibdesk.model.fields import Noun
from ibdesk.runtime.clocks import COMPUTER, stand_still
from ibdesk.runtime.connections import connect_streams

__all__ = ["IBC", "Watchdog"]

# Field -> its argument on Unix, on Windows; `None` where there is none, and a field that is a switch has no value.
_ARGUMENTS: dict[str, tuple[str | None, str | None]] = {
    "twsVersion": ("", ""),
    "gateway": ("--gateway", "/Gateway"),
    "tradingMode": ("--mode=", "/Mode:"),
    "twsPath": ("--tws-path=", "/TwsPath:"),
    "twsSettingsPath": ("--tws-settings-path=", None),
    "ibcPath": ("--ibc-path=", "/IbcPath:"),
    "ibcIni": ("--ibc-ini=", "/Config:"),
    "javaPath": ("--java-path=", "/JavaPath:"),
    "userid": ("--user=", "/User:"),
    "password": ("--pw=", "/PW:"),
    "fixuserid": ("--fix-user=", "/FIXUser:"),
    "fixpassword": ("--fix-pw=", "/FIXPW:"),
    "on2fatimeout": ("--on2fatimeout=", "/On2FATimeout:"),
}

# Windows runs a .bat through its shell, which has no way to take these literally.
_SHELL_CHARACTERS = frozenset('"&|<>^%\r\n')


@dataclass
class IBC(Noun):
    r"""Starts and stops TWS or the gateway through IBC, which has log-in and settings in its `config.ini`.

    The app ends with the program, at the latest when Python ends.

    Args:
        twsVersion: Major version of TWS or the gateway, such as 1037; required.
        gateway: Start the gateway instead of TWS.
        tradingMode: `live` or `paper`.
        twsPath: Folder of TWS; `~/Jts` on Linux, `~/Applications` on macOS, `C:\Jts` on Windows.
        twsSettingsPath: Folder of the settings of TWS; not on Windows.
        ibcPath: Folder of IBC; `/opt/ibc`, or `C:\IBC` on Windows.
        ibcIni: The configuration of IBC; `~/ibc/config.ini`, or `%HOMEPATH%\Documents\IBC\config.ini`.
        javaPath: Folder of the Java executable, if not the one that comes with the app.
        userid: User name. It is better kept in `ibcIni`, since other users of the machine can see the arguments of a
            process.
        password: Password; better kept there too.
        fixuserid: User name for FIX, gateway only.
        fixpassword: Password for FIX.
        on2fatimeout: What happens when nobody answers to the second factor: `restart` or `exit`.
    """

    IbcLogLevel: ClassVar[int] = logging.DEBUG
    """The level at which the output of the app is logged, to `ibdesk.IBC`."""

    TerminateTimeout: ClassVar[float] = 10
    """How long the app may take to end by itself, in seconds. Then it is killed, with all processes that it started."""

    twsVersion: int | str = 0
    gateway: bool = False
    tradingMode: str = ""
    twsPath: str = ""
    twsSettingsPath: str = ""
    ibcPath: str = ""
    ibcIni: str = ""
    javaPath: str = ""
    userid: str = ""
    password: str = field(default="", repr=False)
    fixuserid: str = ""
    fixpassword: str = field(default="", repr=False)
    on2fatimeout: str = ""

    def __post_init__(self) -> None:
        self._isWindows = sys.platform == "win32"
        if not self.ibcPath:
            self.ibcPath = "C:\\IBC" if self._isWindows else "/opt/ibc"
        self._proc: asyncio.subprocess.Process | None = None
        self._monitor: asyncio.Task[None] | None = None
        self._last_resort: weakref.finalize[Any, Any] | None = None
        self._logger = logger("ibdesk.IBC")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.terminate()

    def start(self) -> None:
        """Start the app, unless it runs. Raises OSError when IBC is not there."""
        run(self.startAsync())

    def terminate(self) -> None:
        """End the app. It takes little more than `TerminateTimeout` seconds at most."""
        run(self.terminateAsync())

    async def startAsync(self) -> None:
        """Start the app; the same as `start`, to be awaited."""
        if self._proc is not None:
            if self._proc.returncode is None:
                return
            await self.terminateAsync()
        self._logger.info("Starting")
        process = self._proc = await asyncio.create_subprocess_exec(
            # In a session of its own, so that all processes that it starts can be ended.
            *self._command(),
            stdout=asyncio.subprocess.PIPE,
            start_new_session=not self._isWindows,
        )
        if not self._isWindows:
            self._last_resort = weakref.finalize(self, _end_group, process.pid, self.TerminateTimeout)
        self._monitor = asyncio.ensure_future(self.monitorAsync())

    async def terminateAsync(self) -> None:
        """End the app; the same as `terminate`, to be awaited."""
        process, monitor = self._proc, self._monitor
        self._proc = self._monitor = None
        if process is None:
            return
        self._logger.info("Terminating")
        waits = [asyncio.ensure_future(_exit_of(process))]
        if monitor is not None:
            # It ends when the last of the processes ends that write to the same output.
            waits.append(monitor)
        try:
            if self._isWindows:
                killer = await asyncio.create_subprocess_exec("taskkill", "/F", "/T", "/PID", str(process.pid))
                await killer.wait()
            else:
                _signal_group(process.pid, signal.SIGTERM)
                await asyncio.wait(waits, timeout=self.TerminateTimeout)
                _signal_group(process.pid, signal.SIGKILL)
            await asyncio.wait(waits, timeout=self.TerminateTimeout)
        finally:
            for wait in waits:
                wait.cancel()
        if self._last_resort is not None:
            self._last_resort.detach()

    async def endedAsync(self) -> int | None:
        """Wait until the app has ended by itself. Return its exit code, None when it was not started."""
        process = self._proc
        if process is not None:
            await _exit_of(process)
        return process.returncode if process is not None else None

    async def monitorAsync(self) -> None:
        """Log the output of the app, until the app ends."""
        output = self._proc.stdout if self._proc is not None else None
        while output is not None:
            try:
                line = await output.readline()
            except ValueError:
                continue  # the line was longer than the buffer, and was dropped
            if not line:
                break
            self._logger.log(IBC.IbcLogLevel, "%s", line.strip().decode(errors="replace"))

    def _command(self) -> list[str]:
        script = "\\scripts\\StartIBC.bat" if self._isWindows else "/scripts/ibcstart.sh"
        command = [f"{self.ibcPath}{script}"]
        for name, arguments in _ARGUMENTS.items():
            argument, value = arguments[self._isWindows], getattr(self, name)
            if argument is None or not value:
                continue
            command.append(argument if value is True else f"{argument}{value}")
            if self._isWindows and _SHELL_CHARACTERS & set(command[-1]):
                raise ValueError(f"{name} has a character that StartIBC.bat can't be given: write it in config.ini")
        return command


async def _exit_of(process: asyncio.subprocess.Process) -> None:
    # process.wait() waits for its output to end as well, which processes that it started may hold open.
    while process.returncode is None:
        await asyncio.sleep(_LOOK)


def _signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def _end_group(group: int, patience: float) -> None:
    """End all processes of a group, where no event loop can wait for them: the `IBC` is gone, or Python ends."""
    _signal_group(group, signal.SIGTERM)
    deadline = COMPUTER.seconds() + patience
    with suppress(ProcessLookupError):
        while COMPUTER.seconds() < deadline:
            with suppress(ChildProcessError):
                os.waitpid(group, os.WNOHANG)
            os.killpg(group, 0)  # is anybody left?
            stand_still(_LOOK)
        os.killpg(group, signal.SIGKILL)


_LOOK = 0.05
"""Seconds between two looks whether a process has ended."""

_RESTARTS = frozenset({100, 1100})
"""Errors on which the app is restarted at once: too many messages, and no connection to IB."""

_POLL = 0.5
"""Seconds between two looks whether the app listens yet."""

_CONTROLLER_LIMIT = 60.0
"""Seconds that a controller may take to end the app."""


class _Ended(Exception):
    """Raised when the app must be started again; the text says why."""


@dataclass
class Watchdog(Noun):
    """Starts the app, connects to it, watches over it, and restarts it when it is gone or does not answer.

    It is for programs that are driven by events and set themselves up in `startedEvent` or `ib.connectedEvent`.

    When nothing has come from the app for `appTimeout` seconds, it is asked for a few bars. If none come, the app is
    ended and started again, as it is on errors 100 and 1100 and when the connection is lost. While the app cannot be
    started, each pause is twice as long as the one before, up to `MaxRetryDelay`.

    Args:
        controller: Starts and ends the app: an `IBC`, or any object with `startAsync` and `terminateAsync`.
        ib: The `IB` to connect; it must not be connected yet, and not be one that connects again by itself. With
            `IB(heartbeat=...)`, a connection that only looks alive is noticed sooner.
        host, port, clientId, connectTimeout, readonly, account, raiseSyncErrors: As in `IB.connect`.
        appStartupTime: How long the app may take to accept a connection, log-in included, in seconds. The watchdog
            connects as soon as the app listens.
        appTimeout: Seconds of silence after which the app is asked for bars.
        retryDelay: Seconds before the app is started again.
        probeContract: The contract whose bars are asked for; EURUSD if not given.
        probeTimeout: How long the app may take to answer, in seconds.

    Events, each with the watchdog: `startingEvent`, `startedEvent` (connected), `stoppingEvent`, `stoppedEvent`
    (the app has ended, whether it is started again or not), `softTimeoutEvent` (it is asked for bars),
    `hardTimeoutEvent` (it did not answer).
    """

    events: ClassVar[list[str]] = [
        "startingEvent",
        "startedEvent",
        "stoppingEvent",
        "stoppedEvent",
        "softTimeoutEvent",
        "hardTimeoutEvent",
    ]

    MaxRetryDelay: ClassVar[float] = 300
    """The longest pause before a start, in seconds, unless `retryDelay` is longer."""

    controller: IBC
    ib: IB
    host: str = "127.0.0.1"
    port: int = 7497
    clientId: int = 1
    connectTimeout: float = 2
    appStartupTime: float = 30
    appTimeout: float = 20
    retryDelay: float = 2
    readonly: bool = False
    account: str = ""
    raiseSyncErrors: bool = False
    probeContract: Contract = field(default_factory=lambda: Forex("EURUSD"))
    probeTimeout: float = 4

    def __post_init__(self) -> None:
        for name, needed in {"controller": "controller", "ib": "IB instance"}.items():
            if getattr(self, name) is None:
                raise ValueError(f"No {needed} supplied")
        if self.ib.isConnected():
            raise ValueError("IB instance must not be connected")
        if self.ib.reconnects:
            raise ValueError("A watchdog connects again by itself: give it an IB that was made without reconnect")
        self.startingEvent: Event[Watchdog] = Event("startingEvent")
        self.startedEvent: Event[Watchdog] = Event("startedEvent")
        self.stoppingEvent: Event[Watchdog] = Event("stoppingEvent")
        self.stoppedEvent: Event[Watchdog] = Event("stoppedEvent")
        self.softTimeoutEvent: Event[Watchdog] = Event("softTimeoutEvent")
        self.hardTimeoutEvent: Event[Watchdog] = Event("hardTimeoutEvent")
        self._task: asyncio.Task[None] | Future[None] | None = None
        self._runner: asyncio.Task[None] | Future[None] | None = None  # the task, None once it is to stop
        self._is_wanted = False  # set before the task is made, since that may begin at once, in another thread
        self._step: asyncio.Future[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._logger = logger("ibdesk.Watchdog")

    def start(self) -> "asyncio.Task[None] | Future[None]":
        """Begin to work, on the loop of the `ib` if that runs in another thread. The task ends after `stop`."""
        if self._runner is not None and not self._runner.done():
            return self._runner
        self._logger.info("Starting")
        self.startingEvent.emit(self)
        self._is_wanted = True
        if self._task is None or self._task.done():
            here, its = get_loop(), self.ib.runner.loop
            self._loop = its if its.is_running() else here
            if self._loop is here:
                self._task = here.create_task(self.runAsync())
            else:
                self._task = asyncio.run_coroutine_threadsafe(self.runAsync(), its)
        # A task that has not ended yet since stop() goes on.
        self._runner = self._task
        return self._task

    def stop(self) -> None:
        """Disconnect, and have the app end, whatever the watchdog is waiting for. `stoppedEvent` tells when it has."""
        self._logger.info("Stopping")
        self.stoppingEvent.emit(self)
        self._runner, self._is_wanted = None, False
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)
        self.ib.disconnect()

    def _wake(self) -> None:
        if self._step is not None and not self._is_wanted:
            self._step.cancel()

    async def runAsync(self) -> None:
        """Run one life of the app after the other, until `stop`. This is the task that `start` makes."""
        failures = 0
        while self._is_wanted:
            life = _Life(self)
            try:
                await self._wait(life.live())
            finally:
                await self._end()
            failures = 0 if life.began else failures + 1
            if self._is_wanted:
                longest = max(self.MaxRetryDelay, self.retryDelay)
                await self._wait(asyncio.sleep(growing_pause(max(failures - 1, 0), self.retryDelay, longest)))

    async def _wait(self, step: Any) -> None:
        """Wait for one step, which `stop` can end, and log how it failed."""
        task = self._step = asyncio.ensure_future(step)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        error = None if task.cancelled() else task.exception()
        if isinstance(error, _Ended):
            self._logger.warning("%s", error)
        elif error is not None:
            self._logger.error("The app could not be started", exc_info=error)

    async def _end(self) -> None:
        self.ib.disconnect()
        try:
            async with asyncio.timeout(_CONTROLLER_LIMIT):
                await self.controller.terminateAsync()
        except Exception:
            self._logger.exception("The app could not be ended")
        self.stoppedEvent.emit(self)


class _Life:
    """One life of the app, from its start to its end. `began` tells whether it came to a connection."""

    def __init__(self, dog: Watchdog) -> None:
        self.dog = dog
        self.began = False

    async def live(self) -> None:
        """Start the app, connect and watch. Raises `_Ended`, or what kept the app from being started."""
        dog = self.dog
        await dog.controller.startAsync()
        await self._connect()
        self.began = True
        dog.startedEvent.emit(dog)
        await self._watch()

    async def _connect(self) -> None:
        dog = self.dog
        # If the app ends while it is still being tried, that is known at once, and not only at the deadline. A
        # controller of another kind may not be able to tell.
        ended: Callable[[], Any] | None = getattr(dog.controller, "endedAsync", None)
        app = asyncio.ensure_future(ended()) if ended is not None else None
        loop = asyncio.get_running_loop()
        deadline = loop.time() + dog.appStartupTime
        try:
            while True:
                try:
                    await self._try_to_connect()
                    return
                except (OSError, TimeoutError) as error:
                    why = str(error) or type(error).__name__
                if loop.time() >= deadline:
                    raise _Ended(f"No connection within {dog.appStartupTime:g} s: {why}")
                pause = min(_POLL, deadline - loop.time())
                if app is None:
                    await asyncio.sleep(pause)
                elif (await asyncio.wait({app}, timeout=pause))[0]:
                    raise _Ended(f"The app ended at once, with code {app.result()}")
        finally:
            if app is not None:
                app.cancel()

    async def _try_to_connect(self) -> None:
        dog = self.dog
        # A bare socket first: the client would log each connection that fails as an error.
        async with asyncio.timeout(dog.connectTimeout or None):
            _, writer = await connect_streams(dog.host, dog.port)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        await dog.ib.connectAsync(
            dog.host, dog.port, dog.clientId, dog.connectTimeout, dog.readonly, dog.account, dog.raiseSyncErrors
        )

    async def _watch(self) -> None:
        """Watch the app as long as it works. Raises `_Ended` for what is wrong with it."""
        # Two futures stand for what can happen: `end`, that the app has to be restarted, and `quiet`, that nothing has
        # come for a while. After silence the app is asked; if it answers, a new `quiet` is waited for.
        ib = self.dog.ib
        loop = asyncio.get_running_loop()
        end = loop.create_future()
        quiet = loop.create_future()

        def on_error(reqId: int, errorCode: int, errorString: str, contract: Contract | None) -> None:
            if errorCode in _RESTARTS and not end.done():
                end.set_result(f"Error {errorCode}")

        def on_disconnected() -> None:
            if not end.done():
                end.set_result("Disconnected")

        def on_timeout(idle: float) -> None:
            if not quiet.done():
                quiet.set_result(None)

        listeners = {"timeoutEvent": on_timeout, "errorEvent": on_error, "disconnectedEvent": on_disconnected}
        for name, listener in listeners.items():
            getattr(ib, name).connect(listener)
        if not ib.isConnected():
            on_disconnected()
        try:
            while not end.done():
                quiet = loop.create_future()
                ib.setTimeout(self.dog.appTimeout)
                await asyncio.wait({end, quiet}, return_when=asyncio.FIRST_COMPLETED)
                if not end.done():
                    await self._probe()
            raise _Ended(end.result())
        finally:
            ib.setTimeout(0)
            for name, listener in listeners.items():
                getattr(ib, name).disconnect(listener)

    async def _probe(self) -> None:
        """Ask the app for bars. Raises `_Ended` if none come."""
        dog = self.dog
        dog._logger.debug("Soft timeout")
        dog.softTimeoutEvent.emit(dog)
        bars = None
        with suppress(TimeoutError, ConnectionError, RequestError):
            async with asyncio.timeout(dog.probeTimeout):
                bars = await dog.ib.reqHistoricalDataAsync(dog.probeContract, "", "30 S", "5 secs", "MIDPOINT", False)
        if not bars:
            dog.hardTimeoutEvent.emit(dog)
            raise _Ended("Hard timeout")
