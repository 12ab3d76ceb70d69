"""Every notebook and program of `examples/` runs to its end on the paper gateway, and logs no error."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
import pytest
from end_to_end.gateways import USUAL_PORT, paper_on_a_free_port
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOKS = sorted(path.stem for path in EXAMPLES.glob("*.ipynb"))
WINDOWS = {"qt_ticker_table", "tk"}
ENDLESS = {"moving_averages"}  # tests/end_to_end/test_readme.py runs it
PROGRAMS = sorted({path.stem for path in EXAMPLES.glob("*.py")} - WINDOWS - ENDLESS)
PRESSING = Path(__file__).parent / "programs"
# Qt's windows are drawn in memory; what it says of that is no concern of the program. The debug mode of asyncio tells
# what took long, which depends on the machine.
ENVIRONMENT = {
    "PYTHONASYNCIODEBUG": "",
    "PYTHONWARNINGS": "error",
    "QT_QPA_PLATFORM": "offscreen",
    "QT_LOGGING_RULES": "*.warning=false",
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with paper_on_a_free_port("2026-04-15T11:00:00-04:00") as port:
        yield port


def test_nothing_is_left_out() -> None:
    assert len(NOTEBOOKS) == 8
    assert PROGRAMS == ["basic_usage", "snap_mid_order"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name: str, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "")
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(str(USUAL_PORT), str(port))
    client = NotebookClient(
        notebook, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert outputs
    complaints = [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert [text for text in complaints if name != "ordering" or "Error 110" not in text] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, port: int) -> None:
    assert run(str(EXAMPLES / f"{name}.py"), str(port))


def test_qt_window(port: int) -> None:
    pytest.importorskip("PySide6", reason="Qt is not installed")
    output = run(str(PRESSING / "uses_qt_window.py"), str(EXAMPLES / "qt_ticker_table.py"), str(port))
    assert output.splitlines() == ["EUR.USD USD.JPY GBP.USD AAPL TSLA MSFT", "0 Connect"]


def test_tk_window(port: int) -> None:
    display = [] if os.environ.get("DISPLAY") else ["xvfb-run", "--auto-servernum"]
    if display and shutil.which(display[0]) is None:
        pytest.skip("Tk shows nothing without a display, and neither a display nor xvfb-run is here")
    pytest.importorskip("tkinter", reason="this Python has no Tk")
    program = [str(PRESSING / "uses_tk_window.py"), str(EXAMPLES / "tk.py"), str(port)]
    assert "longName: TESLA INC" in run(*program, before=display)


def run(*program: str, before: Sequence[str] = ()) -> str:
    """What a program prints; it must end well and complain of nothing."""
    done = subprocess.run(
        [*before, sys.executable, *program],
        capture_output=True,
        text=True,
        timeout=90,
        env=os.environ | ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout
