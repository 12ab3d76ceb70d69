"""Watchdog: it starts, asks, restarts and stops an app that dies, hangs, never listens or does not even start."""

import asyncio
import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from extras.stand_in_ibc import alive, change, free_port, make_ibc, starts

from ibdesk import IB, IBC, Forex, Watchdog


class Watched:
    """A watchdog of an app in a folder, and what it told."""

    def __init__(self, folder: Path, behaviour: str, **options: Any) -> None:
        self.folder, self.port = folder, free_port()
        self.ib = IB()
        ibc = IBC(1037, ibcPath=str(make_ibc(folder, behaviour, self.port)))
        quick = {"appStartupTime": 60, "connectTimeout": 20, "retryDelay": 0.01, "appTimeout": 60}
        self.dog = Watchdog(ibc, self.ib, port=self.port, **{**quick, **options})
        self.told: list[str] = []
        for name in Watchdog.events:
            getattr(self.dog, name).connect(self._tell(name.removesuffix("Event")))

    def _tell(self, name: str) -> Callable[[Watchdog], None]:
        def tell(dog: Watchdog) -> None:
            assert dog is self.dog
            self.told.append(name)

        return tell

    async def until(self, name: str, times: int = 1) -> None:
        await self.fact(lambda: self.told.count(name) >= times)

    async def fact(self, fact: Callable[[], object]) -> None:
        async with asyncio.timeout(90):
            while not fact():
                await asyncio.sleep(0.01)

    @property
    def apps(self) -> list[int]:
        return [app for app, _ in starts(self.folder)]

    async def stopped(self) -> None:
        """Stops the watchdog, which then leaves nothing behind."""
        runner = self.dog._runner
        assert runner is not None
        self.dog.stop()
        async with asyncio.timeout(30):
            await runner
        assert set(self.told[-2:]) == {"stopping", "stopped"}  # the last life may have ended already
        assert not self.ib.isConnected()
        await self.fact(lambda: not any(alive(app) for app in self.apps))
        own = asyncio.current_task()
        await self.fact(lambda: asyncio.all_tasks() == {own})


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(IBC, "TerminateTimeout", 1)
    monkeypatch.setattr("ibdesk.extras.ibcontroller._POLL", 0.02)
    yield


@pytest.mark.slow
async def test_an_app_that_dies_is_started_anew(tmp_path: Path):
    watched = Watched(tmp_path, "serve")
    runner = watched.dog.start()
    assert watched.dog.start() is runner
    await watched.until("started")
    assert watched.ib.isConnected()
    assert watched.ib.accountValues()
    os.kill(watched.apps[0], signal.SIGKILL)
    await watched.until("started", 2)
    assert watched.told == ["starting", "started", "stopped", "started"]
    assert len(watched.apps) == 2
    await watched.stopped()


@pytest.mark.slow
async def test_an_app_that_hangs_is_asked_and_started_anew(tmp_path: Path):
    watched = Watched(tmp_path, "serve", appTimeout=0.2, probeTimeout=60)
    watched.dog.start()
    # It is silent for long, but it answers.
    await watched.until("softTimeout", 3)
    assert watched.told[:2] == ["starting", "started"]
    assert "hardTimeout" not in watched.told
    watched.dog.probeTimeout = 0.3
    os.kill(watched.apps[0], signal.SIGSTOP)
    await watched.until("hardTimeout")
    watched.dog.probeTimeout = 60
    await watched.until("started", 2)
    hard = watched.told.index("hardTimeout")
    assert watched.told[hard - 1 : hard + 3] == ["softTimeout", "hardTimeout", "stopped", "started"]
    await watched.fact(lambda: not alive(watched.apps[0]))
    await watched.stopped()


@pytest.mark.slow
@pytest.mark.parametrize("code", [100, 1100])
async def test_errors_on_which_it_starts_anew(tmp_path: Path, code: int):
    watched = Watched(tmp_path, "serve")
    watched.dog.start()
    await watched.until("started")
    watched.ib.errorEvent.emit(-1, 2104, "Market data farm connection is OK:usfarm", None)
    assert "stopped" not in watched.told
    watched.ib.errorEvent.emit(-1, code, "", None)
    await watched.until("started", 2)
    await watched.stopped()


@pytest.mark.slow
async def test_it_stops_while_it_watches_and_can_be_started_again(tmp_path: Path):
    watched = Watched(tmp_path, "serve", appTimeout=0.1)
    watched.dog.start()
    await watched.until("started")
    await watched.until("softTimeout")
    await watched.stopped()
    runner = watched.dog.start()
    await watched.until("started", 2)
    # Before the last one has ended: that one goes on.
    watched.dog.stop()
    assert watched.dog.start() is runner
    await watched.until("started", 3)
    await watched.stopped()


async def test_it_stops_while_the_app_starts(tmp_path: Path):
    watched = Watched(tmp_path, "idle")
    watched.dog.start()
    await watched.fact(lambda: watched.apps)
    await watched.stopped()


async def test_it_stops_while_it_connects(tmp_path: Path):
    """ib_async goes on to connect, and tells that it has started."""
    watched = Watched(tmp_path, "deaf")
    watched.dog.start()
    await watched.fact(lambda: watched.ib.client.connState == watched.ib.client.CONNECTING)
    await watched.stopped()
    assert "started" not in watched.told


