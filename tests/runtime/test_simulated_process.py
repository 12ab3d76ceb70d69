"""What a program sees of the time, of threads and of event loops in a process whose time is simulated."""

import asyncio
import datetime as dt
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any

import pandas as pd
import pytest
from oracles import ib_async
from runtime.simulated import START, elapsed

from ibdesk import IB, MarketOrder, Stock, util
from ibdesk.errors import SimulationDeadlock, SimulationError
from ibdesk.paper import PaperGateway
from ibdesk.runtime.clocks import COMPUTER, clocks_here, stand_still
from ibdesk.runtime.loops import get_loop
from ibdesk.runtime.simulated_loop import SimulatedLoop
from ibdesk.runtime.simulated_process import simulated_process
from ibdesk.runtime.simulated_threads import Threads
from ibdesk.runtime.simulated_time import SimulatedTime

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def new_loop() -> Iterator[Any]:
    with simulated_process(START) as new_loop:
        yield new_loop


def everything_that_tells_the_time() -> dict[str, dt.datetime]:
    def local(text: str, spelling: str) -> dt.datetime:
        return dt.datetime.strptime(text, spelling).astimezone(dt.UTC)

    record = logging.LogRecord("any", logging.INFO, "path", 1, "text", (), None)
    return {
        "datetime.now": dt.datetime.now(dt.UTC),
        "datetime.now, naive": dt.datetime.now().astimezone(dt.UTC),
        "datetime.today": dt.datetime.today().astimezone(dt.UTC),
        "time": dt.datetime.fromtimestamp(time.time(), dt.UTC),
        "time_ns": dt.datetime.fromtimestamp(time.time_ns() / 1e9, dt.UTC),
        "monotonic": START + dt.timedelta(seconds=monotonic()),
        "monotonic_ns": START + dt.timedelta(seconds=time.monotonic_ns() / 1e9),
        "perf_counter": START + dt.timedelta(seconds=time.perf_counter()),
        "perf_counter_ns": START + dt.timedelta(seconds=time.perf_counter_ns() / 1e9),
        "gmtime": dt.datetime(*time.gmtime()[:6], tzinfo=dt.UTC),
        "localtime": dt.datetime(*time.localtime()[:6]).astimezone(dt.UTC),
        "strftime": local(time.strftime("%Y-%m-%d %H:%M:%S"), "%Y-%m-%d %H:%M:%S"),
        "ctime": local(time.ctime(), "%a %b %d %H:%M:%S %Y"),
        "asctime": local(time.asctime(), "%a %b %d %H:%M:%S %Y"),
        "Timestamp.now": pd.Timestamp.now(dt.UTC).to_pydatetime(),
        "Timestamp": pd.Timestamp("now").to_pydatetime().replace(tzinfo=dt.UTC),
        "a log record": dt.datetime.fromtimestamp(record.created, dt.UTC),
        "our clocks": clocks_here().now(dt.UTC),
        "our timestamp": dt.datetime.fromtimestamp(clocks_here().timestamp(), dt.UTC),
        "our seconds": START + dt.timedelta(seconds=COMPUTER.seconds()),
    }


def test_everything_tells_simulated_time(new_loop) -> None:
    assert set(everything_that_tells_the_time().values()) == {START}
    sleep(60)
    stand_still(60)
    assert set(everything_that_tells_the_time().values()) == {START + 2 * MINUTE}
    assert dt.date.today() == dt.datetime.now().date()

    async def main():
        await asyncio.sleep(60)
        return everything_that_tells_the_time()

    assert set(asyncio.run(main()).values()) == {START + 3 * MINUTE}


def test_everything_is_put_back() -> None:
    names = ("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep", "ctime", "asctime")
    before = [getattr(time, name) for name in names]
    waits = [threading.Condition.wait, threading.Thread.start, threading.Thread.join, queue.SimpleQueue]
    loop, policy = get_loop(), asyncio.get_event_loop_policy()
    with pytest.raises(KeyError), simulated_process(START):
        import zipapp  # a module that comes only now, and takes what it finds

        zipapp.sleep = time.sleep  # type: ignore[attr-defined]
        assert get_loop() is not loop
        raise KeyError
    assert [getattr(time, name) for name in names] == before
    assert [threading.Condition.wait, threading.Thread.start, threading.Thread.join, queue.SimpleQueue] == waits
    assert zipapp.sleep is sleep is time.sleep  # type: ignore[attr-defined]
    assert monotonic is time.monotonic
    assert get_loop() is loop
    assert asyncio.get_event_loop_policy() is policy
    after = asyncio.new_event_loop()
    assert not isinstance(after, SimulatedLoop)
    after.close()
    assert abs(dt.datetime.now(dt.UTC).timestamp() - time.time()) < 5
    assert dt.datetime.now(dt.UTC) != START


