"""Programs of many kinds run on a paper gateway: notebooks, web servers, windows, other event loops."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import nbformat
import pytest
from end_to_end.gateways import paper_on_a_free_port
from nbclient import NotebookClient

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with paper_on_a_free_port("2026-04-15T10:00:00-04:00") as found:
        yield found


def said(program: str, port: int) -> list[str]:
    """What a program prints in an interpreter of its own, where every warning is an error."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program), str(port)],
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, "PYTHONASYNCIODEBUG": "", "QT_QPA_PLATFORM": "offscreen"},
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout.splitlines()


START = """
import asyncio, sys, time
from ibdesk import IB, MarketOrder, Stock, util

port = int(sys.argv[1])
aapl = Stock("AAPL", "SMART", "USD", conId=265598)
"""


@pytest.mark.parametrize("options", ["", "thread=True"])
def test_a_plain_script(port: int, options: str) -> None:
    program = f"""
with IB({options}) as ib:
    ib.connect("127.0.0.1", port, clientId=1)
    trade = ib.placeOrder(aapl, MarketOrder("BUY", 1))
    while not trade.isDone():
        ib.waitOnUpdate(1)
    print(trade.orderStatus.status)
    for value in ib.loopUntil(lambda: trade.commissionReportEvent and trade.fills[0].commissionReport.execId, 20):
        pass
    print(bool(value))
"""
    assert said(START + program, port) == ["Filled", "True"]


@pytest.mark.parametrize("options", ["", "thread=True"])
@pytest.mark.parametrize("factory", ["asyncio.new_event_loop", "uvloop.new_event_loop"])
def test_a_coroutine_on_asyncio_and_uvloop(port: int, options: str, factory: str) -> None:
    program = f"""
import uvloop

async def main():
    with await IB({options}).connectAsync("127.0.0.1", port, clientId=1) as ib:
        ticker = ib.reqMktData(aapl)
        async with asyncio.timeout(20):
            async for _ in ticker.updateEvent:
                if ticker.hasBidAsk():
                    break
        trade = ib.placeOrder(aapl, MarketOrder("BUY", 1))
        while not trade.isDone():
            await asyncio.wait_for(ib.updateEvent, 20)
        print(trade.orderStatus.status, len(await ib.reqExecutionsAsync()) > 0)

with asyncio.Runner(loop_factory={factory}) as runner:
    runner.run(main())
"""
    assert said(START + program, port) == ["Filled True"]


CELLS = {
    "startLoop": [
        "from ibdesk import *; util.startLoop(); ib = IB()",
        "nested = []\ndef handler(*_):\n    nested.append(ib.reqCurrentTime().year)",
        "ib.connect('127.0.0.1', PORT, clientId=1); ib.updateEvent.once(handler); ib.reqCurrentTime().year",
        "while not nested: ib.sleep(0.01)\nnested",
        "ib.disconnect() and None",
    ],
    "thread": [
        "from ibdesk import *; ib = IB(thread=True)",
        "nested = []\nasync def handler(*_):\n    nested.append((await ib.reqCurrentTimeAsync()).year)",
        "ib.connect('127.0.0.1', PORT, clientId=1); ib.updateEvent.once(handler); ib.reqCurrentTime().year",
        "while not nested: ib.sleep(0.01)\nnested",
        "ib.disconnect() and None",
        "ib.connect('127.0.0.1', PORT, clientId=1); (await ib.reqCurrentTimeAsync()).year",
        "util.run(ib.reqCurrentTimeAsync()).year",
        "ib.disconnect() and None",
    ],
}


@pytest.mark.parametrize("way", CELLS)
def test_a_notebook_with_and_without_start_loop(port: int, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "")  # it tells what took long on this machine
    cells = [nbformat.v4.new_code_cell(code.replace("PORT", str(port))) for code in CELLS[way]]
    notebook = nbformat.v4.new_notebook(cells=cells)
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert [output for output in outputs if "data" not in output] == []
    shown = [output["data"]["text/plain"] for output in outputs]
    assert shown == (["2026", "[2026]"] if way == "startLoop" else ["2026", "[2026]", "2026", "2026"])


def test_handlers_of_fastapi(port: int) -> None:
    program = """
import contextlib, fastapi, httpx, threading

ib = IB(thread=True)

@contextlib.asynccontextmanager
async def life(app):
    await ib.connectAsync("127.0.0.1", port, clientId=1)
    yield
    ib.disconnect()

app = fastapi.FastAPI(lifespan=life)

@app.get("/awaits")
async def awaits():
    return [(await ib.reqCurrentTimeAsync()).year, len(await ib.reqContractDetailsAsync(aapl))]

@app.get("/blocks")
async def blocks():
    return [ib.reqCurrentTime().year, len(ib.reqContractDetails(aapl))]

@app.get("/in_a_worker")
def in_a_worker():
    return [ib.reqCurrentTime().year, len(ib.reqContractDetails(aapl))]

@app.post("/buy")
async def buy():
    trade = ib.placeOrder(aapl, MarketOrder("BUY", 1))
    async with asyncio.timeout(20):
        while not trade.isDone():
            await ib.updateEvent
    return trade.orderStatus.status

async def main():
    transport = httpx.ASGITransport(app)
    async with life(app), httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        answers = await asyncio.gather(*(client.get(path) for path in ("/awaits", "/blocks", "/in_a_worker") * 4))
        assert all(answer.json() == [2026, 1] for answer in answers), answers
        print((await client.post("/buy")).json())

asyncio.run(main())
"""
    assert said(START + program, port) == ["Filled"]