async def test_it_stops_before_it_began(tmp_path: Path):
    watched = Watched(tmp_path, "idle")
    watched.dog.start()
    watched.dog.stop()
    await watched.fact(lambda: watched.dog._task is not None and watched.dog._task.done())
    assert watched.apps == []


async def test_it_stops_in_a_pause(tmp_path: Path):
    watched = Watched(tmp_path, "exit", retryDelay=600)
    runner = watched.dog.start()
    await watched.until("stopped")
    watched.dog.stop()
    async with asyncio.timeout(20):
        await runner
    assert watched.told == ["starting", "stopped", "stopping"]


async def test_a_task_that_is_cancelled_ends_the_app(tmp_path: Path):
    watched = Watched(tmp_path, "idle")
    runner = watched.dog.start()
    await watched.fact(lambda: watched.apps)
    runner.cancel()
    with suppress(asyncio.CancelledError):
        await runner
    assert watched.told == ["starting", "stopped"]
    await watched.fact(lambda: not any(alive(app) for app in watched.apps))


@pytest.mark.parametrize(
    ("behaviour", "options", "why"),
    [
        ("exit", {}, "The app ended at once, with code 3"),
        ("idle", {"appStartupTime": 0.3}, "No connection within 0.3 s: "),
        ("deaf", {"appStartupTime": 0.3, "connectTimeout": 0.2}, "No connection within 0.3 s: "),
    ],
)
async def test_an_app_that_cannot_be_started_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, behaviour: str, options: dict[str, float], why: str
):
    watched = Watched(tmp_path, behaviour, **options)
    watched.dog.start()
    await watched.until("stopped", 2)
    await watched.fact(lambda: len(set(watched.apps)) >= 2)  # an app may be ended before it tells that it has begun
    assert "started" not in watched.told
    await watched.fact(lambda: not alive(watched.apps[0]))
    assert any(message.startswith(why) for message in caplog.messages)
    await watched.stopped()


async def test_pauses_get_longer_while_the_app_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    watched = Watched(tmp_path, "exit", retryDelay=2)
    monkeypatch.setattr(Watchdog, "MaxRetryDelay", 12)
    pauses: list[float] = []
    enough = asyncio.Event()
    sleep = asyncio.sleep

    async def no_pause(seconds: float) -> None:
        if seconds >= 2:
            pauses.append(seconds)
            if len(pauses) == 5:
                enough.set()
            seconds = 0
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", no_pause)
    watched.dog.start()
    async with asyncio.timeout(30):
        await enough.wait()
    assert pauses == [2, 4, 8, 12, 12]
    await watched.stopped()


async def test_without_ibc_it_goes_on_trying_and_says_why(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    watched = Watched(tmp_path, "idle")
    (tmp_path / "scripts" / "ibcstart.sh").unlink()
    watched.dog.start()
    await watched.until("stopped", 2)
    assert "ibcstart.sh" in caplog.text
    change(tmp_path, "idle")
    await watched.stopped()


class TheirController:
    """A controller that programs made for ib_async's Watchdog: no more than the two methods that it calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def startAsync(self) -> None:
        self.calls.append("start")

    async def terminateAsync(self) -> None:
        self.calls.append("terminate")
        if len(self.calls) == 2:
            raise OSError("not now")


async def test_a_controller_of_another_kind(caplog: pytest.LogCaptureFixture):
    controller = TheirController()
    dog = Watchdog(controller, IB(), port=free_port(), appStartupTime=0.05, retryDelay=0.01)  # type: ignore[arg-type]
    runner = dog.start()
    async with asyncio.timeout(20):
        while len(controller.calls) < 4:
            await asyncio.sleep(0.01)
    dog.stop()
    await runner
    pairs = list(itertools.batched(controller.calls, 2)) if hasattr(itertools, "batched") else []
    assert all(pair == ("start", "terminate") for pair in pairs)
    assert "The app could not be ended" in caplog.text


def test_it_runs_on_the_loop_of_its_ib(tmp_path: Path):
    """An IB that runs its loop in a thread of its own, and a program that starts and stops the watchdog in another."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        watched = Watched(tmp_path, "exit")

        async def bind() -> None:
            watched.ib.runner.bind()

        asyncio.run_coroutine_threadsafe(bind(), loop).result(20)
        runner = watched.dog.start()
        assert isinstance(runner, Future)
        asyncio.run_coroutine_threadsafe(watched.until("stopped", 2), loop).result(60)
        watched.dog.stop()
        runner.result(30)
        assert "started" not in watched.told
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_what_it_needs():
    with pytest.raises(ValueError, match="No controller supplied"):
        Watchdog(None, IB())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="No IB instance supplied"):
        Watchdog(IBC(), None)  # type: ignore[arg-type]


def test_each_has_a_contract_of_its_own():
    """In ib_async all share one, and a conId that is filled in for one is there for all."""
    first, second = Watchdog(IBC(), IB()), Watchdog(IBC(), IB())
    assert first.probeContract == second.probeContract == Forex("EURUSD")
    assert first.probeContract is not second.probeContract


def test_stopping_what_never_started():
    Watchdog(IBC(), IB()).stop()


def test_an_ib_that_connects_again_by_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="give it an IB that was made without reconnect"):
        Watchdog(IBC(1037), IB(reconnect=True))
    assert Watchdog(IBC(1037), IB(heartbeat=20)).ib.reconnects is False
