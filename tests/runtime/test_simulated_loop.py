"""Whether a loop on which time jumps is asyncio's loop in everything else, and says what it cannot do."""

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtime.simulated import START, run

from ibdesk import IB, Stock
from ibdesk.errors import SimulationDeadlock, SimulationError
from ibdesk.paper import PaperGateway
from ibdesk.runtime.clocks import clocks_here
from ibdesk.runtime.simulated_loop import SimulatedLoop

DAY = 24 * 3600

approx = partial(pytest.approx, rel=0, abs=1e-6)


def test_time_jumps_over_every_wait():
    async def main():
        loop = asyncio.get_running_loop()
        assert loop.time() == 0
        await asyncio.sleep(400 * DAY)
        assert loop.time() == approx(400 * DAY)
        assert clocks_here().now(dt.UTC) == START + dt.timedelta(days=400)
        assert clocks_here().timestamp() == (START + dt.timedelta(days=400)).timestamp()
        assert clocks_here().seconds() == loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await loop.create_future()
        assert loop.time() == approx(400 * DAY + 0.1)

    run(main())


def test_a_simulation_begins_at_a_moment_with_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        SimulatedLoop(START.replace(tzinfo=None))


@given(st.lists(st.integers(0, 5), max_size=50))
def test_timers_are_due_in_order_and_those_of_one_time_in_the_order_in_which_they_were_made(delays):
    called = []

    async def main():
        loop = asyncio.get_running_loop()
        for number, delay in enumerate(delays):
            loop.call_later(delay, called.append, (delay, number))
        await asyncio.sleep(5)

    run(main())
    assert called == sorted((delay, number) for number, delay in enumerate(delays))


def test_who_waits_by_asking_again_and_again_sees_time_pass():
    async def main():
        loop = asyncio.get_running_loop()
        later = []
        loop.call_later(0.05, later.append, 1)
        while loop.time() < 0.1:
            await asyncio.sleep(0)
        assert later
        return loop.time()

    assert run(main()) == approx(0.1, abs=0.002)


def test_work_in_a_thread_is_waited_for():
    async def main():
        loop = asyncio.get_running_loop()
        gate = threading.Event()
        later = loop.call_later(3600, gate.set)
        work = asyncio.ensure_future(asyncio.to_thread(gate.wait, 0.2))
        assert not await work
        assert loop.time() == 0
        later.cancel()
        return "done"

    assert run(main()) == "done"


def test_the_threads_of_an_executor_may_take_their_time_to_end(monkeypatch):
    """Otherwise the deadline that asyncio has for them, 300 seconds, would pass at once from Python 3.12 on."""
    shut_down = ThreadPoolExecutor.shutdown

    def slowly(executor, wait=True, **options):
        threading.Event().wait(0.2)
        shut_down(executor, wait, **options)

    async def main():
        await asyncio.to_thread(int)

    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", slowly)
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(START)) as runner:
        runner.run(main())
        loop = runner.get_loop()
    assert loop.time() < 1


def test_a_thread_may_call_the_loop():
    async def main():
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(future.set_result, 7))
        loop.call_soon(thread.start)
        try:
            return await future
        finally:
            thread.join()

    assert run(main()) == 7


def test_a_run_that_nothing_could_wake_says_what_waits():
    async def main():
        async def other():
            await asyncio.Event().wait()

        await asyncio.gather(other(), asyncio.create_task(other(), name="ours"))

    with pytest.raises(SimulationDeadlock) as caught:
        run(main())
    assert "ours: " in str(caught.value)
    assert "main.<locals>.other (test_simulated_loop.py:" in str(caught.value)
    assert "> Event.wait (locks.py:" in str(caught.value)
    assert len(caught.value.tasks) == 3


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com"])
def test_there_is_no_world_outside(host):
    async def main():
        loop = asyncio.get_running_loop()
        with pytest.raises(SimulationError, match="not a loopback address"):
            await asyncio.open_connection(host, 80)
        with pytest.raises(SimulationError, match="not a loopback address"):
            await loop.create_server(asyncio.Protocol, host, 0)
        with pytest.raises(SimulationError, match="files and sockets of the operating system"):
            loop.add_reader(0, print)

    run(main())


def test_client_and_gateway_live_through_a_minute():
    async def main():
        async with PaperGateway(port=0) as gateway:
            assert gateway.start_time == START
            ib = IB()
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
            (contract,) = await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
            ticker = ib.reqMktData(contract)
            ticks = []
            ticker.updateEvent += lambda ticker: ticks.append((ticker.time, ticker.bid, ticker.ask, ticker.last))
            await asyncio.sleep(60)
            ib.disconnect()
            return ticks

    ticks = run(main())
    assert len(ticks) > 20
    assert ticks == run(main())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_signals_are_heard_while_the_loop_runs():
    async def main():
        loop = asyncio.get_running_loop()
        heard = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, heard.set)
        os.kill(os.getpid(), signal.SIGUSR1)
        while not heard.is_set():
            await asyncio.sleep(0)
        loop.remove_signal_handler(signal.SIGUSR1)

    run(main())


INTERRUPTED = """
import asyncio, datetime as dt, os, signal, threading
from ibdesk.runtime.simulated_loop import SimulatedLoop

async def main():
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        {wait}
    except asyncio.CancelledError:
        print("cancelled")
        raise

# A launcher may have it ignored, as nohup and a shell's & do. Then asyncio has nothing to take over.
signal.signal(signal.SIGINT, signal.default_int_handler)
with asyncio.Runner(loop_factory=lambda: SimulatedLoop(dt.datetime(2026, 11, 2, tzinfo=dt.UTC))) as runner:
    try:
        runner.run(main())
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    "wait", ["while True: await asyncio.sleep(1)", "await asyncio.to_thread(threading.Event().wait, 2)"]
)
def test_ctrl_c_ends_a_run(wait):
    program = INTERRUPTED.format(wait=wait)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert result.stdout.split() == ["cancelled", "interrupted"], result.stderr
