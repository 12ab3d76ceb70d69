"""Where a library is missing, the error says which one, for what, and how it is installed."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ibdesk
from ibdesk import paper
from ibdesk.optional import require, require_all

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
CORE = {"ibdesk", "nest_asyncio2", *sys.stdlib_module_names}


def imported(folder: Path) -> set[str]:
    """The packages that modules import when they are imported or used, other than for type checkers."""
    found = set()
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                node.body.clear()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
    return found - CORE


def named(extra: str) -> set[str]:
    """The packages of an extra, as they are imported."""
    return {one.partition(">")[0] for one in EXTRAS[extra] if not one.startswith("ibdesk")}


def test_the_gateway_names_all_that_it_needs() -> None:
    source = ROOT / "src" / "ibdesk"
    # PyYAML is asked for when a scenario is a text: `tests/paper/faults/test_scenario.py`.
    assert imported(source / "paper") == set(paper._NEEDS) == named("paper") - {"PyYAML"}
    assert imported(source / "cli") == {"rich", "typer"} == named("cli")
    # Whatever else is imported plainly is told as "No module named ...": pydantic has this one.
    rest = {path for path in source.iterdir() if path.is_dir() and path.name not in ("paper", "cli", "__pycache__")}
    assert {path.name: imported(path) for path in rest if imported(path)} == {
        "model": {"pydantic_core"},
        "simulation": {"rich"},  # which comes with the gateway's libraries
    }


@pytest.mark.parametrize("module", paper._NEEDS)
def test_a_gateway_without_its_libraries(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "ibdesk.paper")
    with pytest.raises(ImportError, match=rf"^PaperGateway needs {module}: pip install 'ibdesk\[paper\]'$") as caught:
        from ibdesk.paper import PaperGateway  # noqa: F401
    assert caught.value.name == module


@pytest.mark.parametrize(
    ("call", "module", "told"),
    [
        ("Event('ticks').array(10)", "numpy", "event.array() needs numpy: pip install 'ibdesk[pandas]'"),
        ("util.df([])", "pandas", "util.df needs pandas: pip install 'ibdesk[pandas]'"),
        ("util.barplot(BarDataList([BarData()]))", "matplotlib.pyplot", "util.barplot needs matplotlib.pyplot: "),
        ("util.useQt()", "PyQt5.QtCore", "util.useQt needs PyQt5.QtCore: pip install 'PyQt5'"),
        ("FlexReport(path='x.xml').df('Trade')", "defusedxml.ElementTree", "needs defusedxml.ElementTree: pip install"),
        ("FlexReport('token', 'query')", "httpx", "FlexReport.download needs httpx: pip install 'ibdesk[flex]'"),
    ],
)
def test_the_rest_of_the_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: str, module: str, told: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.chdir(tmp_path)
    Path("x.xml").write_text("<FlexQueryResponse/>")
    program = f"import sys; sys.modules[{module!r}] = None\nfrom ibdesk import *\n{call}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: ")
    assert told in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("module", ["typer", "rich"])
@pytest.mark.parametrize("command", ["paper", "explain-code", "run"])
def test_the_command_line(module: str, command: str) -> None:
    program = f"import sys; sys.modules[{module!r}] = None; sys.argv = ['ibdesk', {command!r}, '1']\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}import ibdesk.cli\nibdesk.cli.main()"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    extra = "paper" if command == "paper" else "cli"
    wanted = f"ibdesk on the command line needs more than the core: install it with  pip install 'ibdesk[{extra}]'"
    assert done.stderr.startswith(wanted)
    assert done.stderr.count("\n") == 1


def test_the_version_is_told_without_any() -> None:
    program = "import sys; sys.modules['typer'] = None; sys.argv = ['ibdesk', '--version']"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport ibdesk.cli\nibdesk.cli.main()"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == (f"ibdesk {ibdesk.__version__}\n", "")


def test_what_is_there_is_given() -> None:
    assert require("json", "a test", "x").dumps(1) == "1"
    require_all(("json", "asyncio"), "a test", "x")
    with pytest.raises(ImportError, match="a test needs no_such_module_: pip install 'x'"):
        require_all(("json", "no_such_module_"), "a test", "x")