STREAMLIT = """
import streamlit as st
from ibdesk import IB, Stock

@st.cache_resource
def connection():
    ib = IB(thread=True)
    ib.connect("127.0.0.1", PORT, clientId=1)
    return ib

ib = connection()
st.metric("year", ib.reqCurrentTime().year)
if st.button("Ask"):
    st.text(len(ib.reqContractDetails(Stock("AAPL", "SMART", "USD"))))
    st.text(ib.sleep(0.001))
"""


def test_an_app_of_streamlit_whose_every_run_is_another_thread(port: int) -> None:
    program = f"""
import warnings
warnings.simplefilter("ignore")  # those of streamlit
from streamlit.testing.v1 import AppTest

app = AppTest.from_string({STREAMLIT.replace("PORT", str(port))!r}, default_timeout=60).run()
assert not app.exception, app.exception
print(app.metric[0].value)
app.button[0].click().run()
assert not app.exception, app.exception
print(*(text.value for text in app.text))
app.run()
print(app.metric[0].value)
import os
os._exit(0)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert result.stdout.splitlines() == ["2026", "1 True", "2026"], result.stderr


def test_qt_on_the_loop_of_the_ib(port: int) -> None:
    program = """
from PySide6 import QtCore

util.useQt("PySide6", period=0.001)
ticks, timer = [], QtCore.QTimer()
timer.timeout.connect(lambda: ticks.append(1))
timer.start(1)
with IB() as ib:
    ib.connect("127.0.0.1", port, clientId=1)
    while len(ticks) < 3:
        ib.sleep(0.01)
    print(ib.reqCurrentTime().year, type(QtCore.QCoreApplication.instance()).__name__)
"""
    assert said(START + program, port) == ["2026 QApplication"]


def test_qt_in_its_own_thread_with_the_ib_in_another(port: int) -> None:
    program = """
from PySide6 import QtCore

class Bridge(QtCore.QObject):
    changed = QtCore.Signal(float)

app = QtCore.QCoreApplication([])
main_thread, bridge, ib = QtCore.QThread.currentThread(), Bridge(), IB(thread=True)

def show(bid):
    print(bid > 0, QtCore.QThread.currentThread() is main_thread, ib.reqCurrentTime().year)
    app.quit()

bridge.changed.connect(show, QtCore.Qt.ConnectionType.SingleShotConnection)
ib.connect("127.0.0.1", port, clientId=1)
ib.reqMktData(aapl).updateEvent += lambda ticker: ticker.hasBidAsk() and bridge.changed.emit(ticker.bid)
app.exec()
ib.disconnect()
"""
    assert said(START + program, port) == ["True True 2026"]


def test_tk_on_the_loop_of_the_ib(port: int) -> None:
    """The way of ib_async's own example: the loop serves Tk. Without a display Tcl has the same event loop."""
    pytest.importorskip("tkinter", reason="this Python is built without Tk")
    program = """
import tkinter

tcl, called = tkinter.Tcl(), []
tcl.createcommand("called", lambda: called.append(1))
tcl.eval("after 1 called")
loop = util.getLoop()

def serve():
    tcl.eval("update")
    loop.call_later(0.001, serve)

with IB() as ib:
    ib.connect("127.0.0.1", port, clientId=1)
    serve()
    while not called:
        ib.sleep(0.01)
    print(ib.reqCurrentTime().year)
"""
    assert said(START + program, port) == ["2026"]


def test_tk_in_its_own_thread_with_the_ib_in_another(port: int) -> None:
    pytest.importorskip("tkinter", reason="this Python is built without Tk")
    program = """
import tkinter

tcl, ib = tkinter.Tcl(), IB(thread=True)
ib.connect("127.0.0.1", port, clientId=1)
ticker = ib.reqMktData(aapl)

def look():
    if ticker.hasBidAsk():
        print(ib.reqCurrentTime().year)
        tcl.eval("set ready 1")
    else:
        tcl.eval("after 10 look")

tcl.createcommand("look", look)
tcl.eval("after 10 look; vwait ready")
ib.disconnect()
"""
    assert said(START + program, port) == ["2026"]


async def test_another_loop_of_the_same_process_is_bridged_to_an_ordinary_ib(port: int) -> None:
    from ibdesk import IB

    with await IB().connectAsync("127.0.0.1", port, clientId=1) as ib:

        def elsewhere() -> tuple[int, int]:
            return asyncio.run(ib.reqCurrentTimeAsync()).year, ib.reqCurrentTime().year

        assert await asyncio.to_thread(elsewhere) == (2026, 2026)
