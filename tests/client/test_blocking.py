"""Blocking calls from every place that a program makes them from."""

import asyncio
import datetime as dt
import inspect
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from ibdesk import IB
from ibdesk.client import blocking as module
from ibdesk.client.blocking import LoopRunner, blocking, get_loop, globalErrorEvent, run, schedule, sleep
from ibdesk.events import Event


class Desk:
    """An owner of a loop runner, as IB is."""

    def __init__(self) -> None:
        self.runner = LoopRunner()

    async def reqSumAsync(self, first: int, second: int = 1, *, pause: float = 0) -> int:
        """The sum of two numbers."""
        await asyncio.sleep(pause)
        return first + second

    async def reqThreadAsync(self) -> int:
        return threading.get_ident()

    async def reqNeverAsync(self) -> None:
        await asyncio.get_running_loop().create_future()

    reqSum = blocking(reqSumAsync)
    reqThread = blocking(reqThreadAsync)
    reqNever = blocking(reqNeverAsync)


@contextmanager
def loop_in_a_thread(set_up: Callable[[], object]) -> Iterator[threading.Thread]:
    """Runs a loop in a thread of its own, after `set_up` has been called on it."""
    ready, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        set_up()
        ready.set()
        await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert ready.wait(10)
    try:
        yield thread
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)


def test_the_twin_runs_the_method_where_no_loop_runs():
    desk = Desk()
    assert desk.reqSum(1) == 2
    assert desk.reqSum(1, second=2, pause=0.001) == 3


def test_the_twin_looks_like_the_method():
    assert Desk.reqSum.__name__ == "reqSum"
    assert Desk.reqSum.__qualname__ == "Desk.reqSum"
    assert Desk.reqSum.__doc__ == "The sum of two numbers."
    assert inspect.signature(Desk.reqSum) == inspect.signature(Desk.reqSumAsync)
    assert not inspect.iscoroutinefunction(Desk.reqSum)


def test_the_twin_follows_a_subclass():
    class Doubled(Desk):
        async def reqSumAsync(self, first: int, second: int = 1, *, pause: float = 0) -> int:
            return 2 * await super().reqSumAsync(first, second, pause=pause)

    assert Doubled().reqSum(1) == 4


def test_an_exception_comes_through():
    desk = Desk()
    with pytest.raises(TypeError):
        desk.reqSum(1, "a")  # type: ignore[arg-type]


def test_an_error_in_the_arguments_names_what_was_called() -> None:
    desk: Any = Desk()
    with pytest.raises(TypeError, match=r"^Desk\.reqSum\(\) got an unexpected keyword argument 'third'"):
        desk.reqSum(1, third=3)
    with pytest.raises(TypeError, match=r"^can only concatenate str"):
        desk.reqSum("a")
    with pytest.raises(TypeError, match=r"^Accounts\.reqPositions\(\) takes 1 positional argument"):
        IB().reqPositions("DU1")  # type: ignore[call-arg]


def test_in_a_running_loop_the_error_says_what_to_do():
    async def main() -> None:
        desk = Desk()
        with pytest.raises(RuntimeError, match=r"await reqSumAsync\(\).*startLoop"):
            desk.reqSum(1)
        with pytest.raises(RuntimeError, match="running"):
            run(desk.reqSumAsync(1), Event("fill"))
        assert await desk.reqSumAsync(1) == 2

    asyncio.run(main())


def test_a_call_from_another_thread_runs_on_the_owners_loop():
    desk = Desk()
    with loop_in_a_thread(desk.runner.bind) as thread:
        assert desk.reqThread() == thread.ident
        assert desk.runner.run(desk.reqThreadAsync(), desk.reqSumAsync(1)) == [thread.ident, 2]
        with pytest.raises(TypeError):
            desk.reqSum(1, "a")  # type: ignore[arg-type]


def test_a_call_from_a_running_loop_can_wait_for_one_in_another_thread():
    desk = Desk()

    async def main() -> int:
        return desk.reqThread()

    with loop_in_a_thread(desk.runner.bind) as thread:
        assert asyncio.run(main()) == thread.ident


def test_a_loop_of_another_thread_that_does_not_run_is_refused():
    desk = Desk()
    desk.runner.bind()
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="another thread"):
        pool.submit(desk.reqSum, 1).result(10)


def test_another_loop_than_the_owners_is_refused():
    desk = Desk()
    desk.runner.bind()

    async def main() -> None:
        desk.reqSum(1)

    with pytest.raises(RuntimeError, match="another event loop"):
        asyncio.run(main())


