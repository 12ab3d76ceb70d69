"""In a Jupyter kernel, what a listener shows belongs to the cell that connected it, whichever cell runs by then."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from end_to_end.gateways import paper_on_a_free_port
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with paper_on_a_free_port("2026-04-15T10:00:00-04:00") as found:
        yield found


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlockingKernelClient]:
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "")
    manager, client = start_new_kernel(cwd=str(tmp_path))
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def shown_by_cells(kernel: BlockingKernelClient, cells: list[str]) -> list[list[str]]:
    """What each cell shows until the last one ends, by the cell to which the kernel says it belongs."""
    ids: list[str] = []
    shown: defaultdict[str, str] = defaultdict(str)
    for code in cells:
        asked = kernel.execute(textwrap.dedent(code))
        ids.append(asked)
        while True:
            message = kernel.get_iopub_msg(timeout=60)
            content, kind, parent = message["content"], message["msg_type"], message["parent_header"].get("msg_id", "")
            assert kind != "error", "\n".join(content["traceback"])
            if kind == "stream":
                shown[parent] += content["text"]  # a line may come in parts
            elif kind == "display_data":
                shown[parent] += f"{content['data']['text/plain']}\n"
            elif kind == "status" and content["execution_state"] == "idle" and parent == asked:
                break
    assert shown.keys() <= set(ids)
    return [shown[one].splitlines() for one in ids]


@pytest.mark.parametrize(
    ("start", "ib", "wait"),
    [
        ("util.startLoop()", "IB()", "ib.sleep(0.1)"),
        ("", "IB()", "await asyncio.sleep(0.1)"),
        ("", "IB(thread=True)", "ib.sleep(0.1)"),
    ],
    ids=["startLoop", "await", "thread"],
)
def test_a_listener_shows_under_its_own_cell(
    kernel: BlockingKernelClient, port: int, start: str, ib: str, wait: str
) -> None:
    connecting = (
        'await ib.connectAsync("127.0.0.1", port, 1)' if "await" in wait else 'ib.connect("127.0.0.1", port, 1)'
    )
    cells = [
        f"""
        import asyncio
        from IPython.display import display
        from ibdesk import IB, Stock, util
        {start}
        ib, port = {ib}, {port}
        x = {connecting}
        ticker = ib.reqMktData(Stock("AAPL", "SMART", "USD", conId=265598))
        """,
        """
        prints, displays = [], []
        def show(ticker):
            prints.append(ticker.time)
            print("printed")
        ticker.updateEvent += show
        """,
        """
        async def show_later(tickers):
            await asyncio.sleep(0)
            displays.append(len(tickers))
            display("displayed")
        ib.pendingTickersEvent += show_later
        """,
        f"""
        while len(prints) < 2 or len(displays) < 2:
            {wait}
        ticker.updateEvent -= show
        ib.pendingTickersEvent -= show_later
        print("the last cell")
        """,
        "ib.disconnect();",
    ]
    setting_up, printing, displaying, waiting, ending = shown_by_cells(kernel, cells)
    assert len(printing) >= 2 and set(printing) == {"printed"}
    assert len(displaying) >= 2 and set(displaying) == {"'displayed'"}
    assert waiting == ["the last cell"]
    assert all("displayed" not in line and "printed" not in line for line in (*setting_up, *ending))
