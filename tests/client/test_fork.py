"""A process that was forked can't use the `IB` of the process before, is told so, and takes nothing away from it."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

from ibdesk.paper import PaperGateway

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")

START = """
import asyncio, os, signal, sys
from ibdesk import *
from ibdesk.paper import PaperGateway

def in_child(what, end=sys.exit):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a child that hangs is ended
        try:
            print("child:", what())
        except Exception as error:
            print("child:", type(error).__name__, error)
        sys.stdout.flush()
        end(0)  # mostly with all that Python does at its end
    print("ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

def year_in_thread(ib):
    # From another thread the loop is reached by its own way of being woken.
    return util.run(asyncio.to_thread(ib.reqCurrentTime)).year
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with PaperGateway(port=0, start_time="2026-04-15T10:00:00-04:00") as gateway:
        yield gateway.port


def run(port: int, program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", START + textwrap.dedent(program), str(port)],
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, "PYTHONASYNCIODEBUG": ""},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


CALLS = [
    ("reqCurrentTime", "ib.reqCurrentTime()"),
    ("reqCurrentTimeAsync", "asyncio.run(ib.reqCurrentTimeAsync())"),
    ("isConnected", "ib.isConnected()"),
    ("positions", "ib.positions()"),
    ("placeOrder", "ib.placeOrder(Forex('EURUSD'), MarketOrder('BUY', 1))"),
    ("run", "ib.waitOnUpdate(1)"),
    ("disconnect", "ib.disconnect()"),
    ("connect", "ib.connect('127.0.0.1', port, clientId=2)"),
    ("getReqId", "ib.client.getReqId()"),
    ("send", "ib.client.reqCurrentTime()"),
]
"""What is called, and how."""


@pytest.mark.parametrize("made", ["IB()", "IB(thread=True)"])
def test_calls_in_a_child_end_with_an_error_that_says_what_to_do(port: int, made: str) -> None:
    told = run(
        port,
        f"""
        port = int(sys.argv[1])
        ib = {made}
        ib.connect("127.0.0.1", port, clientId=1)
        for _, call in {CALLS!r}:
            in_child(lambda: eval(call))
        print(ib.isConnected(), year_in_thread(ib), os.getpid())
        """,
    )
    *children, parent = told
    connected, year, process = parent.split()
    assert (connected, year) == ("True", "2026")
    assert children[1::2] == ["ended with 0"] * len(CALLS)
    for (name, _), line in zip(CALLS, children[::2], strict=True):
        assert line.startswith(f"child: RuntimeError {name}() can't be called in process ")
        assert f"the event loop and the connection belong to process {process}. Make another IB here" in line
        assert line.endswith("multiprocessing.set_start_method('spawn')")


@pytest.mark.parametrize("here", ["IB()", "IB(thread=True)"])
@pytest.mark.parametrize("there", ["IB()", "IB(thread=True)"])
def test_a_child_has_an_ib_of_its_own_and_both_go_on(port: int, here: str, there: str) -> None:
    told = run(
        port,
        f"""
        def other():
            other = {there}
            other.connect("127.0.0.1", port, clientId=2)
            year = year_in_thread(other)
            other.disconnect()
            return year

        port = int(sys.argv[1])
        ib = {here}
        unused = IB(thread=True)
        ib.connect("127.0.0.1", port, clientId=1)
        in_child(other)
        in_child(lambda: unused.connect("127.0.0.1", port, clientId=2).reqCurrentTime().year)
        print(year_in_thread(ib), len(ib.reqContractDetails(Stock("AAPL", "SMART", "USD"))))
        ib.disconnect()
        in_child(lambda: ib.connect("127.0.0.1", port, clientId=1).reqCurrentTime().year)
        print(ib.connect("127.0.0.1", port, clientId=1).reqCurrentTime().year)
        """,
    )
    child = ["child: 2026", "ended with 0"]
    assert told == [*child, *child, "2026 1", *child, "2026"]


def test_blocks_that_a_child_leaves_end_nothing() -> None:
    told = run(
        0,
        """
        with PaperGateway(port=0) as gateway, IB() as ib, IB(thread=True) as other:
            ib.connect("127.0.0.1", gateway.port, clientId=1)
            other.connect("127.0.0.1", gateway.port, clientId=2)
            child = os.fork()
            if child == 0:
                signal.alarm(30)
                sys.exit(3)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            print(ib.isConnected(), abs(ib.reqCurrentTime() - other.reqCurrentTime()).seconds < 60)
        """,
    )
    assert told == ["3", "True True"]


def test_a_child_of_a_running_loop_is_told_too(port: int) -> None:
    told = run(
        port,
        """
        async def main():
            ib = IB()
            await ib.connectAsync("127.0.0.1", int(sys.argv[1]), clientId=1)
            in_child(ib.reqCurrentTime, os._exit)
            in_child(lambda: util.run(asyncio.sleep(0, "rested")), os._exit)
            print((await ib.reqCurrentTimeAsync()).year)
            ib.disconnect()

        asyncio.run(main())
        """,
    )
    assert told[0].startswith("child: RuntimeError reqCurrentTime() can't be called in process ")
    assert told[1:] == ["ended with 0", "child: rested", "ended with 0", "2026"]