def test_the_owner_moves_on_from_a_closed_loop():
    desk = Desk()

    async def main() -> None:
        desk.runner.bind()

    asyncio.run(main())
    assert desk.reqSum(1) == 2


def test_a_loop_that_closes_ends_the_wait_of_another_thread():
    loop = asyncio.new_event_loop()

    def work() -> None:
        loop.run_forever()
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    with pytest.raises(RuntimeError, match="closed"):
        module._run_there(loop, _stop_and_wait(), None)
    thread.join(10)


def test_a_timeout_holds_when_the_loop_of_the_other_thread_stops():
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with pytest.raises(TimeoutError, match="stopped"):
        module._run_there(loop, _stop_and_wait(), 0.001)
    thread.join(10)
    loop.run_until_complete(asyncio.wait(asyncio.all_tasks(loop), timeout=10))
    loop.close()


async def _stop_and_wait() -> None:
    # Its loop ends under it on purpose: asyncio is not to complain of that in whatever test comes later.
    asyncio.current_task()._log_destroy_pending = False  # type: ignore[union-attr]
    loop = asyncio.get_running_loop()
    loop.stop()
    await loop.create_future()


def test_run_one_several_and_events():
    desk = Desk()
    event: Event[int] = Event("fill")
    assert run(desk.reqSumAsync(1)) == 2
    assert run(desk.reqSumAsync(1), desk.reqSumAsync(2)) == [2, 3]
    get_loop().call_later(0.001, event.emit, 7)
    assert run(event) == 7


def test_run_ends_after_its_timeout():
    with pytest.raises(TimeoutError, match=r"run: no result within 0.001 s"):
        run(Desk().reqNeverAsync(), timeout=0.001)


def test_a_timeout_of_a_call_names_it():
    desk = Desk()
    desk.runner.timeout = 0.001
    with pytest.raises(TimeoutError, match="reqNever: no result within"):
        desk.reqNever()
    with loop_in_a_thread(desk.runner.bind), pytest.raises(TimeoutError, match="reqNever: no result within"):
        desk.reqNever()


def test_a_timeout_from_inside_stays_as_it_is():
    async def impatient() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match=r"^mine$"):
        run(impatient(), timeout=10)


def test_a_closed_loop_takes_no_call():
    loop = asyncio.new_event_loop()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        module._run_there(loop, Desk().reqNeverAsync(), None)


def test_the_global_error_is_raised_where_somebody_waits():
    get_loop().call_later(0.001, globalErrorEvent.emit, ConnectionError("gone"))
    with pytest.raises(ConnectionError, match="gone"):
        run(Desk().reqNeverAsync())
    assert len(globalErrorEvent) == 0

    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run(cancelled())


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_control_c_leaves_nothing_behind(caplog: pytest.LogCaptureFixture):
    desk = Desk()
    loop = get_loop()
    loop.call_later(0.001, _interrupt)
    with pytest.raises(KeyboardInterrupt):
        desk.reqNever()
    assert asyncio.all_tasks(loop) == set()

    async def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(interrupted())
    assert desk.reqSum(1) == 2
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_run_without_arguments_runs_until_it_is_stopped():
    loop = get_loop()
    ended = []

    async def background() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(True)

    task = loop.create_task(background())
    loop.call_later(0.001, loop.stop)
    assert run() is None
    assert ended == [True]
    assert task.cancelled()
    loop.call_soon(loop.stop)
    assert run() is None


def test_run_without_arguments_does_nothing_in_a_running_loop():
    async def main() -> None:
        assert run() is None

    asyncio.run(main())


def test_sleep_schedule_and_wait_until():
    seen: list[str] = []
    now = dt.datetime.now()
    schedule(now + dt.timedelta(milliseconds=1), seen.append, "naive")
    schedule(dt.datetime.now(dt.UTC), seen.append, "aware")
    schedule((now + dt.timedelta(hours=1)), seen.append, "cancelled").cancel()
    assert sleep(0.01) is True
    assert sorted(seen) == ["aware", "naive"]
    assert module.wait_until(now) is True


def test_a_time_range_waits_for_each_point():
    start = dt.datetime.now() + dt.timedelta(milliseconds=300)
    early = dt.timedelta(milliseconds=5)  # the loop's clock may differ that much from the computer's
    moments = []
    for moment in module.time_range(start, start + dt.timedelta(milliseconds=10), 0.01):
        assert dt.datetime.now() >= moment - early
        moments.append(moment)
    assert moments == [start, start + dt.timedelta(milliseconds=10)]
