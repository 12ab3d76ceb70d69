"""The user's notebook, run in a real Jupyter kernel against `ibdesk paper`, shows what it showed at a real TWS."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from end_to_end.gateways import paper_on_the_usual_port
from end_to_end.notebook_document import cells
from nbclient import NotebookClient

DOCUMENT = Path(__file__).resolve().parents[3] / "shared" / "spec" / "notebook.md"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gateway() -> Iterator[None]:
    with paper_on_the_usual_port("2025-11-14T10:00:00-05:00"):
        yield


@pytest.fixture(scope="module")
def outputs(gateway: None, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each cell showed: stream and result, in one text."""
    if not DOCUMENT.exists():
        pytest.skip("the user's document is not part of the project and is not beside this checkout")
    codes = [code.replace("ib_async", "ibdesk") for code in cells(DOCUMENT.read_text("utf-8"))]
    # Whoever reads what a cell shows takes longer than the first quote; a notebook without a reader may not.
    codes[codes.index("data1")] = "while not data1.hasBidAsk():\n    ib.waitOnUpdate(1)\ndata1"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}},
    )
    client.execute()
    return ["".join(map(_shown, cell.outputs)) for cell in notebook.cells]


def _shown(output: Any) -> str:
    return str(output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"])


def only(outputs: list[str], pattern: str) -> str:
    """The one output that matches; fails when there is none."""
    found = [text for text in outputs if re.search(pattern, text)]
    assert found, f"no cell showed {pattern!r}; shown: {outputs}"
    return found[0]


QUALIFIED = r"Forex\('EURUSD', conId=12087792, exchange='IDEALPRO', localSymbol='EUR\.USD', tradingClass='EUR\.USD'\)"


def test_the_document_is_taken_apart_as_meant() -> None:
    if not DOCUMENT.exists():
        pytest.skip("the user's document is not part of the project and is not beside this checkout")
    codes = cells(DOCUMENT.read_text("utf-8"))
    assert len(codes) == 44
    for code in codes:
        compile(code, "cell", "exec")
    assert codes[2] == "ib.connect()"
    assert codes[-1].endswith("# ib = connect_ib()")


def test_connecting_and_disconnecting(outputs: list[str]) -> None:
    assert outputs[2] == "<IB connected to 127.0.0.1:7497 clientId=1>"
    assert outputs[3] == "[]"
    assert re.fullmatch(
        r"'Disconnecting from 127\.0\.0\.1:7497, [\d.]+ k?B sent in \d+ messages, "
        r"[\d.]+ k?B received in \d+ messages, session time [\d.]+ ?s\.'",
        outputs[4],
    )


def test_a_pair_of_currencies_is_qualified(outputs: list[str]) -> None:
    assert outputs[8] == "Forex('EURUSD', exchange='IDEALPRO')"
    assert re.fullmatch(rf"\[{QUALIFIED}\]", outputs[9])
    assert outputs[10] == "ibdesk.client.api.contracts.Qualified", "a list that is false when nothing is qualified"
    assert re.fullmatch(QUALIFIED, outputs[11])
    assert outputs[12] == "12087792"


def test_a_stock_is_qualified_and_an_ambiguous_one_shows_its_candidates(outputs: list[str]) -> None:
    assert only(outputs, r"^\[Stock\(conId=265598") == (
        "[Stock(conId=265598, symbol='AAPL', exchange='SMART', primaryExchange='NASDAQ', currency='USD', "
        "localSymbol='AAPL', tradingClass='NMS')]"
    )
    ambiguous = only(outputs, r"Ambiguous contract: Stock\(symbol='AAPL'\), possibles are \[Contract\(")
    assert ambiguous.endswith("[None]")
    conIds = [int(number) for number in re.findall(r"conId=(\d+)", ambiguous)]
    assert conIds == [265598, 273982664, 532640894], "each instrument once"


def test_quotes_are_numbers(outputs: list[str]) -> None:
    filled = only(outputs, r"^Ticker\(contract=Forex.*time=datetime\.datetime\(.*bid=1\.\d+, bidSize=")
    assert "tzinfo=datetime.timezone.utc" in filled
    assert "defaults=IBDefaults(emptyPrice=-1, emptySize=0, unset=nan, timezone=datetime.timezone.utc)" in filled
    assert filled.endswith("created=True)")
    only(outputs, r"^Timestamp\('2\d{3}-")
    prices = only(outputs, r"EUR: Bid=[\d.]+, Ask=[\d.]+, Last=nan\nGBP: Bid=[\d.]+")
    assert prices.startswith("Started streaming data for 3 instruments")


def test_the_streaming_loop_prints_prices(outputs: list[str]) -> None:
    loop = only(outputs, r"Starting real-time data stream")
    assert len(re.findall(r"^Update +\d+ +\| +1\.\d+ \| +1\.\d+ \| +1\d\d\.\d+$", loop, re.MULTILINE)) == 10
    frame = only(outputs, r"Collected data as DataFrame")
    assert "nan" not in frame
    assert frame.count("Sample ") == 5


def test_the_subscriptions_end(outputs: list[str]) -> None:
    ended = only(outputs, r"All market data subscriptions cancelled\.")
    assert ended.startswith(
        "Cancelled market data for EUR\nCancelled market data for GBP\nCancelled market data for USD"
    )


def test_the_same_object_connects_again_with_another_client_id(outputs: list[str]) -> None:
    assert "<IB connected to 127.0.0.1:7497 clientId=2>" in outputs
