"""Where ib_async hangs, freezes or refuses to run: the same program with it and with ibdesk, each in its own process.

The numbers are those of the list of pains. The programs get the library, as `lib`, and the port of a paper gateway.
"""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest
from end_to_end.gateways import paper_on_a_free_port
from fetch_oracles import oracle_path

pytestmark = pytest.mark.slow

START = """
import asyncio, gc, importlib, logging, sys, threading, time
lib = importlib.import_module(sys.argv[1])
port = int(sys.argv[2])
logging.disable()
loops_after_import = [one for one in gc.get_objects() if isinstance(one, asyncio.AbstractEventLoop)]

def connected(**options):
    ib = lib.IB(**options)
    ib.connect("127.0.0.1", port, clientId=1)
    return ib

def tried(function, *args):
    begin = time.monotonic()
    try:
        print("gives", type(function(*args)).__name__)
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")
    return time.monotonic() - begin
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with paper_on_a_free_port("2026-04-15T10:00:00-04:00") as found:
        yield found


def both(port: int, theirs: str, ours: str) -> tuple[list[str], list[str]]:
    """What the two programs print: one with ib_async, one with ibdesk. Ours must not warn of anything."""
    return _run(port, "ib_async", theirs), _run(port, "ibdesk", ours)


def _run(port: int, lib: str, program: str) -> list[str]:
    warn = "error" if lib == "ibdesk" else "ignore"
    paths = [str(oracle_path("ib_async", "2.1.0"))] if lib == "ib_async" else []
    paths += filter(None, [os.environ.get("PYTHONPATH")])
    result = subprocess.run(
        [sys.executable, "-W", warn, "-c", START + textwrap.dedent(program), lib, str(port)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONASYNCIODEBUG": ""},
    )
    assert result.returncode == 0, result.stderr
    assert lib == "ib_async" or result.stderr == ""
    return result.stdout.splitlines()


NEW_PYTHON = """
    import importlib.metadata, warnings
    print(any(line.startswith("nest_asyncio") and not line.startswith("nest_asyncio2")
              for line in importlib.metadata.requires(lib.__name__)))
    print(len(loops_after_import), "nest_asyncio2" in sys.modules)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with lib.IB() as ib:
            ib.connect("127.0.0.1", port, clientId=1)
            lib.util.sleep(0)
    print(any(one.category is DeprecationWarning and "event loop" in str(one.message) for one in caught))
    """


def test_61_new_versions_of_python(port: int) -> None:
    """ib_async needs a package that nobody looks after, and asks asyncio for loops in a way that is going away."""
    theirs, ours = both(port, NEW_PYTHON, NEW_PYTHON)
    assert theirs == ["True", "0 False", str(sys.version_info >= (3, 12))]
    assert ours == ["False", "0 False", "False"]


IN_A_LOOP = """
    async def main():
        ib = lib.IB({options})
        tried(ib.connect, "127.0.0.1", port)
        tried(ib.reqCurrentTime)
        ib.disconnect()

    asyncio.run(main())
    """


def test_62_a_blocking_call_inside_a_running_loop(port: int) -> None:
    theirs, ours = both(port, IN_A_LOOP.format(options=""), IN_A_LOOP.format(options="thread=True"))
    assert theirs[0] == "RuntimeError: This event loop is already running"
    assert ours == ["gives IB", "gives datetime"]


def test_62_without_a_thread_the_error_says_what_to_do(port: int) -> None:
    _, ours = both(port, "", IN_A_LOOP.format(options=""))
    assert "await connectAsync() instead" in ours[0]
    assert "IB(thread=True)" in ours[0]


def test_63_uvloop(port: int) -> None:
    program = """
        import uvloop

        async def main():
            if lib.__name__ == "ib_async":
                tried(lib.util.patchAsyncio)
                ib = lib.IB()
            else:
                ib = lib.IB(thread=True)
            tried(ib.connect, "127.0.0.1", port)
            if ib.isConnected():
                tried(ib.reqCurrentTime)
                print(type(await ib.reqCurrentTimeAsync()).__name__)
            ib.disconnect()

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
        """
    theirs, ours = both(port, program, program)
    assert theirs[0].startswith("ValueError: Can't patch loop of type <class 'uvloop.Loop'>")
    assert theirs[1].startswith("RuntimeError: this event loop is already running")
    assert ours == ["gives IB", "gives datetime", "datetime"]


VAIN, PATIENT = 0.7, 60
"""Seconds: for what never comes, and for what does, on the slowest computer."""

IN_ANOTHER_LOOP = """
    ib = connected({options})

    async def main():
        return await asyncio.wait_for(ib.reqCurrentTimeAsync(), {seconds})

    print(tried(asyncio.run, main()) > {seconds} - 0.1)
    ib.disconnect()
    """


@pytest.mark.parametrize("options", ["", "thread=True"])
def test_64_what_is_awaited_in_another_loop_takes_exactly_its_timeout(port: int, options: str) -> None:
    theirs, ours = both(
        port,
        IN_ANOTHER_LOOP.format(options="", seconds=VAIN),
        IN_ANOTHER_LOOP.format(options=options, seconds=PATIENT),
    )
    assert theirs == ["TimeoutError: ", "True"]
    said, is_late = ours
    assert is_late == "False"
    if options:
        assert said == "gives datetime"
    else:
        assert said.startswith("RuntimeError: reqCurrentTimeAsync() belongs to another event loop than the one that")


IN_ANOTHER_THREAD = """
    ib = connected({options})
    ib.RequestTimeout = {seconds}
    took = []

    def work():
        if lib.__name__ == "ib_async":
            asyncio.set_event_loop(asyncio.new_event_loop())  # else it says that there is none
        took.append(tried(ib.reqCurrentTime))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    print(took[0] > {seconds} - 0.1)
    thread = threading.Thread(target=tried, args=(ib.placeOrder, lib.Stock("AAPL", "SMART", "USD", conId=265598),
                                                  lib.LimitOrder("BUY", 1, 1)))
    thread.start()
    thread.join()
    ib.disconnect()
    """


@pytest.mark.parametrize("options", ["", "thread=True"])
def test_64_and_65_a_call_in_another_thread_as_streamlit_makes_at_each_rerun(port: int, options: str) -> None:
    theirs, ours = both(
        port,
        IN_ANOTHER_THREAD.format(options="", seconds=VAIN),
        IN_ANOTHER_THREAD.format(options=options, seconds=PATIENT),
    )
    assert theirs[0].startswith("TimeoutError")
    assert theirs[1] == "True"
    if options:
        assert ours == ["gives datetime", "False", "gives Trade"]
    else:
        assert ours[0].startswith("RuntimeError: reqCurrentTime() belongs to the event loop of another thread")
        assert ours[2].startswith("RuntimeError: placeOrder() belongs to the event loop of another thread")


ASLEEP = """
    ib = connected({options})
    ticker = ib.reqMktData(lib.Stock("AAPL", "SMART", "USD", conId=265598))
    end = time.monotonic() + {seconds}
    while not ticker.hasBidAsk() and time.monotonic() < end:
        time.sleep(0.05)
    print(ticker.hasBidAsk())
    ib.disconnect()
    """


def test_66_time_sleep_freezes_everything(port: int) -> None:
    theirs, ours = both(
        port, ASLEEP.format(options="", seconds=VAIN), ASLEEP.format(options="thread=True", seconds=PATIENT)
    )
    assert theirs == ["False"]
    assert ours == ["True"]