def test_there_is_one_simulation_at_a_time(new_loop) -> None:
    with pytest.raises(SimulationError, match="one at a time"), simulated_process(START):
        pass
    assert dt.datetime.now(dt.UTC) == START


async def test_a_loop_that_runs_already_lives_in_it() -> None:
    with simulated_process(START):
        await asyncio.sleep(3600)
        assert dt.datetime.now(dt.UTC) == START + dt.timedelta(hours=1)


# Waits


def test_while_a_program_sleeps_nothing_is_delivered_and_timers_are_late(new_loop) -> None:
    async def main():
        loop = asyncio.get_running_loop()
        called = []
        loop.call_later(10, lambda: called.append(round(loop.time(), 6)))
        sleep(60)
        assert called == []
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert called == [60]

    asyncio.run(main())


def test_sleep_refuses_what_the_real_one_refuses(new_loop) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        sleep(-1)
    with pytest.raises(TypeError):
        sleep("1")
    sleep(0)
    assert elapsed() == 0


def test_who_waits_by_looking_at_the_clock_sees_time_pass(new_loop) -> None:
    end = time.time() + 0.5
    while time.time() < end:
        pass
    while monotonic() < 1:
        pass
    assert monotonic() == pytest.approx(1, abs=1e-5)


def test_timeouts_of_threading_and_queue_are_simulated(new_loop) -> None:
    assert not threading.Event().wait(30)
    assert elapsed() == 30
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=30)
    with pytest.raises(queue.Empty):
        queue.SimpleQueue().get(timeout=30)
    condition = threading.Condition()
    with condition:
        assert not condition.wait_for(lambda: False, 30)
    assert not threading.Semaphore(0).acquire(timeout=30)
    assert elapsed() == 150
    with pytest.raises(RuntimeError, match="un-acquired"):
        condition.wait(1)


def test_threads_wake_at_their_moments(new_loop) -> None:
    seen: queue.Queue[tuple[str, float]] = queue.Queue()

    def work(name, pause):
        for _ in range(3):
            sleep(pause)
            seen.put((name, elapsed()))

    threads = [threading.Thread(target=work, args=(name, pause)) for name, pause in (("a", 5), ("b", 7))]
    for thread in threads:
        thread.start()
    assert [seen.get() for _ in range(6)] == [("a", 5), ("b", 7), ("a", 10), ("b", 14), ("a", 15), ("b", 21)]
    for thread in threads:
        thread.join()
        assert not thread.is_alive()
    assert elapsed() == 21


def test_time_stands_still_where_a_wait_ended_just_before_it_would_pass() -> None:
    """Another thread may end the wait of the home thread, and go to sleep, while that begins to let time pass."""
    simulated, is_over = SimulatedTime(START), iter([False, True])
    Threads(simulated).pass_until(10, lambda: next(is_over), lambda seconds: None)
    assert simulated.seconds() == 0


def test_a_thread_is_waited_for_until_its_end_is_told(monkeypatch) -> None:
    threads, thread, seen = Threads(SimulatedTime(START)), threading.Thread(target=int), []

    class Ended(threading.Event):
        def set(self):
            seen.append(threads.is_alone)

    monkeypatch.setattr(threading, "Event", Ended)
    threads.enter(thread)
    threads.leave(thread)
    assert (seen, threads.is_alone) == ([False], True)


def test_loops_beside_have_their_turns_when_nobody_computes(new_loop) -> None:
    loop, turns = new_loop(), []
    loop.run_beside()
    gate = threading.Event()

    def work():
        loop.call_soon_threadsafe(turns.append, "turn")
        sum(range(300_000))
        turns.append("computed")
        gate.set()

    thread = threading.Thread(target=work)
    thread.start()
    gate.wait()
    sleep(1)
    thread.join()
    assert turns == ["computed", "turn"]


def test_a_join_may_be_too_short(new_loop) -> None:
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait)
    thread.start()
    thread.join(5)
    assert (thread.is_alive(), elapsed()) == (True, 5)
    gate.set()
    thread.join()
    assert (thread.is_alive(), elapsed()) == (False, 5)


def test_a_thread_that_computes_is_waited_for_and_one_that_sleeps_is_not(new_loop) -> None:
    async def main():
        sleeping = asyncio.create_task(asyncio.to_thread(lambda: (sleep(100), elapsed())))
        await asyncio.sleep(50)
        assert (elapsed(), sleeping.done()) == (50, False)
        computing = asyncio.to_thread(lambda: sum(range(3_000_000)))
        async with asyncio.timeout(0.001):
            await computing
        assert elapsed() == 50
        assert await sleeping == (None, 100)

    asyncio.run(main())


