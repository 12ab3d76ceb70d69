"""An `IB` with an event loop in a thread of its own: used from everywhere, and gone without a trace."""

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from end_to_end.gateways import paper_on_a_free_port

from ibdesk import IB, LimitOrder, MarketOrder, Stock, util
from ibdesk.client.blocking import LoopRunner
from ibdesk.runtime.threads import LoopThread, has_own_thread, loop_beside

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with paper_on_a_free_port("2026-04-15T10:00:00-04:00") as found:
        yield found


@pytest.fixture
def ib(port: int) -> Iterator[IB]:
    with IB(thread=True) as ib:
        ib.RequestTimeout = 20
        ib.connect("127.0.0.1", port, clientId=1)
        yield ib
    wait_for(lambda: not own_threads())


def in_child(program: str, code: int = 0) -> str:
    """The output of a program in an interpreter of its own, where every warning is an error."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONASYNCIODEBUG": ""},
    )
    assert (result.returncode, result.stderr) == (code, "")
    return result.stdout


def own_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ibdesk"]


def wait_for(fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.01)  # between looks at what another thread does


def test_blocking_calls_work_where_no_loop_runs_and_inside_one_that_does(ib: IB):
    async def main() -> None:
        assert ib.qualifyContracts(Stock("AAPL", "SMART", "USD"))[0].conId == 265598
        assert ib.reqCurrentTime().year == 2026
        ib.reqMktData(AAPL)
        assert ib.waitOnUpdate(20)
        assert ib.sleep(0.001)
        assert util.sleep(0.001)
        assert ib.run(ib.reqCurrentTimeAsync()).year == 2026

    assert ib.reqCurrentTime().year == 2026
    asyncio.run(main())


def test_what_is_awaited_in_another_loop_comes_there(ib: IB):
    async def main() -> list[object]:
        seen = [await ib.reqCurrentTimeAsync(), await asyncio.wait_for(ib.reqPositionsAsync(), 20)]
        seen += await asyncio.gather(*(ib.reqContractDetailsAsync(AAPL) for _ in range(5)))
        ticker = ib.reqMktData(AAPL)
        assert await asyncio.wait_for(ticker.updateEvent, 20) is ticker
        async with asyncio.timeout(20):
            async for one in ticker.updateEvent:
                assert one is ticker
                break
        assert ib.cancelMktData(AAPL)
        return seen

    seen = asyncio.run(main())
    assert len(seen) == 7
    assert all(seen[2:])


def test_a_wait_that_is_given_up_in_another_loop_is_given_up_in_the_thread(ib: IB):
    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ib.reqHistoricalDataAsync(AAPL, "", "1 Y", "1 day", "TRADES", True), 1e-9)
        assert await ib.reqCurrentTimeAsync()

    asyncio.run(main())
    wait_for(lambda: not ib.client.requests.all())


def test_many_threads_at_once(ib: IB):
    def work(number: int) -> tuple[int, int]:
        ids = ib.client.getReqId(), ib.reqId()
        assert ib.reqContractDetails(AAPL)[0].contract.conId == 265598
        ib.positions(), ib.trades(), ib.accountValues(), ib.tickers(), ib.fills()
        trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1 + number / 100))
        ib.cancelOrder(trade.order)
        wait_for(trade.isDone)
        return ids

    with ThreadPoolExecutor(8) as pool:
        ids = [one for pair in pool.map(work, range(16)) for one in pair]
    assert len(set(ids)) == 32


def test_time_sleep_holds_up_nothing_and_events_are_emitted_in_the_thread(ib: IB):
    emitted_in: set[str] = set()
    ib.orderStatusEvent += lambda _: emitted_in.add(threading.current_thread().name)
    ticker = ib.reqMktData(AAPL)
    trade = ib.placeOrder(AAPL, MarketOrder("BUY", 10))
    wait_for(lambda: trade.isDone() and ticker.hasBidAsk())
    assert trade.orderStatus.status == "Filled"
    assert emitted_in == {"ibdesk"}


def test_a_handler_must_not_block_but_may_await(ib: IB, caplog: pytest.LogCaptureFixture):
    said: list[str] = []
    answered: list[object] = []

    def blocks() -> None:
        for call in (ib.reqCurrentTime, lambda: util.sleep(0.001), lambda: ib.waitOnUpdate(1)):
            with pytest.raises(RuntimeError, match="thread of IB") as caught:
                call()
            said.append(str(caught.value))

    async def awaits() -> None:
        answered.append(await ib.reqCurrentTimeAsync())

    ib.updateEvent.once(blocks)
    ib.updateEvent.once(awaits)
    ib.reqCurrentTime()
    wait_for(lambda: answered)
    assert "await reqCurrentTimeAsync()" in said[0]
    assert len(said) == 3
    assert "failed" not in caplog.text


def test_the_thread_begins_with_the_first_call_and_ends_with_the_connection(port: int):
    ib = IB(thread=True)
    assert ib.positions() == []
    assert ib.disconnect() is None
    assert not own_threads()
    for _ in range(2):
        ib.connect("127.0.0.1", port, clientId=2)
        (thread,) = own_threads()
        assert thread.daemon
        ib.disconnect()
        thread.join(20)
        assert not thread.is_alive()


def test_a_connection_that_fails_leaves_no_thread(caplog: pytest.LogCaptureFixture):
    ib = IB(thread=True)
    with pytest.raises(ConnectionRefusedError):
        ib.connect("127.0.0.1", 1, clientId=2)
    wait_for(lambda: not own_threads())
    with pytest.raises(ConnectionError, match="Not connected"):
        ib.placeOrder(AAPL, MarketOrder("BUY", 1))


def test_what_a_handler_has_begun_goes_on_after_the_connection_and_can_make_a_new_one(port: int):
    ib = IB(thread=True)
    idents: list[int] = []

    async def again() -> None:
        await asyncio.sleep(0.001)
        # Another id: the gateway may not have seen yet that the first one is free again (326).
        await ib.connectAsync("127.0.0.1", port, clientId=33)
        idents.append(threading.get_ident())

    def later() -> None:
        asyncio.get_running_loop().call_later(0.001, lambda: asyncio.ensure_future(again()))

    ib.connect("127.0.0.1", port, clientId=3)
    (thread,) = own_threads()
    ib.disconnectedEvent.once(later)
    ib.disconnect()
    wait_for(ib.isConnected)
    wait_for(lambda: idents)
    assert idents == [thread.ident]  # the thread was taken back
    ib.disconnect()
    wait_for(lambda: not own_threads())


def test_an_ib_that_nobody_holds_any_more_is_disconnected(port: int):
    ib = IB(thread=True)
    ib.connect("127.0.0.1", port, clientId=4)
    ib.reqMktData(AAPL)
    client, gone = ib.client, weakref.ref(ib)
    (thread,) = own_threads()
    del ib
    gc.collect()
    assert gone() is None
    thread.join(20)
    assert not thread.is_alive()
    assert not client.isConnected()


def test_the_connection_may_be_lost(port: int):
    with IB(thread=True) as ib:
        ib.connect("127.0.0.1", port, clientId=5)
        lost = threading.Event()
        ib.disconnectedEvent += lost.set
        transport = ib.client._transport
        assert transport is not None
        transport._loop.call_soon_threadsafe(transport.abort)
        assert lost.wait(20)
        wait_for(lambda: not own_threads())
        ib.connect("127.0.0.1", port, clientId=5)
        assert ib.reqCurrentTime()
    wait_for(lambda: not own_threads())


def test_a_loop_that_is_closed_can_not_be_acted_on_but_what_is_known_can_be_read():
    thread = LoopThread()
    ib = IB(thread=True)
    ib.runner._loop, ib.runner._thread = thread.loop, thread.ident
    thread.stop(lambda: None)
    wait_for(thread.loop.is_closed)
    assert ib.positions() == []
    assert not thread.keep()
    thread.end()


def test_a_loop_that_is_not_lent_is_found_by_nobody():
    thread = LoopThread("mine alone", is_lent=False)
    here = asyncio.new_event_loop()
    assert thread.run(asyncio.sleep(0, "done")) == "done"
    assert not has_own_thread(thread.loop)
    assert loop_beside(here) is not thread.loop
    thread.end()
    wait_for(thread.loop.is_closed)
    here.close()


def test_a_program_ends_without_a_word(port: int):
    output = in_child(
        f"""
        from ibdesk import IB, Stock
        ib = IB(thread=True)
        ib.connect("localhost", {port}, clientId=6)
        ib.reqMktData(Stock("AAPL", "SMART", "USD", conId=265598))
        print(ib.reqCurrentTime().year)
        """
    )
    assert output == "2026\n"


def test_a_program_that_fails_ends_too(port: int):
    program = f"""
        import threading
        from ibdesk import IB
        ib = IB(thread=True)
        ib.connect("127.0.0.1", {port}, clientId=6)
        async def busy():
            await ib.updateEvent.list()
        threading.excepthook = lambda failure: None  # it may still hear that the connection ends
        threading.Thread(target=lambda: ib.run(busy()), daemon=True).start()
        raise SystemExit(3)
        """
    in_child(program, code=3)


def test_after_start_loop_everything_goes_on(port: int):
    output = in_child(
        f"""
        import asyncio
        from ibdesk import IB, Stock, util

        async def main():
            util.startLoop()
            with IB(thread=True) as ib:
                ib.connect("127.0.0.1", {port}, clientId=7)
                print(ib.reqCurrentTime().year, (await ib.reqCurrentTimeAsync()).year)
                nested = []
                ib.reqMktData(Stock("AAPL", "SMART", "USD", conId=265598))
                ib.updateEvent.once(lambda: nested.append(ib.reqCurrentTime().year))
                while not nested:
                    util.sleep(0.01)
                print(*nested)

        asyncio.run(main())
        """
    )
    assert output == "2026 2026\n2026\n"


def test_after_start_loop_a_listener_may_connect_again_while_the_user_disconnects(port: int):
    output = in_child(
        f"""
        from ibdesk import IB, util

        async def main():
            util.startLoop()
            ib = IB()
            await ib.connectAsync("127.0.0.1", {port}, clientId=8)
            begun = len(ib.client.subscriptions)
            ib.disconnectedEvent.once(lambda: ib.connect("127.0.0.1", {port}, clientId=9))
            ib.disconnect()
            print(ib.isConnected(), len(ib.managedAccounts()), len(ib.client.subscriptions) == begun > 0)
            ib.disconnect()

        util.run(main())
        """
    )
    assert output == "True 1 True\n"


@pytest.mark.skipif(os.name == "nt", reason="signals are for POSIX")
@pytest.mark.parametrize("wait", ["ib.waitOnUpdate()", "ib.run()", "ib.sleep(600)", "ib.run(ib.barUpdateEvent)"])
def test_control_c_ends_a_wait_of_the_main_thread(port: int, wait: str):
    output = in_child(
        f"""
        import os, signal, sys, threading, time
        from ibdesk import IB

        def interrupt():
            begun.wait()
            main = threading.main_thread().ident
            while sys._current_frames()[main].f_code.co_name not in ("select", "wait"):
                time.sleep(0.001)
            # Just before the main thread begins to wait, a signal wakes nobody, and Python handles it after the wait.
            while signal.getsignal(signal.SIGINT) is handler:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)

        def handler(number, frame):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.default_int_handler(number, frame)

        signal.signal(signal.SIGINT, handler)
        begun = threading.Event()
        ib = IB(thread=True)
        ib.connect("127.0.0.1", {port}, clientId=8)
        threading.Thread(target=interrupt).start()
        try:
            begun.set()
            while True:
                {wait}
        except KeyboardInterrupt:
            print("interrupted", ib.reqCurrentTime().year)
        """
    )
    assert output == "interrupted 2026\n"


def test_the_loop_is_looked_for_once_in_a_call(ib: IB, monkeypatch: pytest.MonkeyPatch):
    """What stands below the public methods runs on the loop already."""
    looks: list[str] = []
    place = LoopRunner._place

    def counted(self: LoopRunner, function: Callable[..., object]) -> object:
        looks.append(function.__name__)
        return place(self, function)

    monkeypatch.setattr(LoopRunner, "_place", counted)
    trade = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 1.0))
    ib.cancelOrder(trade.order)
    ib.cancelMktData(ib.reqMktData(AAPL).contract)
    assert looks == ["placeOrder", "cancelOrder", "reqMktData", "cancelMktData"]
