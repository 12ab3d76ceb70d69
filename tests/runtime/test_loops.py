"""Which loop a thread gets, and what a loop takes after start_loop."""

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ibdesk.client.blocking import LoopRunner, sleep
from ibdesk.runtime.loops import get_loop


def in_child(program: str) -> str:
    """The output of a program in an interpreter of its own, where every warning is an error."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONASYNCIODEBUG": "0"},
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def test_each_thread_has_its_own_loop_and_closes_it():
    def work() -> asyncio.AbstractEventLoop:
        sleep(0)
        assert get_loop() is get_loop()
        return get_loop()

    with ThreadPoolExecutor(2) as pool:
        ones = [pool.submit(work).result(10)]
    other = []
    thread = threading.Thread(target=lambda: other.append(work()))
    thread.start()
    thread.join(10)
    assert ones[0] is not other[0]
    assert other[0].is_closed()
    assert ones[0].is_closed()


def test_a_loop_that_the_program_has_set_is_used():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        assert get_loop() is loop
        assert LoopRunner().loop is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    assert get_loop() is not loop
    assert get_loop() is get_loop()


def test_the_kept_loop_survives_asyncio_run():
    loop = get_loop()
    asyncio.run(asyncio.sleep(0))
    assert get_loop() is loop


def test_import_touches_no_loop_and_calls_warn_of_nothing():
    in_child(
        """
        import asyncio
        made = []
        new = asyncio.new_event_loop
        asyncio.new_event_loop = lambda: made.append(1) or new()
        from ibdesk.client.blocking import run, sleep, schedule, get_loop
        import datetime, sys, threading
        assert not made
        assert "nest_asyncio2" not in sys.modules
        sleep(0)
        run(asyncio.sleep(0), asyncio.sleep(0), timeout=5)
        schedule(datetime.datetime.now(), print)
        thread = threading.Thread(target=sleep, args=(0,))
        thread.start(); thread.join()
        assert len(made) == 2
        """
    )


def test_nested_calls_after_start_loop():
    output = in_child(
        """
        import asyncio
        from ibdesk.client.blocking import LoopRunner, blocking, run, sleep, start_loop

        class Desk:
            def __init__(self):
                self.runner = LoopRunner()
            async def reqSumAsync(self, a, b):
                await asyncio.sleep(0.001)
                return a + b
            async def reqNeverAsync(self):
                await asyncio.get_running_loop().create_future()
            reqSum = blocking(reqSumAsync)
            reqNever = blocking(reqNeverAsync)

        async def main():
            start_loop()
            start_loop()
            desk = Desk()
            print(desk.reqSum(1, 2))
            print(run(desk.reqSumAsync(3, 4), desk.reqSumAsync(5, 6)))
            sleep(0.001)
            run()
            desk.runner.timeout = 0.001
            try:
                desk.reqNever()
            except TimeoutError as error:
                print(error)
        asyncio.run(main())
        print(Desk().reqSum(7, 8))
        """
    )
    assert output.splitlines() == ["3", "[7, 11]", "reqNever: no result within 0.001 s", "15"]


def test_uvloop_can_not_be_nested():
    pytest.importorskip("uvloop")
    output = in_child(
        """
        import asyncio, uvloop
        from ibdesk.client.blocking import run, sleep, start_loop

        async def main():
            for call in (start_loop, sleep):
                try:
                    call()
                except RuntimeError as error:
                    print(error)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
        loop = uvloop.new_event_loop()
        asyncio.set_event_loop(loop)
        print(sleep(0))
        loop.close()
        """
    )
    first, second, third = output.splitlines()
    assert "uvloop can't be nested" in first
    assert "running" in second
    assert third == "True"