def test_executors_work_as_ever(new_loop) -> None:
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(lambda pause: (sleep(pause), elapsed())[1], pause) for pause in (7, 3, 5)]
        assert [future.result() for future in futures] == [7, 3, 8]
        with pytest.raises(TimeoutError):
            pool.submit(sleep, 10).result(timeout=1)
        assert elapsed() == 9
    assert elapsed() == 18

    async def main():
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as pool:
            assert await loop.run_in_executor(pool, divmod, 7, 2) == (3, 1)
            with pytest.raises(ZeroDivisionError):
                await asyncio.wrap_future(pool.submit(divmod, 1, 0))
        with ProcessPoolExecutor(1) as pool:
            assert await loop.run_in_executor(pool, divmod, 7, 2) == (3, 1)
        assert elapsed() == 18

    asyncio.run(main())


def test_threads_that_were_there_before_go_on_in_real_time() -> None:
    begin, told = threading.Event(), []

    def work():
        begin.wait()
        told.append(dt.datetime.now(dt.UTC))
        told.append(monotonic())
        sleep(0.001)
        told.append(monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    real = monotonic()
    with simulated_process(START):
        begin.set()
        while thread.is_alive():
            pass
        assert elapsed() == 0
    assert told[0] != START
    assert real <= told[1] < told[2]


def test_a_wait_that_nothing_could_end_says_where_it_is(new_loop) -> None:
    with pytest.raises(SimulationDeadlock, match=r"MainThread: .* > Event.wait \(threading.py:"):
        threading.Event().wait()
    threading.Thread(target=threading.Event().wait, name="ours", daemon=True).start()
    with pytest.raises(SimulationDeadlock, match="ours: "):
        threading.Event().wait()


# Event loops


def test_whoever_makes_a_loop_gets_one_that_shares_the_time(new_loop) -> None:
    async def main():
        await asyncio.sleep(60)
        return asyncio.get_running_loop()

    loops = [asyncio.run(main()), asyncio.run(main())]
    with asyncio.Runner() as runner:
        loops.append(runner.run(main()))
    loops.append(util.getLoop())
    loops[-1].run_until_complete(main())
    loop = asyncio.new_event_loop()
    loops.append(loop.run_until_complete(main()))
    assert all(type(loop) is SimulatedLoop for loop in loops)
    assert len(set(loops)) == 5
    assert dt.datetime.now(dt.UTC) == START + 5 * MINUTE


def test_loops_in_real_time_and_in_other_threads_are_refused(new_loop) -> None:
    pause = asyncio.sleep(0)
    loop = asyncio.SelectorEventLoop()
    with pytest.raises(SimulationError, match="runs in real time"):
        loop.run_until_complete(pause)
    pause.close()
    loop.close()
    told: list[Exception] = []

    def work():
        try:
            asyncio.new_event_loop()
        except SimulationError as error:
            told.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "in the thread that began it" in str(told[0])
    ib = IB(thread=True)
    with pytest.raises(SimulationError, match=r"use IB\(\) instead"):
        ib.connect()


@pytest.mark.parametrize(
    "program",
    [
        "uvloop.run(main())",
        "asyncio.run(main(), loop_factory=uvloop.new_event_loop)",
        "uvloop.install()",
        "asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())",
        "uvloop.new_event_loop()",
        "before.run_forever()",
        "before.run_until_complete(main())",
    ],
)
@pytest.mark.parametrize("is_imported_before", [True, False])
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited", "ignore:uvloop.install:DeprecationWarning")
def test_uvloop_is_refused_with_what_to_do_instead(monkeypatch, program, is_imported_before) -> None:
    if "loop_factory" in program and sys.version_info < (3, 12):
        program = "asyncio.Runner(loop_factory=uvloop.new_event_loop).run(main())"
    import uvloop

    before = uvloop.new_event_loop()
    if not is_imported_before:
        monkeypatch.delitem(sys.modules, "uvloop")

    async def main():
        await asyncio.sleep(3600)

    with simulated_process(START):
        import uvloop  # another module of the same name, if it was not imported before

        names = {"asyncio": asyncio, "uvloop": uvloop, "main": main, "before": before}
        with pytest.raises(SimulationError, match=r"uvloop\..* real time: .* make event loops by asyncio.run\(\)"):
            exec(program, names)
        asyncio.run(main())
        assert elapsed() == 3600
    before.run_until_complete(asyncio.sleep(0))
    before.close()
    uvloop.run(asyncio.sleep(0))


def test_policies_of_asyncio_change_nothing(new_loop) -> None:
    asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())
    asyncio.set_event_loop_policy(None)
    asyncio.run(asyncio.sleep(3600))
    assert elapsed() == 3600


def test_connections_last_from_loop_to_loop_of_one_thread(new_loop) -> None:
    beside = new_loop()
    server = beside.run_until_complete(beside.create_server(lambda: Echo(), "127.0.0.1", 0))
    beside.run_beside()
    port = server.sockets[0].getsockname()[1]

    async def main():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()
        await writer.wait_closed()

    asyncio.run(main())
    asyncio.run(main())
    server.close()


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


def trade_as_ever(ib: Any, contract: Any, order: Any) -> Any:
    """A program in blocking style."""
    (qualified,) = ib.qualifyContracts(contract)
    ticker = ib.reqMktData(qualified)
    ib.sleep(60)
    assert ticker.bid < ticker.ask
    trade = ib.placeOrder(qualified, order)
    while not trade.isDone():
        ib.waitOnUpdate(5)
    ib.disconnect()
    return ticker.bid, trade.fills[0].execution.price, trade.fills[0].execution.time


def test_programs_of_both_libraries_run_unmodified_beside_a_gateway(new_loop) -> None:
    theirs = ib_async()
    found = []
    for library in (sys.modules["ibdesk"], theirs):
        with PaperGateway(port=0, start_time=START, max_version=178) as gateway:
            ib: Any = library.IB()
            ib.connect("127.0.0.1", gateway.port, clientId=1)
            found.append(trade_as_ever(ib, library.Stock("AAPL", "SMART", "USD"), library.MarketOrder("BUY", 100)))
    assert found[0] == found[1]


def test_a_gateway_beside_the_program_lives_while_the_program_sleeps(new_loop) -> None:
    with PaperGateway(port=0) as gateway:
        ib = IB()
        ib.connect("127.0.0.1", gateway.port, clientId=1)
        (contract,) = ib.qualifyContracts(Stock("AAPL", "SMART", "USD"))
        trade = ib.placeOrder(contract, MarketOrder("BUY", 100))
        sleep(3600)
        assert not trade.isDone()
        ib.sleep(0.1)
        assert trade.isDone()
        assert trade.fills[0].execution.time < START + MINUTE
        ib.disconnect()


def test_nested_runs_work(new_loop) -> None:
    program = """
import asyncio, datetime as dt
from ibdesk import IB, Stock, util
from ibdesk.paper import PaperGateway
from ibdesk.runtime.simulated_process import simulated_process

with simulated_process(dt.datetime(2026, 11, 2, 14, 30, tzinfo=dt.UTC)):
    async def main():
        util.startLoop()
        async with PaperGateway(port=0) as gateway:
            ib = IB()
            ib.connect("127.0.0.1", gateway.port, clientId=1)
            ib.sleep(3600)
            print(dt.datetime.now(dt.UTC).time(), ib.reqCurrentTime().time())
            ib.disconnect()
    asyncio.run(main())
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.split() == ["15:30:00", "15:30:00"], result.stderr


REPEATED = """
import datetime as dt, hashlib
from ibdesk import IB, LimitOrder, MarketOrder, Stock
from ibdesk.paper import PaperGateway
from ibdesk.runtime import memory_network
from ibdesk.runtime.simulated_process import simulated_process

sent = hashlib.sha256()
send = memory_network.MemorySocket.send
def heard(self, data):
    count = send(self, data)
    sent.update(repr((self.getsockname(), dt.datetime.now(), bytes(data[:count]))).encode())
    return count
memory_network.MemorySocket.send = heard

junk = [object() for _ in range({junk})]  # so that objects are elsewhere in memory
with simulated_process(dt.datetime(2026, 11, 2, 14, 30, tzinfo=dt.UTC)), PaperGateway(port=0) as gateway:
    ibs = [IB() for _ in range(3)]
    for number, ib in enumerate(ibs):
        ib.connect("127.0.0.1", gateway.port, clientId=number)
    contracts = ibs[0].qualifyContracts(*[Stock(symbol, "SMART", "USD") for symbol in ("AAPL", "MSFT", "NVDA", "IBM")])
    def trade(tickers):
        for ticker in tickers:
            if len(ibs[0].trades()) < 20 and ticker.hasBidAsk():
                ibs[0].placeOrder(ticker.contract, LimitOrder("BUY", 1, ticker.bid))
    ibs[0].pendingTickersEvent += trade
    for ib in ibs:
        for contract in contracts:
            ib.reqMktData(contract)
    ibs[0].sleep(10)
    for ib in ibs:
        ib.disconnect()
print(sent.hexdigest(), len(ibs[0].trades()))
"""


def test_the_same_program_sends_the_same_bytes_whatever_the_order_in_memory() -> None:
    results = set()
    for seed in "0123":
        program = REPEATED.format(junk=int(seed) * 1000)
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONASYNCIODEBUG": ""}
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
        assert done.stdout.split()[1:] == ["20"], done.stderr
        results.add(done.stdout)
    assert len(results) == 1
